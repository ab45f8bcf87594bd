//! PHOLD over connections: every peer opens four, and is at the other end of four on average; then
//! one message per peer is always under way, passed on over a random connection.
//!
//! A peer's list of its connections is part of its state, not on the heap: the figure is the
//! engine's, and what a protocol keeps elsewhere costs another miss of the cache.

use crate::bench::phold::Job;
use crate::engine::{Conn, Context, Link, Protocol};
use crate::peer::PeerId;
use crate::random::Draw;
use crate::time::Duration;

/// Connections each peer opens.
pub const OPENED: u32 = 4;
/// Connections a peer keeps a note of; one in a hundred peers has more, and forgets them.
const KEPT: usize = 13;
/// When the first messages leave: everybody is connected by then.
pub const BEGIN: Duration = Duration::from_secs(2);

/// A peer of PHOLD over connections.
#[derive(Clone, Debug)]
pub struct Linked {
    peers: u32,
    known: u8,
    conns: [Conn; KEPT],
}

impl Linked {
    /// A peer among `peers`.
    pub fn new(peers: u32) -> Self {
        Self {
            peers,
            known: 0,
            conns: [Conn { slot: 0, tag: 0 }; KEPT],
        }
    }

    fn pass_on(&self, job: Job, cx: &mut Context<'_, Self>) {
        if let Some(&conn) = cx.rng().choose(&self.conns[..usize::from(self.known)]) {
            cx.send_on(conn, job);
        }
    }
}

impl Protocol for Linked {
    type Message = Job;
    type Timer = ();
    type Command = ();
    type Event = ();

    fn on_start(&mut self, cx: &mut Context<'_, Self>) {
        for _ in 0..OPENED {
            let other = cx.rng().below(u64::from(self.peers) - 1) as u32;
            let other = if other >= cx.me().0 { other + 1 } else { other };
            cx.connect(PeerId(other));
        }
        let spread = Duration::from_millis(50);
        let after = cx.rng().between(Duration::ZERO, spread);
        cx.arm(BEGIN + after, ());
    }

    fn on_timer(&mut self, (): (), cx: &mut Context<'_, Self>) {
        self.pass_on(Job(0), cx);
    }

    fn on_message(&mut self, _from: PeerId, Job(word): Job, cx: &mut Context<'_, Self>) {
        self.pass_on(Job(word.wrapping_add(1)), cx);
    }

    fn on_connection(&mut self, conn: Conn, what: Link, _cx: &mut Context<'_, Self>) {
        if matches!(what, Link::Accepted(_) | Link::Opened(_))
            && let Some(place) = self.conns.get_mut(usize::from(self.known))
        {
            *place = conn;
            self.known += 1;
        }
    }
}
