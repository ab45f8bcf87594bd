//! [`Wheel`]: pending things in slots of time, in chunks of memory that are given back.
//!
//! Three levels: 512 fine slots ahead of the current one, 256 blocks of 512 slots, and a sorted map
//! of superblocks beyond. A thing is stored once at a push and moved once per level it passes. The
//! memory of a slot goes back to a pool when the slot is taken: 4 KiB chunks, so that a pending
//! event of 32 bytes costs at most 48 in all.

use std::collections::BTreeMap;

const FINE: u64 = 512;
const FINE_BITS: u32 = 9;
const COARSE: u64 = 256;
const SUPER_BITS: u32 = 17;

/// A bag of things in chunks.
#[derive(Debug)]
pub(crate) struct Bag<T> {
    full: Vec<Vec<T>>,
    tail: Vec<T>,
}

impl<T> Default for Bag<T> {
    fn default() -> Self {
        Self {
            full: Vec::new(),
            tail: Vec::new(),
        }
    }
}

impl<T> Bag<T> {
    pub(crate) fn is_empty(&self) -> bool {
        self.tail.is_empty()
    }

    /// The chunks, none of them empty.
    pub(crate) fn into_chunks(self) -> impl Iterator<Item = Vec<T>> {
        self.full
            .into_iter()
            .chain(std::iter::once(self.tail).filter(|tail| !tail.is_empty()))
    }
}

impl<T> Bag<T> {
    /// Memory held, in bytes.
    fn bytes(&self) -> usize {
        let chunks = self.full.iter().chain(std::iter::once(&self.tail));
        chunks.map(|chunk| chunk.capacity() * size_of::<T>()).sum()
    }
}

/// Empty chunks for reuse.
#[derive(Debug)]
struct Pool<T> {
    chunks: Vec<Vec<T>>,
}

impl<T> Pool<T> {
    /// Things per chunk: a power of two, about 4 KiB.
    const CHUNK: usize = {
        let size = if size_of::<T>() == 0 {
            1
        } else {
            size_of::<T>()
        };
        let fit = 4096 / size;
        if fit < 16 { 16 } else { 1 << fit.ilog2() }
    };
    /// What the pool keeps at most; more goes back to the allocator.
    const KEEP: usize = 4096;

    #[inline]
    fn push(&mut self, bag: &mut Bag<T>, item: T) {
        // Empty, or full.
        if bag.tail.len().is_multiple_of(Self::CHUNK) {
            self.extend(bag);
        }
        bag.tail.push(item);
    }

    #[cold]
    fn extend(&mut self, bag: &mut Bag<T>) {
        let fresh = self
            .chunks
            .pop()
            .unwrap_or_else(|| Vec::with_capacity(Self::CHUNK));
        let full = std::mem::replace(&mut bag.tail, fresh);
        if !full.is_empty() {
            bag.full.push(full);
        }
    }

    fn give(&mut self, mut chunk: Vec<T>) {
        chunk.clear();
        if self.chunks.len() < Self::KEEP {
            self.chunks.push(chunk);
        }
    }
}

/// Things by slot number.
#[derive(Debug)]
pub(crate) struct Wheel<T> {
    /// Nothing before this slot is stored.
    current: u64,
    fine: Vec<Bag<T>>,
    fine_busy: [u64; 8],
    coarse: Vec<(u64, Bag<T>)>,
    coarse_busy: [u64; 4],
    far: BTreeMap<u64, (u64, Bag<T>)>,
    pool: Pool<T>,
}

impl<T> Wheel<T> {
    /// Things per chunk.
    pub(crate) const CHUNK: usize = Pool::<T>::CHUNK;

    pub(crate) fn new() -> Self {
        Self {
            current: 0,
            fine: (0..FINE).map(|_| Bag::default()).collect(),
            fine_busy: [0; 8],
            coarse: (0..COARSE).map(|_| (u64::MAX, Bag::default())).collect(),
            coarse_busy: [0; 4],
            far: BTreeMap::new(),
            pool: Pool { chunks: Vec::new() },
        }
    }

    /// Stores a thing for `slot`, which must not lie before the current one.
    #[inline]
    pub(crate) fn push(&mut self, slot: u64, item: T) {
        debug_assert!(
            slot >= self.current,
            "slot {slot} lies before {}",
            self.current
        );
        if slot - self.current < FINE {
            let at = (slot % FINE) as usize;
            self.fine_busy[at / 64] |= 1 << (at % 64);
            self.pool.push(&mut self.fine[at], item);
        } else {
            self.push_far(slot, item);
        }
    }

    #[inline(never)]
    fn push_far(&mut self, slot: u64, item: T) {
        if (slot >> FINE_BITS) - (self.current >> FINE_BITS) < COARSE {
            let at = (slot >> FINE_BITS) % COARSE;
            self.coarse_busy[(at / 64) as usize] |= 1 << (at % 64);
            let (min, bag) = &mut self.coarse[at as usize];
            *min = slot.min(*min);
            self.pool.push(bag, item);
        } else {
            let (min, bag) = self
                .far
                .entry(slot >> SUPER_BITS)
                .or_insert_with(|| (u64::MAX, Bag::default()));
            *min = slot.min(*min);
            self.pool.push(bag, item);
        }
    }

