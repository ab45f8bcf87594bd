//! The random graph G(n, p).

use crate::math::ln;
use crate::network::graph::Graph;
use crate::peer::PeerId;
use crate::random::Draw;
use rand::Rng;

/// Each pair of peers is linked with probability `mean_degree / (peers - 1)`, each for itself
/// (Gilbert 1959; Erdős & Rényi 1960). Exact, and in time of the links: the number of pairs to the
/// next link is geometric (Batagelj & Brandes, Phys. Rev. E 71, 2005).
pub fn erdos_renyi(peers: u32, mean_degree: f64, rng: &mut impl Rng) -> Graph {
    let p = mean_degree / f64::from(peers.saturating_sub(1).max(1));
    if p >= 1.0 {
        return Graph::full(peers);
    }
    let mut links = Vec::with_capacity((f64::from(peers) * mean_degree.max(0.0) * 0.51) as usize);
    if p > 0.0 {
        let log_miss = ln(1.0 - p);
        // Pairs (high, low) with low < high, in order; the next link is `skip` pairs ahead.
        let (mut high, mut low) = (1u64, 0u64);
        loop {
            let skip = (ln(1.0 - rng.unit()) / log_miss) as u64;
            low = low.saturating_add(skip);
            while high < u64::from(peers) && low >= high {
                low -= high;
                high += 1;
            }
            if high >= u64::from(peers) {
                break;
            }
            links.push((PeerId(low as u32), PeerId(high as u32)));
            low += 1;
        }
    }
    Graph::undirected(peers, &links)
}
