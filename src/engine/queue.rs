//! [`Queue`]: where pending events wait. The slot ring, and the plain heap it is tested against.

use crate::engine::event::{Earliest, Event, Kind};
use crate::engine::late::Late;
use crate::engine::timers::{TimerRef, Timers};
use crate::engine::wheel::{Bag, Wheel};
use crate::peer::PeerId;
use std::collections::BinaryHeap;

/// Where the port puts what it makes.
pub(crate) trait Queue<M> {
    fn push(&mut self, event: Event<M>);
    fn push_timer(&mut self, key: (u64, PeerId, u32), at: TimerRef);
}

/// The reference: a binary heap of events, timers included.
#[derive(Debug)]
pub(crate) struct Heap<M> {
    pub(crate) events: BinaryHeap<Earliest<M>>,
}

impl<M> Queue<M> for Heap<M> {
    fn push(&mut self, event: Event<M>) {
        self.events.push(Earliest(event));
    }
    fn push_timer(&mut self, key: (u64, PeerId, u32), at: TimerRef) {
        self.push(timer_event(key, at));
    }
}

fn timer_event<M>((time, peer, seq): (u64, PeerId, u32), at: TimerRef) -> Event<M> {
    Event::new(
        (time, peer.0, seq),
        peer,
        Kind::Timer,
        u64::from(at.slot),
        None,
    )
}

/// Which shard a peer lives in: contiguous ranges of equal size.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Split {
    pub(crate) shards: u32,
    pub(crate) per_shard: u32,
}

impl Split {
    pub(crate) fn new(peers: u32, shards: usize) -> Self {
        let shards = (shards as u32).clamp(1, peers.max(1));
        Self {
            shards,
            per_shard: peers.div_ceil(shards).max(1),
        }
    }

    #[inline]
    pub(crate) fn shard_of(self, peer: PeerId) -> usize {
        if self.shards == 1 {
            0
        } else {
            (peer.0 / self.per_shard) as usize
        }
    }

    /// The peers of a shard.
    pub(crate) fn range(self, shard: usize, peers: u32) -> std::ops::Range<u32> {
        let low = (shard as u32 * self.per_shard).min(peers);
        low..low.saturating_add(self.per_shard).min(peers)
    }
}

/// The slot ring of one shard.
#[derive(Debug)]
pub(crate) struct Ring<M> {
    pub(crate) slot_bits: u32,
    me: usize,
    split: Split,
    /// The slot being run, or the last one run.
    current: u64,
    /// Events for other shards may not lie before this time.
    pub(crate) horizon: u64,
    /// One wheel for each shard's events.
    wheels: Vec<Wheel<Event<M>>>,
    timers: Wheel<TimerRef>,
    /// Events that fall into the slot being run.
    pub(crate) late: Late<M>,
}

impl<M> Queue<M> for Ring<M> {
    #[inline]
    fn push(&mut self, event: Event<M>) {
        let slot = event.time >> self.slot_bits;
        let shard = self.split.shard_of(event.to());
        if shard != self.me {
            assert!(
                event.time >= self.horizon,
                "a message to another shard is below the lookahead"
            );
        } else if slot <= self.current {
            self.late.push(event);
            return;
        }
        self.wheels[shard].push(slot, event);
    }

    #[inline]
    fn push_timer(&mut self, key: (u64, PeerId, u32), at: TimerRef) {
        let slot = key.0 >> self.slot_bits;
        if slot > self.current {
            self.timers.push(slot, at);
        } else {
            self.late.push(timer_event(key, at));
        }
    }
}

/// One slot's events and timers in the order of their keys.
#[derive(Debug)]
pub(crate) struct Batch<M> {
    chunks: Vec<Vec<Event<M>>>,
    timers: Vec<TimerRef>,
    /// `offset of the time in the slot << 32 | place`.
    pub(crate) order: Vec<u64>,
    scratch: Vec<u64>,
    /// Source, sequence number and entry, of those of one time.
    ranked: Vec<((u32, u32), u64)>,
}

impl<M> Batch<M> {
    /// Memory held between slots, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        (self.order.capacity() + self.scratch.capacity()) * size_of::<u64>()
            + self.timers.capacity() * size_of::<TimerRef>()
            + self.ranked.capacity() * size_of::<((u32, u32), u64)>()
    }
}

