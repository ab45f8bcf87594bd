//! The runs of an experiment, side by side, in canonical order.

use super::files::explain;
use super::merge::Shard;
use super::prepare::{execute, prepare};
use super::{Plan, Store};
use crate::engine::{Difference, Setup, Trace};
use crate::observe::record::Record;
use crate::scenario::{Problems, Scenario, Settings};
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
    /// The part to run; all if `None`.
    pub shard: Option<Shard>,
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

impl Run {
    /// All runs of a scenario, in canonical order.
    pub fn all(scenario: &Scenario<Settings>) -> Vec<Self> {
        let runs = scenario.runs().enumerate();
        runs.map(|(number, (point, seed))| Self {
            number,
            point,
            seed,
        })
        .collect()
    }
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
    let mut runs = Run::all(&plan.scenario);
    runs.retain(|run| options.shard.is_none_or(|shard| shard.has(run)));
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
    if !options.check {
        setup.shards = options.shards;
        return Ok(execute(settings, &setup));
    }
    compare(setup, options.shards.max(2), |setup| {
        execute(settings, setup)
    })
}

/// Runs twice, on one shard and on `shards`; what differs, and from which event on.
fn compare(
    mut setup: Setup,
    shards: usize,
    execute: impl Fn(&Setup) -> Record,
) -> Result<Record, String> {
    let mut on = |shards: usize, trace: Option<Trace>| {
        (setup.shards, setup.trace) = (shards, trace);
        execute(&setup)
    };
    let (record, again) = (on(1, None), on(shards, None));
    // As text, in which what is not a number is equal to itself.
    let text = |record: &Record| serde_json::to_string(record).map_err(|error| error.to_string());
    if text(&record)? == text(&again)? {
        return Ok(record);
    }
    let said = |record: &Record| {
        format!(
            "digest {:016x} after {} events",
            record.digest, record.events
        )
    };
    let message = format!(
        "not deterministic: {} on one shard, {} on {shards}",
        said(&record),
        said(&again)
    );
    // Every event of both, this time: too much to keep of runs that are as they should be.
    let (one, other) = (Trace::default(), Trace::default());
    on(1, Some(one.clone()));
    on(shards, Some(other.clone()));
    let parted = match one.first_difference(&other) {
        Some(Difference { after, one, other }) => format!(
            "\nthe same for {after} events, then\n  on one shard: {one}\n  on {shards}: {other}"
        ),
        None if record.digest == again.digest => {
            "\nall events are the same, what was measured is not".to_owned()
        }
        None => "\nnot when run a third and a fourth time".to_owned(),
    };
    Err(message + &parted)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::phold::Phold;
    use crate::engine::{Idle, World};
    use crate::input::Files;
    use crate::network::Network;
    use crate::scenario::load;
    use crate::time::Duration;

    fn record(setup: &Setup, rounds: u32) -> Record {
        let spread = Duration::from_millis(1 + u64::from(rounds));
        let report = World::new(setup, |_| Phold::new(50, spread, 0), &Idle).run_unwatched();
        Record {
            digest: report.digest,
            events: report.counts.delivered,
            ..Record::default()
        }
    }

    fn setup() -> Setup {
        let network = Network::constant(Duration::from_millis(10));
        Setup::new(50, network, 1, Duration::from_secs(1))
    }

    #[test]
    fn what_is_the_same_on_all_shards_is_a_record() {
        let once = record(&setup(), 0);
        assert_eq!(compare(setup(), 3, |setup| record(setup, 0)), Ok(once));
    }

    #[test]
    fn what_depends_on_the_shards_is_named_by_its_first_event() {
        // A protocol that looks at what it must not see.
        let spoiled = |setup: &Setup| record(setup, u32::from(setup.shards > 1));
        let message = compare(setup(), 2, spoiled).expect_err("they differ");
        let lines: Vec<&str> = message.lines().collect();
        assert!(
            lines[0].starts_with("not deterministic: digest "),
            "{message}"
        );
        assert!(lines[1].starts_with("the same for "), "{message}");
        assert!(lines[2].starts_with("  on one shard: at "), "{message}");
        assert!(lines[2].contains("a timer for peer "), "{message}");
        assert!(lines[3].starts_with("  on 2: at "), "{message}");
    }

    #[test]
    fn a_measurement_that_differs_is_found_without_an_event() {
        let spoiled = |setup: &Setup| {
            let mut record = record(setup, 0);
            record.notes.push(format!("{} shards", setup.shards));
            record
        };
        let message = compare(setup(), 2, spoiled).expect_err("they differ");
        assert!(message.ends_with("what was measured is not"), "{message}");
    }

    #[test]
    fn a_run_that_panics_is_a_failure_with_its_words_and_the_others_go_on() {
        let text = r#"
            name = "t"
            peers = 10
            duration = "1 s"
            seeds.count = 3
            network.constant.latency = "50 ms"
            protocol.gossip = { targets = "uniform", strategy.push.fanout = 3 }
        "#;
        let scenario = load("t.toml", text, &[]).unwrap_or_else(|problems| panic!("{problems}"));
        let files = Files::default();
        let plan = Plan { scenario, files };
        let runs = [1, 2, 3].map(|seed| Run {
            number: seed as usize - 1,
            point: 0,
            seed,
        });
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build();
        let pool = pool.expect("two threads");
        let one = |run: &Run| {
            assert!(run.seed != 2, "seed {} is broken", run.seed);
            Ok(Ok(Record::default()))
        };
        let stop = AtomicBool::new(false);
        let outcome = collect(&runs, &pool, &stop, &plan, None, &Silent, &one);
        let outcome = outcome.expect("a broken run is no trouble");
        let message = "seed 2 is broken".to_owned();
        let run = runs[1];
        assert_eq!(outcome.failures, [Failure { run, message }]);
        let records = outcome.runs.iter();
        let done: Vec<bool> = records.map(|(_, record)| record.is_some()).collect();
        assert_eq!(done, [true, false, true]);
    }
}
