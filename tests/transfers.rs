//! How long transfers take, to the nanosecond, while bandwidth is what it is and while it changes;
//! and peers that several faults take down.

use peerlab::engine::{
    Conn, Context, Link, Message, Notice, Phases, Protocol, Script, Setup, World,
};
use peerlab::network::{FaultConfig, Network};
use peerlab::observe::congestion;
use peerlab::observe::record::Record;
use peerlab::peer::{PeerId, Population};
use peerlab::quantity::Bandwidth;
use peerlab::random::Streams;
use peerlab::time::{Duration, Instant};
use std::sync::Arc;

const LATENCY: Duration = Duration::from_millis(300);

/// Some bytes.
#[derive(Clone, Copy, Debug)]
struct Parcel(u32);

impl Message for Parcel {
    const KINDS: &'static [&'static str] = &["parcel"];
    fn kind(&self) -> u8 {
        0
    }
    fn bytes(&self) -> u32 {
        self.0
    }
}

/// Peer 0 sends parcels of these sizes to peer 1 over one connection, all at once.
struct Shipper {
    sizes: Vec<u32>,
}

impl Protocol for Shipper {
    type Message = Parcel;
    type Timer = ();
    type Command = ();
    type Event = u32;

    fn on_start(&mut self, cx: &mut Context<'_, Self>) {
        if cx.me() == PeerId(0) {
            cx.connect(PeerId(1));
        }
    }

