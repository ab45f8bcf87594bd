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
                metric_defs.push(metric);
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

/// A note that runs have: its words, each as the smallest and the largest where they are numbers.
struct Note<'a> {
    words: Vec<(&'a str, &'a str)>,
    runs: usize,
}

impl<'a> Note<'a> {
    fn new(note: &'a str) -> Self {
        let words = note.split(' ').map(|word| (word, word));
        Self {
            words: words.collect(),
            runs: 1,
        }
    }

    /// Takes in a run's note if it differs in numbers alone.
    fn merge(&mut self, note: &'a str) -> bool {
        let number = |word: &str| word.parse::<f64>().ok();
        let words: Vec<&str> = note.split(' ').collect();
        let alike = |(known, word): (&(&str, &str), &&str)| {
            known.0 == *word || (number(known.0).is_some() && number(word).is_some())
        };
        if words.len() != self.words.len() || !self.words.iter().zip(&words).all(alike) {
            return false;
        }
        for ((low, high), word) in self.words.iter_mut().zip(words) {
            if number(word) < number(low) {
                *low = word;
            }
            if number(word) > number(high) {
                *high = word;
            }
        }
        self.runs += 1;
        true
    }

    /// `1 to 5 of 20 broadcasts`, and how many of `runs` say so if it is not all.
    fn text(&self, runs: usize) -> String {
        let words = self.words.iter().map(|&(low, high)| {
            if low == high {
                low.to_owned()
            } else {
                format!("{low} to {high}")
            }
        });
        let text = words.collect::<Vec<_>>().join(" ");
        if self.runs == runs {
            text
        } else {
            format!("{text} (in {} of {runs} runs)", self.runs)
        }
    }
}

/// What a reader of the results has to know, in canonical order. Notes that differ only in numbers
/// are one, with the smallest and the largest, and with the number of runs that say so; what all
/// runs say is said without.
pub fn notes(results: &Results) -> Vec<String> {
    let mut runs = 0;
    let mut notes: Vec<Note<'_>> = Vec::new();
    for point in results.sorted_points() {
        for (_, record) in point.sorted_runs() {
            runs += 1;
            for note in &record.notes {
                if !notes.iter_mut().any(|known| known.merge(note)) {
                    notes.push(Note::new(note));
                }
            }
        }
    }
    let mut notes: Vec<String> = notes.iter().map(|note| note.text(runs)).collect();
    notes.extend(drifts(results));
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_that_differ_in_numbers_are_one() {
        let mut note = Note::new("delay: 5 of 20 broadcasts never arrived");
        assert!(note.merge("delay: 1 of 20 broadcasts never arrived"));
        assert!(note.merge("delay: 10 of 20 broadcasts never arrived"));
        assert!(!note.merge("delay: 10 of 20 broadcasts arrived late"));
        assert!(!note.merge("delay: all of 20 broadcasts never arrived"));
        let text = "delay: 1 to 10 of 20 broadcasts never arrived";
        assert_eq!(note.text(3), text);
        assert_eq!(note.text(4), format!("{text} (in 3 of 4 runs)"));
    }
}
