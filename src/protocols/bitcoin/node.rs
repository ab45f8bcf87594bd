//! [`Node`]: an honest node, or a DNS seed.

use super::address::{Address, AddressBook, Stamp};
use super::addrman::AddrMan;
use super::chain::Chain;
use super::config::Bitcoin;
use super::connection::{Connection, Connections, PING_INTERVAL};
use super::dial::{DIAL_PAUSE, IDLE_PAUSE, next_address};
use super::message::{Command, Event, Timer, Wire};
use super::profile::Profile;
use crate::engine::{Conn, Context, Link, Protocol};
use crate::peer::PeerId;
use crate::random::Draw;
use crate::random::hash::mix3;
use crate::time::{Duration, Instant};
use std::ops::Range;
use std::sync::Arc;

/// Whom nobody is: connecting there times out.
const NOBODY: PeerId = PeerId(PeerId::LIMIT - 1);
/// An `addr` of more than ten addresses is an answer to `getaddr` and is not passed on
/// (`ProcessMessage`).
const RELAY_AT_MOST: usize = 10;
/// A fresh address goes to two connections.
const RELAY_TO: usize = 2;
/// Only addresses seen within ten minutes are passed on.
const FRESH_SECS: i64 = 600;
/// A block that does not come is asked for elsewhere after two minutes (`mapAlreadyAskedFor`).
const BLOCK_TIMEOUT: Duration = Duration::from_mins(2);
/// DNS seeds are asked if a node has fewer than two connections after 11 s (`ThreadDNSAddressSeed`).
const SEED_CHECK: Duration = Duration::from_secs(11);
/// Addresses in the answer of a DNS seed.
const SEED_ANSWER: usize = 25;
/// How many relayed addresses a node remembers, to pass each on once a day.
const REMEMBERED: usize = 256;

/// What all nodes of a run share: parameters, and the plan of addresses, of which a node uses only
/// what the network would do for it (route a packet to whoever owns an address, and show the
/// address a packet comes from).
#[derive(Debug)]
pub struct Shared {
    /// The parameters.
    pub config: Bitcoin,
    /// What nodes do about their peers.
    pub profile: Profile,
    /// Who answers at which address.
    pub book: AddressBook,
    /// The peers that are DNS seeds.
    pub seeds: Range<u32>,
}

/// A peer of the honest network.
#[derive(Debug)]
pub enum Node {
    /// Follows the protocol.
    Full(Box<Full>),
    /// Answers like a DNS seed, from a crawl made before the run.
    Seed(Arc<[Address]>),
}

/// A node that follows the protocol.
#[derive(Debug)]
pub struct Full {
    shared: Arc<Shared>,
    address: Address,
    addrman: AddrMan,
    connections: Connections,
    dialing: Option<(Conn, Address)>,
    dial_is_armed: bool,
    chain: Chain,
    wanted: Vec<Wanted>,
    /// Addresses passed on, with the day, in turns.
    relayed: Vec<(Address, u32)>,
    next_relayed: usize,
}

/// A block that was asked for.
#[derive(Debug)]
struct Wanted {
    block: u32,
    from: Conn,
    others: Vec<Conn>,
}

type Cx<'a, 'b> = &'a mut Context<'b, Node>;

impl Full {
    /// A node at `address` that knows what `addrman` holds.
    pub fn new(shared: Arc<Shared>, address: Address, addrman: AddrMan) -> Self {
        Self {
            shared,
            address,
            addrman,
            connections: Connections::default(),
            dialing: None,
            dial_is_armed: false,
            chain: Chain::default(),
            wanted: Vec::new(),
            relayed: Vec::new(),
            next_relayed: 0,
        }
    }

    /// Its own address.
    pub fn address(&self) -> Address {
        self.address
    }

    /// What it knows of others.
    pub fn addrman(&self) -> &AddrMan {
        &self.addrman
    }

    /// Its connections.
    pub fn connections(&self) -> &Connections {
        &self.connections
    }

    /// What it shares with all nodes.
    pub fn shared(&self) -> &Shared {
        &self.shared
    }

