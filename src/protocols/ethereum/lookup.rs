//! [`Lookup`]: a search for the nodes closest to a target.

use super::enode::Enode;
use crate::protocols::dht::Id;

/// Requests under way (`alpha`).
pub const ALPHA: usize = 3;
/// How many are looked for (`bucketSize`).
const WANTED: usize = 16;

/// One search. Who is named has to bond before it is asked.
#[derive(Clone, Debug)]
pub struct Lookup {
    /// What for.
    pub target: Id,
    /// Closest first.
    result: Vec<(u64, Enode)>,
    asked: Vec<Enode>,
    /// Requests without an answer, or with answers that are still to bond.
    open: usize,
}

impl Lookup {
    /// A search that begins with these nodes.
    pub fn new(target: Id, known: impl IntoIterator<Item = (Enode, Id)>) -> Self {
        let mut lookup = Self {
            target,
            result: Vec::with_capacity(WANTED + 1),
            asked: Vec::new(),
            open: 0,
        };
        lookup.found(known);
        lookup
    }

    fn found(&mut self, nodes: impl IntoIterator<Item = (Enode, Id)>) {
        for (node, id) in nodes {
            let one = (self.target.xor(id), node);
            if let Err(at) = self.result.binary_search(&one) {
                self.result.insert(at, one);
                self.result.truncate(WANTED);
            }
        }
    }

    /// Whom to ask next, if there is somebody and not enough are asked.
    pub fn ask(&mut self) -> Option<Enode> {
        if self.open >= ALPHA {
            return None;
        }
        let nodes = self.result.iter().map(|&(_, node)| node);
        let node = nodes.into_iter().find(|node| !self.asked.contains(node))?;
        self.asked.push(node);
        self.open += 1;
        Some(node)
    }

    /// A request has ended; these of the named nodes have bonded.
    pub fn answered(&mut self, nodes: impl IntoIterator<Item = (Enode, Id)>) {
        self.open -= 1;
        self.found(nodes);
    }

    /// Whether it has ended; asked after [`Lookup::ask`] had nobody.
    pub fn is_done(&self) -> bool {
        self.open == 0
    }

    /// The closest it has found.
    pub fn result(&self) -> impl Iterator<Item = Enode> + '_ {
        self.result.iter().map(|&(_, node)| node)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::PeerId;

    #[test]
    fn asks_three_at_a_time_and_ends_when_the_closest_were_asked() {
        let node = |place: u64| (Enode::of(PeerId(place as u32)), Id(place));
        let mut lookup = Lookup::new(Id(0), (40..60).map(node));
        let mut asked = Vec::new();
        let mut open = Vec::new();
        loop {
            while let Some(next) = lookup.ask() {
                open.push(next);
            }
            assert!(open.len() <= ALPHA);
            let Some(one) = open.pop() else { break };
            // Everybody knows whoever is one and two closer.
            let near = u64::from(one.host.0);
            asked.push(near);
            lookup.answered((1..=2).filter_map(|by| near.checked_sub(by)).map(node));
        }
        assert!(lookup.is_done());
        let result: Vec<u32> = lookup.result().map(|node| node.host.0).collect();
        assert_eq!(result, (0..16).collect::<Vec<_>>());
        assert!((0..16).all(|place| asked.contains(&place)));
    }
}
