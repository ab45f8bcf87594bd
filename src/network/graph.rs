//! Overlay graphs: who is linked with whom, for protocols that are given their neighbours.
//!
//! Generators are exact where the model is exact, take time in the order of their links, and cost
//! 4 bytes per entry of a neighbour list. [`percolation`] holds the closed forms they are tested
//! against.

mod config;
mod connect;
mod edge_list;
mod erdos_renyi;
mod export;
mod generated;
mod k_out;
pub mod percolation;
mod preferential;
mod regular;
mod shapes;
mod small_world;
mod stats;
mod transit_stub;
mod waxman;

pub use config::{
    EdgeListTopology, ErdosRenyiTopology, KOutTopology, RegularTopology, RingTopology,
    TopologyConfig,
};
pub use erdos_renyi::erdos_renyi;
pub use export::{Drawn, ExportFormat};
pub use generated::{
    BarabasiAlbertTopology, GridTopology, TransitStubTopology, TreeTopology, WattsStrogatzTopology,
    WaxmanTopology,
};
pub use k_out::k_out;
pub use preferential::{barabasi_albert, barabasi_albert_share};
pub use regular::regular;
pub use shapes::{grid_mean_path, star_mean_path, torus_mean_path, tree_mean_path};
pub use small_world::watts_strogatz;
pub use stats::{GraphStats, Paths};
pub use transit_stub::{Domains, transit_stub};
pub use waxman::{waxman, waxman_probability};

use crate::peer::PeerId;
use petgraph::unionfind::UnionFind;

/// A simple graph as one flat list of neighbours; each peer's part is in ascending order.
///
/// In an undirected graph each link is in both lists; in a directed one only in the list of the
/// peer that chose it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Graph {
    offsets: Vec<u32>,
    neighbours: Vec<PeerId>,
    directed: bool,
}

/// The connected components of a graph (of a directed one: ignoring direction).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Components {
    /// For each peer a number of its component, from 0 in order of first peers; `u32::MAX` for
    /// peers that were left out.
    pub of: Vec<u32>,
    /// How many peers each component has.
    pub sizes: Vec<u32>,
}

impl Components {
    /// The size of the largest, 0 if there is nobody.
    pub fn largest(&self) -> u32 {
        self.sizes.iter().copied().max().unwrap_or(0)
    }
}

impl Graph {
    /// An undirected graph of these links. Links to oneself are left out, repeated ones merged.
    ///
    /// # Panics
    /// If a link names a peer from `peers` on.
    pub fn undirected(peers: u32, links: &[(PeerId, PeerId)]) -> Self {
        Self::new(peers, links, false)
    }

    /// A directed graph of these links (from, to). Links to oneself are left out, repeated ones
    /// merged.
    ///
    /// # Panics
    /// If a link names a peer from `peers` on.
    pub fn directed(peers: u32, links: &[(PeerId, PeerId)]) -> Self {
        Self::new(peers, links, true)
    }

    fn new(peers: u32, links: &[(PeerId, PeerId)], directed: bool) -> Self {
        let mut ends = vec![0u32; peers as usize + 1];
        for &(a, b) in links.iter().filter(|(a, b)| a != b) {
            ends[a.index() + 1] += 1;
            ends[b.index() + 1] += u32::from(!directed);
        }
        for i in 1..ends.len() {
            ends[i] += ends[i - 1];
        }
        let mut neighbours = vec![PeerId(0); ends[peers as usize] as usize];
        let mut next = ends.clone();
        let mut put = |at: PeerId, other: PeerId| {
            neighbours[next[at.index()] as usize] = other;
            next[at.index()] += 1;
        };
        for &(a, b) in links.iter().filter(|(a, b)| a != b) {
            put(a, b);
            if !directed {
                put(b, a);
            }
        }
        Self::from_lists(ends, neighbours, directed)
    }

