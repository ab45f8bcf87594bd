//! From an address to its entry: open addressing over 4 bytes a place.
//!
//! A place holds 8 bits of the hash and the 24-bit number of the entry; the address itself is in
//! the entry. Linear probing, at most 7/8 full (3/4 if it is large: few nodes have large ones, and they
//! look up most), with removal by shifting back.

use super::entry::{Entry, Id};
use crate::protocols::bitcoin::address::Address;
use crate::random::hash::finish;

const FREE: u32 = u32::MAX;
/// From so many addresses on speed counts more than memory.
const LARGE: usize = 4096;

#[derive(Clone, Default, Debug)]
pub(super) struct Index {
    places: Vec<u32>,
    len: usize,
}

/// The hash of an address: its home is taken from the high half, its tag from the low byte.
#[inline]
fn hash(address: Address) -> u64 {
    finish(u64::from(address.0).wrapping_add(0x9E37_79B9_7F4A_7C15))
}

#[inline]
fn place(hash: u64, id: Id) -> u32 {
    ((hash as u32) << 24) | id.number()
}

#[inline]
fn id_of(place: u32) -> Id {
    Id::new(place & 0x00FF_FFFF)
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

    fn position(&self, address: Address, entries: &[Entry]) -> Option<usize> {
        if self.places.is_empty() {
            return None;
        }
        let hash = hash(address);
        let mut at = self.home(hash);
        loop {
            let found = self.places[at];
            if found == FREE {
                return None;
            }
            let same_tag = found >> 24 == (hash as u32) & 0xFF;
            if same_tag && entries[id_of(found).index()].address == address {
                return Some(at);
            }
            at = self.next(at);
        }
    }

    pub(super) fn find(&self, address: Address, entries: &[Entry]) -> Option<Id> {
        self.position(address, entries)
            .map(|at| id_of(self.places[at]))
    }

    /// Adds an address that is not there yet; its entry must be in place.
    pub(super) fn insert(&mut self, address: Address, id: Id, entries: &[Entry]) {
        let eighths = if self.len < LARGE { 7 } else { 6 };
        if (self.len + 1) * 8 > self.places.len() * eighths {
            self.grow(entries);
        }
        let hash = hash(address);
        self.put(hash, place(hash, id));
        self.len += 1;
    }

    fn put(&mut self, hash: u64, place: u32) {
        let mut at = self.home(hash);
        while self.places[at] != FREE {
            at = self.next(at);
        }
        self.places[at] = place;
    }

    fn grow(&mut self, entries: &[Entry]) {
        let places = self.places.len() + self.places.len() / 4 + 16;
        let old = std::mem::replace(&mut self.places, vec![FREE; places]);
        for found in old.into_iter().filter(|&found| found != FREE) {
            self.put(hash(entries[id_of(found).index()].address), found);
        }
    }

    /// Removes an address, whose entry must still be in place.
    pub(super) fn remove(&mut self, address: Address, entries: &[Entry]) {
        let mut hole = self
            .position(address, entries)
            .expect("the index holds every known address");
        let size = self.places.len();
        let distance = |from: usize, to: usize| {
            if to >= from {
                to - from
            } else {
                to + size - from
            }
        };
        let mut at = self.next(hole);
        while self.places[at] != FREE {
            let address = entries[id_of(self.places[at]).index()].address;
            // Whoever would not come before its home moves into the hole.
            if distance(self.home(hash(address)), at) >= distance(hole, at) {
                self.places[hole] = self.places[at];
                hole = at;
            }
            at = self.next(at);
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
