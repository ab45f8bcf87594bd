//! [`Bits`]: which pieces somebody has.

/// A set of pieces.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bits {
    words: Box<[u64]>,
    len: u32,
}

impl Bits {
    /// None of so many pieces.
    pub fn none(len: u32) -> Self {
        let words = vec![0; len.div_ceil(64) as usize].into();
        Self { words, len }
    }

    /// All of so many pieces.
    pub fn all(len: u32) -> Self {
        let mut all = Self::none(len);
        (0..len).for_each(|piece| {
            all.insert(piece);
        });
        all
    }

    /// How many pieces there are.
    pub fn pieces(&self) -> u32 {
        self.len
    }

    /// Whether a piece is in it.
    #[inline]
    pub fn has(&self, piece: u32) -> bool {
        self.words[piece as usize / 64] >> (piece % 64) & 1 == 1
    }

    /// Adds a piece; `false` if it was there.
    #[inline]
    pub fn insert(&mut self, piece: u32) -> bool {
        let word = &mut self.words[piece as usize / 64];
        let bit = 1 << (piece % 64);
        let new = *word & bit == 0;
        *word |= bit;
        new
    }

    /// Takes a piece out.
    #[inline]
    pub fn remove(&mut self, piece: u32) {
        self.words[piece as usize / 64] &= !(1 << (piece % 64));
    }

    /// How many are in it.
    pub fn count(&self) -> u32 {
        self.words.iter().map(|word| word.count_ones()).sum()
    }

    /// Whether all are in it.
    pub fn is_full(&self) -> bool {
        self.count() == self.len
    }

    /// The pieces in it, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        ones(self.words.iter().copied())
    }

    /// The pieces in it that are in neither of the others, ascending.
    pub fn without<'a>(&'a self, one: &'a Self, other: &'a Self) -> impl Iterator<Item = u32> + 'a {
        let others = one.words.iter().zip(&other.words);
        let words = self.words.iter().zip(others);
        ones(words.map(|(word, (one, other))| word & !(one | other)))
    }

    /// How many are in it that are not in the other.
    pub fn count_without(&self, other: &Self) -> u32 {
        let words = self.words.iter().zip(&other.words);
        words
            .map(|(word, other)| (word & !other).count_ones())
            .sum()
    }
}

/// Numbers of the bits that are set.
fn ones(words: impl Iterator<Item = u64>) -> impl Iterator<Item = u32> {
    (0u32..)
        .step_by(64)
        .zip(words)
        .flat_map(|(first, mut word)| {
            std::iter::from_fn(move || {
                (word != 0).then(|| {
                    let bit = word.trailing_zeros();
                    word &= word - 1;
                    first + bit
                })
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn of(len: u32, pieces: &BTreeSet<u32>) -> Bits {
        let mut bits = Bits::none(len);
        for &piece in pieces {
            assert!(bits.insert(piece % len) || pieces.len() > 1);
        }
        bits
    }

    proptest! {
        #[test]
        fn it_is_a_set(
            one in prop::collection::btree_set(0u32..200, 0..50),
            two in prop::collection::btree_set(0u32..200, 0..50),
            three in prop::collection::btree_set(0u32..200, 0..50),
        ) {
            let [a, b, c] = [&one, &two, &three].map(|set| of(200, set));
            prop_assert!(a.iter().eq(one.iter().copied()));
            prop_assert_eq!(a.count() as usize, one.len());
            let rest = one.iter().filter(|piece| !two.contains(piece) && !three.contains(piece));
            prop_assert!(a.without(&b, &c).eq(rest.copied()));
            prop_assert_eq!(a.count_without(&b) as usize, one.difference(&two).count());
            prop_assert!((0..200).all(|piece| a.has(piece) == one.contains(&piece)));
        }
    }

    #[test]
    fn all_is_full_and_one_less_is_not() {
        let mut bits = Bits::all(130);
        assert!(bits.is_full() && !bits.insert(129));
        bits.remove(129);
        assert!(!bits.is_full() && bits.insert(129));
    }
}
