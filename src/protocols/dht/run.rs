//! From a setup to a run to a record, for any hash table.

use super::ids::{Contact, Ids};
use super::interface::{Dht, Event};
use super::metrics::{Beside, Meter};
use super::truth::{Nearness, Truth};
use super::workload::Schedule;
use crate::engine::{Flow, Notice, Observer, Report, Setup, World};
use crate::observe::ages::Watch;
use crate::observe::congestion;
use crate::observe::record::Record;
use crate::peer::PeerId;
use crate::time::Instant;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a run needs beside the peers.
#[derive(Clone, Debug)]
pub struct Plan {
    /// All identifiers.
    pub ids: Arc<Ids>,
    /// What is asked, and when.
    pub schedule: Schedule,
    /// What "closest to a key" means.
    pub nearness: Nearness,
    /// How many of the closest a lookup is to find.
    pub wanted: usize,
}

/// How often tables and values are looked at in the measurement.
const LOOKS: u64 = 10;
/// Tables of about so many peers are looked at.
const TABLES: usize = 10_000;

/// Somebody who looks on beside the meter: sees everything, changes nothing.
pub trait Onlooker<D: Dht>: Send {
    /// The same as an [`Observer`] gets.
    fn notice(&mut self, at: Instant, peer: PeerId, notice: &Notice<Event>);

    /// At the beginning of the measurement, and ten times in it.
    fn look(&mut self, at: Instant, world: &World<D>);
}

/// Nobody.
impl<D: Dht> Onlooker<D> for () {
    fn notice(&mut self, _at: Instant, _peer: PeerId, _notice: &Notice<Event>) {}
    fn look(&mut self, _at: Instant, _world: &World<D>) {}
}

/// The observer and, beside it, somebody who looks on.
struct Both<'a, O, D> {
    observer: &'a mut O,
    onlooker: &'a mut dyn Onlooker<D>,
}

impl<O: Observer<Event>, D: Dht> Observer<Event> for Both<'_, O, D> {
    fn notice(&mut self, at: Instant, peer: PeerId, notice: Notice<Event>) -> Flow {
        self.onlooker.notice(at, peer, &notice);
        self.observer.notice(at, peer, notice)
    }
}

/// Runs peers made by `spawn`, in order of number, and measures.
pub fn measure<D: Dht>(setup: &Setup, plan: &Plan, spawn: impl FnMut(PeerId) -> D) -> Record {
    measure_beside(setup, plan, spawn, &mut ())
}

/// The same, while somebody looks on.
pub fn measure_beside<D: Dht>(
    setup: &Setup,
    plan: &Plan,
    spawn: impl FnMut(PeerId) -> D,
    onlooker: &mut dyn Onlooker<D>,
) -> Record {
    let truth = Truth::new(Arc::clone(&plan.ids));
    let meter = Meter::new(setup, truth, plan.nearness, plan.wanted);
    let mut world = World::new(setup, spawn, &plan.schedule);
    let mut watch = Watch::new(meter, setup);
    let (from, to) = (setup.phases.measure_from(), setup.phases.measure_to());
    advance(&mut world, from, &mut watch, onlooker);
    onlooker.look(from, &world);
    let mut beside = Beside {
        planned: plan.schedule.count(from, to),
        ..Beside::default()
    };
    let before = bytes::<D>(&world.report());
    let up_before = watch.observer().truth_mut().seconds_up(from);
    let values: BTreeSet<_> = plan.schedule.values().collect();
    for look in 1..=LOOKS {
        let at = from + (to - from) / LOOKS * look;
        advance(&mut world, at, &mut watch, onlooker);
        onlooker.look(at, &world);
        let truth = watch.observer().truth();
        let seconds = at.as_secs_f64();
        beside.stale.push((seconds, stale(&world, truth)));
        if !values.is_empty() {
            let mut held = BTreeSet::new();
            beside.keys.clear();
            for (_, state) in world.peers().filter(|&(peer, _)| truth.is_up(peer)) {
                let mut count = 0u32;
                state.values(|key| {
                    count += 1;
                    held.insert(key);
                });
                beside.keys.push(f64::from(count));
            }
            let there = values.iter().filter(|key| held.contains(key)).count();
            let share = there as f64 / values.len() as f64;
            beside.availability.push((seconds, share));
        }
    }
    beside.keys.sort_unstable_by(f64::total_cmp);
    advance(&mut world, to, &mut watch, onlooker);
    let after = bytes::<D>(&world.report());
    beside.bytes = [0, 1].map(|part| after[part] - before[part]);
    beside.seconds_up = watch.observer().truth_mut().seconds_up(to) - up_before;
    advance(&mut world, Instant::MAX, &mut watch, onlooker);

    let report = world.report();
    let (meter, ages) = watch.done();
    let mut record = Record {
        digest: report.digest,
        events: report.counts.delivered,
        ..Record::default()
    };
    meter.finish(beside, &mut record);
    congestion::measure(&mut record, setup, &report);
    if let Some(ages) = ages {
        ages.measure(setup.phases.end(), &mut record);
    }
    record
}

fn advance<D: Dht>(
    world: &mut World<D>,
    to: Instant,
    observer: &mut impl Observer<Event>,
    onlooker: &mut dyn Onlooker<D>,
) {
    world.advance(to, &mut Both { observer, onlooker });
}

/// Bytes with headers so far: of lookups, and of all else.
fn bytes<D: Dht>(report: &Report) -> [u64; 2] {
    report.traffic().fold([0, 0], |mut sums, (kind, traffic)| {
        let other = !D::LOOKUP.contains(&kind);
        sums[usize::from(other)] += traffic.wire_bytes;
        sums
    })
}

/// The share of contacts in tables that nobody answers to.
fn stale<D: Dht>(world: &World<D>, truth: &Truth) -> f64 {
    let (mut all, mut dead) = (0u64, 0u64);
    let every = (world.len() as usize / TABLES).max(1);
    for (peer, state) in world.peers().step_by(every) {
        if truth.is_up(peer) {
            state.table(|contact: Contact| {
                all += 1;
                dead += u64::from(!truth.is_alive(contact));
            });
        }
    }
    dead as f64 / all as f64
}
