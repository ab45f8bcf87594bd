//! `sim check`.

use super::arguments::Check;
use super::exit::{Ended, Exit, Stop};
use super::load::{plan, problems_said};
use super::numbers::{bytes, count, plural};
use super::terminal::Terminal;
use crate::experiment::{Plan, check, estimate};
use std::path::Path;

/// Every file is checked, whatever is wrong with those before.
pub(super) fn run(command: &Check, terminal: &mut Terminal) -> Ended {
    let mut exit = Exit::Fine;
    for file in &command.files {
        match one(file, &command.sets, terminal) {
            Ok(line) => terminal.line(&line)?,
            Err(Stop::Said(code, text)) => {
                exit = code;
                terminal.say(&text);
            }
            Err(stop) => return Err(stop),
        }
    }
    Ok(exit)
}

fn one(file: &Path, sets: &[String], terminal: &Terminal) -> Result<String, Stop> {
    let label = file.display().to_string();
    let plan = plan(file, sets, terminal)?;
    check(&label, &plan).map_err(|problems| problems_said(&problems, terminal))?;
    Ok(format!("{label}: ok, {}", size(&plan)))
}

/// `2 variants x 20 seeds = 40 runs of up to 1000 peers and about 3.1 MiB each`.
pub(super) fn size(plan: &Plan) -> String {
    let scenario = &plan.scenario;
    let estimates = scenario.points.iter();
    let estimates = estimates.filter_map(|point| estimate(&point.body, &plan.files).ok());
    let largest = estimates.max_by_key(crate::experiment::Estimate::total);
    let (variants, points) = (scenario.variants.len(), scenario.points.len());
    let points = match (variants, scenario.axes.is_empty()) {
        (1, true) => String::new(),
        (_, true) => format!("{} x ", plural(variants, "variant")),
        (1, false) => format!("{} x ", plural(points, "swept value")),
        (_, false) => {
            let variants = plural(variants, "variant");
            format!(
                "{variants} with swept values, {} x ",
                plural(points, "point")
            )
        }
    };
    let seeds = plural(scenario.seeds.count as usize, "seed");
    let runs = plural(scenario.runs().count(), "run");
    let each = largest.map_or_else(String::new, |largest| {
        let (peers, memory) = (count(largest.peers), bytes(largest.total()));
        format!(" of up to {peers} peers and about {memory} each")
    });
    format!("{points}{seeds} = {runs}{each}")
}
