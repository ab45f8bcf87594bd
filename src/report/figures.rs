//! The standard charts of an experiment: every metric, every distribution, every series.

use super::chart::{
    Axis, Bar, BarGroup, Bars, Caption, Chart, ChartError, Distribution, Ecdf, Level, Line, Lines,
    Point, Series,
};
use super::results::{PointResult, Results, short_name};
use super::summary::{MetricSummary, summarise};
use crate::math::stats::{Summary, quantile};
use crate::observe::record::Record;
use std::collections::BTreeMap;

/// Curves that one chart can carry.
pub(super) const CURVES: usize = 6;

/// What a scenario may say about the look of a chart.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Look {
    /// The title; made from the metric's meaning if left out.
    pub title: Option<String>,
    /// A logarithmic x axis; where it fits if left out.
    pub x_log: Option<bool>,
    /// A logarithmic y axis.
    pub y_log: bool,
    /// Levels to compare with.
    pub levels: Vec<Level>,
}

impl Look {
    pub(super) fn titled(&self, caption: Caption) -> Caption {
        match &self.title {
            Some(title) => Caption {
                title: title.clone(),
                ..caption
            },
            None => caption,
        }
    }
}

/// Charts with the stems of their file names (`eclipse.success` for `charts/eclipse.success.svg`),
/// in canonical order. What has nothing to plot is left out.
///
/// # Errors
/// If a chart cannot be drawn.
pub fn all(results: &Results) -> Result<Vec<(String, Chart)>, ChartError> {
    let mut charts = Vec::new();
    let mut keep = |stem: &str, drawn: Result<Chart, ChartError>| match drawn {
        Ok(chart) => {
            charts.push((file_stem(stem), chart));
            Ok(())
        }
        Err(ChartError::Empty(_)) => Ok(()),
        Err(error) => Err(error),
    };
    for (name, _) in results.metrics() {
        keep(name, metric(results, name, &Look::default()))?;
    }
    for name in names(results, |record| {
        record.samples.iter().map(|s| s.name.as_str()).collect()
    }) {
        for (suffix, points) in groups(results) {
            keep(
                &format!("{name}{suffix}"),
                distribution(results, &points, name, &Look::default()),
            )?;
        }
    }
    for name in names(results, |record| {
        record.series.iter().map(|s| s.name.as_str()).collect()
    }) {
        for (suffix, points) in groups(results) {
            keep(
                &format!("{name}{suffix}"),
                over_time(results, &points, name, &Look::default()),
            )?;
        }
    }
    Ok(charts)
}

/// One metric of every variant at every value of the only axis of the sweep: the variants side by
/// side, a bar per value.
///
/// # Errors
/// If no run has a value of it.
pub fn grouped(results: &Results, name: &str, look: &Look) -> Result<Chart, ChartError> {
    let unit = results.unit(name);
    let points = results.sorted_points();
    let categories: Vec<String> = results.variants().into_iter().map(str::to_owned).collect();
    let nothing = Bar {
        value: f64::NAN,
        low: f64::NAN,
        high: f64::NAN,
    };
    let mut groups: Vec<BarGroup> = Vec::new();
    for point in &points {
        let name_of_group = point.axes.first().map_or("", |axis| axis.text.as_str());
        let known = groups.iter().position(|group| group.name == name_of_group);
        let at = known.unwrap_or(groups.len());
        if at == groups.len() {
            groups.push(BarGroup {
                name: name_of_group.to_owned(),
                bars: vec![nothing; categories.len()],
            });
        }
        let summary = summarise(point, name, unit).over_runs;
        if let Some(category) = categories.iter().position(|v| *v == point.variant) {
            groups[at].bars[category] = Bar {
                value: summary.mean,
                low: summary.low,
                high: summary.high,
            };
        }
    }
    Bars {
        caption: look.titled(caption(results, name, &runs_note(&points, "whiskers"))),
        x: String::new(),
        y: Axis {
            label: words(name),
            unit: unit.into(),
            log: false,
        },
        categories,
        groups,
        levels: look.levels.clone(),
    }
    .draw()
}

