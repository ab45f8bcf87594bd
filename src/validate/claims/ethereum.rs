//! I12: two hosts eclipse an Ethereum node before go-ethereum 1.8, and fail after it.

use super::{Room, Source, column, per_seed};
use crate::adversary::ethereum::{self, EthereumEclipse};
use crate::engine::{Phases, Setup};
use crate::network::Network;
use crate::peer::Population;
use crate::protocols::ethereum::{Client, Countermeasures, Ethereum};
use crate::time::Duration;
use crate::validate::Rule;

const TWO_HOSTS: Source = Source {
    id: "I12",
    text: "Marcus, Heilman & Goldberg 2018, abstract: two hosts, each with a single IP address",
};
const LIMIT: Source = Source {
    id: "I12",
    text: "Marcus, Heilman & Goldberg 2018, countermeasure 1, as go-ethereum 1.8 has it (DialRatio)",
};
const FIGURES: Source = Source {
    id: "I12",
    text: "Marcus, Heilman & Goldberg 2018, from memory",
};

/// Honest nodes, and how many of them are attacked in one run.
const PEERS: u32 = 120;
const VICTIMS: u32 = 10;

pub(super) fn claims(room: &mut Room<'_>) {
    room.say("two hosts against an Ethereum node (I12)");
    let seeds = room.seeds(4, 20);
    let attack = |poisons, ids| EthereumEclipse {
        victims: VICTIMS,
        poisons,
        ids,
        ..EthereumEclipse::default()
    };
    let before = Ethereum::default();
    let limited = Ethereum {
        countermeasures: Countermeasures {
            incoming_limit: Some(true),
            ..Countermeasures::default()
        },
        ..Ethereum::default()
    };
    let after = Ethereum {
        client: Client::Geth1_8,
        ..Ethereum::default()
    };
    let all = |ethereum: &Ethereum, attack: &EthereumEclipse| {
        per_seed(seeds, |seed| run(ethereum, attack, seed))
    };
    let won = all(&before, &attack(false, 50));
    let some = column(&won, |&share| f64::from(u8::from(share > 0.0)));
    let what = "geth 1.7: runs in which the attacker eclipses victims that restart";
    room.judge(TWO_HOSTS.claim(what, 1.0), &some, Rule::Exact);
    let what = "geth 1.7 with the limit: victims eclipsed by connections alone";
    let lost = all(&limited, &attack(false, 50));
    room.judge(LIMIT.claim(what, 0.0), &lost, Rule::Exact);
    let what = "geth 1.7: victims that are not eclipsed after a restart";
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let why = "the figure could not be read in the paper";
    let escaped = [1.0 - mean(&won)];
    room.unverified(FIGURES.claim(what, 0.05), &escaped, Rule::Below, why);
    let what = "geth 1.8: victims eclipsed with 1000 keys, table poisoned";
    let kept = [mean(&all(&after, &attack(true, 1000)))];
    let why = "the figure could not be read in the paper; later attacks on 1.8 and after it (arXiv \
               1908.10141) are not this one";
    room.unverified(FIGURES.claim(what, 0.05), &kept, Rule::Below, why);
}

/// The share of victims that are eclipsed for good.
fn run(ethereum: &Ethereum, attack: &EthereumEclipse, seed: u64) -> f64 {
    let network = Network::constant(Duration::from_millis(50));
    let mut setup = Setup::new(PEERS, network, seed, Duration::ZERO);
    setup.population = Population::attacked(PEERS, attack.hosts);
    setup.phases = Phases::only(Duration::from_mins(16));
    let record = ethereum::run(ethereum, attack, &setup);
    record.get("eclipse.lasting").unwrap_or(f64::NAN)
}
