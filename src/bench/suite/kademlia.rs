//! Kademlia: the work of `PeerSim`'s official module, and how time and memory grow with the peers.

use super::{LATENCY, SEED, Suite};
use crate::bench::measure::{self, Timed};
use crate::bench::row::Target;
use crate::engine::{Notice, Setup};
use crate::network::Network;
use crate::peer::PeerId;
use crate::protocols::dht::{self, Contact, Event, Ids, Keys, Lookups, Outcome, Schedule};
use crate::protocols::kademlia::{Kademlia, Node};
use crate::time::{Duration, Instant};
use std::sync::Arc;

const PEERSIM: &str = "PeerSim 1.0.5";

/// Lookups and nothing else: no replacement cache, nothing remembered of a contact but its place.
fn bare(timeout: Duration) -> Kademlia {
    Kademlia {
        replacements: Some(0),
        failures: Some(1),
        keep_stale: Some(false),
        refresh: Some(Duration::ZERO),
        timeout: Some(timeout),
        ..Kademlia::default()
    }
}

/// What a run of lookups came to.
struct Run {
    timed: Timed,
    /// Seconds of the processor in all, from the identifiers to the last event.
    seconds: f64,
    /// Lookups that ended well and have named the peer with the key for an identifier, if there is one.
    found: u32,
    lookups: u32,
}

fn run(config: &Kademlia, setup: &Setup, lookups: u32) -> Run {
    let watch = measure::stopwatch();
    let plan = config.plan(setup);
    let ids: Arc<Ids> = Arc::clone(&plan.rules.ids);
    let schedule = Schedule::new(&config.lookups, setup, Arc::clone(&ids));
    let (mut found, mut keys) = (0, std::collections::BTreeMap::new());
    let peers = config.lookups.keys == Keys::Peers {};
    let mut observer = |_: Instant, _: PeerId, notice: Notice<Event>| match notice {
        Notice::Event(Event::Began(command)) => {
            keys.insert(command.number, command.key);
        }
        Notice::Event(Event::Ended(ended)) => {
            let key = keys.remove(&ended.number);
            let first = ended
                .closest
                .first()
                .map(|&closest: &Contact| ids.id(closest));
            let right = !peers || first == key;
            found += u32::from(right && ended.outcome == Outcome::Done);
        }
        _ => {}
    };
    let spawn = |peer| Kademlia::spawn(&plan, setup, peer);
    let timed = measure::watched(setup, spawn, &schedule, Duration::ZERO, &mut observer);
    Run {
        timed,
        seconds: watch.cpu(),
        found,
        lookups,
    }
}

/// 10 000 lookups of random peers by random peers over an hour, one way 100 ms, time-out four times
/// that; everybody stays. `PeerSim`'s figures are those of its own module in this work: it takes 26.2 s
/// with 7.2 s of set-up, and finds 55.1 % of the peers.
fn peersim(suite: &mut Suite<'_>) {
    let peers = 10_000;
    suite.say("Kademlia as in PeerSim", peers);
    let latency = Duration::from_millis(100);
    let hour = Duration::from_hours(1);
    let setup = Setup::new(peers, Network::constant(latency), SEED, hour);
    let config = Kademlia {
        lookups: Lookups {
            start: dht::Start::Count(10_000),
            keys: Keys::Peers {},
            ..Lookups::default()
        },
        ..bare(latency * 4)
    };
    let run = run(&config, &setup, 10_000);
    let name = ("kademlia", peers);
    let what = "10 000 lookups, set-up included";
    suite.row(name, what, (run.seconds, "s"), Some(Target::AtMost(1.0)));
    suite.beside(PEERSIM, 26.2);
    let share = 100.0 * f64::from(run.found) / f64::from(run.lookups);
    let target = Some(Target::AtLeast(99.0));
    suite.row(name, "lookups that find their peer", (share, "%"), target);
    suite.beside(PEERSIM, 55.1);
}

/// A lookup by each peer on average, 10 000 a second.
fn growth(suite: &mut Suite<'_>, peers: u32, full: bool) {
    suite.say("Kademlia", peers);
    let seconds = u64::from(peers / 10_000);
    let network = Network::constant(LATENCY);
    let mut setup = Setup::new(peers, network, SEED, Duration::from_secs(seconds));
    setup.phases.drain = Duration::from_secs(10);
    let lookups = Lookups {
        start: dht::Start::Count(peers),
        ..Lookups::default()
    };
    let timeout = Duration::from_secs(2);
    let config = if full {
        Kademlia::default()
    } else {
        bare(timeout)
    };
    let config = Kademlia { lookups, ..config };
    let run = run(&config, &setup, peers);
    let million = peers == 1_000_000;
    let (what, time, memory) = if full {
        ("all of the paper", 180.0, 5000.0)
    } else {
        ("lookups alone", 90.0, 2200.0)
    };
    let name = ("kademlia", peers);
    let rate = f64::from(run.found) / run.timed.seconds;
    let row = format!("{what}: a lookup each");
    suite.row(name, &row, (rate, "lookups/s"), None);
    let target = million.then_some(Target::AtMost(time));
    let row = format!("{what}: set-up and a lookup each");
    suite.row(name, &row, (run.seconds, "s"), target);
    let plan = config.plan(&setup);
    let some = (0..peers).step_by(peers as usize / 1000).map(PeerId);
    let bytes = some.map(|peer| {
        let node = Kademlia::spawn(&plan, &setup, peer);
        size_of::<Node>() + node.table().heap()
    });
    let each = bytes.sum::<usize>() as f64 / 1000.0;
    let row = format!("{what}: a peer at the start");
    suite.row(name, &row, (each, "bytes"), None);
    // Memory that an earlier run has given back is used again: all that the process holds is more than
    // this run needs.
    if let Some(held) = run.timed.resident.filter(|_| million) {
        let each = held as f64 / f64::from(peers);
        let row = format!("{what}: the whole process, per peer");
        suite.row(name, &row, (each, "bytes"), Some(Target::AtMost(memory)));
    }
}

pub(super) fn measure(suite: &mut Suite<'_>) {
    peersim(suite);
    for peers in [10_000, 100_000, 1_000_000] {
        if suite.quick && peers > 10_000 {
            continue;
        }
        // The one that takes more memory last: it may use again what the other has given back.
        for full in [false, true] {
            growth(suite, peers, full);
        }
    }
}
