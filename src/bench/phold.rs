//! PHOLD, the classical benchmark of event queues (Fujimoto, "Performance of Time Warp under
//! synthetic workloads", 1990): each of N peers has one message under way; whoever receives one
//! sends one to a random of its eight neighbours.

use crate::engine::{Context, Message, Protocol};
use crate::peer::PeerId;
use crate::random::{Draw, hash};
use crate::time::Duration;

/// Neighbours per peer.
pub const DEGREE: u64 = 8;

/// A message with a word of payload.
#[derive(Clone, Copy, Debug)]
pub struct Job(pub u32);

impl Message for Job {
    const KINDS: &'static [&'static str] = &["job"];
    fn kind(&self) -> u8 {
        0
    }
    fn bytes(&self) -> u32 {
        100
    }
}

/// A peer of PHOLD: a counter, a hash, and the work a handler does.
#[derive(Clone, Debug)]
pub struct Phold {
    peers: u32,
    /// Rounds of hashing per event, on top of the one it always does; 100 are about 140 ns.
    rounds: u32,
    spread: Duration,
    hash: u64,
    handled: u32,
    reports: bool,
}

impl Phold {
    /// A peer among `peers`; first messages leave at random within `spread`.
    pub fn new(peers: u32, spread: Duration, rounds: u32) -> Self {
        Self {
            peers,
            rounds,
            spread,
            hash: 0,
            handled: 0,
            reports: false,
        }
    }

    /// The same peer, reporting every message it gets.
    pub fn reporting(mut self) -> Self {
        self.reports = true;
        self
    }

    /// How many messages it has got.
    pub fn handled(&self) -> u32 {
        self.handled
    }

    fn pass_on(&mut self, cx: &mut Context<'_, Self>) {
        // The neighbours of a peer are fixed: hashes of its name and the number of the link.
        let link = cx.rng().below(DEGREE);
        let pick = hash::mix2(u64::from(cx.me().0), link);
        let to = PeerId(((u128::from(pick) * u128::from(self.peers)) >> 64) as u32);
        let to = if to == cx.me() {
            PeerId((to.0 + 1) % self.peers)
        } else {
            to
        };
        cx.send(to, Job(self.hash as u32));
    }
}

impl Protocol for Phold {
    type Message = Job;
    type Timer = ();
    type Command = ();
    type Event = ();

    fn on_start(&mut self, cx: &mut Context<'_, Self>) {
        let after = if self.spread.is_zero() {
            Duration::ZERO
        } else {
            cx.rng().between(Duration::ZERO, self.spread)
        };
        cx.arm(after, ());
    }

    fn on_timer(&mut self, (): (), cx: &mut Context<'_, Self>) {
        self.pass_on(cx);
    }

    fn on_message(&mut self, _from: PeerId, Job(word): Job, cx: &mut Context<'_, Self>) {
        self.handled += 1;
        if self.reports {
            cx.emit(());
        }
        self.hash = hash::finish(self.hash ^ u64::from(word));
        for _ in 0..self.rounds {
            self.hash = hash::finish(self.hash);
        }
        self.pass_on(cx);
    }
}
