//! [`Node`]: a node that follows the protocol.

mod bonds;
mod discovery;
mod server;

use super::config::Ethereum;
use super::database::Database;
use super::enode::{Enode, Keys};
use super::message::{Timer, Wire};
use super::profile::Profile;
use super::table::{Added, Table};
use crate::engine::{Conn, Context, Link, Protocol};
use crate::peer::PeerId;
use crate::protocols::dht::Id;
use crate::random::Draw;
use crate::time::{Duration, Instant};
use bonds::Bonds;
use discovery::Discovery;
pub use server::Peer;
use server::Server;
use std::sync::Arc;

/// Who has been in the table for long is stored this often (`copyNodesInterval`).
const STORE: Duration = Duration::from_secs(30);

/// What all nodes of a run share: parameters, and what keys hash to.
#[derive(Debug)]
pub struct Shared {
    /// The parameters.
    pub config: Ethereum,
    /// What nodes do about their peers.
    pub profile: Profile,
    /// The hashes of keys.
    pub keys: Keys,
    /// Nodes that are in the program.
    pub boot_nodes: Box<[Enode]>,
}

/// A node that follows the protocol.
#[derive(Debug)]
pub struct Node {
    shared: Arc<Shared>,
    me: Enode,
    table: Table,
    database: Database,
    bonds: Bonds,
    discovery: Discovery,
    server: Server,
}

type Cx<'a, 'b> = &'a mut Context<'b, Node>;

impl Node {
    /// A node with this on its disk.
    pub fn new(shared: Arc<Shared>, host: PeerId, database: Database) -> Self {
        let me = Enode::of(host);
        let own = shared.keys.id(me);
        let table = Table::new(own, shared.profile.shape);
        Self {
            shared,
            me,
            table,
            database,
            bonds: Bonds::default(),
            discovery: Discovery::default(),
            server: Server::default(),
        }
    }

    /// Its table.
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// What is on its disk.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Its connections.
    pub fn peers(&self) -> &[Peer] {
        &self.server.peers
    }

    /// How many connections it has tried to open in all its lives, and how many of them came to stand.
    pub fn dials(&self) -> (u64, u64) {
        self.server.dials
    }

    fn id(&self, node: Enode) -> Id {
        self.shared.keys.id(node)
    }

    /// Takes a node that is alive into the table. Before there were replacements, the last of a full
    /// bucket was pinged, and gave way if it did not answer.
    fn add(&mut self, node: Enode, cx: Cx<'_, '_>) {
        let added = self.table.add(node, self.id(node), cx.now());
        if let Added::Full(oldest) = added
            && self.shared.profile.shape.replacements == 0
        {
            self.contest(oldest, node, cx);
        }
    }

    fn store_old(&mut self, cx: Cx<'_, '_>) {
        if let Some(long) = self.shared.profile.stored_after {
            let old: Vec<Enode> = self.table.since(long, cx.now()).collect();
            for node in old {
                self.database.store(node);
            }
            cx.arm(STORE, Timer::Store);
        }
    }
}

impl Protocol for Node {
    type Message = Wire;
    type Timer = Timer;
    type Command = ();
    type Event = ();

    fn on_start(&mut self, cx: &mut Context<'_, Self>) {
        // What was in memory is gone; the database is on disk.
        self.table.clear();
        self.bonds = Bonds::default();
        self.discovery = Discovery::default();
        self.server = Server::new(cx.now(), self.server.dials);
        let profile = self.shared.profile;
        cx.arm(profile.refresh, Timer::Refresh);
        if let Some(most) = profile.revalidate {
            let after = cx.rng().between(Duration::ZERO, most);
            cx.arm(after, Timer::Revalidate);
        }
        if profile.stored_after.is_some() {
            cx.arm(STORE, Timer::Store);
        }
        // The disk is read a moment after the first look for whom to dial, which finds nobody: the next
        // comes when somebody connects, or when nodes have been looked up.
        self.dial(cx);
        self.refresh(cx);
    }

    fn on_message(&mut self, from: PeerId, message: Wire, cx: &mut Context<'_, Self>) {
        let node = |key| Enode { host: from, key };
        match message {
            Wire::Ping(keys) => self.on_ping(node(keys.from), cx),
            Wire::Pong(keys) => self.on_pong(node(keys.from), cx),
            Wire::FindNode(keys, target) => self.on_find_node(node(keys.from), target, cx),
            Wire::Neighbors(keys, nodes) => self.on_neighbors(node(keys.from), &nodes, cx),
            Wire::Hello(_) | Wire::TooManyPeers => {}
        }
    }

    fn on_data(&mut self, conn: Conn, from: PeerId, message: Wire, cx: &mut Context<'_, Self>) {
        match message {
            Wire::Hello(keys) => {
                let node = Enode {
                    host: from,
                    key: keys.from,
                };
                self.on_hello(conn, node, cx);
            }
            Wire::TooManyPeers => {
                cx.close(conn);
                self.lost(conn, cx);
            }
            _ => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Context<'_, Self>) {
        match timer {
            Timer::Pong(number) => self.no_pong(number, cx),
            Timer::TheirPing(node) => self.bonded(node, cx),
            Timer::Neighbors(number) => self.no_neighbors(number, cx),
            Timer::Refresh => {
                cx.arm(self.shared.profile.refresh, Timer::Refresh);
                self.refresh(cx);
            }
            Timer::Revalidate => self.revalidate(cx),
            Timer::Store => self.store_old(cx),
            Timer::Lookup => self.look_for_nodes(cx),
            Timer::Dial => self.dial_again(cx),
            Timer::HandShake(conn) => self.give_up(conn, cx),
            Timer::Attack | Timer::Hold(_) => {}
        }
    }

    fn on_connection(&mut self, conn: Conn, what: Link, cx: &mut Context<'_, Self>) {
        match what {
            Link::Accepted(_) => self.accept(conn, cx),
            Link::Opened(_) => self.opened(conn, cx),
            Link::Refused(_) | Link::Reset(_) | Link::Closed(_) => self.lost(conn, cx),
        }
    }
}

/// The time since `earlier`.
fn since(earlier: Instant, cx: &Context<'_, Node>) -> Duration {
    cx.now().saturating_since(earlier)
}
