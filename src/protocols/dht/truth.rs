//! [`Truth`]: who is up, and who is truly closest to a key. For observers; no peer ever asks it.

use super::id::Id;
use super::ids::{Contact, Ids};
use crate::peer::PeerId;
use crate::time::Instant;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What "closest to a key" means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Nearness {
    /// The first identifiers at or after the key, clockwise (Chord).
    Ring,
    /// The identifiers with the smallest exclusive or (Kademlia).
    Xor,
}

/// The state of the whole network.
#[derive(Clone, Debug)]
pub struct Truth {
    ids: Arc<Ids>,
    peers: Vec<Life>,
    members: BTreeMap<Id, Contact>,
    up: u32,
    /// Time that peers have spent up, added over peers, in nanoseconds, and until when.
    spent: (u128, Instant),
}

/// What there is to know of one peer.
#[derive(Clone, Copy, Debug)]
struct Life {
    /// The number of its life; of the next one while it is down.
    number: u32,
    up: bool,
}

impl Truth {
    /// Nobody is up yet.
    pub fn new(ids: Arc<Ids>) -> Self {
        let life = Life {
            number: 0,
            up: false,
        };
        Self {
            peers: vec![life; ids.peers() as usize],
            ids,
            members: BTreeMap::new(),
            up: 0,
            spent: (0, Instant::ZERO),
        }
    }

    fn pass(&mut self, at: Instant) {
        let (spent, since) = self.spent;
        let span = u128::from(at.saturating_since(since).as_nanos());
        self.spent = (spent + span * u128::from(self.up), since.max(at));
    }

    /// A peer comes up. It is not part of the network before it has joined.
    pub fn comes_up(&mut self, peer: PeerId, at: Instant) {
        self.pass(at);
        self.up += 1;
        self.peers[peer.index()].up = true;
    }

    /// A peer goes down.
    pub fn goes_down(&mut self, peer: PeerId, at: Instant) {
        self.pass(at);
        self.up -= 1;
        let life = &mut self.peers[peer.index()];
        life.up = false;
        let number = life.number;
        life.number += 1;
        for contact in self.ids.contacts(peer, number) {
            self.members.remove(&self.ids.id(contact));
        }
    }

    /// One of a peer's identifiers is part of the network.
    pub fn joined(&mut self, contact: Contact) {
        self.members.insert(self.ids.id(contact), contact);
    }

    /// Whether somebody answers to this contact: its peer is up and has this identifier now.
    pub fn is_alive(&self, contact: Contact) -> bool {
        let peer = contact.peer();
        let life = self.peers[peer.index()];
        life.up
            && self
                .ids
                .contacts(peer, life.number)
                .any(|own| own == contact)
    }

    /// Whether a peer is up.
    pub fn is_up(&self, peer: PeerId) -> bool {
        self.peers[peer.index()].up
    }

    /// Whether a peer is part of the network with the first of its identifiers.
    pub fn has_joined(&self, peer: PeerId) -> bool {
        let number = self.peers[peer.index()].number;
        let mut own = self.ids.contacts(peer, number);
        own.next()
            .is_some_and(|own| self.members.get(&self.ids.id(own)) == Some(&own))
    }

    /// How many peers are up.
    pub fn up(&self) -> u32 {
        self.up
    }

    /// How many identifiers are part of the network.
    pub fn members(&self) -> usize {
        self.members.len()
    }

    /// The time that peers have spent up until `at`, added over peers, in seconds.
    pub fn seconds_up(&mut self, at: Instant) -> f64 {
        self.pass(at);
        self.spent.0 as f64 / 1e9
    }

    /// The `count` members closest to `key`, nearest first; all if there are not so many.
    pub fn closest(&self, key: Id, count: usize, nearness: Nearness) -> Vec<Contact> {
        match nearness {
            Nearness::Ring => {
                let (ahead, behind) = (self.members.range(key..), self.members.range(..key));
                let clockwise = ahead.chain(behind).map(|(_, &contact)| contact);
                clockwise.take(count).collect()
            }
            Nearness::Xor => self.closest_by_xor(key, count),
        }
    }

    /// Those who share a long enough prefix with the key are closer than all others.
    fn closest_by_xor(&self, key: Id, count: usize) -> Vec<Contact> {
        let sharing = |bits: u32| {
            let rest = u64::MAX.checked_shr(bits).unwrap_or(0);
            self.members.range(Id(key.0 & !rest)..=Id(key.0 | rest))
        };
        // With so many bits in common about twice as many as asked for are expected.
        let expected = (self.members.len() / (2 * count).max(1)).checked_ilog2();
        let mut bits = expected.unwrap_or(0);
        while bits > 0 && sharing(bits).take(count).count() < count {
            bits -= 1;
        }
        let mut found: Vec<_> = sharing(bits).map(|(&id, &contact)| (id, contact)).collect();
        found.sort_unstable_by_key(|(id, _)| id.xor(key));
        found.truncate(count);
        found.into_iter().map(|(_, contact)| contact).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::Population;
    use crate::random::Streams;
    use crate::time::Duration;
    use proptest::prelude::*;

    fn truth(peers: u32, renewed: bool) -> Truth {
        let population = Population::uniform(peers);
        let ids = Ids::new(64, 1, renewed, &population, &Streams::new(3));
        Truth::new(Arc::new(ids))
    }
    fn at(secs: u64) -> Instant {
        Instant::ZERO + Duration::from_secs(secs)
    }

    proptest! {
        #[test]
        fn the_closest_are_those_of_a_sorted_list(
            there in prop::collection::vec(any::<bool>(), 1..200),
            key in any::<u64>(),
            count in 1usize..30,
        ) {
            let mut truth = truth(there.len() as u32, false);
            let mut all = Vec::new();
            for (peer, _) in (0..).zip(&there).filter(|(_, there)| **there) {
                let contact = Contact::new(PeerId(peer), 0);
                truth.comes_up(PeerId(peer), at(0));
                truth.joined(contact);
                all.push(contact);
            }
            let ids = Arc::clone(&truth.ids);
            for nearness in [Nearness::Ring, Nearness::Xor] {
                let far = |contact: &Contact| match nearness {
                    Nearness::Ring => Id(key).ahead(ids.id(*contact)),
                    Nearness::Xor => Id(key).xor(ids.id(*contact)),
                };
                all.sort_by_key(far);
                let wanted = &all[..count.min(all.len())];
                prop_assert_eq!(truth.closest(Id(key), count, nearness), wanted);
            }
        }
    }

    #[test]
    fn a_contact_lives_as_long_as_its_peer_has_this_identifier() {
        for renewed in [false, true] {
            let mut truth = truth(2, renewed);
            let (peer, first) = (PeerId(1), Contact::new(PeerId(1), 0));
            assert!(!truth.is_alive(first));
            truth.comes_up(peer, at(0));
            assert!(truth.is_alive(first) && truth.members() == 0);
            assert!(!truth.has_joined(peer));
            truth.joined(first);
            assert!(truth.has_joined(peer));
            assert_eq!(truth.closest(Id(0), 5, Nearness::Xor), [first]);
            truth.goes_down(peer, at(10));
            assert!(!truth.is_alive(first) && truth.members() == 0);
            truth.comes_up(peer, at(30));
            assert_eq!(truth.is_alive(first), !renewed);
            assert_eq!(truth.is_alive(Contact::new(peer, 1)), renewed);
            assert!((truth.seconds_up(at(35)) - 15.0).abs() < 1e-12);
        }
    }
}
