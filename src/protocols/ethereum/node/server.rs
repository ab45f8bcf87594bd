//! Connections: whom a node dials, and whom it lets in (`p2p/dial.go`, `p2p/server.go`).

use super::{Cx, Node, since};
use crate::engine::Conn;
use crate::protocols::ethereum::enode::Enode;
use crate::protocols::ethereum::message::{Keys, Timer, Wire};
use crate::time::{Duration, Instant};
use std::collections::VecDeque;

/// Nobody is dialled twice in this time (`dialHistoryExpiration`).
const AGAIN: Duration = Duration::from_secs(30);
/// A node without peers dials a bootstrap node after this time (`fallbackInterval`).
const ALONE: Duration = Duration::from_secs(20);
/// How long a hand-shake may last (`handshakeTimeout`).
const HAND_SHAKE: Duration = Duration::from_secs(5);

/// A connection that stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Peer {
    /// The connection.
    pub conn: Conn,
    /// The other side.
    pub node: Enode,
    /// Whether the other side has dialled.
    pub is_incoming: bool,
}

/// All connections.
#[derive(Default, Debug)]
pub(super) struct Server {
    /// Since when the node is up.
    start: Instant,
    pub(super) peers: Vec<Peer>,
    /// Somebody has connected and not said who it is.
    arriving: Vec<Conn>,
    /// Attempts to connect.
    dialling: Vec<(Conn, Enode)>,
    /// Whom the last attempts were to, and until when each counts.
    history: VecDeque<(Enode, Instant)>,
    /// Nodes that were looked up for dialling.
    pub(super) found: Vec<Enode>,
    /// Attempts, and those that came to stand.
    pub(super) dials: (u64, u64),
    /// Whose turn it is among the bootstrap nodes.
    boot_node: usize,
    is_armed: bool,
}

impl Server {
    /// No connections, in a life that begins now; so many have been dialled in those before.
    pub(super) fn new(start: Instant, dials: (u64, u64)) -> Self {
        Self {
            start,
            dials,
            ..Self::default()
        }
    }
}

impl Node {
    fn dialled(&self) -> usize {
        let peers = self.server.peers.iter();
        peers.filter(|peer| !peer.is_incoming).count() + self.server.dialling.len()
    }

    /// Dials whom it can while connections of its own are missing: half of them heads of its buckets, the
    /// others found by a lookup (`newTasks`).
    pub(super) fn dial(&mut self, cx: Cx<'_, '_>) {
        let now = cx.now();
        let is_over = |&(_, until): &(Enode, Instant)| until <= now;
        while self.server.history.front().is_some_and(is_over) {
            self.server.history.pop_front();
        }
        let slots = self.shared.profile.dialled(self.shared.config.max_peers) as usize;
        let missing = slots.saturating_sub(self.dialled());
        let is_alone = self.server.peers.is_empty() && since(self.server.start, cx) > ALONE;
        if missing > 0 && is_alone && !self.shared.boot_nodes.is_empty() {
            let turn = self.server.boot_node % self.shared.boot_nodes.len();
            self.server.boot_node = turn + 1;
            self.connect(self.shared.boot_nodes[turn], cx);
        }
        let missing = slots.saturating_sub(self.dialled());
        if !self.shared.profile.quiet_start || self.discovery.has_begun() {
            let heads = self.table.random((slots / 2).min(missing / 2), cx.rng());
            for node in heads {
                self.connect(node, cx);
            }
        }
        let mut found = std::mem::take(&mut self.server.found).into_iter();
        while self.dialled() < slots {
            let Some(node) = found.next() else { break };
            self.connect(node, cx);
        }
        self.server.found = found.collect();
        let missing = slots.saturating_sub(self.dialled());
        if self.server.found.len() < missing && !self.discovery.is_searching() {
            self.search(cx);
        }
        self.dial_later(cx);
    }

    /// If nothing else will bring it back to dialling, the end of the oldest attempt's time will.
    fn dial_later(&mut self, cx: Cx<'_, '_>) {
        let is_idle = self.server.dialling.is_empty() && !self.discovery.is_searching();
        if let Some(&(_, until)) = self.server.history.front()
            && is_idle
            && !self.server.is_armed
        {
            self.server.is_armed = true;
            cx.arm(until.saturating_since(cx.now()), Timer::Dial);
        }
    }

