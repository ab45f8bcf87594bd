//! What each part of a message's way costs: PHOLD, one thing more at a time.

use super::{LATENCY, SEED, Suite, span};
use crate::bench::linked::{self, Linked};
use crate::bench::measure::{self, median};
use crate::bench::neighbours::{self, Neighbour};
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

/// A network of these parts.
fn network(peers: u32, is_rough: bool) -> Network {
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
    let population = Population::uniform(peers);
    Network::build(&config, &files, &population, &Streams::new(SEED)).expect("a preset is valid")
}

fn linked(network: Network) -> Network {
    // A downlink that is slower than the uplink: each message waits, and is queued twice.
    network.with_links(Bandwidth(50_000_000), Bandwidth(10_000_000))
}

/// Links as they are at home: the downlink is the faster one, and nobody waits there.
fn at_home(network: Network) -> Network {
    network.with_links(Bandwidth(10_000_000), Bandwidth(50_000_000))
}

/// Every message costs a microsecond.
fn processed(peers: u32, network: Network) -> Network {
    let config = ProcessingConfig {
        per_message: Duration::from_micros(1),
        ..ProcessingConfig::default()
    };
    let (population, streams) = (Population::uniform(peers), Streams::new(SEED));
    let built = network.with_processing(&config, &["job"], &population, &streams);
    built.expect("a cost is valid")
}

/// Half of the peers behind translators that look up who has sent, with a memory as long as the run.
fn gated(peers: u32, network: Network) -> Network {
    let config = ReachConfig {
        port_restricted: Share(0.5),
        memory: Duration::from_hours(1),
        ..ReachConfig::default()
    };
    let (population, streams) = (Population::uniform(peers), Streams::new(SEED));
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

/// What a step costs more than another one, and at most so many nanoseconds.
type Surcharge = (&'static str, &'static str, &'static str, f64);

const LATENCY_ONLY: &str = "constant latency";
const LINKS: &str = "constant latency, access links";
const AT_HOME: &str = "constant latency, access links as at home";
const CONNECTIONS: &str = "constant latency, on connections";
const TCP: &str = "TCP, on connections";
const PROCESSORS: &str = "constant latency, processors";
const NEIGHBOURS: &str = "constant latency, among neighbours";
const GATES: &str = "gates, among neighbours";

const SURCHARGES: [Surcharge; 5] = [
    ("what access links add", LINKS, LATENCY_ONLY, 100.0),
    ("what links as at home add", AT_HOME, LATENCY_ONLY, 100.0),
    ("what TCP adds", TCP, CONNECTIONS, 150.0),
    ("what processors add", PROCESSORS, LATENCY_ONLY, 100.0),
    ("what gates add", GATES, NEIGHBOURS, 100.0),
];

fn phold(peers: u32, network: Network, events: u64, reports: bool) -> f64 {
    // Regions are about 40 ms apart in the mean; the figure is per event, whatever their number.
    let warm = Duration::from_millis(500);
    let setup = Setup::new(peers, network, SEED, warm + span(events, peers, LATENCY));
    let make = |_| {
        let peer = Phold::new(peers, LATENCY, 0);
        if reports { peer.reporting() } else { peer }
    };
    if !reports {
        return measure::world(&setup, make, &Idle, warm).nanos_per_event();
    }
    let mut seen = 0u64;
    let mut count = |_, _, _| seen += 1;
    measure::watched(&setup, make, &Idle, warm, &mut count).nanos_per_event()
}

fn connections(peers: u32, network: Network, events: u64) -> f64 {
    let warm = linked::BEGIN + Duration::from_millis(200);
    let setup = Setup::new(peers, network, SEED, warm + span(events, peers, LATENCY));
    measure::world(&setup, |_| Linked::new(peers), &Idle, warm).nanos_per_event()
}

fn neighbours(peers: u32, network: Network, events: u64) -> f64 {
    let warm = neighbours::BEGIN + Duration::from_millis(200);
    let setup = Setup::new(peers, network, SEED, warm + span(events, peers, LATENCY));
    measure::world(&setup, |_| Neighbour::new(peers), &Idle, warm).nanos_per_event()
}

/// What every model adds to latency alone.
fn models<'a>(peers: u32, events: u64) -> Vec<Step<'a>> {
    let constant = || Network::constant(LATENCY);
    vec![
        (
            LATENCY_ONLY,
            Box::new(move || phold(peers, constant(), events, false)),
        ),
        (
            LINKS,
            Box::new(move || phold(peers, linked(constant()), events, false)),
        ),
        (
            AT_HOME,
            Box::new(move || phold(peers, at_home(constant()), events, false)),
        ),
        (
            CONNECTIONS,
            Box::new(move || connections(peers, constant(), events)),
        ),
        (
            TCP,
            Box::new(move || connections(peers, windowed(constant()), events)),
        ),
        (
            PROCESSORS,
            Box::new(move || phold(peers, processed(peers, constant()), events, false)),
        ),
        (
            NEIGHBOURS,
            Box::new(move || neighbours(peers, constant(), events)),
        ),
        (
            GATES,
            Box::new(move || neighbours(peers, gated(peers, constant()), events)),
        ),
    ]
}

/// Models together, and what is told of them.
fn together<'a>(peers: u32, events: u64) -> Vec<Step<'a>> {
    let constant = || Network::constant(LATENCY);
    vec![
        (
            "+ an observer told of every event",
            Box::new(move || phold(peers, constant(), events, true)),
        ),
        (
            "regions",
            Box::new(move || phold(peers, network(peers, false), events, false)),
        ),
        (
            "regions, loss, jitter",
            Box::new(move || phold(peers, network(peers, true), events, false)),
        ),
        (
            "regions, loss, jitter, access links",
            Box::new(move || phold(peers, linked(network(peers, true)), events, false)),
        ),
        (
            "access links, on connections",
            Box::new(move || connections(peers, linked(constant()), events)),
        ),
    ]
}

pub(super) fn measure(suite: &mut Suite<'_>) {
    let events = suite.events(5);
    let small = 100_000;
    let mut steps = models(small, events);
    steps.extend(together(small, events));
    climb(suite, small, &steps);
    if !suite.quick {
        let large = 1_000_000;
        climb(suite, large, &models(large, suite.events(10)));
    }
}

/// Measures all steps, in turns, so that a busy minute of the machine does not hit one step alone.
fn climb(suite: &mut Suite<'_>, peers: u32, steps: &[Step<'_>]) {
    let turns = if suite.quick { 1 } else { 3 };
    let mut nanos = vec![Vec::new(); steps.len()];
    for _ in 0..turns {
        for ((what, step), nanos) in steps.iter().zip(&mut nanos) {
            suite.say(what, peers);
            nanos.push(step());
        }
    }
    let nanos: Vec<f64> = nanos.into_iter().map(median).collect();
    for ((what, _), &nanos) in steps.iter().zip(&nanos) {
        let judged = *what == CONNECTIONS && peers == 100_000;
        let target = judged.then_some(Target::AtMost(150.0));
        suite.row(("ladder", peers), what, (nanos, "ns/message"), target);
    }
    let of = |name: &str| {
        let mut both = steps.iter().zip(&nanos);
        both.find(|((what, _), _)| *what == name)
            .map_or(f64::NAN, |(_, &nanos)| nanos)
    };
    for (what, with, without, most) in SURCHARGES {
        let added = of(with) - of(without);
        let target = Some(Target::AtMost(most));
        suite.row(("ladder", peers), what, (added, "ns/message"), target);
    }
}
