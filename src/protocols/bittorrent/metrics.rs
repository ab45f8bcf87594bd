//! What is measured beside the downloads.

use super::node::Node;
use super::peer::{Manner, Peer};
use crate::engine::{Setup, World};
use crate::observe::record::{Better, MetricDef, Record, Series};
use crate::peer::PeerId;
use crate::protocols::download::Meter;
use crate::time::Instant;
use std::collections::BTreeSet;

/// The metrics of the family.
pub const METRICS: &[MetricDef] = &[
    MetricDef::new(
        "bittorrent.share_ratio",
        "",
        "bytes sent over bytes received, mean over the compliant peers that have received anything",
        Better::Neither,
    ),
    MetricDef::new(
        "bittorrent.fairness",
        "",
        "Jain's index of these ratios: 1 if all are the same, 1/n if one gives everything",
        Better::Higher,
    ),
    MetricDef::new(
        "bittorrent.seed_share",
        "share",
        "share of all bytes of blocks that came from those who had the file from the start",
        Better::Lower,
    ),
    MetricDef::new(
        "bittorrent.twice",
        "share",
        "share of the bytes of blocks that came to who had them already",
        Better::Lower,
    ),
    MetricDef::new(
        "bittorrent.overhead",
        "share",
        "share of the bytes of the protocol that are not blocks",
        Better::Lower,
    ),
    MetricDef::new(
        "bittorrent.announces",
        "",
        "announces at the tracker, per peer that came",
        Better::Lower,
    ),
    MetricDef::new(
        "bittorrent.compliant_mean",
        "s",
        "mean time to the file of compliant peers that have it",
        Better::Lower,
    ),
    MetricDef::new(
        "bittorrent.rider_mean",
        "s",
        "mean time to the file of free riders that have it",
        Better::Neither,
    ),
    MetricDef::new(
        "bittorrent.rider_gain",
        "",
        "how much faster free riders are than compliant peers: `compliant_mean` over `rider_mean`, less one",
        Better::Neither,
    ),
    MetricDef::new(
        "bittorrent.interest",
        "share",
        "share of pairs of neighbours, neither with the file, of which one has a piece that the other lacks \
         (the entropy of Legout et al., IMC 2006), mean over the looks at the run",
        Better::Higher,
    ),
    MetricDef::new(
        "bittorrent.entropy",
        "share",
        "the same over the looks at which nobody waits for a piece that only those have who had the file from \
         the start",
        Better::Higher,
    ),
    MetricDef::new(
        "bittorrent.clustering",
        "",
        "those of its own class of links among whom a peer without the file sends to regularly (not \
         optimistically), over what chance would give among all that want something of it and are of several \
         classes (Legout et al., SIGMETRICS 2007); nothing with one class",
        Better::Neither,
    ),
    MetricDef::new(
        "bittorrent.fast_clustering",
        "",
        "the same of peers with the fastest uplinks alone",
        Better::Neither,
    ),
    MetricDef::new(
        "bittorrent.slow_ratio",
        "",
        "bytes sent over bytes received by all peers with the slowest uplinks; nothing if all have the same",
        Better::Neither,
    ),
    MetricDef::new(
        "bittorrent.fast_ratio",
        "",
        "the same by those with the fastest",
        Better::Neither,
    ),
    MetricDef::new(
        "bittorrent.slow_mean",
        "s",
        "mean time to the file of peers with the slowest uplinks that have it",
        Better::Lower,
    ),
    MetricDef::new(
        "bittorrent.fast_mean",
        "s",
        "the same of those with the fastest",
        Better::Lower,
    ),
    MetricDef::new(
        "bittorrent.tyrant_mean",
        "s",
        "mean time to the file of strategic peers that have it, of classes of links that have compliant ones, too",
        Better::Neither,
    ),
    MetricDef::new(
        "bittorrent.alike_mean",
        "s",
        "the time to the file of compliant peers with the links of a strategic one, mean over these",
        Better::Lower,
    ),
    MetricDef::new(
        "bittorrent.gain",
        "",
        "how much faster strategic peers are than compliant ones with the same links: `alike_mean` over \
         `tyrant_mean`, less one",
        Better::Neither,
    ),
    MetricDef::new(
        "bittorrent.in_swarm",
        "",
        "peers that want the file, mean over the measurement",
        Better::Neither,
    ),
    MetricDef::new(
        "bittorrent.in_swarm_with_file",
        "",
        "peers that came for the file, have it and are still there, mean over the measurement",
        Better::Neither,
    ),
];

/// Curves over time.
pub const SERIES: &[&str] = &["bittorrent.complete", "bittorrent.rarest"];

