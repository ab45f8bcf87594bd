//! Small worlds: a ring with shortcuts.

use crate::network::graph::Graph;
use crate::peer::PeerId;
use crate::random::Draw;
use rand::Rng;
use std::collections::BTreeSet;

/// The ring in which each is linked with the next `reach` on either side, and every link moved with
/// probability `rewired`: its far end becomes a peer at random, never the own one and never one that
/// is linked already (Watts & Strogatz, Nature 393, 1998, lap by lap as they do it). Links stay as
/// many as they were; where a peer is linked with all, its link stays.
pub fn watts_strogatz(peers: u32, reach: u32, rewired: f64, rng: &mut impl Rng) -> Graph {
    let ring = Graph::ring(peers, reach);
    let mut sets: Vec<BTreeSet<u32>> = (0..peers)
        .map(|peer| {
            ring.neighbours(PeerId(peer))
                .iter()
                .map(|other| other.0)
                .collect()
        })
        .collect();
    let reach = reach.min(peers / 2);
    for step in 1..=reach {
        for near in 0..peers {
            let far = ((u64::from(near) + u64::from(step)) % u64::from(peers)) as u32;
            let full = sets[near as usize].len() + 1 >= peers as usize;
            // With an even ring the longest links are met twice.
            if !rng.chance(rewired) || full || !sets[near as usize].contains(&far) {
                continue;
            }
            let new = loop {
                let new = rng.below(u64::from(peers)) as u32;
                if new != near && !sets[near as usize].contains(&new) {
                    break new;
                }
            };
            for (at, old, new) in [
                (near, Some(far), Some(new)),
                (far, Some(near), None),
                (new, None, Some(near)),
            ] {
                let set = &mut sets[at as usize];
                old.map(|old| set.remove(&old));
                set.extend(new);
            }
        }
    }
    let links: Vec<_> = (sets.iter().enumerate())
        .flat_map(|(peer, set)| {
            set.iter()
                .map(move |&other| (PeerId(peer as u32), PeerId(other)))
        })
        .filter(|(a, b)| a < b)
        .collect();
    Graph::undirected(peers, &links)
}
