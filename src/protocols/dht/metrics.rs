//! What is measured: the metrics, and the observer behind them.

use super::interface::{Command, Ended, Event, Outcome, What};
use super::truth::{Nearness, Truth};
use crate::engine::{Flow, Notice, Observer, Setup};
use crate::math::stats::quantile;
use crate::observe::record::{Better, MetricDef, Record, Samples, Series};
use crate::peer::PeerId;
use crate::time::{Duration, Instant};
use std::collections::BTreeMap;

/// The metrics of all hash tables, what matters most first.
pub const METRICS: &[MetricDef] = &[
    SUCCESS,
    CORRECT,
    LATENCY_50,
    LATENCY_90,
    LATENCY_99,
    HOPS,
    HOPS_99,
    TIMEOUTS,
    MESSAGES,
    STRETCH,
    STALE,
    MAINTENANCE,
    LOOKUP_BYTES,
    AVAILABILITY,
    KEYS,
    KEYS_99,
    COUNT,
    OPEN,
    SKIPPED,
];
/// The samples: how long lookups took that came to their end.
pub const SAMPLES: &[&str] = &["dht.latency"];
/// The curves over time.
pub const SERIES: &[&str] = &["dht.stale", "dht.availability"];

const SUCCESS: MetricDef = MetricDef::new(
    "dht.success",
    "share",
    "share of lookups that end well: the closest are found, or the value is fetched; of those that \
     started in the measurement and did not end with their peer",
    Better::Higher,
);
const CORRECT: MetricDef = MetricDef::new(
    "dht.correct",
    "share",
    "share of the peers truly closest to a key when its lookup ends that the lookup names; of lookups \
     that end well, gets left out",
    Better::Higher,
);
const LATENCY_50: MetricDef = MetricDef::new(
    "dht.latency_50",
    "s",
    "median time from the start of a lookup to its end, of those that end well",
    Better::Lower,
);
const LATENCY_90: MetricDef = MetricDef::new(
    "dht.latency_90",
    "s",
    "time that 90 % of lookups that end well do not exceed",
    Better::Lower,
);
const LATENCY_99: MetricDef = MetricDef::new(
    "dht.latency_99",
    "s",
    "time that 99 % of lookups that end well do not exceed",
    Better::Lower,
);
const HOPS: MetricDef = MetricDef::new(
    "dht.hops",
    "",
    "hops of a lookup that ends well, as the family counts them; mean",
    Better::Lower,
);
const HOPS_99: MetricDef = MetricDef::new(
    "dht.hops_99",
    "",
    "hops that 99 % of lookups that end well do not exceed",
    Better::Lower,
);
const TIMEOUTS: MetricDef = MetricDef::new(
    "dht.timeouts",
    "",
    "requests of a lookup that nobody answered in time; mean over lookups that ended",
    Better::Lower,
);
const MESSAGES: MetricDef = MetricDef::new(
    "dht.messages",
    "",
    "messages of a lookup, answers included, as far as its peer can tell; mean over lookups that ended",
    Better::Lower,
);
const STRETCH: MetricDef = MetricDef::new(
    "dht.stretch",
    "",
    "time of a lookup that ends well, per round trip between its peer and the closest it found; mean, \
     lookups that find their own peer left out",
    Better::Lower,
);
const STALE: MetricDef = MetricDef::new(
    "dht.stale",
    "share",
    "share of the contacts in the tables of live peers that nobody answers to; mean over ten times of \
     the measurement",
    Better::Lower,
);
const MAINTENANCE: MetricDef = MetricDef::new(
    "dht.maintenance_bytes",
    "B/s",
    "bytes of all messages but those of lookups, puts and gets, with UDP and IP headers, sent per live \
     peer and second of the measurement",
    Better::Lower,
);
const LOOKUP_BYTES: MetricDef = MetricDef::new(
    "dht.lookup_bytes",
    "B/s",
    "bytes of lookups, puts and gets, with UDP and IP headers, sent per live peer and second of the \
     measurement",
    Better::Lower,
);
const AVAILABILITY: MetricDef = MetricDef::new(
    "dht.availability",
    "share",
    "share of the stored values that some live peer has; mean over ten times of the measurement",
    Better::Higher,
);
const KEYS: MetricDef = MetricDef::new(
    "dht.keys_per_node",
    "",
    "values that a live peer holds at the end of the measurement, copies included; mean",
    Better::Neither,
);
const KEYS_99: MetricDef = MetricDef::new(
    "dht.keys_per_node_99",
    "",
    "values that 99 % of the live peers do not exceed at the end of the measurement",
    Better::Lower,
);
const COUNT: MetricDef = MetricDef::new(
    "dht.count",
    "",
    "lookups started during the measurement",
    Better::Neither,
);
const OPEN: MetricDef = MetricDef::new(
    "dht.open",
    "",
    "lookups of the measurement that had not ended when their peer went down, or the run did",
    Better::Neither,
);
const SKIPPED: MetricDef = MetricDef::new(
    "dht.skipped",
    "",
    "lookups of the measurement that did not start because their peer was down",
    Better::Neither,
);

