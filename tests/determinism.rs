//! Same digests, counts and ordered stream of notices over {1, 2, 3, 8} shards and the plain heap.

use peerlab::bench::phold::Phold;
use peerlab::bench::stress::{Event, Parcel, Stress};
use peerlab::churn::{Churn, ChurnConfig};
use peerlab::engine::{
    Context, Flow, Idle, Message, Notice, Observer, Protocol, Reference, Report, Script, Setup,
    Trace, World,
};
use peerlab::network::{
    BandwidthConfig, FaultConfig, Files, Network, NetworkConfig, ProcessingConfig, ReachConfig,
    TransportConfig,
};
use peerlab::peer::PeerId;
use peerlab::protocols::dht;
use peerlab::protocols::kademlia::Kademlia;
use peerlab::random::Streams;
use peerlab::time::{Duration, Instant};
use std::sync::Arc;

const PEERS: u32 = 60;

/// Keeps everything; may stop the run at a notice.
#[derive(Default)]
struct Keep {
    seen: Vec<(Instant, PeerId, Notice<Event>)>,
    stop_at: Option<usize>,
}

impl Observer<Event> for Keep {
    fn notice(&mut self, at: Instant, peer: PeerId, notice: Notice<Event>) -> Flow {
        self.seen.push((at, peer, notice));
        if self.stop_at == Some(self.seen.len()) {
            Flow::Stop
        } else {
            Flow::Continue
        }
    }
}

/// The parts of a scenario that an engine sees.
#[derive(serde::Deserialize)]
struct Parts {
    network: NetworkConfig,
    #[serde(default)]
    bandwidth: BandwidthConfig,
    #[serde(default)]
    transport: TransportConfig,
    #[serde(default)]
    processing: ProcessingConfig,
    reachability: Option<ReachConfig>,
    #[serde(default)]
    fault: Vec<FaultConfig>,
    churn: Option<ChurnConfig>,
}

fn setup(parts: &[&str], seed: u64) -> Setup {
    let parts: Parts = toml::from_str(&parts.join("\n")).expect("parts of a scenario");
    let network_free = Network::constant(Duration::from_millis(1));
    let mut setup = Setup::new(PEERS, network_free, seed, Duration::from_secs(20));
    let (population, streams) = (&setup.population, &setup.streams);
    let network = Network::build(&parts.network, &Files::default(), population, streams)
        .and_then(|network| network.with_bandwidth(&parts.bandwidth, population, streams))
        .and_then(|network| network.with_transport(&parts.transport))
        .and_then(|network| {
            let kinds = Parcel::KINDS;
            network.with_processing(&parts.processing, kinds, population, streams)
        })
        .and_then(|network| match &parts.reachability {
            Some(gates) => network.with_reachability(gates, population, streams),
            None => Ok(network),
        })
        .and_then(|network| {
            network.with_faults(&parts.fault, population, streams, setup.phases.end())
        })
        .expect("the network builds");
    setup.network = Arc::new(network);
    if let Some(churn) = &parts.churn {
        let churn = Churn::build(churn, &Files::default(), population, streams);
        setup.churn = Arc::new(churn.expect("the churn builds"));
    }
    setup
}

fn commands() -> Script<u32> {
    let command = |i: u32| {
        (
            Instant::ZERO + Duration::from_millis(u64::from(i / 2) * 37),
            PeerId(i * 7 % PEERS),
            i,
        )
    };
    Script::new((0..500).map(command).collect())
}

fn run(setup: &Setup, shards: usize, stop_at: Option<usize>) -> (Report, Keep) {
    let setup = Setup {
        shards,
        ..setup.clone()
    };
    let mut keep = Keep {
        stop_at,
        ..Keep::default()
    };
    let mut world = World::new(&setup, |_| Stress::new(PEERS), &commands());
    let report = world.run(&mut keep);
    (report, keep)
}

fn reference(setup: &Setup, stop_at: Option<usize>) -> (Report, Keep) {
    let mut keep = Keep {
        stop_at,
        ..Keep::default()
    };
    let mut world = Reference::new(setup, |_| Stress::new(PEERS), &commands());
    let report = world.run(&mut keep);
    (report, keep)
}

