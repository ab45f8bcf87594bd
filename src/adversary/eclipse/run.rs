//! An attacked run: grow the network, fill the tables, restart, look.

use super::attacker::{Attacker, Orders};
use super::metrics;
use super::{Eclipse, METRICS};
use crate::engine::{Mixed, Setup, World};
use crate::network::Crash;
use crate::observe::congestion;
use crate::observe::record::{Record, Series};
use crate::peer::PeerId;
use crate::protocols::bitcoin::METRICS as BITCOIN;
use crate::protocols::bitcoin::address::{Address, AttackPlan, Stamp};
use crate::protocols::bitcoin::addrman::Table;
use crate::protocols::bitcoin::dial::{Answer, replay_restart};
use crate::protocols::bitcoin::{Bitcoin, Blocks, Full, Mining, Node, Plan, measure};
use crate::random::Purpose;
use crate::time::{Duration, Instant};
use std::sync::Arc;

/// The curves over time.
pub const SERIES: &[&str] = &["eclipse.tried_poisoned", "eclipse.new_poisoned"];

/// How long the victim is away when it restarts.
const AWAY: Duration = Duration::from_secs(30);
/// The tables are looked at this often.
const LOOK: Duration = Duration::from_mins(5);
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
    let outage = |&peer: &PeerId| Crash {
        down: restart,
        peer,
        up: Some(restart + AWAY),
    };
    setup.outages.extend(victims.iter().map(outage));

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
    // Victims find no blocks: theirs would reach nobody, or themselves at once.
    let mining = Mining::new(bitcoin, attack.victims.min(honest)..honest, &setup);
    let mut world = World::new(&setup, spawn, &mining);
    let mut blocks = Blocks::new(honest, setup.phases);
    let mut looks = Looks::default();

    let mut at = Instant::ZERO;
    let end = setup.phases.end();
    let mut at_restart = None;
    while at < end {
        let mut to = (at + LOOK).min(end);
        if at < restart && restart < to {
            to = restart;
        }
        world.advance(to, &mut blocks);
        at = to;
        let share = poisoned(&world, &victims);
        looks.add(at, share);
        if at == restart {
            at_restart = Some((share, replays(&world, &victims, attack, &setup)));
        }
    }
    let report = world.report();

    let mut record = Record {
        digest: report.digest,
        events: report.counts.delivered,
        ..Record::default()
    };
    let (share, (won, played)) = at_restart.unwrap_or_else(|| (poisoned(&world, &victims), (0, 0)));
    record.proportion(&metrics::SUCCESS, won, played);
    connections(&mut record, &world, &victims);
    record.value(&metrics::TRIED, share.tried);
    record.value(&metrics::TRIED_COUNT, share.tried_count);
    record.value(&metrics::NEW, share.new);
    missed(&mut record, &blocks, &world, &victims, restart);
    record.value(
        &metrics::ADDRESSES,
        f64::from(plan.shared.book.attack_addresses()),
    );
    let nodes = world.peers().filter_map(|(_, peer)| full(peer));
    measure(&mut record, &blocks, nodes, &report);
    debug_assert_eq!(record.observations.len(), METRICS.len() + BITCOIN.len());
    congestion::measure(&mut record, &setup, &report);
    record.series = looks.series();
    record.notes.push(format!(
        "the victim's tables are pre-aged: {} addresses in tried, {} of them online, {} in new",
        attack.tables.tried, attack.tables.tried_online, attack.tables.new
    ));
    if !bitcoin.keep_alive {
        record
            .notes
            .push("keep-alives are accounted, not simulated".to_owned());
    }
    record
}

fn full(peer: &Peer) -> Option<&Full> {
    match peer.honest()? {
        Node::Full(node) => Some(node),
        Node::Seed(_) => None,
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

/// Plays the restart again from the victims' tables: how many times it went wrong, of how many.
fn replays(world: &World<Peer>, victims: &[PeerId], attack: &Eclipse, setup: &Setup) -> (u32, u32) {
    let mut won = 0;
    for &peer in victims {
        let node = victim(world, peer);
        let shared = node.shared();
        let answer = |address: Address| match shared.book.owner(address) {
            Some(_) if shared.book.is_attack(address) => Answer::Attacker,
            Some(owner) if world.is_up(owner) => Answer::Honest,
            _ => Answer::Silence,
        };
        let start = Stamp::from(Instant::ZERO + attack.restart + AWAY);
        for replay in 0..attack.replays {
            let index = u64::from(peer.0) << 32 | u64::from(replay);
            let rng = &mut setup.streams.chacha(Purpose::Analysis, index);
            let outbound = shared.config.outbound;
            let known = node.addrman().clone();
            let (all, attackers) = replay_restart(
                known,
                node.address(),
                outbound,
                start,
                ATTEMPTS,
                answer,
                rng,
            );
            won += u32::from(all > 0 && attackers == all);
        }
    }
    (won, attack.replays * victims.len() as u32)
}

/// Who holds the victims' connections at the end.
fn connections(record: &mut Record, world: &World<Peer>, victims: &[PeerId]) {
    let (mut eclipsed, mut fully) = (0, 0);
    // Held and all, outbound and inbound.
    let (mut outbound, mut inbound) = ((0u32, 0u32), (0u32, 0u32));
    for &peer in victims {
        let node = victim(world, peer);
        let (mut all_outbound, mut all_inbound, mut any) = (true, true, false);
        for connection in node.connections().iter() {
            let held = world.peer(connection.peer).attacker().is_some();
            let (count, all) = if connection.is_outbound {
                any = true;
                (&mut outbound, &mut all_outbound)
            } else {
                (&mut inbound, &mut all_inbound)
            };
            count.0 += u32::from(held);
            count.1 += 1;
            *all &= held;
        }
        eclipsed += u32::from(any && all_outbound);
        fully += u32::from(any && all_outbound && all_inbound);
    }
    let count = victims.len() as u32;
    record.proportion(&metrics::LIVE, eclipsed, count);
    record.proportion(&metrics::FULL, fully, count);
    record.value(
        &metrics::OUTBOUND,
        f64::from(outbound.0) / f64::from(outbound.1),
    );
    record.value(
        &metrics::INBOUND,
        f64::from(inbound.0) / f64::from(inbound.1),
    );
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
