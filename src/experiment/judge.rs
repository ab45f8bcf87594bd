//! Verdicts on what a scenario expects.

use crate::math::stats::Summary;
use crate::report::Results;
use crate::report::summary::{MetricSummary, summarise};
use crate::scenario::{Bound, Estimate, Expect, Scenario, Settings, Stat, Verdict};
use serde::Serialize;

/// One expectation at one point, judged.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Judged {
    /// The metric.
    pub metric: String,
    /// Its unit.
    pub unit: String,
    /// Which statistic over seeds: `mean`, `median`, `min`, `max`.
    pub stat: String,
    /// What was expected, as text: `below 0.2`.
    pub expected: String,
    /// Variant and sweep point.
    pub point: String,
    /// The value.
    pub value: f64,
    /// Lower end of its interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Runs.
    pub n: u32,
    /// `pass`, `fail` or `unsure`.
    pub verdict: String,
}

/// Judges every expectation at every point it is about. `results.points` are in the order of the
/// scenario's.
pub fn judge(scenario: &Scenario<Settings>, results: &Results) -> Vec<Judged> {
    let mut judged = Vec::new();
    for expect in &scenario.expects {
        for &at in &expect.points {
            let point = &results.points[at];
            let summary = summarise(point, &expect.metric, expect.unit);
            let estimate = estimate(expect, &summary);
            let verdict = match expect.bound.verdict(&estimate) {
                Verdict::Pass => "pass",
                Verdict::Fail => "fail",
                Verdict::Unsure => "unsure",
            };
            judged.push(Judged {
                metric: expect.metric.clone(),
                unit: expect.unit.to_owned(),
                stat: format!("{:?}", expect.stat).to_lowercase(),
                expected: bound(expect.bound, expect.unit),
                point: point.label(),
                value: estimate.mean,
                low: estimate.low,
                high: estimate.high,
                n: estimate.n,
                verdict: verdict.to_owned(),
            });
        }
    }
    judged
}

fn estimate(expect: &Expect, summary: &MetricSummary<'_>) -> Estimate {
    let Summary {
        n,
        mean,
        low,
        high,
        min,
        max,
        p50,
        ..
    } = summary.over_runs;
    let n = n as u32;
    match expect.stat {
        Stat::Mean => {
            let (low, high) = summary.over_runs.interval().unwrap_or((low, high));
            Estimate { mean, low, high, n }
        }
        // The extremes are what they are; the median of few seeds lies between them.
        Stat::Median => Estimate {
            mean: p50,
            low: min,
            high: max,
            n,
        },
        Stat::Min => Estimate {
            mean: min,
            low: min,
            high: min,
            n,
        },
        Stat::Max => Estimate {
            mean: max,
            low: max,
            high: max,
            n,
        },
    }
}

fn bound(bound: Bound, unit: &str) -> String {
    let say = |limit: f64| match unit {
        // Rounded far below what is meant, so that 99.9 % is not 99.90000000000001 %.
        "share" => format!("{} %", (limit * 1e12).round() / 1e10),
        "" => limit.to_string(),
        unit => format!("{limit} {unit}"),
    };
    match bound {
        Bound::Below(limit) => format!("below {}", say(limit)),
        Bound::Above(limit) => format!("above {}", say(limit)),
        Bound::Between(least, most) => format!("between {} and {}", say(least), say(most)),
    }
}
