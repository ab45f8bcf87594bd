//! `sim run`.

use super::arguments::Run;
use super::check::size;
use super::ci::{self, Checked};
use super::exit::{Ended, Exit, Stop};
use super::load::{plan, problems_said};
use super::numbers::{bytes, count, plural, speed, spent};
use super::progress::Progress;
use super::terminal::Terminal;
use super::write::{Cost, write};
use super::{again, json, shards, summary};
use crate::experiment::{
    self, Failure, Filter, Options, Outcome, Plan, Shard, Store, Trouble, VERSION,
};
use crate::report::checks::of_judgements;
use crate::report::folder::{REPORT, check_target};
use crate::report::gather::gather;
use crate::report::verdict::judge;
use crate::report::{Results, repeat, table};
use crate::scenario::Verdict;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Set by Ctrl-C.
static STOP: AtomicBool = AtomicBool::new(false);

/// A scenario that has been run, and its results, which are written.
pub(super) struct Done {
    /// What was run.
    pub plan: Plan,
    /// What came out.
    pub results: Results,
    /// Where it is.
    pub folder: Option<String>,
    /// What it took.
    pub cost: Cost,
}

pub(super) fn run(command: &Run, terminal: &mut Terminal) -> Ended {
    if let Some(shard) = command.shard {
        return shards::run(command, shard, terminal);
    }
    let done = perform(command, terminal)?;
    conclude(command, &done, terminal)
}

/// How to run, by the arguments.
pub(super) fn options(command: &Run, jobs: usize, shard: Option<Shard>) -> Options<'static> {
    Options {
        jobs,
        shards: command.shards.into(),
        check: command.check_determinism,
        shard,
        stop: &STOP,
    }
}

/// Runs a scenario and writes its results, without a word about them.
pub(super) fn perform(command: &Run, terminal: &mut Terminal) -> Result<Done, Stop> {
    let label = command.file.display().to_string();
    let mut sets = command.sets.clone();
    sets.extend(command.seeds.map(|seeds| format!("seeds.count={seeds}")));
    let mut plan = plan(&command.file, &sets, terminal)?;
    if command.seeds.is_some() {
        plan.scenario.repeat = None;
    }
    for only in &command.only {
        let filter = Filter::parse(only);
        filter
            .and_then(|filter| filter.apply(&mut plan.scenario))
            .map_err(|error| Stop::error(Exit::Usage, error))?;
    }
    let target = target(command, &plan);
    if let Some(target) = &target {
        check_target(target).map_err(|error| {
            let text = format!("{error}\nchoose another folder with --out");
            Stop::error(Exit::Unexpected, text)
        })?;
    }
    experiment::check(&label, &plan).map_err(|problems| problems_said(&problems, terminal))?;
    let jobs = jobs(command, &plan, terminal)?;
    let store = store(target.as_deref())?;
    if !command.quiet {
        let twice = if command.check_determinism {
            ", each twice"
        } else {
            ""
        };
        terminal.say(&format!("{label}: {}{twice}", size(&plan)));
    }
    listen();
    let options = options(command, jobs, None);
    let mut cost = Cost {
        seconds: 0.0,
        events: 0,
        jobs,
        resumed: 0,
    };
    let mut first = true;
    let results = loop {
        let outcome = stage(
            command,
            &plan,
            &options,
            store.as_ref(),
            &mut cost,
            terminal,
        )?;
        if first {
            cost.resumed = outcome.resumed;
        }
        first = false;
        let results = gather(&plan.scenario, VERSION, outcome.runs);
        let Some(next) = repeat::wanted(&plan.scenario, &results) else {
            break results;
        };
        if !command.quiet {
            let before = plan.scenario.seeds.count;
            terminal.say(&format!(
                "{before} seeds do not tell yet, going on to {next}"
            ));
        }
        plan.scenario.seeds.count = next;
    };
    if !command.quiet && cost.resumed > 0 {
        let resumed = plural(cost.resumed, "run");
        terminal.say(&format!("{resumed} complete already"));
    }
    if let Some(target) = &target {
        keep(command, &plan, &results, target, store.as_ref(), &cost)?;
    }
    Ok(Done {
        plan,
        results,
        folder: target.map(|target| target.display().to_string()),
        cost,
    })
}

