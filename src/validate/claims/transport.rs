//! What TCP adds to a transfer, and what waiting in line adds to a message.

use super::{Room, Source, per_seed};
use crate::engine::{Conn, Context, Idle, Link, Message, Notice, Protocol, Setup, World};
use crate::network::tcp::SEGMENT;
use crate::network::{Network, ProcessingConfig, TcpConfig, TransportConfig};
use crate::peer::{PeerId, Population};
use crate::quantity::Bandwidth;
use crate::random::{Draw, Streams};
use crate::time::{Duration, Instant};
use crate::validate::Rule;

const TCP: Source = Source {
    id: "tcp",
    text: "Kurose & Ross, Computer Networking, latency of slow start: set-up, O/R, \
           P (RTT + S/R) - (2^P - 1) W S/R; W = 10 segments",
};
const LINE: Source = Source {
    id: "MD1",
    text: "Pollaczek-Khinchine: mean wait of rho S / (2 (1 - rho)) in a queue of Poisson arrivals \
           and constant service S",
};

pub(super) fn claims(room: &mut Room<'_>) {
    room.say("TCP: ten sizes, three round trips");
    for round_trip in [10, 80, 300] {
        let far = |segments: u64| {
            let took = transfer(segments, round_trip);
            (took - slow_start(segments, round_trip)).abs()
        };
        let sizes = [1, 5, 10, 11, 25, 60, 150, 400, 1000, 5000];
        let farthest = sizes.into_iter().map(far).fold(0.0, f64::max);
        let what = format!("largest error of ten sizes, 10 Mbit/s, RTT {round_trip} ms, s");
        // To the nanosecond: what remains is the rounding of seconds as floating-point numbers.
        let nanos = (farthest * 1e9).round();
        room.judge(TCP.claim(what, 0.0), &[nanos], Rule::Exact);
    }
    room.say("queues: a processor and a downlink");
    for rho in [0.5, 0.8] {
        for (name, server) in [
            ("processor", Server::Processor),
            ("downlink", Server::Downlink),
        ] {
            let waits = per_seed(30, |seed| wait(server, rho, seed));
            let expected = rho / (2.0 * (1.0 - rho));
            let what = format!("wait at a {name} in units of S, rho = {rho}");
            room.judge(LINE.claim(what, expected), &waits, Rule::ClosedForm(0.05));
        }
    }
}

const RATE: u64 = 10_000_000;

/// The closed form, from the attempt to connect to the last byte, in seconds.
fn slow_start(segments: u64, round_trip_ms: u64) -> f64 {
    let round_trip = round_trip_ms as f64 / 1e3;
    let segment = (SEGMENT * 8) as f64 / RATE as f64;
    let window = |k: u64| (10u64 << k) as f64 * segment;
    let mut windows = 1;
    while 10 * ((1u64 << windows) - 1) < segments {
        windows += 1;
    }
    let stalls = (0..windows - 1).take_while(|&k| window(k) < round_trip + segment);
    let stalled: f64 = stalls.map(|k| round_trip + segment - window(k)).sum();
    1.5 * round_trip + segments as f64 * segment + stalled
}

/// The same through the engine.
fn transfer(segments: u64, round_trip_ms: u64) -> f64 {
    let transport = TransportConfig {
        tcp: Some(TcpConfig {
            // The closed form knows no largest window.
            largest_window: crate::quantity::Bytes(1 << 30),
            ..TcpConfig::default()
        }),
        ..TransportConfig::default()
    };
    let network = Network::constant(Duration::from_micros(round_trip_ms * 500));
    let network = network.with_links(Bandwidth(RATE), Bandwidth(RATE));
    let Ok(network) = network.with_transport(&transport) else {
        return f64::NAN;
    };
    let setup = Setup::new(2, network, 1, Duration::from_mins(10));
    let mut end = f64::NAN;
    let bytes = (segments * SEGMENT) as u32;
    World::new(&setup, |_| File(bytes), &Idle).run(&mut |at: Instant, _, notice| {
        if notice == Notice::Event(()) {
            end = at.as_secs_f64();
        }
    });
    end
}

