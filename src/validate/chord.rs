//! What Chord is measured by: one function per published claim, from a seed to the measured values. Ids
//! are those of the table of claims (`reference` C1 to C11).

use crate::churn::{Churn, ChurnConfig};
use crate::engine::{Notice, Observer, Setup, World};
use crate::math::stats::quantile;
use crate::network::{Crash, Files, Network};
use crate::peer::PeerId;
use crate::protocols::chord::{Chord, Peer, Recursive, Routing, Rules};
use crate::protocols::dht::{
    Command, Ended, Event, Id, Ids, Lookups, Nearness, Outcome, Schedule, Start, Truth, Values,
};
use crate::quantity::{Quantity, Rate};
use crate::random::{Draw, Purpose};
use crate::time::{Duration, Instant};
use std::collections::BTreeMap;
use std::sync::Arc;

const LATENCY: Duration = Duration::from_millis(50);

/// What the lookups of one ring came to.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Walks {
    /// Hops of those that ended well, ascending.
    pub hops: Vec<f64>,
    /// Time-outs of those that ended, ascending.
    pub timeouts: Vec<f64>,
    /// Lookups that ended.
    pub ended: u32,
    /// Those that failed, or whose first successor that is up is not the key's.
    pub failed: u32,
    /// Messages in all.
    pub messages: f64,
}

impl Walks {
    /// The mean path length.
    pub fn path(&self) -> f64 {
        mean(&self.hops)
    }

    /// The mean number of time-outs.
    pub fn mean_timeouts(&self) -> f64 {
        mean(&self.timeouts)
    }

