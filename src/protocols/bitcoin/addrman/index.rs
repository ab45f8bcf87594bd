//! From an address to its entry: open addressing over 4 bytes a place.
//!
//! Robin Hood hashing (Celis, 1986): who comes takes the place of who is nearer to its home, so that a
//! search ends as soon as it meets one that is nearer than it has come itself. A place holds how far it is
//! from home, which tells its home, 9 more bits of the hash, and the number of the entry; the address
//! itself is in the entry, which is looked at only if all of that agrees.

use super::entry::{Entry, Id};
use crate::protocols::bitcoin::address::Address;
use crate::random::hash::finish;

/// A place nobody is in.
const FREE: u32 = 0;
/// The number of the entry.
const ID_BITS: u32 = 17;
/// Bits of the hash.
const TAG_BITS: u32 = 9;
/// One step from home; who is at home has one, too, so that it is not [`FREE`].
const STEP: u32 = 1 << (ID_BITS + TAG_BITS);
/// The most steps that can be counted.
const FARTHEST: u32 = u32::MAX / STEP;

#[derive(Clone, Default, Debug)]
pub(super) struct Index {
    places: Vec<u32>,
    len: usize,
}

/// The hash of an address: its home is taken from the high half, its tag from the low bits.
#[inline]
fn hash(address: Address) -> u64 {
    finish(u64::from(address.0).wrapping_add(0x9E37_79B9_7F4A_7C15))
}

/// What is in the place at home of an entry.
#[inline]
fn at_home(hash: u64, id: Id) -> u32 {
    STEP | (hash as u32 % (1 << TAG_BITS)) << ID_BITS | id.number()
}

#[inline]
fn id_of(place: u32) -> Id {
    Id::new(place % (1 << ID_BITS))
}

#[inline]
const fn steps(place: u32) -> u32 {
    place / STEP
}

impl Index {
    #[inline]
    fn home(&self, hash: u64) -> usize {
        (((hash >> 32) * self.places.len() as u64) >> 32) as usize
    }

    #[inline]
    fn next(&self, at: usize) -> usize {
        if at + 1 == self.places.len() {
            0
        } else {
            at + 1
        }
    }

    pub(super) fn find(&self, address: Address, entries: &[Entry]) -> Option<Id> {
        let is_it = |id: Id| entries[id.index()].address == address;
        self.position(address, is_it)
            .map(|at| id_of(self.places[at]))
    }

    /// The place of the entry of this address, which `is_it` tells from others with the same tag.
    #[inline]
    fn position(&self, address: Address, is_it: impl Fn(Id) -> bool) -> Option<usize> {
        if self.places.is_empty() {
            return None;
        }
        let hash = hash(address);
        let mut at = self.home(hash);
        let mut wanted = at_home(hash, Id::new(0));
        loop {
            let place = self.places[at];
            if place >> ID_BITS == wanted >> ID_BITS && is_it(id_of(place)) {
                return Some(at);
            }
            if steps(place) < steps(wanted) || steps(wanted) == FARTHEST {
                return None;
            }
            wanted += STEP;
            at = self.next(at);
        }
    }

    /// Adds an address that is not there yet. `entries` are those that may be there already: the ones
    /// that anything refers to.
    ///
    /// # Panics
    /// If there are more entries than any table has places.
    pub(super) fn insert(&mut self, address: Address, id: Id, entries: &[Entry]) {
        assert!(id.number() < 1 << ID_BITS, "an entry too many");
        let is_full = (self.len + 1) * 8 > self.places.len() * 7;
        if is_full || !self.put(address, id) {
            self.grow(address, id, entries);
        }
        self.len += 1;
    }

    /// Puts an entry into its place, and others further from theirs. If one would get too far, some are
    /// lost, and `false` comes back.
    fn put(&mut self, address: Address, id: Id) -> bool {
        let hash = hash(address);
        let mut at = self.home(hash);
        let mut homeless = at_home(hash, id);
        loop {
            let place = self.places[at];
            if steps(place) < steps(homeless) {
                self.places[at] = homeless;
                if place == FREE {
                    return true;
                }
                homeless = place;
            }
            if steps(homeless) == FARTHEST {
                return false;
            }
            homeless += STEP;
            at = self.next(at);
        }
    }

    /// Makes room for all entries and a new one.
    fn grow(&mut self, address: Address, id: Id, entries: &[Entry]) {
        let mut size = self.places.len();
        loop {
            size += size / 4 + 16;
            self.places = vec![FREE; size];
            let known = (0..).zip(entries).filter(|(_, one)| one.references > 0);
            let known = known.map(|(number, one)| (one.address, Id::new(number)));
            if known
                .chain([(address, id)])
                .all(|(address, id)| self.put(address, id))
            {
                return;
            }
        }
    }

    /// Removes an address.
    pub(super) fn remove(&mut self, address: Address, id: Id) {
        let mut hole = self
            .position(address, |other| other == id)
            .expect("the index holds every known address");
        // Whoever is not at home comes nearer.
        loop {
            let next = self.next(hole);
            let place = self.places[next];
            if steps(place) < 2 {
                break;
            }
            self.places[hole] = place - STEP;
            hole = next;
        }
        self.places[hole] = FREE;
        self.len -= 1;
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.places.capacity() * size_of::<u32>()
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.len
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocols::bitcoin::address::{Group, Stamp};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn entry(address: Address, references: u8) -> Entry {
        Entry {
            address,
            seen: Stamp::START,
            tried_at: Stamp::NEVER,
            success_at: Stamp::NEVER,
            source: Group(0),
            attempts: 0,
            references,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
        #[test]
        fn finds_what_a_map_finds(
            operations in proptest::collection::vec((0..400u32, any::<bool>()), 1..2000),
        ) {
            let mut index = Index::default();
            let mut entries: Vec<Entry> = Vec::new();
            let mut map = BTreeMap::new();
            for (number, comes) in operations {
                let address = Address(number);
                if comes && !map.contains_key(&address) {
                    let id = Id::new(entries.len() as u32);
                    entries.push(entry(address, 0));
                    index.insert(address, id, &entries);
                    entries[id.index()].references = 1;
                    map.insert(address, id);
                } else if !comes && let Some(id) = map.remove(&address) {
                    entries[id.index()].references = 0;
                    index.remove(address, id);
                }
                prop_assert_eq!(index.find(address, &entries), map.get(&address).copied());
            }
            prop_assert_eq!(index.len(), map.len());
            for number in 0..400 {
                let address = Address(number);
                prop_assert_eq!(index.find(address, &entries), map.get(&address).copied());
            }
        }
    }

    /// So many with the same home cannot all be found by counting steps; the index grows until they
    /// have different ones.
    #[test]
    fn many_with_one_home_make_it_grow() {
        let mut index = Index::default();
        let near = |number: &u32| hash(Address(*number)) >> 57 == 0;
        let crowd: Vec<u32> = (0..).filter(near).take(100).collect();
        let mut entries = Vec::new();
        for (place, &number) in (0..).zip(&crowd) {
            entries.push(entry(Address(number), 0));
            index.insert(Address(number), Id::new(place), &entries);
            entries[place as usize].references = 1;
        }
        for (place, &number) in (0..).zip(&crowd) {
            assert_eq!(index.find(Address(number), &entries), Some(Id::new(place)));
        }
        assert!(index.places.len() > 200, "{}", index.places.len());
    }
}
