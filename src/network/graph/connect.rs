//! Making a graph connected with as little change as possible.

use crate::network::graph::Graph;
use crate::peer::PeerId;
use crate::random::Draw;
use petgraph::unionfind::UnionFind;
use rand::Rng;

type Link = (PeerId, PeerId);

/// Joins all components to the largest, one after the other.
///
/// A component with a link a - b trades it, with a link x - y on a cycle of the main part, for
/// a - x and b - y: no degree changes, the main part stays connected without x - y, and both halves
/// of the component (if a - b held it together) hang on it. A peer without links is put in the
/// middle of such a link x - y, and gets two. Only when the main part has no cycle left is a link
/// added.
pub(super) fn connect(graph: Graph, rng: &mut impl Rng) -> Graph {
    let components = graph.components();
    let count = components.sizes.len();
    if count <= 1 {
        return graph;
    }
    let largest = components.largest();
    let main = (components.sizes.iter().position(|&size| size == largest)).expect("there is one");
    let component = |peer: PeerId| components.of[peer.index()] as usize;
    // Links of the main part that a spanning tree can do without, in random order.
    let mut tree = UnionFind::<u32>::new(graph.peers() as usize);
    let (mut kept, mut spare) = (Vec::new(), Vec::new());
    let mut links_of: Vec<Vec<Link>> = vec![Vec::new(); count];
    let mut main_peers = Vec::with_capacity(largest as usize);
    for (a, b) in graph.edges() {
        if component(a) != main {
            links_of[component(a)].push((a, b));
        } else if tree.union(a.0, b.0) {
            kept.push((a, b));
        } else {
            spare.push((a, b));
        }
    }
    rng.shuffle(&mut spare);
    let mut first_of = vec![None; count];
    for peer in (0..graph.peers()).map(PeerId) {
        if component(peer) == main {
            main_peers.push(peer);
        }
        first_of[component(peer)].get_or_insert(peer);
    }
    for number in (0..count).filter(|&number| number != main) {
        let mut links = std::mem::take(&mut links_of[number]);
        match (spare.pop(), links.is_empty()) {
            (Some((x, y)), false) => {
                let (a, b) = links.swap_remove(rng.index(links.len()));
                kept.extend([(a, x), (b, y)]);
            }
            (Some((x, y)), true) => {
                let alone = first_of[number].expect("a component has a peer");
                kept.extend([(alone, x), (alone, y)]);
            }
            (None, _) => {
                let peer = first_of[number].expect("a component has a peer");
                kept.push((peer, main_peers[rng.index(main_peers.len())]));
            }
        }
        kept.append(&mut links);
    }
    kept.append(&mut spare);
    Graph::undirected(graph.peers(), &kept)
}
