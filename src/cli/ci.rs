//! What a CI service wants beside the words: JUnit XML, a summary in Markdown, annotations.

use super::arguments::Reports;
use super::exit::{Exit, Stop};
use super::terminal::Terminal;
use super::write::whole;
use crate::report::checks::{Check, annotations, junit, markdown};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

/// What was checked, and of what.
pub(super) struct Checked<'a> {
    /// The scenario's name.
    pub suite: &'a str,
    /// The scenario's path.
    pub file: &'a str,
    /// `expectations` or `comparisons`.
    pub what: &'a str,
    /// One by one.
    pub checks: Vec<Check>,
    /// The numbers, in Markdown.
    pub table: String,
    /// Whether what is unsure has failed.
    pub strict: bool,
}

/// Writes what was asked for, and what GitHub's runner asks for by its environment: a summary at the end
/// of `$GITHUB_STEP_SUMMARY`, annotations if `$GITHUB_ACTIONS` is `true`.
pub(super) fn report(
    checked: &Checked<'_>,
    wanted: &Reports,
    terminal: &mut Terminal,
) -> Result<(), Stop> {
    let Checked {
        suite,
        file,
        what,
        checks,
        table,
        strict,
    } = checked;
    let given = wanted
        .scenario
        .as_ref()
        .map(|path| path.display().to_string());
    let file = given.as_deref().unwrap_or(file);
    if let Some(path) = &wanted.junit {
        let text = junit(suite, file, checks, *strict);
        whole(path, &text).map_err(|error| cannot(path, &error))?;
    }
    let section = markdown(suite, what, checks, table);
    if let Some(path) = &wanted.summary {
        whole(path, &section).map_err(|error| cannot(path, &error))?;
    }
    let asked = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    if let Some(path) = asked("GITHUB_STEP_SUMMARY") {
        let path = PathBuf::from(path);
        append(&path, &section).map_err(|error| cannot(&path, &error))?;
    }
    if asked("GITHUB_ACTIONS").is_some_and(|value| value == "true") {
        for line in annotations(suite, file, checks, *strict) {
            terminal.say(&line);
        }
    }
    Ok(())
}

fn append(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    file.write_all(text.as_bytes())
}

fn cannot(path: &Path, error: &std::io::Error) -> Stop {
    Stop::error(
        Exit::Unexpected,
        format!("cannot write {}: {error}", path.display()),
    )
}
