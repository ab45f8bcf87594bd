//! [`Timeline`]: what holds when, for a handful of spells that begin and end.

use crate::time::Instant;

/// Something that holds from one time until another.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Spell<T> {
    pub(super) from: Instant,
    /// Not itself part of it.
    pub(super) until: Instant,
    pub(super) what: T,
}

/// Spells, cut at every beginning and end.
#[derive(Clone, Debug)]
pub(super) struct Timeline<T> {
    spells: Vec<Spell<T>>,
    /// When each stretch begins; before the first nothing holds, and after the last neither.
    since: Vec<u64>,
    /// Which spells hold in each stretch.
    holding: Vec<Vec<u32>>,
}

impl<T> Default for Timeline<T> {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl<T> Timeline<T> {
    pub(super) fn new(spells: Vec<Spell<T>>) -> Self {
        let ends = spells.iter().flat_map(|spell| [spell.from, spell.until]);
        let mut since: Vec<u64> = ends.map(Instant::as_nanos).collect();
        since.sort_unstable();
        since.dedup();
        let mut holding = vec![Vec::new(); since.len()];
        for (number, spell) in spells.iter().enumerate() {
            let from = since.partition_point(|&at| at < spell.from.as_nanos());
            let until = since.partition_point(|&at| at < spell.until.as_nanos());
            for stretch in &mut holding[from..until] {
                stretch.push(number as u32);
            }
        }
        Self {
            spells,
            since,
            holding,
        }
    }

    /// Whether nothing ever holds.
    pub(super) fn is_empty(&self) -> bool {
        self.spells.is_empty()
    }

    /// What holds now.
    #[inline]
    pub(super) fn at(&self, now: u64) -> impl Iterator<Item = &T> {
        let next = self.since.partition_point(|&since| since <= now);
        let holding = next.checked_sub(1).map(|at| self.holding[at].as_slice());
        let holding = holding.unwrap_or_default();
        holding.iter().map(|&at| &self.spells[at as usize].what)
    }

    /// When something else holds, after now.
    pub(super) fn changes_after(&self, now: u64) -> Option<u64> {
        let next = self.since.partition_point(|&since| since <= now);
        self.since.get(next).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Against looking at every spell.
        #[test]
        fn holds_what_began_and_has_not_ended(
            spells in prop::collection::vec((0u64..40, 1u64..20), 0..8), now in 0u64..70,
        ) {
            let at = |nanos| Instant::from_nanos(nanos);
            let whole: Vec<_> = spells.iter().zip(0..).map(|(&(from, lasts), what)| Spell {
                from: at(from),
                until: at(from + lasts),
                what,
            }).collect();
            let timeline = Timeline::new(whole);
            let holding: Vec<i32> = timeline.at(now).copied().collect();
            let expected: Vec<i32> = spells.iter().zip(0..)
                .filter(|((from, lasts), _)| *from <= now && now < from + lasts)
                .map(|(_, what)| what)
                .collect();
            prop_assert_eq!(&holding, &expected);
            if let Some(change) = timeline.changes_after(now) {
                prop_assert!(change > now);
                let before: Vec<i32> = timeline.at(change - 1).copied().collect();
                prop_assert_eq!(before, expected);
            }
        }
    }
}
