//! [`Node`]: a peer of the swarm, or the tracker.

use super::Event;
use super::peer::Peer;
use super::tracker::Tracker;
use super::wire::{Timer, Wire};
use crate::engine::{Conn, Context, Link, Protocol};
use crate::peer::PeerId;
use crate::protocols::download::{Join, Trader};

/// Anybody in the swarm.
#[derive(Clone, Debug)]
pub enum Node {
    /// Wants the file, or has it.
    Peer(Box<Peer>),
    /// Knows who is in the swarm.
    Tracker(Box<Tracker>),
}

impl Node {
    /// The peer, if it is one.
    pub fn peer(&self) -> Option<&Peer> {
        match self {
            Self::Peer(peer) => Some(peer),
            Self::Tracker(_) => None,
        }
    }
}

impl Protocol for Node {
    type Message = Wire;
    type Timer = Timer;
    type Command = Join;
    type Event = Event;

    fn on_start(&mut self, cx: &mut Context<'_, Self>) {
        if let Self::Peer(peer) = self {
            peer.on_start(cx);
        }
    }

    fn on_message(&mut self, from: PeerId, wire: Wire, cx: &mut Context<'_, Self>) {
        match (self, wire) {
            (Self::Peer(peer), Wire::Peers(named)) => peer.on_peers(&named, cx),
            (Self::Tracker(tracker), Wire::Announce(why)) => tracker.on_announce(from, why, cx),
            _ => {}
        }
    }

    fn on_data(&mut self, conn: Conn, _: PeerId, wire: Wire, cx: &mut Context<'_, Self>) {
        if let Self::Peer(peer) = self {
            peer.on_data(conn, wire, cx);
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Context<'_, Self>) {
        if let Self::Peer(peer) = self {
            peer.on_timer(timer, cx);
        }
    }

    fn on_command(&mut self, Join: Join, cx: &mut Context<'_, Self>) {
        if let Self::Peer(peer) = self {
            peer.join(cx);
        }
    }

    fn on_connection(&mut self, conn: Conn, what: Link, cx: &mut Context<'_, Self>) {
        match (self, what) {
            (Self::Peer(peer), what) => peer.on_connection(conn, what, cx),
            (Self::Tracker(_), Link::Accepted(_)) => cx.close(conn),
            (Self::Tracker(_), _) => {}
        }
    }
}

impl Trader for Node {
    fn sent(&self) -> u64 {
        self.peer().map_or(0, |peer| peer.tally().sent)
    }
}
