//! G15: what announcing transactions late on purpose adds to one hop.

use super::{Room, Source, per_seed};
use crate::engine::{Flow, Notice, Observer, Phases, Script, Setup, World};
use crate::network::Network;
use crate::peer::{Class, PeerId, Population};
use crate::protocols::bitcoin::address::AttackPlan;
use crate::protocols::bitcoin::addrman::pre_age::PreAge;
use crate::protocols::bitcoin::{Bitcoin, Client, Command, Event, Full, Node, Plan, Transactions};
use crate::time::{Duration, Instant};
use crate::validate::Rule;
use std::sync::Arc;

const G15: Source = Source {
    id: "G15",
    text: "Bitcoin Core, net_processing.cpp: Exp(2 s) to who was connected to, Exp(5 s) to who has \
           connected, two seconds before who has connected is asked (from 0.19)",
};

/// Transactions of one run, and the time between two of them.
const COUNT: u32 = 400;
const APART: Duration = Duration::from_mins(1);
const LATENCY: Duration = Duration::from_millis(50);
const YEAR: Duration = Duration::from_hours(365 * 24);

pub(super) fn claims(room: &mut Room<'_>) {
    room.say("one hop of a transaction (G15)");
    let seeds = room.seeds(30, 200);
    let (old, new) = (Client::Core0_14, Client::Core22_0);
    for (what, client, maker, mean) in [
        ("seconds to who was connected to, 0.14", old, 0, 2.0),
        ("seconds to who was connected to, 22.0", new, 0, 4.0),
        ("seconds to who has connected, 0.14", old, 1, 5.0),
        ("seconds to who has connected, 22.0", new, 1, 5.0),
    ] {
        let values = per_seed(seeds, |seed| one_hop(client, PeerId(maker), seed));
        room.judge(G15.claim(what, mean), &values, Rule::ClosedForm(0.03));
    }
}

/// The mean delay between two nodes of which number 0 has connected to number 1, without the three
/// messages' latency.
fn one_hop(client: Client, maker: PeerId, seed: u64) -> f64 {
    let config = Bitcoin {
        client,
        dns_seeds: 0,
        fixed_seeds: 0,
        block_interval: YEAR,
        self_announce: YEAR,
        transactions: Some(Transactions::default()),
        ..Bitcoin::default()
    };
    let mut setup = Setup::new(2, Network::constant(LATENCY), seed, Duration::ZERO);
    let name = "peers".to_owned();
    setup.population = Population::new(vec![Class { name, count: 2 }]);
    setup.phases = Phases::only(APART * u64::from(COUNT + 2));
    let plan = Plan::new(&config, AttackPlan::default(), &setup);
    let nobody = PreAge {
        tried: 0,
        new: 0,
        ..PreAge::default()
    };
    let spawn = |peer| {
        let book = plan.shared.book;
        let added = (peer == PeerId(0)).then(|| book.honest_address(PeerId(1)));
        let known = plan.aged(peer, &nobody);
        let address = book.honest_address(peer);
        let shared = Arc::clone(&plan.shared);
        let added = added.into_iter().collect();
        Node::Full(Box::new(Full::new(shared, address, known, added)))
    };
    let make = |number| {
        let at = Instant::ZERO + APART * u64::from(number + 1);
        (at, maker, Command::Spend(number))
    };
    let script = Script::new((0..COUNT).map(make).collect());
    let mut hops = Hops::default();
    World::new(&setup, spawn, &script).run(&mut hops);
    let on_the_way = 3.0 * LATENCY.as_secs_f64();
    hops.sum / f64::from(hops.count) - on_the_way
}

/// The time between what one makes and the other one has.
#[derive(Default)]
struct Hops {
    made: Instant,
    sum: f64,
    count: u32,
}

impl Observer<Event> for Hops {
    fn notice(&mut self, at: Instant, _: PeerId, notice: Notice<Event>) -> Flow {
        match notice {
            Notice::Event(Event::Made(_)) => self.made = at,
            Notice::Event(Event::Transaction(_)) => {
                self.sum += (at - self.made).as_secs_f64();
                self.count += 1;
            }
            _ => {}
        }
        Flow::Continue
    }
}
