//! `sim report`.

use super::arguments::Report;
use super::exit::{Ended, Exit, Stop};
use super::load::problems_said;
use super::source::{Found, damaged, in_folder, origin, read};
use super::terminal::Terminal;
use super::write::whole;
use crate::experiment::VERSION;
use crate::report::contents::tables;
use crate::report::folder::REPORT;
use crate::report::page::{BUILT_IN, Page, Template};
use std::fs;
use std::path::{Path, PathBuf};

pub(super) fn run(command: &Report, terminal: &mut Terminal) -> Ended {
    let Some(folder) = &command.results else {
        terminal.text(BUILT_IN)?;
        return Ok(Exit::Fine);
    };
    let template = match &command.template {
        Some(path) => template(path, terminal)?,
        None => Template::built_in(),
    };
    let target = match &command.out {
        Some(out) => outside(folder, out)?.to_owned(),
        None => folder.join(REPORT),
    };
    let found = results(folder, terminal)?;
    let charts = charts(folder)?;
    let notes = read(&folder.join("notes.txt"))?;
    let page = Page::new(&found.scenario, &found.results, &notes, &charts);
    let page = page.map_err(|error| damaged(folder, &error))?;
    let text = template.render(&page);
    let text = text.map_err(|problems| problems_said(&problems, terminal))?;
    whole(&target, &text).map_err(|error| {
        let text = format!("cannot write {}: {error}", target.display());
        Stop::error(Exit::Unexpected, text)
    })?;
    terminal.line(&target.display().to_string())?;
    Ok(Exit::Fine)
}

fn template(path: &Path, terminal: &Terminal) -> Result<Template, Stop> {
    let text = read(path)?;
    let name = path.display().to_string();
    Template::new(&name, &text).map_err(|problems| problems_said(&problems, terminal))
}

/// A file that no run writes would keep the folder from being replaced.
fn outside<'a>(folder: &Path, out: &'a Path) -> Result<&'a Path, Stop> {
    let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    let (Ok(parent), Ok(folder)) = (parent.canonicalize(), folder.canonicalize()) else {
        return Ok(out);
    };
    if !parent.starts_with(&folder) || (parent == folder && out.ends_with(REPORT)) {
        return Ok(out);
    }
    let out = out.display();
    let text = format!(
        "{out} would stand among the results, which `sim run` replaces as a whole; choose a place \
         outside, or leave out --out for {REPORT}"
    );
    Err(Stop::error(Exit::Usage, text))
}

/// The results of a folder that is as this program has left it.
fn results(folder: &Path, terminal: &Terminal) -> Result<Found, Stop> {
    let shown = folder.display();
    let version = origin(folder)?.version;
    if version != VERSION {
        let text = format!(
            "{shown} is of version {version}, and this is {VERSION}, which may take a setting or a \
             metric for something else; run the scenario again, or use that version"
        );
        return Err(Stop::error(Exit::Usage, text));
    }
    let found = in_folder(folder, terminal)?;
    for (path, expected) in tables(&found.scenario, &found.results) {
        if read(&folder.join(&path))? != expected {
            let text = format!("{path} is not what its runs and this program make of it");
            return Err(damaged(folder, &text));
        }
    }
    Ok(found)
}

/// The charts in the folder: stems and SVG.
fn charts(folder: &Path) -> Result<Vec<(String, String)>, Stop> {
    let folder = folder.join("charts");
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(&folder).map_err(|error| unreadable(&folder, &error))?;
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| unreadable(&folder, &error))?;
        paths.push(entry.path());
    }
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "svg"));
    paths.sort();
    let charts = paths.iter().map(|path| {
        let stem = path.file_stem().unwrap_or_default();
        Ok((stem.to_string_lossy().into_owned(), read(path)?))
    });
    charts.collect()
}

fn unreadable(path: &Path, error: &std::io::Error) -> Stop {
    let text = format!("cannot read {}: {error}", path.display());
    Stop::error(Exit::Usage, text)
}
