//! The runs of an experiment, side by side, in canonical order.

use super::files::explain;
use super::prepare::{execute, prepare};
use super::{Plan, Store};
use crate::engine::Setup;
use crate::observe::record::Record;
use crate::scenario::{Problems, Settings};
use rayon::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

/// How an experiment is run. None of it changes a result.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// How many runs side by side.
    pub jobs: usize,
    /// Into how many threads each run is divided.
    pub shards: usize,
    /// Whether to run everything twice, on one shard and on two, and compare.
    pub check: bool,
    /// Once it is set, no further run begins.
    pub stop: &'a AtomicBool,
}

/// One run of an experiment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Run {
    /// Its number in canonical order, from 0.
    pub number: usize,
    /// Its point, by position in [`crate::scenario::Scenario::points`].
    pub point: usize,
    /// Its seed.
    pub seed: u64,
}

/// A run that broke: a bug of this program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// Which.
    pub run: Run,
    /// What it said.
    pub message: String,
}

/// Why an experiment could not go on.
#[derive(Debug)]
pub enum Trouble {
    /// The scenario, or a file it names, cannot be built.
    Input(Problems),
    /// A complete run could not be set aside.
    Store(std::io::Error),
    /// The threads could not be started.
    Threads(String),
}

/// What an experiment came to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The runs in canonical order, each with its record if it is complete.
    pub runs: Vec<(Run, Option<Record>)>,
    /// Runs that broke.
    pub failures: Vec<Failure>,
    /// How many records were there from an earlier, interrupted experiment.
    pub resumed: usize,
}

impl Outcome {
    /// Whether every run has a record.
    pub fn complete(&self) -> bool {
        self.runs.iter().all(|(_, record)| record.is_some())
    }
}

/// Somebody who wants to know how far an experiment is.
pub trait Watch: Sync {
    /// A run has ended (or was there already, if `resumed`) after so many events.
    fn done(&self, events: u64, resumed: bool);
}

/// Nobody.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Watch for Silent {
    fn done(&self, _events: u64, _resumed: bool) {}
}

enum Ended {
    Fresh(Record),
    Resumed(Record),
    Broke(String),
    NotBegun,
    Trouble(Trouble),
}

/// Runs every point with every seed; `label` is the path of the scenario in messages. Complete runs
/// are set aside in `store`, and those that are there already are not run again.
///
/// # Errors
/// If the scenario cannot be built, or a record not be set aside. A run that panics is no error
/// here: the others go on.
pub fn run(
    label: &str,
    plan: &Plan,
    options: &Options<'_>,
    store: Option<&Store>,
    watch: &dyn Watch,
) -> Result<Outcome, Trouble> {
    let runs = plan.scenario.runs().enumerate();
    let runs: Vec<Run> = runs
        .map(|(number, (point, seed))| Run {
            number,
            point,
            seed,
        })
        .collect();
    let wrong = |error| Trouble::Input(explain(&error, label, &plan.scenario.text, &plan.files));
    let one = |run: &Run| {
        let settings = &plan.scenario.points[run.point].body;
        let setup = prepare(settings, &plan.files, run.seed).map_err(wrong)?;
        let record = perform(settings, setup, options);
        Ok(record)
    };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(options.jobs.max(1))
        .build();
    let pool = pool.map_err(|error| Trouble::Threads(error.to_string()))?;
    collect(&runs, &pool, options.stop, plan, store, watch, &one)
}

/// One run, or two and what differs between them.
fn perform(settings: &Settings, mut setup: Setup, options: &Options<'_>) -> Result<Record, String> {
    setup.shards = if options.check { 1 } else { options.shards };
    let record = execute(settings, &setup);
    if options.check {
        setup.shards = options.shards.max(2);
        let again = execute(settings, &setup);
        let same = record.digest == again.digest && record.events == again.events;
        if !same {
            return Err(format!(
                "not deterministic: digest {:016x} after {} events on one shard, {:016x} after {} \
                 on {}",
                record.digest, record.events, again.digest, again.events, setup.shards
            ));
        }
    }
    Ok(record)
}

type One<'a> = dyn Fn(&Run) -> Result<Result<Record, String>, Trouble> + Sync + 'a;

fn collect(
    runs: &[Run],
    pool: &rayon::ThreadPool,
    stop: &AtomicBool,
    plan: &Plan,
    store: Option<&Store>,
    watch: &dyn Watch,
    one: &One<'_>,
) -> Result<Outcome, Trouble> {
    let troubled = AtomicBool::new(false);
    let end = |run: &Run| {
        let name = store.map(|store| (store, store.name(plan, run.point, run.seed)));
        if let Some(record) = name.as_ref().and_then(|(store, name)| store.load(name)) {
            watch.done(record.events, true);
            return Ended::Resumed(record);
        }
        if stop.load(Ordering::Relaxed) || troubled.load(Ordering::Relaxed) {
            return Ended::NotBegun;
        }
        let trouble = |trouble| {
            troubled.store(true, Ordering::Relaxed);
            Ended::Trouble(trouble)
        };
        match catch_unwind(AssertUnwindSafe(|| one(run))) {
            Ok(Ok(Ok(record))) => {
                if let Some((store, name)) = name
                    && let Err(error) = store.save(&name, &record)
                {
                    return trouble(Trouble::Store(error));
                }
                watch.done(record.events, false);
                Ended::Fresh(record)
            }
            Ok(Ok(Err(message))) => Ended::Broke(message),
            Ok(Err(error)) => trouble(error),
            Err(payload) => Ended::Broke(panic_message(payload.as_ref())),
        }
    };
    let ends: Vec<Ended> = pool.install(|| runs.par_iter().with_max_len(1).map(end).collect());
    let mut outcome = Outcome::default();
    for (&run, end) in runs.iter().zip(ends) {
        let record = match end {
            Ended::Fresh(record) => Some(record),
            Ended::Resumed(record) => {
                outcome.resumed += 1;
                Some(record)
            }
            Ended::Broke(message) => {
                outcome.failures.push(Failure { run, message });
                None
            }
            Ended::NotBegun => None,
            Ended::Trouble(trouble) => return Err(trouble),
        };
        outcome.runs.push((run, record));
    }
    Ok(outcome)
}

fn panic_message(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned());
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "a panic without words".to_owned())
}
