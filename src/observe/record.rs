//! The record of one run: the single source of every table, verdict and chart.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Which way a metric improves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Better {
    /// Smaller values are better.
    Lower,
    /// Larger values are better.
    Higher,
    /// It describes; it does not judge.
    Neither,
}

/// What a family of protocols measures: known before any run, so that an expectation on an unknown
/// metric is an error at load time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MetricDef {
    /// Dotted name, such as `broadcast.reliability`.
    pub name: Cow<'static, str>,
    /// `""` for pure numbers, `"share"` for shares from 0 to 1, else the unit: `"s"`, `"B"`.
    pub unit: &'static str,
    /// One line: what is counted, and over what.
    pub meaning: &'static str,
    /// Which way it improves.
    pub better: Better,
}

impl MetricDef {
    /// A metric with a fixed name.
    pub const fn new(
        name: &'static str,
        unit: &'static str,
        meaning: &'static str,
        better: Better,
    ) -> Self {
        Self {
            name: Cow::Borrowed(name),
            unit,
            meaning,
            better,
        }
    }
}

/// One metric's value in one run.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Observation {
    /// A [`MetricDef::name`] of the family.
    pub metric: String,
    /// The value; not a number if the run had nothing to measure it on (no delivery, say), which
    /// summaries count and leave out.
    #[serde(with = "nan_as_null")]
    pub value: f64,
    /// For a share of repeated trials inside the run (restarts of a victim): how many. Intervals
    /// then treat the run as one cluster of so many trials. Zero for any other value.
    pub trials: u32,
}

/// A curve over simulated time (or another axis) in one run.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Series {
    /// Dotted name, such as `eclipse.poisoned_tried`.
    pub name: String,
    /// Unit of the values.
    pub unit: String,
    /// (x, value) with x in seconds of simulated time.
    pub points: Vec<(f64, f64)>,
}

/// Single measurements of one run, for an ECDF: delays of deliveries, say.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Samples {
    /// Dotted name, such as `broadcast.delay`.
    pub name: String,
    /// Unit of the values.
    pub unit: String,
    /// The values, sorted ascending.
    pub values: Vec<f64>,
    /// How many never came to be measured (not delivered by the deadline): the ECDF ends below 1.
    pub censored: u64,
}

/// A headline metric of one run in the two halves of its measurement, to see whether it has settled.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Halves {
    /// The metric's name.
    pub metric: String,
    /// Its value over what began in the first half; not a number if nothing did.
    #[serde(with = "nan_as_null")]
    pub first: f64,
    /// Over what began in the second.
    #[serde(with = "nan_as_null")]
    pub second: f64,
}

/// Everything one run produced.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Record {
    /// One entry per metric of the family, in the family's order.
    pub observations: Vec<Observation>,
    /// Curves over time.
    pub series: Vec<Series>,
    /// Single measurements.
    pub samples: Vec<Samples>,
    /// Headline metrics by halves of the measurement.
    pub halves: Vec<Halves>,
    /// Hash of all delivered events, the fingerprint of the run.
    pub digest: u64,
    /// Events delivered to peers.
    pub events: u64,
    /// Things a reader of the result has to know ("tables pre-aged", "one shard: zero latency").
    pub notes: Vec<String>,
}

impl Record {
    /// Adds a plain value.
    pub fn value(&mut self, metric: &MetricDef, value: f64) {
        let metric = metric.name.to_string();
        self.observations.push(Observation {
            metric,
            value,
            trials: 0,
        });
    }

    /// Adds the share `successes / trials`; not a number without trials.
    pub fn proportion(&mut self, metric: &MetricDef, successes: u32, trials: u32) {
        let value = f64::from(successes) / f64::from(trials);
        self.observations.push(Observation {
            metric: metric.name.to_string(),
            value,
            trials,
        });
    }

    /// Adds a headline metric by halves of the measurement.
    pub fn halves(&mut self, metric: &MetricDef, [first, second]: [f64; 2]) {
        let metric = metric.name.to_string();
        self.halves.push(Halves {
            metric,
            first,
            second,
        });
    }

    /// The value of a metric, if the run has it.
    pub fn get(&self, metric: &str) -> Option<f64> {
        self.observations
            .iter()
            .find(|o| o.metric == metric)
            .map(|o| o.value)
    }
}

/// JSON has no word for "not a number".
mod nan_as_null {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    pub(super) fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        Some(*value)
            .filter(|value| !value.is_nan())
            .serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        Ok(Option::deserialize(deserializer)?.unwrap_or(f64::NAN))
    }
}
