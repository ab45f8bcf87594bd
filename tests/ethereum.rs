//! What an attacker on an Ethereum node cannot do without, and the same run on all engines.
//!
//! The attacker knows what Marcus, Heilman & Goldberg (2018) give theirs: the victim's enode, which client
//! it runs (how many connections it takes), and whether it answers. It sees no table; all it can do is to
//! ping, to answer and to connect.

use peerlab::adversary::ethereum::{self, Cast, EthereumEclipse};
use peerlab::engine::{Idle, Reference, Setup, World};
use peerlab::experiment::prepare;
use peerlab::input::Files;
use peerlab::protocols::ethereum::Ethereum;
use peerlab::scenario::{AttackConfig, ProtocolConfig, Settings, load};

/// A small network of geth 1.7 that is attacked at ten minutes.
const ATTACK: &str = r#"
    name = "t"
    peers = 60
    duration = "16 min"
    [network.constant]
    latency = "50 ms"
    [protocol.ethereum]
    client = "geth-1.7"
    [attack.ethereum-eclipse]
    victims = 4
    hold = "3 min"
    "#;

fn built(text: &str, changes: &[&str], seed: u64) -> (Ethereum, EthereumEclipse, Setup) {
    let sets: Vec<String> = changes.iter().map(|&change| change.to_owned()).collect();
    let scenario = load::<Settings>("t.toml", text, &sets);
    let scenario = scenario.unwrap_or_else(|problems| panic!("{problems}"));
    let settings = &scenario.points[0].body;
    let (ProtocolConfig::Ethereum(ethereum), Some(AttackConfig::EthereumEclipse(attack))) =
        (&settings.protocol, &settings.attack)
    else {
        unreachable!("an attack on Ethereum nodes")
    };
    let setup = prepare(settings, &Files::default(), seed).expect("valid");
    (ethereum.clone(), attack.clone(), setup)
}

/// The mean of a metric over a few seeds.
fn mean(metric: &str, changes: &[&str]) -> f64 {
    let values = (1..=4).map(|seed| {
        let (ethereum, attack, setup) = built(ATTACK, changes, seed);
        let record = ethereum::run(&ethereum, &attack, &setup);
        record.get(metric).expect("measured")
    });
    values.sum::<f64>() / 4.0
}

const LASTING: &str = "eclipse.lasting";
const LIMITED: &str = "protocol.ethereum.countermeasures.incoming_limit=true";
const POISONS: &str = "attack.ethereum-eclipse.poisons=true";

/// A node has 25 connections.
#[test]
fn fewer_keys_than_connections_are_not_enough() {
    assert!(mean(LASTING, &["attack.ethereum-eclipse.ids=24"]) <= 0.0);
    assert!(mean(LASTING, &["attack.ethereum-eclipse.ids=50"]) > 0.7);
}

#[test]
fn no_step_of_the_attack_can_be_left_out() {
    let whole = mean(LASTING, &[POISONS]);
    assert!(whole > 0.8, "{whole}");
    // Without connections the node lets in whom it likes.
    let less = mean(
        LASTING,
        &["attack.ethereum-eclipse.connects=false", POISONS],
    );
    assert!(less < whole / 2.0, "{less}, whole {whole}");
    // Whoever does not restart has its connections. The victim is away for less than it is missed.
    let at_once = ["attack.ethereum-eclipse.away=\"1 s\""];
    assert!(mean(LASTING, &at_once) <= 0.0);
}

/// With places that only the node itself can fill, it fills them.
#[test]
fn connections_alone_never_eclipse_a_node_that_keeps_places_to_dial() {
    assert!(mean(LASTING, &[LIMITED]) <= 0.0);
    assert!(mean("eclipse.outbound_held", &[LIMITED]) <= 0.0);
    assert!(mean("eclipse.inbound_held", &[LIMITED]) > 0.9);
}

/// Each step of poisoning brings more of the dialled connections to the attacker. (Answering lookups with
/// its own nodes is none of them: who dials heads of buckets that are the attacker's looks nobody up.)
#[test]
fn no_step_of_poisoning_can_be_left_out() {
    let held = |change: &str| {
        mean(
            "eclipse.outbound_held",
            &[LIMITED, POISONS, "attack.ethereum-eclipse.ids=100", change],
        )
    };
    let whole = held("attack.ethereum-eclipse.ids=100");
    assert!(whole > 0.7, "{whole}");
    for without in [
        "attack.ethereum-eclipse.poisons=false",
        "attack.ethereum-eclipse.crafted=false",
        "attack.ethereum-eclipse.ids=30",
    ] {
        let less = held(without);
        assert!(less < whole, "{without}: {less}, whole {whole}");
    }
}

/// Two addresses have twenty places in a table.
#[test]
fn limits_on_addresses_keep_the_attacker_out_of_tables() {
    let limits = "protocol.ethereum.countermeasures.subnet_limits=true";
    let held = |change| mean("eclipse.table_poisoned", &[LIMITED, POISONS, change]);
    let (before, after) = (held("peers=60"), held(limits));
    assert!(before > 0.9 && after < 0.6, "{before} {after}");
}

#[test]
fn engines_agree_on_the_attack() {
    let text = r#"
        name = "t"
        peers = 50
        duration = "150 s"
        network = { loss = "2 %", jitter = "2 ms", constant = { latency = "40 ms" } }
        churn.session.exponential.mean = "1 min"
        churn.absence.exponential.mean = "1 min"
        [protocol.ethereum]
        client = "geth-1.7"
        [attack.ethereum-eclipse]
        victims = 3
        ids = 60
        poisons = true
        start = "5 s"
        round = "20 s"
        restart = "40 s"
        away = "15 s"
        "#;
    for client in ["geth-1.7", "geth-1.8"] {
        let change = format!("protocol.ethereum.client=\"{client}\"");
        let (ethereum, attack, setup) = built(text, &[&change], 1);
        let (mut setup, _, spawn) = ethereum::prepare(&ethereum, &attack, &setup);
        let expected = Reference::<Cast>::new(&setup, spawn, &Idle).run(&mut ());
        for shards in [1, 2, 3, 8] {
            let (_, _, spawn) = ethereum::prepare(&ethereum, &attack, &setup);
            setup.shards = shards;
            let mut world = World::new(&setup, spawn, &Idle);
            let mut got = world.run(&mut ());
            got.shards = expected.shards;
            assert_eq!(got, expected, "{client} on {shards} shards");
            let hosts = world.peers().filter_map(|(_, peer)| peer.attacker());
            let lies: u64 = hosts.map(|host| host.spent().lies).sum();
            assert!(lies > 10, "{lies} lies");
        }
        let counts = &expected.counts;
        assert!(counts.lost > 50 && counts.to_the_dead > 50, "{counts:?}");
    }
}