    fn on_message(&mut self, _: PeerId, _: Parcel, _: &mut Context<'_, Self>) {}

    fn on_data(&mut self, _: Conn, _: PeerId, got: Parcel, cx: &mut Context<'_, Self>) {
        cx.emit(got.0);
    }

    fn on_connection(&mut self, conn: Conn, what: Link, cx: &mut Context<'_, Self>) {
        if let Link::Opened(_) = what {
            for size in std::mem::take(&mut self.sizes) {
                cx.send_on(conn, Parcel(size));
            }
        }
    }
}

fn faults(text: &str) -> Vec<FaultConfig> {
    #[derive(serde::Deserialize)]
    struct File {
        #[serde(default)]
        fault: Vec<FaultConfig>,
    }
    toml::from_str::<File>(text).expect("readable").fault
}

/// Two peers with these links, and these faults.
fn pair(up: Bandwidth, down: Bandwidth, text: &str) -> Setup {
    let (population, streams) = (Population::uniform(2), Streams::new(1));
    let end = Instant::ZERO + Duration::from_hours(10);
    let network = Network::constant(LATENCY)
        .with_links(up, down)
        .with_faults(&faults(text), &population, &streams, end)
        .expect("valid");
    let mut setup = Setup::new(2, Network::constant(LATENCY), 1, Duration::from_hours(10));
    setup.network = Arc::new(network);
    setup
}

/// When each parcel is there, after the round trip of the set-up.
fn arrivals(setup: &Setup, sizes: &[u32]) -> Vec<u64> {
    let mut seen = Vec::new();
    let mut watch = |at: Instant, _: PeerId, notice: Notice<u32>| {
        if let Notice::Event(_) = notice {
            seen.push((at - Instant::ZERO - LATENCY * 2).as_nanos());
        }
    };
    let make = |_| Shipper {
        sizes: sizes.to_vec(),
    };
    World::new(setup, make, &Script::new(Vec::new())).run(&mut watch);
    seen
}

const MBIT: u64 = 1_000_000;

/// What max-min fairness gives a flow that is alone, and so what `fair-share` has to say too: the
/// slower of the two links, from the first bit to the last.
#[test]
fn one_transfer_takes_its_latency_and_its_bytes_over_the_slower_link() {
    for size in [1, 1500, 1501, 16_384, 1_000_000, 12_345_678] {
        for (up, down) in [(1, 1), (1, 8), (8, 1), (100, 3), (3, 100), (1000, 1000)] {
            let setup = pair(Bandwidth(up * MBIT), Bandwidth(down * MBIT), "");
            let line = (u64::from(size) * 8_000).div_ceil(up.min(down));
            let expected = LATENCY.as_nanos() + line;
            assert_eq!(
                arrivals(&setup, &[size]),
                [expected],
                "{size} B over {up}/{down}"
            );
        }
    }
}

/// 300 ms away and a thousand parcels: the line is never idle. (`SimGrid`'s CM02 and some gossip
/// simulators take a latency per message.)
#[test]
fn a_long_way_does_not_limit_throughput() {
    let setup = pair(Bandwidth(8 * MBIT), Bandwidth(8 * MBIT), "");
    let seen = arrivals(&setup, &[10_000; 1000]);
    let expected: Vec<u64> = (1..=1000)
        .map(|parcel| LATENCY.as_nanos() + parcel * 10_000_000)
        .collect();
    assert_eq!(seen, expected);
}

/// 10 MB at 8 Mbit/s are 10 s. From 2.6 s on the line has a quarter of its rate for four seconds.
#[test]
fn what_is_under_way_goes_on_at_the_new_rate() {
    let slump = "[[fault]]\nbandwidth = { at = \"2600 ms\", until = \"6600 ms\", times = 0.25, share = 1.0 }";
    let sized = |bytes, up, down| arrivals(&pair(Bandwidth(up), Bandwidth(down), slump), &[bytes]);
    let setup = LATENCY.as_nanos();
    let second = 1_000_000_000;
    // The uplink is the slow one: 2 s of work before (the set-up takes 0.6 s), 1 s during, 7 s after.
    let uplink = sized(10_000_000, 8 * MBIT, 1000 * MBIT);
    assert_eq!(uplink, [13 * second + setup]);
    // The downlink is: the first byte is there 0.3 s later, so there are 1.7 s of work before.
    let downlink = sized(10_000_000, 1000 * MBIT, 8 * MBIT);
    assert_eq!(downlink, [13 * second + setup]);
}

#[test]
fn two_faults_at_once_keep_a_peer_down_until_both_are_over() {
    let crash = |at, back| {
        format!(
            "[[fault]]\ncrash = {{ at = \"{at} s\", share = 1.0, rejoin_after = \"{back} s\" }}\n"
        )
    };
    let both = [crash(10, 30), crash(20, 5)].concat();
    let setup = pair(Bandwidth(MBIT), Bandwidth(MBIT), &both);
    let mut seen = Vec::new();
    let mut watch = |at: Instant, peer: PeerId, notice: Notice<u32>| {
        if peer == PeerId(0) && matches!(notice, Notice::Up | Notice::Crashed) {
            seen.push((at - Instant::ZERO).as_nanos() / 1_000_000_000);
        }
    };
    let make = |_| Shipper { sizes: Vec::new() };
    World::new(&setup, make, &Script::new(Vec::new())).run(&mut watch);
    assert_eq!(seen, [0, 10, 40]);
}

/// Three parcels of 10 ms each, handed over at once: none, 10 and 20 ms of waiting for the uplink.
/// The downlink is twice as slow, and the parcels come over 10 ms each: 10 ms are its own, and the
/// second and the third wait another 10 and 20 ms for it.
#[test]
fn waiting_and_use_are_counted_class_by_class() {
    let mix = r#"
        [[access-link.class]]
        name = "server"
        share = "50 %"
        up = "8 Mbit/s"
        down = "4 Mbit/s"
        [[access-link.class]]
        name = "home"
        share = "50 %"
        up = "8 Mbit/s"
        down = "4 Mbit/s"
    "#;
    let mut setup = pair(Bandwidth(MBIT), Bandwidth(MBIT), "");
    let network = Network::constant(LATENCY).with_bandwidth(
        &toml::from_str(mix).expect("readable"),
        &setup.population,
        &setup.streams,
    );
    setup.network = Arc::new(network.expect("valid"));
    setup.phases = Phases::only(Duration::from_secs(10));
    let make = |_| Shipper {
        sizes: vec![10_000; 3],
    };
    let report = World::new(&setup, make, &Script::new(Vec::new())).run_unwatched();
    let mut record = Record::default();
    congestion::measure(&mut record, &setup, &report);
    let access = setup.network.access().expect("limited");
    let sender = &access.classes()[access.class(PeerId(0))];
    let receiver = &access.classes()[access.class(PeerId(1))];
    for (metric, expected) in [
        // Two peers in the run of 10 s, each alone in its class.
        ("link.up_use".to_owned(), 0.030 / 20.0),
        (format!("link.up_use.{sender}"), 0.030 / 10.0),
        (format!("link.up_use.{receiver}"), 0.0),
        (format!("link.up_wait.{sender}"), 0.010),
        (format!("link.down_use.{receiver}"), 0.060 / 10.0),
        (format!("link.down_wait.{receiver}"), 0.010),
        ("link.down_wait".to_owned(), 0.010),
    ] {
        let value = record.get(&metric).expect("recorded");
        assert!((value - expected).abs() < 1e-9, "{metric}: {value}");
    }
    let names = congestion::metrics(Some(access.classes()), false);
    let recorded = record.observations.iter().map(|one| one.metric.as_str());
    assert!(names.iter().map(|def| &*def.name).eq(recorded));
}