/// Runs what is not complete yet, and adds what it took.
pub(super) fn stage(
    command: &Run,
    plan: &Plan,
    options: &Options<'_>,
    store: Option<&Store>,
    cost: &mut Cost,
    terminal: &Terminal,
) -> Result<Outcome, Stop> {
    let label = command.file.display().to_string();
    let all = plan.scenario.runs().count();
    // Dealt one after the other, from the first run on.
    let mine = options
        .shard
        .map_or(all, |shard| (all + shard.of - shard.part) / shard.of);
    let progress = Progress::new(mine, command.quiet);
    // A check has to run everything.
    let known = store.filter(|_| !command.check_determinism);
    let outcome = experiment::run(&label, plan, options, known, &progress);
    let (seconds, events) = progress.finish();
    cost.seconds += seconds;
    cost.events += events;
    // Others may be about to write into the folder of parts.
    if let Some(store) = store.filter(|_| options.shard.is_none()) {
        store.tidy();
    }
    let outcome = outcome.map_err(|trouble| troubled(&trouble, store, terminal))?;
    if !outcome.failures.is_empty() {
        let program = again::program();
        return Err(broken(&outcome.failures, plan, command, &program));
    }
    if !outcome.complete() {
        return Err(interrupted(&outcome, known));
    }
    Ok(outcome)
}

/// Writes the folder; then the complete runs set aside may go.
pub(super) fn keep(
    command: &Run,
    plan: &Plan,
    results: &Results,
    target: &Path,
    store: Option<&Store>,
    cost: &Cost,
) -> Result<(), Stop> {
    write(target, &plan.scenario, results, command, cost).map_err(|error| {
        // A check keeps no runs.
        let kept = store.filter(|_| !command.check_determinism);
        let kept = kept.map_or_else(String::new, |store| {
            let all = plural(plan.scenario.runs().count(), "run");
            format!("\n{all} complete{}", kept_in(store))
        });
        Stop::error(Exit::Unexpected, format!("{error}{kept}"))
    })?;
    if let Some(store) = store {
        store.remove().map_err(|error| {
            let folder = store.folder().display();
            Stop::error(Exit::Unexpected, format!("cannot remove {folder}: {error}"))
        })?;
    }
    Ok(())
}

/// Everything after the results: the words, then the verdict.
pub(super) fn conclude(command: &Run, done: &Done, terminal: &mut Terminal) -> Ended {
    let Done {
        plan,
        results,
        folder,
        cost,
    } = done;
    let judgements = judge(&plan.scenario.expects, results);
    if command.json {
        let document = json::document(results, &judgements, folder.as_deref());
        terminal.line(&format!("{document:#}"))?;
    } else {
        let label = command.file.display().to_string();
        summary::show(&plan.scenario, &label, results, &judgements, terminal)?;
        match folder {
            Some(folder) => {
                terminal.line(&format!("results in {folder}, to read: {folder}/{REPORT}"))?;
            }
            None => terminal.line("nothing written: --only runs a part; --out DIR keeps it")?,
        }
    }
    if !command.quiet {
        if command.check_determinism {
            terminal.say("deterministic: every run twice, on one shard and on several");
        }
        let speed = speed(cost.events as f64 / cost.seconds.max(1e-3));
        let events = count(cost.events);
        terminal.say(&format!(
            "{events} events in {}, {speed}",
            spent(cost.seconds)
        ));
    }
    let suite = &plan.scenario.name;
    let checked = Checked {
        suite,
        file: &command.file.display().to_string(),
        what: "expectations",
        checks: of_judgements(&judgements),
        table: table::markdown(results, &table::chosen(&plan.scenario, results)),
        strict: command.strict,
    };
    ci::report(&checked, &command.reports, terminal)?;
    let failed = judgements.iter().any(|judgement| match judgement.verdict {
        Verdict::Pass => false,
        Verdict::Fail => true,
        Verdict::Unsure => command.strict,
    });
    Ok(if failed {
        Exit::Expectation
    } else {
        Exit::Fine
    })
}

