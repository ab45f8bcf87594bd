//! [`Barrier`]: where shards wait for one another.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};

/// Turns to spin before sleeping: one or two microseconds. Spinning longer on a busy machine costs
/// far more than it saves.
const SPINS: usize = 2_000;

/// A barrier that spins for a short while and then sleeps.
#[derive(Debug)]
pub(crate) struct Barrier {
    parties: usize,
    arrived: AtomicUsize,
    round: AtomicUsize,
    broken: AtomicBool,
    lock: Mutex<()>,
    open: Condvar,
}

impl Barrier {
    pub(crate) fn new(parties: usize) -> Self {
        Self {
            parties,
            arrived: AtomicUsize::new(0),
            round: AtomicUsize::new(0),
            broken: AtomicBool::new(false),
            lock: Mutex::new(()),
            open: Condvar::new(),
        }
    }

    /// Waits until all parties have come; `false` if one of them has panicked and will never come.
    #[must_use]
    pub(crate) fn wait(&self) -> bool {
        let round = self.round.load(Ordering::Acquire);
        if self.arrived.fetch_add(1, Ordering::AcqRel) + 1 == self.parties {
            self.arrived.store(0, Ordering::Release);
            self.release();
            return self.is_whole();
        }
        let passed =
            || self.round.load(Ordering::Acquire) != round || self.broken.load(Ordering::Acquire);
        for _ in 0..SPINS {
            if passed() {
                break;
            }
            std::hint::spin_loop();
        }
        if !passed() {
            let mut guard = self
                .lock
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            while !passed() {
                guard = self
                    .open
                    .wait(guard)
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
            }
        }
        self.is_whole()
    }

    fn is_whole(&self) -> bool {
        !self.broken.load(Ordering::Acquire)
    }

    fn release(&self) {
        let _guard = self
            .lock
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        self.round.fetch_add(1, Ordering::AcqRel);
        self.open.notify_all();
    }

    /// To be held by each party: breaks the barrier if the party panics.
    pub(crate) fn guard(&self) -> Guard<'_> {
        Guard { barrier: self }
    }
}

/// Breaks the barrier when dropped by a panic.
pub(crate) struct Guard<'a> {
    barrier: &'a Barrier,
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.barrier.broken.store(true, Ordering::Release);
            self.barrier.release();
        }
    }
}
