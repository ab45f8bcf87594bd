//! [`Timers`]: armed timers in a slab.
//!
//! Cancelling takes the entry and frees its place. What is left in the queue is 8 bytes (place and
//! stamp, the running number of the arming in this shard), which is skipped when it comes up and dropped when it moves down a level of the
//! wheel: a protocol with a time-out per request does not fill the queue.

use crate::engine::protocol::TimerId;

#[derive(Debug)]
struct Entry<T> {
    time: u64,
    peer: u32,
    seq: u32,
    life: u32,
    stamp: u32,
    timer: Option<T>,
}

/// The timers of one shard.
#[derive(Debug)]
pub(crate) struct Timers<T> {
    entries: Vec<Entry<T>>,
    free: Vec<u32>,
    stamp: u32,
    /// Timers that were cancelled, or died with their peer.
    pub(crate) dead: u64,
}

/// A timer as it stands in the queue.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TimerRef {
    pub(crate) slot: u32,
    pub(crate) stamp: u32,
}

impl<T> Timers<T> {
    pub(crate) fn new() -> Self {
        Self {
            entries: Vec::new(),
            free: Vec::new(),
            stamp: 0,
            dead: 0,
        }
    }

    /// Arms a timer: its place in the queue, and its name for the peer.
    pub(crate) fn arm(
        &mut self,
        time: u64,
        (peer, seq): (u32, u32),
        life: u32,
        timer: T,
    ) -> (TimerRef, TimerId) {
        // Wraps after 2^32 armings, when nothing of the first is left anywhere.
        self.stamp = self.stamp.wrapping_add(1);
        let stamp = self.stamp;
        let entry = Entry {
            time,
            peer,
            seq,
            life,
            stamp,
            timer: Some(timer),
        };
        let slot = if let Some(slot) = self.free.pop() {
            self.entries[slot as usize] = entry;
            slot
        } else {
            self.entries.push(entry);
            self.entries.len() as u32 - 1
        };
        (TimerRef { slot, stamp }, TimerId { slot, seq })
    }

    /// Cancels a timer of `peer`; `false` if it is not armed.
    pub(crate) fn cancel(&mut self, peer: u32, id: TimerId) -> bool {
        let entry = &mut self.entries[id.slot as usize];
        let armed = entry.seq == id.seq && entry.peer == peer && entry.timer.is_some();
        if armed {
            entry.timer = None;
            self.free.push(id.slot);
            self.dead += 1;
        }
        armed
    }

    /// When, for whom and the sequence number of the arming, if it is still armed.
    #[inline]
    pub(crate) fn due(&self, at: TimerRef) -> Option<(u64, u32, u32)> {
        let entry = &self.entries[at.slot as usize];
        let armed = entry.stamp == at.stamp && entry.timer.is_some();
        armed.then_some((entry.time, entry.peer, entry.seq))
    }

    /// Takes the timer out that `peer` armed with `seq`, with the life that armed it.
    #[inline]
    pub(crate) fn fire(&mut self, slot: u32, peer: u32, seq: u32) -> Option<(u32, T)> {
        let entry = &mut self.entries[slot as usize];
        if entry.peer != peer || entry.seq != seq {
            return None;
        }
        let timer = entry.timer.take()?;
        self.free.push(slot);
        Some((entry.life, timer))
    }

    /// Reads the entry's line ahead of its use.
    #[inline]
    pub(crate) fn touch(&self, slot: u32) -> u32 {
        self.entries[slot as usize].peer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reused_place_does_not_revive_a_cancelled_timer() {
        let mut timers = Timers::new();
        let (first_ref, first) = timers.arm(10, (1, 5), 1, 'a');
        assert!(timers.cancel(1, first));
        assert!(!timers.cancel(1, first), "cancelled twice");
        // Another peer with the same sequence number gets the place.
        let (second_ref, second) = timers.arm(20, (2, 5), 1, 'b');
        assert_eq!(second.slot, first.slot, "the place is reused");
        assert_eq!(timers.due(first_ref), None);
        assert_eq!(timers.fire(first.slot, 1, 5), None);
        assert_eq!(timers.due(second_ref), Some((20, 2, 5)));
        assert_eq!(timers.fire(second.slot, 2, 5), Some((1, 'b')));
        assert_eq!(timers.dead, 1);
    }

    #[test]
    fn nobody_cancels_anothers_timer() {
        let mut timers = Timers::new();
        let (_, id) = timers.arm(10, (1, 5), 1, ());
        assert!(!timers.cancel(2, id));
    }
}