/// One metric: over the first axis of the sweep if there is one (further axes and the variant make
/// the curves), else bars by variant.
///
/// # Errors
/// If no run has a value of it.
pub fn metric(results: &Results, name: &str, look: &Look) -> Result<Chart, ChartError> {
    let unit = results.unit(name);
    let points = results.sorted_points();
    let summaries: Vec<_> = points
        .iter()
        .map(|point| summarise(point, name, unit))
        .collect();
    let y = Axis {
        label: words(name),
        unit: unit.into(),
        log: look.y_log,
    };
    let Some(axis) = results.axes.first() else {
        let bars = summaries.iter().map(|s| Bar {
            value: s.over_runs.mean,
            low: s.over_runs.low,
            high: s.over_runs.high,
        });
        let label = |p: &&PointResult| {
            if p.variant.is_empty() {
                results.name.clone()
            } else {
                p.variant.clone()
            }
        };
        return Bars {
            caption: look.titled(caption(results, name, &runs_note(&points, "whiskers"))),
            x: String::new(),
            y,
            categories: points.iter().map(label).collect(),
            groups: vec![BarGroup {
                name: String::new(),
                bars: bars.collect(),
            }],
            levels: look.levels.clone(),
        }
        .draw();
    };
    let numeric = points
        .iter()
        .all(|p| p.axes.first().is_some_and(|a| a.number.is_some()));
    let mut ticks: Vec<(f64, String)> = Vec::new();
    let mut lines: Vec<Line> = Vec::new();
    for entry in &summaries {
        let text = entry.point.axes.first().map_or("", |a| a.text.as_str());
        let x = match entry
            .point
            .axes
            .first()
            .and_then(|a| a.number)
            .filter(|_| numeric)
        {
            Some(number) => number,
            None => ticks
                .iter()
                .position(|(_, t)| t == text)
                .unwrap_or(ticks.len()) as f64,
        };
        if ticks.iter().all(|(_, known)| known != text) {
            ticks.push((x, text.to_owned()));
        }
        let name = curve_name(entry.point);
        let point = point(x, entry);
        match lines.iter_mut().find(|line| line.name == name) {
            Some(line) => line.points.push(point),
            None => lines.push(Line {
                name,
                points: vec![point],
            }),
        }
    }
    ticks.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (first, last) = (
        ticks.first().map_or(0.0, |t| t.0),
        ticks.last().map_or(0.0, |t| t.0),
    );
    for line in &mut lines {
        line.points.sort_by(|a, b| a.x.total_cmp(&b.x));
    }
    let form = if numeric { "bands" } else { "whiskers" };
    Lines {
        caption: look.titled(caption(results, name, &runs_note(&points, form))),
        // A sweep by factors wants a logarithmic axis.
        x: Axis {
            label: short_name(axis).replace('_', " "),
            unit: String::new(),
            log: look.x_log.unwrap_or(first > 0.0 && last >= 30.0 * first),
        },
        y,
        categories: if numeric {
            Vec::new()
        } else {
            ticks.iter().map(|t| t.1.clone()).collect()
        },
        ticks: if numeric { ticks } else { Vec::new() },
        lines,
        levels: look.levels.clone(),
    }
    .draw()
}

/// The distribution of single measurements at these points, all runs of a point together.
///
/// # Errors
/// If no run has any.
pub fn distribution(
    results: &Results,
    points: &[&PointResult],
    name: &str,
    look: &Look,
) -> Result<Chart, ChartError> {
    let mut unit = "";
    let mut distributions = Vec::new();
    for point in points {
        let mut all = Distribution {
            name: point.label(),
            ..Distribution::default()
        };
        for (_, record) in &point.runs {
            for samples in record.samples.iter().filter(|s| s.name == name) {
                unit = &samples.unit;
                all.censored += samples.censored;
                all.values
                    .extend(samples.values.iter().filter(|v| !v.is_nan()));
            }
        }
        all.values.sort_unstable_by(f64::total_cmp);
        if !all.values.is_empty() || all.censored > 0 {
            distributions.push(all);
        }
    }
    // All together: a fast way beside a slow one shows nothing on a linear axis.
    let ends = |share: f64| {
        distributions
            .iter()
            .map(move |d| quantile(&d.values, share))
    };
    let low = ends(0.05).fold(f64::INFINITY, f64::min);
    let high = ends(0.99).fold(0.0, f64::max);
    let wide = low > 0.0 && high > 30.0 * low;
    let positive = distributions
        .iter()
        .filter_map(|d| d.values.first())
        .all(|v| *v > 0.0);
    let log = positive && wide;
    let censored = distributions.iter().any(|d| d.censored > 0);
    let note = if censored {
        "all runs together; dashed: never, as counted in the legend"
    } else {
        "all runs together"
    };
    Ecdf {
        caption: look.titled(caption(results, name, note)),
        x: Axis {
            label: words(name),
            unit: unit.into(),
            log: look.x_log.unwrap_or(log),
        },
        of: "cumulative share".into(),
        distributions,
    }
    .draw()
}

