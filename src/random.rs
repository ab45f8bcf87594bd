//! Randomness in streams: one seed, and from it a stream for every purpose and every peer.
//!
//! A run is a pure function of its seed because no two parts share a generator: changing the
//! protocol draws nothing from the streams that made the topology, the churn or the workload, so
//! variants are compared on common random numbers. Adding a metric or a thread shifts no draw.
//!
//! - [`Streams::chacha`] is the full-quality generator: `ChaCha8` keyed by the seed, one 64-bit stream
//!   number per (purpose, index).
//! - [`PeerRng`] is what a peer draws from inside the event loop: 8 bytes of state dealt by `ChaCha8`
//!   and advanced by `SplitMix64` (Steele, Lea & Flood, OOPSLA 2014). All peers walk one cycle of
//!   2^64 from random places; a million peers with ten thousand draws each overlap anywhere with
//!   probability below 10^12 x 10^4 / 2^64, about 5 x 10^-4 a run.
//! - Loss and jitter take no generator at all: they are [`hash`]es of (key, source, sequence).
//!
//! The samplers on top ([`Draw`]) are our own, so that no upgrade of a library changes a result.

mod draw;
pub mod hash;

pub use draw::Draw;
use rand::{SeedableRng, TryRng};
use rand_chacha::ChaCha8Rng;
use std::convert::Infallible;

/// What a stream is for. The number is part of every published result: never renumber.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u64)]
pub enum Purpose {
    /// The overlay or router graph.
    Topology = 1,
    /// Where peers are: region, matrix row, access class.
    Places = 2,
    /// When peers come and go.
    Churn = 3,
    /// What is asked of peers, and when.
    Workload = 4,
    /// The protocol's own draws, one stream a peer.
    Protocol = 5,
    /// Keys of the loss and jitter hashes.
    Links = 6,
    /// The attacker's plan, fixed before the run.
    Attack = 7,
    /// Faults on a random schedule.
    Faults = 8,
    /// What an analysis draws after the run (bootstrap, replayed restarts).
    Analysis = 9,
    /// State a peer is born with (stored addresses, pre-aged tables).
    Birth = 10,
}

/// All streams of one run.
#[derive(Clone, Debug)]
pub struct Streams {
    key: [u8; 32],
}

impl Streams {
    /// The streams of the run with this seed.
    pub fn new(seed: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(b"peerlab1");
        Self { key }
    }

    /// A `ChaCha8` stream for `purpose`; `index` tells apart what the purpose has many of.
    ///
    /// # Panics
    /// If `index` does not fit into 56 bits.
    pub fn chacha(&self, purpose: Purpose, index: u64) -> ChaCha8Rng {
        assert!(index < 1 << 56, "a stream index has at most 56 bits");
        let mut rng = ChaCha8Rng::from_seed(self.key);
        rng.set_stream((purpose as u64) << 56 | index);
        rng
    }

    /// The small generator of one peer for `purpose`. `class` and `index` name the peer, so that
    /// adding a class of peers shifts nobody else's draws.
    pub fn peer(&self, purpose: Purpose, class: u16, index: u32) -> PeerRng {
        use rand::Rng;
        let mut rng = self.chacha(purpose, 1 << 48 | u64::from(class) << 32 | u64::from(index));
        PeerRng {
            state: rng.next_u64(),
        }
    }

    /// A 64-bit key for hashes ([`hash::mix3`]) of this purpose.
    pub fn key(&self, purpose: Purpose) -> u64 {
        use rand::Rng;
        self.chacha(purpose, 0).next_u64()
    }
}

/// A peer's generator: `SplitMix64` with 8 bytes of state, usable through `rand`'s traits.
#[derive(Clone, Debug)]
pub struct PeerRng {
    state: u64,
}

impl PeerRng {
    /// A generator that starts from this state (tests; runs deal theirs by [`Streams::peer`]).
    pub const fn from_state(state: u64) -> Self {
        Self { state }
    }
}

impl TryRng for PeerRng {
    type Error = Infallible;

    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.try_next_u64().map(|word| (word >> 32) as u32)
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        Ok(hash::finish(self.state))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            let word = self.try_next_u64()?.to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;

    /// Golden vectors: if one of these changes, every published result changes.
    #[test]
    fn the_streams_are_pinned() {
        let streams = Streams::new(1);
        let mut rng = streams.chacha(Purpose::Topology, 0);
        assert_eq!([rng.next_u64(), rng.next_u64()], GOLDEN_CHACHA);
        let mut peer = streams.peer(Purpose::Protocol, 0, 7);
        assert_eq!([peer.next_u64(), peer.next_u64()], GOLDEN_PEER);
    }
    const GOLDEN_CHACHA: [u64; 2] = [9578460827992883554, 18203102894214625144];
    const GOLDEN_PEER: [u64; 2] = [4027410003201426918, 1963197828258914926];

    #[test]
    fn purposes_and_peers_have_streams_of_their_own() {
        let streams = Streams::new(1);
        let mut words: Vec<u64> = (1..=10)
            .map(|index| streams.chacha(Purpose::Churn, index).next_u64())
            .chain((0..10).map(|index| streams.peer(Purpose::Churn, 0, index).next_u64()))
            .chain((0..10).map(|index| streams.peer(Purpose::Churn, 1, index).next_u64()))
            .collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), 30);
    }
}
