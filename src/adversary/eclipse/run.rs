//! An attacked run: grow the network, fill the tables, restart, look.

use super::attacker::{Attacker, Orders};
use super::metrics;
use super::{Eclipse, METRICS};
use crate::adversary::surrounded::{Held, Link, Linked, Siege};
use crate::engine::{Mixed, Setup, World};
use crate::network::Crash;
use crate::observe::congestion;
use crate::observe::record::{Record, Samples, Series};
use crate::peer::PeerId;
use crate::protocols::bitcoin::METRICS as BITCOIN;
use crate::protocols::bitcoin::address::{Address, AttackPlan, Stamp};
use crate::protocols::bitcoin::addrman::Table;
use crate::protocols::bitcoin::dial::{Answer, Restart, replay_restart};
use crate::protocols::bitcoin::relay;
use crate::protocols::bitcoin::{
    Bitcoin, Blocks, Followed, Full, Node, Plan, Role, Work, answers, measure,
};
use crate::random::Purpose;
use crate::time::{Duration, Instant};
use std::sync::Arc;

/// The curves over time.
pub const SERIES: &[&str] = &["eclipse.tried_poisoned", "eclipse.new_poisoned"];

/// The single measurements.
pub const SAMPLES: &[&str] = &["bitcoin.block_delay", "eclipse.time"];

/// How long the victim is away when it restarts.
const AWAY: Duration = Duration::from_secs(30);
/// The tables are looked at this often, and after the restart more often.
const LOOK: Duration = Duration::from_mins(5);
const CLOSE_LOOK: Duration = Duration::from_mins(1);
/// A replayed restart gives up after so many attempts.
const ATTEMPTS: u32 = 5_000;
/// Blocks found this soon after the restart, or before the end, do not count as missed.
const SETTLE: Duration = Duration::from_mins(10);

type Peer = Mixed<Node, Attacker>;

/// Runs the attack once.
///
/// # Panics
/// If the setup lacks the attacker's machines (class `attackers`) or has fewer honest peers than
/// victims.
pub fn run(bitcoin: &Bitcoin, attack: &Eclipse, setup: &Setup) -> Record {
    let addresses = AttackPlan {
        groups: attack.groups,
        addresses_per_group: attack.addresses_per_group,
        peers: attack.machines,
    };
    let plan = Plan::new(bitcoin, addresses, setup);
    let honest = plan.shared.book.honest();
    let victims: Vec<PeerId> = (0..attack.victims.min(honest)).map(PeerId).collect();
    let restart = Instant::ZERO + attack.restart;
    let mut setup = setup.clone();
    setup.outages.extend(victims.iter().map(|&peer| Crash {
        down: restart,
        peer,
        up: Some(restart + AWAY),
    }));

    let orders = Orders {
        attack: attack.clone(),
        shared: Arc::clone(&plan.shared),
        victims: victims.clone(),
    };
    let orders = Arc::new(orders);
    let spawn = |peer: PeerId| {
        if victims.contains(&peer) {
            Mixed::Honest(plan.node(peer, &attack.tables))
        } else if (honest..honest + attack.machines).contains(&peer.0) {
            Mixed::Attacker(Attacker::new(Arc::clone(&orders), peer.0 - honest))
        } else {
            Mixed::Honest(plan.spawn(peer))
        }
    };
    // Victims find no blocks and make no transactions: theirs would reach nobody, or themselves at once.
    let work = Work::new(bitcoin, attack.victims.min(honest)..honest, &setup);
    let mut world = World::new(&setup, spawn, &work);
    let mut followed = Followed::new(bitcoin, honest, setup.phases);
    let mut looks = Looks::default();
    let mut sieges = Sieges::new(&victims, attack);

    let mut at = Instant::ZERO;
    let end = setup.phases.end();
    let mut at_restart = None;
    while at < end {
        let step = if at < restart { LOOK } else { CLOSE_LOOK };
        let mut to = (at + step).min(end);
        if at < restart && restart < to {
            to = restart;
        }
        world.advance(to, &mut followed);
        at = to;
        let share = poisoned(&world, &victims);
        looks.add(at, share);
        sieges.look(at, &world);
        if at == restart {
            let replayed = replays(&world, &victims, attack, &setup);
            at_restart = Some((share, connected(&world, &victims), replayed));
        }
    }
    let report = world.report();

    let mut record = Record {
        digest: report.digest,
        events: report.counts.delivered,
        ..Record::default()
    };
    // A run that ends before its restart tells what the tables held at its end, and replays nothing.
    let (share, connected, (won, played)) = at_restart.unwrap_or_else(|| {
        (
            poisoned(&world, &victims),
            connected(&world, &victims),
            (0, 0),
        )
    });
    record.proportion(&metrics::SUCCESS, won, played);
    connections(&mut record, &world, &victims);
    record.value(&metrics::TRIED, share.tried);
    record.value(&metrics::TRIED_COUNT, share.tried_count);
    record.value(&metrics::CONNECTED, connected);
    record.value(&metrics::NEW, share.new);
    missed(&mut record, &followed.blocks, &world, &victims, restart);
    sieges.measure(&mut record);
    record.value(
        &metrics::SILENCE,
        silence(&followed.blocks, &victims, restart, world.end()),
    );
    let machines = world.peers().filter_map(|(_, peer)| peer.attacker());
    let opened: u64 = machines.map(|machine| u64::from(machine.opened())).sum();
    record.value(&metrics::OPENED, opened as f64);
    record.value(
        &metrics::ADDRESSES,
        f64::from(plan.shared.book.attack_addresses()),
    );
    let nodes = world.peers().filter_map(|(_, peer)| full(peer));
    let answers = |address| answers(&world, &plan.shared.book, address, full);
    measure(&mut record, followed, nodes, answers, &report);
    let of_transactions = bitcoin
        .transactions
        .as_ref()
        .map_or(0, |_| relay::METRICS.len());
    let metrics = METRICS.len() + BITCOIN.len() + of_transactions;
    debug_assert_eq!(record.observations.len(), metrics);
    congestion::measure(&mut record, &setup, &report);
    record.series = looks.series();
    record.notes = notes(bitcoin, attack);
    record
}