/// A series at these points: mean over the runs with its interval as a band.
///
/// # Errors
/// If no run has it.
pub fn over_time(
    results: &Results,
    points: &[&PointResult],
    name: &str,
    look: &Look,
) -> Result<Chart, ChartError> {
    let mut unit = "";
    let mut lines = Vec::new();
    for point in points {
        // Runs may stop at different times: each instant has the runs that reached it. Positive
        // numbers sort like their bits.
        let mut instants: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
        for (_, record) in point.sorted_runs() {
            for series in record.series.iter().filter(|s| s.name == name) {
                unit = &series.unit;
                for (x, y) in series.points.iter().filter(|(x, _)| *x >= 0.0) {
                    instants.entry((x + 0.0).to_bits()).or_default().push(*y);
                }
            }
        }
        let points = instants.into_iter().map(|(bits, values)| {
            let over_runs = Summary::of(&values);
            let (low, high) = (over_runs.low, over_runs.high);
            Point {
                x: f64::from_bits(bits),
                y: over_runs.mean,
                low,
                high,
            }
        });
        lines.push(Line {
            name: point.label(),
            points: points.collect(),
        });
    }
    Series {
        caption: look.titled(Caption {
            title: capital(&format!("{} over time", words(name))),
            note: format!("{}: {name}; {}", results.name, runs_note(points, "bands")),
        }),
        x: Axis {
            label: "simulated time".into(),
            unit: "s".into(),
            log: look.x_log.unwrap_or(false),
        },
        y: Axis {
            label: words(name),
            unit: unit.into(),
            log: look.y_log,
        },
        lines,
        levels: look.levels.clone(),
    }
    .draw()
}

fn point(x: f64, entry: &MetricSummary<'_>) -> Point {
    let s = &entry.over_runs;
    Point {
        x,
        y: s.mean,
        low: s.low,
        high: s.high,
    }
}

/// Variant and further axes: `hardened, replicas 3`.
fn curve_name(point: &PointResult) -> String {
    let variant = Some(point.variant.clone()).filter(|v| !v.is_empty());
    let others = point
        .axes
        .iter()
        .skip(1)
        .map(|axis| format!("{} {}", short_name(&axis.path), axis.text));
    variant
        .into_iter()
        .chain(others)
        .collect::<Vec<_>>()
        .join(", ")
}

/// The metric's meaning as the title, its name before the note; the name alone for what has no
/// meaning on record.
pub(super) fn caption(results: &Results, name: &str, note: &str) -> Caption {
    let meaning = results
        .metric_defs
        .iter()
        .find(|d| d.name == name)
        .map_or("", |d| d.meaning);
    // The first clause says what it is; the rest is in `summary.csv` and `sim explain`.
    let clause = meaning.split(['.', ';', ':']).next().unwrap_or_default();
    if clause.is_empty() {
        return Caption {
            title: capital(&words(name)),
            note: format!("{}: {name}; {note}", results.name),
        };
    }
    Caption {
        title: capital(clause),
        note: format!("{}: {name}; {note}", results.name),
    }
}

/// The last part of a dotted name, in words: `eclipse.tried_poisoned` is "tried poisoned".
pub(super) fn words(name: &str) -> String {
    let last = name.rsplit('.').next().unwrap_or(name);
    last.replace('_', " ")
}

pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

