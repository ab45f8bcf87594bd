//! Averaging, request and response, flooding.

use super::{LATENCY, SEED, Suite};
use crate::bench::averaging::{self, Averaging};
use crate::bench::flood::{Flood, News};
use crate::bench::measure::{self, Timed, median};
use crate::bench::request_response::{Asker, SLEEP};
use crate::bench::row::Target;
use crate::engine::{Idle, Script, Setup};
use crate::network::Network;
use crate::network::graph::regular;
use crate::peer::PeerId;
use crate::quantity::Bandwidth;
use crate::random::{Purpose, Streams};
use crate::time::{Duration, Instant};
use std::sync::Arc;

pub(super) const AVERAGING: &str = "delay uniform in 0.1 to 0.5 cycles";
pub(super) const PEERSIM: &str = "PeerSim 1.0.5";

fn average(suite: &mut Suite<'_>) {
    let cycle = Duration::from_secs(1);
    // What PeerSim does: release 1.0.5, OpenJDK 17, events per second of the processor, on a machine
    // of the class the targets are for.
    for (peers, aim, peersim) in [
        (1_000, None, None),
        (10_000, Some(12.0), Some(2.47)),
        (100_000, Some(9.0), Some(1.33)),
        (1_000_000, Some(6.0), Some(0.59)),
    ] {
        if suite.quick && peers > 100_000 {
            continue;
        }
        suite.say("averaging", peers);
        let cycles = (suite.events(12) / u64::from(peers) / 3).max(3);
        let network = averaging::network(cycle, &Streams::new(SEED));
        let setup = Setup::new(peers, network, SEED, cycle * (cycles + 1));
        let run = || {
            let make = |me| Averaging::new(me, peers, cycle);
            measure::world(&setup, make, &Idle, cycle)
        };
        let first = run();
        let others = (1..3).map(|_| run());
        let runs: Vec<Timed> = std::iter::once(first).chain(others).collect();
        let rate = median(runs.iter().map(Timed::million_events).collect());
        let name = ("averaging", peers);
        let target = aim.map(Target::AtLeast);
        suite.row(name, AVERAGING, (rate, "M events/s"), target);
        if let Some(value) = peersim {
            suite.beside(PEERSIM, value);
        }
        // Memory that an earlier run has given back may be used again, so the most a run grew by.
        let grown = runs.iter().filter_map(|run| run.grown).max();
        if let Some(grown) = grown.filter(|_| peers == 1_000_000) {
            let each = grown as f64 / f64::from(peers);
            suite.row(
                name,
                "memory in all, per peer",
                (each, "bytes"),
                Some(Target::AtMost(300.0)),
            );
            // Its live heap after a collection.
            suite.beside(PEERSIM, 287.0);
        }
    }
}

fn request_response(suite: &mut Suite<'_>) {
    let peers = 10_000;
    let questions = (suite.events(10) / u64::from(peers) / 2) as u32;
    let latency = || Network::constant(Duration::from_millis(20));
    let link = Bandwidth(10_000_000);
    let with_links = latency().with_links(link, link);
    // Two N K messages of 100 bytes, messages per second of the processor, on a machine of the class
    // the targets are for; simcore (DSLab) is the fastest Rust relative.
    for (what, network, aim, (other, theirs)) in [
        ("latency only", latency(), 8.0, ("simcore 0.1.0", 4.8)),
        (
            "latency and access links",
            with_links,
            5.0,
            ("SimGrid 4.1", 0.077),
        ),
    ] {
        suite.say("request and response", peers);
        // Long enough for everybody: sleeps take 10 s in the mean.
        let length = SLEEP * u64::from(questions) + Duration::from_secs(10);
        let setup = Setup::new(peers, network, SEED, length);
        let run = |_| {
            let make = |_| Asker::new(peers, questions);
            measure::world(&setup, make, &Idle, Duration::ZERO).million_messages()
        };
        let rate = median((0..3).map(run).collect());
        let name = ("request/response", peers);
        suite.row(name, what, (rate, "M msg/s"), Some(Target::AtLeast(aim)));
        suite.beside(other, theirs);
    }
}

fn flood(suite: &mut Suite<'_>) {
    let peers = if suite.quick { 100_000 } else { 1_000_000 };
    suite.say("flooding", peers);
    let streams = Streams::new(SEED);
    let graph = Arc::new(regular(peers, 8, &mut streams.chacha(Purpose::Topology, 0)));
    let script = Script::new(vec![(Instant::from_nanos(1), PeerId(0), News(0))]);
    let rough = Network::uniform(
        Duration::from_millis(10),
        Duration::from_millis(300),
        &streams,
    );
    for (what, network) in [
        ("delay uniform in 10 to 300 ms", rough),
        (
            "constant latency: all of a step at once",
            Network::constant(LATENCY),
        ),
    ] {
        let setup = Setup::new(peers, network, SEED, Duration::from_secs(20));
        let run = |_| {
            let make = |_| Flood::new(Arc::clone(&graph));
            measure::world(&setup, make, &script, Duration::from_nanos(1))
        };
        let runs: Vec<Timed> = (0..3).map(run).collect();
        let seconds = median(runs.iter().map(|run| run.seconds).collect());
        let target = (peers == 1_000_000).then_some(Target::AtMost(0.8));
        let target = target.filter(|_| what.starts_with("delay"));
        let name = ("flood, degree 8", peers);
        suite.row(name, what, (seconds, "s"), target);
    }
}

pub(super) fn measure(suite: &mut Suite<'_>) {
    average(suite);
    request_response(suite);
    flood(suite);
}
