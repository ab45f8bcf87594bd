//! The connections a node opens: ordinary ones, those for blocks alone, anchors, feelers, and one more
//! when no block comes (`ThreadOpenConnections`).

use super::{Cx, Full};
use crate::engine::Conn;
use crate::peer::PeerId;
use crate::protocols::bitcoin::address::{Address, Stamp};
use crate::protocols::bitcoin::addrman::Table;
use crate::protocols::bitcoin::connection::Role;
use crate::protocols::bitcoin::dial::{DIAL_PAUSE, IDLE_PAUSE, next_address};
use crate::protocols::bitcoin::message::{Timer, Wire};
use crate::random::Draw;
use crate::time::Duration;

/// Whom nobody is: connecting there times out.
const NOBODY: PeerId = PeerId(PeerId::LIMIT - 1);
/// How often a node looks whether blocks still come (`STALE_CHECK_INTERVAL`).
pub(super) const STALE_CHECK: Duration = Duration::from_mins(10);
/// After so many block intervals without one it looks for another peer.
const STALE_INTERVALS: u64 = 3;

/// An attempt to connect that has no answer yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dialing {
    pub(super) conn: Conn,
    pub(super) address: Address,
    pub(super) role: Role,
}

impl Full {
    pub(super) fn dial_after(&mut self, pause: Duration, cx: Cx<'_, '_>) {
        if !self.dial_is_armed && self.dialing.is_none() {
            self.dial_is_armed = true;
            cx.arm(pause, Timer::Dial);
        }
    }

    /// One attempt at a time, while outbound connections are missing.
    pub(super) fn dial(&mut self, cx: Cx<'_, '_>) {
        self.dial_is_armed = false;
        if self.dialing.is_some() {
            return;
        }
        let taken = self.connections.outbound_groups();
        let now = Stamp::from(cx.now());
        let (role, next) = if let Some(anchor) = self.next_anchor() {
            anchor
        } else if let Some(role) = self.missing() {
            let known = &self.addrman;
            (
                role,
                next_address(known, self.address, &taken, now, cx.rng()),
            )
        } else {
            return;
        };
        let Some(address) = next else {
            self.dial_after(IDLE_PAUSE, cx);
            return;
        };
        if self.connections.is_to(address) {
            self.dial_after(DIAL_PAUSE, cx);
            return;
        }
        let conn = self.connect(address, cx);
        self.dialing = Some(Dialing {
            conn,
            address,
            role,
        });
    }

    pub(super) fn connect(&mut self, address: Address, cx: Cx<'_, '_>) -> Conn {
        self.addrman.attempt(address, cx.now());
        let (to, lease) = self.shared.book.route(address).unwrap_or((NOBODY, 0));
        cx.connect_at(to, lease)
    }

    /// Which kind of outbound connection is missing.
    fn missing(&self) -> Option<Role> {
        let outbound = self.shared.config.outbound + u32::from(self.wants_another);
        if self.connections.count(Role::Full) < outbound {
            return Some(Role::Full);
        }
        let for_blocks = self.shared.profile.block_relay_only;
        (self.connections.count(Role::BlockRelay) < for_blocks).then_some(Role::BlockRelay)
    }

    /// Who would be connected to first after a restart now: those for blocks alone where a client has
    /// them, else the oldest of all, from before.
    pub fn anchors_now(&self) -> Vec<Address> {
        let count = self.shared.profile.anchors as usize;
        if count == 0 {
            return Vec::new();
        }
        let role = if self.shared.profile.block_relay_only > 0 {
            Role::BlockRelay
        } else {
            Role::Full
        };
        let ready = self.connections.iter().filter(|one| one.is_ready);
        let mut before: Vec<_> = ready
            .filter(|one| one.role == role || one.role == Role::Anchor)
            .filter_map(|one| Some((one.since, one.address?)))
            .collect();
        before.sort_unstable();
        before.truncate(count);
        before.into_iter().map(|(_, address)| address).collect()
    }

    fn next_anchor(&mut self) -> Option<(Role, Option<Address>)> {
        let address = self.anchors.pop_front()?;
        let role = if self.shared.profile.block_relay_only > 0 {
            Role::BlockRelay
        } else {
            Role::Anchor
        };
        Some((role, Some(address)))
    }

    /// Tries an address in whose place another one waits, or else one of `new`, if there is time for
    /// it; and again in two minutes or so.
    pub(super) fn feel(&mut self, cx: Cx<'_, '_>) {
        let Some(interval) = self.shared.profile.feelers else {
            return;
        };
        let after = cx.rng().exp(interval);
        cx.arm(after, Timer::Feeler);
        self.addrman.resolve_tests(cx.now(), cx.rng());
        if let Some((silent, _)) = self.feeler {
            // Whoever has not answered since the last one will not (the program waits for a minute).
            self.hang_up(silent, cx);
        }
        if self.missing().is_some() {
            return;
        }
        let tested = self.addrman.to_test(cx.rng());
        let chosen = match tested {
            Some(address) => Some(address),
            None => self.addrman.select_from(Table::New, cx.now(), cx.rng()),
        };
        let is_other = |&one: &Address| one != self.address && !self.connections.is_to(one);
        let Some(address) = chosen.filter(is_other) else {
            return;
        };
        let conn = self.connect(address, cx);
        self.feeler = Some((conn, address));
    }

    /// Looks whether blocks still come. Another peer that was looked for when they did not takes the
    /// place of the one whose last block is oldest (`EvictExtraOutboundPeers`).
    pub(super) fn check_tip(&mut self, cx: Cx<'_, '_>) {
        cx.arm(STALE_CHECK, Timer::StaleCheck);
        if self.connections.count(Role::Full) > self.shared.config.outbound {
            let full = self.connections.iter().filter(|one| one.role == Role::Full);
            let worst = full.min_by_key(|one| (one.last_block, std::cmp::Reverse(one.since)));
            if let Some(conn) = worst.map(|one| one.conn) {
                self.hang_up(conn, cx);
            }
        }
        let stale = self.shared.config.block_interval * STALE_INTERVALS;
        self.wants_another = cx.now().saturating_since(self.tip_since) > stale;
        if self.wants_another {
            self.dial_after(Duration::ZERO, cx);
        }
    }

    /// The other side of a connection that this node opened has answered.
    pub(super) fn on_verack(&mut self, conn: Conn, cx: Cx<'_, '_>) {
        let Some(connection) = self.connections.get(conn) else {
            return;
        };
        let Some(address) = connection.address else {
            return;
        };
        let now = Stamp::from(cx.now());
        self.addrman.good(address, now, cx.rng());
        if connection.role == Role::Feeler {
            self.hang_up(conn, cx);
            return;
        }
        if connection.relays_addresses() {
            connection.awaits_addresses = true;
            // The answer is up to a thousand addresses.
            connection.allowance.0 += 1000.0;
            cx.send_on(conn, Wire::Addr([(self.address, now)].into()));
            cx.send_on(conn, Wire::GetAddr);
        }
        self.ready(conn, cx);
    }
}
