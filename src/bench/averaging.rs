//! Epidemic averaging exactly as `PeerSim`'s shipped example (release 1.0.5, event-driven engine):
//! every peer has a value, 1 to N; once a cycle it sends its value to a random neighbour, which
//! answers with its own and averages; the sender averages on the answer (Jelasity, Montresor &
//! Babaoglu, "Gossip-based aggregation in large dynamic networks", ACM TOCS 2005).
//!
//! Twenty neighbours each, directed and random; cycle length C; one random phase per peer; delay
//! uniform in [0.1 C, 0.5 C]. The delay is the protocol's here, not the network's: `PeerSim` draws
//! it per message, so the network adds a tenth of C and the sender holds a message back for the
//! rest. Against `PeerSim` this costs an event more per message, which is not counted.

use crate::engine::{Context, Message, Protocol};
use crate::peer::PeerId;
use crate::random::{Draw, hash};
use crate::time::Duration;

/// Neighbours per peer.
pub const DEGREE: u64 = 20;

/// A value on its way.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Value {
    value: f32,
    is_answer: bool,
}

impl Message for Value {
    const KINDS: &'static [&'static str] = &["push", "answer"];
    fn kind(&self) -> u8 {
        u8::from(self.is_answer)
    }
    fn bytes(&self) -> u32 {
        9
    }
}

/// What a peer waits for.
#[derive(Clone, Copy, Debug)]
pub enum Timer {
    /// The next cycle.
    Cycle,
    /// A message that is held back.
    Send(PeerId, Value),
}

/// A peer of the averaging network.
#[derive(Clone, Debug)]
pub struct Averaging {
    peers: u32,
    cycle: Duration,
    value: f64,
}

impl Averaging {
    /// Peer `me` of `peers`, with value `me + 1`.
    pub fn new(me: PeerId, peers: u32, cycle: Duration) -> Self {
        Self {
            peers,
            cycle,
            value: f64::from(me.0) + 1.0,
        }
    }

    /// The peer's estimate of the average.
    pub fn value(&self) -> f64 {
        self.value
    }

    fn delayed(&self, to: PeerId, is_answer: bool, cx: &mut Context<'_, Self>) {
        let message = Value {
            value: self.value as f32,
            is_answer,
        };
        let hold = cx.rng().between(Duration::ZERO, self.cycle * 4 / 10);
        cx.arm(hold, Timer::Send(to, message));
    }
}

impl Protocol for Averaging {
    type Message = Value;
    type Timer = Timer;
    type Command = ();
    type Event = ();

    fn on_start(&mut self, cx: &mut Context<'_, Self>) {
        let phase = cx.rng().between(Duration::ZERO, self.cycle);
        cx.arm(phase, Timer::Cycle);
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Context<'_, Self>) {
        match timer {
            Timer::Cycle => {
                let link = cx.rng().below(DEGREE);
                let pick = hash::mix2(u64::from(cx.me().0), link);
                let to = PeerId(((u128::from(pick) * u128::from(self.peers)) >> 64) as u32);
                if to != cx.me() {
                    self.delayed(to, false, cx);
                }
                cx.arm(self.cycle, Timer::Cycle);
            }
            Timer::Send(to, message) => cx.send(to, message),
        }
    }

    fn on_message(&mut self, from: PeerId, message: Value, cx: &mut Context<'_, Self>) {
        if !message.is_answer {
            self.delayed(from, true, cx);
        }
        self.value = f64::midpoint(self.value, f64::from(message.value));
    }
}
