//! The connections others open, and who has to go when there is no room.

use super::{Cx, Full};
use crate::engine::Conn;
use crate::peer::PeerId;
use crate::protocols::bitcoin::address::{Address, Group, Stamp};
use crate::protocols::bitcoin::connection::{Connection, Role};
use crate::protocols::bitcoin::message::Wire;
use crate::random::hash::mix2;
use crate::time::Duration;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Connections that nobody makes give way, of each kind (`SelectNodeToEvict`).
const PROTECTED: usize = 4;

impl Full {
    pub(super) fn accept(&mut self, conn: Conn, peer: PeerId, cx: Cx<'_, '_>) {
        if self.connections.inbound() >= self.shared.inbound_slots() {
            let evicts = self.shared.profile.inbound_eviction;
            let Some(gives_way) = evicts.then(|| self.to_evict()).flatten() else {
                cx.close(conn);
                return;
            };
            self.hang_up(gives_way, cx);
        }
        let role = (Role::Inbound, None);
        self.connections.open(conn, peer, role, cx.now());
        self.keep_alive(conn, cx);
    }

    /// Somebody has connected: before version 0.14 its address goes straight into `tried`.
    pub(super) fn on_version(
        &mut self,
        conn: Conn,
        (address, relay): (Address, bool),
        cx: Cx<'_, '_>,
    ) {
        let Some(connection) = self.connections.get(conn) else {
            return;
        };
        debug_assert_eq!(
            self.shared.book.owner(address),
            Some(connection.peer),
            "an address on a connection cannot be forged"
        );
        connection.address = Some(address);
        connection.transactions.are_unwanted = !relay;
        if let Some(most) = self.shared.profile.inbound_per_group {
            let group = |one: &&Connection| {
                one.role == Role::Inbound
                    && one.address.map(Address::group) == Some(address.group())
            };
            if self.connections.iter().filter(group).count() > most as usize {
                self.hang_up(conn, cx);
                return;
            }
        }
        if self.shared.profile.inbound_enters {
            let now = Stamp::from(cx.now());
            self.addrman
                .add(address, now, address, Duration::ZERO, now, cx.rng());
            self.addrman.good(address, now, cx.rng());
        }
        cx.send_on(conn, Wire::Verack);
        self.ready(conn, cx);
    }

    /// Who gives way to a newcomer: the youngest connection of the group that has most, but none of
    /// those that protect a node from being surrounded: four by a secret order of groups, four that
    /// brought transactions last (if there are any), four that brought blocks last, and half of the
    /// rest, the oldest. (`AttemptToEvictConnection`; that it also protects by ping time is left out,
    /// which makes eviction somewhat harsher.)
    fn to_evict(&self) -> Option<Conn> {
        let group = |one: &Connection| one.address.map_or(Group(0), Address::group);
        let inbound = self
            .connections
            .iter()
            .filter(|one| one.role == Role::Inbound);
        let mut left: Vec<&Connection> = inbound.collect();
        let secret = |one: &Connection| mix2(self.address.0.into(), group(one).0.into());
        left.sort_by_key(|one| (secret(one), one.since, one.conn.slot));
        left.drain(..PROTECTED.min(left.len()));
        if self.mempool.is_some() {
            left.sort_by_key(|one| (Reverse(one.last_transaction), one.conn.slot));
            left.drain(..PROTECTED.min(left.len()));
        }
        left.sort_by_key(|one| (Reverse(one.last_block), one.conn.slot));
        left.drain(..PROTECTED.min(left.len()));
        left.sort_by_key(|one| (one.since, one.conn.slot));
        left.drain(..left.len() / 2);
        let mut groups: BTreeMap<Group, Vec<&Connection>> = BTreeMap::new();
        for one in left {
            groups.entry(group(one)).or_default().push(one);
        }
        let youngest = |of: &[&Connection]| of.iter().map(|one| one.since).max();
        let most = groups.values().max_by_key(|of| (of.len(), youngest(of)))?;
        most.last().map(|one| one.conn)
    }
}
