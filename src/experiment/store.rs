//! Complete runs set aside, so that an interrupted experiment need not repeat them.

use super::Plan;
use crate::observe::record::{Halves, Observation, Record, Samples, Series};
use crate::random::hash;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A folder with a file per complete run.
///
/// A file's name is a hash of all that the run depends on: the program, the settings, the files they
/// name, the seed. A file appears by renaming, so that what is there is whole.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
    program: String,
}

/// What the name of a complete run's file ends with.
const ENDING: &str = ".json";

/// The name of one run's file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Name(String);

impl Name {
    /// The hash alone.
    pub(super) fn id(&self) -> &str {
        self.0.trim_end_matches(ENDING)
    }
}

/// The bits of a number.
type Bits = u64;

/// Name, unit, points.
type StoredSeries = (String, String, Vec<(Bits, Bits)>);

/// A [`Record`] whose numbers are bits: JSON knows no "not a number", and reads decimals inexactly.
#[derive(Serialize, Deserialize)]
struct Stored {
    observations: Vec<(String, u64, u32)>,
    series: Vec<StoredSeries>,
    samples: Vec<(String, String, Vec<Bits>, u64)>,
    halves: Vec<(String, Bits, Bits)>,
    digest: u64,
    events: u64,
    notes: Vec<String>,
}

impl Store {
    /// The folder beside the results folder `target`. `program` tells versions of the program
    /// apart: records of another are not used.
    pub fn beside(target: &Path, program: &str) -> Self {
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        Self {
            folder: target.with_file_name(format!(".{name}.partial-runs")),
            program: program.to_owned(),
        }
    }

    /// A folder of runs that other machines made, or make, of the same experiment: they have the version
    /// of the program in common, whoever built it.
    pub fn shared(folder: PathBuf) -> Self {
        let program = super::VERSION.to_owned();
        Self { folder, program }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes the folder: the first to see whether one may write there.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn open(&self) -> io::Result<()> {
        fs::create_dir_all(&self.folder)
    }

    /// Removes the folder and all runs in it.
    ///
    /// # Errors
    /// If the file system refuses; not if there is none.
    pub fn remove(&self) -> io::Result<()> {
        match fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Removes the folder if there is nothing in it, after a run that came to nothing.
    pub fn tidy(&self) {
        // It fails if there is something in it, which is as it should be.
        let _ = fs::remove_dir(&self.folder);
    }

    /// The name of the run of a point with a seed.
    pub(super) fn name(&self, plan: &Plan, point: usize, seed: u64) -> Name {
        let settings = serde_json::to_string(&plan.scenario.points[point].body);
        let mut parts = vec![self.program.clone(), seed.to_string()];
        parts.extend(settings);
        for (path, content) in &plan.files.0 {
            let content = hash::bytes(1, content.as_bytes());
            parts.push(format!("{path} {content:016x}"));
        }
        let text = parts.join("\n");
        let half = |seed| hash::bytes(seed, text.as_bytes());
        Name(format!("{:016x}{:016x}{ENDING}", half(1), half(2)))
    }

    /// The record of a run, if it is there and whole.
    pub(super) fn load(&self, name: &Name) -> Option<Record> {
        Self::decode(&fs::read(self.path(name)).ok()?)
    }

    /// The file of a run.
    pub(super) fn path(&self, name: &Name) -> PathBuf {
        self.folder.join(&name.0)
    }

    /// The record in the bytes of a file, if it is whole.
    pub(super) fn decode(bytes: &[u8]) -> Option<Record> {
        let stored = serde_json::from_slice::<Stored>(bytes);
        stored.ok().map(Stored::record)
    }

    /// Sets a record aside: written under another name, on the disk, then renamed.
    ///
    /// # Errors
    /// If the file system refuses.
    pub(super) fn save(&self, name: &Name, record: &Record) -> io::Result<()> {
        let text = serde_json::to_vec(&Stored::of(record))?;
        let (aside, file) = self.aside(name)?;
        let written =
            write_synced(file, &text).and_then(|()| fs::rename(&aside, self.folder.join(&name.0)));
        if written.is_err() {
            // It would take the room that is missing. The first error is the one to report.
            let _ = fs::remove_file(&aside);
        }
        written
    }

    /// A file that nobody else writes to: another machine may be at the same run, with the same process
    /// number, and a killed one may have left its file.
    fn aside(&self, name: &Name) -> io::Result<(PathBuf, fs::File)> {
        let process = std::process::id();
        let mut number = 0_u32;
        loop {
            let file = format!("{}.{process}.{number}", name.0);
            let path = self.folder.join(file);
            match fs::File::create_new(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
                other => return other.map(|file| (path, file)),
            }
        }
    }

    /// The names of the complete runs in the folder.
    ///
    /// # Errors
    /// If the file system refuses.
    pub(super) fn names(&self) -> io::Result<Vec<Name>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name.ends_with(ENDING) {
                names.push(Name(name));
            }
        }
        Ok(names)
    }
}

