//! How a node finds its first peers, in Bitcoin Core's order: stored addresses at once, peers of the
//! command line beside them, DNS seeds if there are hardly any connections after eleven seconds, and
//! hard-coded seeds if after a minute it knows nobody at all.

use super::{Cx, Full};
use crate::engine::Conn;
use crate::peer::PeerId;
use crate::protocols::bitcoin::address::{Address, Stamp};
use crate::protocols::bitcoin::message::{Timer, Wire};
use crate::random::Draw;
use crate::time::Duration;

/// DNS seeds are asked if a node has fewer than two connections after 11 s (`ThreadDNSAddressSeed`).
const SEED_CHECK: Duration = Duration::from_secs(11);
const ENOUGH: u32 = 2;
/// Hard-coded seeds are used if a node knows no address after 60 s (`ThreadOpenConnections`).
const FIXED_CHECK: Duration = Duration::from_mins(1);
/// Peers of the command line are connected to again this often (`ThreadOpenAddedConnections`).
const ADD_PAUSE: Duration = Duration::from_mins(2);

impl Full {
    pub(super) fn bootstrap(&mut self, cx: Cx<'_, '_>) {
        self.adding.clear();
        if !self.added.is_empty() {
            cx.arm(Duration::ZERO, Timer::AddPeers);
        }
        if !self.shared.seeds.is_empty() {
            cx.arm(SEED_CHECK, Timer::SeedCheck);
        }
        if !self.shared.fixed_seeds.is_empty() {
            cx.arm(FIXED_CHECK, Timer::FixedSeeds);
        }
    }

    /// Connects to those peers of the command line that it has no connection to.
    pub(super) fn add_peers(&mut self, cx: Cx<'_, '_>) {
        cx.arm(ADD_PAUSE, Timer::AddPeers);
        for at in 0..self.added.len() {
            let address = self.added[at];
            let is_connected = self.connections.is_to(address);
            if !is_connected && !self.adding.iter().any(|&(_, other)| other == address) {
                let conn = self.connect(address, cx);
                self.adding.push((conn, address));
            }
        }
    }

    /// The attempt to connect to a peer of the command line has ended: whose it was.
    pub(super) fn added_peer(&mut self, conn: Conn) -> Option<Address> {
        let at = self.adding.iter().position(|&(other, _)| other == conn)?;
        Some(self.adding.swap_remove(at).1)
    }

    pub(super) fn check_seeds(&mut self, cx: Cx<'_, '_>) {
        if self.connections.outbound() < ENOUGH {
            let seeds = &self.shared.seeds;
            let pick = seeds.start + cx.rng().below(u64::from(seeds.end - seeds.start)) as u32;
            cx.send(PeerId(pick), Wire::SeedQuery);
        }
    }

    /// The answer of a DNS seed: addresses that are taken for three days to a week old and from that
    /// seed.
    pub(super) fn on_seeds(&mut self, list: &[Address], cx: Cx<'_, '_>) {
        let now = Stamp::from(cx.now());
        for &address in list {
            let days = 3 + cx.rng().below(4);
            let seen = now.before(Duration::from_hours(24 * days));
            self.addrman
                .add(address, seen, address, Duration::ZERO, now, cx.rng());
        }
    }

    /// Hard-coded seeds are taken for one to two weeks old.
    pub(super) fn use_fixed_seeds(&mut self, cx: Cx<'_, '_>) {
        if !self.addrman.is_empty() {
            return;
        }
        let now = Stamp::from(cx.now());
        for at in 0..self.shared.fixed_seeds.len() {
            let address = self.shared.fixed_seeds[at];
            let week = Duration::from_hours(7 * 24);
            let seen = now.before(week + cx.rng().between(Duration::ZERO, week));
            if address != self.address {
                let source = self.address;
                self.addrman
                    .add(address, seen, source, Duration::ZERO, now, cx.rng());
            }
        }
        self.dial_after(Duration::ZERO, cx);
    }
}