/// How many runs stand behind each mean, and what the band is.
fn runs_note(points: &[&PointResult], form: &str) -> String {
    let counts = || points.iter().map(|p| p.runs.len());
    match (counts().min().unwrap_or(0), counts().max().unwrap_or(0)) {
        (_, 0 | 1) => "one run, no interval".into(),
        (low, high) if low == high => format!("mean of {low} runs, {form}: 95 % interval"),
        (low, high) => format!("mean of {low} to {high} runs, {form}: 95 % interval"),
    }
}

/// Names that the records hold, each once, by name.
fn names<'a>(results: &'a Results, of: impl Fn(&'a Record) -> Vec<&'a str>) -> Vec<&'a str> {
    let records = results
        .points
        .iter()
        .flat_map(|p| &p.runs)
        .map(|(_, record)| record);
    let mut names: Vec<&str> = records.flat_map(of).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The points that share a chart, with the ending of its name: all, or if they are too many, the
/// variants at each point of the sweep.
fn groups(results: &Results) -> Vec<(String, Vec<&PointResult>)> {
    let points = results.sorted_points();
    if points.len() <= CURVES {
        return vec![(String::new(), points)];
    }
    let mut groups: Vec<(String, Vec<&PointResult>)> = Vec::new();
    for point in points {
        let texts = point.axes.iter().map(|a| a.text.as_str());
        let place = std::iter::once("")
            .chain(texts)
            .collect::<Vec<_>>()
            .join("-");
        match groups.iter_mut().find(|(known, _)| *known == place) {
            Some((_, members)) => members.push(point),
            None => groups.push((place, vec![point])),
        }
    }
    groups
}

/// A name that every file system takes.
pub fn file_stem(name: &str) -> String {
    let keep = |c: char| {
        if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') {
            c
        } else {
            '_'
        }
    };
    name.chars().map(keep).collect()
}

#[cfg(test)]
mod tests {
    use super::super::results::examples::eclipse;
    use super::*;

    #[test]
    fn every_metric_distribution_and_series_has_a_chart() {
        let charts = all(&eclipse(8)).unwrap();
        let stems: Vec<&str> = charts.iter().map(|(stem, _)| stem.as_str()).collect();
        let expected = [
            "eclipse.success",
            "lookup.delay.p95",
            "lookup.delay",
            "eclipse.poisoned",
        ];
        assert_eq!(stems, expected);
        // 2 variants x 3 points, with the clustered interval of the summary.
        let csv = &charts[0].1.csv;
        assert_eq!(csv.lines().count(), 1 + 6);
        assert!(
            csv.contains("\nclassic,8,") && csv.contains("\nhardened,32,"),
            "{csv}"
        );
        assert!(
            charts[0]
                .1
                .svg
                .contains("mean of 8 runs, bands: 95 % interval")
        );
        let folder = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/charts");
        std::fs::create_dir_all(&folder).unwrap();
        for (stem, chart) in &charts {
            std::fs::write(folder.join(format!("{stem}.png")), chart.png().unwrap()).unwrap();
        }
    }

    #[test]
    fn texts_become_categories_and_no_sweep_becomes_bars() {
        let mut results = eclipse(1);
        for point in &mut results.points {
            point.axes[0].number = None;
        }
        let chart = metric(&results, "eclipse.success", &Look::default()).unwrap();
        assert!(chart.svg.contains("one run, no interval"));
        assert!(chart.csv.contains("classic,16,"));
        results.axes.clear();
        results.points.truncate(1);
        results.points[0].axes.clear();
        assert!(
            metric(&results, "eclipse.success", &Look::default())
                .unwrap()
                .csv
                .contains(",hardened,")
        );
        assert!(metric(&results, "no.such.metric", &Look::default()).is_err());
    }

    #[test]
    fn many_points_are_split_by_the_sweep() {
        let mut results = eclipse(2);
        let mut more = results.points.clone();
        for point in &mut more {
            point.variant.push_str(" too");
        }
        results.points.extend(more);
        let stems: Vec<String> = groups(&results).into_iter().map(|(stem, _)| stem).collect();
        assert_eq!(stems, ["-8", "-16", "-32"]);
        assert_eq!(file_stem("a b/../c-5 %"), "a_b_.._c-5__");
    }
}
