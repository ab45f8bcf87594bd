//! Runs that were made in parts, on several machines, put together.

use super::store::Name;
use super::{Outcome, Plan, Run, Store};
use crate::observe::record::Record;
use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// A part of an experiment: of `of` parts the `part`-th, from 1. The runs are dealt in their canonical
/// order, one after the other, so that every part has some of each point.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shard {
    /// Which, from 1.
    pub part: usize,
    /// Of how many.
    pub of: usize,
}

impl Shard {
    /// Whether a run belongs to this part.
    pub fn has(&self, run: &Run) -> bool {
        run.number % self.of == self.part - 1
    }
}

/// Why runs cannot be put together.
#[derive(Debug, Error)]
pub enum MergeError {
    /// A file or a folder is there and cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A file is no record of a run.
    #[error("{} is damaged; remove it and run its part again", path.display())]
    Damaged {
        /// Which.
        path: PathBuf,
    },
    /// The same run, and other bytes.
    #[error("not deterministic: {} and {} are of one run and differ", one.display(), other.display())]
    Differs {
        /// The file in the folder that was named first.
        one: PathBuf,
        /// The other.
        other: PathBuf,
    },
}

/// Every run with its id: a hash of all that it depends on, so that equal ids are equal runs.
pub fn ids(plan: &Plan) -> Vec<(Run, String)> {
    let store = Store::shared(PathBuf::new());
    let runs = Run::all(&plan.scenario).into_iter();
    runs.map(|run| (run, store.name(plan, run.point, run.seed).id().to_owned()))
        .collect()
}

/// The runs of an experiment from the folders of its parts; those in none are without a record.
///
/// # Errors
/// If a file cannot be read or is damaged, or if a run is there twice and differs.
pub fn merge(plan: &Plan, parts: &[Store]) -> Result<Outcome, MergeError> {
    let mut outcome = Outcome::default();
    for run in Run::all(&plan.scenario) {
        let mut found: Option<(PathBuf, Vec<u8>, Record)> = None;
        for part in parts {
            let name = part.name(plan, run.point, run.seed);
            let Some((path, bytes)) = read(part, &name)? else {
                continue;
            };
            match &found {
                Some((_, known, _)) if *known == bytes => {}
                Some((one, _, _)) => {
                    let (one, other) = (one.clone(), path);
                    return Err(MergeError::Differs { one, other });
                }
                None => match Store::decode(&bytes) {
                    Some(record) => found = Some((path, bytes, record)),
                    None => return Err(MergeError::Damaged { path }),
                },
            }
        }
        outcome.runs.push((run, found.map(|(_, _, record)| record)));
    }
    Ok(outcome)
}

/// How many complete runs in a folder are not of this experiment: of another scenario, of other settings, or
/// of another version of the program.
///
/// # Errors
/// If the folder cannot be read.
pub fn strangers(plan: &Plan, part: &Store) -> Result<usize, MergeError> {
    let own = Run::all(&plan.scenario).into_iter();
    let own = own.map(|run| part.name(plan, run.point, run.seed));
    let own: BTreeSet<Name> = own.collect();
    let names = part.names().map_err(|source| {
        let path = part.folder().to_owned();
        MergeError::Read { path, source }
    })?;
    Ok(names.iter().filter(|name| !own.contains(name)).count())
}

fn read(part: &Store, name: &Name) -> Result<Option<(PathBuf, Vec<u8>)>, MergeError> {
    let path = part.path(name);
    match std::fs::read(&path) {
        Ok(bytes) => Ok(Some((path, bytes))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(MergeError::Read { path, source }),
    }
}
