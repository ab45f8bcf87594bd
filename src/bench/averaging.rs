//! Epidemic averaging exactly as `PeerSim`'s shipped example (release 1.0.5, event-driven engine):
//! every peer has a value, 1 to N; once a cycle it sends its value to a random neighbour, which
//! answers with its own and averages; the sender averages on the answer (Jelasity, Montresor &
//! Babaoglu, "Gossip-based aggregation in large dynamic networks", ACM TOCS 2005).
//!
//! Twenty neighbours each, directed and random; cycle length C; one random phase per peer; delay
//! uniform in [0.1 C, 0.5 C] per message, which [`network`] adds. An event is a timer or a message,
//! as `PeerSim` counts them: three a peer and cycle.

use crate::engine::{Context, Message, Protocol};
use crate::network::Network;
use crate::peer::PeerId;
use crate::random::{Draw, Streams, hash};
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

/// The network of the example for cycles of this length.
pub fn network(cycle: Duration, streams: &Streams) -> Network {
    Network::uniform(cycle / 10, cycle / 2, streams)
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

    fn tell(&self, to: PeerId, is_answer: bool, cx: &mut Context<'_, Self>) {
        let value = self.value as f32;
        cx.send(to, Value { value, is_answer });
    }
}

impl Protocol for Averaging {
    type Message = Value;
    type Timer = ();
    type Command = ();
    type Event = ();

    fn on_start(&mut self, cx: &mut Context<'_, Self>) {
        let phase = cx.rng().between(Duration::ZERO, self.cycle);
        cx.arm(phase, ());
    }

    fn on_timer(&mut self, (): (), cx: &mut Context<'_, Self>) {
        let link = cx.rng().below(DEGREE);
        let pick = hash::mix2(u64::from(cx.me().0), link);
        let to = PeerId(((u128::from(pick) * u128::from(self.peers)) >> 64) as u32);
        if to != cx.me() {
            self.tell(to, false, cx);
        }
        cx.arm(self.cycle, ());
    }

    fn on_message(&mut self, from: PeerId, message: Value, cx: &mut Context<'_, Self>) {
        if !message.is_answer {
            self.tell(from, true, cx);
        }
        self.value = f64::midpoint(self.value, f64::from(message.value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Idle, Setup, World};

    /// A cycle is three events a peer, and the values, 1 to 1000, come together.
    #[test]
    fn the_estimates_come_together() {
        let (peers, cycle) = (1000, Duration::from_secs(1));
        let network = network(cycle, &Streams::new(1));
        let setup = Setup::new(peers, network, 1, Duration::from_secs(30));
        let mut world = World::new(&setup, |me| Averaging::new(me, peers, cycle), &Idle);
        let report = world.run_unwatched();
        let per_cycle = report.counts.delivered as f64 / f64::from(peers) / 30.0;
        // A link leads to oneself with probability 1/1000, and the last messages never arrive.
        assert!((2.9..=3.0).contains(&per_cycle), "{per_cycle}");
        let values = || world.peers().map(|(_, peer)| peer.value());
        let spread = values().fold(f64::MIN, f64::max) - values().fold(f64::MAX, f64::min);
        assert!(spread < 1.0, "{spread}");
    }
}
