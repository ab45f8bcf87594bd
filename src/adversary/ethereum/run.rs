//! An attacked run: let the network find itself, restart, look.

use super::attacker::{Attacker, Orders};
use super::config::EthereumEclipse;
use super::{SAMPLES, SERIES, metrics};
use crate::adversary::surrounded::{Held, Link, Linked, Siege};
use crate::engine::{Idle, Mixed, Setup, World};
use crate::network::Crash;
use crate::observe::congestion;
use crate::observe::record::{Record, Samples, Series};
use crate::peer::PeerId;
use crate::protocols::dht::Id;
use crate::protocols::ethereum::enode::{Enode, Keys};
use crate::protocols::ethereum::{Ethereum, Node, Plan, measure};
use crate::random::Purpose;
use crate::time::{Duration, Instant};
use rand::Rng;
use std::sync::Arc;

/// Victims are looked at this often.
const LOOK: Duration = Duration::from_secs(10);
/// Nearer buckets than this are left alone: their keys cost more hashes, and they are never full.
const BUCKETS: u32 = 17;

/// A peer of an attacked run.
pub type Cast = Mixed<Node, Attacker>;

impl Linked for Node {
    fn links(&self) -> impl Iterator<Item = Link> {
        self.peers().iter().map(|peer| Link {
            to: peer.node.host,
            is_own: !peer.is_incoming,
        })
    }
}

/// The identifiers of the attacker's keys: for each victim in turn. Crafted ones are dealt to its buckets,
/// nearest last, over and over; others are random.
fn made(attack: &EthereumEclipse, setup: &Setup, keys: &Keys) -> Box<[Id]> {
    let mut rng = setup.streams.chacha(Purpose::Attack, 0);
    let of = |victim: u32| {
        let own = keys.id(Enode::of(PeerId(victim)));
        (0..attack.ids).map(move |number| (own, number))
    };
    let all = (0..attack.victims).flat_map(of);
    let id = |(own, number): (Id, u32)| {
        let random = rng.next_u64();
        if !attack.crafted {
            return Id(random);
        }
        let bucket = number % BUCKETS;
        // As many bits as the victim's, then another, then random ones.
        let rest = random >> (bucket + 1);
        let other = own.0 ^ (1 << (63 - bucket));
        Id(other & !(u64::MAX >> (bucket + 1)) | rest)
    };
    all.map(id).collect()
}

/// How many keys have to be made to find those: 2^(b+1) for one of bucket b, on average.
fn hashes(attack: &EthereumEclipse) -> f64 {
    let one = |number: u32| {
        if attack.crafted {
            (1u64 << (number % BUCKETS + 1)) as f64
        } else {
            1.0
        }
    };
    let each: f64 = (0..attack.ids).map(one).sum();
    each * f64::from(attack.victims)
}

/// A run before it is made: its setup with the victims' restarts, the plan, and the peers in order of
/// number.
pub fn prepare(
    ethereum: &Ethereum,
    attack: &EthereumEclipse,
    setup: &Setup,
) -> (Setup, Plan, impl FnMut(PeerId) -> Cast + use<>) {
    let plan = Plan::new(ethereum, setup, attack.hosts, |keys| {
        made(attack, setup, keys)
    });
    let honest = plan.honest;
    let victims: Vec<PeerId> = (0..attack.victims.min(honest)).map(PeerId).collect();
    let mut setup = setup.clone();
    let down = Instant::ZERO + attack.restart;
    setup.outages.extend(victims.iter().map(|&peer| Crash {
        down,
        peer,
        up: Some(down + attack.away),
    }));
    let orders = Arc::new(Orders {
        attack: attack.clone(),
        shared: Arc::clone(&plan.shared),
        victims,
    });
    let own = plan.clone();
    let spawn = move |peer: PeerId| {
        if peer.0 < honest {
            Mixed::Honest(own.node(peer))
        } else {
            Mixed::Attacker(Attacker::new(Arc::clone(&orders), peer))
        }
    };
    (setup, plan, spawn)
}

/// Runs the attack once.
///
/// # Panics
/// If the setup lacks the attacker's hosts (class `attackers`).
pub fn run(ethereum: &Ethereum, attack: &EthereumEclipse, setup: &Setup) -> Record {
    let (setup, plan, spawn) = prepare(ethereum, attack, setup);
    let mut world = World::new(&setup, spawn, &Idle);
    let restart = Instant::ZERO + attack.restart;
    let back = restart + attack.away;
    let mut watch = Watch::new(attack, plan.honest);
    let (end, mut at) = (setup.phases.end(), Instant::ZERO);
    let mut stored = None;
    while at < end {
        let mut to = (at + LOOK).min(end);
        if at < restart && restart < to {
            to = restart;
        }
        world.advance(to, &mut ());
        at = to;
        if at == restart {
            stored =
                Some(watch.share(&world, |node, look| node.database().stored().for_each(look)));
        }
        watch.look(at, at >= back, &world);
    }
    let report = world.report();
    let mut record = Record {
        digest: report.digest,
        events: report.counts.delivered,
        ..Record::default()
    };
    watch.measure(&world, stored.unwrap_or(f64::NAN), &mut record);
    record.value(&metrics::HASHES, hashes(attack));
    record.value(&metrics::ADDRESSES, f64::from(attack.hosts));
    let hosts = world.peers().filter_map(|(_, peer)| peer.attacker());
    let (mut opened, mut bytes, mut lies) = (0, 0, 0);
    for spent in hosts.map(Attacker::spent) {
        opened += spent.opened;
        bytes += spent.bytes;
        lies += spent.lies;
    }
    record.value(&metrics::OPENED, opened as f64);
    record.value(&metrics::BYTES, bytes as f64);
    record.value(&metrics::LIES, lies as f64);
    let nodes = world.peers().filter_map(|(_, peer)| peer.honest());
    measure(&mut record, nodes, &report);
    congestion::measure(&mut record, &setup, &report);
    record.series = watch.series();
    record
}