/// Compares all engines on one setup and returns the reference's report.
fn all_agree(setup: &Setup, stop_at: Option<usize>) -> Report {
    let (expected, kept) = reference(setup, stop_at);
    for shards in [1, 2, 3, 8] {
        let (got, seen) = run(setup, shards, stop_at);
        let alone = setup.network.fair_share().is_some();
        assert_eq!(got.shards, if alone { 1 } else { shards as u32 });
        let first = kept.seen.iter().zip(&seen.seen).position(|(a, b)| a != b);
        if let Some(at) = first {
            panic!(
                "notice {at} on {shards} shards: {:?} against {:?}",
                seen.seen[at], kept.seen[at]
            );
        }
        assert_eq!(
            seen.seen.len(),
            kept.seen.len(),
            "notices on {shards} shards"
        );
        let mut got = got;
        got.shards = expected.shards;
        assert_eq!(got, expected, "{shards} shards against the heap");
    }
    expected
}

const PLAIN: &str = "network.constant.latency = \"10 ms\"";
const ROUGH: &str = r#"
network = { loss = "3 %", jitter = "2 ms", regions = { preset = "bitcoin-2019" } }"#;
const LINKS: &str = "bandwidth.access-link = { up = \"1 Mbit/s\", down = \"2 Mbit/s\" }";
const SHARED: &str =
    "bandwidth.fair-share = { up = \"1 Mbit/s\", down = \"2 Mbit/s\", cap = \"500 kbit/s\" }";
const FIFO: &str =
    "bandwidth.access-link = { up = \"1 Mbit/s\", down = \"2 Mbit/s\", fifo = true }";
const TCP: &str = "transport = { keep_alive = \"500 ms\", tcp = { initial_window = 2 } }";
const SLOW: &str = r#"
processing = { per_message = "1 ms", kinds = { bulk = "20 ms" }, class = [{ share = "30 %", speed = 0.2 }] }"#;
const GATES: &str = "reachability = { restricted = \"30 %\", symmetric = \"10 %\", outbound_only = \"10 %\", memory = \"3 s\" }";
const LIVES: &str = r#"
churn = { session = { pareto = { shape = 1.5, scale = "5 s" } }, absence = { log-normal = { median = "1 s", sigma = 1 } }, share = "80 %", departure = "graceful", identity = "new", ages = true, diurnal = { period = "7 s", amplitude = "90 %" }, flash_crowd = [{ at = "5 s", within = "1 s", share = "50 %" }] }"#;
const WEATHER: &str = r#"
[[fault]]
cut = { at = "2 s", heal = "3 s", between = ["Europe", "North America"] }
[[fault]]
delay = { at = "3 s", until = "6 s", add = "200 ms", share = "20 %" }
[[fault]]
loss = { at = "1 s", until = "2 s", loss = "30 %", share = "50 %", again = { after = "3 s" } }
[[fault]]
bandwidth = { at = "4 s", until = "8 s", times = 0.2, region = "Europe", again = { every = "6 s" } }
[[fault]]
flap = { at = "10 s", until = "15 s", up = "2 s", down = "500 ms", share = "20 %" }
"#;
const FAULTS: &str = r#"
[[fault]]
partition = { at = "5 s", heal = "9 s", share = "30 %" }
[[fault]]
crash = { at = "7 s", share = "20 %", rejoin_after = "4 s" }
[[fault]]
crash = { at = "12 s", share = "20 %" }
"#;

#[test]
fn engines_agree_on_a_plain_network() {
    let report = all_agree(&setup(&[PLAIN], 1), None);
    assert!(report.counts.dead_timers > 100, "{:?}", report.counts);
    assert!(report.counts.connections > 100, "{:?}", report.counts);
}

#[test]
fn engines_agree_with_everything_on() {
    let moving = LIVES.replace("identity = \"new\"", "address = \"new\"");
    for (seed, more) in [
        (2, vec![LINKS]),
        (3, vec![FIFO, TCP]),
        (4, vec![]),
        (7, vec![SHARED, LIVES]),
        (5, vec![LINKS, TCP, SLOW, GATES, WEATHER]),
        (6, vec![LINKS, TCP, SLOW, GATES, LIVES, WEATHER]),
        (7, vec![LINKS, TCP, SLOW, GATES, &moving, WEATHER]),
    ] {
        let parts = [vec![ROUGH], more, vec![FAULTS]].concat();
        let report = all_agree(&setup(&parts, seed), None);
        let counts = &report.counts;
        // The run must contain what it is there to compare.
        assert!(counts.resets > 20, "{counts:?}");
        assert!(counts.lost > 100, "{counts:?}");
        assert!(counts.to_the_dead > 100, "{counts:?}");
        assert!(counts.stale > 0, "{counts:?}");
        let gated = parts.contains(&GATES);
        assert_eq!(counts.blocked > 100, gated, "{counts:?}");
        assert_eq!(counts.keep_alives > 100, parts.contains(&TCP), "{counts:?}");
        assert!(counts.refused > 10, "{counts:?}");
        assert!(counts.dead_timers > 100, "{counts:?}");
        assert!(counts.commands_to_the_dead > 10, "{counts:?}");
    }
}

