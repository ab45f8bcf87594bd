//! Results read back from their folder: `runs.csv` and `metrics.csv` as records again.

use super::csv::{RUN_COLUMNS, VALUE_COLUMNS};
use super::gather::gather;
use super::results::{PointResult, Results};
use crate::experiment::Run;
use crate::observe::record::{Observation, Record};
use crate::scenario::{Scenario, Settings};
use std::collections::BTreeMap;
use thiserror::Error;

/// How `notes.txt` says what was laid over the scenario.
const CHANGED: &str = "- changed on the command line: ";
/// How it begins to say with how many seeds `[repeat]` ended.
const REPEATED: &str = "- repeated to ";

/// What is wrong with a file of results.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{file}:{line}: {message}")]
pub struct Damage {
    /// Which file, in the folder.
    pub file: &'static str,
    /// The line, from 1.
    pub line: u64,
    /// What is wrong there.
    pub message: String,
}

/// What `notes.txt` knows of how the results came about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Origin {
    /// The version of the program.
    pub version: String,
    /// What was laid over the scenario, the seeds that it was repeated to among it.
    pub sets: Vec<String>,
}

impl Origin {
    /// The first lines of `notes.txt`.
    pub fn write(results: &Results, sets: &[String]) -> Vec<String> {
        let first = format!("peerlab {}, scenario {}", results.version, results.name);
        let sets = sets.iter().map(|set| format!("{CHANGED}{set}"));
        std::iter::once(first).chain(sets).collect()
    }

    /// Reads `notes.txt`.
    ///
    /// # Errors
    /// If its first line is not what a run writes.
    pub fn read(notes: &str) -> Result<Self, Damage> {
        let first = notes.lines().next();
        let first = first.and_then(|line| line.strip_prefix("peerlab "));
        let version = first.and_then(|rest| rest.split_once(", scenario "));
        let (version, _) = version.ok_or_else(|| Damage {
            file: "notes.txt",
            line: 1,
            message: "it does not begin with the version of the program".to_owned(),
        })?;
        let mut sets = Self::changed(notes);
        sets.extend(Self::repeated(notes).map(|count| format!("seeds.count={count}")));
        Ok(Self {
            version: version.to_owned(),
            sets,
        })
    }

    /// The `--set` arguments that a person gave; `--seeds` is among them, as what it sets.
    pub fn changed(notes: &str) -> Vec<String> {
        let sets = notes.lines().filter_map(|line| line.strip_prefix(CHANGED));
        sets.map(str::to_owned).collect()
    }

    /// With how many seeds `[repeat]` ended, if the scenario has one.
    pub fn repeated(notes: &str) -> Option<&str> {
        let mut lines = notes.lines();
        let rest = lines.find_map(|line| line.strip_prefix(REPEATED))?;
        rest.split_once(' ').map(|(count, _)| count)
    }

    /// What else a reader has to know.
    pub fn notes(notes: &str) -> Vec<String> {
        let lines = notes.lines().filter(|line| !line.starts_with(CHANGED));
        let lines = lines.filter_map(|line| line.strip_prefix("- "));
        lines.map(str::to_owned).collect()
    }
}

/// The results of `scenario` (as it was run, with everything laid over it) from the texts of `runs.csv`
/// and `metrics.csv`. Runs that are not there are not in the results; what is there is whole.
///
/// # Errors
/// If a line is not one of this scenario's results.
pub fn read(
    scenario: &Scenario<Settings>,
    version: &str,
    runs: &str,
    metrics: &str,
) -> Result<Results, Damage> {
    let planned = Run::all(scenario).into_iter();
    let planned = planned.map(|run| ((run.point, run.seed), run));
    let empty = gather(scenario, version, Vec::new());
    let reader = Reader {
        planned: planned.collect(),
        points: &empty.points,
        axes: &empty.axes,
    };
    let mut records = reader.runs(runs)?;
    reader.metrics(metrics, &mut records)?;
    let complete = records.into_iter().map(|(key, (line, record))| {
        if record.observations.is_empty() {
            let message = format!("the run of seed {} has no line in metrics.csv", key.1);
            return Err(damage("runs.csv", line, message));
        }
        Ok((reader.planned[&key], Some(record)))
    });
    let results = gather(scenario, version, complete.collect::<Result<_, _>>()?);
    alike(&results.points)?;
    Ok(results)
}

