//! [`Connections`]: a node's open connections.

use super::address::{Address, Group, Stamp};
use super::numbers::Numbers;
use crate::engine::Conn;
use crate::peer::PeerId;
use crate::time::{Duration, Instant};

/// A connection is pinged every two minutes when idle (`PING_INTERVAL`).
pub const PING_INTERVAL: Duration = Duration::from_mins(2);

/// What a connection is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// The other side opened it.
    Inbound,
    /// One of the `outbound` ones, for everything.
    Full,
    /// For blocks alone: neither side gives addresses.
    BlockRelay,
    /// To a peer of before the restart, beyond the `outbound` ones.
    Anchor,
    /// To a peer of the command line, beyond the `outbound` ones (`-addnode`).
    Added,
    /// Closed as soon as the other side has answered.
    Feeler,
}

/// What is told of transactions on a connection.
#[derive(Clone, Default, Debug)]
pub struct Announcements {
    /// The other side wants blocks alone.
    pub are_unwanted: bool,
    /// What the other side has told of, or was told of.
    pub known: Numbers,
    /// What it is told of with the next trickle, but for what it comes to know meanwhile.
    pub waiting: Vec<u32>,
}

impl Announcements {
    /// Takes the first of those that wait, at most so many; the other side knows them from now on.
    pub fn take(&mut self, most: usize) -> Vec<u32> {
        let Self { known, waiting, .. } = self;
        waiting.retain(|&one| !known.has(one));
        let taken: Vec<u32> = waiting.drain(..most.min(waiting.len())).collect();
        for &one in &taken {
            known.add(one);
        }
        taken
    }
}

/// One connection.
#[derive(Clone, Debug)]
pub struct Connection {
    /// The engine's name for it.
    pub conn: Conn,
    /// The other side.
    pub peer: PeerId,
    /// Its address; of an incoming connection known from its `version`.
    pub address: Option<Address>,
    /// What it is for.
    pub role: Role,
    /// Whether the hand-shake is done.
    pub is_ready: bool,
    /// Whether the other side has asked for addresses, which is answered once.
    pub has_asked: bool,
    /// Whether this side has asked, and many may come.
    pub awaits_addresses: bool,
    /// How many addresses are taken from it now, and since when more are counted.
    pub allowance: (f64, Instant),
    /// When it brought a block that was new.
    pub last_block: Option<Instant>,
    /// When it brought a transaction that was new.
    pub last_transaction: Option<Instant>,
    /// What the other side is to be told of transactions.
    pub transactions: Announcements,
    /// Blocks below this one the other side has.
    pub knows_below: u32,
    /// Addresses to pass on with the next trickle.
    pub queue: Vec<(Address, Stamp)>,
    /// Since when it stands.
    pub since: Instant,
}

impl Connection {
    /// Whether this node opened it and means to keep it.
    pub fn is_outbound(&self) -> bool {
        matches!(
            self.role,
            Role::Full | Role::BlockRelay | Role::Anchor | Role::Added
        )
    }

    /// How many of so many addresses are taken now, at a rate per second and at most a thousand at
    /// once (`MAX_ADDR_PROCESSING_TOKEN_BUCKET`).
    pub fn allow(&mut self, addresses: usize, rate: f64, now: Instant) -> usize {
        let (tokens, since) = self.allowance;
        let more = now.saturating_since(since).as_secs_f64() * rate;
        let tokens = if tokens < 1000.0 {
            (tokens + more).min(1000.0)
        } else {
            tokens
        };
        let taken = addresses.min(tokens as usize);
        self.allowance = (tokens - taken as f64, now);
        taken
    }

    /// Whether transactions are given and taken on it.
    pub fn relays_transactions(&self) -> bool {
        self.relays_addresses() && !self.transactions.are_unwanted
    }

    /// Whether addresses are given and taken on it.
    pub fn relays_addresses(&self) -> bool {
        matches!(
            self.role,
            Role::Inbound | Role::Full | Role::Anchor | Role::Added
        )
    }
}

/// What is looked at of every connection for each address that is passed on: 12 bytes.
#[derive(Clone, Copy, Debug)]
struct Line {
    conn: Conn,
    peer: PeerId,
    gossips: bool,
}

/// All of them, and what idle ones cost.
#[derive(Clone, Debug, Default)]
pub struct Connections {
    /// Of each of `all`, in the same order.
    lines: Vec<Line>,
    all: Vec<Connection>,
    /// Pings and pongs of connections that have ended, if they are only accounted.
    idle_messages: u64,
}

impl Connections {
    /// A connection stands.
    pub fn open(
        &mut self,
        conn: Conn,
        peer: PeerId,
        (role, address): (Role, Option<Address>),
        now: Instant,
    ) {
        self.lines.push(Line {
            conn,
            peer,
            gossips: false,
        });
        self.all.push(Connection {
            conn,
            peer,
            address,
            role,
            is_ready: false,
            has_asked: false,
            awaits_addresses: false,
            allowance: (1.0, now),
            last_block: None,
            last_transaction: None,
            transactions: Announcements::default(),
            knows_below: 0,
            queue: Vec::new(),
            since: now,
        });
    }

    /// It is gone.
    pub fn close(&mut self, conn: Conn, now: Instant) -> Option<Connection> {
        let at = self.position(conn)?;
        self.lines.swap_remove(at);
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
        self.lines.clear();
        self.all.clear();
    }

    fn position(&self, conn: Conn) -> Option<usize> {
        self.lines.iter().position(|line| line.conn == conn)
    }

    /// The connection of this name.
    pub fn get(&mut self, conn: Conn) -> Option<&mut Connection> {
        let at = self.position(conn)?;
        Some(&mut self.all[at])
    }

    /// The hand-shake is done.
    pub fn ready(&mut self, conn: Conn) {
        if let Some(at) = self.position(conn) {
            let connection = &mut self.all[at];
            connection.is_ready = true;
            self.lines[at].gossips = connection.relays_addresses();
        }
    }

    /// Those on which addresses are passed on, and who is at their other ends.
    pub fn gossiping(&self) -> impl Iterator<Item = (Conn, PeerId)> {
        let gossiping = self.lines.iter().filter(|line| line.gossips);
        gossiping.map(|line| (line.conn, line.peer))
    }

    /// Whether there is one to this address, whoever opened it (`FindNode`): no second one is opened.
    pub fn is_to(&self, address: Address) -> bool {
        self.all.iter().any(|one| one.address == Some(address))
    }

    /// All connections.
    pub fn iter(&self) -> impl Iterator<Item = &Connection> {
        self.all.iter()
    }

    /// All connections, to change.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Connection> {
        self.all.iter_mut()
    }

    /// How many have this role.
    pub fn count(&self, role: Role) -> u32 {
        self.all.iter().filter(|one| one.role == role).count() as u32
    }

    /// How many the node has opened itself, and means to keep.
    pub fn outbound(&self) -> u32 {
        self.all.iter().filter(|one| one.is_outbound()).count() as u32
    }

    /// How many others have opened.
    pub fn inbound(&self) -> u32 {
        self.count(Role::Inbound)
    }

    /// The /16 groups of its outbound connections, but for those of the command line.
    pub fn outbound_groups(&self) -> Vec<Group> {
        let chosen = |one: &&Connection| one.is_outbound() && one.role != Role::Added;
        let outbound = self.all.iter().filter(chosen);
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