/// Looks at the swarm now and then.
#[derive(Clone, Debug, Default)]
pub(super) struct Gauge {
    complete: Vec<(f64, f64)>,
    rarest: Vec<(f64, f64)>,
    interest: (u64, u64),
    entropy: (u64, u64),
    /// Regular unchokes within a class, and what chance would give: by all, and by those with the fastest
    /// uplinks.
    unchokes: [[f64; 2]; 2],
    looks: Vec<(Instant, usize, usize)>,
}

impl Gauge {
    /// Looks once.
    pub(super) fn look(&mut self, at: Instant, world: &World<Node>) {
        let seconds = at.as_secs_f64();
        let (mut wanting, mut with, mut origins) = (0, 0, 0);
        let mut interest = (0, 0);
        let mut copies: Vec<u32> = Vec::new();
        for (_, peer) in peers(world).filter(|(_, peer)| peer.is_active()) {
            let Some(picker) = peer.picker() else {
                continue;
            };
            let have = picker.have();
            copies.resize(have.pieces() as usize, 0);
            have.iter().for_each(|piece| copies[piece as usize] += 1);
            if picker.is_complete() {
                with += 1;
                origins += u32::from(peer.is_origin());
                continue;
            }
            wanting += 1;
            for (_, theirs) in peer.neighbours() {
                let Some(theirs) = theirs.filter(|theirs| !theirs.is_full()) else {
                    continue;
                };
                interest.0 += u64::from(theirs.count_without(have) > 0);
                interest.1 += 1;
            }
        }
        self.complete.push((seconds, f64::from(with)));
        let rarest = copies.iter().copied().min().unwrap_or(0);
        self.interest.0 += interest.0;
        self.interest.1 += interest.1;
        if rarest > origins {
            self.entropy.0 += interest.0;
            self.entropy.1 += interest.1;
        }
        self.rarest.push((seconds, f64::from(rarest)));
        self.looks.push((at, wanting, with as usize));
    }

    /// Unchokes by class of links, at this time.
    pub(super) fn classes(&mut self, setup: &Setup, world: &World<Node>) {
        let Some(access) = setup.network.access() else {
            return;
        };
        let count = setup.population.classes()[0].count;
        let fastest = (0..count).map(|peer| access.link(PeerId(peer)).up.0).max();
        for (me, peer) in peers(world).filter(|(me, peer)| me.0 < count && peer.is_active()) {
            if peer.picker().is_none_or(super::picker::Picker::is_complete) {
                continue;
            }
            let alike = |other: PeerId| access.class(me) == access.class(other);
            let (mut all, mut like, mut open, mut open_like) = (0.0, 0.0, 0.0, 0.0);
            for (other, sends) in peer.wishing().filter(|&(other, _)| other.0 < count) {
                let sends = sends && peer.optimistic() != Some(other);
                all += 1.0;
                like += f64::from(u8::from(alike(other)));
                open += f64::from(u8::from(sends));
                open_like += f64::from(u8::from(sends && alike(other)));
            }
            if like < all {
                let is_fast = Some(access.link(me).up.0) == fastest;
                for sums in &mut self.unchokes[..=usize::from(is_fast)] {
                    sums[0] += open_like;
                    sums[1] += open * like / all;
                }
            }
        }
    }

