//! [`Seen`]: which broadcasts a peer has, one bit each.

/// The broadcasts a peer has, by number. Exact for the whole run: nothing is forgotten, so nothing
/// is delivered twice and nothing old is refused.
///
/// The 64 numbers around the newest stand in the peer's own cache line; older ones cost one bit
/// each elsewhere.
#[derive(Clone, Default, Debug)]
pub(super) struct Seen {
    /// The word with the newest number.
    recent: u64,
    /// All words below it, if there are any.
    older: Option<Box<Older>>,
    /// Which word `recent` is.
    word: u32,
    /// How often something came that was there already.
    duplicates: u32,
}

#[derive(Clone, Default, Debug)]
struct Older(Vec<u64>);

impl Seen {
    /// Notes broadcast `id`; `false` if it was there already, which is counted.
    #[inline]
    pub(super) fn insert(&mut self, id: u32) -> bool {
        let (word, bit) = place(id);
        let new = if word == self.word {
            let new = self.recent & bit == 0;
            self.recent |= bit;
            new
        } else {
            self.insert_elsewhere(word, bit)
        };
        self.duplicates += u32::from(!new);
        new
    }

    /// Has nothing any more; what came twice stays counted.
    pub(super) fn forget(&mut self) {
        *self = Self {
            duplicates: self.duplicates,
            ..Self::default()
        };
    }

    /// How often something came that was there already.
    pub(super) fn duplicates(&self) -> u64 {
        u64::from(self.duplicates)
    }

    /// The bits as words of 64 numbers each, lowest first, without empty words at the end.
    pub(super) fn to_words(&self) -> Vec<u64> {
        let mut words: Vec<u64> = (0..=self.word).map(|word| self.word(word)).collect();
        words.truncate(
            words
                .iter()
                .rposition(|&w| w != 0)
                .map_or(0, |last| last + 1),
        );
        words
    }

    /// What is here and not in `theirs` (as [`Seen::to_words`] gives it), ascending.
    pub(super) fn missing_in<'a>(&'a self, theirs: &'a [u64]) -> impl Iterator<Item = u32> + 'a {
        (0..=self.word).flat_map(move |word| {
            let there = theirs.get(word as usize).copied().unwrap_or(0);
            ones(self.word(word) & !there).map(move |bit| word * 64 + bit)
        })
    }

    /// Whether `theirs` holds anything that is not here.
    pub(super) fn lacks_any_of(&self, theirs: &[u64]) -> bool {
        let mut words = theirs.iter().zip(0..);
        words.any(|(&there, word)| there & !self.word(word) != 0)
    }

    fn word(&self, word: u32) -> u64 {
        if word == self.word {
            return self.recent;
        }
        let older = self.older.as_ref();
        older
            .and_then(|older| older.0.get(word as usize))
            .copied()
            .unwrap_or(0)
    }

    #[cold]
    fn insert_elsewhere(&mut self, word: u32, bit: u64) -> bool {
        let older = &mut self.older.get_or_insert_default().0;
        if word > self.word {
            older.resize(word as usize, 0);
            older[self.word as usize] = self.recent;
            (self.word, self.recent) = (word, bit);
            return true;
        }
        let old = &mut older[word as usize];
        let new = *old & bit == 0;
        *old |= bit;
        new
    }
}

const fn place(id: u32) -> (u32, u64) {
    (id / 64, 1 << (id % 64))
}

/// The positions of the ones in `word`, lowest first.
fn ones(mut word: u64) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let bit = (word != 0).then(|| word.trailing_zeros());
        word &= word.wrapping_sub(1);
        bit
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn is_a_set(ids in prop::collection::vec(0u32..400, 0..200)) {
            let (mut seen, mut model) = (Seen::default(), BTreeSet::new());
            for &id in &ids {
                prop_assert_eq!(seen.insert(id), model.insert(id));
            }
            prop_assert_eq!(seen.duplicates() as usize, ids.len() - model.len());
            let all: Vec<u32> = seen.missing_in(&[]).collect();
            prop_assert_eq!(all, model.into_iter().collect::<Vec<_>>());
        }

        #[test]
        fn differences_are_those_of_sets(
            mine in prop::collection::btree_set(0u32..300, 0..60),
            theirs in prop::collection::btree_set(0u32..300, 0..60),
        ) {
            let of = |ids: &BTreeSet<u32>| {
                let mut seen = Seen::default();
                for &id in ids {
                    seen.insert(id);
                }
                seen
            };
            let words = of(&theirs).to_words();
            let missing: Vec<u32> = of(&mine).missing_in(&words).collect();
            prop_assert_eq!(missing, mine.difference(&theirs).copied().collect::<Vec<_>>());
            let lacks = !theirs.is_subset(&mine);
            prop_assert_eq!(of(&mine).lacks_any_of(&words), lacks);
        }
    }
}
