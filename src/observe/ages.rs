//! Metrics of how old sessions become, for every family of protocols, if `churn.ages` asks for them.
//!
//! Only sessions that begin in the run count: of those under way at its start nobody knows the age.
//! Sessions under way at its end, or cut by the end of it, count as far as they were seen (the estimate
//! of Kaplan & Meier). Faults end sessions, too.

use super::record::{Better, MetricDef, Record, Samples};
use crate::engine::{Flow, Notice, Observer, Setup};
use crate::math::survival::Survival;
use crate::peer::PeerId;
use crate::time::{Duration, Instant};

/// The samples: the law of sessions as estimated; those that outlast all that was seen are not measured.
pub const LENGTH: &str = "session.length";

/// At most so many lengths of a run are kept.
const MOST: usize = 20_000;

/// The metrics: number and median, then the shares that last so long, and that stay as long again.
pub const METRICS: &[MetricDef] = &[
    MetricDef::new(
        "session.count",
        "",
        "sessions that begin in the run",
        Better::Neither,
    ),
    MetricDef::new(
        "session.median",
        "s",
        "the age that half of the sessions reach",
        Better::Neither,
    ),
    MetricDef::new(
        "session.reach_1min",
        "share",
        "share of sessions that last a minute (the survival curve at this age)",
        Better::Neither,
    ),
    MetricDef::new(
        "session.reach_10min",
        "share",
        "share of sessions that last ten minutes",
        Better::Neither,
    ),
    MetricDef::new(
        "session.reach_1h",
        "share",
        "share of sessions that last an hour",
        Better::Neither,
    ),
    MetricDef::new(
        "session.stay_1min",
        "share",
        "share of sessions that last another minute, of those that have lasted one; rises with age where \
         who has stayed will stay",
        Better::Neither,
    ),
    MetricDef::new(
        "session.stay_10min",
        "share",
        "share of sessions that last another ten minutes, of those that have lasted ten",
        Better::Neither,
    ),
    MetricDef::new(
        "session.stay_1h",
        "share",
        "share of sessions that last another hour, of those that have lasted one",
        Better::Neither,
    ),
];
/// Where the shares that last begin among the metrics, and where those that stay.
const REACH: usize = 2;
const STAY: usize = 5;
/// The ages of the metrics, in seconds.
const AGES: [f64; 3] = [60.0, 600.0, 3600.0];

/// Sees the sessions of a run.
#[derive(Clone, Debug)]
pub struct Ages {
    /// Since when each peer is up; nothing if it is down, or up from the start.
    since: Vec<Option<Instant>>,
    ended: Vec<Duration>,
}

impl Ages {
    /// Of so many peers.
    fn new(peers: u32) -> Self {
        Self {
            since: vec![None; peers as usize],
            ended: Vec::new(),
        }
    }

    fn notice<E>(&mut self, at: Instant, peer: PeerId, notice: &Notice<E>) {
        let since = &mut self.since[peer.index()];
        match notice {
            Notice::Up if at > Instant::ZERO => *since = Some(at),
            Notice::Left | Notice::Crashed => {
                self.ended.extend(since.take().map(|since| at - since));
            }
            Notice::Up | Notice::Event(_) => {}
        }
    }

    /// Writes the metrics and samples of a run that ended at `end`.
    pub fn measure(self, end: Instant, record: &mut Record) {
        let seconds = |lives: Vec<Duration>| {
            let mut lives: Vec<f64> = lives.into_iter().map(Duration::as_secs_f64).collect();
            lives.sort_unstable_by(f64::total_cmp);
            lives
        };
        let open = self.since.iter().flatten();
        let cut = seconds(open.map(|&since| end - since.min(end)).collect());
        let ended = seconds(self.ended);
        let survival = Survival::of(&ended, &cut);
        record.value(&METRICS[0], (ended.len() + cut.len()) as f64);
        record.value(&METRICS[1], survival.quantile(0.5).unwrap_or(f64::NAN));
        for (metric, age) in METRICS[REACH..].iter().zip(AGES) {
            record.value(metric, survival.at(age));
        }
        for (metric, age) in METRICS[STAY..].iter().zip(AGES) {
            record.value(metric, survival.at(2.0 * age) / survival.at(age));
        }
        let seen = ended.len() + cut.len();
        record.samples.push(samples(LENGTH, &survival, seen));
    }
}

/// The law of so many lives, in seconds, as estimated: evenly along the curve, so that those cut count as
/// those that were seen longer. Those that outlast all that was seen are not measured.
pub fn samples(name: &str, survival: &Survival, seen: usize) -> Samples {
    let count = seen.min(MOST);
    // Below a second is a second: of a heavy-tailed law nanoseconds would fill a chart.
    let quantile = |at: usize| {
        let age = survival.quantile((at as f64 + 0.5) / count as f64);
        age.map(|age| age.max(1.0))
    };
    let values: Vec<f64> = (0..count).map_while(quantile).collect();
    Samples {
        name: name.to_owned(),
        unit: "s".to_owned(),
        censored: (count - values.len()) as u64,
        values,
    }
}

/// An observer, and beside it one of ages if the run measures them.
#[derive(Debug)]
pub struct Watch<O> {
    observer: O,
    ages: Option<Ages>,
}

impl<O> Watch<O> {
    /// Beside `observer`, in the run of `setup`.
    pub fn new(observer: O, setup: &Setup) -> Self {
        let ages = setup.churn.ages();
        let ages = ages.then(|| Ages::new(setup.population.len()));
        Self { observer, ages }
    }

    /// The observer, between two steps of the run.
    pub fn observer(&mut self) -> &mut O {
        &mut self.observer
    }

    /// Both, after the run.
    pub fn done(self) -> (O, Option<Ages>) {
        (self.observer, self.ages)
    }
}

impl<E, O: Observer<E>> Observer<E> for Watch<O> {
    #[inline]
    fn notice(&mut self, at: Instant, peer: PeerId, notice: Notice<E>) -> Flow {
        if let Some(ages) = &mut self.ages {
            ages.notice(at, peer, &notice);
        }
        self.observer.notice(at, peer, notice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_count_from_their_beginning_to_what_was_seen() {
        let at = |secs: u64| Instant::ZERO + Duration::from_secs(secs);
        let mut ages = Ages::new(4);
        let mut notice =
            |secs, peer, notice: Notice<()>| ages.notice(at(secs), PeerId(peer), &notice);
        // Up from the start: of unknown age.
        notice(0, 0, Notice::Up);
        notice(50, 0, Notice::Crashed);
        notice(100, 0, Notice::Up);
        notice(120, 1, Notice::Up);
        notice(150, 1, Notice::Left);
        notice(200, 2, Notice::Up);
        notice(200, 3, Notice::Up);
        notice(290, 3, Notice::Event(()));
        notice(290, 3, Notice::Crashed);
        let mut record = Record::default();
        ages.measure(at(400), &mut record);
        // Ended at 30 and 90 s; seen for 300 and 200 s.
        let value = |name| record.get(name).expect("measured");
        assert!((value("session.count") - 4.0).abs() < 1e-12);
        assert!((value("session.reach_1min") - 0.75).abs() < 1e-12);
        assert!((value("session.stay_1min") - 0.5 / 0.75).abs() < 1e-12);
        assert!((value("session.median") - 90.0).abs() < 1e-12);
        assert!(value("session.reach_10min").is_nan());
        assert_eq!(record.samples[0].values, [30.0, 90.0]);
        assert_eq!(record.samples[0].censored, 2);
    }
}