    pub(super) fn dial_again(&mut self, cx: Cx<'_, '_>) {
        self.server.is_armed = false;
        self.dial(cx);
    }

    fn is_connected(&self, node: Enode) -> bool {
        self.server.peers.iter().any(|peer| peer.node == node)
    }

    fn connect(&mut self, node: Enode, cx: Cx<'_, '_>) {
        let server = &self.server;
        let is_tried = server.dialling.iter().any(|&(_, other)| other == node)
            || server.history.iter().any(|&(other, _)| other == node);
        if node == self.me || is_tried || self.is_connected(node) {
            return;
        }
        let conn = cx.connect(node.host);
        self.server.dialling.push((conn, node));
        self.server.dials.0 += 1;
    }

    pub(super) fn opened(&mut self, conn: Conn, cx: Cx<'_, '_>) {
        let mut dialling = self.server.dialling.iter();
        if let Some(&(_, node)) = dialling.find(|&&(other, _)| other == conn) {
            cx.send_on(conn, Wire::Hello(Keys::to(node)));
            cx.arm(HAND_SHAKE, Timer::HandShake(conn));
        }
    }

    pub(super) fn accept(&mut self, conn: Conn, cx: Cx<'_, '_>) {
        self.server.arriving.push(conn);
        cx.arm(HAND_SHAKE, Timer::HandShake(conn));
    }

    /// Who is on the other side is known (`encHandshakeChecks`).
    pub(super) fn on_hello(&mut self, conn: Conn, node: Enode, cx: Cx<'_, '_>) {
        let arriving = self.server.arriving.iter();
        let arrives = arriving.clone().position(|&other| other == conn);
        if let Some(at) = arrives {
            self.server.arriving.swap_remove(at);
        } else if !self.dial_ended(conn, cx) {
            return;
        }
        let is_incoming = arrives.is_some();
        if !self.has_room(is_incoming) || self.is_connected(node) || node == self.me {
            cx.send_on(conn, Wire::TooManyPeers);
            cx.close(conn);
        } else {
            let peer = Peer {
                conn,
                node,
                is_incoming,
            };
            self.server.peers.push(peer);
            if is_incoming {
                cx.send_on(conn, Wire::Hello(Keys::to(node)));
            } else {
                self.server.dials.1 += 1;
            }
        }
        self.dial(cx);
    }

    fn has_room(&self, is_incoming: bool) -> bool {
        let (profile, most) = (&self.shared.profile, self.shared.config.max_peers);
        let peers = &self.server.peers;
        let incoming = peers.iter().filter(|peer| peer.is_incoming).count();
        peers.len() < most as usize && (!is_incoming || incoming < profile.incoming(most) as usize)
    }

    /// An attempt to connect has ended; `false` if there was none on this connection.
    fn dial_ended(&mut self, conn: Conn, cx: Cx<'_, '_>) -> bool {
        let mut dialling = self.server.dialling.iter();
        let Some(at) = dialling.position(|&(other, _)| other == conn) else {
            return false;
        };
        let (_, node) = self.server.dialling.swap_remove(at);
        let until = cx.now().saturating_add(AGAIN);
        self.server.history.push_back((node, until));
        true
    }

    /// A connection has ended, or come to nothing.
    pub(super) fn lost(&mut self, conn: Conn, cx: Cx<'_, '_>) {
        self.server.arriving.retain(|&other| other != conn);
        self.dial_ended(conn, cx);
        self.server.peers.retain(|peer| peer.conn != conn);
        self.dial(cx);
    }

    /// The other side has not said who it is in time.
    pub(super) fn give_up(&mut self, conn: Conn, cx: Cx<'_, '_>) {
        let dialling = self.server.dialling.iter();
        let mut open = dialling
            .map(|(other, _)| other)
            .chain(&self.server.arriving);
        if open.any(|&other| other == conn) {
            cx.close(conn);
            self.lost(conn, cx);
        }
    }
}
