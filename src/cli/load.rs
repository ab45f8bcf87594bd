//! From paths to plans, and how their problems are said.

use super::exit::{Exit, Stop};
use super::terminal::Terminal;
use crate::experiment::{Plan, read_files};
use crate::scenario::{Problems, Settings, load};
use std::path::Path;

/// Reads a scenario and the files it names.
pub(super) fn plan(path: &Path, sets: &[String], terminal: &Terminal) -> Result<Plan, Stop> {
    let label = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Stop::error(Exit::Usage, format!("cannot read {label}: {error}")))?;
    let said = |problems: &Problems| problems_said(problems, terminal);
    let scenario = load::<Settings>(&label, &text, sets).map_err(|problems| said(&problems))?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let files = read_files(&label, folder, &scenario).map_err(|problems| said(&problems))?;
    Ok(Plan { scenario, files })
}

/// Problems of a scenario end a command with the usage code.
pub(super) fn problems_said(problems: &Problems, terminal: &Terminal) -> Stop {
    Stop::Said(Exit::Usage, problems.render(terminal.color_remarks))
}