/// Peer 0 opens a connection and sends one file of this many bytes.
#[derive(Clone, Copy)]
struct File(u32);

impl Message for File {
    const KINDS: &'static [&'static str] = &["file"];
    fn kind(&self) -> u8 {
        0
    }
    fn bytes(&self) -> u32 {
        self.0
    }
}

impl Protocol for File {
    type Message = File;
    type Timer = ();
    type Command = ();
    type Event = ();

    fn on_start(&mut self, cx: &mut Context<'_, Self>) {
        if cx.me() == PeerId(0) {
            cx.connect(PeerId(1));
        }
    }
    fn on_message(&mut self, _: PeerId, _: File, _: &mut Context<'_, Self>) {}
    fn on_data(&mut self, _: Conn, _: PeerId, _: File, cx: &mut Context<'_, Self>) {
        cx.emit(());
    }
    fn on_connection(&mut self, conn: Conn, what: Link, cx: &mut Context<'_, Self>) {
        if matches!(what, Link::Opened(_)) {
            cx.send_on(conn, *self);
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Server {
    Processor,
    Downlink,
}

/// Peers that send to one.
const CLIENTS: u32 = 100;
/// What a message takes there.
const SERVICE: Duration = Duration::from_millis(1);

/// The mean wait of a message in units of its service, over a run at this utilisation.
fn wait(server: Server, rho: f64, seed: u64) -> f64 {
    let population = Population::uniform(CLIENTS + 1);
    let streams = Streams::new(seed);
    let latency = Duration::from_millis(20);
    let network = Network::constant(latency);
    let network = match server {
        Server::Processor => {
            let config = ProcessingConfig {
                per_message: SERVICE,
                ..ProcessingConfig::default()
            };
            network.with_processing(&config, Ask::KINDS, &population, &streams)
        }
        Server::Downlink => {
            // 1000 bytes in a millisecond.
            let down = Bandwidth(8_000_000);
            Ok(network.with_links(Bandwidth(1_000_000_000_000), down))
        }
    };
    let Ok(network) = network else {
        return f64::NAN;
    };
    let setup = Setup::new(CLIENTS + 1, network, seed, Duration::from_secs(60));
    let interval = SERVICE.as_secs_f64() * f64::from(CLIENTS) / rho;
    let interval = Duration::from_nanos((interval * 1e9) as u64);
    let (mut sum, mut count) = (0.0, 0u32);
    World::new(&setup, |_| Client(interval), &Idle).run(&mut |at: Instant, _, notice| {
        if let Notice::Event(sent) = notice {
            sum += (at.saturating_since(sent)).as_secs_f64();
            count += 1;
        }
    });
    let spent = sum / f64::from(count) - latency.as_secs_f64();
    spent / SERVICE.as_secs_f64() - 1.0
}

/// Sends to peer 0 at exponential intervals of this mean.
struct Client(Duration);

/// When it was sent.
struct Ask(Instant);

impl Message for Ask {
    const KINDS: &'static [&'static str] = &["ask"];
    fn kind(&self) -> u8 {
        0
    }
    fn bytes(&self) -> u32 {
        1000
    }
}

impl Protocol for Client {
    type Message = Ask;
    type Timer = ();
    type Command = ();
    type Event = Instant;

    fn on_start(&mut self, cx: &mut Context<'_, Self>) {
        if cx.me() != PeerId(0) {
            let after = cx.rng().exp(self.0);
            cx.arm(after, ());
        }
    }
    fn on_timer(&mut self, (): (), cx: &mut Context<'_, Self>) {
        cx.send(PeerId(0), Ask(cx.now()));
        let after = cx.rng().exp(self.0);
        cx.arm(after, ());
    }
    fn on_message(&mut self, _: PeerId, Ask(sent): Ask, cx: &mut Context<'_, Self>) {
        cx.emit(sent);
    }
}
