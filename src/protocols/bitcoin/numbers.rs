//! [`Numbers`]: a set of numbers that are dealt one after the other.

/// One bit for each number up to the largest.
#[derive(Clone, Debug, Default)]
pub struct Numbers {
    words: Vec<u64>,
}

impl Numbers {
    /// Whether the number is in the set.
    pub fn has(&self, number: u32) -> bool {
        let word = self.words.get(number as usize / 64);
        word.is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    /// Adds a number; `false` if it was there.
    pub fn add(&mut self, number: u32) -> bool {
        let word = number as usize / 64;
        if self.words.len() <= word {
            self.words.resize(word + 1, 0);
        }
        let before = self.words[word];
        self.words[word] |= 1 << (number % 64);
        self.words[word] != before
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn it_is_a_set(added in prop::collection::vec(0u32..300, 0..100)) {
            let (mut numbers, mut set) = (Numbers::default(), BTreeSet::new());
            for number in added {
                prop_assert_eq!(numbers.add(number), set.insert(number));
            }
            prop_assert!((0..400).all(|number| numbers.has(number) == set.contains(&number)));
        }
    }
}
