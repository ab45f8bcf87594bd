//! Whole networks, and what the tests of single peers share.
#![expect(
    clippy::float_cmp,
    reason = "shares of small whole numbers, computed the same way on both sides"
)]

use super::keeper::{Event, Keeper, Rules};
use super::targets::Targets;
use super::*;
use crate::churn::{Choice, Churn, ChurnConfig, ExponentialLife, Lifetime};
use crate::engine::{Notice, Reference, Report, Setup, World};
use crate::network::graph::Graph;
use crate::network::{Files, Network, NetworkConfig};
use crate::observe::record::Record;
use crate::peer::PeerId;
use crate::quantity::{Bytes, Share};
use crate::time::{Duration, Instant};
use proptest::prelude::{ProptestConfig, any, prop, prop_assert, prop_assert_eq, proptest};
use std::sync::Arc;

/// Peer 0 in the middle of `peers - 1` others.
pub(super) fn star(peers: u32) -> Graph {
    let links: Vec<_> = (1..peers).map(|leaf| (PeerId(0), PeerId(leaf))).collect();
    Graph::undirected(peers, &links)
}

const LATENCY: Duration = Duration::from_millis(20);

/// One broadcast over a network of constant latency, with half an hour to spread.
fn setup(peers: u32, graph: Option<Graph>, seed: u64) -> Setup {
    let network = Network::constant(LATENCY);
    let mut setup = Setup::new(peers, network, seed, Duration::from_secs(1));
    setup.phases.drain = Duration::from_mins(30);
    setup.graph = graph.map(Arc::new);
    setup
}

fn gossip(strategy: Strategy) -> Gossip {
    Gossip {
        strategy,
        targets: Whom::Uniform,
        payload: Bytes(77),
        broadcasts: Broadcasts::Count(1),
        ..Gossip::default()
    }
}

fn flood(ttl: Option<u8>) -> Gossip {
    Gossip {
        targets: Whom::Neighbours,
        ..gossip(Strategy::Flood(Flood { ttl }))
    }
}

fn get(record: &Record, metric: &str) -> f64 {
    record.get(metric).expect("a metric of the family")
}

