//! One table of buckets, sparse: a sorted list of references, 5 bytes each, cut into parts.
//!
//! Under [`super::rules::Placement::Hashed`] the key is `bucket x 64 + position`, and every key
//! occurs once; under [`super::rules::Placement::Searched`] the key is `bucket x 64`, and a bucket
//! is a run of equal keys. Either way a bucket is one contiguous run, and a uniformly random
//! element of the list is a uniformly random occupied place of the table.
//!
//! A part holds as many whole buckets as the others, and their number doubles while they are long: who
//! looks for a key, or makes room for one, has a hundred references to deal with and not thousands.

use super::entry::Id;
use super::rules::Rules;
use crate::random::Draw;
use std::ops::Range;

/// An entry, and the place it is in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Reference {
    key: [u8; 2],
    id: Id,
}

impl Reference {
    #[inline]
    const fn key(self) -> u16 {
        u16::from_le_bytes(self.key)
    }
}

/// A table. Where a reference lies is told by one number: its part and its place there.
#[derive(Clone, Debug)]
pub(super) struct Slots {
    parts: Vec<Vec<Reference>>,
    len: usize,
    /// How many buckets there can be, as a power of two.
    bucket_bits: u32,
}

/// From so many references a part on there are more parts.
const LONG: usize = 128;
/// The bits of the place within a part.
const PLACE_BITS: u32 = 16;

/// Makes room for one more without doubling: a table is mostly as full as it will ever be.
pub(super) fn make_room<T>(items: &mut Vec<T>) {
    if items.len() == items.capacity() {
        items.reserve_exact(items.len() / 16 + 8);
    }
}

impl Slots {
    /// An empty table of so many buckets.
    pub(super) fn new(buckets: u16) -> Self {
        Self {
            parts: Vec::new(),
            len: 0,
            bucket_bits: u32::from(buckets).next_power_of_two().ilog2(),
        }
    }

    /// The first key of a bucket.
    #[inline]
    pub(super) const fn key(bucket: u16, position: u16) -> u16 {
        bucket * Rules::BUCKET_SIZE + position
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Which of so many parts this key is in.
    #[inline]
    fn part_of(&self, key: u16, parts: usize) -> usize {
        usize::from(Self::bucket_number(key)) >> (self.bucket_bits - parts.ilog2())
    }

    #[inline]
    fn reference(&self, at: usize) -> Reference {
        self.parts[at >> PLACE_BITS][at & ((1 << PLACE_BITS) - 1)]
    }

    #[inline]
    pub(super) fn id(&self, at: usize) -> Id {
        self.reference(at).id
    }

    /// Where the reference lies that has this rank in the whole table.
    pub(super) fn nth(&self, rank: usize) -> usize {
        let mut left = rank;
        for (number, part) in self.parts.iter().enumerate() {
            if left < part.len() {
                return number << PLACE_BITS | left;
            }
            left -= part.len();
        }
        panic!("reference {rank} of {}", self.len);
    }

    /// The bucket of this key.
    #[inline]
    pub(super) const fn bucket_number(key: u16) -> u16 {
        key / Rules::BUCKET_SIZE
    }

    /// Where the bucket of this key lies.
    #[inline]
    pub(super) fn bucket(&self, key: u16) -> Range<usize> {
        if self.parts.is_empty() {
            return 0..0;
        }
        let number = self.part_of(key, self.parts.len());
        let part = &self.parts[number];
        let bucket = Self::bucket_number(key);
        let before = |one: &Reference| Self::bucket_number(one.key()) < bucket;
        let start = part.partition_point(before);
        let size = part[start..]
            .iter()
            .take(Rules::BUCKET_SIZE.into())
            .take_while(|one| Self::bucket_number(one.key()) == bucket);
        let end = start + size.count();
        (number << PLACE_BITS | start)..(number << PLACE_BITS | end)
    }

    /// Where this very key lies.
    #[inline]
    pub(super) fn at(&self, key: u16) -> Option<usize> {
        if self.parts.is_empty() {
            return None;
        }
        let number = self.part_of(key, self.parts.len());
        let found = self.parts[number].binary_search_by_key(&key, |one| one.key());
        found.ok().map(|at| number << PLACE_BITS | at)
    }

    /// Where `id` lies in the bucket of this key.
    pub(super) fn find_in_bucket(&self, key: u16, id: Id) -> Option<usize> {
        self.bucket(key).find(|&at| self.id(at) == id)
    }

    /// Adds a reference, behind others of the same key.
    pub(super) fn insert(&mut self, key: u16, id: Id) {
        if self.len >= self.parts.len() * LONG && self.parts.len() < 1 << self.bucket_bits {
            self.cut();
        }
        let number = self.part_of(key, self.parts.len());
        let part = &mut self.parts[number];
        make_room(part);
        let at = part.partition_point(|one| one.key() <= key);
        let key = key.to_le_bytes();
        part.insert(at, Reference { key, id });
        self.len += 1;
    }

    /// Twice as many parts.
    fn cut(&mut self) {
        let count = (self.parts.len() * 2).max(1);
        let old = std::mem::replace(&mut self.parts, vec![Vec::new(); count]);
        for part in old {
            let mut rest = &part[..];
            while let Some(first) = rest.first() {
                let number = self.part_of(first.key(), count);
                let same = |one: &Reference| self.part_of(one.key(), count) == number;
                let (these, others) = rest.split_at(rest.partition_point(same));
                self.parts[number] = these.to_vec();
                rest = others;
            }
        }
    }

    pub(super) fn replace(&mut self, at: usize, id: Id) {
        self.parts[at >> PLACE_BITS][at & ((1 << PLACE_BITS) - 1)].id = id;
    }

    pub(super) fn remove(&mut self, at: usize) {
        self.parts[at >> PLACE_BITS].remove(at & ((1 << PLACE_BITS) - 1));
        self.len -= 1;
    }

    /// Removes all references to `id`, of which there are `count`, and calls `each` with the keys, the
    /// highest first.
    pub(super) fn remove_all(&mut self, id: Id, count: u8, mut each: impl FnMut(u16)) {
        let mut left = count;
        for part in self.parts.iter_mut().rev() {
            let mut end = part.len();
            while left > 0
                && let Some(at) = part[..end].iter().rposition(|one| one.id == id)
            {
                each(part.remove(at).key());
                end = at;
                left -= 1;
            }
        }
        self.len -= usize::from(count);
    }

    /// The place of a random element of a random non-empty bucket.
    ///
    /// The program draws buckets until one is not empty; with few elements we list the non-empty
    /// ones instead, which is the same distribution.
    ///
    /// # Panics
    /// If the table is empty.
    pub(super) fn draw_by_bucket(&self, buckets: u16, rng: &mut impl Draw) -> usize {
        let range = if self.len * 8 < usize::from(buckets) {
            let chosen = rng.index(self.filled_buckets());
            let bucket = self.filled().nth(chosen);
            self.bucket(Self::key(bucket.expect("as many were counted"), 0))
        } else {
            loop {
                let range = self.bucket(Self::key(rng.below(buckets.into()) as u16, 0));
                if !range.is_empty() {
                    break range;
                }
            }
        };
        range.start + rng.index(range.len())
    }

    /// The buckets that are not empty, in order.
    fn filled(&self) -> impl Iterator<Item = u16> + '_ {
        let buckets = self.parts.iter().flatten();
        let mut last = None;
        buckets
            .map(|one| Self::bucket_number(one.key()))
            .filter(move |&bucket| last.replace(bucket) != Some(bucket))
    }

