//! From a setup to a run to a record, for any family that brings a file to many.

use super::metrics::Meter;
use super::workload::{Join, Schedule};
use super::{Arrivals, Event};
use crate::engine::{Protocol, Setup, World};
use crate::observe::ages::Watch;
use crate::observe::congestion;
use crate::observe::record::Record;
use crate::peer::PeerId;
use crate::time::{Duration, Instant};

/// A peer that may have sent some of the file.
pub trait Trader: Protocol<Command = Join, Event = Event> {
    /// Bytes of the file it has sent so far.
    fn sent(&self) -> u64;
}

/// How often a run is looked at: so many times at least over its length, more often if the bound of its
/// distribution time is short against that, so that a swarm that is through early is seen, and never more often
/// than so many times.
const LOOKS: u64 = 200;
const LOOKS_A_BOUND: u64 = 50;
const MOST_LOOKS: u64 = 4000;

/// The time from one look to the next.
fn step(whole: Duration, bound: f64) -> Duration {
    let bound = Duration::from_nanos((bound * 1e9) as u64);
    let step = (whole / LOOKS).min(bound / LOOKS_A_BOUND);
    step.max(whole / MOST_LOOKS).max(Duration::from_millis(1))
}

/// Runs peers made by `spawn`, in order of number, and measures; `look` sees the peers at even steps of
/// time. The run ends early when all of a flash crowd have the file.
pub fn measure<P: Trader>(
    setup: &Setup,
    (file, arrivals): (u64, &Arrivals),
    spawn: impl FnMut(PeerId) -> P,
    mut look: impl FnMut(Instant, &World<P>),
) -> (Record, Meter, World<P>) {
    let schedule = Schedule::new(arrivals, setup);
    let expected = match arrivals {
        Arrivals::Within(_) => Some(schedule.times().len()),
        Arrivals::Poisson(_) => None,
    };
    let meter = Meter::new(setup, expected);
    let mut world = World::new(setup, spawn, &schedule);
    let mut watch = Watch::new(meter, setup);
    let bound = bound(setup, file, &schedule);
    let step = step(setup.phases.end().saturating_since(Instant::ZERO), bound);
    let mut at = Instant::ZERO + step;
    while at < world.end() {
        world.advance(at, &mut watch);
        look(at, &world);
        at += step;
    }
    world.advance(Instant::MAX, &mut watch);
    let report = world.report();
    let (meter, ages) = watch.done();
    let mut record = Record {
        digest: report.digest,
        events: report.counts.delivered,
        ..Record::default()
    };
    let end = report.end;
    let used = utilisation(setup, &meter, &world, end);
    meter.finish(setup, bound, used, &mut record);
    congestion::measure(&mut record, setup, &report);
    if let Some(ages) = ages {
        ages.measure(setup.phases.end(), &mut record);
    }
    (record, meter, world)
}

/// The bound of Kurose & Ross for those who come: those of the second class have the file.
fn bound(setup: &Setup, file: u64, schedule: &Schedule) -> f64 {
    let Some(access) = setup.network.access() else {
        return 0.0;
    };
    let bits = file as f64 * 8.0;
    let peers = setup.population.classes()[0].count;
    let seeds = setup
        .population
        .classes()
        .get(1)
        .map_or(0, |class| class.count);
    let others = (peers..peers + seeds).map(PeerId);
    let server: f64 = others.map(|peer| access.link(peer).up.0 as f64).sum();
    let links = schedule.times().iter().map(|&(_, peer)| access.link(peer));
    let (mut up, mut slowest, mut count) = (server, f64::INFINITY, 0.0);
    for link in links {
        up += link.up.0 as f64;
        slowest = slowest.min(link.down.0 as f64);
        count += 1.0;
    }
    (bits / server).max(bits / slowest).max(count * bits / up)
}

/// The share of the uplinks that carried the file, while there was somebody who wanted it.
fn utilisation<P: Trader>(setup: &Setup, meter: &Meter, world: &World<P>, end: Instant) -> f64 {
    let Some(access) = setup.network.access() else {
        return f64::NAN;
    };
    let joins = meter.who().iter().filter_map(|who| who.joined);
    let Some(first) = joins.min() else {
        return f64::NAN;
    };
    let last = meter.last().map_or(end, |(_, last)| last);
    let peers = setup.population.classes()[0].count;
    let (mut sent, mut could) = (0.0, 0.0);
    for (peer, state) in world.peers() {
        let who = meter.who()[peer.index()];
        let from = if peer.0 < peers {
            who.joined
        } else {
            (state.sent() > 0).then_some(first)
        };
        let Some(from) = from else { continue };
        let to = who.left.unwrap_or(last).min(last);
        sent += state.sent() as f64 * 8.0;
        could += access.link(peer).up.0 as f64 * to.saturating_since(from).as_secs_f64();
    }
    sent / could
}
