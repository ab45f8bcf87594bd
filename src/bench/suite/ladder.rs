//! What each part of a message's way costs: PHOLD, one thing more at a time.

use super::{LATENCY, SEED, Suite, span};
use crate::bench::linked::{self, Linked};
use crate::bench::measure::{self, median};
use crate::bench::phold::Phold;
use crate::bench::row::Target;
use crate::engine::{Idle, Setup};
use crate::network::{
    Network, NetworkConfig, ProcessingConfig, ReachConfig, RegionPreset, RegionsConfig, TcpConfig,
    TransportConfig,
};
use crate::peer::Population;
use crate::quantity::{Bandwidth, Share};
use crate::random::Streams;
use crate::time::Duration;

const PEERS: u32 = 100_000;

/// A network of these parts.
fn network(is_rough: bool) -> Network {
    let regions = RegionsConfig {
        preset: Some(RegionPreset::Bitcoin2019),
        names: Vec::new(),
        shares: Vec::new(),
        rtt: Vec::new(),
    };
    let mut config = NetworkConfig {
        constant: None,
        regions: Some(regions),
        ..NetworkConfig::default()
    };
    if is_rough {
        // So little that the messages do not run out.
        config.loss = Share(1e-6);
        config.jitter = Duration::from_millis(5);
    }
    let files = crate::network::Files::default();
    let population = Population::uniform(PEERS);
    Network::build(&config, &files, &population, &Streams::new(SEED)).expect("a preset is valid")
}

fn linked(network: Network) -> Network {
    // A downlink that is slower than the uplink: each message waits, and is queued twice.
    network.with_links(Bandwidth(50_000_000), Bandwidth(10_000_000))
}

/// Every message costs a microsecond.
fn processed(network: Network) -> Network {
    let config = ProcessingConfig {
        per_message: Duration::from_micros(1),
        ..ProcessingConfig::default()
    };
    let (population, streams) = (Population::uniform(PEERS), Streams::new(SEED));
    let built = network.with_processing(&config, &["job"], &population, &streams);
    built.expect("a cost is valid")
}

/// Half of the peers behind translators whose memory does not end: all have sent to their neighbours
/// once, and what comes in is looked up.
fn gated(network: Network) -> Network {
    let config = ReachConfig {
        full_cone: Share(0.5),
        memory: Duration::from_hours(1),
        ..ReachConfig::default()
    };
    let (population, streams) = (Population::uniform(PEERS), Streams::new(SEED));
    let built = network.with_reachability(&config, &population, &streams);
    built.expect("a share is valid")
}

/// Connections with windows.
fn windowed(network: Network) -> Network {
    let config = TransportConfig {
        tcp: Some(TcpConfig::default()),
        ..TransportConfig::default()
    };
    network.with_transport(&config).expect("defaults are valid")
}

/// One step of the ladder: what is on the way, and nanoseconds per event.
type Step<'a> = (&'static str, Box<dyn Fn() -> f64 + 'a>);

fn phold(network: Network, events: u64, reports: bool) -> f64 {
    // Regions are about 40 ms apart in the mean; the figure is per event, whatever their number.
    let warm = Duration::from_millis(500);
    let setup = Setup::new(PEERS, network, SEED, warm + span(events, PEERS, LATENCY));
    let make = |_| {
        let peer = Phold::new(PEERS, LATENCY, 0);
        if reports { peer.reporting() } else { peer }
    };
    if !reports {
        return measure::world(&setup, make, &Idle, warm).nanos_per_event();
    }
    let mut seen = 0u64;
    let mut count = |_, _, _| seen += 1;
    measure::watched(&setup, make, &Idle, warm, &mut count).nanos_per_event()
}

fn connections(network: Network, events: u64) -> f64 {
    let warm = linked::BEGIN + Duration::from_millis(200);
    let setup = Setup::new(PEERS, network, SEED, warm + span(events, PEERS, LATENCY));
    measure::world(&setup, |_| Linked::new(PEERS), &Idle, warm).nanos_per_event()
}

pub(super) fn measure(suite: &mut Suite<'_>) {
    let events = suite.events(5);
    let constant = || Network::constant(LATENCY);
    let steps: [Step<'_>; 11] = [
        (
            "constant latency",
            Box::new(|| phold(constant(), events, false)),
        ),
        (
            "+ an observer told of every event",
            Box::new(|| phold(constant(), events, true)),
        ),
        ("regions", Box::new(|| phold(network(false), events, false))),
        (
            "regions, loss, jitter",
            Box::new(|| phold(network(true), events, false)),
        ),
        (
            "constant latency, access links",
            Box::new(|| phold(linked(constant()), events, false)),
        ),
        (
            "regions, loss, jitter, access links",
            Box::new(|| phold(linked(network(true)), events, false)),
        ),
        (
            "constant latency, on connections",
            Box::new(|| connections(constant(), events)),
        ),
        (
            "access links, on connections",
            Box::new(|| connections(linked(constant()), events)),
        ),
        (
            "TCP, on connections",
            Box::new(|| connections(windowed(constant()), events)),
        ),
        (
            "constant latency, processors",
            Box::new(|| phold(processed(constant()), events, false)),
        ),
        (
            "constant latency, gates",
            Box::new(|| phold(gated(constant()), events, false)),
        ),
    ];
    // In turns, so that a busy minute of the machine does not hit one step alone.
    let turns = if suite.quick { 1 } else { 3 };
    let mut nanos = vec![Vec::new(); steps.len()];
    for _ in 0..turns {
        for ((what, step), nanos) in steps.iter().zip(&mut nanos) {
            suite.say(what, PEERS);
            nanos.push(step());
        }
    }
    let nanos: Vec<f64> = nanos.into_iter().map(median).collect();
    for ((what, _), &nanos) in steps.iter().zip(&nanos) {
        let target = (*what == "constant latency, on connections").then_some(Target::AtMost(150.0));
        suite.row(("ladder", PEERS), what, (nanos, "ns/message"), target);
    }
    for (what, with, without, most) in [
        ("what access links add", 4, 0, 100.0),
        ("what TCP adds", 8, 6, 150.0),
        ("what processors add", 9, 0, 100.0),
        ("what gates add", 10, 0, 100.0),
    ] {
        let added = nanos[with] - nanos[without];
        let target = Some(Target::AtMost(most));
        suite.row(("ladder", PEERS), what, (added, "ns/message"), target);
    }
}