/// Where results go; nowhere for a part of an experiment, unless asked for.
fn target(command: &Run, plan: &Plan) -> Option<PathBuf> {
    let own = || {
        command
            .only
            .is_empty()
            .then(|| Path::new("results").join(&plan.scenario.name))
    };
    command.out.clone().or_else(own)
}

/// Opens the folder of complete runs, which is also the first try to write there.
fn store(target: Option<&Path>) -> Result<Option<Store>, Stop> {
    let Some(target) = target else {
        return Ok(None);
    };
    // A program that was built anew may give other results under the same version.
    let program = std::env::current_exe().and_then(std::fs::metadata);
    let program = program.map(|data| format!("{} {:?}", data.len(), data.modified().ok()));
    let program = format!("{} {}", VERSION, program.unwrap_or_default());
    let store = Store::beside(target, &program);
    store.open().map_err(|error| {
        let text = format!("cannot write {}: {error}", store.folder().display());
        Stop::error(Exit::Unexpected, text)
    })?;
    Ok(Some(store))
}

/// As many runs side by side as processors and memory allow; an error if not even one fits.
pub(super) fn jobs(command: &Run, plan: &Plan, terminal: &mut Terminal) -> Result<usize, Stop> {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let shards = usize::from(command.shards);
    let wanted = command
        .jobs
        .map_or((processors / shards).max(1), usize::from);
    let points = plan.scenario.points.iter();
    let estimates = points.filter_map(|point| experiment::estimate(&point.body, &plan.files).ok());
    let largest = estimates.max_by_key(experiment::Estimate::total);
    let (Some(largest), Some(free)) = (largest, experiment::available()) else {
        return Ok(wanted);
    };
    let need = largest.total();
    if need > free {
        let text = format!(
            "a run needs about {} and {} are free\n  {} for the state of {} peers, {} for the \
             network, {} for events\n  make `peers`, or the degree of `topology`, smaller",
            bytes(need),
            bytes(free),
            bytes(largest.state),
            count(largest.peers),
            bytes(largest.network),
            bytes(largest.events),
        );
        return Err(Stop::error(Exit::Usage, text));
    }
    let fits = usize::try_from(free / need.max(1)).unwrap_or(usize::MAX);
    if fits < wanted && !command.quiet {
        let each = bytes(need);
        terminal.say(&format!(
            "{} at a time: each needs about {each}",
            plural(fits, "run")
        ));
    }
    Ok(wanted.min(fits))
}

/// The first Ctrl-C lets the runs under way end; the second ends the program at once. What is
/// complete is on the disk either way.
pub(super) fn listen() {
    let handler = || {
        if STOP.swap(true, Ordering::Relaxed) {
            #[expect(clippy::exit, reason = "asked twice to stop at once")]
            std::process::exit(Exit::Interrupted as i32);
        }
        super::terminal::remark("finishing the runs under way; Ctrl-C again stops at once");
    };
    // Without a handler Ctrl-C kills the program, which is no loss either.
    let _ = ctrlc::set_handler(handler);
}

fn interrupted(outcome: &Outcome, kept: Option<&Store>) -> Stop {
    let records = outcome.runs.iter();
    let complete = records.filter(|(_, record)| record.is_some()).count();
    let all = plural(outcome.runs.len(), "run");
    let then = kept.map_or_else(|| ", none kept".to_owned(), kept_in);
    let text = format!("interrupted: {complete} of {all} complete{then}");
    Stop::Said(Exit::Interrupted, text)
}