fn write_synced(mut file: fs::File, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)?;
    file.sync_all()
}

impl Stored {
    fn of(record: &Record) -> Self {
        let observations = record.observations.iter();
        let series = record.series.iter();
        let samples = record.samples.iter();
        let halves = record.halves.iter();
        let bits = |&(x, y): &(f64, f64)| (x.to_bits(), y.to_bits());
        Self {
            observations: observations
                .map(|o| (o.metric.clone(), o.value.to_bits(), o.trials))
                .collect(),
            series: series
                .map(|s| {
                    (
                        s.name.clone(),
                        s.unit.clone(),
                        s.points.iter().map(bits).collect(),
                    )
                })
                .collect(),
            samples: samples
                .map(|s| {
                    let values = s.values.iter().map(|value| value.to_bits()).collect();
                    (s.name.clone(), s.unit.clone(), values, s.censored)
                })
                .collect(),
            halves: halves
                .map(|h| (h.metric.clone(), h.first.to_bits(), h.second.to_bits()))
                .collect(),
            digest: record.digest,
            events: record.events,
            notes: record.notes.clone(),
        }
    }

    fn record(self) -> Record {
        let number = |(x, y)| (f64::from_bits(x), f64::from_bits(y));
        let observation = |(metric, value, trials)| Observation {
            metric,
            value: f64::from_bits(value),
            trials,
        };
        let series = |(name, unit, points): (_, _, Vec<_>)| Series {
            name,
            unit,
            points: points.into_iter().map(number).collect(),
        };
        let halves = |(metric, first, second)| Halves {
            metric,
            first: f64::from_bits(first),
            second: f64::from_bits(second),
        };
        let samples = |(name, unit, values, censored): (_, _, Vec<_>, _)| Samples {
            name,
            unit,
            values: values.into_iter().map(f64::from_bits).collect(),
            censored,
        };
        Record {
            observations: self.observations.into_iter().map(observation).collect(),
            series: self.series.into_iter().map(series).collect(),
            samples: self.samples.into_iter().map(samples).collect(),
            halves: self.halves.into_iter().map(halves).collect(),
            digest: self.digest,
            events: self.events,
            notes: self.notes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Two writers of one run never have one file, and what is unfinished is no run.
    #[test]
    fn nobody_writes_where_another_does() {
        let folder = std::env::temp_dir().join(format!("peerlab-store-{}", std::process::id()));
        let store = Store::shared(folder);
        store.open().expect("a writable temporary folder");
        let name = Name(format!("one{ENDING}"));
        let (first, _file) = store.aside(&name).expect("a file");
        let (second, _file) = store.aside(&name).expect("a file");
        assert_ne!(first, second);
        assert_eq!(store.names().expect("a folder"), []);
        store
            .save(&name, &Record::default())
            .expect("a writable folder");
        let names = store.names().expect("a folder");
        assert_eq!(names, std::slice::from_ref(&name));
        assert_eq!(store.load(&name), Some(Record::default()));
        store.remove().expect("a folder to remove");
    }

    proptest! {
        /// Any bits come back, "not a number" and infinities among them.
        #[test]
        fn records_come_back_to_the_bit(words in proptest::collection::vec(any::<u64>(), 5)) {
            let number = |at: usize| f64::from_bits(words[at]);
            let record = Record {
                observations: vec![Observation { metric: "m".into(), value: number(0), trials: 3 }],
                series: vec![Series {
                    name: "s".into(),
                    unit: "s".into(),
                    points: vec![(number(1), number(2)), (f64::NAN, f64::INFINITY)],
                }],
                samples: vec![Samples {
                    name: "d".into(),
                    unit: "s".into(),
                    values: vec![number(3)],
                    censored: words[4],
                }],
                halves: vec![Halves {
                    metric: "m".into(),
                    first: number(2),
                    second: number(4),
                }],
                digest: words[4],
                events: words[0],
                notes: vec!["a \"note\"".into()],
            };
            let text = serde_json::to_vec(&Stored::of(&record)).unwrap();
            let back = serde_json::from_slice::<Stored>(&text).unwrap().record();
            // Bits, because not a number is not equal to itself.
            let again = serde_json::to_vec(&Stored::of(&back)).unwrap();
            prop_assert_eq!(text, again);
            prop_assert!(back.series[0].points[1].1.is_infinite());
        }
    }
}
