//! [`Birth`]: who is up when a run begins, and the tables a correct ring of them has.

use super::tables::Tables;
use crate::engine::Setup;
use crate::peer::PeerId;
use crate::protocols::dht::{Contact, Id, Ids};
use crate::random::Purpose;

/// The nodes of the peers that are up at time zero, in the order of the ring: of the honest ones, and of
/// others if it has long known them.
#[derive(Clone, Debug)]
pub struct Birth {
    ring: Vec<(Id, Contact)>,
    /// Where the last finger of each length was found: the next node's is near by.
    hints: [usize; 64],
    /// The first peer that is up.
    first: Option<PeerId>,
}

impl Birth {
    /// Who is up at time zero in the run of `setup`.
    pub fn new(setup: &Setup, ids: &Ids) -> Self {
        let mut ring = Vec::new();
        let mut first = None;
        let born = setup
            .population
            .iter()
            .take_while(|&(peer, ..)| ids.is_born(peer));
        for (peer, class, index) in born {
            let up = setup.churn.is_none() || {
                let mut rng = setup.streams.peer(Purpose::Churn, class, index);
                setup.churn.initial(peer, &mut rng).0
            };
            if up {
                first = first.or(Some(peer));
                ring.extend(ids.contacts(peer, 0).map(|own| (ids.id(own), own)));
            }
        }
        // In order already if every peer has its first identifier alone.
        ring.sort_unstable();
        Self {
            ring,
            hints: [0; 64],
            first,
        }
    }

    /// The first peer that is up, which makes the ring where all others join.
    pub fn first(&self) -> Option<PeerId> {
        self.first
    }

    /// The tables of a node in a correct ring, with `r` successors; nothing if its peer is down.
    pub fn tables(&mut self, me: Contact, r: usize, ids: &Ids) -> Option<Tables> {
        let mut tables = Tables::new(me, ids);
        let at = self.find(0, tables.id);
        if self.ring.get(at).is_none_or(|&(_, contact)| contact != me) {
            return None;
        }
        let (count, ring) = (self.ring.len(), &self.ring);
        let after = |steps: usize| ring[(at + steps) % count].1;
        tables.successors = (1..count.min(r + 1)).map(after).collect();
        tables.predecessor = (count > 1).then(|| after(count - 1));
        let wanted = tables.fingers_wanted(ids);
        tables.fingers = Vec::with_capacity(wanted);
        for index in 0..wanted {
            let place = self.find(index, tables.finger_start(index));
            tables.fingers.push(self.ring[place % count].1);
        }
        while tables.fingers.last() == Some(&me) {
            tables.fingers.pop();
        }
        Some(tables)
    }

    /// The first place at or after `id`, the length of the ring if there is none; looks around the
    /// hint first, farther and farther.
    fn find(&mut self, hint: usize, id: Id) -> usize {
        let ring = &self.ring;
        let near = self.hints[hint].min(ring.len());
        let mut step = 1;
        let (low, high) = if ring.get(near).is_none_or(|&(there, _)| there >= id) {
            let mut low = near;
            while low > 0 && ring[low - 1].0 >= id {
                low = low.saturating_sub(step);
                step *= 2;
            }
            (low, near)
        } else {
            let mut high = near;
            while high < ring.len() && ring[high].0 < id {
                high = (high + step).min(ring.len());
                step *= 2;
            }
            (near, high)
        };
        let place = low + ring[low..high].partition_point(|&(there, _)| there < id);
        self.hints[hint] = place;
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Network;
    use crate::time::Duration;

    #[test]
    fn born_tables_are_those_of_a_correct_ring() {
        for each in [1, 3] {
            let network = Network::constant(Duration::from_millis(50));
            let setup = Setup::new(40, network, 1, Duration::from_secs(1));
            let ids = Ids::of(64, each, &setup);
            let mut birth = Birth::new(&setup, &ids);
            let nodes = birth.ring.clone();
            // The obvious way: of all nodes the one least far ahead.
            let successor = |id: Id| nodes.iter().min_by_key(|(there, _)| id.ahead(*there));
            for peer in (0..40).map(PeerId) {
                for me in ids.contacts(peer, 0) {
                    let tables = birth.tables(me, 5, &ids).expect("up");
                    let mut next = tables.id;
                    for &contact in &tables.successors {
                        assert_eq!(successor(next.plus(1)).expect("some").1, contact);
                        next = ids.id(contact);
                    }
                    assert_eq!(tables.successors.len(), 5);
                    let predecessor = nodes
                        .iter()
                        .max_by_key(|(there, _)| tables.id.ahead(*there));
                    assert_eq!(tables.predecessor, predecessor.map(|&(_, contact)| contact));
                    for index in 0..64 {
                        let finger = successor(tables.finger_start(index)).expect("some").1;
                        let ours = tables.fingers.get(index).copied();
                        assert_eq!(ours.unwrap_or(tables.successors[0]), finger, "{index}");
                    }
                }
            }
        }
    }
}
