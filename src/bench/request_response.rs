//! Request and response: each peer K times sleeps a uniform time below 20 s, sends a request of
//! 100 bytes to a random other peer and waits for the answer. 2 N K messages over 20 ms one way.

use crate::engine::{Context, Message, Protocol};
use crate::peer::PeerId;
use crate::random::Draw;
use crate::time::Duration;

/// A question or its answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Talk {
    /// Asks.
    Request,
    /// Answers.
    Response,
}

impl Message for Talk {
    const KINDS: &'static [&'static str] = &["request", "response"];
    fn kind(&self) -> u8 {
        *self as u8
    }
    fn bytes(&self) -> u32 {
        100
    }
}

/// A peer that asks `left` more times.
#[derive(Clone, Debug)]
pub struct Asker {
    peers: u32,
    left: u32,
}

/// The longest sleep between two questions.
pub const SLEEP: Duration = Duration::from_secs(20);

impl Asker {
    /// A peer among `peers` that asks `questions` times.
    pub fn new(peers: u32, questions: u32) -> Self {
        Self {
            peers,
            left: questions,
        }
    }

    fn sleep(&mut self, cx: &mut Context<'_, Self>) {
        if self.left > 0 {
            self.left -= 1;
            let after = cx.rng().between(Duration::ZERO, SLEEP);
            cx.arm(after, ());
        }
    }
}

impl Protocol for Asker {
    type Message = Talk;
    type Timer = ();
    type Command = ();
    type Event = ();

    fn on_start(&mut self, cx: &mut Context<'_, Self>) {
        self.sleep(cx);
    }

    fn on_timer(&mut self, (): (), cx: &mut Context<'_, Self>) {
        let other = cx.rng().below(u64::from(self.peers) - 1) as u32;
        let to = if other >= cx.me().0 { other + 1 } else { other };
        cx.send(PeerId(to), Talk::Request);
    }

    fn on_message(&mut self, from: PeerId, message: Talk, cx: &mut Context<'_, Self>) {
        match message {
            Talk::Request => cx.send(from, Talk::Response),
            Talk::Response => self.sleep(cx),
        }
    }
}
