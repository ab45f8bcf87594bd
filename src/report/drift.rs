//! Whether a headline metric has settled: the first half of the measurement against the second, run
//! by run. Stationary lives of peers do not make an overlay stationary.

use super::figures::words;
use super::number::shown_unit;
use super::results::{PointResult, Results};
use crate::math::stats::Summary;

/// The fewest runs that can tell.
const RUNS: usize = 5;
/// A drift below this share of the metric is not worth a word.
const WORTH: f64 = 0.05;

/// A word on every metric that is not settled at a point: the mean difference of the halves is more
/// than three standard errors, and more than 5 % of the metric.
pub(super) fn drifts(results: &Results) -> Vec<String> {
    let points = results.sorted_points().into_iter();
    points.flat_map(|point| drifts_at(results, point)).collect()
}

fn drifts_at(results: &Results, point: &PointResult) -> Vec<String> {
    let records = || point.sorted_runs().into_iter().map(|(_, record)| record);
    let mut names: Vec<&str> = Vec::new();
    for halves in records().flat_map(|record| &record.halves) {
        if !names.contains(&halves.metric.as_str()) {
            names.push(&halves.metric);
        }
    }
    let mut said = Vec::new();
    for name in names {
        let pairs = records().flat_map(|record| &record.halves);
        let pairs: Vec<(f64, f64)> = pairs
            .filter(|halves| halves.metric == name)
            .map(|halves| (halves.first, halves.second))
            .filter(|(first, second)| first.is_finite() && second.is_finite())
            .collect();
        let mean = |values: Vec<f64>| Summary::of(&values).mean;
        let first = mean(pairs.iter().map(|pair| pair.0).collect());
        let second = mean(pairs.iter().map(|pair| pair.1).collect());
        let differences: Vec<f64> = pairs.iter().map(|(first, second)| second - first).collect();
        let drift = Summary::of(&differences);
        let error = drift.sd / (drift.n as f64).sqrt();
        let size = f64::midpoint(first.abs(), second.abs());
        if drift.n < RUNS || drift.mean.abs() <= (3.0 * error).max(WORTH * size) {
            continue;
        }
        let shown = shown_unit(results.unit(name), size);
        let text = |value: f64| {
            let value = value / shown.divisor;
            let decimals = if value < 10.0 { 3 } else { 1 };
            format!("{value:.decimals$} {}", shown.name)
        };
        let label = point.label();
        let place = if label.is_empty() {
            String::new()
        } else {
            format!(" at {label}")
        };
        said.push(format!(
            "drift: {name}{place} is not settled, {} {} in the first half of the measurement and {} in \
             the second; a longer `warm_up` may help",
            words(name),
            text(first).trim_end(),
            text(second).trim_end(),
        ));
    }
    said
}

#[cfg(test)]
mod tests {
    use super::super::results::examples::eclipse;
    use super::*;
    use crate::observe::record::Halves;

    fn with(halves: impl Fn(u64) -> (f64, f64)) -> Vec<String> {
        let mut results = eclipse(20);
        results.points.truncate(1);
        for (seed, record) in &mut results.points[0].runs {
            let (first, second) = halves(*seed);
            record.halves.push(Halves {
                metric: "lookup.delay.p95".to_owned(),
                first,
                second,
            });
        }
        drifts(&results)
    }

    #[test]
    fn what_grows_is_named() {
        let said = with(|seed| (1.0, 1.2 + 0.01 * seed as f64));
        assert_eq!(
            said,
            [
                "drift: lookup.delay.p95 at hardened, groups 32 is not settled, p95 1.000 s in the first \
              half of the measurement and 1.305 s in the second; a longer `warm_up` may help"
            ]
        );
    }

    #[test]
    fn what_scatters_or_hardly_moves_is_not() {
        let back_and_forth = |seed: u64| if seed.is_multiple_of(2) { 2.0 } else { 0.5 };
        assert!(with(|seed| (1.0, back_and_forth(seed))).is_empty());
        assert!(with(|_| (1.0, 1.02)).is_empty());
        assert!(with(|_| (f64::NAN, 1.0)).is_empty());
    }
}