/// A place in a batch.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    Event { chunk: usize, at: usize },
    Timer(usize),
}

const TIMER: u64 = 1 << 31;

impl<M> Batch<M> {
    pub(crate) fn new() -> Self {
        Self {
            chunks: Vec::new(),
            timers: Vec::new(),
            order: Vec::new(),
            scratch: Vec::new(),
            ranked: Vec::new(),
        }
    }

    #[inline]
    pub(crate) fn place(entry: u64) -> Place {
        let place = entry & (TIMER - 1);
        if entry & TIMER == 0 {
            let chunk_bits = Wheel::<Event<M>>::CHUNK.ilog2();
            Place::Event {
                chunk: (place >> chunk_bits) as usize,
                at: place as usize & (Wheel::<Event<M>>::CHUNK - 1),
            }
        } else {
            Place::Timer(place as usize)
        }
    }

    #[inline]
    pub(crate) fn event(&mut self, chunk: usize, at: usize) -> &mut Event<M> {
        &mut self.chunks[chunk][at]
    }

    #[inline]
    pub(crate) fn timer(&self, at: usize) -> TimerRef {
        self.timers[at]
    }

    /// Source and sequence number of the entry, to order those of one time.
    fn rank(&self, entry: u64, timer_rank: impl Fn(TimerRef) -> (u32, u32)) -> (u32, u32) {
        match Self::place(entry) {
            Place::Event { chunk, at } => {
                let event = &self.chunks[chunk][at];
                (event.source, event.seq)
            }
            Place::Timer(at) => timer_rank(self.timers[at]),
        }
    }

    /// Orders entries of one time. Many are ranked once, each, and sorted by runs: what was sent at
    /// one time is mostly there in the order of its senders.
    fn sort_of_one_time(
        &mut self,
        entries: &mut [u64],
        timer_rank: impl Fn(TimerRef) -> (u32, u32),
    ) {
        const MANY: usize = 64;
        if entries.len() < MANY {
            entries.sort_unstable_by_key(|&entry| self.rank(entry, &timer_rank));
            return;
        }
        let mut ranked = std::mem::take(&mut self.ranked);
        ranked.clear();
        let rank = |&entry: &u64| (self.rank(entry, &timer_rank), entry);
        ranked.extend(entries.iter().map(rank));
        ranked.sort_by_key(|&(rank, _)| rank);
        for (entry, &(_, sorted)) in entries.iter_mut().zip(&ranked) {
            *entry = sorted;
        }
        self.ranked = ranked;
    }

    fn sort(&mut self, slot_bits: u32, timer_rank: impl Fn(TimerRef) -> (u32, u32)) {
        if self.order.len() < 1024 {
            self.order.sort_unstable();
        } else {
            radix_sort(&mut self.order, &mut self.scratch, slot_bits);
        }
        let mut order = std::mem::take(&mut self.order);
        let mut first = 0;
        while first + 1 < order.len() {
            let time = order[first] >> 32;
            let mut last = first + 1;
            while last < order.len() && order[last] >> 32 == time {
                last += 1;
            }
            if last - first > 1 {
                self.sort_of_one_time(&mut order[first..last], &timer_rank);
            }
            first = last;
        }
        self.order = order;
    }
}

/// Sorts by the upper half of each word; `bits` of it are used. Least significant digit first.
fn radix_sort(words: &mut Vec<u64>, scratch: &mut Vec<u64>, bits: u32) {
    const DIGIT: u32 = 11;
    scratch.clear();
    scratch.resize(words.len(), 0);
    for pass in 0..bits.div_ceil(DIGIT) {
        let digit = |word: u64| (word >> (32 + pass * DIGIT)) as usize & ((1 << DIGIT) - 1);
        let mut starts = [0u32; 1 << DIGIT];
        for &word in words.iter() {
            starts[digit(word)] += 1;
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += std::mem::replace(start, sum);
        }
        for &word in words.iter() {
            let at = &mut starts[digit(word)];
            scratch[*at as usize] = word;
            *at += 1;
        }
        std::mem::swap(words, scratch);
    }
}

impl<M> Ring<M> {
    pub(crate) fn new(slot_bits: u32, me: usize, split: Split) -> Self {
        Self {
            slot_bits,
            me,
            split,
            current: 0,
            horizon: 0,
            wheels: (0..split.shards).map(|_| Wheel::new()).collect(),
            timers: Wheel::new(),
            late: Late::new(slot_bits),
        }
    }

