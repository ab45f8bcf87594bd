//! From a scenario and its runs to [`Results`].

use super::drift::drifts;
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
    let points = results.canonical_points().into_iter();
    let runs = points.flat_map(PointResult::sorted_runs);
    runs.fold(0, |digest, (seed, record)| {
        mix2(mix2(digest, *seed), record.digest)
    })
}

/// What a reader of the results has to know, in canonical order. Notes that differ only in numbers
/// are one, with the number of runs that say so; what all runs say is said without.
pub fn notes(results: &Results) -> Vec<String> {
    let pattern = |note: &str| {
        let number = |word: &&str| word.parse::<f64>().is_ok();
        let words = note
            .split(' ')
            .map(|word| if number(&word) { "#" } else { word });
        words.collect::<Vec<_>>().join(" ")
    };
    let mut runs = 0;
    // Pattern, first note, whether all are alike to the letter, in how many runs.
    let mut notes: Vec<(String, &str, bool, usize)> = Vec::new();
    for point in results.sorted_points() {
        for (_, record) in point.sorted_runs() {
            runs += 1;
            for note in &record.notes {
                let pattern = pattern(note);
                match notes.iter_mut().find(|(known, ..)| *known == pattern) {
                    Some((_, first, same, count)) => {
                        *same &= first == note;
                        *count += 1;
                    }
                    None => notes.push((pattern, note, true, 1)),
                }
            }
        }
    }
    let text = |(_, note, same, count): (String, &str, bool, usize)| match (same, count == runs) {
        (true, true) => note.to_owned(),
        (true, false) => format!("{note} (in {count} of {runs} runs)"),
        (false, _) => format!("{note} (or other numbers, in {count} of {runs} runs)"),
    };
    let mut notes: Vec<String> = notes.into_iter().map(text).collect();
    notes.extend(drifts(results));
    notes
}
