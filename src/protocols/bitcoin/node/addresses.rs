//! How a node gives and takes addresses.

use super::{Cx, Full};
use crate::engine::Conn;
use crate::peer::PeerId;
use crate::protocols::bitcoin::address::{Address, Stamp};
use crate::protocols::bitcoin::addrman::rules::Rules;
use crate::protocols::bitcoin::connection::Role;
use crate::protocols::bitcoin::message::{Timer, Wire};
use crate::random::Draw;
use crate::random::hash::mix3;
use crate::time::Duration;

/// An `addr` of more than ten addresses is an answer to `getaddr` and is not passed on
/// (`ProcessMessage`).
const RELAY_AT_MOST: usize = 10;
/// A fresh address goes to two connections.
const RELAY_TO: usize = 2;
/// Only addresses seen within ten minutes are passed on.
const FRESH_SECS: i64 = 600;
/// How many relayed addresses a node remembers, to pass each on once a day.
const REMEMBERED: usize = 256;

/// Addresses passed on today, the latest [`REMEMBERED`] of them.
#[derive(Default, Debug)]
pub(super) struct Relayed {
    day: u32,
    addresses: Vec<Address>,
    /// Who is forgotten first, once there are so many.
    oldest: usize,
}

impl Relayed {
    /// Whether this address has not been passed on today; from now on it has.
    fn is_new(&mut self, address: Address, day: u32) -> bool {
        if self.day != day {
            *self = Self {
                day,
                ..Self::default()
            };
        }
        // Counting sixteen at a time takes no branches, and processors have instructions for it.
        let is_among = |some: &[Address]| some.iter().filter(|&&one| one == address).count() > 0;
        if self.addresses.chunks(16).any(is_among) {
            return false;
        }
        if self.addresses.len() < REMEMBERED {
            self.addresses.push(address);
        } else {
            self.addresses[self.oldest] = address;
            self.oldest = (self.oldest + 1) % REMEMBERED;
        }
        true
    }
}

/// The smallest `N` of these in order, or all if there are fewer.
fn smallest<const N: usize>(all: impl Iterator<Item = (u64, Conn)>) -> [Option<(u64, Conn)>; N] {
    let mut chosen = [None; N];
    for mut one in all {
        for place in &mut chosen {
            match place {
                Some(smaller) if *smaller < one => {}
                Some(larger) => std::mem::swap(larger, &mut one),
                None => {
                    *place = Some(one);
                    break;
                }
            }
        }
    }
    chosen
}

impl Full {
    pub(super) fn on_getaddr(&mut self, conn: Conn, cx: Cx<'_, '_>) {
        let Some(connection) = self.connections.get(conn) else {
            return;
        };
        let asked = std::mem::replace(&mut connection.has_asked, true);
        if connection.role != Role::Inbound || asked {
            return;
        }
        let list = self.addrman.get_addr(cx.now(), cx.rng());
        if !list.is_empty() {
            cx.send_on(conn, Wire::Addr(list.into()));
        }
    }

    pub(super) fn on_addr(&mut self, conn: Conn, list: &[(Address, Stamp)], cx: Cx<'_, '_>) {
        let Some(connection) = self.connections.get(conn) else {
            return;
        };
        let Some(source) = connection.address.filter(|_| connection.is_ready) else {
            return;
        };
        if !connection.relays_addresses() {
            return;
        }
        let was_asked = std::mem::replace(&mut connection.awaits_addresses, false);
        if list.len() > RELAY_AT_MOST && !was_asked && !self.shared.profile.takes_unsolicited {
            return;
        }
        let taken = match self.shared.profile.address_rate {
            Some(rate) => connection.allow(list.len(), rate, cx.now()),
            None => list.len(),
        };
        let now = Stamp::from(cx.now());
        for &(address, seen) in &list[..taken] {
            if address == self.address {
                continue;
            }
            // A stamp from the future, or from before 2000, counts as five days old.
            let seen = if seen.secs_since(now) > FRESH_SECS {
                now.before(Duration::from_hours(5 * 24))
            } else {
                seen
            };
            let penalty = Rules::RELAY_PENALTY;
            self.addrman
                .add(address, seen, source, penalty, now, cx.rng());
            if list.len() <= RELAY_AT_MOST && now.secs_since(seen) < FRESH_SECS {
                self.relay(conn, address, seen, cx);
            }
        }
    }

    /// Passes a fresh address on to two connections, the same two all day.
    fn relay(&mut self, from: Conn, address: Address, seen: Stamp, cx: Cx<'_, '_>) {
        let day = (cx.now().as_nanos() / Duration::from_hours(24).as_nanos()) as u32;
        if !self.relayed.is_new(address, day) {
            return;
        }
        let rank = |peer: PeerId| {
            let me = u64::from(self.address.0) << 32 | u64::from(address.0);
            mix3(me, u64::from(peer.0), u64::from(day))
        };
        let others = self.connections.gossiping();
        let others = others.filter(|&(conn, _)| conn != from);
        let chosen = smallest::<RELAY_TO>(others.map(|(conn, peer)| (rank(peer), conn)));
        for (_, conn) in chosen.into_iter().flatten() {
            self.queue_address(conn, address, seen, cx);
        }
    }

    /// The trickle timer is armed only while something waits.
    pub(super) fn queue_address(
        &mut self,
        conn: Conn,
        address: Address,
        seen: Stamp,
        cx: Cx<'_, '_>,
    ) {
        let Some(connection) = self.connections.get(conn) else {
            return;
        };
        connection.queue.push((address, seen));
        if connection.queue.len() == 1 {
            let after = cx.rng().exp(self.shared.config.address_relay);
            cx.arm(after, Timer::Relay(conn));
        }
    }

    /// Announces its own address to everybody.
    pub(super) fn announce_address(&mut self, cx: Cx<'_, '_>) {
        let now = Stamp::from(cx.now());
        let ready: Vec<_> = self.connections.gossiping().collect();
        for (conn, _) in ready {
            self.queue_address(conn, self.address, now, cx);
        }
        let after = cx.rng().exp(self.shared.config.self_announce);
        cx.arm(after, Timer::Announce);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_address_is_passed_on_once_a_day_while_it_is_remembered() {
        let mut relayed = Relayed::default();
        let mut is_new = |number: usize, day| relayed.is_new(Address(number as u32), day);
        assert!((0..REMEMBERED).all(|number| is_new(number, 3)));
        assert!(!(0..REMEMBERED).any(|number| is_new(number, 3)));
        // One more, and the first is forgotten.
        assert!(is_new(REMEMBERED, 3));
        assert!(!is_new(1, 3));
        assert!(is_new(0, 3));
        assert!(is_new(0, 4) && !is_new(0, 4));
    }

    proptest! {
        #[test]
        fn the_smallest_are_those_that_sorting_puts_first(
            ranks in prop::collection::vec(0..50u64, 0..20),
        ) {
            let conn = |slot: usize| Conn { slot: slot as u16, tag: 0 };
            let mut all: Vec<_> = ranks.into_iter().zip((0..).map(conn)).collect();
            let chosen = smallest::<3>(all.iter().copied());
            all.sort_unstable();
            all.truncate(3);
            prop_assert_eq!(chosen.into_iter().flatten().collect::<Vec<_>>(), all);
        }
    }
}
