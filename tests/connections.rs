//! What a connection promises whatever the network does to it: order, and nothing after the end.

use peerlab::engine::{Conn, Context, Link, Message, Notice, Protocol, Script, Setup, World};
use peerlab::network::{
    BandwidthConfig, FaultConfig, Network, NetworkConfig, ProcessingConfig, TransportConfig,
};
use peerlab::peer::PeerId;
use peerlab::random::Draw;
use peerlab::time::{Duration, Instant};
use std::sync::Arc;

/// A numbered message of some size.
#[derive(Clone, Copy, Debug)]
struct Numbered {
    number: u32,
    bytes: u32,
}

impl Message for Numbered {
    const KINDS: &'static [&'static str] = &["numbered"];
    fn kind(&self) -> u8 {
        0
    }
    fn bytes(&self) -> u32 {
        self.bytes
    }
}

/// How many messages a connection carries.
const MESSAGES: u32 = 40;

/// Opens a connection to the next peer, sends numbered messages at odd times, and closes.
#[derive(Default)]
struct Sender {
    to: u32,
    sent: u32,
    conn: Option<Conn>,
}

impl Protocol for Sender {
    type Message = Numbered;
    type Timer = ();
    type Command = ();
    /// The number received; after the end of the connection, [`MESSAGES`].
    type Event = u32;

    fn on_start(&mut self, cx: &mut Context<'_, Self>) {
        cx.connect(PeerId(self.to));
    }

    fn on_timer(&mut self, (): (), cx: &mut Context<'_, Self>) {
        let Some(conn) = self.conn else { return };
        if self.sent == MESSAGES {
            cx.close(conn);
            return;
        }
        let bytes = if cx.rng().chance(0.5) {
            100
        } else {
            cx.rng().below(60_000) as u32
        };
        let number = self.sent;
        assert!(cx.send_on(conn, Numbered { number, bytes }), "still open");
        self.sent += 1;
        let pause = if cx.rng().chance(0.5) { 0 } else { 100 };
        let after = Duration::from_millis(cx.rng().below(pause + 1));
        cx.arm(after, ());
    }

    fn on_message(&mut self, _: PeerId, _: Numbered, _: &mut Context<'_, Self>) {}

    fn on_data(&mut self, _: Conn, _: PeerId, got: Numbered, cx: &mut Context<'_, Self>) {
        cx.emit(got.number);
    }

    fn on_connection(&mut self, conn: Conn, what: Link, cx: &mut Context<'_, Self>) {
        match what {
            Link::Opened(_) => {
                self.conn = Some(conn);
                cx.arm(Duration::ZERO, ());
            }
            Link::Accepted(_) => {}
            Link::Closed(_) => cx.emit(MESSAGES),
            other => panic!("nothing breaks here: {other:?}"),
        }
    }
}

/// Runs twenty such connections and checks what each receiver saw.
fn in_order(network: &str, bandwidth: &str, transport: &str) {
    let peers = 20;
    let network: NetworkConfig = toml::from_str(network).expect("a network");
    let bandwidth: BandwidthConfig = toml::from_str(bandwidth).expect("bandwidth");
    let transport: TransportConfig = toml::from_str(transport).expect("transport");
    for seed in 1..=5 {
        let free = Network::constant(Duration::from_millis(1));
        let mut setup = Setup::new(peers, free, seed, Duration::from_mins(10));
        let built = Network::build(
            &network,
            &peerlab::network::Files::default(),
            &setup.population,
            &setup.streams,
        );
        let built = built.and_then(|network| {
            network.with_bandwidth(&bandwidth, &setup.population, &setup.streams)
        });
        let built = built.and_then(|network| network.with_transport(&transport));
        let slow = ProcessingConfig {
            per_message: Duration::from_millis(20),
            ..ProcessingConfig::default()
        };
        let built = built.and_then(|network| {
            let kinds = Numbered::KINDS;
            network.with_processing(&slow, kinds, &setup.population, &setup.streams)
        });
        setup.network = Arc::new(built.expect("the network builds"));
        let make = |me: PeerId| Sender {
            to: (me.0 + 1) % peers,
            ..Sender::default()
        };
        let mut seen = vec![Vec::new(); peers as usize];
        let mut watch = |_: Instant, peer: PeerId, notice: Notice<u32>| {
            if let Notice::Event(number) = notice {
                seen[peer.index()].push(number);
            }
        };
        World::new(&setup, make, &Script::new(Vec::new())).run(&mut watch);
        let all: Vec<u32> = (0..=MESSAGES).collect();
        for (peer, seen) in seen.iter().enumerate() {
            assert_eq!(seen, &all, "peer {peer}, seed {seed}, {transport:?}");
        }
    }
}

const ROUGH: &str = r#"
loss = "5 %"
jitter = "80 ms"
constant = { latency = "40 ms" }"#;
const LINKS: &str = "access-link = { up = \"2 Mbit/s\", down = \"1 Mbit/s\" }";
const FIFO: &str = "access-link = { up = \"2 Mbit/s\", down = \"1 Mbit/s\", fifo = true }";

#[test]
fn jitter_does_not_reorder() {
    in_order(ROUGH, "unlimited = {}", "");
}

#[test]
fn neither_do_links_of_either_kind() {
    in_order(ROUGH, LINKS, "");
    in_order(ROUGH, FIFO, "");
}

#[test]
fn nor_do_windows_and_segments_that_come_again() {
    for bandwidth in ["unlimited = {}", LINKS, FIFO] {
        in_order(ROUGH, bandwidth, "tcp = { initial_window = 2 }");
    }
}

/// Peer 0 opens a connection to peer 1 and says nothing.
struct Quiet;

impl Protocol for Quiet {
    type Message = Numbered;
    type Timer = ();
    type Command = ();
    type Event = Link;

