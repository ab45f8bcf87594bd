//! Growth with preference: who has many links gets more.

use crate::network::graph::Graph;
use crate::peer::PeerId;
use crate::random::Draw;
use rand::Rng;

/// Peers come one after the other and link with `links` different earlier ones, each chosen with
/// probability proportional to its links so far (Barabási & Albert, Science 286, 1999). The first
/// `links + 1` peers are linked with each other, as the paper leaves open. Mean degree 2m for many
/// peers; P(k) = 2m(m+1) / (k(k+1)(k+2)), a power law of exponent 3 (Dorogovtsev, Mendes &
/// Samukhin, Phys. Rev. Lett. 85, 2000; Bollobás et al. 2001).
pub fn barabasi_albert(peers: u32, links: u32, rng: &mut impl Rng) -> Graph {
    let links = links.max(1);
    let first = links.saturating_add(1).min(peers);
    let mut all: Vec<(PeerId, PeerId)> = Graph::full(first).edges().collect();
    // Each peer as often as it has links.
    let mut ends: Vec<PeerId> = all.iter().flat_map(|&(a, b)| [a, b]).collect();
    let mut chosen: Vec<PeerId> = Vec::with_capacity(links as usize);
    for peer in (first..peers).map(PeerId) {
        chosen.clear();
        while chosen.len() < links as usize {
            let other = ends[rng.index(ends.len())];
            if !chosen.contains(&other) {
                chosen.push(other);
            }
        }
        for &other in &chosen {
            all.push((other, peer));
            ends.extend([other, peer]);
        }
    }
    Graph::undirected(peers, &all)
}

/// The share of peers with `degree` links, for many peers: 2m(m+1) / (k(k+1)(k+2)).
pub fn barabasi_albert_share(links: u32, degree: u32) -> f64 {
    let (m, k) = (f64::from(links), f64::from(degree));
    if degree < links {
        return 0.0;
    }
    2.0 * m * (m + 1.0) / (k * (k + 1.0) * (k + 2.0))
}
