//! What an experiment leaves behind: the files of its results folder.

use super::{ExperimentError, Judged, Outcome, Plan, VERSION};
use crate::observe::record::Record;
use crate::report::chart::Chart;
use crate::report::{AxisValue, PointResult, Results, csv, figures};
use crate::scenario::{Body, ChartSpec};
use std::collections::BTreeSet;

/// The records by point, in the order of the scenario.
pub fn results(plan: &Plan<'_>, outcome: &Outcome) -> Results {
    let scenario = plan.scenario;
    let axes: Vec<String> = scenario.axes.iter().map(|axis| axis.path.clone()).collect();
    let named = scenario.variants.len() > 1;
    let points = scenario.points.iter().enumerate().map(|(at, point)| {
        let values = axes
            .iter()
            .zip(&point.values)
            .map(|(path, value)| AxisValue {
                path: path.clone(),
                text: value
                    .as_ref()
                    .map_or_else(String::new, |value| value.text.clone()),
                number: value.as_ref().and_then(|value| value.number),
            });
        let runs = plan
            .runs
            .iter()
            .zip(&outcome.records)
            .filter(|(run, _)| run.point == at);
        let runs = runs.filter_map(|(run, record)| Some((run.seed, record.clone()?)));
        PointResult {
            variant: if named {
                point.variant.clone()
            } else {
                String::new()
            },
            axes: values.collect(),
            runs: runs.collect(),
        }
    });
    let mut metric_defs = Vec::new();
    for point in &scenario.points {
        for def in point.body.metrics() {
            if !metric_defs.contains(def) {
                metric_defs.push(*def);
            }
        }
    }
    Results {
        name: scenario.name.clone(),
        about: scenario.about.clone(),
        version: VERSION.to_owned(),
        axes: axes.clone(),
        points: points.collect(),
        metric_defs,
    }
}

/// The charts the scenario asks for, or all there can be, by file stem.
///
/// # Errors
/// If one cannot be drawn.
pub fn charts(plan: &Plan<'_>, results: &Results) -> Result<Vec<(String, Chart)>, ExperimentError> {
    let wanted: Vec<&str> = plan
        .scenario
        .charts
        .iter()
        .map(ChartSpec::subject)
        .collect();
    let mut charts = figures::all(results)?;
    if !wanted.is_empty() {
        let stems: Vec<String> = wanted.iter().map(|name| figures::file_stem(name)).collect();
        // A chart of many points is one of several: `NAME-8`, `NAME-16`.
        let is_wanted = |stem: &str, wanted: &String| {
            stem.strip_prefix(wanted.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        charts.retain(|(stem, _)| stems.iter().any(|wanted| is_wanted(stem, wanted)));
    }
    Ok(charts)
}

/// All files of the results folder, `host.json` excepted.
///
/// # Errors
/// If a picture cannot be made.
pub fn files(
    plan: &Plan<'_>,
    results: &Results,
    judged: &[Judged],
    charts: &[(String, Chart)],
    png: bool,
) -> Result<Vec<(String, Vec<u8>)>, ExperimentError> {
    let scenario = plan.scenario;
    let mut files = vec![
        (
            "scenario.toml".to_owned(),
            scenario.text.clone().into_bytes(),
        ),
        ("runs.csv".to_owned(), csv::runs(results).into_bytes()),
        ("metrics.csv".to_owned(), csv::metrics(results).into_bytes()),
        ("summary.csv".to_owned(), csv::summary(results).into_bytes()),
        (
            "notes.txt".to_owned(),
            notes(results, &scenario.sets).into_bytes(),
        ),
    ];
    for variant in &scenario.variants {
        if let Some(text) = scenario.resolved(variant) {
            files.push((format!("resolved/{variant}.toml"), text.into_bytes()));
        }
    }
    if !judged.is_empty() {
        let mut text = serde_json::to_string_pretty(judged).unwrap_or_default();
        text.push('\n');
        files.push(("expectations.json".to_owned(), text.into_bytes()));
    }
    for (stem, chart) in charts {
        files.push((format!("charts/{stem}.svg"), chart.svg.clone().into_bytes()));
        files.push((format!("charts/{stem}.csv"), chart.csv.clone().into_bytes()));
        if png {
            files.push((format!("charts/{stem}.png"), chart.png()?));
        }
    }
    Ok(files)
}

/// What a reader of the results has to know, each thing once.
fn notes(results: &Results, sets: &[String]) -> String {
    let records = results.points.iter().flat_map(|point| &point.runs);
    let notes: BTreeSet<&str> = records
        .flat_map(|(_, record): &(u64, Record)| record.notes.iter().map(String::as_str))
        .collect();
    let mut lines = vec![format!("peerlab {VERSION}, scenario {}", results.name)];
    lines.extend(
        sets.iter()
            .map(|set| format!("- changed on the command line: {set}")),
    );
    lines.extend(notes.into_iter().map(|note| format!("- {note}")));
    lines.push(String::new());
    lines.join("\n")
}