    /// The blocks it has.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    fn on_start(&mut self, cx: Cx<'_, '_>) {
        // What was in memory is gone; the tables and the chain are on disk.
        self.connections.clear(cx.now());
        self.dialing = None;
        self.dial_is_armed = false;
        self.wanted.clear();
        self.dial_after(DIAL_PAUSE, cx);
        let announce = cx.rng().exp(self.shared.config.self_announce);
        cx.arm(announce, Timer::Announce);
        if !self.shared.seeds.is_empty() {
            cx.arm(SEED_CHECK, Timer::SeedCheck);
        }
    }

    fn dial_after(&mut self, pause: Duration, cx: Cx<'_, '_>) {
        if !self.dial_is_armed && self.dialing.is_none() {
            self.dial_is_armed = true;
            cx.arm(pause, Timer::Dial);
        }
    }

    /// One attempt at a time, while outbound connections are missing.
    fn dial(&mut self, cx: Cx<'_, '_>) {
        self.dial_is_armed = false;
        if self.dialing.is_some() || self.connections.outbound() >= self.shared.config.outbound {
            return;
        }
        let taken = self.connections.outbound_groups();
        let now = Stamp::from(cx.now());
        let next = next_address(&self.addrman, self.address, &taken, now, cx.rng());
        let Some(address) = next else {
            self.dial_after(IDLE_PAUSE, cx);
            return;
        };
        self.addrman.attempt(address, now);
        let conn = cx.connect(self.shared.book.owner(address).unwrap_or(NOBODY));
        self.dialing = Some((conn, address));
    }

    fn on_connection(&mut self, conn: Conn, what: Link, cx: Cx<'_, '_>) {
        match what {
            Link::Opened(peer) => {
                let Some((_, address)) = self.dialing.take() else {
                    return;
                };
                self.connections.open(conn, peer, Some(address), cx.now());
                cx.send_on(conn, Wire::Version(self.address));
                self.keep_alive(conn, cx);
                self.dial_after(DIAL_PAUSE, cx);
            }
            Link::Accepted(peer) => {
                let config = &self.shared.config;
                if self.connections.inbound() >= config.max_connections - config.outbound {
                    cx.close(conn);
                    return;
                }
                self.connections.open(conn, peer, None, cx.now());
                self.keep_alive(conn, cx);
            }
            Link::Refused(_) | Link::Reset(_) | Link::Closed(_) => self.lost(conn, cx),
        }
    }

    fn keep_alive(&self, conn: Conn, cx: Cx<'_, '_>) {
        if self.shared.config.keep_alive {
            cx.arm(PING_INTERVAL, Timer::Ping(conn));
        }
    }

    fn lost(&mut self, conn: Conn, cx: Cx<'_, '_>) {
        if self.dialing.is_some_and(|(dialing, _)| dialing == conn) {
            self.dialing = None;
        } else if let Some(connection) = self.connections.close(conn, cx.now())
            && connection.is_ready
            && let Some(address) = connection.address
        {
            self.addrman.connected(address, cx.now());
        }
        for at in (0..self.wanted.len()).rev() {
            self.wanted[at].others.retain(|&other| other != conn);
            if self.wanted[at].from == conn {
                self.ask_elsewhere(at, cx);
            }
        }
        self.dial_after(DIAL_PAUSE, cx);
    }

    fn on_data(&mut self, conn: Conn, message: Wire, cx: Cx<'_, '_>) {
        match message {
            Wire::Version(address) => self.on_version(conn, address, cx),
            Wire::Verack => self.on_verack(conn, cx),
            Wire::GetAddr => self.on_getaddr(conn, cx),
            Wire::Addr(list) => self.on_addr(conn, &list, cx),
            Wire::Inv(block) => self.on_inv(conn, block, cx),
            Wire::GetData(block) => {
                if self.chain.has(block) {
                    let bytes = self.shared.config.block_size.0 as u32;
                    cx.send_on(conn, Wire::Block(block, bytes));
                    if let Some(connection) = self.connections.get(conn) {
                        connection.knows_below = connection.knows_below.max(block + 1);
                    }
                }
            }
            Wire::Block(block, _) => self.on_block(conn, block, cx),
            Wire::Ping => {
                cx.send_on(conn, Wire::Pong);
            }
            Wire::Pong | Wire::SeedQuery | Wire::Seeds(_) => {}
        }
    }

    /// Somebody has connected: before version 0.14 its address goes straight into `tried`.
    fn on_version(&mut self, conn: Conn, address: Address, cx: Cx<'_, '_>) {
        let Some(connection) = self.connections.get(conn) else {
            return;
        };
        debug_assert_eq!(
            self.shared.book.owner(address),
            Some(connection.peer),
            "an address on a connection cannot be forged"
        );
        connection.address = Some(address);
        let now = Stamp::from(cx.now());
        self.addrman
            .add(address, now, address, Duration::ZERO, now, cx.rng());
        self.addrman.good(address, now, cx.rng());
        cx.send_on(conn, Wire::Verack);
        self.ready(conn, cx);
    }

    fn on_verack(&mut self, conn: Conn, cx: Cx<'_, '_>) {
        let Some(connection) = self.connections.get(conn) else {
            return;
        };
        let Some(address) = connection.address else {
            return;
        };
        let now = Stamp::from(cx.now());
        self.addrman.good(address, now, cx.rng());
        cx.send_on(conn, Wire::Addr([(self.address, now)].into()));
        cx.send_on(conn, Wire::GetAddr);
        self.ready(conn, cx);
    }

    /// The hand-shake is done: both sides say which block they are at.
    fn ready(&mut self, conn: Conn, cx: Cx<'_, '_>) {
        if let Some(connection) = self.connections.get(conn) {
            connection.is_ready = true;
        }
        if let Some(tip) = self.chain.tip() {
            cx.send_on(conn, Wire::Inv(tip));
        }
    }

    fn on_getaddr(&mut self, conn: Conn, cx: Cx<'_, '_>) {
        let Some(connection) = self.connections.get(conn) else {
            return;
        };
        if connection.is_outbound || std::mem::replace(&mut connection.has_asked, true) {
            return;
        }
        let list = self.addrman.get_addr(cx.now(), cx.rng());
        if !list.is_empty() {
            cx.send_on(conn, Wire::Addr(list.into()));
        }
    }

    fn on_addr(&mut self, conn: Conn, list: &[(Address, Stamp)], cx: Cx<'_, '_>) {
        let Some(connection) = self.connections.get(conn) else {
            return;
        };
        let Some(source) = connection.address.filter(|_| connection.is_ready) else {
            return;
        };
        let now = Stamp::from(cx.now());
        for &(address, seen) in list {
            if address == self.address {
                continue;
            }
            // A stamp from the future, or from before 2000, counts as five days old.
            let seen = if seen.secs_since(now) > FRESH_SECS {
                now.before(Duration::from_hours(5 * 24))
            } else {
                seen
            };
            let penalty = super::addrman::rules::Rules::RELAY_PENALTY;
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
        if self.relayed.contains(&(address, day)) {
            return;
        }
        if self.relayed.len() < REMEMBERED {
            self.relayed.push((address, day));
        } else {
            self.relayed[self.next_relayed] = (address, day);
            self.next_relayed = (self.next_relayed + 1) % REMEMBERED;
        }
        let rank = |connection: &Connection| {
            let me = u64::from(self.address.0) << 32 | u64::from(address.0);
            mix3(me, u64::from(connection.peer.0), u64::from(day))
        };
        let mut chosen: Vec<_> = self
            .connections
            .iter()
            .filter(|connection| connection.is_ready && connection.conn != from)
            .map(|connection| (rank(connection), connection.conn))
            .collect();
        chosen.sort_unstable();
        for &(_, conn) in chosen.iter().take(RELAY_TO) {
            self.queue_address(conn, address, seen, cx);
        }
    }

    /// The trickle timer is armed only while something waits.
    fn queue_address(&mut self, conn: Conn, address: Address, seen: Stamp, cx: Cx<'_, '_>) {
        let Some(connection) = self.connections.get(conn) else {
            return;
        };
        connection.queue.push((address, seen));
        if connection.queue.len() == 1 {
            let after = cx.rng().exp(self.shared.config.address_relay);
            cx.arm(after, Timer::Relay(conn));
        }
    }

    fn on_inv(&mut self, conn: Conn, tip: u32, cx: Cx<'_, '_>) {
        let Some(connection) = self.connections.get(conn) else {
            return;
        };
        connection.knows_below = connection.knows_below.max(tip + 1);
        let missing: Vec<u32> = self.chain.missing(tip).collect();
        for block in missing {
            if let Some(wanted) = self.wanted.iter_mut().find(|wanted| wanted.block == block) {
                wanted.others.push(conn);
            } else {
                self.wanted.push(Wanted {
                    block,
                    from: conn,
                    others: Vec::new(),
                });
                cx.send_on(conn, Wire::GetData(block));
                cx.arm(BLOCK_TIMEOUT, Timer::BlockTimeout(block));
            }
        }
    }

    /// Asks the next one who has announced the block, or forgets it until it is announced again.
    fn ask_elsewhere(&mut self, at: usize, cx: Cx<'_, '_>) {
        let wanted = &mut self.wanted[at];
        if wanted.others.is_empty() {
            self.wanted.swap_remove(at);
            return;
        }
        wanted.from = wanted.others.remove(0);
        cx.send_on(wanted.from, Wire::GetData(wanted.block));
        cx.arm(BLOCK_TIMEOUT, Timer::BlockTimeout(wanted.block));
    }

    fn on_block(&mut self, conn: Conn, block: u32, cx: Cx<'_, '_>) {
        if let Some(connection) = self.connections.get(conn) {
            connection.knows_below = connection.knows_below.max(block + 1);
        }
        self.wanted.retain(|wanted| wanted.block != block);
        if self.chain.add(block) {
            cx.emit(Event::Block(block));
            self.announce_block(block, cx);
        }
    }

    fn announce_block(&mut self, block: u32, cx: Cx<'_, '_>) {
        for connection in self.connections.iter_mut() {
            if connection.is_ready && connection.knows_below <= block {
                cx.send_on(connection.conn, Wire::Inv(block));
            }
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: Cx<'_, '_>) {
        match timer {
            Timer::Dial => self.dial(cx),
            Timer::SeedCheck => {
                if self.connections.outbound() < 2 {
                    let seeds = &self.shared.seeds;
                    let pick =
                        seeds.start + cx.rng().below(u64::from(seeds.end - seeds.start)) as u32;
                    cx.send(PeerId(pick), Wire::SeedQuery);
                }
            }
            Timer::Relay(conn) => {
                if let Some(connection) = self.connections.get(conn) {
                    let list = std::mem::take(&mut connection.queue);
                    cx.send_on(conn, Wire::Addr(list.into()));
                }
            }
            Timer::Announce => {
                let now = Stamp::from(cx.now());
                let ready: Vec<Conn> = self
                    .connections
                    .iter()
                    .filter(|c| c.is_ready)
                    .map(|c| c.conn)
                    .collect();
                for conn in ready {
                    self.queue_address(conn, self.address, now, cx);
                }
                let after = cx.rng().exp(self.shared.config.self_announce);
                cx.arm(after, Timer::Announce);
            }
            Timer::BlockTimeout(block) => {
                let at = self.wanted.iter().position(|wanted| wanted.block == block);
                if let Some(at) = at {
                    self.ask_elsewhere(at, cx);
                }
            }
            Timer::Ping(conn) => {
                if cx.send_on(conn, Wire::Ping) {
                    cx.arm(PING_INTERVAL, Timer::Ping(conn));
                }
            }
            Timer::Attack | Timer::Hold(_) => {}
        }
    }

    /// The answer of a DNS seed: addresses that are taken for a week old and from that seed.
    fn on_seeds(&mut self, list: &[Address], cx: Cx<'_, '_>) {
        let now = Stamp::from(cx.now());
        for &address in list {
            let days = 3 + cx.rng().below(4);
            let seen = now.before(Duration::from_hours(24 * days));
            self.addrman
                .add(address, seen, address, Duration::ZERO, now, cx.rng());
        }
    }

    /// Pings and pongs it would have sent on idle connections, if they are only accounted.
    pub fn idle_messages(&self, now: Instant) -> u64 {
        if self.shared.config.keep_alive {
            0
        } else {
            self.connections.idle_messages(now)
        }
    }
}

impl Protocol for Node {
    type Message = Wire;
    type Timer = Timer;
    type Command = Command;
    type Event = Event;

    fn on_start(&mut self, cx: &mut Context<'_, Self>) {
        if let Self::Full(node) = self {
            node.on_start(cx);
        }
    }

    fn on_message(&mut self, from: PeerId, message: Wire, cx: &mut Context<'_, Self>) {
        match (self, message) {
            (Self::Seed(crawl), Wire::SeedQuery) => {
                let chosen = cx.rng().sample_indices(crawl.len(), SEED_ANSWER);
                let chosen = chosen.into_iter().map(|at| crawl[at]).collect();
                cx.send(from, Wire::Seeds(chosen));
            }
            (Self::Full(node), Wire::Seeds(list)) => node.on_seeds(&list, cx),
            _ => {}
        }
    }

    fn on_data(&mut self, conn: Conn, _from: PeerId, message: Wire, cx: &mut Context<'_, Self>) {
        if let Self::Full(node) = self {
            node.on_data(conn, message, cx);
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Context<'_, Self>) {
        if let Self::Full(node) = self {
            node.on_timer(timer, cx);
        }
    }

    fn on_command(&mut self, Command::Mine(block): Command, cx: &mut Context<'_, Self>) {
        if let Self::Full(node) = self
            && node.chain.add(block)
        {
            cx.emit(Event::Mined(block));
            node.announce_block(block, cx);
        }
    }

    fn on_connection(&mut self, conn: Conn, what: Link, cx: &mut Context<'_, Self>) {
        if let Self::Full(node) = self {
            node.on_connection(conn, what, cx);
        }
    }
}
