//! `sim check`, and reading a scenario for the other commands.

use super::exit;
use super::terminal::Terminal;
use crate::experiment::{Plan, prepare, read_files};
use crate::scenario::{self, Scenario, Settings};
use std::path::Path;

/// Reads a scenario; what is wrong with it is told.
pub(super) fn load(
    file: &Path,
    sets: &[String],
    terminal: Terminal,
) -> Result<Scenario<Settings>, u8> {
    let bytes = std::fs::read(file).map_err(|error| {
        terminal.error(&format!("error: cannot read `{}`: {error}", file.display()));
        exit::USAGE
    })?;
    let text = String::from_utf8(bytes).map_err(|_| {
        terminal.error(&format!("error: `{}` is not text in UTF-8", file.display()));
        exit::USAGE
    })?;
    scenario::load(&file.display().to_string(), &text, sets).map_err(|problems| {
        terminal.error(problems.render(terminal.color).trim_end());
        exit::USAGE
    })
}

/// The folder a scenario's files are relative to.
pub(super) fn folder_of(file: &Path) -> &Path {
    file.parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// Builds what the runs would be built from, once per point: files are read, networks made.
fn prepares(scenario: &Scenario<Settings>, file: &Path) -> Result<(), String> {
    let plan = Plan::new(scenario);
    for (at, point) in scenario.points.iter().enumerate() {
        let files = read_files(&point.body, folder_of(file)).map_err(|error| error.to_string())?;
        let run = plan.runs.iter().find(|run| run.point == at);
        let seed = run.map_or(1, |run| run.seed);
        prepare(&point.body, &files, seed, 1).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Checks every file; all problems of all of them are told.
pub(super) fn check(files: &[std::path::PathBuf], terminal: Terminal) -> u8 {
    let mut code = exit::FINE;
    for file in files {
        match load(file, &[], terminal) {
            Ok(scenario) => match prepares(&scenario, file) {
                Ok(()) => {
                    let points = scenario.points.len();
                    let runs = scenario.runs().count();
                    let text = format!("{}: fine, {points} points, {runs} runs\n", file.display());
                    terminal.result(&text);
                }
                Err(error) => {
                    terminal.error(&format!("error: {}: {error}", file.display()));
                    code = exit::USAGE;
                }
            },
            Err(wrong) => code = wrong,
        }
    }
    code
}