    /// Failures per 10 000 lookups.
    pub fn failures(&self) -> f64 {
        f64::from(self.failed) * 1e4 / f64::from(self.ended)
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Sees lookups begin and end.
struct Watch {
    truth: Truth,
    from: Instant,
    open: BTreeMap<u32, Command>,
    walks: Walks,
}

impl Watch {
    fn ended(&mut self, ended: &Ended) {
        let Some(command) = self.open.remove(&ended.number) else {
            return;
        };
        let walks = &mut self.walks;
        walks.ended += 1;
        walks.timeouts.push(f64::from(ended.timeouts));
        walks.messages += f64::from(ended.messages);
        let named = ended
            .closest
            .iter()
            .find(|&&contact| self.truth.is_alive(contact));
        let truly = self.truth.closest(command.key, 1, Nearness::Ring);
        if ended.outcome == Outcome::Done && named == truly.first() {
            walks.hops.push(f64::from(ended.hops));
        } else {
            walks.failed += 1;
        }
    }
}

impl Observer<Event> for Watch {
    fn notice(&mut self, at: Instant, peer: PeerId, notice: Notice<Event>) -> crate::engine::Flow {
        match notice {
            // Whoever has just come and has no place in the ring yet cannot look anything up.
            Notice::Event(Event::Began(command))
                if at >= self.from && self.truth.has_joined(peer) =>
            {
                self.open.insert(command.number, command);
            }
            Notice::Event(Event::Began(_)) => {}
            Notice::Event(Event::Ended(ended)) => self.ended(&ended),
            Notice::Event(Event::Joined(contact)) => self.truth.joined(contact),
            Notice::Up => self.truth.comes_up(peer, at),
            Notice::Left | Notice::Crashed => self.truth.goes_down(peer, at),
        }
        crate::engine::Flow::Continue
    }
}

/// Runs a ring and watches its lookups.
fn walk(chord: &Chord, setup: &Setup) -> Walks {
    let ids = chord.ids(setup);
    let (rules, mut birth) = Rules::new(chord, setup, Arc::clone(&ids));
    let rules = Arc::new(rules);
    let schedule = Schedule::new(&chord.lookups, setup, Arc::clone(&ids));
    let mut watch = Watch {
        truth: Truth::new(ids),
        from: setup.phases.measure_from(),
        open: BTreeMap::new(),
        walks: Walks::default(),
    };
    let spawn = |me| Peer::new(me, Arc::clone(&rules), &mut birth);
    World::new(setup, spawn, &schedule).run(&mut watch);
    let mut walks = watch.walks;
    walks.hops.sort_unstable_by(f64::total_cmp);
    walks.timeouts.sort_unstable_by(f64::total_cmp);
    walks
}

/// A ring that stays as it is, with `r` successors a node, and so many lookups in it.
fn resting(r: u8, lookups: u32) -> Chord {
    Chord {
        successors: Some(r),
        maintenance: false,
        forget: false,
        confirm: false,
        lookups: Lookups {
            start: Start::Count(lookups),
            ..Lookups::default()
        },
        ..Chord::default()
    }
}

fn setup(peers: u32, seed: u64, length: Duration) -> Setup {
    let mut setup = Setup::new(peers, Network::constant(LATENCY), seed, length);
    setup.phases.drain = Duration::from_mins(5);
    setup
}

/// C1, C2: lookups in a ring at rest.
pub fn c1_paths(peers: u32, r: u8, lookups: u32, seed: u64) -> Walks {
    walk(
        &resting(r, lookups),
        &setup(peers, seed, Duration::from_mins(10)),
    )
}

/// C1 by the workload of `SimGrid`: recursive lookups without acknowledgement over 32-bit ids, one
/// successor; messages per lookup, the answer included.
pub fn c1_messages(peers: u32, lookups: u32, seed: u64) -> f64 {
    let chord = Chord {
        bits: 32,
        routing: Routing::Recursive(Recursive {
            ack: false,
            ..Recursive::default()
        }),
        ..resting(1, lookups)
    };
    let walks = walk(&chord, &setup(peers, seed, Duration::from_mins(10)));
    walks.messages / f64::from(walks.ended)
}

/// C3: 1000 peers with 20 successors, a share of whom goes down at once; nobody repairs anything, and
/// about 10 000 lookups follow.
pub fn c3_failures(share: f64, seed: u64) -> Walks {
    let peers = 1000;
    let mut setup = setup(peers, seed, Duration::from_hours(1));
    setup.phases.warm_up = Duration::from_secs(1);
    crash(
        &mut setup,
        share,
        Instant::ZERO + Duration::from_millis(500),
    );
    let lookups = (10_000.0 / (1.0 - share)) as u32;
    walk(&resting(20, lookups), &setup)
}

/// A share of the peers goes down at this time and stays down.
fn crash(setup: &mut Setup, share: f64, down: Instant) {
    let peers = setup.population.len();
    let mut rng = setup.streams.chacha(Purpose::Faults, 0);
    let gone = (share * f64::from(peers)).round() as usize;
    let crash = |peer| Crash {
        down,
        peer: PeerId(peer as u32),
        up: None,
    };
    let mut outages: Vec<_> = rng
        .sample_indices(peers as usize, gone)
        .into_iter()
        .map(crash)
        .collect();
    outages.sort_unstable_by_key(|crash| crash.peer);
    setup.outages = outages;
}

/// C11: as many values as peers, of each one copy; a share of the peers fails, and when the ring has had ten
/// minutes to close up the values are fetched. Returns the share of gets that fail.
pub fn c11_lost(peers: u32, share: f64, seed: u64) -> f64 {
    let mut setup = setup(peers, seed, Duration::from_mins(2));
    setup.phases.warm_up = Duration::from_mins(12);
    crash(&mut setup, share, Instant::ZERO + Duration::from_mins(2));
    let chord = Chord {
        lookups: Lookups {
            start: Start::Count(2 * peers),
            values: Some(Values {
                count: peers,
                over: Duration::from_mins(1),
            }),
            ..Lookups::default()
        },
        ..Chord::default()
    };
    let record = chord.run(&setup);
    1.0 - record.get("dht.success").expect("a metric of hash tables")
}

/// C4: about 1000 peers up, to whom others come, each as a new node, and from whom they leave in good
/// order, both at `rate` a second; a lookup a second for `seconds`, after a quarter of an hour.
///
/// # Panics
/// Never: the churn is a valid one.
pub fn c4_churn(rate: f64, seconds: u64, seed: u64) -> Walks {
    let up = 1000;
    let mut setup = setup(2 * up, seed, Duration::from_secs(seconds));
    setup.phases.warm_up = Duration::from_mins(15);
    let mean = Duration::from_secs_f64(f64::from(up) / rate);
    let life = format!("exponential.mean = \"{} s\"", mean.as_secs_f64());
    let text =
        format!("session.{life}\nabsence.{life}\ndeparture = \"graceful\"\nidentity = \"new\"");
    let churn: ChurnConfig = toml::from_str(&text).expect("a configuration");
    let churn = Churn::build(&churn, &Files::default(), &setup.population, &setup.streams);
    setup.churn = Arc::new(churn.expect("exponential lives"));
    let chord = Chord {
        forget: false,
        lookups: Lookups {
            // Half of them fall to peers that are down.
            start: Start::Rate(Rate::parse("2 /s").expect("a rate")),
            ..Lookups::default()
        },
        ..Chord::default()
    };
    walk(&chord, &setup)
}

/// Keys per peer, in units of their mean.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Load {
    /// The share of peers without a key.
    pub none: f64,
    /// The first percentile.
    pub first: f64,
    /// The 99th percentile.
    pub last: f64,
    /// The most.
    pub most: f64,
}

/// C6 to C9: keys thrown at a ring of 10 000 peers with so many virtual nodes each.
pub fn c6_load(keys: u32, virtual_nodes: u8, seed: u64) -> Load {
    let peers = 10_000;
    let setup = setup(peers, seed, Duration::from_secs(1));
    let ids = Ids::of(64, virtual_nodes, &setup);
    let nodes = (0..peers).flat_map(|peer| ids.contacts(PeerId(peer), 0));
    let mut ring: Vec<_> = nodes.map(|node| (ids.id(node), node.peer())).collect();
    ring.sort_unstable();
    let mut counts = vec![0u32; peers as usize];
    let mut rng = setup.streams.chacha(Purpose::Workload, 0);
    for _ in 0..keys {
        let key = Id::random(64, &mut rng);
        let place = ring.partition_point(|&(id, _)| id < key);
        counts[ring[place % ring.len()].1.index()] += 1;
    }
    let none = counts.iter().filter(|&&count| count == 0).count();
    let each = f64::from(keys) / f64::from(peers);
    let mut loads: Vec<f64> = counts
        .iter()
        .map(|&count| f64::from(count) / each)
        .collect();
    loads.sort_unstable_by(f64::total_cmp);
    Load {
        none: none as f64 / f64::from(peers),
        first: quantile(&loads, 0.01),
        last: quantile(&loads, 0.99),
        most: loads.last().copied().unwrap_or(0.0),
    }
}