/// That complete runs are there, and what goes on from them.
fn kept_in(store: &Store) -> String {
    let folder = store.folder().display();
    format!(", kept in {folder}\nresume: {}", again::whole())
}

fn troubled(trouble: &Trouble, store: Option<&Store>, terminal: &Terminal) -> Stop {
    match trouble {
        Trouble::Input(problems) => problems_said(problems, terminal),
        Trouble::Store(error) => {
            let folder = store.map_or(Path::new(""), Store::folder);
            // It is gone if there was nothing in it.
            let kept = if folder.exists() {
                "\ncomplete runs are kept there"
            } else {
                ""
            };
            let text = format!(
                "cannot write to {}: {error}{kept}\nresume: {}",
                folder.display(),
                again::whole()
            );
            Stop::error(Exit::Unexpected, text)
        }
        Trouble::Threads(error) => Stop::error(Exit::Unexpected, error),
    }
}

/// Every run that broke, with the one command that shows it again.
fn broken(failures: &[Failure], plan: &Plan, command: &Run, program: &str) -> Stop {
    let mut lines = Vec::new();
    for Failure { run, message } in failures {
        let mut place = again::place(plan, run);
        place.push(format!("seed {}", run.seed));
        let name = &plan.scenario.name;
        let number = run.number + 1;
        lines.push(format!(
            "error: run {number} of {name} broke: {}",
            place.join(", ")
        ));
        lines.push(format!("  {}", message.replace('\n', "\n  ")));
        let again = again::one(program, plan, run, command);
        lines.push(format!("  again: {again}"));
    }
    let broke = plural(failures.len(), "run");
    let all = plan.scenario.runs().count();
    lines.push(format!(
        "{broke} of {all} broke: a bug of this program; nothing was written"
    ));
    Stop::Said(Exit::Broken, lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::arguments::{Arguments, Command};
    use crate::input::Files;
    use crate::scenario::load;
    use clap::Parser;

    /// What broke is said with its place, and the command shows exactly that run again.
    #[test]
    fn a_broken_run_ends_with_the_command_that_repeats_it() {
        let text = r#"
            name = "t"
            peers = 10
            duration = "10 s"
            base_variant = "push"
            network.constant.latency = "50 ms"
            protocol.gossip = { targets = "uniform", strategy.push.fanout = 3 }
            variants.two.protocol.gossip.strategy.push.fanout = 2
            sweep.peers = [10, 20]
        "#;
        let scenario = load("t.toml", text, &[]).unwrap_or_else(|problems| panic!("{problems}"));
        let files = Files::default();
        let plan = Plan { scenario, files };
        let words = ["sim", "run", "my file.toml", "--set", "duration=\"9 s\""];
        let words = words
            .into_iter()
            .chain(["--shards", "3", "--check-determinism"]);
        let Command::Run(command) = Arguments::parse_from(words).command else {
            panic!("another command");
        };
        let (number, (point, seed)) = plan.scenario.runs().enumerate().last().expect("runs");
        let failure = Failure {
            run: experiment::Run {
                number,
                point,
                seed,
            },
            message: "not deterministic: …\nthe same for 5 events".to_owned(),
        };
        let Stop::Said(exit, said) = broken(&[failure], &plan, &command, "sim") else {
            panic!("not said");
        };
        assert_eq!(exit as u8, 20);
        let point = &plan.scenario.points[point];
        let peers = &point.values[0].as_ref().expect("swept").text;
        let variant = &point.variant;
        let expected = format!(
            "error: run {} of t broke: variant={variant}, peers={peers}, seed {seed}\n  \
             not deterministic: …\n  the same for 5 events\n  \
             again: sim run 'my file.toml' --set 'duration=\"9 s\"' --only variant={variant} \
             --only peers={peers} --set seeds.first={seed} --seeds 1 --shards 3 \
             --check-determinism\n\
             1 run of {} broke: a bug of this program; nothing was written",
            number + 1,
            number + 1,
        );
        assert_eq!(said, expected);
    }
}