/// When lookups count.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// Those that start at or after this time,
    pub from: Instant,
    /// and before this one.
    pub to: Instant,
}

/// What the run adds that no event tells.
#[derive(Clone, Debug, Default)]
pub(super) struct Beside {
    /// Lookups that were due in the measurement.
    pub(super) planned: u64,
    /// Bytes with headers in the measurement, of lookups and of all else.
    pub(super) bytes: [u64; 2],
    /// Seconds that peers were up in the measurement, added over peers.
    pub(super) seconds_up: f64,
    /// (seconds, share) of stale contacts and of values that are there.
    pub(super) stale: Vec<(f64, f64)>,
    pub(super) availability: Vec<(f64, f64)>,
    /// Values held by each live peer at the end of the measurement, ascending.
    pub(super) keys: Vec<f64>,
}

/// At most so many latencies of a run are kept as samples.
const MOST_SAMPLES: usize = 20_000;

/// The observer.
#[derive(Debug)]
pub struct Meter {
    window: Window,
    setup: Setup,
    truth: Truth,
    nearness: Nearness,
    /// How many of the closest a lookup is to find.
    wanted: usize,
    open: BTreeMap<u32, (Instant, PeerId, Command)>,
    started: u64,
    /// Lookups of the two halves of the measurement.
    halves: [Tally; 2],
}

/// Sums over lookups.
#[derive(Clone, Debug, Default)]
struct Tally {
    ended: u64,
    done: u64,
    correct: f64,
    judged: u64,
    hops: Vec<u16>,
    timeouts: u64,
    messages: u64,
    stretch: f64,
    stretched: u64,
    latencies: Vec<Duration>,
}

impl Meter {
    /// Watches the run of `setup`; a lookup is to find the `wanted` closest.
    pub fn new(setup: &Setup, truth: Truth, nearness: Nearness, wanted: usize) -> Self {
        Self {
            window: Window {
                from: setup.phases.measure_from(),
                to: setup.phases.measure_to(),
            },
            setup: setup.clone(),
            truth,
            nearness,
            wanted,
            open: BTreeMap::new(),
            started: 0,
            halves: [Tally::default(), Tally::default()],
        }
    }

    /// What it knows of the network.
    pub fn truth(&self) -> &Truth {
        &self.truth
    }

    /// The same, to bring its clock forward.
    pub(super) fn truth_mut(&mut self) -> &mut Truth {
        &mut self.truth
    }

    fn began(&mut self, at: Instant, peer: PeerId, command: Command) {
        let Window { from, to } = self.window;
        if command.what != What::Put && from <= at && at < to {
            self.started += 1;
            self.open.insert(command.number, (at, peer, command));
        }
    }

    fn ended(&mut self, at: Instant, ended: &Ended) {
        let Some((began, peer, command)) = self.open.remove(&ended.number) else {
            return;
        };
        let middle = self.window.from + (self.window.to - self.window.from) / 2;
        let tally = &mut self.halves[usize::from(began >= middle)];
        tally.ended += 1;
        tally.timeouts += u64::from(ended.timeouts);
        tally.messages += u64::from(ended.messages);
        if ended.outcome != Outcome::Done {
            return;
        }
        tally.done += 1;
        tally.hops.push(ended.hops);
        tally.latencies.push(at - began);
        if command.what == What::Find {
            let truly = self.truth.closest(command.key, self.wanted, self.nearness);
            let named = &ended.closest[..self.wanted.min(ended.closest.len())];
            let right = truly
                .iter()
                .filter(|contact| named.contains(contact))
                .count();
            if !truly.is_empty() {
                tally.correct += right as f64 / truly.len() as f64;
                tally.judged += 1;
            }
        }
        if let Some(closest) = ended.closest.first().map(|contact| contact.peer())
            && closest != peer
        {
            let network = &self.setup.network;
            let trip = network.delay(peer, closest) + network.delay(closest, peer);
            if !trip.is_zero() {
                tally.stretch += (at - began).as_secs_f64() / trip.as_secs_f64();
                tally.stretched += 1;
            }
        }
    }

