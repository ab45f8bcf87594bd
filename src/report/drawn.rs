//! The charts a scenario asks for, and those it gets if it asks for none.

use super::chart::{Chart, ChartError, Level};
use super::figures::{self, Look};
use super::forest::forest;
use super::frontier::frontier;
use super::results::{AxisValue, PointResult, Results};
use crate::observe::record::Better;
use crate::scenario::{Bound, ChartKind, ChartSpec, Expect, Scale};
use std::collections::BTreeSet;

/// The charts with the stems of their file names, in the order of the scenario. What has nothing to
/// plot is left out.
///
/// # Errors
/// If a chart cannot be drawn.
pub fn draw(
    results: &Results,
    charts: &[ChartSpec],
    expects: &[Expect],
) -> Result<Vec<(String, Chart)>, ChartError> {
    let own = if charts.is_empty() {
        defaults(results)
    } else {
        charts.to_vec()
    };
    let mut drawn: Vec<(String, Chart)> = Vec::new();
    for spec in &own {
        let chart = match spec.kind {
            ChartKind::Lines => lines(results, spec, expects),
            ChartKind::Bars => bars(results, spec, expects),
            ChartKind::Forest => forest(results, spec.subject(), &look(spec)),
            ChartKind::Frontier => {
                let against = spec.against.as_deref().unwrap_or_default();
                frontier(results, (spec.subject(), against), &look(spec))
            }
            ChartKind::Ecdf => {
                let points = few(results);
                figures::distribution(results, &points, spec.subject(), &look(spec))
            }
            ChartKind::Series => {
                let points = few(results);
                figures::over_time(results, &points, spec.subject(), &look(spec))
            }
        };
        match chart {
            Ok(chart) => drawn.push((stem(spec, &drawn), chart)),
            Err(ChartError::Empty(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(drawn)
}

/// Lines of the first metric that judges along the first axis, or bars of it; the distribution of
/// what was measured singly; the curves over time.
fn defaults(results: &Results) -> Vec<ChartSpec> {
    let spec = |kind| ChartSpec {
        x: results.axes.first().cloned(),
        ..ChartSpec::new(kind)
    };
    let mut specs = Vec::new();
    let judging = results
        .metric_defs
        .iter()
        .find(|metric| metric.better != Better::Neither);
    if let Some(metric) = judging.or(results.metric_defs.first()) {
        let kind = if results.axes.is_empty() {
            ChartKind::Bars
        } else {
            ChartKind::Lines
        };
        let metric = Some(metric.name.to_string());
        specs.push(ChartSpec {
            metric,
            ..spec(kind)
        });
    }
    let first = results.points.iter().flat_map(|point| &point.runs).next();
    if let Some((_, record)) = first {
        for samples in &record.samples {
            let samples = Some(samples.name.clone());
            specs.push(ChartSpec {
                samples,
                ..spec(ChartKind::Ecdf)
            });
        }
        for series in &record.series {
            let series = Some(series.name.clone());
            specs.push(ChartSpec {
                series,
                ..spec(ChartKind::Series)
            });
        }
    }
    specs
}

fn look(spec: &ChartSpec) -> Look {
    Look {
        title: spec.title.clone(),
        x_log: (spec.x_scale == Scale::Log).then_some(true),
        y_log: spec.y_scale == Scale::Log,
        levels: Vec::new(),
    }
}

/// A metric along one axis. Points to which the axis means nothing are the same all along it: a flood
/// beside a sweep of fanouts.
fn lines(results: &Results, spec: &ChartSpec, expects: &[Expect]) -> Result<Chart, ChartError> {
    let x = spec.x.as_deref().unwrap_or_default();
    let mut look = look(spec);
    let Some(first) = results.axes.iter().position(|axis| axis == x) else {
        return bars(results, spec, expects);
    };
    let place = |point: &PointResult| point.axes.get(first).and_then(|axis| axis.number);
    look.levels = levels(results, spec.subject(), expects, place);
    let mut turned = results.clone();
    turned.axes.swap(0, first);
    turned.points.clear();
    let mut values: Vec<&AxisValue> = Vec::new();
    for axis in results
        .points
        .iter()
        .filter_map(|point| point.axes.get(first))
    {
        if !axis.text.is_empty() && values.iter().all(|known| known.text != axis.text) {
            values.push(axis);
        }
    }
    for point in &results.points {
        let apart = point
            .axes
            .get(first)
            .is_none_or(|axis| axis.text.is_empty());
        let others = point.axes.iter().enumerate();
        let alone = others
            .filter(|&(at, _)| at != first)
            .all(|(_, axis)| axis.text.is_empty());
        if !apart {
            let mut point = point.clone();
            point.axes.swap(0, first);
            turned.points.push(point);
        } else if alone {
            // The same at every place of the axis.
            for value in &values {
                let mut point = point.clone();
                point.axes[first] = (*value).clone();
                point.axes.swap(0, first);
                turned.points.push(point);
            }
        }
    }
    figures::metric(&turned, spec.subject(), &look)
}

/// A metric of every point, one bar each: side by side for each variant if a sweep of one axis does
/// not make too many.
fn bars(results: &Results, spec: &ChartSpec, expects: &[Expect]) -> Result<Chart, ChartError> {
    let variants = results.variants();
    let values: BTreeSet<&str> = (results.points.iter())
        .flat_map(|point| &point.axes)
        .map(|axis| axis.text.as_str())
        .collect();
    let every = results.points.len() == variants.len() * values.len();
    if results.axes.len() == 1
        && variants.len() > 1
        && every
        && (2..=figures::CURVES).contains(&values.len())
    {
        let mut look = look(spec);
        let at = |point: &PointResult| {
            let place = variants.iter().position(|name| *name == point.variant);
            place.map(|place| place as f64)
        };
        look.levels = levels(results, spec.subject(), expects, at);
        return figures::grouped(results, spec.subject(), &look);
    }
    let mut flat = results.clone();
    flat.axes.clear();
    for point in &mut flat.points {
        point.variant = point.label();
        point.axes.clear();
    }
    let mut look = look(spec);
    let at = |point: &PointResult| {
        let place = results
            .sorted_points()
            .iter()
            .position(|other| std::ptr::eq(*other, point));
        place.map(|place| place as f64)
    };
    look.levels = levels(results, spec.subject(), expects, at);
    figures::metric(&flat, spec.subject(), &look)
}

/// What is expected of a metric, as levels; each once. `place` tells where on the horizontal axis a
/// point is; what is expected of some points only is drawn at their places.
fn levels(
    results: &Results,
    metric: &str,
    expects: &[Expect],
    place: impl Fn(&PointResult) -> Option<f64>,
) -> Vec<Level> {
    let mut levels: Vec<Level> = Vec::new();
    let about = |expect: &&Expect| expect.metric == metric && expect.against.is_none();
    for expect in expects.iter().filter(about) {
        let mut at: Vec<f64> = Vec::new();
        let mut whose = String::new();
        if expect.points.len() < results.points.len() {
            let points: Vec<&PointResult> = expect
                .points
                .iter()
                .filter_map(|&at| results.points.get(at))
                .collect();
            let places: Option<Vec<f64>> = points.iter().map(|point| place(point)).collect();
            at = places.unwrap_or_default();
            at.dedup();
            // What is drawn at its place needs no name.
            whose = match points[..] {
                _ if !at.is_empty() => String::new(),
                [one] => format!(" ({})", one.label()),
                [first, ..] if points.iter().all(|p| p.variant == first.variant) => {
                    format!(" ({})", first.variant)
                }
                _ => String::new(),
            };
        }
        let ends = match expect.bound {
            Bound::Below(end) => vec![("expected below", end)],
            Bound::Above(end) => vec![("expected above", end)],
            Bound::Between(least, most) => {
                vec![("expected above", least), ("expected below", most)]
            }
        };
        for (name, value) in ends {
            let level = Level {
                name: format!("{name}{whose}"),
                value,
                at: at.clone(),
            };
            if !levels.contains(&level) {
                levels.push(level);
            }
        }
    }
    levels
}

/// The points that one chart of curves can carry: of a sweep the first, the middle and the last
/// value of each axis, if all are too many.
fn few(results: &Results) -> Vec<&PointResult> {
    const MOST: usize = 8;
    let points = results.sorted_points();
    if points.len() <= MOST {
        return points;
    }
    let mut kept = points.clone();
    for at in 0..results.axes.len() {
        let mut texts: Vec<&str> = Vec::new();
        for point in &points {
            let text = point.axes[at].text.as_str();
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        let shown = [0, texts.len() / 2, texts.len() - 1].map(|at| texts[at]);
        kept.retain(|point| {
            let text = point.axes[at].text.as_str();
            text.is_empty() || shown.contains(&text)
        });
    }
    kept.truncate(MOST);
    kept
}

/// The name of a chart's files: `eclipse.success`.
pub(super) fn name(spec: &ChartSpec) -> String {
    let keep = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let mut name: String = spec.subject().chars().filter(|&c| keep(c)).collect();
    if spec.kind == ChartKind::Frontier {
        name.push_str("-frontier");
    }
    name
}

/// The same for one chart of several; a second chart of it is `eclipse.success-2`.
fn stem(spec: &ChartSpec, drawn: &[(String, Chart)]) -> String {
    let name = name(spec);
    let taken = |stem: &str| drawn.iter().any(|(other, _)| other == stem);
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    let mut stems = std::iter::once(name.clone()).chain(numbered);
    stems.find(|stem| !taken(stem)).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::super::results::examples::eclipse;
    use super::*;

    #[test]
    fn without_wishes_there_are_lines_a_distribution_and_a_series() {
        let charts = draw(&eclipse(3), &[], &[]).unwrap();
        let stems: Vec<&str> = charts.iter().map(|(stem, _)| stem.as_str()).collect();
        assert_eq!(
            stems,
            ["eclipse.success", "lookup.delay", "eclipse.poisoned"]
        );
    }

    #[test]
    fn a_variant_without_the_axis_is_the_same_all_along_it() {
        let mut results = eclipse(3);
        results
            .points
            .retain(|p| p.variant == "classic" || p.axes[0].text == "8");
        let apart = results
            .points
            .iter_mut()
            .find(|p| p.variant == "hardened")
            .unwrap();
        apart.axes[0].text.clear();
        apart.axes[0].number = None;
        let (_, chart) = &draw(&results, &[], &[]).unwrap()[0];
        let rows: Vec<&str> = chart
            .csv
            .lines()
            .filter(|l| l.starts_with("hardened,"))
            .collect();
        let numbers = |row: &str| row.splitn(3, ',').nth(2).map(str::to_owned);
        assert_eq!(rows.len(), 3, "{}", chart.csv);
        assert!(rows.iter().all(|row| numbers(row) == numbers(rows[0])));
    }

    #[test]
    fn bars_are_side_by_side_if_every_variant_has_every_value() {
        let mut results = eclipse(3);
        let bars = ChartSpec {
            kind: ChartKind::Bars,
            ..defaults(&results)[0].clone()
        };
        let series = |results: &Results| -> BTreeSet<String> {
            let (_, chart) = &draw(results, std::slice::from_ref(&bars), &[]).unwrap()[0];
            let rows = chart.csv.lines().skip(1);
            rows.map(|row| row.split(',').next().unwrap_or_default().to_owned())
                .collect()
        };
        assert!(series(&results).contains("32"));
        results.points.pop();
        assert_eq!(series(&results), BTreeSet::from([String::new()]));
    }

    #[test]
    fn two_charts_of_one_metric_have_two_names() {
        let mut specs = defaults(&eclipse(3));
        specs.truncate(1);
        specs.push(ChartSpec {
            kind: ChartKind::Bars,
            ..specs[0].clone()
        });
        let charts = draw(&eclipse(3), &specs, &[]).unwrap();
        let stems: Vec<&str> = charts.iter().map(|(stem, _)| stem.as_str()).collect();
        assert_eq!(stems, ["eclipse.success", "eclipse.success-2"]);
    }

    /// Of what costs less and gives more, side by side at each place of the sweep.
    #[test]
    fn a_frontier_rings_who_is_not_beaten() {
        let mut results = eclipse(4);
        let first = results.points[0].axes[0].text.clone();
        results.points.retain(|point| point.axes[0].text == first);
        let name = results.metric_defs[0].name.to_string();
        let frontier = ChartSpec {
            kind: ChartKind::Frontier,
            against: Some(name.clone()),
            ..defaults(&results)[0].clone()
        };
        let (stem, chart) = &draw(&results, &[frontier], &[]).unwrap()[0];
        assert!(stem.ends_with("-frontier"), "{stem}");
        // Against itself the best is the one with the best value alone.
        let rows: Vec<&str> = chart.csv.lines().skip(1).collect();
        let best: Vec<&&str> = rows.iter().filter(|row| row.ends_with(",yes")).collect();
        assert_eq!((rows.len(), best.len()), (2, 1), "{}", chart.csv);
        let mean = |row: &str| -> f64 { row.rsplit(',').nth(3).unwrap().parse().unwrap() };
        let least = rows
            .iter()
            .map(|row| mean(row))
            .fold(f64::INFINITY, f64::min);
        assert!((mean(best[0]) - least).abs() < 1e-12, "{}", chart.csv);
    }

    #[test]
    fn a_forest_has_a_row_for_each_variant_but_the_base() {
        let results = eclipse(4);
        let forest = ChartSpec {
            kind: ChartKind::Forest,
            ..defaults(&results)[0].clone()
        };
        let (_, chart) = &draw(&results, &[forest], &[]).unwrap()[0];
        let rows: Vec<&str> = chart.csv.lines().skip(1).collect();
        let variants = results.variants();
        let of_base = results.points.iter().filter(|p| p.variant == variants[0]);
        assert_eq!(rows.len(), results.points.len() - of_base.count());
        assert!(
            rows.iter()
                .all(|row| row.starts_with(|c: char| c == '"' || c.is_alphanumeric()))
        );
        assert!(rows.iter().all(|row| !row.contains("NaN")), "{rows:?}");
    }
}