fn notes(bitcoin: &Bitcoin, attack: &Eclipse) -> Vec<String> {
    let mut notes = vec![format!(
        "the victim's tables are pre-aged: {} addresses in tried, {} of them online, {} in new",
        attack.tables.tried, attack.tables.tried_online, attack.tables.new
    )];
    if !bitcoin.keep_alive {
        notes.push("keep-alives are accounted, not simulated".to_owned());
    }
    notes
}

fn full(peer: &Peer) -> Option<&Full> {
    peer.honest()?.full()
}

impl Linked for Full {
    /// A feeler is no link: it ends as soon as it has begun.
    fn links(&self) -> impl Iterator<Item = Link> {
        let lasting = self.connections().iter();
        let lasting = lasting.filter(|one| one.role != Role::Feeler);
        lasting.map(|one| Link {
            to: one.peer,
            is_own: one.is_outbound(),
        })
    }
}

fn victim(world: &World<Peer>, peer: PeerId) -> &Full {
    full(world.peer(peer)).expect("victims are honest nodes")
}

/// How much of the victims' tables is the attacker's.
#[derive(Clone, Copy)]
struct Poisoned {
    tried: f64,
    tried_count: f64,
    new: f64,
}

fn poisoned(world: &World<Peer>, victims: &[PeerId]) -> Poisoned {
    let mut all = Poisoned {
        tried: 0.0,
        tried_count: 0.0,
        new: 0.0,
    };
    let count = victims.len() as f64;
    for &peer in victims {
        let node = victim(world, peer);
        let (book, known) = (&node.shared().book, node.addrman());
        let own = |address: Address| book.is_attack(address);
        let bad = |address: Address| book.is_attack(address) || address.is_trash();
        all.tried += known.share_where(Table::Tried, own) / count;
        all.tried_count += known.count_where(Table::Tried, own) as f64 / count;
        all.new += known.share_where(Table::New, bad) / count;
    }
    all
}

/// The share of the victims' `tried` that they have connected to themselves and that is honest, mean over
/// victims.
fn connected(world: &World<Peer>, victims: &[PeerId]) -> f64 {
    let of = |&peer: &PeerId| {
        let node = victim(world, peer);
        let own = node.connections().iter().filter(|one| one.is_outbound());
        let honest = own.filter_map(|one| one.address);
        let honest: Vec<Address> = honest
            .filter(|&address| !node.shared().book.is_attack(address))
            .collect();
        let is_one = |address: Address| honest.contains(&address);
        node.addrman().share_where(Table::Tried, is_one)
    };
    victims.iter().map(of).sum::<f64>() / victims.len() as f64
}

/// Plays the restart again from the victims' tables: how many times it went wrong, of how many.
fn replays(world: &World<Peer>, victims: &[PeerId], attack: &Eclipse, setup: &Setup) -> (u32, u32) {
    let mut won = 0;
    for &peer in victims {
        let node = victim(world, peer);
        let shared = node.shared();
        let answer = |address: Address| {
            if shared.book.is_attack(address) {
                Answer::Attacker
            } else if answers(world, &shared.book, address, full) {
                Answer::Honest
            } else {
                Answer::Silence
            }
        };
        let (profile, anchors) = (&shared.profile, node.anchors_now());
        let for_blocks = profile.block_relay_only;
        let restart = Restart {
            own: node.address(),
            slots: shared.config.outbound + for_blocks,
            anchors: &anchors,
            beyond: profile.anchors.saturating_sub(for_blocks),
            start: Stamp::from(Instant::ZERO + attack.restart + AWAY),
            attempts: ATTEMPTS,
        };
        for replay in 0..attack.replays {
            let index = u64::from(peer.0) << 32 | u64::from(replay);
            let rng = &mut setup.streams.chacha(Purpose::Analysis, index);
            let known = node.addrman().clone();
            let (all, attackers) = replay_restart(known, &restart, answer, rng);
            won += u32::from(all > 0 && attackers == all);
        }
    }
    (won, attack.replays * victims.len() as u32)
}

