//! The clean Chord workload that `SimGrid` was measured with: a ring at rest over 32-bit identifiers,
//! recursive lookups of uniform keys without acknowledgement, one successor a node. Each peer begins
//! one every ten seconds, from ten seconds times its place in the ring on, and waits for no answer.

use crate::engine::{Setup, Workload};
use crate::network::Network;
use crate::peer::PeerId;
use crate::protocols::chord::{Birth, Chord, Peer, Recursive, Routing, Rules};
use crate::protocols::dht::{Command, Id, Ids, What};
use crate::random::{PeerRng, Purpose};
use crate::time::{Duration, Instant};
use std::sync::Arc;

/// The time between two lookups of a peer.
pub const PERIOD: Duration = Duration::from_secs(10);
/// One way.
pub const LATENCY: Duration = Duration::from_millis(20);

/// Everything a run of the workload is made of.
pub struct Clean {
    /// Network and length.
    pub setup: Setup,
    /// What is looked up.
    pub lookups: Lookups,
    rules: Arc<Rules>,
    birth: Birth,
}

impl Clean {
    /// `peers` peers with `rounds` lookups each.
    pub fn new(peers: u32, rounds: u32, seed: u64) -> Self {
        let length = PERIOD * u64::from(rounds) + PERIOD;
        let setup = Setup::new(peers, Network::constant(LATENCY), seed, length);
        let chord = Chord {
            bits: 32,
            successors: Some(1),
            routing: Routing::Recursive(Recursive {
                ack: false,
                ..Recursive::default()
            }),
            maintenance: false,
            confirm: false,
            ..Chord::default()
        };
        let ids: Arc<Ids> = chord.ids(&setup);
        let (rules, birth) = Rules::new(&chord, &setup, ids);
        let lookups = Lookups::new(peers, rounds, setup.streams.key(Purpose::Workload));
        Self {
            setup,
            lookups,
            rules: Arc::new(rules),
            birth,
        }
    }

    /// One peer, in order of number.
    pub fn peer(&mut self, me: PeerId) -> Peer {
        Peer::new(me, Arc::clone(&self.rules), &mut self.birth)
    }
}

/// Lookups of each peer in turn, round after round.
#[derive(Clone, Debug)]
pub struct Lookups {
    peers: u32,
    rounds: u32,
    seed: u64,
    next: u32,
    rng: PeerRng,
}

impl Lookups {
    fn new(peers: u32, rounds: u32, seed: u64) -> Self {
        Self {
            peers,
            rounds,
            seed,
            next: 0,
            rng: PeerRng::from_state(seed),
        }
    }
}

impl Workload<Command> for Lookups {
    fn next(&mut self) -> Option<(Instant, PeerId, Command)> {
        let (round, peer) = (self.next / self.peers, self.next % self.peers);
        if round >= self.rounds {
            return None;
        }
        let number = self.next;
        self.next += 1;
        let place = PERIOD.as_nanos() * u64::from(peer) / u64::from(self.peers);
        let at = Instant::ZERO + PERIOD * u64::from(round) + Duration::from_nanos(place);
        let (what, key) = (What::Find, Id::random(32, &mut self.rng));
        Some((at, PeerId(peer), Command { number, what, key }))
    }

    fn copy(&self) -> Box<dyn Workload<Command>> {
        Box::new(Self::new(self.peers, self.rounds, self.seed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::World;

    /// `SimGrid` counted 117 275 messages in 20 000 lookups of 1000 peers, 5.864 each.
    #[test]
    fn as_many_messages_as_another_simulator_counts() {
        let mut messages = 0;
        for seed in 1..=10 {
            let mut clean = Clean::new(1000, 20, seed);
            let (setup, lookups) = (clean.setup.clone(), clean.lookups.clone());
            let report = World::new(&setup, |me| clean.peer(me), &lookups).run(&mut ());
            messages += report.counts.messages_delivered;
        }
        let each = messages as f64 / 200_000.0;
        // Rings differ by about 0.03 (one standard deviation).
        assert!((each - 5.864).abs() < 0.06, "{each}");
    }
}
