//! [`Shard`]: runs the slots of one shard's ring.

use crate::engine::core::Core;
use crate::engine::event::{Event, Kind};
use crate::engine::key::Key;
use crate::engine::protocol::Protocol;
use crate::engine::queue::{Batch, Place, Queue, Ring};
use crate::engine::wheel::Bag;
use crate::network::tcp::Flight;
use crate::peer::PeerId;
use crate::time::Instant;
use std::hint::black_box;

/// Peers whose lines are read ahead at once. The loads are independent, so their misses overlap: a
/// prefetch in plain safe code (measured: a factor 2 at a million peers; 32 is no better).
const AHEAD: usize = 16;

/// One shard with its ring.
pub(crate) struct Shard<P: Protocol> {
    pub(crate) core: Core<P, Ring<P::Message>>,
    batch: Batch<P::Message>,
}

impl<P: Protocol> Shard<P> {
    pub(crate) fn new(core: Core<P, Ring<P::Message>>) -> Self {
        Self {
            core,
            batch: Batch::new(),
        }
    }

    /// Memory held by what is pending, and for sorting it, in bytes.
    pub(crate) fn queue_bytes(&self) -> usize {
        self.core.port.queue.bytes() + self.batch.bytes()
    }

    /// The next slot in which anything is to be done before `until`.
    pub(crate) fn next_slot(&self, until: u64) -> Option<u64> {
        let ring = &self.core.port.queue;
        let command = self.core.next_command().map(|time| time >> ring.slot_bits);
        ring.next(until).into_iter().chain(command).min()
    }

    /// Runs one slot, with what other shards have sent for it, up to but not including `end`; what
    /// is later stays pending.
    pub(crate) fn run_slot(
        &mut self,
        slot: u64,
        mail: impl Iterator<Item = Bag<Event<P::Message>>>,
        end: u64,
    ) {
        let port = &mut self.core.port;
        port.queue.begin(slot, &port.timers, mail, &mut self.batch);
        let slot_end = (slot + 1) << port.queue.slot_bits;
        self.core.queue_commands(slot_end);
        let order = std::mem::take(&mut self.batch.order);
        for group in order.chunks(AHEAD) {
            self.touch(group);
            for &entry in group {
                self.run_entry(entry, end);
            }
        }
        self.run_late(None, end);
        self.batch.order = order;
        self.core.port.queue.finish(&mut self.batch);
    }

    #[inline]
    fn run_entry(&mut self, entry: u64, end: u64) {
        match Batch::<P::Message>::place(entry) {
            Place::Event { chunk, at } => {
                if !self.core.port.queue.late.is_empty() {
                    let key = self.batch.event(chunk, at).key();
                    self.run_late(Some(key), end);
                }
                let event = self.batch.event(chunk, at);
                if event.time < end {
                    self.core.handle(event);
                } else {
                    let event = event.take();
                    self.core.port.queue.push(event);
                }
            }
            Place::Timer(at) => {
                let at = self.batch.timer(at);
                let Some((time, peer, seq)) = self.core.port.timers.due(at) else {
                    return;
                };
                let key = Key {
                    time: Instant::from_nanos(time),
                    source: peer,
                    seq,
                };
                if !self.core.port.queue.late.is_empty() {
                    self.run_late(Some(key), end);
                }
                if time < end {
                    self.core
                        .fire(at.slot, (peer - self.core.low) as usize, key);
                } else {
                    let port = &mut self.core.port;
                    port.queue.push_timer((time, PeerId(peer), seq), at);
                }
            }
        }
    }

    /// Runs the late events before `key`, or all of them.
    fn run_late(&mut self, key: Option<Key>, end: u64) {
        while let Some(mut event) = self.core.port.queue.late.pop_before(key, end) {
            self.core.handle(&mut event);
        }
    }

    /// Reads what the next events will need: first who they are for, then those peers' lines. Each
    /// loop's loads are independent of one another, so their misses overlap.
    #[inline]
    fn touch(&mut self, group: &[u64]) {
        let core = &self.core;
        let mut seen = 0;
        let mut indices = [0; AHEAD];
        for (index, &entry) in indices.iter_mut().zip(group) {
            let peer = match Batch::<P::Message>::place(entry) {
                Place::Event { chunk, at } => self.batch.event(chunk, at).to().0,
                Place::Timer(at) => core.port.timers.touch(self.batch.timer(at).slot),
            };
            *index = peer.wrapping_sub(core.low) as usize;
        }
        let last = core.peers.len().wrapping_sub(1);
        for &index in &indices[..group.len()] {
            // The first line of this peer and the first of the next: the end of this one's state.
            seen ^= core.peers[index.min(last)].head.seq;
            seen ^= core.peers[(index + 1).min(last)].head.seq;
        }
        for &index in &indices[..group.len()] {
            let index = index.min(last);
            seen ^= core.peers[index]
                .state
                .touch(PeerId(core.low + index as u32));
        }
        if !core.port.tables.is_empty() {
            let tables = &core.port.tables;
            for &index in &indices[..group.len()] {
                seen ^= tables[index.min(last)].touch_self();
            }
            for (&index, &entry) in indices.iter().zip(group) {
                if let Place::Event { chunk, at } = Batch::<P::Message>::place(entry)
                    && let event = self.batch.event(chunk, at)
                    && event.kind() == Kind::Data
                    && let Some(table) = core.port.tables.get(index)
                {
                    let slot = crate::engine::port::end_of(event.arg()).0;
                    seen ^= table.touch(usize::from(slot));
                }
            }
        }
        for &index in &indices[..group.len()] {
            if let Some(flights) = core.port.flights.get(index) {
                seen ^= flights.len() as u32;
            }
        }
        for &index in &indices[..group.len()] {
            if let Some(flights) = core.port.flights.get(index) {
                seen ^= Flight::touch(flights);
            }
        }
        for &index in &indices[..group.len()] {
            if let Some(&busy) = core.port.busy.get(index) {
                seen ^= busy as u32;
            }
            if let Some(holes) = core.port.holes.get(index) {
                seen ^= holes.touch();
            }
        }
        for &index in &indices[..group.len()] {
            if let Some(holes) = core.port.holes.get(index) {
                seen ^= holes.touch_list();
            }
        }
        if !core.port.links.is_empty() {
            for &index in &indices[..group.len()] {
                if let Some(link) = core.port.links.get(index) {
                    seen ^= link.touch() as u32;
                }
            }
        }
        black_box(seen);
    }
}
