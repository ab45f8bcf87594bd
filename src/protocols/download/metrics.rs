//! [`Meter`]: when who had the file.

use super::Event;
use crate::engine::{Flow, Notice, Observer, Setup};
use crate::math::stats::quantile;
use crate::observe::record::{Better, MetricDef, Record, Samples};
use crate::peer::PeerId;
use crate::time::Instant;

/// The metrics of every family that brings a file to many.
pub const METRICS: &[MetricDef] = &[
    MetricDef::new(
        "download.completed",
        "share",
        "share of the downloads that are complete at the end of the run",
        Better::Higher,
    ),
    MetricDef::new(
        "download.mean",
        "s",
        "mean time from wanting the file to having it, of those who have it",
        Better::Lower,
    ),
    MetricDef::new(
        "download.time_50",
        "s",
        "time within which half of the downloads are complete",
        Better::Lower,
    ),
    MetricDef::new(
        "download.time_90",
        "s",
        "time within which 90 % of the downloads are complete",
        Better::Lower,
    ),
    MetricDef::new(
        "download.last",
        "s",
        "from the first arrival until everybody has the file (the distribution time); nothing if \
         somebody has not",
        Better::Lower,
    ),
    MetricDef::new(
        "download.bound",
        "s",
        "what nobody can be faster in, for all who come: max(F / u_s, F / d_min, N F / (u_s + sum u)) \
         (Kurose & Ross; Mundinger, Weber & Weiss 2008)",
        Better::Neither,
    ),
    MetricDef::new(
        "download.times_bound",
        "",
        "distribution time over the bound",
        Better::Lower,
    ),
    MetricDef::new(
        "download.utilisation",
        "share",
        "share of the uplinks of all who take part that carries the file, from the first arrival until \
         the last download is complete or the run ends",
        Better::Higher,
    ),
];

/// Single times to completion.
pub const SAMPLES: &[&str] = &["download.time"];

/// At most so many times of a run are kept.
const MOST: usize = 20_000;

/// A peer's part in the run.
#[derive(Clone, Copy, Default, Debug)]
pub struct Who {
    /// When it began to want the file; nothing if it never did.
    pub joined: Option<Instant>,
    /// When it had all of it.
    pub completed: Option<Instant>,
    /// When it went.
    pub left: Option<Instant>,
}

/// Sees the downloads of a run.
#[derive(Clone, Debug)]
pub struct Meter {
    who: Vec<Who>,
    /// How many are still to come or to complete; the run stops with the last.
    open: Option<usize>,
}

impl Meter {
    /// Sees the peers of a run. With `expected` the run stops when so many have the file.
    pub fn new(setup: &Setup, expected: Option<usize>) -> Self {
        Self {
            who: vec![Who::default(); setup.population.len() as usize],
            open: expected,
        }
    }

    /// Everybody's part so far, in order of number.
    pub fn who(&self) -> &[Who] {
        &self.who
    }

    /// Times to completion of those who came while it was measured, sorted, in seconds, and how many
    /// never completed.
    fn times(&self, setup: &Setup, among: impl Fn(PeerId) -> bool) -> (Vec<f64>, u64) {
        let mut censored = 0;
        let mut times = Vec::new();
        for (peer, who) in (0..).map(PeerId).zip(&self.who) {
            let Some(joined) = who.joined.filter(|&at| setup.phases.measures(at)) else {
                continue;
            };
            match who.completed {
                _ if !among(peer) => {}
                Some(at) => times.push((at - joined).as_secs_f64()),
                None => censored += 1,
            }
        }
        times.sort_unstable_by(f64::total_cmp);
        (times, censored)
    }

    /// Mean time to completion of some peers, in seconds; not a number if nobody of them has the file.
    pub fn mean(&self, setup: &Setup, among: impl Fn(PeerId) -> bool) -> f64 {
        let (times, _) = self.times(setup, among);
        times.iter().sum::<f64>() / times.len() as f64
    }

    /// From the first arrival until everybody who came has the file; nothing if somebody has not.
    pub fn last(&self) -> Option<(Instant, Instant)> {
        let came = self
            .who
            .iter()
            .filter_map(|who| Some((who.joined?, who.completed)));
        let mut span: Option<(Instant, Instant)> = None;
        for (joined, completed) in came {
            let completed = completed?;
            span = Some(span.map_or((joined, completed), |(first, last)| {
                (first.min(joined), last.max(completed))
            }));
        }
        span
    }

    /// Writes [`METRICS`] into the record; `bound` is that of the distribution time, `used` the share of
    /// the uplinks that was used.
    pub fn finish(&self, setup: &Setup, bound: f64, used: f64, record: &mut Record) {
        let (times, censored) = self.times(setup, |_| true);
        let all = times.len() as u64 + censored;
        // A quantile that lies among those who have not finished is not known.
        let within = |q: f64| {
            let rank = q * (all.saturating_sub(1)) as f64;
            if all == 0 || rank > times.len() as f64 - 1.0 {
                return f64::NAN;
            }
            quantile(&times, rank / (times.len() as f64 - 1.0).max(1.0))
        };
        let mean = times.iter().sum::<f64>() / times.len() as f64;
        let last = self.last();
        let last = last.map_or(f64::NAN, |(first, last)| (last - first).as_secs_f64());
        record.value(&METRICS[0], times.len() as f64 / all as f64);
        let (half, most) = (within(0.5), within(0.9));
        let values = [mean, half, most, last, bound, last / bound, used];
        for (metric, value) in METRICS[1..].iter().zip(values) {
            record.value(metric, value);
        }
        let step = times.len().div_ceil(MOST).max(1);
        record.samples.push(Samples {
            name: SAMPLES[0].to_owned(),
            unit: "s".to_owned(),
            values: times.into_iter().step_by(step).collect(),
            censored: censored / step as u64,
        });
    }
}

impl Observer<Event> for Meter {
    fn notice(&mut self, at: Instant, peer: PeerId, notice: Notice<Event>) -> Flow {
        let who = &mut self.who[peer.index()];
        match notice {
            Notice::Event(Event::Joined) => who.joined = Some(at),
            Notice::Event(Event::Completed) => {
                who.completed = Some(at);
                if let Some(open) = &mut self.open {
                    *open = open.saturating_sub(1);
                }
            }
            Notice::Event(Event::Left) => who.left = Some(at),
            Notice::Up | Notice::Left | Notice::Crashed => {}
        }
        if self.open == Some(0) {
            Flow::Stop
        } else {
            Flow::Continue
        }
    }
}
