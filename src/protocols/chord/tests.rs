//! Small rings, run.

use super::*;
use crate::churn::{Churn, ChurnConfig};
use crate::engine::{Setup, World};
use crate::input::Files;
use crate::network::Network;
use crate::observe::record::Record;
use crate::protocols::dht::{Contact, Ids, Schedule};
use crate::time::{Duration, Instant};
use std::sync::Arc;

fn chord(text: &str) -> Chord {
    let chord: Chord = toml::from_str(text).expect("a configuration");
    let mut problems = Vec::new();
    chord.validate(&mut problems);
    assert!(problems.is_empty(), "{problems:?}");
    chord
}

fn setup(peers: u32, minutes: u64) -> Setup {
    let network = Network::constant(Duration::from_millis(50));
    Setup::new(peers, network, 1, Duration::from_mins(minutes))
}

fn with_churn(mut setup: Setup, text: &str) -> Setup {
    let config: ChurnConfig = toml::from_str(text).expect("churn");
    let churn = Churn::build(
        &config,
        &Files::default(),
        &setup.population,
        &setup.streams,
    );
    setup.churn = Arc::new(churn.expect("it builds"));
    setup
}

fn get(record: &Record, metric: &str) -> f64 {
    record.get(metric).expect("measured")
}

#[test]
fn every_lookup_in_a_static_ring_finds_the_successor() {
    let setup = setup(300, 10);
    let mut hops = Vec::new();
    for routing in ["iterative = {}", "recursive = {}", "recursive.ack = false"] {
        let text = format!("routing.{routing}\nmaintenance = false\nlookups.start.count = 600");
        let record = chord(&text).run(&setup);
        for metric in ["dht.success", "dht.correct"] {
            assert!(
                (get(&record, metric) - 1.0).abs() < 1e-12,
                "{routing}: {metric}"
            );
        }
        assert!(get(&record, "dht.timeouts") < 1e-12);
        assert!(get(&record, "dht.stale") < 1e-12);
        hops.push(get(&record, "dht.hops"));
    }
    // The same nodes are passed, whoever passes the question on.
    assert!(hops.iter().all(|h| (h - hops[0]).abs() < 1e-12), "{hops:?}");
}

/// What a run without lookups leaves behind.
fn world(text: &str, setup: &Setup) -> (World<Peer>, Arc<Ids>, Birth) {
    let chord = chord(text);
    let ids = chord.ids(setup);
    let (rules, mut birth) = Rules::new(&chord, setup, Arc::clone(&ids));
    let rules = Arc::new(rules);
    let schedule = Schedule::new(&chord.lookups, setup, Arc::clone(&ids));
    let spawn = |me| Peer::new(me, Arc::clone(&rules), &mut birth);
    let mut world = World::new(setup, spawn, &schedule);
    world.advance(Instant::MAX, &mut ());
    (world, ids, birth)
}

#[test]
fn peers_that_join_make_the_ring_that_should_be() {
    for each in [1, 2] {
        let text = format!(
            "start.join.over = \"5 min\"\nsuccessors = 8\nfingers = \"all\"\nvirtual_nodes = {each}"
        );
        let (world, ids, mut birth) = world(&text, &setup(100, 40));
        for (peer, state) in world.peers() {
            assert_eq!(state.nodes.len(), each);
            for node in &state.nodes {
                let tables = &node.tables;
                let expected = birth.tables(tables.me, 8, &ids).expect("up");
                assert!(node.joined, "{peer}");
                assert_eq!(tables.predecessor, expected.predecessor, "{peer}");
                assert_eq!(tables.successors, expected.successors, "{peer}");
                assert_eq!(tables.fingers, expected.fingers, "{peer}");
            }
        }
    }
}

#[test]
fn a_ring_survives_churn_and_finds_what_is_there() {
    for (departure, identity) in [("crash", "same"), ("graceful", "new")] {
        let churn = format!(
            "session.exponential.mean = \"20 min\"\nabsence.exponential.mean = \"20 min\"\n\
             departure = \"{departure}\"\nidentity = \"{identity}\""
        );
        let setup = with_churn(setup(400, 60), &churn);
        for routing in ["iterative = {}", "recursive = {}"] {
            let text = format!("routing.{routing}\nlookups.start.rate = \"5 /s\"");
            let record = chord(&text).run(&setup);
            let (success, correct) = (get(&record, "dht.success"), get(&record, "dht.correct"));
            assert!(success > 0.97, "{departure}, {routing}: success {success}");
            assert!(correct > 0.97, "{departure}, {routing}: correct {correct}");
            assert!(get(&record, "dht.timeouts") > 0.0);
        }
    }
}

#[test]
fn values_are_handed_over_by_those_who_leave_and_lost_with_those_who_crash() {
    let churn = |departure| {
        let lives = "session.exponential.mean = \"30 min\"\nabsence.exponential.mean = \"30 min\"";
        format!("{lives}\ndeparture = \"{departure}\"")
    };
    let availability = |departure, more: &str| {
        let mut setup = setup(200, 60);
        setup.phases.warm_up = Duration::from_mins(2);
        let setup = with_churn(setup, &churn(departure));
        let text = format!("{more}\nlookups.values.count = 200\nlookups.start.rate = \"1 /s\"");
        let record = chord(&text).run(&setup);
        let series = record.series.iter().find(|s| s.name == "dht.availability");
        series.expect("a curve").points.last().expect("a point").1
    };
    // Half of the values are put by peers that are up; of those all should last.
    let (left, crashed) = (availability("graceful", ""), availability("crash", ""));
    let copied = availability("crash", "replicas = 5");
    // After an hour of sessions of half an hour 13 % of the peers have not crashed.
    assert!(crashed < 0.2, "{crashed}");
    assert!(left > 0.35 && copied > 0.35, "{left}, {copied}");
}

#[test]
fn a_value_that_was_put_is_fetched() {
    let mut setup = setup(100, 10);
    setup.phases.warm_up = Duration::from_mins(2);
    for more in [
        "",
        "routing.recursive = {}",
        "virtual_nodes = 3",
        "replicas = 3",
    ] {
        let text = format!("{more}\nlookups.values.count = 500\nlookups.start.count = 500");
        let record = chord(&text).run(&setup);
        assert!((get(&record, "dht.success") - 1.0).abs() < 1e-12, "{more}");
        assert!(
            (get(&record, "dht.availability") - 1.0).abs() < 1e-12,
            "{more}"
        );
        let copies = if more == "replicas = 3" { 15.0 } else { 5.0 };
        assert!(
            (get(&record, "dht.keys_per_node") - copies).abs() < 1e-12,
            "{more}"
        );
    }
}

#[test]
fn a_peer_takes_some_hundreds_of_bytes() {
    assert!(size_of::<Peer>() <= 56, "{}", size_of::<Peer>());
    assert!(size_of::<Node>() <= 112, "{}", size_of::<Node>());
    let (world, ..) = world(
        "maintenance = false\nlookups.start.count = 1",
        &setup(1000, 1),
    );
    let contacts: usize = world
        .peers()
        .flat_map(|(_, peer)| &peer.nodes)
        .map(|node| node.tables.fingers.capacity() + node.tables.successors.capacity())
        .sum();
    let bytes = contacts * size_of::<Contact>() / 1000;
    assert!(bytes < 140, "{bytes} B of contacts a peer");
}
