//! Every metric at every point, over its runs.

use super::results::{PointResult, Results};
use crate::math::interval::clustered;
use crate::math::stats::Summary;

/// How an interval came about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Method {
    /// No interval: fewer than two runs with a value.
    None,
    /// Student's t over the runs.
    StudentT,
    /// Wilson's with the runs as clusters of trials.
    ClusteredWilson,
}

impl Method {
    /// The word in `summary.csv`.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::StudentT => "t",
            Self::ClusteredWilson => "wilson-clustered",
        }
    }
}

/// One metric at one point.
#[derive(Clone, PartialEq, Debug)]
pub struct MetricSummary<'a> {
    /// Variant and coordinates.
    pub point: &'a PointResult,
    /// Name of the metric.
    pub metric: &'a str,
    /// Unit of the metric; `share` for shares, empty for pure numbers.
    pub unit: &'static str,
    /// Over the runs. For a share of trials, mean and interval are those of all trials (a run with
    /// more trials weighs more); the percentiles are of the runs' own shares.
    pub over_runs: Summary,
    /// Where the interval comes from.
    pub method: Method,
    /// Trials in all runs; zero for plain values.
    pub trials: u64,
}

/// Summarises one metric at one point: shares of repeated trials by [`clustered`], all else by
/// [`Summary::of`], in the order of the seeds.
pub fn summarise<'a>(
    point: &'a PointResult,
    metric: &'a str,
    unit: &'static str,
) -> MetricSummary<'a> {
    let runs = point.sorted_runs();
    let seen = |record: &'a crate::observe::record::Record| {
        record.observations.iter().find(|o| o.metric == metric)
    };
    let values: Vec<f64> = runs
        .iter()
        .filter_map(|(_, r)| seen(r))
        .map(|o| o.value)
        .collect();
    let clusters: Vec<(u64, u64)> = runs
        .iter()
        .filter_map(|(_, record)| seen(record))
        .filter(|o| o.trials > 0 && !o.value.is_nan())
        .map(|o| {
            (
                (o.value * f64::from(o.trials)).round() as u64,
                u64::from(o.trials),
            )
        })
        .collect();
    let mut over_runs = Summary::of(&values);
    let mut method = Method::StudentT;
    let mut trials = 0;
    if !clusters.is_empty() {
        let proportion = clustered(&clusters);
        over_runs.n = proportion.clusters;
        over_runs.mean = proportion.share;
        over_runs.low = proportion.low;
        over_runs.high = proportion.high;
        trials = proportion.trials;
        method = Method::ClusteredWilson;
    }
    if unit == "share" {
        // Student's interval knows nothing of 0 and 1; the mean of shares does.
        over_runs.low = over_runs.low.clamp(0.0, 1.0);
        over_runs.high = over_runs.high.clamp(0.0, 1.0);
    }
    if over_runs.interval().is_none() {
        method = Method::None;
    }
    MetricSummary {
        point,
        metric,
        unit,
        over_runs,
        method,
        trials,
    }
}

/// Every metric at every point: points in canonical order, metrics in the family's.
pub fn summarise_all(results: &Results) -> Vec<MetricSummary<'_>> {
    let metrics = results.metrics();
    let points = results.sorted_points().into_iter();
    points
        .flat_map(|point| {
            metrics
                .iter()
                .map(move |(name, unit)| summarise(point, name, unit))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::record::{Observation, Record};

    fn point(observations: &[(f64, u32)]) -> PointResult {
        let record = |&(value, trials)| Record {
            observations: vec![Observation {
                metric: "m".into(),
                value,
                trials,
            }],
            ..Record::default()
        };
        let runs = (1..).zip(observations.iter().map(record)).collect();
        PointResult {
            runs,
            ..PointResult::default()
        }
    }

    #[test]
    fn shares_of_trials_are_pooled_and_plain_values_are_not() {
        let shares = point(&[(0.5, 2), (0.0, 8), (f64::NAN, 0)]);
        let summary = summarise(&shares, "m", "share");
        assert!(
            (summary.over_runs.mean - 0.1).abs() < 1e-15,
            "1 of 10, not the mean of shares"
        );
        assert_eq!(
            (summary.method, summary.trials),
            (Method::ClusteredWilson, 10)
        );
        assert_eq!((summary.over_runs.n, summary.over_runs.missing), (2, 1));
        let plain = point(&[(0.5, 0), (0.0, 0)]);
        let summary = summarise(&plain, "m", "share");
        assert_eq!(
            (summary.over_runs.mean, summary.method),
            (0.25, Method::StudentT)
        );
    }

    #[test]
    fn the_interval_of_a_share_stays_between_0_and_1() {
        let shares = point(&[(1.0, 0), (0.99, 0), (1.0, 0)]);
        let of = |unit| summarise(&shares, "m", unit).over_runs.interval();
        assert!(of("").is_some_and(|(_, high)| high > 1.0));
        assert!(of("share").is_some_and(|(low, high)| low > 0.9 && high <= 1.0));
        assert_eq!(
            summarise(&point(&[(0.5, 0)]), "m", "share")
                .over_runs
                .interval(),
            None
        );
    }

    #[test]
    fn one_run_has_no_interval() {
        for trials in [0, 50] {
            let one = point(&[(0.5, trials)]);
            let summary = summarise(&one, "m", "");
            assert_eq!(
                (summary.method, summary.over_runs.interval()),
                (Method::None, None)
            );
            assert_eq!(summary.over_runs.n, 1);
        }
        assert_eq!(summarise(&point(&[]), "m", "").over_runs.n, 0);
    }
}
