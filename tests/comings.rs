//! Peers that come and go: who is there, and at which address.

use peerlab::churn::{Addressing, Attendance, Churn, ChurnConfig};
use peerlab::engine::{Conn, Context, Link, Message, Notice, Protocol, Script, Setup, World};
use peerlab::network::{Files, Network};
use peerlab::peer::PeerId;
use peerlab::protocols::bitcoin::{self, Bitcoin};
use peerlab::time::{Duration, Instant};
use std::sync::Arc;

/// The peer that stays and calls, and the one that comes and goes.
const CALLER: PeerId = PeerId(0);
const CALLED: PeerId = PeerId(1);

/// "I am here", with the number of one's address.
#[derive(Clone, Copy)]
struct Here(u8);

impl Message for Here {
    const KINDS: &'static [&'static str] = &["here"];
    fn kind(&self) -> u8 {
        0
    }
    fn bytes(&self) -> u32 {
        20
    }
}

#[derive(Clone, Copy, Debug)]
enum Heard {
    /// The other is at this address now.
    Is(u8),
    /// Somebody answered at it, or nobody did.
    Tried(u8, bool),
}

/// Calls at all addresses it has heard of, time and again.
#[derive(Default)]
struct Peer {
    known: Vec<u8>,
    calls: Vec<(Conn, u8)>,
}

impl Protocol for Peer {
    type Message = Here;
    type Timer = ();
    type Command = ();
    type Event = Heard;

    fn on_start(&mut self, cx: &mut Context<'_, Self>) {
        if cx.me() == CALLER {
            cx.arm(Duration::from_mins(1), ());
        } else {
            let lease = cx.lease();
            cx.send(CALLER, Here(lease));
        }
    }

    fn on_message(&mut self, _: PeerId, Here(lease): Here, cx: &mut Context<'_, Self>) {
        self.known.push(lease);
        cx.emit(Heard::Is(lease));
    }

    fn on_timer(&mut self, (): (), cx: &mut Context<'_, Self>) {
        for &lease in &self.known {
            self.calls.push((cx.connect_at(CALLED, lease), lease));
        }
        cx.arm(Duration::from_mins(1), ());
    }

    fn on_connection(&mut self, conn: Conn, what: Link, cx: &mut Context<'_, Self>) {
        let called = self.calls.iter().position(|&(one, _)| one == conn);
        let Some(called) = called else { return };
        let (_, lease) = self.calls.swap_remove(called);
        cx.emit(Heard::Tried(lease, matches!(what, Link::Opened(_))));
        cx.close(conn);
    }
}

fn setup(peers: u32, hours: u64, churn: &str) -> Setup {
    let latency = Network::constant(Duration::from_millis(50));
    let mut setup = Setup::new(peers, latency, 1, Duration::from_hours(hours));
    let config: ChurnConfig = toml::from_str(churn).expect("churn");
    let files = Files::default();
    let churn = Churn::build(&config, &files, &setup.population, &setup.streams);
    setup.churn = Arc::new(churn.expect("valid"));
    setup
}

const LIVES: &str = "session.exponential.mean = \"1 h\"\nabsence.exponential.mean = \"20 min\"\n";

/// What a workload is told ahead is what the engine does.
#[test]
fn who_is_there_is_known_ahead() {
    let setup = setup(40, 24, LIVES);
    let mut attendance = Attendance::new(&setup.churn, &setup.population, &setup.streams);
    let mut changes = 0;
    let mut watch = |at: Instant, peer: PeerId, notice: Notice<Heard>| {
        if !matches!(notice, Notice::Event(_)) {
            let up = matches!(notice, Notice::Up);
            assert_eq!(attendance.is_up(peer, at), up, "{peer} at {at}");
            assert_eq!(attendance.lease(peer), 0, "addresses stay");
            changes += 1;
        }
    };
    World::new(&setup, |_| Peer::default(), &Script::new(Vec::new())).run(&mut watch);
    assert!(changes > 1000, "{changes} comings and goings");
}

#[test]
fn only_the_present_address_is_answered() {
    let mut setup = setup(2, 24, &format!("{LIVES}address = \"new\""));
    setup.churn = Arc::new((*setup.churn).clone().among(CALLED.0..CALLED.0 + 1));
    let (mut at, mut answered, mut silent) = (None, Vec::new(), 0);
    let mut watch = |_: Instant, _: PeerId, notice: Notice<Heard>| {
        if let Notice::Event(heard) = notice {
            match heard {
                Heard::Is(lease) => at = Some(lease),
                Heard::Tried(lease, true) => {
                    assert_eq!(Some(lease), at, "an address it has no more");
                    answered.push(lease);
                }
                Heard::Tried(..) => silent += 1,
            }
        }
    };
    World::new(&setup, |_| Peer::default(), &Script::new(Vec::new())).run(&mut watch);
    answered.dedup();
    assert!(
        answered.len() > 10,
        "one address after the other: {answered:?}"
    );
    assert!(silent > 1000, "{silent} calls at old addresses");
}

/// Fifty nodes with a session an hour: where addresses change, fewer of those in the tables answer.
#[test]
fn tables_of_bitcoin_hold_fewer_live_addresses_when_they_change() {
    let live = |address: Addressing| {
        let churn = match address {
            Addressing::Same => LIVES.to_owned(),
            Addressing::New => format!("{LIVES}address = \"new\""),
        };
        let mut setup = setup(52, 12, &churn);
        setup.churn = Arc::new((*setup.churn).clone().among(0..50));
        let class = |name: &str, count| peerlab::peer::Class {
            name: name.to_owned(),
            count,
        };
        let classes = vec![class("peers", 50), class("dns-seeds", 2)];
        setup.population = peerlab::peer::Population::new(classes);
        let mut config = Bitcoin::default();
        // Nothing known but what the run tells.
        config.stored.tried = 0;
        config.stored.new = 0;
        let record = bitcoin::run(&config, &setup);
        record.get("bitcoin.tried_live").expect("measured")
    };
    let (same, new) = (live(Addressing::Same), live(Addressing::New));
    assert!(
        new < 0.5 * same,
        "{new} of the known answer, {same} without moves"
    );
}
