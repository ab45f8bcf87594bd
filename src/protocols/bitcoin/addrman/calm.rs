//! Until when nobody in a bucket of `new` can be terrible, so that not all 64 have to be looked at
//! each time somebody wants in. What it says is only ever a lower bound: the outcome is the same
//! without it, at twice the cost under attack.

use super::entry::Entry;
use crate::protocols::bitcoin::address::Stamp;

#[derive(Clone, Default, Debug)]
pub(super) struct Calm {
    /// By bucket; empty until a full bucket has been looked at.
    until: Vec<Stamp>,
}

impl Calm {
    /// Whether nobody in this bucket is terrible for sure.
    #[inline]
    pub(super) fn is_calm(&self, bucket: u16, now: Stamp) -> bool {
        let until = self.until.get(usize::from(bucket));
        until.is_some_and(|&until| now <= until)
    }

    /// All in this bucket have been looked at, and nobody was terrible.
    pub(super) fn looked_at<'e>(&mut self, bucket: u16, all: impl Iterator<Item = &'e Entry>) {
        let bucket = usize::from(bucket);
        if self.until.len() <= bucket {
            self.until.resize(bucket + 1, Stamp::NEVER);
        }
        self.until[bucket] = all.map(Entry::calm_until).min().unwrap_or(Stamp::NEVER);
    }

    /// Somebody has come into this bucket who is not terrible before `until`.
    pub(super) fn came(&mut self, bucket: u16, until: Stamp) {
        if let Some(first) = self.until.get_mut(usize::from(bucket)) {
            *first = (*first).min(until);
        }
    }

    /// Something has happened to an entry that may be in any bucket.
    pub(super) fn disturbed(&mut self) {
        self.until.clear();
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.until.capacity() * size_of::<Stamp>()
    }
}