/// The victim's links, and whose they are.
fn held(world: &World<Peer>, peer: PeerId) -> Held {
    Held::of(victim(world, peer), |other| {
        world.peer(other).attacker().is_some()
    })
}

/// The sieges of all victims.
struct Sieges {
    hold: Duration,
    start: Instant,
    victims: Vec<(PeerId, Siege)>,
}

impl Sieges {
    fn new(victims: &[PeerId], attack: &Eclipse) -> Self {
        Self {
            hold: attack.hold,
            start: Instant::ZERO + attack.start,
            victims: victims
                .iter()
                .map(|&peer| (peer, Siege::default()))
                .collect(),
        }
    }

    fn look(&mut self, at: Instant, world: &World<Peer>) {
        for (peer, siege) in &mut self.victims {
            siege.look(at, held(world, *peer).is_surrounded(), self.hold);
        }
    }

    fn measure(self, record: &mut Record) {
        let begun = self.victims.iter().filter_map(|(_, siege)| siege.begun());
        let mut values: Vec<f64> = begun
            .map(|from| from.saturating_since(self.start).as_secs_f64())
            .collect();
        values.sort_by(f64::total_cmp);
        let (won, all) = (values.len() as u32, self.victims.len() as u32);
        record.proportion(&metrics::LASTING, won, all);
        record.samples.push(Samples {
            name: SAMPLES[1].to_owned(),
            unit: "s".to_owned(),
            values,
            censored: u64::from(all - won),
        });
    }
}

/// The longest time without a new block from the restart to the end, in seconds, mean over victims.
fn silence(blocks: &Blocks, victims: &[PeerId], restart: Instant, end: Instant) -> f64 {
    let longest = |peer: PeerId| {
        let mut times: Vec<Instant> = blocks
            .all()
            .flat_map(|block| &block.receipts)
            .filter(|&&(at, who)| who == peer && at > restart)
            .map(|&(at, _)| at)
            .collect();
        times.extend([restart, end]);
        times.sort_unstable();
        let gaps = times
            .windows(2)
            .map(|pair| pair[1].saturating_since(pair[0]));
        gaps.max().unwrap_or_default().as_secs_f64()
    };
    let sum: f64 = victims.iter().map(|&peer| longest(peer)).sum();
    sum / victims.len() as f64
}

/// Who holds the victims' connections at the end.
fn connections(record: &mut Record, world: &World<Peer>, victims: &[PeerId]) {
    let held = victims.iter().map(|&peer| held(world, peer));
    let held: Vec<Held> = held.collect();
    let count = |is: fn(&Held) -> bool| held.iter().filter(|held| is(held)).count() as u32;
    let share = |side: fn(&Held) -> (u32, u32)| {
        let (ours, all) = held
            .iter()
            .map(side)
            .fold((0, 0), |sum, links| (sum.0 + links.0, sum.1 + links.1));
        f64::from(ours) / f64::from(all)
    };
    let all = victims.len() as u32;
    record.proportion(&metrics::LIVE, count(Held::is_held_outbound), all);
    record.proportion(&metrics::FULL, count(Held::is_surrounded), all);
    record.value(&metrics::OUTBOUND, share(|held| held.own));
    record.value(&metrics::INBOUND, share(|held| held.others));
}

/// Blocks that came late or never.
fn missed(
    record: &mut Record,
    blocks: &Blocks,
    world: &World<Peer>,
    victims: &[PeerId],
    restart: Instant,
) {
    let from = restart + SETTLE;
    let (mut missed, mut late, mut all) = (0u32, 0u32, 0u32);
    for (found, block) in blocks.measured() {
        if found < from || found + SETTLE >= world.end() {
            continue;
        }
        for &peer in victims {
            all += 1;
            let receipt = block.receipts.iter().find(|&&(_, who)| who == peer);
            missed += u32::from(receipt.is_none());
            late += u32::from(receipt.is_none_or(|&(at, _)| at > found + Duration::from_mins(1)));
        }
    }
    record.value(&metrics::MISSED, f64::from(missed) / f64::from(all));
    record.value(&metrics::LATE, f64::from(late) / f64::from(all));
}

/// The curves.
#[derive(Default)]
struct Looks {
    tried: Vec<(f64, f64)>,
    new: Vec<(f64, f64)>,
}

impl Looks {
    fn add(&mut self, at: Instant, share: Poisoned) {
        self.tried.push((at.as_secs_f64(), share.tried));
        self.new.push((at.as_secs_f64(), share.new));
    }

    fn series(self) -> Vec<Series> {
        let series = |name: &str, points| Series {
            name: name.to_owned(),
            unit: "share".to_owned(),
            points,
        };
        vec![series(SERIES[0], self.tried), series(SERIES[1], self.new)]
    }
}
