//! What a transfer over access links takes, each model of sharing them for itself.

use super::{Room, Source};
use crate::bench::flows;
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

const FRACTIONS: Source = Source {
    id: "max-min",
    text: "five flows among three hosts: exact fractions, and SimGrid 4.1 (CM02, no corrections), s",
};
const SIMGRID: Source = Source {
    id: "max-min",
    text: "SimGrid 4.1 (CM02, no corrections), random flows of 5 to 15 MB among 1000 hosts, s",
};

pub(super) fn claims(room: &mut Room<'_>) {
    room.say("transfers over access links");
    for sharing in [Sharing::InTurns, Sharing::Fair] {
        over(room, sharing);
    }
    against_simgrid(room);
}

/// How the links are shared.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sharing {
    InTurns,
    Fair,
}

fn over(room: &mut Room<'_>, sharing: Sharing) {
    let of = match sharing {
        Sharing::InTurns => "",
        Sharing::Fair => "fair share: ",
    };
    for (up, down) in [(8_000_000, 80_000_000), (80_000_000, 8_000_000)] {
        let (rate_up, rate_down) = (Bandwidth(up), Bandwidth(down));
        let what = format!("{of}{rate_up} up, {rate_down} down, s");
        let ends = ends(sharing, up, down, &[(0, 1)]);
        room.judge(LINK.claim(what, 1.03), &ends, Rule::Exact);
    }
    let last = |ends: &[f64]| ends.last().copied().unwrap_or(f64::NAN);
    let rule = Rule::Reported(0.01);
    let out: Vec<(u32, u32)> = (1..=MANY).map(|to| (0, to)).collect();
    let ours = last(&ends(sharing, 8_000_000, 8_000_000, &out));
    let what = format!("{of}the last of ten from one uplink, s");
    room.judge(LINK.claim(what, 10.03), &[ours], rule);
    let into: Vec<(u32, u32)> = (1..=MANY).map(|from| (from, 0)).collect();
    let ours = last(&ends(sharing, 8_000_000, 8_000_000, &into));
    let what = format!("{of}the last of ten into one downlink, s");
    room.judge(LINK.claim(what, 10.03), &[ours], rule);
}

fn against_simgrid(room: &mut Room<'_>) {
    let (links, transfers, fractions) = flows::five();
    let ends = flows::run(&links, &transfers).ends;
    for (number, (end, (over, under))) in ends.into_iter().zip(fractions).enumerate() {
        let what = format!("flow {number} ends at {over}/{under}");
        // To the nanosecond, at the end of which it is through.
        let exact = (over * 1_000_000_000).div_ceil(under) as f64 / 1e9;
        room.judge(
            FRACTIONS.claim(what, exact),
            &[end as f64 / 1e9],
            Rule::Exact,
        );
    }
    for (count, mean, last, some) in flows::SIMGRID_ENDS {
        let transfers = flows::random(1000, count, 10, (5e6, 15e6));
        let ends = flows::run(&vec![flows::LINK; 1000], &transfers).ends;
        let ends: Vec<f64> = ends.iter().map(|&end| end as f64 / 1e9).collect();
        let mut judge = |what: String, expected: f64, ours: f64, digit: f64| {
            // Half of the last digit that was printed, and a nanosecond of ours.
            let within = digit / 2.0 + 1e-9;
            let rule = Rule::Reported(within / expected);
            room.judge(SIMGRID.claim(what, expected), &[ours], rule);
        };
        let ours = ends.iter().sum::<f64>() / count as f64;
        judge(format!("{count} flows end on average"), mean, ours, 1e-9);
        let ours = ends.iter().copied().fold(0.0, f64::max);
        judge(format!("the last of {count} flows"), last, ours, 1e-6);
        for (number, expected) in some {
            let what = format!("flow {number} of {count}");
            judge(what, expected, ends[number], 1e-9);
        }
    }
}

/// When each of these transfers `(from, to)`, all started at zero, is through, in seconds; in the
/// order in which they end.
fn ends(sharing: Sharing, up: u64, down: u64, transfers: &[(u32, u32)]) -> Vec<f64> {
    let network = Network::constant(Duration::from_millis(30));
    let (up, down) = (Bandwidth(up), Bandwidth(down));
    let network = match sharing {
        Sharing::InTurns => network.with_links(up, down),
        Sharing::Fair => network.with_fair_links(up, down),
    };
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