    /// Writes metrics, curves and samples.
    pub(super) fn finish(self, beside: Beside, record: &mut Record) {
        let Self {
            halves,
            started,
            open,
            ..
        } = self;
        let sum = |number: fn(&Tally) -> u64| number(&halves[0]) + number(&halves[1]);
        let real = |number: fn(&Tally) -> f64| number(&halves[0]) + number(&halves[1]);
        let (ended, done) = (sum(|t| t.ended), sum(|t| t.done));
        record.value(&SUCCESS, done as f64 / ended as f64);
        record.value(&CORRECT, real(|t| t.correct) / sum(|t| t.judged) as f64);
        let latencies = seconds(halves.iter().flat_map(|tally| &tally.latencies));
        for (metric, share) in [(LATENCY_50, 0.5), (LATENCY_90, 0.9), (LATENCY_99, 0.99)] {
            record.value(&metric, quantile(&latencies, share));
        }
        let hops = halves.iter().flat_map(|tally| &tally.hops);
        let mut hops: Vec<f64> = hops.map(|&hops| f64::from(hops)).collect();
        hops.sort_unstable_by(f64::total_cmp);
        record.value(&HOPS, mean(&hops));
        record.value(&HOPS_99, quantile(&hops, 0.99));
        record.value(&TIMEOUTS, sum(|t| t.timeouts) as f64 / ended as f64);
        record.value(&MESSAGES, sum(|t| t.messages) as f64 / ended as f64);
        record.value(&STRETCH, real(|t| t.stretch) / sum(|t| t.stretched) as f64);
        let shares = |points: &[(f64, f64)]| {
            let values: Vec<f64> = points.iter().map(|&(_, value)| value).collect();
            mean(&values)
        };
        record.value(&STALE, shares(&beside.stale));
        let [of_lookups, of_others] = beside.bytes.map(|bytes| bytes as f64 / beside.seconds_up);
        record.value(&MAINTENANCE, of_others);
        record.value(&LOOKUP_BYTES, of_lookups);
        record.value(&AVAILABILITY, shares(&beside.availability));
        record.value(&KEYS, mean(&beside.keys));
        record.value(&KEYS_99, quantile(&beside.keys, 0.99));
        record.value(&COUNT, started as f64);
        record.value(&OPEN, open.len() as f64);
        record.value(&SKIPPED, beside.planned.saturating_sub(started) as f64);

        record.halves(
            &SUCCESS,
            halves.each_ref().map(|t| t.done as f64 / t.ended as f64),
        );
        let medians = halves
            .each_ref()
            .map(|t| quantile(&seconds(t.latencies.iter()), 0.5));
        record.halves(&LATENCY_50, medians);
        for (name, points) in SERIES.iter().zip([beside.stale, beside.availability]) {
            record.series.push(Series {
                name: (*name).to_owned(),
                unit: "share".to_owned(),
                points,
            });
        }
        let missed = open.len() as u64 + ended - done;
        record.samples.push(thinned(&latencies, missed));
    }
}

/// An even choice by rank when there are too many; of the `missed` ones as large a share.
fn thinned(sorted: &[f64], missed: u64) -> Samples {
    let kept = sorted.len().min(MOST_SAMPLES);
    let at = |place: usize| sorted[(2 * place + 1) * sorted.len() / (2 * kept)];
    let share = u128::from(missed) * kept as u128;
    Samples {
        name: SAMPLES[0].to_owned(),
        unit: "s".to_owned(),
        values: (0..kept).map(at).collect(),
        censored: share
            .checked_div(sorted.len() as u128)
            .map_or(missed, |share| share as u64),
    }
}

