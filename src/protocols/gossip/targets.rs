//! [`Targets`]: whom a peer may send to, and how it picks some of them.

use crate::network::graph::Graph;
use crate::peer::PeerId;
use crate::random::{Draw, PeerRng};
use std::sync::Arc;

/// At most so many targets are picked at a time.
pub const MOST: usize = 64;

/// Whom peers may send to. Shared by all peers of a run, unless they keep neighbours.
#[derive(Clone, Debug)]
pub enum Targets {
    /// The neighbours in the overlay.
    Neighbours(Arc<Graph>),
    /// Everybody: each peer knows that there are peers 0 to n - 1, up or down.
    Everybody(u32),
    /// Those that the peer keeps: its own, not shared.
    Kept(Vec<PeerId>),
}

impl Targets {
    /// The neighbours of `me`; nobody in particular if everybody is a target.
    #[inline]
    pub fn neighbours(&self, me: PeerId) -> &[PeerId] {
        match self {
            Self::Neighbours(graph) => graph.neighbours(me),
            Self::Everybody(_) => &[],
            Self::Kept(kept) => kept,
        }
    }

    /// One target at random, or nobody if there is none.
    pub fn one(&self, me: PeerId, rng: &mut PeerRng) -> Option<PeerId> {
        match self {
            Self::Neighbours(_) | Self::Kept(_) => rng.choose(self.neighbours(me)).copied(),
            Self::Everybody(peers) => {
                (*peers > 1).then(|| PeerId(around(rng.below(u64::from(peers - 1)) as u32, me.0)))
            }
        }
    }

    /// `count` different targets at random, at most [`MOST`]: all subsets are equally likely, in no
    /// particular order. Among neighbours the one it came `from` is left out.
    pub fn some(
        &self,
        me: PeerId,
        from: Option<PeerId>,
        count: usize,
        rng: &mut PeerRng,
    ) -> Picks<'_> {
        let (among, skip, len) = match self {
            Self::Neighbours(_) | Self::Kept(_) => {
                let all = self.neighbours(me);
                let skip = all.iter().position(|&peer| Some(peer) == from);
                (Some(all), skip, all.len() - usize::from(skip.is_some()))
            }
            Self::Everybody(peers) => (None, Some(me.index()), *peers as usize - 1),
        };
        let mut picks = Picks {
            among,
            indices: [0; MOST],
            len: 0,
            next: 0,
            skip: skip.map_or(u32::MAX, |skip| skip as u32),
        };
        // Floyd's method: each subset of `count` out of `len` with the same probability.
        for high in len - count.min(len).min(MOST)..len {
            let pick = rng.below(high as u64 + 1) as u32;
            let taken = picks.indices[..picks.len].contains(&pick);
            picks.indices[picks.len] = if taken { high as u32 } else { pick };
            picks.len += 1;
        }
        picks
    }
}

/// Leaves a gap at `skip`.
const fn around(index: u32, skip: u32) -> u32 {
    if index >= skip { index + 1 } else { index }
}

/// The picked targets: an iterator without an allocation.
#[derive(Debug)]
pub struct Picks<'a> {
    among: Option<&'a [PeerId]>,
    indices: [u32; MOST],
    len: usize,
    next: usize,
    skip: u32,
}

impl Iterator for Picks<'_> {
    type Item = PeerId;

    fn next(&mut self) -> Option<PeerId> {
        let index = *self.indices[..self.len].get(self.next)?;
        self.next += 1;
        let index = around(index, self.skip);
        Some(
            self.among
                .map_or(PeerId(index), |peers| peers[index as usize]),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_but_oneself_is_equally_likely() {
        let targets = Targets::Everybody(6);
        let mut rng = PeerRng::from_state(1);
        let mut counts = [0u32; 6];
        for _ in 0..10_000 {
            let picked: Vec<_> = targets.some(PeerId(2), None, 2, &mut rng).collect();
            assert!(picked.len() == 2 && picked[0] != picked[1]);
            for peer in picked {
                counts[peer.index()] += 1;
            }
        }
        assert_eq!(counts[2], 0);
        // 4000 expected with a standard deviation of 49; four of them.
        let others = [0, 1, 3, 4, 5].map(|i| counts[i]);
        assert!(
            others.iter().all(|&count| count.abs_diff(4000) < 196),
            "{counts:?}"
        );
    }

    #[test]
    fn among_neighbours_the_sender_is_left_out() {
        let targets = Targets::Neighbours(Arc::new(super::super::tests::star(5)));
        let mut rng = PeerRng::from_state(1);
        let picked = |count, rng: &mut PeerRng| {
            let picks = targets.some(PeerId(0), Some(PeerId(3)), count, rng);
            let mut picked: Vec<_> = picks.map(|peer| peer.0).collect();
            picked.sort_unstable();
            picked
        };
        assert_eq!(picked(9, &mut rng), [1, 2, 4]);
        assert!(!picked(2, &mut rng).contains(&3));
        assert_eq!(
            targets
                .some(PeerId(1), Some(PeerId(0)), 3, &mut rng)
                .count(),
            0
        );
    }

    #[test]
    fn alone_there_is_nobody() {
        let mut rng = PeerRng::from_state(1);
        assert_eq!(Targets::Everybody(1).one(PeerId(0), &mut rng), None);
        assert_eq!(
            Targets::Everybody(1)
                .some(PeerId(0), None, 3, &mut rng)
                .count(),
            0
        );
    }
}
