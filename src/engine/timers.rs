//! [`Timers`]: armed timers in a slab; the sequence number of the arming is the generation.
//!
//! Cancelling takes the entry and frees its place. What is left in the queue is 8 bytes (place and
//! generation), which is skipped when it comes up and dropped when it moves down a level of the
//! wheel: a protocol with a time-out per request does not fill the queue.

use crate::engine::protocol::TimerId;

#[derive(Debug)]
struct Entry<T> {
    time: u64,
    peer: u32,
    seq: u32,
    life: u32,
    timer: Option<T>,
}

/// The timers of one shard.
#[derive(Debug)]
pub(crate) struct Timers<T> {
    entries: Vec<Entry<T>>,
    free: Vec<u32>,
    /// Timers that were cancelled, or died with their peer.
    pub(crate) dead: u64,
}

/// A timer as it stands in the queue.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TimerRef {
    pub(crate) slot: u32,
    pub(crate) seq: u32,
}

impl<T> Timers<T> {
    pub(crate) fn new() -> Self {
        Self {
            entries: Vec::new(),
            free: Vec::new(),
            dead: 0,
        }
    }

    pub(crate) fn arm(&mut self, time: u64, peer: u32, seq: u32, life: u32, timer: T) -> TimerId {
        let entry = Entry {
            time,
            peer,
            seq,
            life,
            timer: Some(timer),
        };
        let slot = if let Some(slot) = self.free.pop() {
            self.entries[slot as usize] = entry;
            slot
        } else {
            self.entries.push(entry);
            self.entries.len() as u32 - 1
        };
        TimerId { slot, seq }
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

    /// When and for whom, if it is still armed.
    #[inline]
    pub(crate) fn due(&self, at: TimerRef) -> Option<(u64, u32)> {
        let entry = &self.entries[at.slot as usize];
        (entry.seq == at.seq && entry.timer.is_some()).then_some((entry.time, entry.peer))
    }

    /// Takes the timer out, with the life that armed it.
    #[inline]
    pub(crate) fn fire(&mut self, at: TimerRef) -> Option<(u32, T)> {
        let entry = &mut self.entries[at.slot as usize];
        if entry.seq != at.seq {
            return None;
        }
        let timer = entry.timer.take()?;
        self.free.push(at.slot);
        Some((entry.life, timer))
    }

    /// Reads the entry's line ahead of its use.
    #[inline]
    pub(crate) fn touch(&self, slot: u32) -> u32 {
        self.entries[slot as usize].peer
    }

    /// Bytes held.
    pub(crate) fn bytes(&self) -> usize {
        self.entries.capacity() * size_of::<Entry<T>>() + self.free.capacity() * 4
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reused_place_does_not_revive_a_cancelled_timer() {
        let mut timers = Timers::new();
        let first = timers.arm(10, 1, 5, 1, 'a');
        assert!(timers.cancel(1, first));
        assert!(!timers.cancel(1, first), "cancelled twice");
        let second = timers.arm(20, 1, 6, 1, 'b');
        assert_eq!(second.slot, first.slot, "the place is reused");
        let at = |id: TimerId| TimerRef {
            slot: id.slot,
            seq: id.seq,
        };
        assert_eq!(timers.due(at(first)), None);
        assert_eq!(timers.fire(at(first)), None);
        assert_eq!(timers.due(at(second)), Some((20, 1)));
        assert_eq!(timers.fire(at(second)), Some((1, 'b')));
        assert_eq!(timers.dead, 1);
    }

    #[test]
    fn nobody_cancels_anothers_timer() {
        let mut timers = Timers::new();
        let id = timers.arm(10, 1, 5, 1, ());
        assert!(!timers.cancel(2, id));
    }
}
