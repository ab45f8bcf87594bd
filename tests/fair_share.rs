//! Links that are shared by max-min fairness, as a protocol sees them.

use peerlab::engine::{Conn, Context, Link, Message, Notice, Protocol, Script, Setup, World};
use peerlab::network::{Crash, Network};
use peerlab::peer::PeerId;
use peerlab::quantity::Bandwidth;
use peerlab::time::{Duration, Instant};

const LATENCY: Duration = Duration::from_millis(30);

struct Bulk(u32);

impl Message for Bulk {
    const KINDS: &'static [&'static str] = &["bulk"];
    fn kind(&self) -> u8 {
        0
    }
    fn bytes(&self) -> u32 {
        self.0
    }
}

/// What to do.
#[derive(Clone)]
enum Do {
    /// Send messages of these sizes to somebody, over a connection of their own.
    Send(PeerId, Vec<u32>),
    /// Take back what the last connection has not begun to send.
    Withdraw,
    /// Hold the last connection back, or let it go.
    Limit(Option<Bandwidth>),
    /// Close the last connection.
    Close,
}

/// Reports the sizes of what it gets, and what becomes of connections.
#[derive(Default)]
struct Peer {
    waiting: Vec<(Conn, Vec<u32>)>,
    last: Option<Conn>,
}

#[derive(Clone, PartialEq, Debug)]
enum Saw {
    Got(u32),
    Reset,
    TookBack(usize),
}

impl Protocol for Peer {
    type Message = Bulk;
    type Timer = ();
    type Command = Do;
    type Event = Saw;

    fn on_command(&mut self, command: Do, cx: &mut Context<'_, Self>) {
        match command {
            Do::Send(to, sizes) => self.waiting.push((cx.connect(to), sizes)),
            Do::Withdraw => {
                let conn = self.last.expect("something was sent");
                let count = cx.withdraw(conn, |message, begun| !begun && message.0 > 450_000);
                cx.emit(Saw::TookBack(count));
            }
            Do::Limit(most) => cx.limit(self.last.expect("something was sent"), most),
            Do::Close => cx.close(self.last.expect("something was sent")),
        }
    }
    fn on_connection(&mut self, conn: Conn, what: Link, cx: &mut Context<'_, Self>) {
        match what {
            Link::Opened(_) => {
                let at = self.waiting.iter().position(|&(other, _)| other == conn);
                let (_, sizes) = self.waiting.swap_remove(at.expect("asked for"));
                for size in sizes {
                    assert!(cx.send_on(conn, Bulk(size)));
                }
                self.last = Some(conn);
            }
            Link::Reset(_) => cx.emit(Saw::Reset),
            _ => {}
        }
    }
    fn on_message(&mut self, _: PeerId, message: Bulk, cx: &mut Context<'_, Self>) {
        cx.emit(Saw::Got(message.0));
    }
}

/// What peers see of what is asked of them, and when.
fn see(
    network: Network,
    outages: Vec<Crash>,
    asked: Vec<(Instant, PeerId, Do)>,
) -> Vec<(u64, PeerId, Saw)> {
    let mut setup = Setup::new(4, network, 1, Duration::from_mins(10));
    setup.outages = outages;
    let mut seen = Vec::new();
    World::new(&setup, |_| Peer::default(), &Script::new(asked)).run(
        &mut |at: Instant, peer: PeerId, notice: Notice<Saw>| {
            if let Notice::Event(saw) = notice {
                seen.push((at.as_nanos(), peer, saw));
            }
        },
    );
    seen
}

fn fair(up: u64, down: u64) -> Network {
    Network::constant(LATENCY).with_fair_links(Bandwidth(up), Bandwidth(down))
}

fn send(to: u32, sizes: &[u32]) -> Do {
    Do::Send(PeerId(to), sizes.to_vec())
}

/// Set-up there and back, and the way of the data.
const WAY: u64 = 3 * LATENCY.as_nanos();

