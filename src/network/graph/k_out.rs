//! The k-out graph: everybody chooses.

use crate::network::graph::Graph;
use crate::peer::PeerId;
use crate::random::Draw;
use rand::Rng;

/// Each peer chooses `k` different others (all, if there are not so many). A link is used both ways
/// unless `directed`; two that choose each other share one link, so the mean degree is
/// k (2 - k / (n - 1)).
pub fn k_out(peers: u32, k: u32, directed: bool, rng: &mut impl Rng) -> Graph {
    let others = peers.saturating_sub(1);
    let k = k.min(others);
    let mut links = Vec::with_capacity(peers as usize * k as usize);
    for peer in 0..peers {
        // Numbers below n - 1, with those from the peer's own on shifted by one.
        let other = |number: u32| PeerId(number + u32::from(number >= peer));
        if k <= 32 && k <= others / 2 {
            let start = links.len();
            while links.len() < start + k as usize {
                let link = (PeerId(peer), other(rng.below(u64::from(others)) as u32));
                if !links[start..].contains(&link) {
                    links.push(link);
                }
            }
        } else {
            let chosen = rng.sample_indices(others as usize, k as usize);
            let chosen = chosen.into_iter().map(|i| (PeerId(peer), other(i as u32)));
            links.extend(chosen);
        }
    }
    if directed {
        Graph::directed(peers, &links)
    } else {
        Graph::undirected(peers, &links)
    }
}