/// All runs of a point measure the same: one that lacks a metric was cut off.
fn alike(points: &[PointResult]) -> Result<(), Damage> {
    let names = |record: &Record| -> Vec<String> {
        let observations = record.observations.iter();
        observations.map(|seen| seen.metric.clone()).collect()
    };
    for point in points {
        let longest = point.runs.iter().map(|(_, record)| names(record));
        let longest = longest.max_by_key(Vec::len).unwrap_or_default();
        if let Some((seed, _)) = point
            .runs
            .iter()
            .find(|(_, record)| names(record) != longest)
        {
            let message = format!("the run of seed {seed} lacks metrics that other runs have");
            return Err(damage("metrics.csv", 1, message));
        }
    }
    Ok(())
}

fn damage(file: &'static str, line: u64, message: impl Into<String>) -> Damage {
    let message = message.into();
    Damage {
        file,
        line,
        message,
    }
}

/// A run: its point's position, its seed.
type Key = (usize, u64);

struct Reader<'a> {
    planned: BTreeMap<Key, Run>,
    points: &'a [PointResult],
    axes: &'a [String],
}

impl Reader<'_> {
    /// The rows of a table whose columns are run, variant, the axes and `after`; each with its line, its
    /// run, and what follows the seed.
    fn rows(
        &self,
        file: &'static str,
        text: &str,
        after: &[&str],
    ) -> Result<Vec<(u64, Key, Vec<String>)>, Damage> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(text.as_bytes());
        let mut rows = Vec::new();
        for (place, row) in reader.records().enumerate() {
            let row = row.map_err(|error| {
                let line = error.position().map_or(1, csv::Position::line);
                damage(file, line, "not a whole line of the table")
            })?;
            let line = row.position().map_or(1, csv::Position::line);
            let cells: Vec<&str> = row.iter().collect();
            if place == 0 {
                let axes = self.axes.iter().map(String::as_str);
                let head = ["run", "variant"].into_iter().chain(axes);
                let head: Vec<&str> = head.chain(after.iter().copied()).collect();
                if cells != head {
                    let message = format!("the columns are not {}", head.join(","));
                    return Err(damage(file, line, message));
                }
                continue;
            }
            let (before, rest) = cells.split_at(2 + self.axes.len());
            let run = self.run(before[1], &before[2..], rest[0]);
            let run = run.ok_or_else(|| damage(file, line, "no run of this scenario"))?;
            let rest = rest[1..].iter().map(|&cell| cell.to_owned());
            rows.push((line, run, rest.collect()));
        }
        if text.trim().is_empty() {
            return Err(damage(file, 1, "it is empty"));
        }
        Ok(rows)
    }

    fn run(&self, variant: &str, axes: &[&str], seed: &str) -> Option<Key> {
        let is_here = |point: &PointResult| {
            let mut pairs = point.axes.iter().zip(axes);
            point.variant == variant && pairs.all(|(axis, text)| axis.text == *text)
        };
        let point = self.points.iter().position(is_here)?;
        let key = (point, seed.parse().ok()?);
        self.planned.contains_key(&key).then_some(key)
    }

    fn runs(&self, text: &str) -> Result<BTreeMap<Key, (u64, Record)>, Damage> {
        let mut records = BTreeMap::new();
        for (line, key, rest) in self.rows("runs.csv", text, &RUN_COLUMNS)? {
            let wrong = |message: &str| damage("runs.csv", line, message);
            let digest = u64::from_str_radix(&rest[0], 16);
            let record = Record {
                digest: digest.map_err(|_| wrong("the digest is not 16 hexadecimal digits"))?,
                events: rest[1].parse().map_err(|_| wrong("no number of events"))?,
                ..Record::default()
            };
            if records.insert(key, (line, record)).is_some() {
                return Err(wrong("the same run once more"));
            }
        }
        Ok(records)
    }

    fn metrics(
        &self,
        text: &str,
        records: &mut BTreeMap<Key, (u64, Record)>,
    ) -> Result<(), Damage> {
        for (line, key, rest) in self.rows("metrics.csv", text, &VALUE_COLUMNS)? {
            let wrong = |message: &str| damage("metrics.csv", line, message);
            let (_, record) = records
                .get_mut(&key)
                .ok_or_else(|| wrong("a run that is not in runs.csv"))?;
            let [metric, _, value, trials] = &rest[..] else {
                return Err(wrong("not a whole line of the table"));
            };
            let value = match value.as_str() {
                "" => f64::NAN,
                value => value
                    .parse()
                    .map_err(|_| wrong("the value is not a number"))?,
            };
            record.observations.push(Observation {
                metric: metric.clone(),
                value,
                trials: trials.parse().map_err(|_| wrong("no number of trials"))?,
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::csv::{metrics, runs};
    use super::*;
    use crate::scenario::load;

    fn scenario() -> Scenario<Settings> {
        let text = r#"
            name = "t"
            peers = 10
            duration = "1 s"
            seeds.count = 2
            network.constant.latency = "50 ms"
            topology.regular.degree = 4
            protocol.gossip.strategy.push.fanout = 3
            variants.flood.protocol.gossip.strategy.flood = {}
            sweep."protocol.gossip.strategy.push.fanout" = [2, 4]
        "#;
        load("t.toml", text, &[]).unwrap_or_else(|problems| panic!("{problems}"))
    }

    fn results(scenario: &Scenario<Settings>) -> Results {
        let runs = Run::all(scenario).into_iter().map(|run| {
            let value = |metric: &str, value, trials| Observation {
                metric: metric.to_owned(),
                value,
                trials,
            };
            let record = Record {
                observations: vec![
                    value("broadcast.reliability", 1.0 / (run.number + 1) as f64, 7),
                    value("broadcast.delay_50", f64::NAN, 0),
                ],
                digest: 0xFEDC_BA98_7654_3210 ^ run.number as u64,
                events: 5,
                ..Record::default()
            };
            (run, Some(record))
        });
        gather(scenario, "1.2.3", runs.collect())
    }

    fn lines_without(text: &str, left_out: impl Fn(usize) -> bool) -> String {
        let lines = text.split_inclusive('\n').enumerate();
        let lines = lines.filter(|(at, _)| !left_out(*at));
        lines.map(|(_, line)| line).collect()
    }

    #[test]
    fn what_is_written_is_read() {
        let scenario = scenario();
        let results = results(&scenario);
        let (runs, metrics) = (runs(&results), metrics(&results));
        let again = read(&scenario, "1.2.3", &runs, &metrics).expect("results");
        assert_eq!(super::super::csv::runs(&again), runs);
        assert_eq!(super::super::csv::metrics(&again), metrics);
        assert_eq!(again.points[0].label(), results.points[0].label());
    }

    #[test]
    fn a_missing_run_is_missing_and_a_damaged_one_is_an_error() {
        let scenario = scenario();
        let results = results(&scenario);
        let (runs, metrics) = (runs(&results), metrics(&results));
        let all = |runs: &str, metrics: &str| read(&scenario, "", runs, metrics);
        let said = |runs: &str, metrics: &str| all(runs, metrics).unwrap_err().to_string();
        // The first run is line 2 of one and lines 2 and 3 of the other.
        let fewer = lines_without(&runs, |at| at == 1);
        let fewer = all(&fewer, &lines_without(&metrics, |at| at == 1 || at == 2));
        let count =
            |results: &Results| -> usize { results.points.iter().map(|p| p.runs.len()).sum() };
        assert_eq!(
            (count(&results), count(&fewer.expect("the others"))),
            (6, 5)
        );
        let none = lines_without(&runs, |at| at > 0);
        assert_eq!(
            count(&all(&none, &lines_without(&metrics, |at| at > 0)).expect("none")),
            0
        );
        let no_run = said(&lines_without(&runs, |at| at == 1), &metrics);
        assert_eq!(no_run, "metrics.csv:2: a run that is not in runs.csv");
        let no_value = said(&runs, &lines_without(&metrics, |at| at == 1 || at == 2));
        assert!(
            no_value.contains("has no line in metrics.csv"),
            "{no_value}"
        );
        let half = said(&runs, &lines_without(&metrics, |at| at == 1));
        assert!(half.contains("lacks metrics"), "{half}");
        let cut = said(&runs[..runs.len() - 20], &metrics);
        assert!(cut.starts_with("runs.csv:7: "), "{cut}");
        assert_eq!(said("", &metrics), "runs.csv:1: it is empty");
        assert!(said(&runs.replace("seed", "sead"), &metrics).contains("columns"));
        let twice = format!("{runs}{}\n", runs.lines().nth(1).expect("a run"));
        assert!(said(&twice, &metrics).contains("once more"));
        let other = runs.replace("flood", "fluud");
        assert!(said(&other, &metrics).contains("no run of this scenario"));
    }

    #[test]
    fn notes_tell_what_was_run() {
        let results = results(&scenario());
        let sets = vec!["peers=20".to_owned(), "seeds.count=2".to_owned()];
        let mut notes = Origin::write(&results, &sets).join("\n");
        let version = "1.2.3".to_owned();
        assert_eq!(Origin::changed(&notes), sets);
        assert_eq!(Origin::read(&notes), Ok(Origin { version, sets }));
        notes.push_str("\n- repeated to 40 seeds: known\n- else\n");
        let origin = Origin::read(&notes).expect("notes");
        assert_eq!(origin.sets.last().expect("three"), "seeds.count=40");
        assert_eq!(Origin::changed(&notes).len(), 2);
        let rest = ["repeated to 40 seeds: known", "else"];
        assert_eq!(Origin::notes(&notes), rest);
        assert!(Origin::read("").is_err());
    }
}
