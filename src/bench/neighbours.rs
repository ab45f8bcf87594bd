//! PHOLD among neighbours: every peer has eight that it knows, far away in number, sends each a
//! message first, and then passes one message per peer on to a random one of them.

use crate::bench::phold::Job;
use crate::engine::{Context, Protocol};
use crate::peer::PeerId;
use crate::random::Draw;
use crate::time::Duration;

/// When the first messages leave: all have sent to their neighbours by then.
pub const BEGIN: Duration = Duration::from_secs(1);

/// A peer of PHOLD among neighbours.
#[derive(Clone, Copy, Debug)]
pub struct Neighbour {
    peers: u32,
}

impl Neighbour {
    /// A peer among `peers`.
    pub fn new(peers: u32) -> Self {
        Self { peers }
    }

    /// Steps to one side and to the other, so that who is my neighbour has me for one.
    fn neighbour(self, me: PeerId, number: u32) -> PeerId {
        let step = self.peers / 11 * (number / 2 + 1) + number / 2;
        let step = if number.is_multiple_of(2) {
            step
        } else {
            self.peers - step
        };
        PeerId((me.0 + step) % self.peers)
    }

    fn pass_on(self, job: Job, cx: &mut Context<'_, Self>) {
        let number = cx.rng().below(8) as u32;
        cx.send(self.neighbour(cx.me(), number), job);
    }
}

impl Protocol for Neighbour {
    type Message = Job;
    type Timer = ();
    type Command = ();
    type Event = ();

    fn on_start(&mut self, cx: &mut Context<'_, Self>) {
        for number in 0..8 {
            cx.send(self.neighbour(cx.me(), number), Job(u32::MAX));
        }
        let spread = Duration::from_millis(50);
        let after = cx.rng().between(Duration::ZERO, spread);
        cx.arm(BEGIN + after, ());
    }

    fn on_timer(&mut self, (): (), cx: &mut Context<'_, Self>) {
        self.pass_on(Job(0), cx);
    }

    fn on_message(&mut self, _from: PeerId, Job(word): Job, cx: &mut Context<'_, Self>) {
        if word != u32::MAX {
            self.pass_on(Job(word.wrapping_add(1)), cx);
        }
    }
}
