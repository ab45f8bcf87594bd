//! A baseline: what an experiment came to, small enough for a repository. Every run's digest and
//! metrics, without curves, samples and traces; a run a line, so that a change of it reads well.

use super::results::{AxisValue, PointResult, Results};
use crate::input::Files;
use crate::observe::record::{Observation, Record};
use crate::random::hash;
use crate::scenario::{Scenario, Settings};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The version of the file's shape.
pub const FORMAT: u64 = 1;

/// A baseline as it is in memory.
#[derive(Clone, PartialEq, Debug)]
pub struct Baseline {
    /// What was measured: name, version, points with their runs; without curves and samples, and
    /// without [`Results::metric_defs`].
    pub results: Results,
    /// The units of the metrics.
    pub units: BTreeMap<String, String>,
    /// The digest of the settings of each point.
    settings: Vec<String>,
    /// Digests of the files that the scenario names, if they were at hand.
    files: Option<BTreeMap<String, String>>,
}

/// The file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    #[serde(rename = "format")]
    _format: u64,
    scenario: String,
    version: String,
    axes: Vec<String>,
    files: Option<BTreeMap<String, String>>,
    metrics: Vec<Metric>,
    points: Vec<Point>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Metric {
    name: String,
    unit: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Point {
    variant: String,
    at: Vec<String>,
    settings: String,
    runs: Vec<RunLine>,
}

/// Seed, digest, a value for each metric.
#[derive(Serialize, Deserialize)]
struct RunLine(u64, String, Vec<Cell>);

/// `null` for "not a number" and what the run does not measure; `[share, trials]` for repeated trials.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(untagged)]
enum Cell {
    Value(f64),
    Trials(f64, u32),
    Nothing(()),
}

impl Baseline {
    /// The baseline of results. `files` are the contents of the files that the scenario names, if they
    /// are at hand.
    pub fn of(scenario: &Scenario<Settings>, results: &Results, files: Option<&Files>) -> Self {
        let units = results.metrics().into_iter();
        let units = units.map(|(name, unit)| (name.to_owned(), unit.to_owned()));
        let mut kept = results.clone();
        kept.metric_defs.clear();
        for (_, record) in kept.points.iter_mut().flat_map(|point| &mut point.runs) {
            record.series.clear();
            record.samples.clear();
        }
        Self {
            units: units.collect(),
            settings: settings(scenario),
            files: files.map(digests),
            results: kept,
        }
    }

    /// The file.
    pub fn write(&self) -> String {
        let line = |value: Value| value.to_string();
        let names: Vec<&String> = self.units.keys().collect();
        let metrics = self
            .units
            .iter()
            .map(|(name, unit)| format!("    {}", line(json!({ "name": name, "unit": unit }))));
        let points = self.results.points.iter().zip(&self.settings);
        let points = points.map(|(point, settings)| {
            let runs = point.sorted_runs().into_iter().map(|(seed, record)| {
                let cells = names.iter().map(|name| Cell::of(record, name));
                let digest = format!("{:016x}", record.digest);
                let run = RunLine(*seed, digest, cells.collect());
                format!("        {}", line(json!(run)))
            });
            let runs: Vec<String> = runs.collect();
            let at: Vec<&String> = point.axes.iter().map(|axis| &axis.text).collect();
            format!(
                "    {{\n      \"variant\": {},\n      \"at\": {},\n      \"settings\": {},\n      \
                 \"runs\": [\n{}\n      ]\n    }}",
                line(json!(point.variant)),
                line(json!(at)),
                line(json!(settings)),
                runs.join(",\n"),
            )
        });
        let head = [
            ("format", json!(FORMAT)),
            ("scenario", json!(self.results.name)),
            ("version", json!(self.results.version)),
            ("axes", json!(self.results.axes)),
            ("files", json!(self.files)),
        ];
        let head = head
            .into_iter()
            .map(|(key, value)| format!("  \"{key}\": {},", line(value)));
        format!(
            "{{\n{}\n  \"metrics\": [\n{}\n  ],\n  \"points\": [\n{}\n  ]\n}}\n",
            head.collect::<Vec<_>>().join("\n"),
            metrics.collect::<Vec<_>>().join(",\n"),
            points.collect::<Vec<_>>().join(",\n"),
        )
    }

    /// Reads a file.
    ///
    /// # Errors
    /// If it is none, damaged, or of another shape.
    pub fn read(text: &str) -> Result<Self, String> {
        let value: Value =
            serde_json::from_str(text).map_err(|error| format!("not JSON: {error}"))?;
        match value["format"].as_u64() {
            Some(FORMAT) => {}
            Some(other) => {
                return Err(format!(
                    "a baseline of format {other}; this program reads format {FORMAT}"
                ));
            }
            None => return Err("not a baseline: it has no `format`".to_owned()),
        }
        let stored: Stored =
            serde_json::from_str(text).map_err(|error| format!("damaged: {error}"))?;
        stored.baseline()
    }

    /// What stands in the way of a comparison with results of `scenario`; nothing if it is fair.
    pub fn differences(
        &self,
        scenario: &Scenario<Settings>,
        results: &Results,
        files: Option<&Files>,
    ) -> Vec<String> {
        let mut found = Vec::new();
        if self.results.name != results.name {
            let (before, after) = (&self.results.name, &results.name);
            found.push(format!(
                "it is of the scenario `{before}`, this is `{after}`"
            ));
        }
        if self.results.version != results.version {
            found.push(format!(
                "it is of version {} of the program, this is {}",
                self.results.version, results.version
            ));
        }
        for (point, settings) in results.points.iter().zip(settings(scenario)) {
            let mut known = self.results.points.iter().zip(&self.settings);
            let name = named(point);
            match known.find(|(known, _)| known.is_at(point)) {
                None => found.push(format!("it has no {name}")),
                Some((_, known)) if *known != settings => {
                    found.push(format!("the settings of {name} were others"));
                }
                Some(_) => {}
            }
        }
        for point in &self.results.points {
            if !results.points.iter().any(|other| other.is_at(point)) {
                found.push(format!("{} is no longer there", named(point)));
            }
        }
        if let (Some(before), Some(after)) = (&self.files, files.map(digests))
            && *before != after
        {
            let changed = after
                .iter()
                .filter(|(path, digest)| before.get(*path) != Some(digest));
            let names: Vec<String> = changed.map(|(path, _)| format!("`{path}`")).collect();
            found.push(format!("files had other contents: {}", names.join(", ")));
        }
        found
    }
}

/// `flood, peers 100` or, where there is but one, `the scenario's point`.
fn named(point: &PointResult) -> String {
    match point.label() {
        label if label.is_empty() => "the scenario's point".to_owned(),
        label => format!("`{label}`"),
    }
}

/// The digest of what each point is set to, every default included.
fn settings(scenario: &Scenario<Settings>) -> Vec<String> {
    let points = scenario.points.iter();
    points
        .map(|point| {
            let text = serde_json::to_string(&point.body).unwrap_or_default();
            format!("{:016x}", hash::bytes(1, text.as_bytes()))
        })
        .collect()
}

fn digests(files: &Files) -> BTreeMap<String, String> {
    let files = files.0.iter();
    files
        .map(|(path, content)| {
            let digest = hash::bytes(1, content.as_bytes());
            (path.clone(), format!("{digest:016x}"))
        })
        .collect()
}

impl Cell {
    fn of(record: &Record, metric: &str) -> Self {
        let mut seen = record.observations.iter();
        match seen.find(|seen| seen.metric == metric) {
            Some(seen) if !seen.value.is_finite() => Self::Nothing(()),
            Some(seen) if seen.trials > 0 => Self::Trials(seen.value, seen.trials),
            Some(seen) => Self::Value(seen.value),
            None => Self::Nothing(()),
        }
    }

    fn observation(self, metric: &str) -> Observation {
        let (value, trials) = match self {
            Self::Value(value) => (value, 0),
            Self::Trials(value, trials) => (value, trials),
            Self::Nothing(()) => (f64::NAN, 0),
        };
        Observation {
            metric: metric.to_owned(),
            value,
            trials,
        }
    }
}

impl Stored {
    fn baseline(self) -> Result<Baseline, String> {
        let mut points: Vec<PointResult> = Vec::new();
        let mut settings = Vec::new();
        for stored in self.points {
            if stored.at.len() != self.axes.len() {
                return Err("damaged: a point with more or fewer values than axes".to_owned());
            }
            let axes = self.axes.iter().zip(stored.at);
            let axes = axes.map(|(path, text)| AxisValue {
                path: path.clone(),
                text,
                number: None,
            });
            let mut point = PointResult {
                variant: stored.variant,
                axes: axes.collect(),
                runs: Vec::new(),
            };
            for RunLine(seed, digest, cells) in stored.runs {
                let digest = u64::from_str_radix(&digest, 16);
                let digest = digest.map_err(|_| format!("damaged: the digest of seed {seed}"))?;
                if cells.len() != self.metrics.len() {
                    return Err(format!("damaged: seed {seed} lacks metrics"));
                }
                if point.runs.iter().any(|(known, _)| *known == seed) {
                    return Err(format!("damaged: seed {seed} twice"));
                }
                let cells = self.metrics.iter().zip(cells);
                let observations = cells.map(|(metric, cell)| cell.observation(&metric.name));
                let record = Record {
                    observations: observations.collect(),
                    digest,
                    ..Record::default()
                };
                point.runs.push((seed, record));
            }
            if points.iter().any(|known| known.is_at(&point)) {
                return Err(format!("damaged: {} twice", named(&point)));
            }
            points.push(point);
            settings.push(stored.settings);
        }
        if points.iter().all(|point| point.runs.is_empty()) {
            return Err("it has no runs".to_owned());
        }
        let metrics = self.metrics.into_iter();
        Ok(Baseline {
            results: Results {
                name: self.scenario,
                version: self.version,
                axes: self.axes,
                points,
                ..Results::default()
            },
            units: metrics.map(|metric| (metric.name, metric.unit)).collect(),
            settings,
            files: self.files,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::load;

    fn scenario(peers: u32) -> Scenario<Settings> {
        let text = format!(
            "name = \"t\"\npeers = {peers}\nduration = \"1 s\"\nseeds.count = 2\n\
             network.constant.latency = \"50 ms\"\ntopology.regular.degree = 4\n\
             protocol.gossip.strategy.flood = {{}}\n"
        );
        load("t.toml", &text, &[]).unwrap_or_else(|problems| panic!("{problems}"))
    }

    fn results() -> Results {
        let observation = |metric: &str, value, trials| Observation {
            metric: metric.to_owned(),
            value,
            trials,
        };
        let run = |seed: u64| {
            let record = Record {
                observations: vec![
                    observation("a", 1.0 / seed as f64, 0),
                    observation("b", 1.0, 1),
                    observation("c", f64::NAN, 0),
                ],
                digest: seed,
                ..Record::default()
            };
            (seed, record)
        };
        Results {
            name: "t".into(),
            version: "1.2.3".into(),
            points: vec![PointResult {
                runs: vec![run(3), run(2)],
                ..PointResult::default()
            }],
            ..Results::default()
        }
    }

    #[test]
    fn a_baseline_is_read_as_it_was_written() {
        let baseline = Baseline::of(&scenario(10), &results(), Some(&Files::default()));
        let text = baseline.write();
        let again = Baseline::read(&text).unwrap_or_else(|error| panic!("{error}:\n{text}"));
        assert_eq!(again.write(), text);
        assert!(
            text.contains("[2,\"0000000000000002\",[0.5,[1.0,1],null]]"),
            "{text}"
        );
        let differences =
            |peers, results: &Results| again.differences(&scenario(peers), results, None);
        assert_eq!(differences(10, &results()), Vec::<String>::new());
        let said = differences(20, &results()).join("; ");
        assert_eq!(said, "the settings of the scenario's point were others");
        let newer = Results {
            version: "1.3.0".into(),
            ..results()
        };
        assert!(differences(10, &newer)[0].contains("1.2.3"));
        let files = Files([("rtt.txt".to_owned(), "0 1".to_owned())].into());
        let said = again.differences(&scenario(10), &results(), Some(&files));
        assert_eq!(said, ["files had other contents: `rtt.txt`"]);
    }

    #[test]
    fn a_damaged_baseline_is_an_error() {
        let text = Baseline::of(&scenario(10), &results(), None).write();
        let said = |from: &str, to: &str| {
            assert!(text.contains(from), "{text}");
            Baseline::read(&text.replace(from, to)).expect_err("damaged")
        };
        assert!(said("\"format\": 1", "\"format\": 7").contains("format 7"));
        assert!(said("\"format\": 1", "\"form\": 1").contains("no `format`"));
        assert!(said("null]]", "null").contains("not JSON"));
        assert!(said(",null]", "]").contains("lacks metrics"));
        assert!(said("[3,", "[2,").contains("seed 2 twice"));
        assert!(said("\"at\"", "\"mat\"").contains("damaged"));
        let (head, _) = text.split_once("\"points\"").expect("points");
        let empty = Baseline::read(&format!("{head}\"points\": []}}"));
        assert_eq!(empty, Err("it has no runs".to_owned()));
        for cut in 1..text.len() - 1 {
            assert!(Baseline::read(&text[..cut]).is_err(), "cut at {cut}");
        }
    }
}
