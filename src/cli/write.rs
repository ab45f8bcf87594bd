//! The results folder, and the one file in it that knows a machine; single files.

use super::arguments::Run;
use crate::report::{Results, contents, write_folder};
use crate::scenario::{Scenario, Settings};
use serde_json::json;
use std::fs;
use std::path::Path;

/// What the runs took on this machine.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cost {
    /// Seconds by the clock.
    pub seconds: f64,
    /// Events, without those of resumed runs.
    pub events: u64,
    /// Runs side by side.
    pub jobs: usize,
    /// Runs that were complete already.
    pub resumed: usize,
}

/// Writes the folder as a whole; an error says what could not be written.
pub(super) fn write(
    target: &Path,
    scenario: &Scenario<Settings>,
    results: &Results,
    command: &Run,
    cost: &Cost,
) -> Result<(), String> {
    let files = contents::files(scenario, results, command.png);
    let mut files = files.map_err(|error| error.to_string())?;
    files.push((
        "host.json".to_owned(),
        format!("{:#}\n", host(command, cost)).into_bytes(),
    ));
    write_folder(target, &files).map_err(|error| error.to_string())
}

/// Writes one file, and its folder: aside, then renamed, so that it is whole or as it was.
pub(super) fn whole(target: &Path, text: &str) -> std::io::Result<()> {
    if let Some(parent) = target.parent().filter(|p| !p.as_os_str().is_empty()) {
        fs::create_dir_all(parent)?;
    }
    let mut aside = target.as_os_str().to_owned();
    aside.push(".partial");
    let written = fs::write(&aside, text).and_then(|()| fs::rename(&aside, target));
    if written.is_err() {
        // The first error is the one to report.
        let _ = fs::remove_file(&aside);
    }
    written
}

/// Everything that differs from machine to machine.
fn host(command: &Run, cost: &Cost) -> serde_json::Value {
    #[expect(clippy::disallowed_types, reason = "the one file with a clock in it")]
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    json!({
        "finished_unix_s": now.map_or(0, |now| now.as_secs()),
        "seconds": cost.seconds,
        "events": cost.events,
        "events_per_second": cost.events as f64 / cost.seconds.max(1e-3),
        "runs_resumed": cost.resumed,
        "jobs": cost.jobs,
        "shards": command.shards,
        "processors": std::thread::available_parallelism().map_or(1, usize::from),
        "system": std::env::consts::OS,
        "architecture": std::env::consts::ARCH,
        "host": name.trim(),
    })
}