    /// Sorts each list and merges repeats.
    fn from_lists(mut offsets: Vec<u32>, mut neighbours: Vec<PeerId>, directed: bool) -> Self {
        let mut kept = 0;
        let mut start = 0;
        for offset in offsets.iter_mut().skip(1) {
            let end = *offset as usize;
            neighbours[start..end].sort_unstable();
            let first = kept;
            for i in start..end {
                if kept == first || neighbours[kept - 1] != neighbours[i] {
                    neighbours[kept] = neighbours[i];
                    kept += 1;
                }
            }
            *offset = kept as u32;
            start = end;
        }
        neighbours.truncate(kept);
        Self {
            offsets,
            neighbours,
            directed,
        }
    }

    /// Everybody linked with everybody.
    pub fn full(peers: u32) -> Self {
        let others = |peer| (0..peers).filter(move |&other| other != peer).map(PeerId);
        Self {
            offsets: (0..=peers).map(|p| p * peers.saturating_sub(1)).collect(),
            neighbours: (0..peers).flat_map(others).collect(),
            directed: false,
        }
    }

    /// Each linked with the next `reach` on either side, in a ring.
    pub fn ring(peers: u32, reach: u32) -> Self {
        let reach = reach.min(peers / 2);
        let next = |peer: u32| {
            let ahead = move |step| PeerId(((u64::from(peer) + step) % u64::from(peers)) as u32);
            (1..=u64::from(reach)).map(move |step| (PeerId(peer), ahead(step)))
        };
        let links: Vec<_> = (0..peers).flat_map(next).collect();
        Self::undirected(peers, &links)
    }

    /// How many peers it is over.
    pub fn peers(&self) -> u32 {
        (self.offsets.len() - 1) as u32
    }

    /// The neighbours of a peer, in ascending order.
    ///
    /// # Panics
    /// If there is no such peer.
    #[inline]
    pub fn neighbours(&self, peer: PeerId) -> &[PeerId] {
        let at = peer.index();
        &self.neighbours[self.offsets[at] as usize..self.offsets[at + 1] as usize]
    }

    /// How many neighbours a peer has (of a directed graph: has chosen).
    pub fn degree(&self, peer: PeerId) -> usize {
        self.neighbours(peer).len()
    }

    /// How many links there are; of an undirected graph each counts once.
    pub fn edge_count(&self) -> usize {
        if self.directed {
            self.neighbours.len()
        } else {
            self.neighbours.len() / 2
        }
    }

    /// Whether a link counts only for the peer that chose it.
    pub fn is_directed(&self) -> bool {
        self.directed
    }

    /// Every link: of an undirected graph once, the smaller peer first.
    pub fn edges(&self) -> impl Iterator<Item = (PeerId, PeerId)> + '_ {
        let from = (0..self.peers()).map(PeerId);
        let links = from.flat_map(|a| self.neighbours(a).iter().map(move |&b| (a, b)));
        links.filter(|&(a, b)| self.directed || a < b)
    }

    /// The connected components, ignoring direction.
    pub fn components(&self) -> Components {
        self.components_among(|_| true)
    }

    /// The connected components of what remains when only some peers are there.
    pub fn components_among(&self, there: impl Fn(PeerId) -> bool) -> Components {
        let mut union = UnionFind::<u32>::new(self.peers() as usize);
        for (a, b) in self.edges().filter(|&(a, b)| there(a) && there(b)) {
            union.union(a.0, b.0);
        }
        let mut number = vec![u32::MAX; self.peers() as usize];
        let mut of = vec![u32::MAX; self.peers() as usize];
        let mut sizes: Vec<u32> = Vec::new();
        for peer in (0..self.peers()).filter(|&peer| there(PeerId(peer))) {
            let root = union.find_mut(peer) as usize;
            if number[root] == u32::MAX {
                number[root] = sizes.len() as u32;
                sizes.push(0);
            }
            of[peer as usize] = number[root];
            sizes[number[root] as usize] += 1;
        }
        Components { of, sizes }
    }

    /// Whether everybody can reach everybody, ignoring direction. Nobody and one peer are connected.
    pub fn is_connected(&self) -> bool {
        self.components().sizes.len() <= 1
    }
}

#[cfg(test)]
mod generator_tests;
#[cfg(test)]
mod tests;
