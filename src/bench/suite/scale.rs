//! PHOLD with the smallest handler over constant latency: how the cost grows with the peers, and
//! against a plain heap; memory; the time to start.

use super::{LATENCY, SEED, Suite, span};
use crate::bench::measure::{self, Timed, median};
use crate::bench::phold::Phold;
use crate::bench::row::Target;
use crate::engine::{Idle, Setup};
use crate::network::Network;
use crate::time::Duration;

/// The first messages of all peers are under way, and the slots have found their sizes.
const WARM: Duration = Duration::from_millis(150);

fn setup(peers: u32, length: Duration) -> Setup {
    Setup::new(peers, Network::constant(LATENCY), SEED, length)
}

fn slots(peers: u32, events: u64) -> Timed {
    let setup = setup(peers, WARM + span(events, peers, LATENCY));
    measure::world(&setup, |_| Phold::new(peers, LATENCY, 0), &Idle, WARM)
}

/// What the growth of the cost is drawn from.
pub(super) const SLOTS: &str = "constant latency";
pub(super) const HEAP: &str = "constant latency, plain heap";

/// The engine and the plain heap, both from their start, in turns: events a second over the heap,
/// and how many times faster the engine is.
fn against_heap(peers: u32, events: u64, turns: usize) -> (f64, f64) {
    let setup = setup(peers, span(events, peers, LATENCY));
    let make = |_| Phold::new(peers, LATENCY, 0);
    let pairs: Vec<(f64, f64)> = (0..turns)
        .map(|_| {
            let heap = measure::heap(&setup, make);
            let slots = measure::world(&setup, make, &Idle, Duration::ZERO).nanos_per_event();
            (1e3 / heap, heap / slots)
        })
        .collect();
    let rate = median(pairs.iter().map(|&(rate, _)| rate).collect());
    (
        rate,
        median(pairs.iter().map(|&(_, ratio)| ratio).collect()),
    )
}

pub(super) fn measure(suite: &mut Suite<'_>) {
    let floor = |peers| match peers {
        100_000 => Some(Target::AtLeast(12.0)),
        1_000_000 => Some(Target::AtLeast(10.0)),
        _ => None,
    };
    let largest = if suite.quick { 100_000 } else { 1_000_000 };
    for peers in [1_000, 10_000, 100_000, 1_000_000] {
        if peers > largest {
            continue;
        }
        suite.say("PHOLD", peers);
        let runs: Vec<Timed> = (0..3).map(|_| slots(peers, suite.events(10))).collect();
        let rate = median(runs.iter().map(Timed::million_events).collect());
        let name = ("phold", peers);
        suite.row(name, SLOTS, (rate, "M events/s"), floor(peers));
        if peers == largest {
            let pending = runs[0].queue as f64 / f64::from(peers);
            let target = Some(Target::AtMost(48.0));
            suite.row(name, "queue, per pending event", (pending, "bytes"), target);
            let set_up = median(runs.iter().map(|run| run.set_up).collect());
            suite.row(name, "making all peers", (set_up, "s"), None);
        }
    }
    for (peers, aim) in [
        (1_000, None),
        (10_000, None),
        (100_000, Some(3.0)),
        (1_000_000, Some(8.0)),
    ] {
        if peers > largest {
            continue;
        }
        suite.say("PHOLD against the heap", peers);
        let turns = if suite.quick { 1 } else { 3 };
        let (rate, ratio) = against_heap(peers, suite.events(6), turns);
        suite.row(("phold", peers), HEAP, (rate, "M events/s"), None);
        let target = aim.filter(|_| !suite.quick).map(Target::AtLeast);
        suite.row(
            ("phold", peers),
            "engine against heap",
            (ratio, "x"),
            target,
        );
    }
}
