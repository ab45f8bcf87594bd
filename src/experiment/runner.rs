//! Runs a plan on all cores.

use super::prepare::{execute, prepare, read_files};
use super::{ExperimentError, Plan, Run, Store, memory};
use crate::input::Files;
use crate::observe::record::Record;
use crate::scenario::Settings;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// How to run.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Runs at once.
    pub jobs: usize,
    /// Threads within each run.
    pub shards: usize,
    /// Whether to run everything twice, the second time on two shards, and compare.
    pub check_determinism: bool,
}

/// Told of every run that ends, from any thread.
pub trait Progress: Sync {
    /// A run has ended after so many events; `kept` if it was there from before.
    fn ended(&self, events: u64, kept: bool);
}

/// A run that came to no good: a bug of ours.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// Which.
    pub run: Run,
    /// Variant and sweep point.
    pub label: String,
    /// What happened.
    pub message: String,
}

/// What came of a plan.
#[derive(Debug)]
pub struct Outcome {
    /// The records by position in the plan; missing where a run failed or was not begun.
    pub records: Vec<Option<Record>>,
    /// Runs that panicked or were not deterministic.
    pub failures: Vec<Failure>,
    /// Whether it was interrupted.
    pub interrupted: bool,
}

/// Runs what the store does not have yet. `stop` is looked at before each run.
///
/// # Errors
/// If a run cannot be prepared, needs more memory than there is, or cannot be kept.
pub fn run(
    plan: &Plan<'_>,
    folder: &Path,
    options: Options,
    store: &Store,
    stop: &AtomicBool,
    progress: &dyn Progress,
) -> Result<Outcome, ExperimentError> {
    let files = all_files(plan, folder)?;
    check_memory(plan, &files, options)?;
    let one = |&run: &Run| {
        one(
            plan,
            run,
            &files[&run.point],
            options,
            store,
            stop,
            progress,
        )
    };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(options.jobs)
        .build();
    let ended: Vec<_> = match pool {
        // In the order of the plan, whoever was first.
        Ok(pool) => pool.install(|| plan.runs.par_iter().map(one).collect()),
        Err(_) => plan.runs.iter().map(one).collect(),
    };
    let mut records = Vec::with_capacity(ended.len());
    let mut failures = Vec::new();
    for ended in ended {
        records.push(match ended? {
            Ended::Record(record) => Some(*record),
            Ended::Failed(failure) => {
                failures.push(failure);
                None
            }
            Ended::NotBegun => None,
        });
    }
    let interrupted = stop.load(Ordering::Relaxed);
    Ok(Outcome {
        records,
        failures,
        interrupted,
    })
}

enum Ended {
    Record(Box<Record>),
    Failed(Failure),
    NotBegun,
}

fn all_files(plan: &Plan<'_>, folder: &Path) -> Result<BTreeMap<usize, Files>, ExperimentError> {
    let points = plan.scenario.points.iter().enumerate();
    points
        .map(|(at, point)| Ok((at, read_files(&point.body, folder)?)))
        .collect()
}

/// Refuses before the start what the machine cannot hold.
fn check_memory(
    plan: &Plan<'_>,
    files: &BTreeMap<usize, Files>,
    options: Options,
) -> Result<(), ExperimentError> {
    let Some(available) = memory::available() else {
        return Ok(());
    };
    let needed = |(at, point): (usize, &crate::scenario::Point<Settings>)| {
        let settings = &point.body;
        let churn = settings.churn.as_ref();
        let peers = churn.and_then(|churn| churn.population_for(settings.peers, &files[&at]).ok());
        memory::estimate(settings, peers.unwrap_or(settings.peers))
    };
    let needed = plan
        .scenario
        .points
        .iter()
        .enumerate()
        .map(needed)
        .max()
        .unwrap_or(0);
    let jobs = options.jobs.min(plan.runs.len());
    let total = needed * jobs as u64;
    if total <= available {
        return Ok(());
    }
    Err(ExperimentError::Memory {
        needed_mib: needed >> 20,
        jobs,
        total_mib: total >> 20,
        available_mib: available >> 20,
    })
}

fn one(
    plan: &Plan<'_>,
    run: Run,
    files: &Files,
    options: Options,
    store: &Store,
    stop: &AtomicBool,
    progress: &dyn Progress,
) -> Result<Ended, ExperimentError> {
    let id = plan.id(run);
    if !options.check_determinism
        && let Some(record) = store.load(&id)
    {
        progress.ended(record.events, true);
        return Ok(Ended::Record(Box::new(record)));
    }
    if stop.load(Ordering::Relaxed) {
        return Ok(Ended::NotBegun);
    }
    let settings = &plan.point(run).body;
    let prepared = |shards| {
        prepare(settings, files, run.seed, shards).map_err(|source| ExperimentError::Build {
            point: plan.label(run),
            source,
        })
    };
    let setup = prepared(options.shards)?;
    let failed = |message| Failure {
        run,
        label: plan.label(run),
        message,
    };
    let record = match catch_unwind(AssertUnwindSafe(|| execute(settings, &setup))) {
        Ok(record) => record,
        Err(panic) => return Ok(Ended::Failed(failed(panic_message(panic.as_ref())))),
    };
    if options.check_determinism {
        let again = prepared(2)?;
        let again = catch_unwind(AssertUnwindSafe(|| execute(settings, &again)));
        match again {
            // As text, since "not a number" equals nothing.
            Ok(again) if text(&again) == text(&record) => {}
            Ok(again) => {
                let message = format!(
                    "not deterministic: digest {:016x} and then, on two shards, {:016x}",
                    record.digest, again.digest
                );
                return Ok(Ended::Failed(failed(message)));
            }
            Err(panic) => return Ok(Ended::Failed(failed(panic_message(panic.as_ref())))),
        }
    }
    store.save(&id, &record)?;
    progress.ended(record.events, false);
    Ok(Ended::Record(Box::new(record)))
}

fn text(record: &Record) -> String {
    serde_json::to_string(record).unwrap_or_default()
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    format!(
        "panicked: {}",
        text.unwrap_or_else(|| "without a message".to_owned())
    )
}
