//! [`Node`]: an honest node, or a DNS seed.

mod addresses;
mod blocks;
mod bootstrap;
mod inbound;
mod outbound;
mod transactions;

use super::address::{Address, AddressBook};
use super::addrman::AddrMan;
use super::chain::Chain;
use super::config::Bitcoin;
use super::connection::{Connections, PING_INTERVAL, Role};
use super::dial::DIAL_PAUSE;
use super::message::{Command, Event, Timer, Wire};
use super::profile::Profile;
use super::seed::Seed;
use crate::engine::{Conn, Context, Link, Protocol};
use crate::peer::PeerId;
use crate::random::Draw;
use crate::time::Instant;
use addresses::Relayed;
use blocks::Wanted;
use outbound::{Dialing, STALE_CHECK};
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use transactions::Mempool;

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
    /// The addresses that are hard-coded in the program.
    pub fixed_seeds: Box<[Address]>,
}

impl Shared {
    /// How many connections of others a node takes: what its own leave of the limit.
    pub fn inbound_slots(&self) -> u32 {
        let own = self.config.outbound + self.profile.block_relay_only;
        self.config.max_connections.saturating_sub(own)
    }
}

/// A peer of the honest network.
#[derive(Debug)]
pub enum Node {
    /// Follows the protocol.
    Full(Box<Full>),
    /// Answers like a DNS seed.
    Seed(Box<Seed>),
}

/// A node that follows the protocol.
#[derive(Debug)]
pub struct Full {
    shared: Arc<Shared>,
    address: Address,
    addrman: AddrMan,
    connections: Connections,
    dialing: Option<Dialing>,
    dial_is_armed: bool,
    /// An address that is being tried, and no more.
    feeler: Option<(Conn, Address)>,
    /// Peers of its command line (`-addnode`), and attempts to connect to them.
    added: Box<[Address]>,
    adding: Vec<(Conn, Address)>,
    /// Who is connected to first after a restart.
    anchors: VecDeque<Address>,
    /// When the last block came that was new.
    tip_since: Instant,
    /// Whether one more outbound connection is wanted, since no block comes.
    wants_another: bool,
    chain: Chain,
    wanted: Vec<Wanted>,
    /// Nothing if no transactions are made.
    mempool: Option<Box<Mempool>>,
    relayed: Relayed,
}

impl Node {
    /// The node, unless it is a DNS seed.
    pub fn full(&self) -> Option<&Full> {
        match self {
            Self::Full(node) => Some(node),
            Self::Seed(_) => None,
        }
    }
}

type Cx<'a, 'b> = &'a mut Context<'b, Node>;