fn seconds<'a>(spans: impl Iterator<Item = &'a Duration>) -> Vec<f64> {
    let mut spans: Vec<Duration> = spans.copied().collect();
    spans.sort_unstable();
    spans.into_iter().map(Duration::as_secs_f64).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

impl Observer<Event> for Meter {
    fn notice(&mut self, at: Instant, peer: PeerId, notice: Notice<Event>) -> Flow {
        match notice {
            Notice::Event(Event::Began(command)) => self.began(at, peer, command),
            Notice::Event(Event::Ended(ended)) => self.ended(at, &ended),
            Notice::Event(Event::Joined(contact)) => self.truth.joined(contact),
            Notice::Up => self.truth.comes_up(peer, at),
            Notice::Left | Notice::Crashed => self.truth.goes_down(peer, at),
        }
        Flow::Continue
    }
}

#[cfg(test)]
mod tests {
    use super::super::ids::{Contact, Ids};
    use super::*;
    use crate::network::Network;
    use std::sync::Arc;

    #[test]
    fn lookups_are_judged_by_who_is_there_when_they_end() {
        let network = Network::constant(Duration::from_millis(50));
        let setup = Setup::new(4, network, 1, Duration::from_secs(100));
        let ids = Arc::new(Ids::of(64, 1, &setup));
        let mut meter = Meter::new(&setup, Truth::new(Arc::clone(&ids)), Nearness::Ring, 1);
        let at = |millis| Instant::ZERO + Duration::from_millis(millis);
        let contact = |peer| Contact::new(PeerId(peer), 0);
        let tell = |meter: &mut Meter, millis, peer, notice| {
            meter.notice(at(millis), PeerId(peer), notice);
        };
        for peer in 0..4 {
            tell(&mut meter, 0, peer, Notice::Up);
            tell(
                &mut meter,
                0,
                peer,
                Notice::Event(Event::Joined(contact(peer))),
            );
        }
        let key = ids.id(contact(1));
        let began = |number, what| Notice::Event(Event::Began(Command { number, what, key }));
        let ended = |number, outcome, found: u32| {
            let closest = Box::new([contact(found)]) as Box<[_]>;
            let (hops, messages, timeouts) = (3, 8, 1);
            let ended = Ended {
                number,
                outcome,
                hops,
                messages,
                timeouts,
                closest,
            };
            Notice::Event(Event::Ended(ended))
        };
        // Found; found a peer that is not the closest any more; failed; open; a put.
        tell(&mut meter, 1000, 0, began(0, What::Find));
        tell(&mut meter, 1400, 0, ended(0, Outcome::Done, 1));
        tell(&mut meter, 2000, 0, began(1, What::Find));
        tell(&mut meter, 2100, 1, Notice::Crashed);
        tell(&mut meter, 2200, 0, ended(1, Outcome::Done, 1));
        tell(&mut meter, 60_000, 0, began(2, What::Find));
        tell(&mut meter, 61_000, 0, ended(2, Outcome::Failed, 1));
        tell(&mut meter, 62_000, 0, began(3, What::Get));
        tell(&mut meter, 63_000, 0, began(4, What::Put));
        tell(&mut meter, 64_000, 0, ended(4, Outcome::Done, 1));
        // After the measurement.
        tell(&mut meter, 100_000, 0, began(5, What::Find));

        let mut record = Record::default();
        let beside = Beside {
            planned: 6,
            bytes: [100, 300],
            seconds_up: 50.0,
            ..Beside::default()
        };
        meter.finish(beside, &mut record);
        let close = |metric: &str, expected: f64| {
            let value = record.get(metric).expect("measured");
            assert!((value - expected).abs() < 1e-12, "{metric}: {value}");
        };
        close("dht.success", 2.0 / 3.0);
        close("dht.correct", 0.5);
        close("dht.latency_50", 0.3);
        close("dht.hops", 3.0);
        close("dht.timeouts", 1.0);
        close("dht.messages", 8.0);
        // A round trip is 0.1 s.
        close("dht.stretch", 3.0);
        close("dht.lookup_bytes", 2.0);
        close("dht.maintenance_bytes", 6.0);
        close("dht.count", 4.0);
        close("dht.open", 1.0);
        close("dht.skipped", 2.0);
        assert_eq!(record.samples[0].censored, 2);
        let names: Vec<_> = record
            .observations
            .iter()
            .map(|o| o.metric.as_str())
            .collect();
        let defined: Vec<_> = METRICS.iter().map(|metric| metric.name.as_ref()).collect();
        assert_eq!(names, defined);
    }

    #[test]
    fn samples_are_an_even_choice() {
        let all: Vec<f64> = (0..50_000).map(f64::from).collect();
        let samples = thinned(&all, 5_000);
        assert_eq!((samples.values.len(), samples.censored), (20_000, 2_000));
        assert!((quantile(&samples.values, 0.9) - quantile(&all, 0.9)).abs() < 2.0);
        assert_eq!(thinned(&[], 3).censored, 3);
        assert_eq!(thinned(&[1.0, 2.0], 0).values, [1.0, 2.0]);
    }
}
