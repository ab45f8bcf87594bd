//! What an attacker on a Bitcoin node cannot do without.
//!
//! The attacker knows what Heilman et al. (2015) give theirs: the victim's address, its own addresses,
//! the client's public constants (how many connections it takes), and that its own connection broke. It
//! sees no table; all it can do is to connect and to send addresses.

use peerlab::adversary::eclipse;
use peerlab::experiment::prepare;
use peerlab::input::Files;
use peerlab::scenario::{AttackConfig, ProtocolConfig, Settings, load};

/// The mean of a metric over a few seeds, in a small network that is attacked for two hours unless
/// `changes` say otherwise.
fn mean(metric: &str, changes: &[&str]) -> f64 {
    let text = r#"
        name = "t"
        peers = 100
        duration = "140 min"
        [network.constant]
        latency = "50 ms"
        [protocol.bitcoin]
        client = "bitcoin-core-0.9.3"
        [attack.eclipse]
        groups = 32
        addresses_per_group = 128
        start = "0 s"
        restart = "2 h"
        "#;
    let sets: Vec<String> = changes.iter().map(|&change| change.to_owned()).collect();
    let scenario = load::<Settings>("t.toml", text, &sets);
    let scenario = scenario.unwrap_or_else(|problems| panic!("{problems}"));
    let settings = &scenario.points[0].body;
    let (ProtocolConfig::Bitcoin(bitcoin), Some(AttackConfig::Eclipse(attack))) =
        (&settings.protocol, &settings.attack)
    else {
        unreachable!("an attack on Bitcoin nodes")
    };
    let seeds = 1..=4;
    let values = seeds.clone().map(|seed| {
        let setup = prepare(settings, &Files::default(), seed).expect("valid");
        let record = eclipse::run(bitcoin, attack, &setup);
        record.get(metric).expect("measured")
    });
    values.sum::<f64>() / seeds.count() as f64
}

const SUCCESS: &str = "eclipse.success";

/// A node has eight outbound connections, each to another group.
#[test]
fn seven_groups_are_never_enough_and_eight_may_be() {
    let full = "attack.eclipse.addresses_per_group=512";
    assert!(mean(SUCCESS, &["attack.eclipse.groups=7", full]) <= 0.0);
    assert!(mean(SUCCESS, &["attack.eclipse.groups=8", full]) > 0.0);
}

#[test]
fn no_step_of_the_attack_can_be_left_out() {
    let whole = mean(SUCCESS, &[]);
    assert!(whole > 0.5, "{whole}");
    for (what, change) in [
        (
            "filling tried: a minute of it",
            "attack.eclipse.start=\"119 min\"",
        ),
        ("trash in new", "attack.eclipse.trash=0"),
        ("many groups", "attack.eclipse.groups=8"),
        ("many addresses", "attack.eclipse.addresses_per_group=4"),
    ] {
        let without = mean(SUCCESS, &[change]);
        assert!(
            without < whole - 0.05,
            "without {what}: {without} of {whole}"
        );
    }
}

/// Until the restart the victim keeps the honest connections it has.
#[test]
fn nobody_is_cut_off_before_the_restart() {
    let early = [
        "attack.eclipse.restart=\"139 min\"",
        "attack.eclipse.hold=\"1 min\"",
    ];
    assert!(mean("eclipse.lasting", &early) <= 0.0);
}

/// From 0.14 on connecting is no way into `tried`.
#[test]
fn a_newer_client_keeps_who_connects_out_of_tried() {
    let old = mean("eclipse.tried_poisoned", &[]);
    let new = "protocol.bitcoin.client=\"bitcoin-core-0.14\"";
    let kept_out = mean("eclipse.tried_poisoned", &[new]);
    assert!(old > 0.8 && kept_out < 0.3, "{old} against {kept_out}");
}