    /// How many buckets are not empty.
    pub(super) fn filled_buckets(&self) -> usize {
        self.filled().count()
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let references: usize = self.parts.iter().map(Vec::capacity).sum();
        references * size_of::<Reference>() + self.parts.capacity() * size_of::<Vec<Reference>>()
    }

    #[cfg(test)]
    pub(super) fn pairs(&self) -> impl Iterator<Item = (u16, Id)> + '_ {
        self.parts.iter().flatten().map(|one| (one.key(), one.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]
        /// Against a sorted list, with as many references as make several parts.
        #[test]
        fn parts_are_one_sorted_list(
            buckets in 1..20u16,
            operations in proptest::collection::vec((any::<u16>(), 0..200u32, 0..4u8), 1..1500),
        ) {
            let mut slots = Slots::new(buckets);
            let mut list: Vec<(u16, Id)> = Vec::new();
            for (number, id, what) in operations {
                let (key, id) = (number % (buckets * Rules::BUCKET_SIZE), Id::new(id));
                let bucket = Slots::bucket_number(key);
                if what > 0 {
                    slots.insert(key, id);
                    list.insert(list.partition_point(|one| one.0 <= key), (key, id));
                } else if let Some(at) = slots.at(key) {
                    let rank = (0..list.len()).find(|&rank| slots.nth(rank) == at);
                    list.remove(rank.expect("what is in the one is in the other"));
                    slots.remove(at);
                }
                let found = slots.bucket(key).map(|at| slots.id(at));
                let expected = list.iter().filter(|one| Slots::bucket_number(one.0) == bucket);
                prop_assert!(found.eq(expected.take(64).map(|one| one.1)));
            }
            prop_assert_eq!(slots.len(), list.len());
            prop_assert!(slots.pairs().eq(list.iter().copied()));
            prop_assert!((0..list.len()).all(|rank| slots.id(slots.nth(rank)) == list[rank].1));
            if let Some(&(_, id)) = list.first() {
                let count = list.iter().filter(|one| one.1 == id).count();
                let mut keys = Vec::new();
                slots.remove_all(id, count as u8, |key| keys.push(key));
                let expected = list.iter().rev().filter(|one| one.1 == id).map(|one| one.0);
                prop_assert!(keys.into_iter().eq(expected));
                prop_assert!(slots.pairs().all(|one| one.1 != id));
            }
        }
    }
}