    /// The first slot at or after the current one that holds something.
    pub(crate) fn next(&self) -> Option<u64> {
        let fine = next_bit(&self.fine_busy, self.current % FINE)
            .map(|at| self.current + (at + FINE - self.current % FINE) % FINE);
        let block = self.current >> FINE_BITS;
        let coarse =
            next_bit(&self.coarse_busy, block % COARSE).map(|at| self.coarse[at as usize].0);
        let far = self.far.first_key_value().map(|(_, &(min, _))| min);
        [fine, coarse, far].into_iter().flatten().min()
    }

    /// Makes `slot` the current one. Nothing may be stored before it. `slot_of` tells where a thing
    /// belongs that moves down a level, or that it is no longer wanted.
    pub(crate) fn advance(&mut self, slot: u64, slot_of: impl Fn(&T) -> Option<u64>) {
        let before = std::mem::replace(&mut self.current, slot);
        if slot >> SUPER_BITS != before >> SUPER_BITS {
            while let Some(entry) = self.far.first_entry() {
                if *entry.key() > slot >> SUPER_BITS {
                    break;
                }
                let (_, bag) = entry.remove();
                self.move_down(bag, &slot_of);
            }
        }
        if slot >> FINE_BITS != before >> FINE_BITS {
            let at = (slot >> FINE_BITS) % COARSE;
            self.coarse_busy[(at / 64) as usize] &= !(1 << (at % 64));
            let (min, bag) = &mut self.coarse[at as usize];
            *min = u64::MAX;
            let bag = std::mem::take(bag);
            self.move_down(bag, &slot_of);
        }
    }

    fn move_down(&mut self, bag: Bag<T>, slot_of: &impl Fn(&T) -> Option<u64>) {
        for mut chunk in bag.into_chunks() {
            for item in chunk.drain(..) {
                if let Some(slot) = slot_of(&item) {
                    self.push(slot, item);
                }
            }
            self.pool.give(chunk);
        }
    }

    /// Takes what the slot holds; the slot must lie within the fine level.
    pub(crate) fn take(&mut self, slot: u64) -> Bag<T> {
        debug_assert!(slot >= self.current && slot - self.current < FINE);
        let at = (slot % FINE) as usize;
        self.fine_busy[at / 64] &= !(1 << (at % 64));
        std::mem::take(&mut self.fine[at])
    }

    /// Memory held by everything pending and by the pool, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        let pool = self.pool.chunks.iter();
        let pool: usize = pool.map(|chunk| chunk.capacity() * size_of::<T>()).sum();
        let coarse = self.coarse.iter().map(|(_, bag)| bag);
        let far = self.far.values().map(|(_, bag)| bag);
        let bags = self.fine.iter().chain(coarse).chain(far);
        pool + size_of_val(&*self.fine)
            + size_of_val(&*self.coarse)
            + bags.map(Bag::bytes).sum::<usize>()
    }

    /// Gives a chunk back.
    pub(crate) fn give(&mut self, chunk: Vec<T>) {
        self.pool.give(chunk);
    }
}

/// The first set bit at or after `from`, going round.
fn next_bit(words: &[u64], from: u64) -> Option<u64> {
    let bits = words.len() as u64 * 64;
    let first = (from / 64) as usize;
    let head = words[first] & (u64::MAX << (from % 64));
    if head != 0 {
        return Some(first as u64 * 64 + u64::from(head.trailing_zeros()));
    }
    (1..=words.len())
        .map(|step| (first + step) % words.len())
        .find_map(|i| {
            (words[i] != 0).then(|| (i as u64 * 64 + u64::from(words[i].trailing_zeros())) % bits)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The wheel against a sorted list: every pushed slot comes out, in order.
        #[test]
        fn slots_come_out_in_order(steps in prop::collection::vec((0u64..5, 0u64..(1 << 20)), 1..200)) {
            let mut wheel = Wheel::new();
            let mut expected = Vec::new();
            let mut got = Vec::new();
            let mut now = 0;
            for (pops, ahead) in steps {
                // Mostly near, sometimes far.
                let slot = now + if ahead % 3 == 0 { ahead } else { ahead % 700 };
                wheel.push(slot, slot);
                expected.push(slot);
                for _ in 0..pops {
                    let Some(next) = wheel.next() else { break };
                    wheel.advance(next, |&slot| Some(slot));
                    got.extend(wheel.take(next).into_chunks().flatten());
                    now = next;
                }
            }
            while let Some(next) = wheel.next() {
                wheel.advance(next, |&slot| Some(slot));
                got.extend(wheel.take(next).into_chunks().flatten());
            }
            let mut sorted = got.clone();
            sorted.sort_unstable();
            prop_assert_eq!(&got, &sorted);
            expected.sort_unstable();
            prop_assert_eq!(got, expected);
        }
    }

    #[test]
    fn unwanted_things_vanish_on_the_way_down() {
        let mut wheel = Wheel::new();
        wheel.push(10_000, 10_000);
        wheel.push(10_001, 10_001);
        wheel.advance(9_999, |&slot| (slot == 10_001).then_some(slot));
        assert_eq!(wheel.next(), Some(10_001));
    }
}
