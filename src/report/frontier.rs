//! One metric against another, as a frontier.

use super::chart::{Axis, Chart, ChartError, Frontier, Reach, Spot, Trail};
use super::figures::{Look, caption, words};
use super::results::{PointResult, Results, short_name};
use super::summary::summarise;
use crate::observe::record::Better;

/// The metric `name` of every point against the metric `against`, joined by variant along the sweep. A
/// point is best if no other at the same place of the sweep is better in one and no worse in the other.
///
/// # Errors
/// If no run has a value of both.
pub(super) fn frontier(
    results: &Results,
    (name, against): (&str, &str),
    look: &Look,
) -> Result<Chart, ChartError> {
    let reach = |point: &PointResult, metric: &str| {
        let summary = summarise(point, metric, results.unit(metric)).over_runs;
        Reach {
            mean: summary.mean,
            low: summary.low,
            high: summary.high,
        }
    };
    let points = results.sorted_points();
    let place = |point: &PointResult| -> Vec<String> {
        point.axes.iter().map(|axis| axis.text.clone()).collect()
    };
    let mut spots: Vec<(&PointResult, Spot)> = Vec::new();
    for point in &points {
        let spot = Spot {
            x: reach(point, against),
            y: reach(point, name),
            label: place(point).join(", "),
            is_best: false,
        };
        spots.push((point, spot));
    }
    let good = [sign(results, against), sign(results, name)];
    let values = |spot: &Spot| [good[0] * spot.x.mean, good[1] * spot.y.mean];
    for at in 0..spots.len() {
        let (own_place, own) = (place(spots[at].0), values(&spots[at].1));
        let beaten = spots.iter().any(|(point, other)| {
            let other = values(other);
            place(point) == own_place
                && (0..2).all(|i| other[i] >= own[i])
                && (0..2).any(|i| other[i] > own[i])
        });
        spots[at].1.is_best = !beaten && own.iter().all(|value| value.is_finite());
    }
    let mut trails: Vec<Trail> = Vec::new();
    for (point, spot) in spots {
        let name = &point.variant;
        match trails.iter_mut().find(|trail| trail.name == *name) {
            Some(trail) => trail.spots.push(spot),
            None => trails.push(Trail {
                name: name.clone(),
                spots: vec![spot],
            }),
        }
    }
    let axes: Vec<String> = results.axes.iter().map(|axis| short_name(axis)).collect();
    let beside = if axes.is_empty() {
        String::new()
    } else {
        format!("; beside the points: {}", axes.join(", ").replace('_', " "))
    };
    let runs = points.iter().map(|point| point.runs.len()).max();
    let runs = runs.unwrap_or_default();
    let note = format!(
        "against {against}; mean of {runs} runs, whiskers: 95 % interval{beside}; ring: nobody there is better \
         both ways"
    );
    let axis = |metric: &str, log| Axis {
        label: words(metric),
        unit: results.unit(metric).into(),
        log,
    };
    Frontier {
        caption: look.titled(caption(results, name, &note)),
        x: axis(against, look.x_log.unwrap_or(false)),
        y: axis(name, look.y_log),
        trails,
    }
    .draw()
}

/// Whether more of a metric is better, as a factor.
fn sign(results: &Results, metric: &str) -> f64 {
    let mut known = results.metric_defs.iter();
    match known.find(|def| def.name == metric).map(|def| def.better) {
        Some(Better::Lower) => -1.0,
        Some(Better::Higher | Better::Neither) | None => 1.0,
    }
}
