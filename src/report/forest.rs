//! What each variant changes against the base, as a forest plot.

use super::chart::{Axis, Chart, ChartError, Effect, Forest};
use super::figures::{Look, caption, words};
use super::results::{PointResult, Results};
use crate::math::stats::paired_difference;
use crate::observe::record::Record;

/// A metric of every variant but the first, less the first one's at the same place of the sweep: by
/// pairs of runs with the same seed, whose random numbers are common.
///
/// # Errors
/// If there is nothing to compare.
pub(super) fn forest(results: &Results, name: &str, look: &Look) -> Result<Chart, ChartError> {
    let variants = results.variants();
    let base = variants.first().copied().unwrap_or_default();
    let points = results.sorted_points();
    let counterpart = |point: &PointResult| {
        let place = |axes: &PointResult| -> Vec<String> {
            axes.axes.iter().map(|axis| axis.text.clone()).collect()
        };
        let mut others = points.iter();
        others.find(|other| other.variant == base && place(other) == place(point))
    };
    let mut rows = Vec::new();
    let mut pairs_of_runs = 0;
    for point in points.iter().filter(|point| point.variant != base) {
        let Some(before) = counterpart(point) else {
            continue;
        };
        let pairs = pairs(before, point, name);
        pairs_of_runs = pairs_of_runs.max(pairs.len());
        let change = paired_difference(&pairs);
        rows.push(Effect {
            name: point.label(),
            value: change.mean,
            low: change.low,
            high: change.high,
        });
    }
    let note = format!("{pairs_of_runs} pairs of runs with the same seed, whiskers: 95 % interval");
    let base = if base.is_empty() { "the base" } else { base };
    Forest {
        caption: look.titled(caption(results, name, &note)),
        x: Axis {
            label: format!("change of {} against {base}", words(name)),
            unit: results.unit(name).into(),
            log: false,
        },
        rows,
    }
    .draw()
}

/// The values of two points, seed by seed.
fn pairs(before: &PointResult, after: &PointResult, name: &str) -> Vec<(f64, f64)> {
    let after = after.sorted_runs();
    let pair = |(seed, record): &(u64, Record)| {
        let other = after.iter().find(|(other, _)| other == seed)?;
        Some((record.get(name)?, other.1.get(name)?))
    };
    before.sorted_runs().into_iter().filter_map(pair).collect()
}
