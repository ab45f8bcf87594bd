//! [`Chain`]: which blocks a node has. Blocks are numbered as they are found; there are no forks.

use super::numbers::Numbers;

/// A set of block numbers.
#[derive(Clone, Debug, Default)]
pub struct Chain {
    held: Numbers,
    /// It has all blocks below this one.
    whole: u32,
    /// One past the largest block it has.
    end: u32,
}

impl Chain {
    /// Whether it has this block.
    pub fn has(&self, block: u32) -> bool {
        self.held.has(block)
    }

    /// Adds a block; `false` if it was there.
    pub fn add(&mut self, block: u32) -> bool {
        if !self.held.add(block) {
            return false;
        }
        self.end = self.end.max(block + 1);
        while self.has(self.whole) {
            self.whole += 1;
        }
        true
    }

    /// The latest block it has.
    pub fn tip(&self) -> Option<u32> {
        self.end.checked_sub(1)
    }

    /// The blocks up to `tip` that it does not have.
    pub fn missing(&self, tip: u32) -> impl Iterator<Item = u32> + '_ {
        (self.whole..=tip).filter(|&block| !self.has(block))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_is_missing() {
        let mut chain = Chain::default();
        assert_eq!(chain.tip(), None);
        assert!(chain.add(3));
        assert!(!chain.add(3));
        assert!(chain.add(70));
        assert_eq!(chain.tip(), Some(70));
        assert_eq!(chain.missing(4).collect::<Vec<_>>(), [0, 1, 2, 4]);
        assert!([1, 0, 2].into_iter().all(|block| chain.add(block)));
        assert_eq!(chain.missing(6).collect::<Vec<_>>(), [4, 5, 6]);
        assert_eq!(chain.missing(2).count(), 0);
    }
}
