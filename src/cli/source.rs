//! The results that a command is about: of a scenario, which is run, or in a folder, which is read.

use super::arguments::{Reports, Run, Source};
use super::exit::{Exit, Stop};
use super::load::problems_said;
use super::numbers::plural;
use super::run::perform;
use super::terminal::Terminal;
use crate::input::Files;
use crate::report::Results;
use crate::report::folder::MARK;
use crate::report::reading::{self, Origin};
use crate::scenario::{Scenario, Settings, load};
use std::path::Path;

/// Results and where they are from.
pub(super) struct Found {
    /// What was run.
    pub scenario: Scenario<Settings>,
    /// The path of its file.
    pub label: String,
    /// What came out.
    pub results: Results,
    /// The files that the scenario names, if it was run here and now.
    pub files: Option<Files>,
}

/// Runs a scenario, or reads a folder.
pub(super) fn find(source: &Source, terminal: &mut Terminal) -> Result<Found, Stop> {
    if source.target.is_dir() {
        let given = [
            (!source.sets.is_empty(), "--set"),
            (source.seeds.is_some(), "--seeds"),
            (source.jobs.is_some(), "--jobs"),
            (source.out.is_some(), "--out"),
        ];
        if let Some((_, option)) = given.iter().find(|(given, _)| *given) {
            let folder = source.target.display();
            let text = format!(
                "{option} is for a scenario that is run; {folder} holds results, which are read as \
                 they are"
            );
            return Err(Stop::error(Exit::Usage, text));
        }
        return in_folder(&source.target, terminal);
    }
    let command = Run {
        file: source.target.clone(),
        sets: source.sets.clone(),
        seeds: source.seeds,
        only: Vec::new(),
        jobs: source.jobs,
        shards: 1,
        shard: None,
        out: source.out.clone(),
        json: false,
        png: false,
        quiet: source.quiet,
        strict: false,
        check_determinism: false,
        reports: Reports::default(),
    };
    let done = perform(&command, terminal)?;
    Ok(Found {
        scenario: done.plan.scenario,
        label: source.target.display().to_string(),
        results: done.results,
        files: Some(done.plan.files),
    })
}

/// What a folder of results says of its making; an error if it is no such folder.
pub(super) fn origin(folder: &Path) -> Result<Origin, Stop> {
    if !folder.join(MARK).exists() {
        let shown = folder.display();
        let text = format!("{shown} is not a folder of results: it has no {MARK}");
        return Err(Stop::error(Exit::Usage, text));
    }
    let notes = read(&folder.join("notes.txt"))?;
    Origin::read(&notes).map_err(|error| damaged(folder, &error))
}

/// The text of a file.
pub(super) fn read(path: &Path) -> Result<String, Stop> {
    std::fs::read_to_string(path).map_err(|error| {
        let text = format!("cannot read {}: {error}", path.display());
        Stop::error(Exit::Usage, text)
    })
}

/// A file of a folder of results is not what a run writes.
pub(super) fn damaged(folder: &Path, what: &dyn std::fmt::Display) -> Stop {
    let again = "run the scenario again: sim run writes the folder as a whole";
    let text = format!("{}/{what}\n{again}", folder.display());
    Stop::error(Exit::Usage, text)
}

/// Reads a folder of results; it has to be whole.
pub(super) fn in_folder(folder: &Path, terminal: &Terminal) -> Result<Found, Stop> {
    let shown = folder.display();
    let origin = origin(folder)?;
    let text = |name: &str| read(&folder.join(name));
    let damaged = |error| damaged(folder, &error);
    let label = folder.join("scenario.toml").display().to_string();
    let scenario = load::<Settings>(&label, &text("scenario.toml")?, &origin.sets)
        .map_err(|problems| problems_said(&problems, terminal))?;
    let results = reading::read(
        &scenario,
        &origin.version,
        &text("runs.csv")?,
        &text("metrics.csv")?,
    );
    let results = results.map_err(damaged)?;
    let (there, all) = (count(&results), scenario.runs().count());
    if there < all {
        let text = format!(
            "{shown} is incomplete: {there} of {}; run the scenario again",
            plural(all, "run")
        );
        return Err(Stop::error(Exit::Incomplete, text));
    }
    Ok(Found {
        scenario,
        label,
        results,
        files: None,
    })
}

/// All runs.
pub(super) fn count(results: &Results) -> usize {
    results.points.iter().map(|point| point.runs.len()).sum()
}