impl Full {
    /// A node at `address` that knows what `addrman` holds, and `added` from its command line.
    pub fn new(
        shared: Arc<Shared>,
        address: Address,
        addrman: AddrMan,
        added: Box<[Address]>,
    ) -> Self {
        let mempool = shared.config.transactions.as_ref().map(|_| Box::default());
        Self {
            shared,
            address,
            addrman,
            connections: Connections::default(),
            dialing: None,
            dial_is_armed: false,
            feeler: None,
            added,
            adding: Vec::new(),
            anchors: VecDeque::new(),
            tip_since: Instant::ZERO,
            wants_another: false,
            chain: Chain::default(),
            wanted: Vec::new(),
            mempool,
            relayed: Relayed::default(),
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
        self.address = self.shared.book.leased_address(cx.me(), cx.lease());
        // What was in memory is gone; tables, chain and anchors are on disk. (Bitcoin Core writes its
        // anchors when it stops in good order; ours after a crash, too.)
        self.anchors = self.anchors_now().into();
        self.addrman.restart();
        self.connections.clear(cx.now());
        self.dialing = None;
        self.dial_is_armed = false;
        self.feeler = None;
        self.wants_another = false;
        self.tip_since = cx.now();
        self.wanted.clear();
        if let Some(mempool) = &mut self.mempool {
            mempool.restart();
        }
        self.dial_after(DIAL_PAUSE, cx);
        let announce = cx.rng().exp(self.shared.config.self_announce);
        cx.arm(announce, Timer::Announce);
        self.bootstrap(cx);
        if let Some(interval) = self.shared.profile.feelers {
            let after = cx.rng().exp(interval);
            cx.arm(after, Timer::Feeler);
        }
        if self.shared.profile.stale_tip {
            cx.arm(STALE_CHECK, Timer::StaleCheck);
        }
    }

    fn on_connection(&mut self, conn: Conn, what: Link, cx: Cx<'_, '_>) {
        match what {
            Link::Opened(peer) => {
                let dialed = self.dialing.take_if(|made| made.conn == conn);
                let felt = self.feeler.filter(|(feeler, _)| *feeler == conn);
                let role = match (dialed, felt, self.added_peer(conn)) {
                    (Some(made), ..) => (made.role, Some(made.address)),
                    (None, Some((_, address)), _) => (Role::Feeler, Some(address)),
                    (None, None, Some(address)) => (Role::Added, Some(address)),
                    (None, None, None) => return,
                };
                self.connections.open(conn, peer, role, cx.now());
                cx.send_on(
                    conn,
                    Wire::Version(self.address, role.0 != Role::BlockRelay),
                );
                self.keep_alive(conn, cx);
                if dialed.is_some() {
                    self.dial_after(DIAL_PAUSE, cx);
                }
            }
            Link::Accepted(peer) => self.accept(conn, peer, cx),
            Link::Refused(_) | Link::Reset(_) | Link::Closed(_) => self.lost(conn, cx),
        }
    }

    fn keep_alive(&self, conn: Conn, cx: Cx<'_, '_>) {
        if self.shared.config.keep_alive {
            cx.arm(PING_INTERVAL, Timer::Ping(conn));
        }
    }

    /// This node closes a connection.
    fn hang_up(&mut self, conn: Conn, cx: Cx<'_, '_>) {
        cx.close(conn);
        self.lost(conn, cx);
    }

    fn lost(&mut self, conn: Conn, cx: Cx<'_, '_>) {
        if self.feeler.is_some_and(|(feeler, _)| feeler == conn) {
            self.feeler = None;
            self.connections.close(conn, cx.now());
            return;
        }
        if self.added_peer(conn).is_some() {
            return;
        }
        if self.dialing.is_some_and(|made| made.conn == conn) {
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
        self.ask_others_than(conn, cx);
        self.dial_after(DIAL_PAUSE, cx);
    }

    /// The hand-shake is done: both sides say which block they are at.
    fn ready(&mut self, conn: Conn, cx: Cx<'_, '_>) {
        self.connections.ready(conn);
        if let Some(tip) = self.chain.tip() {
            cx.send_on(conn, Wire::Inv(tip));
        }
    }

    fn on_data(&mut self, conn: Conn, message: Wire, cx: Cx<'_, '_>) {
        if self.shared.profile.renews_while_connected {
            self.renew(conn, &message, cx.now());
        }
        match message {
            Wire::Version(address, relay) => self.on_version(conn, (address, relay), cx),
            Wire::Verack => self.on_verack(conn, cx),
            Wire::GetAddr => self.on_getaddr(conn, cx),
            Wire::Addr(list) => self.on_addr(conn, &list, cx),
            Wire::Inv(block) => self.on_inv(conn, block, cx),
            Wire::GetData(block) => self.on_getdata(conn, block, cx),
            Wire::Block(block, _) => self.on_block(conn, block, cx),
            Wire::InvTx(list) => self.on_inv_tx(conn, &list, cx),
            Wire::GetTx(list) => self.on_get_tx(conn, &list, cx),
            Wire::Tx(transaction, _) => self.on_tx(conn, transaction, cx),
            Wire::Ping => {
                cx.send_on(conn, Wire::Pong);
            }
            Wire::Pong | Wire::SeedQuery | Wire::Seeds(_) => {}
        }
    }

    /// Before 0.10.1: somebody this node has connected to is still there.
    fn renew(&mut self, conn: Conn, message: &Wire, now: Instant) {
        let tells = matches!(
            message,
            Wire::Addr(_)
                | Wire::Inv(_)
                | Wire::InvTx(_)
                | Wire::GetData(_)
                | Wire::GetTx(_)
                | Wire::Ping
        );
        if tells
            && let Some(connection) = self.connections.get(conn)
            && connection.is_outbound()
            && let Some(address) = connection.address
        {
            self.addrman.connected(address, now);
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: Cx<'_, '_>) {
        match timer {
            Timer::Dial => self.dial(cx),
            Timer::AddPeers => self.add_peers(cx),
            Timer::SeedCheck => self.check_seeds(cx),
            Timer::FixedSeeds => self.use_fixed_seeds(cx),
            Timer::Relay(conn) => {
                if let Some(connection) = self.connections.get(conn) {
                    let list = connection.queue.as_slice().into();
                    connection.queue.clear();
                    cx.send_on(conn, Wire::Addr(list));
                }
            }
            Timer::Announce => self.announce_address(cx),
            Timer::Feeler => self.feel(cx),
            Timer::StaleCheck => self.check_tip(cx),
            Timer::BlockTimeout(block) => {
                let at = self.wanted.iter().position(|wanted| wanted.block == block);
                if let Some(at) = at {
                    self.ask_elsewhere(at, cx);
                }
            }
            Timer::Trickle(conn) => self.trickle(conn, cx),
            Timer::TrickleInbound => self.trickle_inbound(cx),
            Timer::Ask(transaction) => self.ask_for(transaction, cx),
            Timer::Ping(conn) => {
                if cx.send_on(conn, Wire::Ping) {
                    cx.arm(PING_INTERVAL, Timer::Ping(conn));
                }
            }
            Timer::Attack | Timer::Hold(_) => {}
        }
    }

    /// How often it was told of transactions.
    pub fn told(&self) -> u64 {
        self.mempool.as_ref().map_or(0, |mempool| mempool.told)
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
            (Self::Seed(seed), Wire::SeedQuery) => {
                let found = seed.answer(cx.now(), cx.rng());
                cx.send(from, Wire::Seeds(found));
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

    fn on_command(&mut self, command: Command, cx: &mut Context<'_, Self>) {
        let Self::Full(node) = self else { return };
        match command {
            Command::Mine(block) => {
                if node.chain.add(block) {
                    cx.emit(Event::Mined(block));
                    node.announce_block(block, cx);
                }
            }
            Command::Spend(transaction) => node.spend(transaction, cx),
        }
    }

    fn on_connection(&mut self, conn: Conn, what: Link, cx: &mut Context<'_, Self>) {
        if let Self::Full(node) = self {
            node.on_connection(conn, what, cx);
        }
    }
}

#[cfg(test)]
mod tests;