#[test]
fn a_stop_takes_effect_at_the_same_event_everywhere() {
    let setup = setup(&[ROUGH, LINKS, FAULTS], 5);
    for stop_at in [1, 50, 1000] {
        let report = all_agree(&setup, Some(stop_at));
        assert!(report.end < setup.phases.end(), "stopped at {}", report.end);
    }
}

#[test]
fn nobody_watching_changes_nothing() {
    let mut setup = setup(&[ROUGH, LINKS, FAULTS], 6);
    for shards in [1, 2, 3, 8] {
        let (watched, _) = run(&setup, shards, None);
        setup.shards = shards;
        let mut world = World::new(&setup, |_| Stress::new(PEERS), &commands());
        assert_eq!(world.run_unwatched(), watched);
    }
}

/// Every event of a step has the same time: the order is by source and sequence number alone.
#[test]
fn engines_agree_where_all_events_are_simultaneous() {
    let peers = 500;
    let make = |_| Phold::new(peers, Duration::ZERO, 0);
    let latency = Network::constant(Duration::from_millis(50));
    let mut setup = Setup::new(peers, latency, 7, Duration::from_secs(2));
    let expected = Reference::new(&setup, make, &Idle).run(&mut ());
    for shards in [1, 2, 3, 8] {
        setup.shards = shards;
        let got = World::new(&setup, make, &Idle).run(&mut ());
        let mut got = got;
        got.shards = 1;
        assert_eq!(got, expected);
    }
    assert_eq!(expected.counts.messages_delivered, u64::from(peers) * 39);
}

/// Without a minimum latency there is no lookahead: one shard, and the same result as the heap.
#[test]
fn a_network_without_latency_runs_on_one_shard() {
    let peers = 50;
    let make = |_| Phold::new(peers, Duration::from_millis(10), 0);
    let mut setup = Setup::new(
        peers,
        Network::constant(Duration::ZERO),
        8,
        Duration::from_millis(11),
    );
    setup.shards = 3;
    // With no latency at all PHOLD never lets time pass: one message per peer and stop.
    let mut seen = 0;
    let mut stop = |_: Instant, _: PeerId, _: Notice<()>| seen += 1;
    let _ = &mut stop;
    let setup_short = Setup {
        phases: peerlab::engine::Phases::only(Duration::from_nanos(1)),
        ..setup
    };
    let report = World::new(&setup_short, make, &Idle).run(&mut ());
    assert_eq!(report.shards, 1);
}

#[test]
fn a_trace_names_the_first_difference() {
    let traced = |shards, seed| {
        let trace = Trace::default();
        let mut setup = setup(&[PLAIN], 1);
        setup.trace = Some(trace.clone());
        setup.streams = Streams::new(seed);
        run(&setup, shards, None);
        trace
    };
    let one = traced(1, 1);
    assert_eq!(one.first_difference(&traced(2, 1)), None);
    let found = one.first_difference(&traced(1, 99));
    let found = found.expect("another seed is another run");
    assert_ne!(found.one, found.other);
}

#[test]
fn in_how_many_steps_a_run_is_made_changes_nothing() {
    let setup = setup(&[ROUGH, LINKS, TCP, SLOW, GATES, FAULTS], 9);
    let (expected, kept) = run(&setup, 1, None);
    for shards in [1, 3] {
        let setup = Setup {
            shards,
            ..setup.clone()
        };
        let mut keep = Keep::default();
        let mut world = World::new(&setup, |_| Stress::new(PEERS), &commands());
        for step in 1..100 {
            world.advance(Instant::ZERO + Duration::from_millis(step * 211), &mut keep);
        }
        let mut report = world.report();
        report.shards = expected.shards;
        assert_eq!(report, expected, "{shards} shards");
        assert_eq!(keep.seen, kept.seen);
    }
}

