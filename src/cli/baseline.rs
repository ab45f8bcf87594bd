//! `sim baseline`.

use super::arguments::{Accept, Baseline, Show};
use super::exit::{Ended, Exit, Stop};
use super::numbers::plural;
use super::source::{count, find};
use super::terminal::Terminal;
use super::write::whole;
use crate::report::baseline::Baseline as Kept;
use crate::report::number::with_interval;
use crate::report::{gather, summary::summarise};
use std::fs;
use std::path::{Path, PathBuf};

pub(super) fn run(command: &Baseline, terminal: &mut Terminal) -> Ended {
    match command {
        Baseline::Accept(command) => accept(command, terminal),
        Baseline::Show(command) => show(command, terminal),
    }
}

fn accept(command: &Accept, terminal: &mut Terminal) -> Ended {
    let found = find(&command.source, terminal)?;
    let kept = Kept::of(&found.scenario, &found.results, found.files.as_ref());
    let own = || PathBuf::from(format!("baselines/{}.json", found.scenario.name));
    let target = command.baseline.clone().unwrap_or_else(own);
    let text = kept.write();
    let shown = target.display();
    let before = fs::read_to_string(&target).ok();
    if before.as_ref() != Some(&text) {
        whole(&target, &text).map_err(|error| {
            Stop::error(Exit::Unexpected, format!("cannot write {shown}: {error}"))
        })?;
    }
    let said = match before {
        None => "accepted",
        Some(before) if before == text => "nothing new",
        Some(_) => "accepted instead of an earlier one",
    };
    let runs = plural(count(&found.results), "run");
    let digest = gather::digest(&found.results);
    terminal.line(&format!("{shown}: {said}, {runs}, digest {digest:016x}"))?;
    Ok(Exit::Fine)
}

/// Reads a baseline.
pub(super) fn read(path: &Path) -> Result<Kept, Stop> {
    let shown = path.display();
    let text = fs::read_to_string(path)
        .map_err(|error| Stop::error(Exit::Usage, format!("cannot read {shown}: {error}")))?;
    Kept::read(&text).map_err(|error| Stop::error(Exit::Usage, format!("{shown}: {error}")))
}

fn show(command: &Show, terminal: &mut Terminal) -> Ended {
    let kept = read(&command.file)?;
    let results = &kept.results;
    let runs = plural(count(results), "run");
    let digest = gather::digest(results);
    terminal.line(&format!(
        "{}, by version {}: {runs}, digest {digest:016x}",
        results.name, results.version
    ))?;
    for point in results.sorted_points() {
        terminal.line("")?;
        let seeds: Vec<u64> = point.sorted_runs().iter().map(|(seed, _)| *seed).collect();
        let (first, last) = (seeds.first().unwrap_or(&0), seeds.last().unwrap_or(&0));
        let label = point.label();
        let comma = if label.is_empty() { "" } else { ", " };
        terminal.line(&format!("{label}{comma}seeds {first} to {last}"))?;
        let width = kept.units.keys().map(String::len).max().unwrap_or(0);
        for (metric, unit) in &kept.units {
            let over = summarise(point, metric, "").over_runs;
            if over.n > 0 {
                let value = with_interval(over.mean, over.interval());
                terminal.line(format!(" {metric:width$}  {value} {unit}").trim_end())?;
            }
        }
    }
    Ok(Exit::Fine)
}
