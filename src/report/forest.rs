//! What each variant changes against the base, as a forest plot.

use super::chart::{Axis, Chart, ChartError, Effect, Forest};
use super::compare::with_variants;
use super::figures::{Look, caption, words};
use super::results::{AxisValue, Results};
use crate::math::stats::paired_difference;

/// A metric of every variant but the first, less the first one's at the same place of the sweep (at every
/// place, if the sweep means nothing to the variant): by pairs of runs with the same seed, whose random
/// numbers are common.
///
/// # Errors
/// If there is nothing to compare.
pub(super) fn forest(results: &Results, name: &str, look: &Look) -> Result<Chart, ChartError> {
    let variants = results.variants();
    let base = variants.first().copied().unwrap_or_default();
    let all = with_variants(results);
    let mut rows = Vec::new();
    let mut pairs_of_runs = 0;
    for point in results.sorted_points() {
        for pair in all.iter().filter(|pair| std::ptr::eq(pair.after, point)) {
            let runs = pair.runs().into_iter();
            let values =
                runs.filter_map(|(_, one, other)| Some((one.get(name)?, other.get(name)?)));
            let values: Vec<(f64, f64)> = values.collect();
            pairs_of_runs = pairs_of_runs.max(values.len());
            let change = paired_difference(&values);
            let (label, against) = (point.label(), pair.before.label());
            let is_there = |axis: &AxisValue| !axis.text.is_empty();
            let of_both = pair.before.axes.iter().zip(&point.axes);
            let mut apart = of_both.filter(|(one, other)| is_there(one) && !is_there(other));
            rows.push(Effect {
                name: match apart.next() {
                    Some(_) => format!("{label} against {against}"),
                    None => label,
                },
                value: change.mean,
                low: change.low,
                high: change.high,
            });
        }
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
