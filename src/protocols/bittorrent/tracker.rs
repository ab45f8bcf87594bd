//! [`Tracker`]: who is in the swarm.

use super::wire::{Why, Wire};
use crate::engine::{Context, Protocol};
use crate::peer::PeerId;
use crate::random::Draw;
use std::collections::BTreeMap;

/// Knows who has announced itself, and names random ones of them.
#[derive(Clone, Debug, Default)]
pub struct Tracker {
    peers: Vec<PeerId>,
    places: BTreeMap<PeerId, usize>,
    /// How many it names at most.
    most: usize,
    announces: u64,
}

impl Tracker {
    /// Knows nobody yet; names at most so many.
    pub fn new(most: u32) -> Self {
        Self {
            most: most as usize,
            ..Self::default()
        }
    }

    /// How many announces have come.
    pub fn announces(&self) -> u64 {
        self.announces
    }

    /// How many peers it knows.
    pub fn len(&self) -> usize {
        self.peers.len()
    }

    /// Whether it knows nobody.
    pub fn is_empty(&self) -> bool {
        self.peers.is_empty()
    }

    /// Somebody has announced itself.
    pub(super) fn on_announce<P>(&mut self, from: PeerId, why: Why, cx: &mut Context<'_, P>)
    where
        P: Protocol<Message = Wire>,
    {
        self.announces += 1;
        match why {
            Why::Stopped => {
                if let Some(place) = self.places.remove(&from) {
                    self.peers.swap_remove(place);
                    if let Some(&moved) = self.peers.get(place) {
                        self.places.insert(moved, place);
                    }
                }
            }
            Why::Completed => {}
            Why::Started | Why::Regular => {
                let named = self.named(from, cx.rng());
                cx.send(from, Wire::Peers(named));
                if !self.places.contains_key(&from) {
                    self.places.insert(from, self.peers.len());
                    self.peers.push(from);
                }
            }
        }
    }

    /// Random peers, without the one who asks.
    fn named(&self, from: PeerId, rng: &mut impl Draw) -> Box<[PeerId]> {
        let count = (self.most + 1).min(self.peers.len());
        let at = rng.sample_indices(self.peers.len(), count);
        let others = at.into_iter().map(|at| self.peers[at]);
        others
            .filter(|&peer| peer != from)
            .take(self.most)
            .collect()
    }
}