    /// The next slot in which anything is pending, here or on the way to another shard. What an
    /// earlier step has left over is looked at by its time.
    pub(crate) fn next(&self, until: u64) -> Option<u64> {
        let late = self.late.first().filter(|&time| time < until);
        let late = late.map(|time| time >> self.slot_bits);
        let wheels = self.wheels.iter().filter_map(Wheel::next);
        wheels.chain(self.timers.next()).chain(late).min()
    }

    /// What goes to `shard` in `slots`, handed over.
    pub(crate) fn hand_over(
        &mut self,
        shard: usize,
        slots: std::ops::Range<u64>,
        mail: &mut Vec<Bag<Event<M>>>,
    ) {
        let bits = self.slot_bits;
        let wheel = &mut self.wheels[shard];
        wheel.advance(slots.start, |event| Some(event.time >> bits));
        for slot in slots {
            wheel.advance(slot, |event| Some(event.time >> bits));
            mail.push(wheel.take(slot));
        }
    }

    /// Makes `slot` current and sorts what is due in it into `batch`.
    pub(crate) fn begin<T>(
        &mut self,
        slot: u64,
        timers: &Timers<T>,
        mail: impl Iterator<Item = Bag<Event<M>>>,
        batch: &mut Batch<M>,
    ) {
        let bits = self.slot_bits;
        self.current = slot;
        self.late.begin(slot << bits);
        let own = &mut self.wheels[self.me];
        own.advance(slot, |event| Some(event.time >> bits));
        let own = own.take(slot);
        self.timers
            .advance(slot, |&at| timers.due(at).map(|(time, ..)| time >> bits));
        let due = self.timers.take(slot);
        if own.is_empty() && due.is_empty() && self.split.shards == 1 {
            return;
        }
        let start = slot << bits;
        for chunk in std::iter::once(own).chain(mail).flat_map(Bag::into_chunks) {
            let base = (batch.chunks.len() * Wheel::<Event<M>>::CHUNK) as u64;
            let entries = chunk.iter().zip(base..);
            batch
                .order
                .extend(entries.map(|(event, at)| (event.time - start) << 32 | at));
            batch.chunks.push(chunk);
        }
        for chunk in due.into_chunks() {
            for &at in &chunk {
                if let Some((time, ..)) = timers.due(at) {
                    batch
                        .order
                        .push((time - start) << 32 | TIMER | batch.timers.len() as u64);
                    batch.timers.push(at);
                }
            }
            self.timers.give(chunk);
        }
        batch.sort(bits, |at| {
            timers.due(at).map_or((0, 0), |(_, peer, seq)| (peer, seq))
        });
    }

    /// Memory held, in bytes: events and timers that are pending, and chunks for reuse.
    pub(crate) fn bytes(&self) -> usize {
        let events: usize = self.wheels.iter().map(Wheel::bytes).sum();
        events + self.timers.bytes() + self.late.bytes()
    }

    /// Gives the memory of a batch back.
    pub(crate) fn finish(&mut self, batch: &mut Batch<M>) {
        for chunk in batch.chunks.drain(..) {
            self.wheels[self.me].give(chunk);
        }
        batch.timers.clear();
        batch.order.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn radix_sorts_like_sort(mut words in prop::collection::vec(any::<u64>(), 0..3000)) {
            for word in &mut words {
                *word &= (1 << 52) - 1;
            }
            let mut expected = words.clone();
            expected.sort_by_key(|word| word >> 32);
            radix_sort(&mut words, &mut Vec::new(), 20);
            prop_assert_eq!(words, expected);
        }
    }

    #[test]
    fn every_peer_has_one_shard() {
        for (peers, shards) in [(10, 3), (7, 8), (1, 1), (100, 8), (9, 8)] {
            let split = Split::new(peers, shards);
            let mut seen = 0;
            for shard in 0..split.shards as usize {
                for peer in split.range(shard, peers) {
                    assert_eq!(split.shard_of(PeerId(peer)), shard);
                    seen += 1;
                }
            }
            assert_eq!(seen, peers, "{peers} peers in {shards} shards");
        }
    }
}
