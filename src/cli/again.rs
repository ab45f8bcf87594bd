//! Commands to type again: the one that goes on where it stopped, and the one that shows a broken run.

use super::arguments::Run;
use super::numbers::quoted;
use crate::experiment::{self, Plan};

/// The program as it was called: `sim`, `target/release/sim`.
pub(super) fn program() -> String {
    let first = std::env::args_os().next();
    first.map_or_else(|| "sim".to_owned(), |word| quoted(&word.to_string_lossy()))
}

/// The whole command as it was called, for a shell.
pub(super) fn whole() -> String {
    let rest = std::env::args_os().skip(1);
    let rest = rest.map(|word| quoted(&word.to_string_lossy()));
    let words: Vec<String> = std::iter::once(program()).chain(rest).collect();
    words.join(" ")
}

/// Where a run is: `variant=push`, `peers=20`, as [`experiment::Filter`] reads it.
pub(super) fn place(plan: &Plan, run: &experiment::Run) -> Vec<String> {
    let scenario = &plan.scenario;
    let point = &scenario.points[run.point];
    let axes = scenario.axes.iter().zip(&point.values);
    let axes = axes.filter_map(|(axis, value)| {
        let value = value.as_ref()?;
        Some(format!("{}={}", axis.path, value.text))
    });
    let variant = (scenario.variants.len() > 1).then(|| format!("variant={}", point.variant));
    variant.into_iter().chain(axes).collect()
}

/// The command for this one run of `command`, in the same way.
pub(super) fn one(program: &str, plan: &Plan, run: &experiment::Run, command: &Run) -> String {
    let mut words = vec![
        format!("{program} run"),
        quoted(&command.file.display().to_string()),
    ];
    let sets = command.sets.iter();
    words.extend(sets.map(|set| format!("--set {}", quoted(set))));
    let place = place(plan, run);
    words.extend(place.iter().map(|only| format!("--only {}", quoted(only))));
    words.push(format!("--set seeds.first={} --seeds 1", run.seed));
    if command.shards > 1 {
        words.push(format!("--shards {}", command.shards));
    }
    if command.check_determinism {
        words.push("--check-determinism".to_owned());
    }
    words.join(" ")
}
