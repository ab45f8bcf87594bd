//! Making a graph connected with as little change as possible.

use crate::network::graph::Graph;
use crate::peer::PeerId;
use crate::random::Draw;
use petgraph::unionfind::UnionFind;
use rand::Rng;

type Link = (PeerId, PeerId);

/// The links of a component: a spanning tree, and what it can do without.
#[derive(Clone, Default)]
struct Part {
    tree: Vec<Link>,
    spare: Vec<Link>,
}

/// Joins all components to the largest, one after the other, by trading a link a - b of the
/// component and a link x - y of the main part for a - x and b - y: no degree changes. If one of
/// the two lies on a cycle, both parts hang together afterwards, whatever the other held together.
///
/// A peer without links is put in the middle of a link on a cycle, and gets two. Only when neither
/// side has a cycle is a link added instead.
pub(super) fn connect(graph: Graph, rng: &mut impl Rng) -> Graph {
    let components = graph.components();
    let count = components.sizes.len();
    if count <= 1 {
        return graph;
    }
    let component = |peer: PeerId| components.of[peer.index()] as usize;
    let mut forest = UnionFind::<u32>::new(graph.peers() as usize);
    let mut parts = vec![Part::default(); count];
    for (a, b) in graph.edges() {
        let part = &mut parts[component(a)];
        if forest.union(a.0, b.0) {
            part.tree.push((a, b));
        } else {
            part.spare.push((a, b));
        }
    }
    let mut first_of = vec![PeerId(0); count];
    for peer in (0..graph.peers()).rev().map(PeerId) {
        first_of[component(peer)] = peer;
    }
    let largest = components.largest();
    let largest =
        (components.sizes.iter().position(|&size| size == largest)).expect("there is one");
    let mut main = std::mem::take(&mut parts[largest]);
    for number in (0..count).filter(|&number| number != largest) {
        let part = std::mem::take(&mut parts[number]);
        join(&mut main, part, first_of[largest], first_of[number], rng);
    }
    main.tree.append(&mut main.spare);
    Graph::undirected(graph.peers(), &main.tree)
}

/// Joins one component; `home` and `peer` are peers of the main part and of the component.
fn join(main: &mut Part, mut part: Part, home: PeerId, peer: PeerId, rng: &mut impl Rng) {
    // A cycle of the component, then any link of the main part; or the other way round.
    if let Some((a, b)) = take(&mut part.spare, rng) {
        if let Some((x, y)) = take(&mut main.spare, rng) {
            main.tree.push((a, x));
            main.spare.push((b, y));
        } else if let Some((x, y)) = take(&mut main.tree, rng) {
            main.tree.extend([(a, x), (b, y)]);
        } else {
            // The main part is one peer, so every component is, and has no cycle.
            main.tree.extend([(a, b), (peer, home)]);
        }
    } else if let Some((x, y)) = take(&mut main.spare, rng) {
        let (a, b) = take(&mut part.tree, rng).unwrap_or((peer, peer));
        main.tree.extend([(a, x), (b, y)]);
    } else {
        main.tree.push((peer, home));
    }
    main.tree.append(&mut part.tree);
    main.spare.append(&mut part.spare);
}

fn take(links: &mut Vec<Link>, rng: &mut impl Rng) -> Option<Link> {
    if links.is_empty() {
        return None;
    }
    Some(links.swap_remove(rng.index(links.len())))
}