    fn on_start(&mut self, cx: &mut Context<'_, Self>) {
        if cx.me() == PeerId(0) {
            cx.connect(PeerId(1));
        }
    }

    fn on_message(&mut self, _: PeerId, _: Numbered, _: &mut Context<'_, Self>) {}

    fn on_connection(&mut self, _: Conn, what: Link, cx: &mut Context<'_, Self>) {
        cx.emit(what);
    }
}

/// What two quiet peers see, 40 ms from one another, while they are cut off between two times; with
/// the times in milliseconds.
fn quiet(transport: &str, at: u64, heal: u64) -> (Vec<(u64, u32, Link)>, u64) {
    let transport: TransportConfig = toml::from_str(transport).expect("transport");
    let free = Network::constant(Duration::from_millis(40));
    let mut setup = Setup::new(2, free.clone(), 1, Duration::from_mins(10));
    let cut = format!("partition = {{ at = \"{at} s\", heal = \"{heal} s\", share = 0.5 }}");
    let cut: FaultConfig = toml::from_str(&cut).expect("a fault");
    let network = free.with_transport(&transport).and_then(|network| {
        let end = setup.phases.end();
        network.with_faults(&[cut], &setup.population, &setup.streams, end)
    });
    setup.network = Arc::new(network.expect("the network builds"));
    let mut seen = Vec::new();
    let mut watch = |at: Instant, peer: PeerId, notice: Notice<Link>| {
        if let Notice::Event(what) = notice {
            let millis = (at - Instant::ZERO).as_nanos() / 1_000_000;
            seen.push((millis, peer.0, what));
        }
    };
    let mut world = World::new(&setup, |_| Quiet, &Script::new(Vec::new()));
    let report = world.run(&mut watch);
    (seen, report.counts.keep_alives)
}

#[test]
fn who_has_nothing_to_say_notices_a_cut_only_by_asking() {
    let (zero, one) = (PeerId(0), PeerId(1));
    let opened = [(40, 1, Link::Accepted(zero)), (80, 0, Link::Opened(one))];
    let (seen, asked) = quiet("", 9, 100);
    assert_eq!((seen.as_slice(), asked), (opened.as_slice(), 0));

    // Each asks 5 s after it has sent something, or a little later: at 5 and 10 s, when nobody
    // answers any more; and has the patience of 7 s.
    let (seen, asked) = quiet("keep_alive = \"5 s\"\ngive_up_after = \"7 s\"", 9, 100);
    let resets = [
        (17_040, 1, Link::Reset(zero)),
        (17_080, 0, Link::Reset(one)),
    ];
    assert_eq!(seen, [opened, resets].concat());
    assert_eq!(asked, 3);

    // An attempt across a cut ends after its time-out.
    let (seen, _) = quiet("connect_timeout = \"3 s\"", 0, 100);
    assert_eq!(seen, [(3000, 0, Link::Refused(one))]);
}
