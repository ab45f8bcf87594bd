//! `sim list`.

use super::arguments::List;
use super::exit::{Ended, Exit, Stop};
use super::numbers::count;
use super::terminal::{Ink, Terminal};
use crate::scenario::{Settings, load};
use std::io;
use std::path::{Path, PathBuf};

pub(super) fn run(command: &List, terminal: &mut Terminal) -> Ended {
    let folder = &command.folder;
    let mut files = Vec::new();
    collect(folder, &mut files).map_err(|error| {
        let text = format!("cannot read {}: {error}", folder.display());
        Stop::error(Exit::Usage, text)
    })?;
    files.sort();
    if files.is_empty() {
        terminal.say(&format!(
            "no scenarios in {}; `sim init` writes one",
            folder.display()
        ));
        return Ok(Exit::Fine);
    }
    let mut rows = vec![["scenario", "runs", "peers", "question"].map(str::to_owned)];
    rows.extend(files.iter().map(|file| row(file)));
    let width = |column: usize| {
        rows.iter()
            .map(|row: &[String; 4]| row[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let (name, runs, peers) = (width(0), width(1), width(2));
    for (number, [file, some, many, about]) in rows.iter().enumerate() {
        let line = format!("{file:name$}  {some:>runs$}  {many:>peers$}  {about}");
        let ink = if number == 0 { Ink::Faint } else { Ink::Strong };
        let line = if number == 0 {
            terminal.ink(ink, &line)
        } else {
            line
        };
        terminal.line(line.trim_end())?;
    }
    Ok(Exit::Fine)
}

/// All `.toml` files in a folder and below; hidden folders are left out.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let hidden = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if path.is_dir() && !hidden {
            collect(&path, files)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            files.push(path);
        }
    }
    Ok(())
}

fn row(file: &Path) -> [String; 4] {
    let label = file.display().to_string();
    let wrong = |text: String| [label.clone(), String::new(), String::new(), text];
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => return wrong(format!("cannot be read: {error}")),
    };
    match load::<Settings>(&label, &text, &[]) {
        Ok(scenario) => {
            let peers = scenario.points.iter().map(|point| point.body.peers);
            let about = scenario
                .about
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ");
            let runs = count(scenario.runs().count() as u64);
            [label, runs, count(peers.max().unwrap_or(0).into()), about]
        }
        Err(_) => wrong(format!("has problems: sim check {label}")),
    }
}
