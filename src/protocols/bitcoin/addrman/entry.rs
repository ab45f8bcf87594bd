//! What is known of one address.

use super::rules::{Rules, Selection};
use crate::protocols::bitcoin::address::{Address, Group, Stamp};
use crate::time::Duration;

/// The number of an entry within its manager: 24 bits, stored in 3 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Id([u8; 3]);

impl Id {
    pub(super) const fn new(index: u32) -> Self {
        let [a, b, c, _] = index.to_le_bytes();
        Self([a, b, c])
    }
    pub(super) const fn number(self) -> u32 {
        let [a, b, c] = self.0;
        u32::from_le_bytes([a, b, c, 0])
    }
    pub(super) const fn index(self) -> usize {
        self.number() as usize
    }
}

/// One known address: 20 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Entry {
    pub(super) address: Address,
    /// When it was last known to be online (`nTime`).
    pub(super) seen: Stamp,
    /// The last attempt to connect (`nLastTry`), which a restart forgets.
    pub(super) tried_at: Stamp,
    /// The last successful connection (`nLastSuccess`).
    pub(super) success_at: Stamp,
    /// The group of who told us first.
    pub(super) source: Group,
    /// Failed attempts since the last success, at most 255.
    pub(super) attempts: u8,
    /// In how many buckets of `new` it is; [`Entry::IN_TRIED`] in `tried`, 0 if this place is free.
    pub(super) references: u8,
}

/// What so many failed attempts leave of the chance under the older rules: two thirds each.
const FUTILE: [f64; 256] = {
    let mut left = [1.0; 256];
    let mut at = 1;
    while at < left.len() {
        left[at] = left[at - 1] / 1.5;
        at += 1;
    }
    left
};

const fn secs(span: Duration) -> i64 {
    (span.as_nanos() / 1_000_000_000).cast_signed()
}

impl Entry {
    /// The value of `references` that stands for "in tried".
    pub(super) const IN_TRIED: u8 = u8::MAX;

    pub(super) const fn in_tried(&self) -> bool {
        self.references == Self::IN_TRIED
    }

    /// Whether it may be forgotten first (`CAddrInfo::IsTerrible`).
    pub(super) fn is_terrible(&self, now: Stamp) -> bool {
        let never = self.success_at == Stamp::NEVER;
        if self.tried_at != Stamp::NEVER && now.secs_since(self.tried_at) <= 60 {
            return false;
        }
        let age = now.secs_since(self.seen);
        age < -Rules::FUTURE_SECS
            || age > secs(Rules::HORIZON)
            || (never && self.attempts >= Rules::RETRIES)
            || (self.attempts >= Rules::MAX_FAILURES
                && now.secs_since(self.success_at) > secs(Rules::MIN_FAIL))
    }

    /// Until when it is not terrible for sure, if nothing happens to it and its time stamp is not from
    /// the future: as long as nobody fails to connect to it, only age makes it so.
    pub(super) fn calm_until(&self) -> Stamp {
        if self.attempts > 0 {
            return Stamp::NEVER;
        }
        self.seen.after(Rules::HORIZON)
    }

    /// The chance to be accepted when drawn first (`CAddrInfo::GetChance`).
    pub(super) fn chance(&self, selection: Selection, now: Stamp) -> f64 {
        let recent = self.tried_at != Stamp::NEVER && now.secs_since(self.tried_at) < 600;
        let chance = if recent { 0.01 } else { 1.0 };
        match selection {
            Selection::Fresh => {
                let age = now.secs_since(self.seen).max(0) as f64;
                let fresh = chance * 600.0 / (600.0 + age);
                fresh * FUTILE[usize::from(self.attempts)]
            }
            Selection::Uniform => (0..self.attempts.min(8)).fold(chance, |chance, _| chance * 0.66),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Stamp = Stamp::from_secs(0);
    const DAY: i32 = 86_400;

    fn entry() -> Entry {
        Entry {
            address: Address(1),
            seen: Stamp::from_secs(-DAY),
            tried_at: Stamp::NEVER,
            success_at: Stamp::NEVER,
            source: Group(0),
            attempts: 0,
            references: 1,
        }
    }

    #[test]
    fn twenty_bytes() {
        assert_eq!(size_of::<Entry>(), 20);
        assert_eq!(Id::new(0x00AB_CDEF).number(), 0x00AB_CDEF);
    }

    #[test]
    fn terrible_is_old_futile_or_from_the_future() {
        let with = |change: fn(&mut Entry)| {
            let mut entry = entry();
            change(&mut entry);
            entry.is_terrible(NOW)
        };
        assert!(!with(|_| {}));
        assert!(with(|e| e.seen = Stamp::from_secs(-30 * DAY - 1)));
        assert!(!with(|e| e.seen = Stamp::from_secs(-30 * DAY)));
        assert!(with(|e| e.seen = Stamp::from_secs(601)));
        assert!(with(|e| e.attempts = 3));
        assert!(!with(|e| {
            e.attempts = 3;
            e.tried_at = Stamp::from_secs(-60);
        }));
        assert!(!with(|e| {
            e.attempts = 9;
            e.success_at = Stamp::from_secs(-8 * DAY);
        }));
        assert!(with(|e| {
            e.attempts = 10;
            e.success_at = Stamp::from_secs(-8 * DAY);
        }));
        assert!(!with(|e| {
            e.attempts = 10;
            e.success_at = Stamp::from_secs(-7 * DAY);
        }));
    }

    #[test]
    fn the_old_chance_falls_with_age_and_the_new_one_only_with_failures() {
        let mut entry = entry();
        entry.seen = Stamp::from_secs(-1620);
        let fresh = |entry: &Entry| entry.chance(Selection::Fresh, NOW);
        let uniform = |entry: &Entry| entry.chance(Selection::Uniform, NOW);
        // 27 minutes are tau = 2.7: 1 / 3.7.
        assert!((fresh(&entry) - 1.0 / 3.7).abs() < 1e-12);
        assert!((uniform(&entry) - 1.0).abs() < 1e-12);
        entry.attempts = 2;
        assert!((fresh(&entry) - 1.0 / 3.7 / 2.25).abs() < 1e-12);
        assert!((uniform(&entry) - 0.4356).abs() < 1e-12);
        entry.tried_at = Stamp::from_secs(-599);
        assert!((uniform(&entry) - 0.004_356).abs() < 1e-12);
    }
}