    /// Writes the metrics of the family into the record.
    pub(super) fn finish(
        self,
        setup: &Setup,
        meter: &Meter,
        world: &mut World<Node>,
        record: &mut Record,
    ) {
        let traffic = world.report();
        let count = setup.population.classes()[0].count;
        let (mut ratios, mut seeds, mut sent, mut received, mut twice) = (vec![], 0, 0, 0, 0);
        let mut manners = Vec::new();
        for (me, peer) in peers(world) {
            let tally = peer.tally();
            sent += tally.sent;
            received += tally.received;
            twice += tally.twice;
            manners.push(peer.manner());
            if me.0 >= count {
                seeds += tally.sent;
            } else if peer.manner() == Manner::Compliant && tally.received > 0 {
                ratios.push(tally.sent as f64 / tally.received as f64);
            }
        }
        let announces = world.peers().filter_map(|(_, node)| match node {
            Node::Tracker(tracker) => Some(tracker.announces()),
            Node::Peer(_) => None,
        });
        let announces: u64 = announces.sum();
        let came = meter
            .who()
            .iter()
            .filter(|who| who.joined.is_some())
            .count();
        let sum: f64 = ratios.iter().sum();
        let squares: f64 = ratios.iter().map(|ratio| ratio * ratio).sum();
        let (mut app, mut blocks) = (0, 0);
        for (kind, traffic) in traffic.traffic() {
            app += traffic.app_bytes;
            blocks += if kind == "piece" {
                traffic.app_bytes
            } else {
                0
            };
        }
        let measured = |get: fn(&(Instant, usize, usize)) -> usize| {
            let looks = self.looks.iter();
            let within: Vec<_> = looks.filter(|look| setup.phases.measures(look.0)).collect();
            within.iter().map(|&look| get(look) as f64).sum::<f64>() / within.len() as f64
        };
        let mean_of = |manner: Manner| meter.mean(setup, |peer| manners[peer.index()] == manner);
        let [slow, fast] = by_uplink(setup, meter, world);
        let [tyrants, alike] = tyrants(setup, meter, &manners);
        let classes = setup
            .network
            .access()
            .map_or(1, |access| access.classes().len());
        let clustering = |who: usize| {
            let [within, by_chance] = self.unchokes[who];
            if classes > 1 {
                within / by_chance
            } else {
                f64::NAN
            }
        };
        let seeds_there = f64::from(setup.population.len() - count - 1);
        let values = [
            sum / ratios.len() as f64,
            sum * sum / (ratios.len() as f64 * squares),
            seeds as f64 / sent as f64,
            twice as f64 / received as f64,
            (app - blocks) as f64 / app as f64,
            announces as f64 / came as f64,
            mean_of(Manner::Compliant),
            mean_of(Manner::FreeRider),
            mean_of(Manner::Compliant) / mean_of(Manner::FreeRider) - 1.0,
            self.interest.0 as f64 / self.interest.1 as f64,
            self.entropy.0 as f64 / self.entropy.1 as f64,
            clustering(0),
            clustering(1),
            slow[0],
            fast[0],
            slow[1],
            fast[1],
            tyrants,
            alike,
            alike / tyrants - 1.0,
            measured(|&(_, wanting, _)| wanting),
            measured(|&(.., with)| with) - seeds_there,
        ];
        for (metric, value) in METRICS.iter().zip(values) {
            record.value(metric, value);
        }
        for (name, points) in SERIES.iter().zip([self.complete, self.rarest]) {
            record.series.push(Series {
                name: (*name).to_owned(),
                unit: "peers".to_owned(),
                points,
            });
        }
    }
}

/// Of the peers with the slowest uplinks, and of those with the fastest: bytes sent over bytes received, and the
/// mean time to the file.
fn by_uplink(setup: &Setup, meter: &Meter, world: &World<Node>) -> [[f64; 2]; 2] {
    let count = setup.population.classes()[0].count;
    let up = |peer: PeerId| {
        setup
            .network
            .access()
            .map_or(0, |access| access.link(peer).up.0)
    };
    let ups = || (0..count).map(|peer| up(PeerId(peer)));
    let (slowest, fastest) = (ups().min(), ups().max());
    [slowest, fastest].map(|rate| {
        if slowest == fastest {
            return [f64::NAN; 2];
        }
        let is_one = |peer: PeerId| peer.0 < count && Some(up(peer)) == rate;
        let (mut sent, mut received) = (0, 0);
        for (_, peer) in peers(world).filter(|&(me, _)| is_one(me)) {
            sent += peer.tally().sent;
            received += peer.tally().received;
        }
        [sent as f64 / received as f64, meter.mean(setup, is_one)]
    })
}

/// Mean times to the file of strategic peers, and what compliant ones with the same links take on average, of
/// those classes of links that have both.
fn tyrants(setup: &Setup, meter: &Meter, manners: &[Manner]) -> [f64; 2] {
    let class = |peer: PeerId| {
        setup
            .network
            .access()
            .map_or(0, |access| access.class(peer))
    };
    let is_tyrant = |peer: PeerId| matches!(manners[peer.index()], Manner::Tyrant(_));
    let all = || {
        (0..setup.population.classes()[0].count)
            .map(PeerId)
            .filter(|&peer| is_tyrant(peer))
    };
    let (mut count, mut own, mut alike) = (0.0, 0.0, 0.0);
    for which in all().map(class).collect::<BTreeSet<usize>>() {
        let is_one = |peer: PeerId| class(peer) == which;
        let times = [
            meter.mean(setup, |peer| is_one(peer) && is_tyrant(peer)),
            meter.mean(setup, |peer| {
                is_one(peer) && manners[peer.index()] == Manner::Compliant
            }),
        ];
        if times.iter().all(|time| time.is_finite()) {
            let with =
                |&peer: &PeerId| is_one(peer) && meter.who()[peer.index()].completed.is_some();
            let here = all().filter(with).count() as f64;
            count += here;
            own += here * times[0];
            alike += here * times[1];
        }
    }
    [own / count, alike / count]
}

/// Those who are not the tracker.
fn peers(world: &World<Node>) -> impl Iterator<Item = (PeerId, &Peer)> + '_ {
    world
        .peers()
        .filter_map(|(me, node)| Some((me, node.peer()?)))
}
