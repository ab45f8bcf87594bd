//! [`Late`]: events that fall into the slot being run, in order.
//!
//! A message that waits at a downlink or a processor mostly comes back within its slot, and so do short
//! timers. A slot is cut into 64 bins; a bin is sorted when the run comes to it, and only what falls into
//! bins that are open goes through a heap.

use crate::engine::event::{Earliest, Event};
use crate::engine::key::Key;
use std::collections::BinaryHeap;

/// A slot has 2^6 bins: one bit each in a word.
const BIN_BITS: u32 = 6;
const BINS: u64 = 1 << BIN_BITS;

/// Events of one slot that were made while it ran. What a step has not come to stays for the next.
#[derive(Debug)]
pub(crate) struct Late<M> {
    /// A bin is 2^this nanoseconds.
    bin_bits: u32,
    bins: Vec<Vec<Event<M>>>,
    busy: u64,
    /// Bins before this one, counted from time zero, are open.
    closed_from: u64,
    /// The bin opened last, the earliest event at its end.
    open: Vec<Event<M>>,
    /// What came into open bins.
    heap: BinaryHeap<Earliest<M>>,
}

impl<M> Late<M> {
    pub(crate) fn new(slot_bits: u32) -> Self {
        Self {
            bin_bits: slot_bits.saturating_sub(BIN_BITS),
            bins: (0..BINS).map(|_| Vec::new()).collect(),
            busy: 0,
            closed_from: 0,
            open: Vec::new(),
            heap: BinaryHeap::new(),
        }
    }

    /// The slot that starts at this time is run from now on; nothing of an earlier one is left.
    pub(crate) fn begin(&mut self, start: u64) {
        let first = start >> self.bin_bits;
        debug_assert!(first <= self.closed_from || self.is_empty());
        self.closed_from = self.closed_from.max(first);
    }

    /// Adds an event of the current slot, or of an earlier one.
    pub(crate) fn push(&mut self, event: Event<M>) {
        let bin = event.time >> self.bin_bits;
        if bin < self.closed_from {
            self.heap.push(Earliest(event));
        } else {
            self.busy |= 1 << (bin % BINS);
            self.bins[(bin % BINS) as usize].push(event);
        }
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.busy == 0 && self.open.is_empty() && self.heap.is_empty()
    }

    /// The time of the earliest event.
    pub(crate) fn first(&self) -> Option<u64> {
        let opened = self.open.last().into_iter();
        let opened = opened.chain(self.heap.peek().map(|event| &event.0));
        let closed = self.next_bin().into_iter();
        let closed = closed.flat_map(|bin| &self.bins[(bin % BINS) as usize]);
        opened.chain(closed).map(|event| event.time).min()
    }

    /// Takes the earliest event, if it is before `key` and before the time `end`.
    pub(crate) fn pop_before(&mut self, key: Option<Key>, end: u64) -> Option<Event<M>> {
        if self.open.is_empty() && self.heap.is_empty() {
            let last = key.map_or(end, |key| key.time.as_nanos().min(end));
            self.open(self.next_bin()?, last)?;
        }
        let sorted = self.open.last().map(Event::key);
        let heaped = self.heap.peek().map(|event| event.0.key());
        let is_sorted = match (sorted, heaped) {
            (Some(sorted), Some(heaped)) => sorted < heaped,
            (sorted, _) => sorted.is_some(),
        };
        let first = if is_sorted { sorted } else { heaped }?;
        if key.is_some_and(|key| first >= key) || first.time.as_nanos() >= end {
            return None;
        }
        if is_sorted {
            self.open.pop()
        } else {
            self.heap.pop().map(|event| event.0)
        }
    }

    /// Memory held, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        let bins = self.bins.iter().map(Vec::capacity).sum::<usize>();
        let events = bins + self.open.capacity() + self.heap.capacity();
        events * size_of::<Event<M>>() + size_of_val(&*self.bins)
    }

    /// The first bin that is closed and not empty. All of them belong to one slot.
    fn next_bin(&self) -> Option<u64> {
        let at = (self.closed_from % BINS) as u32;
        let ahead = self.busy.rotate_right(at);
        (ahead != 0).then(|| self.closed_from + u64::from(ahead.trailing_zeros()))
    }

    /// Opens a bin that does not start after `last`.
    fn open(&mut self, bin: u64, last: u64) -> Option<()> {
        if bin > last >> self.bin_bits {
            return None;
        }
        self.closed_from = bin + 1;
        self.busy &= !(1 << (bin % BINS));
        std::mem::swap(&mut self.open, &mut self.bins[(bin % BINS) as usize]);
        let latest_first = |event: &Event<M>| std::cmp::Reverse(event.key());
        self.open.sort_unstable_by_key(latest_first);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::event::Kind;
    use crate::peer::PeerId;
    use crate::time::Instant;
    use proptest::prelude::*;

    fn event(time: u64, seq: u32) -> Event<()> {
        Event::new((time, 7, seq), PeerId(1), Kind::Message, 0, None)
    }

    fn key(time: u64, seq: u32) -> Key {
        let time = Instant::from_nanos(time);
        Key {
            time,
            source: 7,
            seq,
        }
    }

    proptest! {
        /// Against a sorted list: the run comes to times in order, and makes events ahead of them.
        #[test]
        fn events_come_in_the_order_of_their_keys(
            slot_bits in prop_oneof![0u32..8, Just(20u32)],
            slot in 0u64..1000,
            steps in prop::collection::vec((any::<u64>(), prop::collection::vec(any::<u64>(), 0..6)), 1..60),
            end in any::<u64>(),
        ) {
            let (start, length) = (slot << slot_bits, 1 << slot_bits);
            let end = start + end % (length + 1);
            let mut steps = steps;
            for step in &mut steps {
                step.0 = start + step.0 % length;
            }
            steps.sort_unstable();
            let mut late = Late::new(slot_bits);
            late.begin(start);
            let (mut list, mut seq) = (Vec::new(), 0);
            let run = |late: &mut Late<()>, list: &mut Vec<Key>, until: Option<Key>| {
                while let Some(event) = late.pop_before(until, end) {
                    list.sort_unstable();
                    prop_assert_eq!(event.key(), list.remove(0));
                }
                let left = list.iter().filter(|key| key.time.as_nanos() < end);
                let due = left.filter(|&&key| until.is_none_or(|until| key < until)).count();
                prop_assert_eq!(due, 0);
                prop_assert_eq!(late.first(), list.iter().map(|key| key.time.as_nanos()).min());
                prop_assert_eq!(late.is_empty(), list.is_empty());
                Ok(())
            };
            for (now, ahead) in steps {
                seq += 1;
                run(&mut late, &mut list, Some(key(now, seq)))?;
                if now >= end {
                    break;
                }
                for ahead in ahead {
                    seq += 1;
                    let time = now + ahead % (start + length - now);
                    late.push(event(time, seq));
                    list.push(key(time, seq));
                }
            }
            run(&mut late, &mut list, None)?;
        }
    }

    #[test]
    fn what_is_left_stays_for_the_next_step() {
        let mut late = Late::new(10);
        late.begin(1024);
        late.push(event(1100, 1));
        late.push(event(1500, 2));
        let times = |late: &mut Late<()>, end| {
            std::iter::from_fn(|| late.pop_before(None, end).map(|event| event.time)).collect()
        };
        let first: Vec<u64> = times(&mut late, 1200);
        assert_eq!((first, late.first()), (vec![1100], Some(1500)));
        late.begin(1024);
        late.push(event(1300, 3));
        assert_eq!(times(&mut late, 2048), [1300, 1500]);
        assert!(late.is_empty());
    }
}