/// What is seen of the victims.
struct Watch {
    hold: Duration,
    back: Instant,
    honest: u32,
    victims: Vec<(PeerId, Siege)>,
    /// (seconds, share) of the victims' connections, and of the nodes in their tables.
    peers: Vec<(f64, f64)>,
    table: Vec<(f64, f64)>,
}

impl Watch {
    fn new(attack: &EthereumEclipse, honest: u32) -> Self {
        let victims = (0..attack.victims.min(honest)).map(PeerId);
        Self {
            hold: attack.hold,
            back: Instant::ZERO + attack.restart + attack.away,
            honest,
            victims: victims.map(|peer| (peer, Siege::default())).collect(),
            peers: Vec::new(),
            table: Vec::new(),
        }
    }

    fn nodes<'a>(&'a self, world: &'a World<Cast>) -> impl Iterator<Item = &'a Node> {
        let victims = self.victims.iter();
        victims.filter_map(|&(peer, _)| world.peer(peer).honest())
    }

    fn held(&self, node: &Node) -> Held {
        Held::of(node, |peer| peer.0 >= self.honest)
    }

    /// The share of the nodes that `each` names of all victims that are the attacker's.
    fn share(&self, world: &World<Cast>, each: impl Fn(&Node, &mut dyn FnMut(Enode))) -> f64 {
        let (mut ours, mut all) = (0u32, 0u32);
        for node in self.nodes(world) {
            each(node, &mut |other: Enode| {
                all += 1;
                ours += u32::from(other.host.0 >= self.honest);
            });
        }
        f64::from(ours) / f64::from(all)
    }

    fn look(&mut self, at: Instant, is_back: bool, world: &World<Cast>) {
        for (peer, siege) in &mut self.victims {
            let node = world.peer(*peer).honest().expect("victims are honest");
            let held = Held::of(node, |peer| peer.0 >= self.honest);
            siege.look(at, is_back && held.is_cut_off(), self.hold);
        }
        let seconds = at.as_secs_f64();
        let peers = self.share(world, |node, look| {
            node.peers().iter().for_each(|peer| look(peer.node));
        });
        let table = self.share(world, |node, look| node.table().nodes().for_each(look));
        self.peers.push((seconds, peers));
        self.table.push((seconds, table));
    }

    fn measure(&self, world: &World<Cast>, stored: f64, record: &mut Record) {
        let all = self.victims.len() as u32;
        let begun = self.victims.iter().filter_map(|(_, siege)| siege.begun());
        let mut times: Vec<f64> = begun
            .map(|from| from.saturating_since(self.back).as_secs_f64())
            .collect();
        times.sort_by(f64::total_cmp);
        let won = times.len() as u32;
        record.proportion(&metrics::LASTING, won, all);
        let held: Vec<Held> = self.nodes(world).map(|node| self.held(node)).collect();
        let full = held.iter().filter(|held| held.is_cut_off()).count() as u32;
        record.proportion(&metrics::FULL, full, all);
        let sum = |side: fn(&Held) -> (u32, u32)| {
            let add = |sum: (u32, u32), one: (u32, u32)| (sum.0 + one.0, sum.1 + one.1);
            held.iter().map(side).fold((0, 0), add)
        };
        let (own, others) = (sum(|held| held.own), sum(|held| held.others));
        let share = |(ours, all): (u32, u32)| f64::from(ours) / f64::from(all);
        record.value(&metrics::DIALLED, share(own));
        record.value(&metrics::INCOMING, share(others));
        let honest = own.1 - own.0 + others.1 - others.0;
        record.value(&metrics::HONEST, f64::from(honest) / f64::from(all));
        let table = self.table.last().map_or(f64::NAN, |&(_, share)| share);
        record.value(&metrics::TABLE, table);
        record.value(&metrics::STORED, stored);
        record.samples.push(Samples {
            name: SAMPLES[0].to_owned(),
            unit: "s".to_owned(),
            values: times,
            censored: u64::from(all - won),
        });
    }

    fn series(self) -> Vec<Series> {
        let series = |name: &str, points: Vec<(f64, f64)>| Series {
            name: name.to_owned(),
            unit: "share".to_owned(),
            // A victim that is away has neither.
            points: points
                .into_iter()
                .filter(|(_, share)| share.is_finite())
                .collect(),
        };
        vec![series(SERIES[0], self.peers), series(SERIES[1], self.table)]
    }
}
