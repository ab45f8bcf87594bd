//! A protocol of one's own: lazy push. A peer announces a message by its number (8 bytes) to all
//! neighbours and sends the body only to those who ask for it: N - 1 bodies instead of 2E - N + 1.
//!
//! `cargo run --example my_gossip`
#![expect(clippy::print_stdout, reason = "an example shows its results")]

use peerlab::engine::{Context, Message, Notice, Protocol, Script, Setup, World};
use peerlab::network::Network;
use peerlab::network::graph::{Graph, regular};
use peerlab::peer::PeerId;
use peerlab::random::Purpose;
use peerlab::time::{Duration, Instant};
use std::sync::Arc;

/// What travels.
#[derive(Clone, Copy)]
enum Lazy {
    Announce,
    Request,
    Body,
}

impl Message for Lazy {
    const KINDS: &'static [&'static str] = &["announce", "request", "body"];
    fn kind(&self) -> u8 {
        *self as u8
    }
    fn bytes(&self) -> u32 {
        [8, 8, 10_000][*self as usize]
    }
}

/// A peer: what it has, and whether it has asked somebody.
struct Peer {
    graph: Arc<Graph>,
    has: bool,
    asked: bool,
}

impl Protocol for Peer {
    type Message = Lazy;
    type Timer = ();
    type Command = ();
    type Event = (); // it has the body

    fn on_message(&mut self, from: PeerId, message: Lazy, cx: &mut Context<'_, Self>) {
        match message {
            Lazy::Announce if !self.has && !self.asked => {
                self.asked = true;
                cx.send(from, Lazy::Request);
            }
            Lazy::Announce => {}
            Lazy::Request => cx.send(from, Lazy::Body),
            Lazy::Body => self.on_command((), cx),
        }
    }

    /// The body is here: the workload asks for a broadcast, or somebody has sent it.
    fn on_command(&mut self, (): (), cx: &mut Context<'_, Self>) {
        self.has = true;
        cx.emit(());
        for &neighbour in self.graph.neighbours(cx.me()) {
            cx.send(neighbour, Lazy::Announce);
        }
    }
}

fn main() {
    const PEERS: u32 = 10_000;
    let network = Network::constant(Duration::from_millis(50));
    let setup = Setup::new(PEERS, network, 1, Duration::from_mins(1));
    let mut rng = setup.streams.chacha(Purpose::Topology, 0);
    let graph = Arc::new(regular(PEERS, 8, &mut rng));
    let spawn = |_| Peer {
        graph: Arc::clone(&graph),
        has: false,
        asked: false,
    };
    let workload = Script::new(vec![(Instant::ZERO, PeerId(0), ())]);

    let (mut reached, mut last) = (0, Instant::ZERO);
    let mut observer = |at, _peer, notice| {
        if let Notice::Event(()) = notice {
            (reached, last) = (reached + 1, at);
        }
    };
    let report = World::new(&setup, spawn, &workload).run(&mut observer);

    let reliability = 100.0 * f64::from(reached) / f64::from(PEERS);
    println!("{reliability:.1} % of {PEERS} peers have it, the last after {last}");
    for (kind, sent) in report.traffic() {
        let per_peer = sent.messages as f64 / f64::from(PEERS);
        println!(
            "{kind}: {per_peer:.4} messages per peer, {} B in all",
            sent.wire_bytes
        );
    }
}