/// A peer that breaks an invariant on its own shard breaks the run with its own words, and nobody
/// waits for it.
#[test]
fn a_panic_on_any_shard_ends_the_run_with_its_own_words() {
    struct Faulty(PeerId);
    impl Protocol for Faulty {
        type Message = Nothing;
        type Timer = ();
        type Command = ();
        type Event = ();
        fn on_start(&mut self, cx: &mut Context<'_, Self>) {
            cx.arm(Duration::from_millis(10), ());
        }
        fn on_timer(&mut self, (): (), cx: &mut Context<'_, Self>) {
            assert!(cx.me() != self.0, "peer {} is faulty", self.0.0);
            cx.arm(Duration::from_millis(10), ());
        }
        fn on_message(&mut self, _: PeerId, _: Nothing, _: &mut Context<'_, Self>) {}
    }
    struct Nothing;
    impl Message for Nothing {
        const KINDS: &'static [&'static str] = &["nothing"];
        fn kind(&self) -> u8 {
            0
        }
        fn bytes(&self) -> u32 {
            0
        }
    }
    let latency = Network::constant(Duration::from_millis(50));
    let mut setup = Setup::new(PEERS, latency, 10, Duration::from_secs(1));
    for shards in [1, 2, 3, 8] {
        for faulty in [PeerId(0), PeerId(PEERS - 1)] {
            setup.shards = shards;
            let run = || World::new(&setup, |_| Faulty(faulty), &Idle).run_unwatched();
            let payload = std::panic::catch_unwind(run).expect_err("a faulty peer");
            let words = payload.downcast_ref::<String>();
            let expected = format!("peer {} is faulty", faulty.0);
            assert_eq!(words, Some(&expected), "on {shards} shards");
        }
    }
}

/// Kademlia with everything that it has, while peers come and go and messages are lost.
#[test]
fn kademlia_is_the_same_on_any_number_of_shards() {
    let common = "k = 6\nalpha = 2\nrefresh = \"10 s\"\nrevalidate = \"3 s\"\nreplicate = \"6 s\"\n\
                  republish = \"8 s\"\nexpire = \"9 s\"\ntimeout = \"400 ms\"\n\
                  lookups = { start.count = 200, values = { count = 15, over = \"10 s\" } }\n";
    for (seed, more) in [
        (
            1,
            "full_bucket = \"ping\"\nfailures = 1\nkeep_stale = false",
        ),
        (
            2,
            "s_kademlia = { paths = 3, siblings = 9 }\nstart = \"join\"",
        ),
        (3, "preset = \"discv4\"\nsubnets = 20\nfailures = 2"),
        (4, "preset = \"ipfs\"\nbits = 40"),
    ] {
        let config: Kademlia = toml::from_str(&format!("{common}{more}")).expect("the shape");
        let mut setup = setup(&[ROUGH, LIVES, FAULTS], seed);
        setup.phases.measurement = Duration::from_secs(13);
        let plan = config.plan(&setup);
        let ids = Arc::clone(&plan.rules.ids);
        let schedule = dht::Schedule::new(&config.lookups, &setup, ids);
        let mut expected: Vec<(Instant, PeerId, Notice<dht::Event>)> = Vec::new();
        let spawn = |peer| Kademlia::spawn(&plan, &setup, peer);
        let mut keep = |at, peer, notice| expected.push((at, peer, notice));
        let heap = Reference::new(&setup, spawn, &schedule).run(&mut keep);
        let counts = &heap.counts;
        assert!(counts.lost > 100, "{more}: {counts:?}");
        assert!(counts.to_the_dead > 100, "{more}: {counts:?}");
        assert!(counts.dead_timers > 1000, "{more}: {counts:?}");
        let ended = |kind: fn(&dht::Ended) -> bool| {
            let events = expected.iter().filter(|(.., notice)| match notice {
                Notice::Event(dht::Event::Ended(ended)) => kind(ended),
                _ => false,
            });
            events.count()
        };
        assert!(
            ended(|ended| ended.outcome == dht::Outcome::Done) > 50,
            "{more}"
        );
        assert!(ended(|ended| ended.timeouts > 0) > 20, "{more}");
        for shards in [1, 2, 3, 8] {
            setup.shards = shards;
            let mut seen = Vec::new();
            let mut keep = |at, peer, notice| seen.push((at, peer, notice));
            let spawn = |peer| Kademlia::spawn(&plan, &setup, peer);
            let mut report = World::new(&setup, spawn, &schedule).run(&mut keep);
            assert_eq!(report.shards, shards as u32);
            report.shards = heap.shards;
            assert_eq!(report, heap, "{more} on {shards} shards");
            assert_eq!(seen, expected, "{more} on {shards} shards");
        }
    }
}
