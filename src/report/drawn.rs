//! The charts a scenario asks for, and those it gets if it asks for none.

use super::chart::{Chart, ChartError, Level};
use super::figures::{self, Look};
use super::results::{PointResult, Results};
use super::summary::summarise;
use crate::observe::record::Better;
use crate::scenario::{Bound, ChartKind, ChartSpec, Expect, Scale};

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
        kind,
        metric: None,
        series: None,
        samples: None,
        x: results.axes.first().cloned(),
        title: None,
        x_scale: Scale::Linear,
        y_scale: Scale::Linear,
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
        let metric = Some(metric.name.to_owned());
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

/// A metric along one axis. Points to which the axis means nothing are levels across the chart: a
/// flood beside a sweep of fanouts.
fn lines(results: &Results, spec: &ChartSpec, expects: &[Expect]) -> Result<Chart, ChartError> {
    let x = spec.x.as_deref().unwrap_or_default();
    let mut look = look(spec);
    look.levels = levels(spec.subject(), expects);
    let Some(first) = results.axes.iter().position(|axis| axis == x) else {
        return figures::metric(results, spec.subject(), &look);
    };
    let mut turned = results.clone();
    turned.axes.swap(0, first);
    turned.points.clear();
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
            let summary = summarise(point, spec.subject(), "");
            if !summary.over_runs.mean.is_nan() {
                look.levels.push(Level {
                    name: point.label(),
                    value: summary.over_runs.mean,
                });
            }
        }
    }
    figures::metric(&turned, spec.subject(), &look)
}

/// A metric of every point, one bar each.
fn bars(results: &Results, spec: &ChartSpec, expects: &[Expect]) -> Result<Chart, ChartError> {
    let mut flat = results.clone();
    flat.axes.clear();
    for point in &mut flat.points {
        point.variant = point.label();
        point.axes.clear();
    }
    let mut look = look(spec);
    look.levels = levels(spec.subject(), expects);
    figures::metric(&flat, spec.subject(), &look)
}

/// What is expected of a metric, as levels; each once.
fn levels(metric: &str, expects: &[Expect]) -> Vec<Level> {
    let mut levels: Vec<Level> = Vec::new();
    for expect in expects.iter().filter(|expect| expect.metric == metric) {
        let ends = match expect.bound {
            Bound::Below(end) => vec![("expected below", end)],
            Bound::Above(end) => vec![("expected above", end)],
            Bound::Between(least, most) => {
                vec![("expected above", least), ("expected below", most)]
            }
        };
        for (name, value) in ends {
            let level = Level {
                name: name.to_owned(),
                value,
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

/// `eclipse.success`; a second chart of it is `eclipse.success-2`.
fn stem(spec: &ChartSpec, drawn: &[(String, Chart)]) -> String {
    let keep = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let name: String = spec.subject().chars().filter(|&c| keep(c)).collect();
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
    fn a_variant_without_the_axis_is_a_level() {
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
        assert!(chart.svg.contains("hardened"));
        assert!(chart.csv.contains("classic,32,"), "{}", chart.csv);
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
}
