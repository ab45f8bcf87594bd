//! Chord: lookups in a ring, the ring included; and the clean workload `SimGrid` was measured with.

use super::{SEED, Suite};
use crate::bench::clock::Stopwatch;
use crate::bench::measure::{self, Timed, median};
use crate::bench::ring::Clean;
use crate::bench::row::Target;
use crate::engine::{Setup, World};
use crate::network::Network;
use crate::protocols::chord::{Chord, Peer, Rules};
use crate::protocols::dht::{Lookups, Schedule, Start};
use crate::time::Duration;
use std::sync::Arc;

const SIMGRID: &str = "SimGrid 4.1";

/// Iterative lookups in a ring that is there, with everything that it takes to make it: seconds of
/// the processor.
fn lookups(peers: u32) -> f64 {
    let watch = Stopwatch::start();
    let network = Network::constant(super::LATENCY);
    let setup = Setup::new(peers, network, SEED, Duration::from_secs(10));
    let chord = Chord {
        maintenance: false,
        lookups: Lookups {
            start: Start::Count(peers),
            ..Lookups::default()
        },
        ..Chord::default()
    };
    let ids = chord.ids(&setup);
    let (rules, mut birth) = Rules::new(&chord, &setup, Arc::clone(&ids));
    let rules = Arc::new(rules);
    let schedule = Schedule::new(&chord.lookups, &setup, ids);
    let spawn = |me| Peer::new(me, Arc::clone(&rules), &mut birth);
    World::new(&setup, spawn, &schedule).run_unwatched();
    watch.cpu()
}

fn chord(suite: &mut Suite<'_>) {
    let peers = 10_000;
    suite.say("Chord, a lookup a peer", peers);
    let seconds = median((0..3).map(|_| lookups(peers)).collect());
    let target = Some(Target::AtMost(0.1));
    let what = "10 000 lookups, making the ring included";
    suite.row(("chord", peers), what, (seconds, "s"), target);
}

fn clean(suite: &mut Suite<'_>) {
    // Rounds, seconds and bytes a peer of SimGrid, on a machine of the class the targets are for; it
    // cannot hold a million.
    for (peers, rounds, aim, theirs) in [
        (10_000, 20, Some(1.0), Some((13.6, 27e3))),
        (100_000, 5, None, Some((64.2, 75e3))),
        (1_000_000, 5, None, None),
    ] {
        if suite.quick && peers > 10_000 {
            continue;
        }
        suite.say("Chord, SimGrid's workload", peers);
        let turns = if peers > 10_000 { 1 } else { 3 };
        let run = |_| {
            let mut clean = Clean::new(peers, rounds, SEED);
            let (setup, lookups) = (clean.setup.clone(), clean.lookups.clone());
            measure::world(&setup, |me| clean.peer(me), &lookups, Duration::ZERO)
        };
        let runs: Vec<Timed> = (0..turns).map(run).collect();
        let seconds = median(runs.iter().map(|run| run.seconds).collect());
        let name = ("chord, clean", peers);
        let target = aim.map(Target::AtMost);
        suite.row(name, "recursive lookups, CPU", (seconds, "s"), target);
        if let Some((seconds, _)) = theirs {
            suite.beside(SIMGRID, seconds);
        }
        let each = runs[0].messages as f64 / f64::from(peers * rounds);
        suite.row(name, "messages per lookup", (each, ""), None);
        let grown = runs.iter().filter_map(|run| run.grown).max();
        if let Some(grown) = grown.filter(|_| peers > 10_000) {
            let each = grown as f64 / f64::from(peers);
            suite.row(name, "memory in all, per peer", (each, "bytes"), None);
            if let Some((_, bytes)) = theirs {
                suite.beside(SIMGRID, bytes);
            }
        }
    }
}

pub(super) fn measure(suite: &mut Suite<'_>) {
    chord(suite);
    clean(suite);
}
