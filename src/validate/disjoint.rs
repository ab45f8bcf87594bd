//! What disjoint paths are measured by (S/Kademlia): from a seed to the measured values.

use crate::adversary::sybil::{self, Entry, Routing, Sybil};
use crate::engine::{Notice, Setup, World};
use crate::math::pow;
use crate::network::Network;
use crate::peer::{PeerId, Population};
use crate::protocols::dht::{
    Dht, Event, Lookups, Onlooker, Outcome, Start, Values, What, measure_beside,
};
use crate::protocols::kademlia::{Kademlia, SKademlia};
use crate::quantity::Share;
use crate::time::{Duration, Instant};
use std::collections::BTreeSet;

const PEERS: u32 = 2000;
const KEYS: u32 = 100;
const LOOKUPS: u32 = 500;

/// Who fetches one of 100 values in a network of 2000 honest peers and others; the values are stored before
/// anybody turns.
fn setup(peers: u32, attackers: u32, seed: u64) -> Setup {
    let network = Network::constant(Duration::from_millis(50));
    let mut setup = Setup::new(peers, network, seed, Duration::from_mins(10));
    setup.phases.warm_up = TURN;
    setup.phases.drain = Duration::from_mins(1);
    setup.population = Population::attacked(peers, attackers);
    setup
}

const TURN: Duration = Duration::from_mins(1);

/// Each path asks the closest it knows, one after the other, until that one has answered.
fn greedy(paths: u8) -> Kademlia {
    Kademlia {
        k: Some(8),
        alpha: Some(1),
        beta: Some(1),
        replacements: Some(0),
        refresh: Some(Duration::ZERO),
        replicate: Some(Duration::ZERO),
        final_round: false,
        s_kademlia: Some(SKademlia {
            paths,
            siblings: 0,
            puzzle: 0,
        }),
        lookups: Lookups {
            start: Start::Count(LOOKUPS),
            values: Some(Values {
                count: KEYS,
                over: Duration::from_secs(30),
            }),
            ..Lookups::default()
        },
        ..Kademlia::default()
    }
}

/// Hops of gets, from whoever fetches to whoever has the value.
#[derive(Default)]
struct Hops {
    gets: BTreeSet<u32>,
    hops: Vec<u16>,
}

impl<D: Dht> Onlooker<D> for Hops {
    fn notice(&mut self, _at: Instant, _peer: PeerId, notice: &Notice<Event>) {
        match notice {
            Notice::Event(Event::Began(command)) if command.what == What::Get => {
                self.gets.insert(command.number);
            }
            Notice::Event(Event::Ended(ended))
                if ended.outcome == Outcome::Done && self.gets.contains(&ended.number) =>
            {
                self.hops.push(ended.hops);
            }
            _ => {}
        }
    }

    fn look(&mut self, _at: Instant, _world: &World<D>) {}
}

/// Hops to a value over one path where nobody attacks, in a network as large as that in which a share does.
pub fn hops(share: f64, seed: u64) -> Vec<u16> {
    let attack = Sybil {
        share: Some(Share(share)),
        ..Sybil::default()
    };
    let all = PEERS + attack.count(PEERS);
    let (config, setup) = (greedy(1), setup(all, 0, seed));
    let run = config.plan(&setup);
    let mut hops = Hops::default();
    let spawn = |peer| Kademlia::spawn(&run, &setup, peer);
    measure_beside(&setup, &config.asked(&setup, &run), spawn, &mut hops);
    hops.hops
}

/// The share of gets that come to an honest holder over so many paths, where a share of all peers names
/// nobody but one another, and has no values.
pub fn won(paths: u8, share: f64, seed: u64) -> f64 {
    let attack = Sybil {
        share: Some(Share(share)),
        entry: Entry::Born,
        routing: Routing::Poison,
        values: sybil::Values::Withhold,
        start: TURN,
        ..Sybil::default()
    };
    let setup = setup(PEERS, attack.count(PEERS), seed);
    let record = sybil::run(&greedy(paths), &attack, &setup);
    record.get("sybil.won").expect("a metric of the attack")
}

/// Of independent paths with these lengths: sum over h of p(h) (1 - (1 - (1 - m)^h)^d).
pub fn formula(hops: &[u16], share: f64, paths: u8) -> f64 {
    let one = |&hops: &u16| {
        let through = pow(1.0 - share, f64::from(hops));
        1.0 - pow(1.0 - through, f64::from(paths))
    };
    hops.iter().map(one).sum::<f64>() / hops.len() as f64
}
