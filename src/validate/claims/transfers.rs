//! What a transfer over access links takes.

use super::{Room, Source};
use crate::engine::{Context, Idle, Message, Notice, Protocol, Setup, World};
use crate::network::Network;
use crate::peer::PeerId;
use crate::quantity::Bandwidth;
use crate::time::{Duration, Instant};
use crate::validate::Rule;

const LINK: Source = Source {
    id: "link",
    text: "definition: latency + bytes / min(up, down), cut through; 1 MB, 30 ms",
};

const BULK: u32 = 1_000_000;
const MANY: u32 = 10;

pub(super) fn claims(room: &mut Room<'_>) {
    room.say("transfers over access links");
    for (up, down) in [(8_000_000, 80_000_000), (80_000_000, 8_000_000)] {
        let (rate_up, rate_down) = (Bandwidth(up), Bandwidth(down));
        let what = format!("{rate_up} up, {rate_down} down, s");
        let ends = ends(up, down, &[(0, 1)]);
        room.judge(LINK.claim(what, 1.03), &ends, Rule::Exact);
    }
    let last = |ends: &[f64]| ends.last().copied().unwrap_or(f64::NAN);
    let rule = Rule::Reported(0.01);
    let out: Vec<(u32, u32)> = (1..=MANY).map(|to| (0, to)).collect();
    let ours = last(&ends(8_000_000, 8_000_000, &out));
    let what = "the last of ten from one uplink, s";
    room.judge(LINK.claim(what, 10.03), &[ours], rule);
    let into: Vec<(u32, u32)> = (1..=MANY).map(|from| (from, 0)).collect();
    let ours = last(&ends(8_000_000, 8_000_000, &into));
    let what = "the last of ten into one downlink, s";
    room.judge(LINK.claim(what, 10.03), &[ours], rule);
}

/// When each of these transfers `(from, to)`, all started at zero, is through, in seconds; in the
/// order in which they end.
fn ends(up: u64, down: u64, transfers: &[(u32, u32)]) -> Vec<f64> {
    let network = Network::constant(Duration::from_millis(30));
    let network = network.with_links(Bandwidth(up), Bandwidth(down));
    let setup = Setup::new(MANY + 1, network, 1, Duration::from_hours(1));
    let sender = |peer: PeerId| {
        let to = transfers.iter().filter(|(from, _)| *from == peer.0);
        Sender(to.map(|&(_, to)| PeerId(to)).collect())
    };
    let mut ends = Vec::new();
    World::new(&setup, sender, &Idle).run(&mut |at: Instant, _: PeerId, notice: Notice<()>| {
        if notice == Notice::Event(()) {
            ends.push(at.as_secs_f64());
        }
    });
    ends
}

/// Sends bulk to each of these at the start, and reports what it gets.
struct Sender(Vec<PeerId>);

struct Bulk;

impl Message for Bulk {
    const KINDS: &'static [&'static str] = &["bulk"];
    fn kind(&self) -> u8 {
        0
    }
    fn bytes(&self) -> u32 {
        BULK
    }
}

impl Protocol for Sender {
    type Message = Bulk;
    type Timer = ();
    type Command = ();
    type Event = ();

    fn on_start(&mut self, cx: &mut Context<'_, Self>) {
        for &to in &self.0 {
            cx.send(to, Bulk);
        }
    }

    fn on_message(&mut self, _from: PeerId, _message: Bulk, cx: &mut Context<'_, Self>) {
        cx.emit(());
    }
}
