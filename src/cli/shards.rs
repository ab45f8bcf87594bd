//! An experiment on several machines: `sim plan`, `sim run --shard`, `sim merge`.

mod auto;

use super::again::place;
use super::arguments::{Merge, Plan as PlanArguments, Reports, Run};
use super::check::size;
use super::exit::{Ended, Exit, Stop};
use super::load::{plan, problems_said};
use super::numbers::plural;
use super::run::{Done, conclude, jobs, keep, listen, options, stage};
use super::terminal::Terminal;
use super::write::Cost;
use crate::experiment::{self, MergeError, Plan, Shard, Store, VERSION, ids, merge, strangers};
use crate::report::csv::table;
use crate::report::folder::check_target;
use crate::report::gather::gather;
use std::path::{Path, PathBuf};

/// Missing runs that are named.
const NAMED: usize = 5;

/// Lists every run with its id.
pub(super) fn list(command: &PlanArguments, terminal: &mut Terminal) -> Ended {
    let plan = plan(&command.file, &command.sets, terminal)?;
    let axes = plan.scenario.axes.iter().map(|axis| axis.path.as_str());
    let head: Vec<&str> = ["run", "variant"]
        .into_iter()
        .chain(axes)
        .chain(["seed", "id"])
        .collect();
    let rows = ids(&plan).into_iter().map(|(run, id)| {
        let point = &plan.scenario.points[run.point];
        let mut row = vec![(run.number + 1).to_string(), point.variant.clone()];
        let values = point.values.iter();
        row.extend(values.map(|value| value.as_ref().map_or("", |value| &value.text).to_owned()));
        row.extend([run.seed.to_string(), id]);
        row
    });
    terminal.text(&table(&head, rows))?;
    Ok(Exit::Fine)
}

/// `K/N` or `auto`, as `--shard` has it.
pub(super) fn parse(text: &str) -> Result<Shard, String> {
    if text == "auto" {
        return auto::find(&|name| std::env::var(name).ok());
    }
    let wrong = || "write it like 1/4: the first of four parts".to_owned();
    auto::explicit(text).ok_or_else(wrong)
}

/// Runs one part, and leaves its runs in a folder for `sim merge`.
pub(super) fn run(command: &Run, shard: Shard, terminal: &mut Terminal) -> Ended {
    let label = command.file.display().to_string();
    let plan = divisible(&command.file, &command.sets, command.seeds, terminal)?;
    experiment::check(&label, &plan).map_err(|problems| problems_said(&problems, terminal))?;
    let own = || PathBuf::from(format!("results/{}.parts", plan.scenario.name));
    let folder = command.out.clone().unwrap_or_else(own);
    let shown = folder.display().to_string();
    let store = Store::shared(folder);
    store.open().map_err(|error| {
        let text = format!("cannot write {shown}: {error}");
        Stop::error(Exit::Unexpected, text)
    })?;
    let jobs = jobs(command, &plan, terminal)?;
    if !command.quiet {
        let Shard { part, of } = shard;
        terminal.say(&format!("{label}: part {part} of {of} of {}", size(&plan)));
    }
    listen();
    let mut cost = Cost {
        seconds: 0.0,
        events: 0,
        jobs,
        resumed: 0,
    };
    let options = options(command, jobs, Some(shard));
    let outcome = stage(command, &plan, &options, Some(&store), &mut cost, terminal)?;
    let runs = plural(outcome.runs.len(), "run");
    let new = outcome.runs.len() - outcome.resumed;
    terminal.line(&format!("{runs} in {shown}, {new} of them new"))?;
    Ok(Exit::Fine)
}

/// Reads a scenario whose runs can be dealt: how many there are has to be known beforehand.
pub(super) fn divisible(
    file: &Path,
    sets: &[String],
    seeds: Option<u32>,
    terminal: &Terminal,
) -> Result<Plan, Stop> {
    let mut sets = sets.to_vec();
    sets.extend(seeds.map(|seeds| format!("seeds.count={seeds}")));
    let mut plan = plan(file, &sets, terminal)?;
    if plan.scenario.repeat.is_some() && seeds.is_none() {
        let text = "[repeat] does not know beforehand how many runs there are; say it with --seeds";
        return Err(Stop::error(Exit::Usage, text));
    }
    plan.scenario.repeat = None;
    Ok(plan)
}

/// Puts the parts together: the same results as of a run in one go.
pub(super) fn together(command: &Merge, terminal: &mut Terminal) -> Ended {
    let run = Run {
        file: command.file.clone(),
        sets: command.sets.clone(),
        seeds: command.seeds,
        only: Vec::new(),
        jobs: None,
        shards: 1,
        shard: None,
        out: command.out.clone(),
        json: command.json,
        png: false,
        quiet: true,
        strict: command.strict,
        check_determinism: false,
        reports: Reports::default(),
    };
    let plan = divisible(&run.file, &run.sets, run.seeds, terminal)?;
    let own = || Path::new("results").join(&plan.scenario.name);
    let target = run.out.clone().unwrap_or_else(own);
    check_target(&target).map_err(|error| Stop::error(Exit::Unexpected, error))?;
    if let Some(folder) = command.parts.iter().find(|folder| !folder.is_dir()) {
        let text = format!("{} is not a folder", folder.display());
        return Err(Stop::error(Exit::Usage, text));
    }
    let parts: Vec<Store> = command.parts.iter().cloned().map(Store::shared).collect();
    let outcome = merge(&plan, &parts).map_err(|error| wrong(&error))?;
    if !outcome.complete() {
        return Err(missing(&outcome, &plan, &parts));
    }
    let results = gather(&plan.scenario, VERSION, outcome.runs);
    let events = results.points.iter().flat_map(|point| &point.runs);
    let cost = Cost {
        seconds: 0.0,
        events: events.map(|(_, record)| record.events).sum(),
        jobs: 0,
        resumed: results.points.iter().map(|point| point.runs.len()).sum(),
    };
    keep(&run, &plan, &results, &target, None, &cost)?;
    let done = Done {
        plan,
        results,
        folder: Some(target.display().to_string()),
        cost,
    };
    conclude(&run, &done, terminal)
}

fn wrong(error: &MergeError) -> Stop {
    let exit = match error {
        MergeError::Differs { .. } => Exit::Broken,
        MergeError::Read { .. } | MergeError::Damaged { .. } => Exit::Usage,
    };
    Stop::error(exit, error)
}

/// Which runs are in no folder, and which folders have others instead.
fn missing(outcome: &experiment::Outcome, plan: &Plan, parts: &[Store]) -> Stop {
    let missing = outcome.runs.iter().filter(|(_, record)| record.is_none());
    let missing: Vec<_> = missing.map(|(run, _)| run).collect();
    let all = plural(outcome.runs.len(), "run");
    let mut lines = vec![format!(
        "error: incomplete: {} of {all} in no folder",
        missing.len()
    )];
    for run in missing.iter().take(NAMED) {
        let mut place = place(plan, run);
        place.push(format!("seed {}", run.seed));
        lines.push(format!("  run {}: {}", run.number + 1, place.join(", ")));
    }
    if missing.len() > NAMED {
        lines.push(format!("  ... and {} more", missing.len() - NAMED));
    }
    for part in parts {
        match strangers(plan, part) {
            Ok(0) => {}
            Ok(others) => lines.push(format!(
                "  {} has {} of another scenario, of other settings, or of another version of sim",
                part.folder().display(),
                plural(others, "run")
            )),
            Err(error) => return wrong(&error),
        }
    }
    Stop::Said(Exit::Incomplete, lines.join("\n"))
}
