//! Whole networks, and what the tests of single peers share.

use crate::network::graph::Graph;
use crate::peer::PeerId;

/// Peer 0 in the middle of `peers - 1` others.
pub(super) fn star(peers: u32) -> Graph {
    let links: Vec<_> = (1..peers).map(|leaf| (PeerId(0), PeerId(leaf))).collect();
    Graph::undirected(peers, &links)
}
