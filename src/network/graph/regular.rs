//! Random regular graphs.

use crate::network::graph::Graph;
use crate::peer::PeerId;
use crate::random::Draw;
use rand::Rng;

/// No neighbour in this slot.
const FREE: PeerId = PeerId(u32::MAX);

/// A random simple graph in which every peer has `degree` neighbours (one peer has one less if
/// `peers * degree` is odd; everybody is linked with everybody if there are not enough peers).
///
/// The pairing model (Bollobás 1980): `degree` stubs per peer are paired at random. The few pairs
/// that would be loops or repeats are switched with random links (`McKay` & Wormald 1990), which
/// keeps all degrees and is uniform in the limit of many peers. Dense graphs are the complement of a sparse one.
pub fn regular(peers: u32, degree: u32, rng: &mut impl Rng) -> Graph {
    let others = peers.saturating_sub(1);
    if degree >= others {
        return Graph::full(peers);
    }
    if degree == 0 {
        return Graph::undirected(peers, &[]);
    }
    if degree > others / 2 {
        return complement(peers, degree, rng);
    }
    loop {
        if let Some(slots) = Slots::paired(peers, degree, rng) {
            return slots.into_graph();
        }
    }
}

/// The complement of a regular graph of degree `peers - 1 - degree`.
fn complement(peers: u32, degree: u32, rng: &mut impl Rng) -> Graph {
    let sparse = regular(peers, peers - 1 - degree, rng);
    let mut links: Vec<_> = Graph::full(peers)
        .edges()
        .filter(|&(a, b)| sparse.neighbours(a).binary_search(&b).is_err())
        .collect();
    // The peer that had one link less has one more here, which it gives to nobody: drop one.
    if let Some(short) =
        (0..peers).find(|&p| sparse.degree(PeerId(p)) < (peers - 1 - degree) as usize)
        && let Some(extra) = links
            .iter()
            .position(|&(a, b)| a.0 == short || b.0 == short)
    {
        links.swap_remove(extra);
    }
    Graph::undirected(peers, &links)
}

/// `degree` slots per peer, free or taken by a neighbour.
struct Slots {
    degree: usize,
    slots: Vec<PeerId>,
}

impl Slots {
    /// All stubs paired; nothing if the repair got stuck, which only tiny graphs do.
    fn paired(peers: u32, degree: u32, rng: &mut impl Rng) -> Option<Self> {
        let stubs_of = |peer| std::iter::repeat_n(PeerId(peer), degree as usize);
        let mut stubs: Vec<PeerId> = (0..peers).flat_map(stubs_of).collect();
        rng.shuffle(&mut stubs);
        let degree = degree as usize;
        let slots = vec![FREE; stubs.len()];
        let mut graph = Self { degree, slots };
        let mut unfit = Vec::new();
        for pair in stubs.chunks_exact(2) {
            let (a, b) = (pair[0], pair[1]);
            if a == b || graph.linked(a, b) {
                unfit.push((a, b));
            } else {
                graph.link(a, b);
            }
        }
        drop(stubs);
        for (a, b) in unfit {
            let tries = 1000 + 100 * peers.min(1000);
            (0..tries).find(|_| graph.switch(a, b, rng))?;
        }
        Some(graph)
    }

    /// Puts the stubs of `a` and `b` to use: a random link x - y becomes a - x and b - y.
    fn switch(&mut self, a: PeerId, b: PeerId, rng: &mut impl Rng) -> bool {
        let slot = rng.index(self.slots.len());
        let (x, y) = (PeerId((slot / self.degree) as u32), self.slots[slot]);
        let new = |u: PeerId, v: PeerId| u != v && !self.linked(u, v);
        let fits = y != FREE && new(a, x) && new(b, y);
        if fits {
            self.unlink(x, y);
            self.link(a, x);
            self.link(b, y);
        }
        fits
    }

    fn of(&mut self, peer: PeerId) -> &mut [PeerId] {
        &mut self.slots[peer.index() * self.degree..][..self.degree]
    }

    fn linked(&self, a: PeerId, b: PeerId) -> bool {
        self.slots[a.index() * self.degree..][..self.degree].contains(&b)
    }

    fn replace(&mut self, at: PeerId, old: PeerId, new: PeerId) {
        let mut slots = self.of(at).iter_mut();
        *slots.find(|slot| **slot == old).expect("such a slot") = new;
    }

    fn link(&mut self, a: PeerId, b: PeerId) {
        self.replace(a, FREE, b);
        self.replace(b, FREE, a);
    }

    fn unlink(&mut self, a: PeerId, b: PeerId) {
        self.replace(a, b, FREE);
        self.replace(b, a, FREE);
    }

    fn into_graph(self) -> Graph {
        let Self { degree, mut slots } = self;
        let peers = slots.len() / degree;
        let mut offsets = Vec::with_capacity(peers + 1);
        offsets.push(0);
        let taken = |peer: usize| {
            slots[peer * degree..][..degree]
                .iter()
                .filter(|&&s| s != FREE)
        };
        let mut end = 0;
        for peer in 0..peers {
            end += taken(peer).count() as u32;
            offsets.push(end);
        }
        slots.retain(|&slot| slot != FREE);
        Graph::from_lists(offsets, slots, false)
    }
}
