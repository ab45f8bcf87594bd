//! [`Connections`]: a node's open connections.

use super::address::{Address, Group, Stamp};
use crate::engine::Conn;
use crate::peer::PeerId;
use crate::time::{Duration, Instant};

/// A connection is pinged every two minutes when idle (`PING_INTERVAL`).
pub(super) const PING_INTERVAL: Duration = Duration::from_mins(2);

/// One connection.
#[derive(Clone, Debug)]
pub struct Connection {
    /// The engine's name for it.
    pub conn: Conn,
    /// The other side.
    pub peer: PeerId,
    /// Its address; of an incoming connection known from its `version`.
    pub address: Option<Address>,
    /// Whether this node opened it.
    pub is_outbound: bool,
    /// Whether the hand-shake is done.
    pub is_ready: bool,
    /// Whether the other side has asked for addresses, which is answered once.
    pub has_asked: bool,
    /// Blocks below this one the other side has.
    pub knows_below: u32,
    /// Addresses to pass on with the next trickle.
    pub queue: Vec<(Address, Stamp)>,
    /// Since when it stands.
    pub since: Instant,
}

/// All of them, and what idle ones cost.
#[derive(Clone, Debug, Default)]
pub struct Connections {
    all: Vec<Connection>,
    /// Pings and pongs of connections that have ended, if they are only accounted.
    idle_messages: u64,
}

impl Connections {
    /// A connection stands.
    pub fn open(&mut self, conn: Conn, peer: PeerId, address: Option<Address>, now: Instant) {
        self.all.push(Connection {
            conn,
            peer,
            address,
            is_outbound: address.is_some(),
            is_ready: false,
            has_asked: false,
            knows_below: 0,
            queue: Vec::new(),
            since: now,
        });
    }

    /// It is gone.
    pub fn close(&mut self, conn: Conn, now: Instant) -> Option<Connection> {
        let at = self
            .all
            .iter()
            .position(|connection| connection.conn == conn)?;
        let connection = self.all.swap_remove(at);
        self.idle_messages += pings(&connection, now);
        Some(connection)
    }

    /// All are gone.
    pub fn clear(&mut self, now: Instant) {
        self.idle_messages += self
            .all
            .iter()
            .map(|connection| pings(connection, now))
            .sum::<u64>();
        self.all.clear();
    }

    /// The connection of this name.
    pub fn get(&mut self, conn: Conn) -> Option<&mut Connection> {
        self.all
            .iter_mut()
            .find(|connection| connection.conn == conn)
    }

    /// All connections.
    pub fn iter(&self) -> impl Iterator<Item = &Connection> {
        self.all.iter()
    }

    /// All connections, to change.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Connection> {
        self.all.iter_mut()
    }

    /// How many the node has opened itself.
    pub fn outbound(&self) -> u32 {
        self.all
            .iter()
            .filter(|connection| connection.is_outbound)
            .count() as u32
    }

    /// How many others have opened.
    pub fn inbound(&self) -> u32 {
        self.all.len() as u32 - self.outbound()
    }

    /// The /16 groups of its outbound connections.
    pub fn outbound_groups(&self) -> Vec<Group> {
        let outbound = self.all.iter().filter(|connection| connection.is_outbound);
        outbound
            .filter_map(|connection| connection.address)
            .map(Address::group)
            .collect()
    }

    /// Pings and pongs this node would have sent on idle connections until `now`.
    pub fn idle_messages(&self, now: Instant) -> u64 {
        self.idle_messages
            + self
                .all
                .iter()
                .map(|connection| pings(connection, now))
                .sum::<u64>()
    }
}

/// A ping of its own and an answer to the other side's, every two minutes.
fn pings(connection: &Connection, now: Instant) -> u64 {
    2 * (now.saturating_since(connection.since).as_nanos() / PING_INTERVAL.as_nanos())
}
