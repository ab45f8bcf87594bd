//! What Kademlia is measured by: one function per published claim, from a seed to the measured values.
//! Ids are those of the table of claims (`reference` D1 to D3, D8).

use crate::engine::{Notice, Setup, World};
use crate::math::pow;
use crate::math::stats::quantile;
use crate::network::{Network, ReachConfig};
use crate::observe::record::Record;
use crate::peer::PeerId;
use crate::protocols::dht::{
    Command, Contact, Event, Id, Ids, Lookups, Outcome, Schedule, Start, Values, What,
};
use crate::protocols::kademlia::{Kademlia, Preset};
use crate::quantity::Share;
use crate::random::{Draw, PeerRng, Purpose};
use crate::time::{Duration, Instant};
use std::collections::BTreeMap;
use std::sync::Arc;

const LATENCY: Duration = Duration::from_millis(50);

fn setup(peers: u32, seed: u64) -> Setup {
    let mut setup = Setup::new(
        peers,
        Network::constant(LATENCY),
        seed,
        Duration::from_mins(1),
    );
    setup.phases.drain = Duration::from_mins(1);
    setup
}

/// One request at a time, to the closest that is known, until the closest has answered.
fn greedy(k: u16, lookups: u32) -> Kademlia {
    Kademlia {
        k: Some(k),
        alpha: Some(1),
        beta: Some(1),
        replacements: Some(0),
        failures: Some(1),
        keep_stale: Some(false),
        refresh: Some(Duration::ZERO),
        final_round: false,
        lookups: Lookups {
            start: Start::Count(lookups),
            ..Lookups::default()
        },
        ..Kademlia::default()
    }
}

/// g(k) = sum over j >= 0 of 1 - (1 - 2^-j)^k.
pub fn gain(k: u16) -> f64 {
    let term = |j: i32| 1.0 - pow(1.0 - pow(2.0, -f64::from(j)), f64::from(k));
    (0..60).map(term).sum()
}

/// (log2 N - log2 k) / g(k) + 1, and log2 N / 2 - 1/4 for k = 1.
pub fn hops(peers: u32, k: u16) -> f64 {
    let bits = crate::math::log2(f64::from(peers));
    if k == 1 {
        return bits / 2.0 - 0.25;
    }
    (bits - crate::math::log2(f64::from(k))) / gain(k) + 1.0
}

/// D1: bits of common prefix with a random target that the first hop of a greedy lookup gains, mean
/// over `steps` lookups by random peers that share at most two bits with it, in a network of 30 000
/// peers: their buckets are full.
pub fn d1_gain(k: u16, steps: u32, seed: u64) -> f64 {
    let setup = setup(30_000, seed);
    let run = greedy(k, 1).plan(&setup);
    let ids: &Ids = &run.rules.ids;
    let mut rng = setup.streams.chacha(Purpose::Analysis, 0);
    let (mut gained, mut counted) = (0, 0);
    while counted < steps {
        let peer = PeerId(rng.below(u64::from(ids.peers())) as u32);
        let me = Contact::new(peer, 0);
        let target = Id::random(64, &mut rng);
        let shared = |contact| ids.id(contact).xor(target).leading_zeros();
        if shared(me) > 2 {
            continue;
        }
        let mut own = PeerRng::from_state(rng.below(u64::MAX));
        let table = run.born.table(&run.rules, me, &mut own);
        let next = table
            .contacts()
            .iter()
            .map(|&contact| shared(contact))
            .max();
        gained += next.expect("contacts") - shared(me);
        counted += 1;
    }
    f64::from(gained) / f64::from(steps)
}

/// D2, D3: mean hops of `lookups` greedy lookups of random targets by random peers, to the closest of
/// all, and the share of lookups that have found it.
pub fn d3_hops(peers: u32, k: u16, lookups: u32, seed: u64) -> (f64, f64) {
    let record = greedy(k, lookups).run(&setup(peers, seed));
    (get(&record, "dht.hops"), get(&record, "dht.success"))
}

/// Every lookup in a static network finds the k closest: the share that is truly found, over lookups
/// that all have to end well, with the parameters of a preset.
pub fn static_network(preset: Preset, peers: u32, lookups: u32, seed: u64) -> f64 {
    let config = Kademlia {
        preset,
        lookups: Lookups {
            start: Start::Count(lookups),
            ..Lookups::default()
        },
        ..Kademlia::default()
    };
    let record = config.run(&setup(peers, seed));
    get(&record, "dht.success") * get(&record, "dht.correct")
}

fn get(record: &Record, metric: &str) -> f64 {
    record.get(metric).expect("a metric of hash tables")
}

/// D8: publications of IPFS where `away` of the peers in everybody's tables cannot be reached: k 20,
/// alpha 3 as at the time of the measurement, who does not answer is given 5 s. Returns the median in
/// seconds.
pub fn d8_publication(peers: u32, away: f64, count: u32, seed: u64) -> f64 {
    let hour = Duration::from_hours(1);
    let mut setup = Setup::new(peers, Network::constant(LATENCY), seed, hour);
    setup.phases.drain = Duration::from_mins(10);
    let gates = ReachConfig {
        outbound_only: Share(away),
        ..ReachConfig::default()
    };
    let network = Network::constant(LATENCY);
    let network = network
        .with_reachability(&gates, &setup.population, &setup.streams)
        .expect("gates");
    setup.network = Arc::new(network);
    let config = Kademlia {
        preset: Preset::Ipfs,
        alpha: Some(3),
        refresh: Some(Duration::ZERO),
        revalidate: Some(Duration::ZERO),
        lookups: Lookups {
            start: Start::Count(1),
            values: Some(Values { count, over: hour }),
            ..Lookups::default()
        },
        ..Kademlia::default()
    };
    let run = config.plan(&setup);
    let schedule = Schedule::new(&config.lookups, &setup, Arc::clone(&run.rules.ids));
    let mut began: BTreeMap<u32, Instant> = BTreeMap::new();
    let mut took = Vec::new();
    let mut observer = |at: Instant, _: PeerId, notice: Notice<Event>| match notice {
        Notice::Event(Event::Began(Command {
            what: What::Put,
            number,
            ..
        })) => {
            began.insert(number, at);
        }
        Notice::Event(Event::Ended(ended)) if ended.outcome == Outcome::Done => {
            if let Some(since) = began.remove(&ended.number) {
                took.push((at - since).as_secs_f64());
            }
        }
        _ => {}
    };
    let spawn = |peer| Kademlia::spawn(&run, &setup, peer);
    World::new(&setup, spawn, &schedule).run(&mut observer);
    took.sort_unstable_by(f64::total_cmp);
    quantile(&took, 0.5)
}
