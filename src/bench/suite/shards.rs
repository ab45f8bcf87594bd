//! Two shards on two cores against one on one, in real time and in turns.

use super::{LATENCY, SEED, Suite, span};
use crate::bench::measure::{self, median};
use crate::bench::phold::Phold;
use crate::bench::row::Target;
use crate::engine::{Idle, Setup};
use crate::network::Network;
use crate::time::Duration;

/// Rounds of hashing that make a handler of about 140 ns.
const ROUNDS: u32 = 55;

fn nanos(peers: u32, events: u64, rounds: u32, shards: usize) -> f64 {
    let warm = Duration::from_millis(150);
    let length = warm + span(events, peers, LATENCY);
    let mut setup = Setup::new(peers, Network::constant(LATENCY), SEED, length);
    setup.shards = shards;
    let run = measure::world(&setup, |_| Phold::new(peers, LATENCY, rounds), &Idle, warm);
    run.wall * 1e9 / run.events.max(1) as f64
}

pub(super) fn measure(suite: &mut Suite<'_>) {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let cases = [
        (100_000, 0, 1.15, "two shards"),
        (1_000_000, 0, 1.3, "two shards"),
        (100_000, ROUNDS, 1.7, "two shards, slow handler"),
    ];
    for (peers, rounds, aim, what) in cases {
        if suite.quick && peers > 100_000 {
            continue;
        }
        suite.say(what, peers);
        let events = suite.events(if rounds == 0 { 10 } else { 4 });
        let turns = if suite.quick { 1 } else { 5 };
        let pairs: Vec<(f64, f64)> = (0..turns)
            .map(|_| {
                let one = nanos(peers, events, rounds, 1);
                (one, nanos(peers, events, rounds, 2))
            })
            .collect();
        let ratio = median(pairs.iter().map(|(one, two)| one / two).collect());
        // Without a second core, or in one short turn, the figure says nothing about the engine.
        let target = (cores > 1 && !suite.quick).then_some(Target::AtLeast(aim));
        suite.row(("phold", peers), what, (ratio, "x"), target);
        if rounds > 0 {
            let one = median(pairs.iter().map(|&(one, _)| one).collect());
            let what = "one shard, slow handler";
            suite.row(("phold", peers), what, (one, "ns/event"), None);
        }
    }
}
