//! What there is to say about a graph: degrees, components, clustering, path lengths, diameter.

use crate::network::graph::Graph;
use crate::peer::PeerId;
use crate::random::Draw;
use rand::Rng;
use std::collections::{BTreeMap, VecDeque};

/// Up to so many peers all paths are counted; beyond, those from [`SOURCES`] of them.
const ALL_PATHS: u32 = 5000;
/// How many peers paths are counted from in larger graphs.
const SOURCES: usize = 500;

/// The statistics of a graph; direction is ignored but for the number of links.
#[derive(Clone, PartialEq, Debug)]
pub struct GraphStats {
    /// How many peers.
    pub peers: u32,
    /// How many links.
    pub links: usize,
    /// How many peers have which degree, in ascending order.
    pub degrees: Vec<(usize, u32)>,
    /// Mean degree.
    pub mean_degree: f64,
    /// Sizes of the components, the largest first.
    pub components: Vec<u32>,
    /// Mean over peers of the share of their pairs of neighbours that are linked; 0 for peers with
    /// fewer than two (Watts & Strogatz 1998).
    pub clustering: f64,
    /// Three times the triangles over the pairs of links that meet (transitivity).
    pub transitivity: f64,
    /// Triangles.
    pub triangles: u64,
    /// Paths within the largest component.
    pub paths: Paths,
}

/// Shortest paths within the largest component, in links.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Paths {
    /// Mean over pairs of different peers; 0 if there are none.
    pub mean: f64,
    /// The longest that was found: the diameter, or if sampled a lower bound of it.
    pub longest: u32,
    /// From how many peers paths were counted, if not from all.
    pub sampled: Option<usize>,
}

impl GraphStats {
    /// The statistics of a graph. `rng` draws the peers paths are counted from, if it is large.
    pub fn of(graph: &Graph, rng: &mut impl Rng) -> Self {
        let links = graph.edge_count();
        let both = if graph.is_directed() {
            let links: Vec<_> = graph.edges().collect();
            &Graph::undirected(graph.peers(), &links)
        } else {
            graph
        };
        let mut degrees: BTreeMap<usize, u32> = BTreeMap::new();
        for peer in all(both) {
            *degrees.entry(both.degree(peer)).or_default() += 1;
        }
        let parts = both.components();
        let mut components = parts.sizes.clone();
        components.sort_unstable_by(|a, b| b.cmp(a));
        let corners = corners(both);
        let local = all(both).filter(|&peer| both.degree(peer) > 1);
        let local: f64 = local
            .map(|peer| corners[peer.index()] as f64 / pairs(both, peer) as f64)
            .sum();
        let per_peer = |sum: f64| sum / f64::from(both.peers()).max(1.0);
        Self {
            peers: graph.peers(),
            links,
            degrees: degrees.into_iter().collect(),
            mean_degree: per_peer(2.0 * both.edge_count() as f64),
            clustering: per_peer(local),
            transitivity: transitivity(both, &corners),
            triangles: corners.iter().sum::<u64>() / 3,
            paths: paths(both, &parts.of, &parts.sizes, rng),
            components,
        }
    }

    /// The smallest and the largest degree.
    pub fn extremes(&self) -> (usize, usize) {
        let ends = self.degrees.first().zip(self.degrees.last());
        ends.map_or((0, 0), |(low, high)| (low.0, high.0))
    }
}

impl Graph {
    /// Three times the triangles of an undirected graph over the pairs of links that meet; 0 if none
    /// do.
    pub fn transitivity(&self) -> f64 {
        transitivity(self, &corners(self))
    }
}

fn transitivity(graph: &Graph, corners: &[u64]) -> f64 {
    let meeting: u64 = all(graph).map(|peer| pairs(graph, peer)).sum();
    if meeting == 0 {
        return 0.0;
    }
    corners.iter().sum::<u64>() as f64 / meeting as f64
}

/// Pairs of a peer's links.
fn pairs(graph: &Graph, peer: PeerId) -> u64 {
    let degree = graph.degree(peer) as u64;
    degree * degree.saturating_sub(1) / 2
}

fn all(graph: &Graph) -> impl Iterator<Item = PeerId> + use<> {
    (0..graph.peers()).map(PeerId)
}

/// For each peer the triangles it is a corner of.
fn corners(graph: &Graph) -> Vec<u64> {
    let mut corners = vec![0; graph.peers() as usize];
    for (a, b) in graph.edges() {
        let (mut x, mut y) = (graph.neighbours(a), graph.neighbours(b));
        // Both lists ascend: a merge; the third corner beyond b, so that each triangle counts once.
        while let (Some(&one), Some(&other)) = (x.first(), y.first()) {
            if one == other && one > b {
                for corner in [a, b, one] {
                    corners[corner.index()] += 1;
                }
            }
            x = &x[usize::from(one <= other)..];
            y = &y[usize::from(other <= one)..];
        }
    }
    corners
}

fn paths(graph: &Graph, of: &[u32], sizes: &[u32], rng: &mut impl Rng) -> Paths {
    let most = sizes.iter().copied().max().unwrap_or(0);
    let largest = sizes.iter().position(|&size| size == most);
    let largest = largest.map_or(u32::MAX, |number| number as u32);
    let inside: Vec<PeerId> = all(graph)
        .filter(|peer| of[peer.index()] == largest)
        .collect();
    let sampled = (most > ALL_PATHS).then_some(SOURCES);
    let sources: Vec<PeerId> = match sampled {
        None => inside,
        Some(count) => {
            let chosen = rng.sample_indices(inside.len(), count);
            chosen.into_iter().map(|i| inside[i]).collect()
        }
    };
    let mut hops = vec![u32::MAX; graph.peers() as usize];
    let (mut sum, mut pairs, mut longest) = (0u64, 0u64, 0);
    for &source in &sources {
        hops.fill(u32::MAX);
        hops[source.index()] = 0;
        let mut queue = VecDeque::from([source]);
        while let Some(peer) = queue.pop_front() {
            let here = hops[peer.index()];
            sum += u64::from(here);
            pairs += u64::from(here > 0);
            longest = longest.max(here);
            for &next in graph.neighbours(peer) {
                if hops[next.index()] == u32::MAX {
                    hops[next.index()] = here + 1;
                    queue.push_back(next);
                }
            }
        }
    }
    let mean = if pairs == 0 {
        0.0
    } else {
        sum as f64 / pairs as f64
    };
    Paths {
        mean,
        longest,
        sampled,
    }
}
