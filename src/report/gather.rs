//! From a scenario and its runs to [`Results`].

use super::results::{AxisValue, PointResult, Results};
use crate::experiment::Run;
use crate::observe::record::{MetricDef, Record};
use crate::random::hash::mix2;
use crate::scenario::{Body, Scenario, Settings};

/// The results of `scenario`: the point at each position is the scenario's point there. Runs without
/// a record are left out.
pub fn gather(
    scenario: &Scenario<Settings>,
    version: &str,
    runs: Vec<(Run, Option<Record>)>,
) -> Results {
    let alone = scenario.variants.len() == 1;
    let paths = scenario.axes.iter().map(|axis| &axis.path);
    let mut metric_defs: Vec<MetricDef> = Vec::new();
    let mut points = Vec::new();
    for point in &scenario.points {
        for metric in point.body.metrics() {
            if metric_defs.iter().all(|known| known.name != metric.name) {
                metric_defs.push(*metric);
            }
        }
        let axes = paths
            .clone()
            .zip(&point.values)
            .map(|(path, value)| AxisValue {
                path: path.clone(),
                text: value
                    .as_ref()
                    .map_or_else(String::new, |value| value.text.clone()),
                number: value.as_ref().and_then(|value| value.number),
            });
        points.push(PointResult {
            variant: if alone {
                String::new()
            } else {
                point.variant.clone()
            },
            axes: axes.collect(),
            runs: Vec::new(),
        });
    }
    for (run, record) in runs {
        if let Some(record) = record {
            points[run.point].runs.push((run.seed, record));
        }
    }
    Results {
        name: scenario.name.clone(),
        about: scenario.about.clone(),
        version: version.to_owned(),
        axes: paths.cloned().collect(),
        points,
        metric_defs,
    }
}

/// The digest of all runs, in canonical order: the fingerprint of the whole experiment.
pub fn digest(results: &Results) -> u64 {
    let points = results.sorted_points().into_iter();
    let runs = points.flat_map(PointResult::sorted_runs);
    runs.fold(0, |digest, (seed, record)| {
        mix2(mix2(digest, *seed), record.digest)
    })
}

/// What a reader of the results has to know, each once, in canonical order.
pub fn notes(results: &Results) -> Vec<&str> {
    let mut notes: Vec<&str> = Vec::new();
    for point in results.sorted_points() {
        for note in point
            .sorted_runs()
            .into_iter()
            .flat_map(|(_, record)| &record.notes)
        {
            if !notes.contains(&note.as_str()) {
                notes.push(note);
            }
        }
    }
    notes
}
