//! [`Peer`]: wants the file, or has it.

mod choking;
mod dealing;
mod swarm;
mod trading;

use super::config::BitTorrent;
use super::neighbour::Neighbour;
use super::picker::{Cut, Picker};
use super::wire::{Timer, Why, Wire};
use super::{Event, Node};
use crate::engine::{Conn, Context, Link};
use crate::peer::PeerId;
use crate::protocols::download::Departure;
use crate::quantity::Bandwidth;
use crate::random::Draw;
use crate::time::Instant;
use std::sync::Arc;

pub(super) use dealing::Dossier;

pub(super) type Cx<'a, 'b> = &'a mut Context<'b, Node>;

/// What all peers of a run share: the torrent and the rules.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The parameters.
    pub config: BitTorrent,
    /// How the file is cut.
    pub cut: Cut,
    /// Whom the torrent names.
    pub tracker: PeerId,
}

/// How a peer behaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Manner {
    /// By the rules.
    Compliant,
    /// Takes and does not give.
    FreeRider,
    /// Gives no more than it has to (`BitTyrant`), and knows its own uplink.
    Tyrant(Bandwidth),
}

/// What a peer has sent and received.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Tally {
    /// Bytes of blocks sent: handed to the network and not taken back.
    pub sent: u64,
    /// Bytes of blocks received.
    pub received: u64,
    /// Of these, bytes of blocks that were there already.
    pub twice: u64,
}

/// A peer of the swarm.
#[derive(Clone, Debug)]
pub struct Peer {
    rules: Arc<Rules>,
    manner: Manner,
    /// Whether it takes part: it has come and not gone.
    active: bool,
    picker: Option<Box<Picker>>,
    neighbours: Vec<Neighbour>,
    /// Where each is, by the place of its connection.
    places: Vec<u16>,
    /// Connections it has asked for.
    opening: Vec<(Conn, PeerId)>,
    /// Peers the tracker has named and that have not been tried.
    known: Vec<PeerId>,
    optimistic: Option<PeerId>,
    turns: u64,
    last_announce: Instant,
    is_lonely: bool,
    pub(super) tally: Tally,
}

impl Peer {
    /// Wants the file when it is told so.
    pub fn leecher(rules: Arc<Rules>, manner: Manner) -> Self {
        Self {
            rules,
            manner,
            active: false,
            picker: None,
            neighbours: Vec::new(),
            places: Vec::new(),
            opening: Vec::new(),
            known: Vec::new(),
            optimistic: None,
            turns: 0,
            last_announce: Instant::ZERO,
            is_lonely: false,
            tally: Tally::default(),
        }
    }

    /// Has the file and takes part from the start.
    pub fn seed(rules: Arc<Rules>) -> Self {
        let picker = Picker::full(rules.cut, rules.config.selection);
        Self {
            picker: Some(Box::new(picker)),
            active: true,
            ..Self::leecher(rules, Manner::Compliant)
        }
    }

    /// How it behaves.
    pub fn manner(&self) -> Manner {
        self.manner
    }

    /// Whether it takes part at present.
    pub fn is_active(&self) -> bool {
        self.active
    }

    /// Whether it had the file from the start.
    pub fn is_origin(&self) -> bool {
        self.is_complete() && self.tally.received == 0
    }

    /// What it has sent and received.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// What it has and is after; nothing before it has come.
    pub fn picker(&self) -> Option<&Picker> {
        self.picker.as_deref()
    }

