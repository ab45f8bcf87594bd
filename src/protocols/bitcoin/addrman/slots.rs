//! One table of buckets, sparse: a sorted list of (key, entry), 5 bytes a reference, and where each
//! bucket begins in it.
//!
//! Under [`super::rules::Placement::Hashed`] the key is `bucket x 64 + position`, and every key
//! occurs once; under [`super::rules::Placement::Searched`] the key is `bucket x 64`, and a bucket
//! is a run of equal keys. Either way a bucket is one contiguous run, and a uniformly random
//! element of the list is a uniformly random occupied place of the table.

use super::entry::Id;
use super::rules::Rules;
use crate::random::Draw;
use std::ops::Range;

#[derive(Clone, Default, Debug)]
pub(super) struct Slots {
    keys: Vec<u16>,
    ids: Vec<Id>,
    /// Where each bucket begins, if the table is or was large: few are, and they are looked up most.
    starts: Vec<u16>,
}

/// From so many references on speed counts more than memory.
const LARGE: usize = 4096;

/// Makes room for one more without doubling: a table is mostly as full as it will ever be.
pub(super) fn make_room<T>(items: &mut Vec<T>) {
    if items.len() == items.capacity() {
        items.reserve_exact(items.len() / 16 + 8);
    }
}

impl Slots {
    /// The first key of a bucket.
    #[inline]
    pub(super) const fn key(bucket: u16, position: u16) -> u16 {
        bucket * Rules::BUCKET_SIZE + position
    }

    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    pub(super) fn id(&self, at: usize) -> Id {
        self.ids[at]
    }

    /// The bucket of this key.
    #[inline]
    pub(super) const fn bucket_number(key: u16) -> u16 {
        key / Rules::BUCKET_SIZE
    }

    /// Where the bucket of this key lies in the list.
    #[inline]
    pub(super) fn bucket(&self, key: u16) -> Range<usize> {
        let bucket = usize::from(Self::bucket_number(key));
        if self.starts.is_empty() {
            let first = Self::key(bucket as u16, 0);
            let start = self.keys.partition_point(|&k| k < first);
            let size = self.keys[start..]
                .iter()
                .take(Rules::BUCKET_SIZE.into())
                .take_while(|&&k| k - first < Rules::BUCKET_SIZE);
            return start..start + size.count();
        }
        let start = |bucket: usize| self.starts.get(bucket).map_or(self.len(), |&at| at.into());
        start(bucket)..start(bucket + 1)
    }

    /// Where this very key lies.
    #[inline]
    pub(super) fn at(&self, key: u16) -> Option<usize> {
        let bucket = self.bucket(key);
        let found = self.keys[bucket.clone()].binary_search(&key);
        found.ok().map(|at| bucket.start + at)
    }

    /// Where each bucket begins, of all that there can be.
    fn directory(&self) -> Vec<u16> {
        let begins = |bucket: u16| {
            let first = Self::key(bucket, 0);
            self.keys.partition_point(|&key| key < first) as u16
        };
        (0..=u16::MAX / Rules::BUCKET_SIZE).map(begins).collect()
    }

    /// The buckets after that of this key, which move by one.
    fn later(&mut self, key: u16) -> &mut [u16] {
        let next = usize::from(Self::bucket_number(key)) + 1;
        self.starts.get_mut(next..).unwrap_or_default()
    }

    /// Where `id` lies in the bucket of this key.
    pub(super) fn find_in_bucket(&self, key: u16, id: Id) -> Option<usize> {
        self.bucket(key).find(|&at| self.ids[at] == id)
    }

    pub(super) fn insert(&mut self, key: u16, id: Id) {
        make_room(&mut self.keys);
        make_room(&mut self.ids);
        let range = self.bucket(key);
        let at = range.start + self.keys[range].partition_point(|&k| k <= key);
        self.keys.insert(at, key);
        self.ids.insert(at, id);
        for start in self.later(key) {
            *start += 1;
        }
        if self.starts.is_empty() && self.len() >= LARGE {
            self.starts = self.directory();
        }
    }

    pub(super) fn replace(&mut self, at: usize, id: Id) {
        self.ids[at] = id;
    }

    pub(super) fn remove(&mut self, at: usize) {
        let key = self.keys.remove(at);
        self.ids.remove(at);
        for start in self.later(key) {
            *start -= 1;
        }
    }

    /// Removes all references to `id`, of which there are `count`, and calls `each` with the keys.
    pub(super) fn remove_all(&mut self, id: Id, mut count: u8, mut each: impl FnMut(u16)) {
        let mut at = self.ids.len();
        while count > 0 {
            at -= 1;
            if self.ids[at] == id {
                each(self.keys[at]);
                self.remove(at);
                count -= 1;
            }
        }
    }

    /// The place of a random element of a random non-empty bucket.
    ///
    /// The program draws buckets until one is not empty; with few elements we list the non-empty
    /// ones instead, which is the same distribution.
    ///
    /// # Panics
    /// If the table is empty.
    pub(super) fn draw_by_bucket(&self, buckets: u16, rng: &mut impl Draw) -> usize {
        if self.len() * 8 < usize::from(buckets) {
            let starts = |&at: &usize| at == 0 || self.bucket_of(at - 1) != self.bucket_of(at);
            let filled = (0..self.len()).filter(starts).count();
            let chosen = rng.index(filled);
            let start = (0..self.len()).filter(starts).nth(chosen);
            let key = self.keys[start.expect("as many were counted")];
            let range = self.bucket(key);
            return range.start + rng.index(range.len());
        }
        loop {
            let range = self.bucket(Self::key(rng.below(buckets.into()) as u16, 0));
            if !range.is_empty() {
                return range.start + rng.index(range.len());
            }
        }
    }

    fn bucket_of(&self, at: usize) -> u16 {
        Self::bucket_number(self.keys[at])
    }

    /// How many buckets are not empty.
    pub(super) fn filled_buckets(&self) -> usize {
        (0..self.len())
            .filter(|&at| at == 0 || self.bucket_of(at - 1) != self.bucket_of(at))
            .count()
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let keys = self.keys.capacity() + self.starts.capacity();
        keys * size_of::<u16>() + self.ids.capacity() * size_of::<Id>()
    }

    #[cfg(test)]
    pub(super) fn pairs(&self) -> impl Iterator<Item = (u16, Id)> + '_ {
        self.keys.iter().copied().zip(self.ids.iter().copied())
    }
}