#[test]
fn one_transfer_takes_the_same_time_in_turns_and_fairly() {
    for (up, down) in [
        (1_000_003, 7_777),
        (333, 1_000_000),
        (99_999_989, 100_000_007),
    ] {
        for bytes in [1_501, 16_397, 100_003] {
            let asked = || vec![(Instant::ZERO, PeerId(0), send(1, &[bytes]))];
            let plain = Network::constant(LATENCY);
            let turns = see(
                plain.with_links(Bandwidth(up), Bandwidth(down)),
                vec![],
                asked(),
            );
            let fairly = see(fair(up, down), vec![], asked());
            assert_eq!(turns, fairly, "{bytes} bytes, {up} up, {down} down");
            let exact = (u64::from(bytes) * 8_000_000_000).div_ceil(up.min(down));
            assert!(exact + WAY > 60_000_000_000 * 10 || fairly[0].0 == exact + WAY);
        }
    }
}

#[test]
fn a_receiver_that_is_gone_leaves_its_share_to_the_others() {
    // Two flows at half a megabyte a second each; after a second one is broken, and the sender hears of
    // it when a message has come back.
    let strike = Crash {
        peer: PeerId(1),
        down: Instant::from_nanos(1_060_000_000),
        up: None,
    };
    let asked = vec![
        (Instant::ZERO, PeerId(0), send(1, &[1_000_000, 1_000_000])),
        (Instant::ZERO, PeerId(0), send(2, &[1_000_000])),
    ];
    let seen = see(fair(8_000_000, 80_000_000), vec![strike], asked);
    let heard = 1_090_000_000;
    let left = 1_000_000 - (heard - 60_000_000) / 2000;
    assert_eq!(
        seen,
        [
            (heard, PeerId(0), Saw::Reset),
            (
                heard + left * 1000 + LATENCY.as_nanos(),
                PeerId(2),
                Saw::Got(1_000_000)
            ),
        ]
    );
}

#[test]
fn a_sender_that_is_gone_sends_no_more() {
    let strike = Crash {
        peer: PeerId(0),
        down: Instant::from_nanos(1_060_000_000),
        up: None,
    };
    let asked = vec![
        (Instant::ZERO, PeerId(0), send(2, &[5_000_000])),
        (Instant::ZERO, PeerId(1), send(2, &[1_000_000])),
    ];
    // Both through one downlink of a megabyte a second; the other one has it alone from the crash on.
    let seen = see(fair(80_000_000, 8_000_000), vec![strike], asked);
    let ends = 1_060_000_000 + 500_000 * 1000 + LATENCY.as_nanos();
    assert_eq!(
        seen,
        [
            (1_090_000_000, PeerId(2), Saw::Reset),
            (ends, PeerId(2), Saw::Got(1_000_000)),
        ]
    );
}

#[test]
fn what_has_not_begun_is_taken_back_and_small_messages_pass() {
    let asked = vec![
        (
            Instant::ZERO,
            PeerId(0),
            send(1, &[1_000_000, 500_000, 400_000, 600_000, 100]),
        ),
        (Instant::from_nanos(560_000_000), PeerId(0), Do::Withdraw),
    ];
    let seen = see(fair(8_000_000, 8_000_000), vec![], asked);
    assert_eq!(
        seen,
        [
            (WAY, PeerId(1), Saw::Got(100)),
            (560_000_000, PeerId(0), Saw::TookBack(2)),
            (WAY + 1_000_000_000, PeerId(1), Saw::Got(1_000_000)),
            (WAY + 1_400_000_000, PeerId(1), Saw::Got(400_000)),
        ]
    );
}

#[test]
fn a_connection_is_held_back_and_let_go_by_who_sends() {
    let at = |millis: u64| Instant::from_nanos(millis * 1_000_000);
    // From 60 ms on a megabyte a second, from 560 ms on a quarter of it, and from 1560 ms on all again; of
    // what is left after that a quarter goes at a quarter of the rate, whether the connection is closed or not.
    let asked = |close: bool| {
        let mut asked = vec![
            (at(0), PeerId(0), send(1, &[1_000_000])),
            (at(560), PeerId(0), Do::Limit(Some(Bandwidth(2_000_000)))),
            (at(1560), PeerId(0), Do::Limit(None)),
            (at(1685), PeerId(0), Do::Limit(Some(Bandwidth(2_000_000)))),
        ];
        asked.extend(close.then_some((at(1700), PeerId(0), Do::Close)));
        asked
    };
    for close in [false, true] {
        let seen = see(fair(8_000_000, 80_000_000), vec![], asked(close));
        let ends = at(1685 + 500).as_nanos() + LATENCY.as_nanos();
        assert_eq!(seen, [(ends, PeerId(1), Saw::Got(1_000_000))]);
    }
}