    /// Who it is connected to, each with what that one has as far as it has said so.
    pub fn neighbours(&self) -> impl Iterator<Item = (PeerId, Option<&super::bits::Bits>)> + '_ {
        let all = self.neighbours.iter();
        all.map(|one| (one.peer, one.theirs.as_deref()))
    }

    /// Who wants something of it, each with whether it is sent to.
    pub fn wishing(&self) -> impl Iterator<Item = (PeerId, bool)> + '_ {
        let wishing = self.neighbours.iter().filter(|one| one.interested);
        wishing.map(|one| (one.peer, one.unchoked))
    }

    /// Whom it sends to whatever that one gives.
    pub fn optimistic(&self) -> Option<PeerId> {
        self.optimistic
    }

    fn is_complete(&self) -> bool {
        self.picker
            .as_ref()
            .is_some_and(|picker| picker.is_complete())
    }

    pub(super) fn on_start(&mut self, cx: Cx<'_, '_>) {
        // What was there before a crash is on the disk; connections are not.
        for gone in std::mem::take(&mut self.neighbours) {
            self.forget(&gone);
        }
        self.opening.clear();
        if self.active {
            self.begin(cx);
        }
    }

    /// It wants the file from now on.
    pub(super) fn join(&mut self, cx: Cx<'_, '_>) {
        let config = &self.rules.config;
        let picker = Picker::new(self.rules.cut, config.selection, config.random_first);
        self.picker = Some(Box::new(picker));
        self.active = true;
        cx.emit(Event::Joined);
        if let Some(patience) = config.patience {
            let after = cx.rng().exp(patience);
            cx.arm(after, Timer::GiveUp);
        }
        self.begin(cx);
    }

    fn begin(&mut self, cx: Cx<'_, '_>) {
        self.announce(Why::Started, cx);
        let rechoke = self.rules.config.rechoke;
        let first = cx.rng().between(crate::time::Duration::ZERO, rechoke);
        cx.arm(first, Timer::Rechoke);
        cx.arm(self.interval(), Timer::Announce);
    }

    pub(super) fn on_timer(&mut self, timer: Timer, cx: Cx<'_, '_>) {
        if !self.active {
            return;
        }
        match timer {
            Timer::Rechoke => {
                self.next_turn(cx);
                cx.arm(self.rules.config.rechoke, Timer::Rechoke);
            }
            Timer::Announce => {
                self.announce(Why::Regular, cx);
                cx.arm(self.interval(), Timer::Announce);
            }
            Timer::Lonely => {
                self.is_lonely = false;
                self.look_for_more(cx);
            }
            Timer::GiveUp if self.is_complete() => {}
            Timer::Go | Timer::GiveUp => self.go(cx),
        }
    }

    pub(super) fn on_connection(&mut self, conn: Conn, what: Link, cx: Cx<'_, '_>) {
        match what {
            Link::Accepted(from) => self.on_accepted(conn, from, cx),
            Link::Opened(to) => {
                self.opening.retain(|&(other, _)| other != conn);
                if !self.active || self.neighbours.len() >= self.most_neighbours() {
                    cx.close(conn);
                    return;
                }
                self.greet(conn, to, cx);
            }
            Link::Refused(_) => {
                self.opening.retain(|&(other, _)| other != conn);
                self.connect_more(cx);
            }
            Link::Reset(_) | Link::Closed(_) => self.on_gone(conn, cx),
        }
    }

    /// A message on a connection. One from a connection that is not known any more is of no interest.
    pub(super) fn on_data(&mut self, conn: Conn, wire: Wire, cx: Cx<'_, '_>) {
        let Some(at) = self.find(conn) else {
            return;
        };
        match wire {
            Wire::Handshake(theirs) => self.on_handshake(at, theirs, cx),
            Wire::Have(piece) => self.on_have(at, piece, cx),
            Wire::Interested => self.on_interest(at, true, cx),
            Wire::NotInterested => self.on_interest(at, false, cx),
            Wire::Choke => self.on_choke(at, cx),
            Wire::Unchoke => {
                self.neighbours[at].unchokes = true;
                self.neighbours[at].heard = cx.now();
                self.fill(at, cx);
            }
            Wire::Request(block) => self.on_request(at, block, cx),
            Wire::Cancel(block) => self.take_back(at, Some(block), cx),
            Wire::Piece(block, bytes) => self.on_piece(at, block, bytes, cx),
            Wire::Announce(_) | Wire::Peers(_) => {}
        }
    }

    /// It has the file.
    fn complete(&mut self, cx: Cx<'_, '_>) {
        cx.emit(Event::Completed);
        self.announce(Why::Completed, cx);
        self.end_deals(cx);
        match self.rules.config.departure {
            _ if self.manner == Manner::FreeRider => self.go(cx),
            Departure::AtOnce => self.go(cx),
            Departure::After(mean) => {
                let after = cx.rng().exp(mean);
                cx.arm(after, Timer::Go);
                self.drop_seeds(cx);
            }
            Departure::Never => self.drop_seeds(cx),
        }
    }

    /// It goes: says so, and closes its connections.
    fn go(&mut self, cx: Cx<'_, '_>) {
        self.active = false;
        self.announce(Why::Stopped, cx);
        for at in 0..self.neighbours.len() {
            self.take_back(at, None, cx);
            cx.close(self.neighbours[at].conn);
        }
        for gone in std::mem::take(&mut self.neighbours) {
            self.forget(&gone);
        }
        for (conn, _) in std::mem::take(&mut self.opening) {
            cx.close(conn);
        }
        self.known.clear();
        cx.emit(Event::Left);
    }
}