/// Whole numbers come out of shares with rounding errors only.
fn near(left: f64, right: f64) -> bool {
    (left - right).abs() < 1e-9 * right.abs().max(1.0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// B1: 2E - N + 1, whatever the connected graph.
    #[test]
    fn a_flood_costs_two_messages_a_link_but_one_on_the_tree(
        parents in prop::collection::vec(any::<u32>(), 1..60),
        extra in prop::collection::btree_set((0u32..60, 0u32..60), 0..80),
        seed in any::<u64>(),
    ) {
        let peers = parents.len() as u32 + 1;
        let mut links: std::collections::BTreeSet<(u32, u32)> = parents
            .iter()
            .zip(1..)
            .map(|(&parent, child)| (parent % child, child))
            .collect();
        links.extend(extra.into_iter().filter(|&(a, b)| a < b && b < peers));
        let links: Vec<_> = links.into_iter().map(|(a, b)| (PeerId(a), PeerId(b))).collect();
        let setup = setup(peers, Some(Graph::undirected(peers, &links)), seed);
        let record = flood(None).run(&setup);
        let messages = get(&record, "traffic.messages") * f64::from(peers);
        let expected = 2 * links.len() as u32 + 1 - peers;
        prop_assert!(near(messages, f64::from(expected)), "{} {}", messages, expected);
        prop_assert_eq!(get(&record, "broadcast.reliability"), 1.0);
        let duplicates = get(&record, "broadcast.duplicates") * f64::from(peers - 1);
        prop_assert!(near(duplicates, f64::from(expected - (peers - 1))));
    }
}

#[test]
fn a_ttl_reaches_a_ball_of_its_radius() {
    // On a ring each hop reaches one more peer on either side.
    for ttl in 1..6 {
        let record = flood(Some(ttl)).run(&setup(20, Some(Graph::ring(20, 1)), 1));
        let reached = get(&record, "broadcast.reliability") * 20.0;
        assert!(
            near(reached, 1.0 + 2.0 * f64::from(ttl)),
            "{ttl}: {reached}"
        );
        assert!(near(
            get(&record, "broadcast.delay_last"),
            0.02 * f64::from(ttl)
        ));
    }
}

#[test]
fn bytes_are_counted_with_and_without_headers() {
    let record = flood(None).run(&setup(5, Some(star(5)), 1));
    // Four messages of 23 + 77 bytes, and 28 B of headers each.
    assert!(near(get(&record, "traffic.app_bytes"), 400.0 / 5.0));
    assert!(near(get(&record, "traffic.wire_bytes"), 512.0 / 5.0));
    assert_eq!(get(&record, "broadcast.duplicates"), 0.0);
}

/// F1: pi = 1 - exp(-f pi), within four standard errors of the mean over the seeds. One run of
/// n = 1000 spreads by about 1.4 % (f = 2, of those that do not die at once) and 0.9 % (f = 3).
#[test]
fn infect_and_die_covers_its_final_size() {
    for (fanout, pi, error) in [(2, 0.7968, 0.02), (3, 0.9405, 0.01)] {
        let runs = 12u32;
        let push = gossip(Strategy::Push(Push { fanout }));
        let covered = (0..runs).map(|seed| {
            let record = push.run(&setup(1000, None, u64::from(seed)));
            get(&record, "broadcast.reliability")
        });
        let mean = covered.sum::<f64>() / f64::from(runs);
        assert!((mean - pi).abs() < error, "f = {fanout}: {mean}");
    }
}

/// F5: with a coin and feedback the residue is s = exp(-(k+1)(1-s)), for peers with phases of their
/// own (the formula's continuous time).
#[test]
fn rumor_mongering_leaves_its_residue() {
    for (k, s, error) in [(1, 0.2032, 0.025), (2, 0.0595, 0.012)] {
        let rumor = gossip(Strategy::Rumor(Mongering {
            k: Some(k),
            counter: false,
            ..Mongering::default()
        }));
        let runs = 10u32;
        let left = (0..runs).map(|seed| {
            let record = rumor.run(&setup(1000, None, u64::from(seed)));
            get(&record, "broadcast.residue")
        });
        let mean = left.sum::<f64>() / f64::from(runs);
        assert!((mean - s).abs() < error, "k = {k}: {mean}");
    }
}

#[test]
fn anti_entropy_reaches_everybody_and_pull_sends_each_payload_once() {
    let cycle = AntiEntropy {
        cycle: Duration::from_secs(1),
        synchronous: false,
    };
    for strategy in [Strategy::Pull(cycle.clone()), Strategy::PushPull(cycle)] {
        let record = gossip(strategy.clone()).run(&setup(200, None, 1));
        assert_eq!(get(&record, "broadcast.atomic"), 1.0);
        let copies = get(&record, "broadcast.payloads") * 200.0;
        let duplicates = get(&record, "broadcast.duplicates") * 199.0;
        assert!(near(copies - duplicates, 199.0), "{strategy:?}: {copies}");
        if matches!(strategy, Strategy::Pull(_)) {
            assert!(near(duplicates, 0.0));
        }
    }
}

#[test]
fn push_rounds_never_stop() {
    // One call per informed peer and round: after everybody has it, n payloads a round.
    let rounds = gossip(Strategy::Rumor(Mongering {
        synchronous: true,
        ..Mongering::default()
    }));
    let record = rounds.run(&setup(100, None, 1));
    assert_eq!(get(&record, "broadcast.atomic"), 1.0);
    let last = get(&record, "broadcast.delay_last");
    // log2 100 + ln 100 + 1.2 = 12.4 rounds with a standard deviation of 1.3: four of them.
    assert!((7.0..18.0).contains(&last), "{last}");
    let payloads = get(&record, "broadcast.payloads");
    assert!(payloads > 1780.0, "{payloads}");
}

#[test]
fn the_same_on_any_number_of_shards() {
    let strategies = [
        Strategy::Push(Push { fanout: 3 }),
        Strategy::Rumor(Mongering {
            k: Some(2),
            direction: Direction::PushPull,
            ..Mongering::default()
        }),
    ];
    for strategy in strategies {
        let gossip = Gossip {
            broadcasts: Broadcasts::Count(3),
            ..gossip(strategy)
        };
        let run = |shards| {
            let mut setup = setup(50, None, 7);
            setup.phases.drain = Duration::from_secs(30);
            setup.shards = shards;
            // As text: not-a-number is not equal to itself.
            format!("{:?}", gossip.run(&setup))
        };
        let one = run(1);
        for shards in [2, 3] {
            assert_eq!(run(shards), one);
        }
    }
}

/// Sixty peers that come and go within a minute, and messages that get lost.
fn lossy_churn(seed: u64) -> Setup {
    let mut setup = setup(60, None, seed);
    setup.phases.drain = Duration::from_mins(1);
    let lives = |secs| {
        let mean = Duration::from_secs(secs);
        Lifetime::Exponential(ExponentialLife { mean })
    };
    let churn = ChurnConfig::of_lives(lives(60), lives(20));
    let churn = Churn::build(&churn, &Files::default(), &setup.population, &setup.streams);
    setup.churn = Arc::new(churn.expect("lives in closed form need no file"));
    let config = NetworkConfig {
        loss: Share(0.05),
        ..NetworkConfig::default()
    };
    let network = Network::build(
        &config,
        &Files::default(),
        &setup.population,
        &setup.streams,
    );
    setup.network = Arc::new(network.expect("a constant latency needs no file"));
    setup
}

fn kept(choice: Choice) -> Kept {
    Kept {
        count: 4,
        candidates: 8,
        choice,
        ping: Duration::from_secs(5),
        timeout: Duration::from_secs(1),
        both_ways: true,
    }
}

type Noticed = Vec<(Instant, PeerId, Notice<Event>)>;

/// What the heap and any number of shards make of the same run, which is the same.
fn all_agree<P: Node<Event = wire::Event>>(
    spawn: impl Fn() -> P,
    choice: Choice,
) -> (Report, Noticed) {
    let mut setup = lossy_churn(3);
    let peers = setup.population.len();
    let rules = Arc::new(Rules::new(kept(choice), peers));
    let spawn = |_| Keeper::new(spawn(), Arc::clone(&rules));
    let (from, to) = (setup.phases.measure_from(), setup.phases.end());
    let schedule = Schedule::new(Broadcasts::Count(40), from, to, peers, &setup.streams);
    let mut expected: Noticed = Vec::new();
    let mut heap = Reference::new(&setup, spawn, &schedule);
    let report = heap.run(&mut |at, peer, notice| expected.push((at, peer, notice)));
    for shards in [1, 2, 3, 8] {
        setup.shards = shards;
        let mut seen: Noticed = Vec::new();
        let mut world = World::new(&setup, spawn, &schedule);
        let mut got = world.run(&mut |at, peer, notice| seen.push((at, peer, notice)));
        assert!(seen == expected, "notices on {shards} shards");
        got.shards = report.shards;
        assert_eq!(got, report, "{shards} shards against the heap");
    }
    (report, expected)
}

#[test]
fn engines_agree_on_neighbours_that_are_kept() {
    let flood = Arc::new(eager::Rules {
        targets: Targets::Kept(Vec::new()),
        fanout: None,
        ttl: wire::UNLIMITED,
        size: 77,
        ack: None,
        forgets: false,
    });
    let pull = Arc::new(entropy::Rules {
        targets: Targets::Kept(Vec::new()),
        cycle: Cycle {
            length: Duration::from_secs(3),
            synchronous: false,
        },
        size: 77,
        both_ways: true,
        forgets: false,
    });
    let runs = [
        all_agree(|| eager::Eager::new(Arc::clone(&flood)), Choice::Oldest),
        all_agree(|| entropy::Entropy::new(Arc::clone(&pull)), Choice::Fastest),
    ];
    for (report, notices) in runs {
        // The run must contain what it is there to compare.
        let counts = &report.counts;
        assert!(counts.lost > 100 && counts.to_the_dead > 100, "{counts:?}");
        let of = |which: fn(&Event) -> bool| {
            let events = notices.iter();
            let hits = events.filter(|(.., notice)| match notice {
                Notice::Event(event) => which(event),
                _ => false,
            });
            hits.count()
        };
        assert!(of(|event| matches!(event, Event::Took { .. })) > 200);
        assert!(of(|event| matches!(event, Event::Dropped(_))) > 50);
        assert!(of(|event| matches!(event, Event::Gossip(_))) > 500);
    }
}

/// All strategies work over neighbours that are kept, and the switch brings its metrics along. One broadcast in
/// fifty comes from a peer in its first 1.2 s, which has no neighbours yet: a flood or push of it reaches
/// nobody, with a standard deviation of 1 % over those that start.
#[test]
fn broadcasts_reach_those_that_are_up_over_neighbours_that_are_kept() {
    let cycle = AntiEntropy {
        cycle: Duration::from_secs(2),
        synchronous: false,
    };
    let rumor = Mongering {
        k: Some(3),
        ..Mongering::default()
    };
    for (strategy, least) in [
        (Strategy::Flood(Flood::default()), 0.94),
        (Strategy::Push(Push { fanout: 6 }), 0.92),
        (Strategy::Rumor(rumor), 0.9),
        (Strategy::Pull(cycle.clone()), 0.97),
        (Strategy::PushPull(cycle), 0.97),
    ] {
        let gossip = Gossip {
            targets: Whom::Kept(kept(Choice::Random)),
            broadcasts: Broadcasts::Count(300),
            deadline: Some(Duration::from_secs(30)),
            ..gossip(strategy.clone())
        };
        let mut setup = lossy_churn(5);
        setup.phases.measurement = Duration::from_mins(9);
        setup.phases.drain = Duration::from_mins(1);
        let record = gossip.run(&setup);
        let reliability = get(&record, "broadcast.reliability");
        assert!(reliability > least, "{strategy:?}: {reliability}");
        for metric in neighbours::METRICS {
            assert!(get(&record, &metric.name) >= 0.0, "{}", metric.name);
        }
        // Exponential lives of a minute, of which 400 end: four standard errors of the mean.
        let stay = get(&record, "neighbours.stay");
        assert!((stay / 60.0 - 1.0).abs() < 0.2, "{stay}");
        let all = get(&record, "traffic.messages");
        let upkeep = get(&record, "neighbours.messages");
        assert!(upkeep > 0.0 && upkeep < all);
    }
}

#[test]
fn acknowledgements_repair_what_the_network_loses() {
    // A flood around a ring passes each link once: it dies where both directions lose a copy.
    let mut setup = setup(40, Some(Graph::ring(40, 1)), 1);
    let config = NetworkConfig {
        loss: Share(0.3),
        ..NetworkConfig::default()
    };
    let network = Network::build(
        &config,
        &Files::default(),
        &setup.population,
        &setup.streams,
    );
    setup.network = Arc::new(network.expect("a constant latency needs no file"));
    let bare = flood(None).run(&setup);
    assert!(get(&bare, "broadcast.reliability") < 0.9);
    let repaired = Gossip {
        ack: true,
        retries: 20,
        ..flood(None)
    };
    let repaired = repaired.run(&setup);
    // A link fails with probability 0.3^21.
    assert_eq!(get(&repaired, "broadcast.reliability"), 1.0);
    assert!(get(&repaired, "broadcast.duplicates") > 0.0);
}
