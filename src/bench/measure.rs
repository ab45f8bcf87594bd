//! Runs of one workload under the clock.

use crate::bench::clock::{Stopwatch, resident_bytes};
use crate::engine::{Idle, Observer, Protocol, Reference, Setup, Workload, World};
use crate::peer::PeerId;
use crate::time::{Duration, Instant};

/// What a run took.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timed {
    /// Seconds of the processor, of the thread that runs the first shard.
    pub(super) seconds: f64,
    /// Real seconds.
    pub(super) wall: f64,
    /// Events delivered meanwhile.
    pub(super) events: u64,
    /// Messages delivered meanwhile.
    pub(super) messages: u64,
    /// Real seconds to make all peers.
    pub(super) set_up: f64,
    /// Bytes the process grew by, from before the set-up to the end of the run.
    pub(super) grown: Option<u64>,
    /// Bytes the process holds at the end of the run, what earlier runs have left included.
    pub(super) resident: Option<u64>,
    /// Bytes of the queue at the end of the run.
    pub(super) queue: usize,
}

impl Timed {
    pub(super) fn nanos_per_event(&self) -> f64 {
        self.seconds * 1e9 / self.events.max(1) as f64
    }
    pub(super) fn million_events(&self) -> f64 {
        self.events as f64 / self.seconds / 1e6
    }
    pub(super) fn million_messages(&self) -> f64 {
        self.messages as f64 / self.seconds / 1e6
    }
}

/// Makes a world, runs it for `warm` without the clock and to its end with it.
pub(super) fn world<P: Protocol>(
    setup: &Setup,
    spawn: impl FnMut(PeerId) -> P,
    workload: &dyn Workload<P::Command>,
    warm: Duration,
) -> Timed {
    watched(setup, spawn, workload, warm, &mut ())
}

/// The same with an observer.
pub(super) fn watched<P: Protocol>(
    setup: &Setup,
    spawn: impl FnMut(PeerId) -> P,
    workload: &dyn Workload<P::Command>,
    warm: Duration,
    observer: &mut dyn Observer<P::Event>,
) -> Timed {
    let empty = resident_bytes();
    let watch = Stopwatch::start();
    let mut world = World::new(setup, spawn, workload);
    let set_up = watch.wall();
    if !warm.is_zero() {
        world.advance(Instant::ZERO + warm, observer);
    }
    let before = world.report().counts;
    let watch = Stopwatch::start();
    world.advance(Instant::MAX, observer);
    let (seconds, wall) = (watch.cpu(), watch.wall());
    let after = world.report().counts;
    let resident = resident_bytes();
    let grown = resident.zip(empty);
    Timed {
        seconds,
        wall,
        events: after.delivered - before.delivered,
        messages: after.messages_delivered - before.messages_delivered,
        set_up,
        grown: grown.map(|(now, then)| now.saturating_sub(then)),
        resident,
        queue: world.queue_bytes(),
    }
}

/// A clock that starts now.
pub(super) fn stopwatch() -> Stopwatch {
    Stopwatch::start()
}

/// Nanoseconds per event over the plain heap, start included.
pub(super) fn heap<P: Protocol<Command = ()>>(
    setup: &Setup,
    spawn: impl FnMut(PeerId) -> P,
) -> f64 {
    let mut world = Reference::new(setup, spawn, &Idle);
    let watch = Stopwatch::start();
    let report = world.run(&mut ());
    watch.cpu() * 1e9 / report.counts.delivered.max(1) as f64
}

/// The one in the middle.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
