//! What is measured: the metrics, and the observer behind them.

use super::node::Event;
use crate::engine::{Flow, Notice, Observer, Phases};
use crate::math::stats::quantile;
use crate::observe::record::{Better, MetricDef, Record, Samples, Series};
use crate::peer::PeerId;
use crate::time::{Duration, Instant};
use std::collections::{BTreeMap, BTreeSet};

const SUCCESS: MetricDef = MetricDef::new(
    "files.success",
    "share",
    "share of downloads of published files that end with the file; of those that started in the measurement \
     and did not end with their peer",
    Better::Higher,
);
const TIME_50: MetricDef = MetricDef::new(
    "files.time_50",
    "s",
    "median time from the wish to the file, of downloads that end with it; files that were here already \
     left out",
    Better::Lower,
);
const TIME_90: MetricDef = MetricDef::new(
    "files.time_90",
    "s",
    "time that 90 % of downloads that end with the file do not exceed",
    Better::Lower,
);
const AVAILABLE: MetricDef = MetricDef::new(
    "files.available",
    "share",
    "share of the published files that some live peer has; mean over ten times of the measurement",
    Better::Higher,
);
const COPIES: MetricDef = MetricDef::new(
    "files.copies",
    "",
    "live peers that have a published file; mean over files and over ten times of the measurement",
    Better::Neither,
);
const PUBLISHED: MetricDef = MetricDef::new(
    "files.published",
    "",
    "files published before the measurement ends: those whose peer was up",
    Better::Neither,
);
const COUNT: MetricDef = MetricDef::new(
    "files.count",
    "",
    "downloads of published files started during the measurement",
    Better::Neither,
);
const TABLE: MetricDef = MetricDef::new(
    "files.table_bytes",
    "B/s",
    "bytes of the hash table with headers, sent per live peer and second of the measurement",
    Better::Lower,
);
const INDEX: MetricDef = MetricDef::new(
    "files.index_bytes",
    "B/s",
    "bytes about who has what with headers, sent per live peer and second of the measurement",
    Better::Lower,
);
const CONTENT: MetricDef = MetricDef::new(
    "files.content_bytes",
    "B/s",
    "bytes of files with headers, sent per live peer and second of the measurement",
    Better::Neither,
);

/// The metrics of shared files, what matters most first.
pub const METRICS: &[MetricDef] = &[
    SUCCESS, TIME_50, TIME_90, AVAILABLE, COPIES, PUBLISHED, COUNT, TABLE, INDEX, CONTENT,
];
/// The samples: how long downloads took.
pub const SAMPLES: &[&str] = &["files.time"];
/// The curves over time.
pub const SERIES: &[&str] = &["files.available"];

/// The observer.
#[derive(Debug)]
pub(super) struct Meter {
    phases: Phases,
    up: BTreeSet<PeerId>,
    /// Who has each file, live or not.
    holders: BTreeMap<u32, BTreeSet<PeerId>>,
    open: BTreeMap<u32, Instant>,
    started: u64,
    ended: u64,
    done: u64,
    times: Vec<Duration>,
    /// (seconds, share) of files that are there, and how many copies of each.
    available: Vec<(f64, f64)>,
    copies: Vec<f64>,
    /// Peer seconds so far, and until when.
    spent: (f64, Instant),
}

impl Meter {
    pub(super) fn new(phases: Phases) -> Self {
        Self {
            phases,
            up: BTreeSet::new(),
            holders: BTreeMap::new(),
            open: BTreeMap::new(),
            started: 0,
            ended: 0,
            done: 0,
            times: Vec::new(),
            available: Vec::new(),
            copies: Vec::new(),
            spent: (0.0, Instant::ZERO),
        }
    }

    /// Seconds that peers have been up until `at`, added over peers.
    pub(super) fn seconds_up(&mut self, at: Instant) -> f64 {
        let (spent, since) = self.spent;
        let span = at.saturating_since(since).as_secs_f64();
        self.spent = (spent + span * self.up.len() as f64, since.max(at));
        self.spent.0
    }

    /// Looks who has what.
    pub(super) fn look(&mut self, at: Instant) {
        let live = |holders: &BTreeSet<PeerId>| {
            let live = holders.iter().filter(|peer| self.up.contains(peer));
            live.count() as f64
        };
        let counts: Vec<f64> = self.holders.values().map(live).collect();
        let files = counts.len() as f64;
        let there = counts.iter().filter(|&&count| count > 0.0).count() as f64;
        self.available.push((at.as_secs_f64(), there / files));
        self.copies.push(counts.iter().sum::<f64>() / files);
    }

    /// Writes metrics, curve and samples; `bytes` are those of the table, the index and the content.
    pub(super) fn finish(self, bytes: [f64; 3], record: &mut Record) {
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let mut times: Vec<f64> = self.times.iter().map(|time| time.as_secs_f64()).collect();
        times.sort_unstable_by(f64::total_cmp);
        let shares: Vec<f64> = self.available.iter().map(|&(_, share)| share).collect();
        for (metric, value) in [
            (SUCCESS, self.done as f64 / self.ended as f64),
            (TIME_50, quantile(&times, 0.5)),
            (TIME_90, quantile(&times, 0.9)),
            (AVAILABLE, mean(&shares)),
            (COPIES, mean(&self.copies)),
            (PUBLISHED, self.holders.len() as f64),
            (COUNT, self.started as f64),
            (TABLE, bytes[0]),
            (INDEX, bytes[1]),
            (CONTENT, bytes[2]),
        ] {
            record.value(&metric, value);
        }
        record.series.push(Series {
            name: SERIES[0].to_owned(),
            unit: "share".to_owned(),
            points: self.available,
        });
        record.samples.push(Samples {
            name: SAMPLES[0].to_owned(),
            unit: "s".to_owned(),
            values: times,
            censored: self.open.len() as u64 + self.ended - self.done,
        });
    }
}

impl Observer<Event> for Meter {
    fn notice(&mut self, at: Instant, peer: PeerId, notice: Notice<Event>) -> Flow {
        match notice {
            Notice::Event(Event::Holds(file)) => {
                self.holders.entry(file).or_default().insert(peer);
            }
            Notice::Event(Event::Began { number, file }) => {
                if self.phases.measures(at) && self.holders.contains_key(&file) {
                    self.started += 1;
                    self.open.insert(number, at);
                }
            }
            Notice::Event(Event::Ended { number, done }) => {
                if let Some(since) = self.open.remove(&number) {
                    self.ended += 1;
                    self.done += u64::from(done);
                    if done && at > since {
                        self.times.push(at - since);
                    }
                }
            }
            Notice::Up => {
                self.seconds_up(at);
                self.up.insert(peer);
            }
            Notice::Left | Notice::Crashed => {
                self.seconds_up(at);
                self.up.remove(&peer);
            }
        }
        Flow::Continue
    }
}
