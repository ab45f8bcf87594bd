//! Runs under attack: each step of the attacker counts, and nobody changes nothing.

use super::*;
use crate::engine::Setup;
use crate::network::Network;
use crate::observe::record::Record;
use crate::peer::Population;
use crate::protocols::chord::Chord;
use crate::protocols::kademlia::Kademlia;
use crate::time::Duration;

const HONEST: u32 = 300;

fn setup(attackers: u32, seed: u64) -> Setup {
    let network = Network::constant(Duration::from_millis(50));
    let mut setup = Setup::new(HONEST, network, seed, Duration::from_mins(5));
    setup.phases.bootstrap = Duration::from_mins(2);
    setup.phases.warm_up = Duration::from_mins(3);
    setup.phases.drain = Duration::from_mins(1);
    setup.population = Population::attacked(HONEST, attackers);
    setup
}

/// So many values, which all ask for.
fn lookups(values: u32) -> String {
    let values = format!("values = {{ count = {values}, over = \"1 s\" }}");
    format!("lookups = {{ start.count = 200, {values} }}")
}

fn kademlia(values: u32) -> Kademlia {
    let text = format!("k = 8\nrefresh = \"2 min\"\n{}", lookups(values));
    toml::from_str(&text).expect("the shape")
}

fn chord(values: u32) -> Chord {
    let text = format!("replicas = 3\n{}", lookups(values));
    toml::from_str(&text).expect("the shape")
}

fn attack(text: &str) -> Sybil {
    toml::from_str(text).expect("the shape")
}

fn get(record: &Record, metric: &str) -> f64 {
    record.get(metric).expect("a metric of the attack")
}

/// A record under attack by so many.
fn record(target: &impl Target, text: &str, ids: u32) -> Record {
    run(target, &attack(text), &setup(ids, 1))
}

#[test]
fn an_attack_by_nobody_is_none() {
    let (kademlia, chord) = (kademlia(1), chord(1));
    for (attacked, plain) in [
        (record(&kademlia, "ids = 0", 0), kademlia.run(&setup(0, 1))),
        (record(&chord, "ids = 0", 0), chord.run(&setup(0, 1))),
    ] {
        assert_eq!(attacked.digest, plain.digest);
        let values = |record: &Record, from| -> Vec<(String, u64)> {
            let own = record.observations[from..].iter();
            own.map(|o| (o.metric.clone(), o.value.to_bits())).collect()
        };
        assert_eq!(values(&attacked, METRICS.len()), values(&plain, 0));
        let names = attacked.observations.iter().take(METRICS.len());
        assert!(
            names
                .zip(METRICS)
                .all(|(o, metric)| o.metric == metric.name)
        );
        assert!(get(&attacked, "sybil.won") > 0.99);
        assert!(get(&attacked, "sybil.intercepted").abs() < 1e-12);
    }
}

/// Places, lies and false routes: without any one of them the attacker gets less. One value is asked for,
/// or many.
fn every_step_counts(one: &impl Target, many: &impl Target) {
    // The key is theirs to give if they are nearest to it, whatever they say.
    let truthful = "values = \"honest\"\nrouting = \"honest\"";
    let around = record(one, &format!("place.key = {{}}\n{truthful}"), 16);
    assert!(get(&around, "sybil.intercepted") > 0.9);
    let anywhere = |text: &str| {
        let attack = format!("entry = \"born\"\n{text}");
        get(&record(many, &attack, 60), "sybil.intercepted")
    };
    // A sixth of all.
    let honest = anywhere(truthful);
    assert!((0.05..0.3).contains(&honest), "{honest}");
    // Kademlia asks whoever is on the way for the value; Chord asks its owner alone, but believes who is
    // on the way that it is theirs.
    let lies = [anywhere("routing = \"honest\""), anywhere("")];
    assert!(lies.is_sorted() && lies[0] >= honest, "{lies:?} {honest}");
    assert!(lies[1] > honest + 0.05, "{lies:?} {honest}");
    // Who is nearest takes values and gives none, and nobody else has them.
    let silent = "place.key = {}\nvalues = \"withhold\"";
    let silent = record(one, silent, 16);
    assert!(get(&silent, "sybil.won") < 0.1 && get(&silent, "sybil.intercepted") < 0.1);
    let late = "place.key = {}\nstart = \"10 min\"\nramp = \"1 h\"";
    let lies = get(&record(one, late, 16), "sybil.lies");
    assert!(lies.abs() < 1e-12, "they lie before they turn: {lies}");
}

#[test]
fn every_step_counts_in_kademlia() {
    every_step_counts(&kademlia(1), &kademlia(40));
}

#[test]
fn every_step_counts_in_chord() {
    every_step_counts(&chord(1), &chord(40));
}

/// More of them hold more of the tables.
#[test]
fn the_more_they_are_the_more_they_hold() {
    let held = |ids: u32| {
        let record = record(&kademlia(1), "entry = \"born\"\nrouting = \"honest\"", ids);
        get(&record, "sybil.table_held")
    };
    let shares = [3, 33, 100].map(held);
    for (ids, share) in [3.0, 33.0, 100.0].into_iter().zip(shares) {
        // As many of the contacts as of the peers.
        assert!((share - ids / (300.0 + ids)).abs() < 0.03, "{ids}: {share}");
    }
}
