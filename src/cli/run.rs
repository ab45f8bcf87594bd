//! `sim run`.

use super::check::{folder_of, load};
use super::terminal::Terminal;
use super::{RunArgs, exit};
use crate::experiment::{
    self, ExperimentError, Failure, Judged, Options, Outcome, Plan, Progress, Store,
};
use crate::report::number::with_interval;
use crate::report::{Results, table, write_folder};
use crate::scenario::{Scenario, Settings};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[expect(
    clippy::disallowed_types,
    reason = "how long it took is told, and goes into host.json only"
)]
type Clock = std::time::Instant;

/// Between two lines of progress where no bar can be drawn.
const LINE_EVERY: Duration = Duration::from_secs(10);
/// Metrics in the terminal's table.
const SHOWN_METRICS: usize = 4;

/// Shows how far it is.
struct Bar {
    shown: ProgressBar,
    terminal: Terminal,
    begun: Clock,
    total: u64,
    ended: AtomicU64,
    events: AtomicU64,
    last_line: Mutex<Clock>,
}

impl Bar {
    fn new(total: usize, terminal: Terminal) -> Self {
        let live = terminal.live && !terminal.quiet;
        let bar = if live {
            ProgressBar::new(total as u64)
        } else {
            ProgressBar::hidden()
        };
        let style =
            ProgressStyle::with_template("  {bar:30} {pos}/{len} runs   {msg}   {eta} left");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        let begun = Clock::now();
        Self {
            shown: bar,
            terminal: Terminal { live, ..terminal },
            begun,
            total: total as u64,
            ended: AtomicU64::new(0),
            events: AtomicU64::new(0),
            last_line: Mutex::new(begun),
        }
    }
}

impl Progress for Bar {
    fn ended(&self, events: u64, kept: bool) {
        let ended = self.ended.fetch_add(1, Ordering::Relaxed) + 1;
        let events = if kept { 0 } else { events };
        let all = self.events.fetch_add(events, Ordering::Relaxed) + events;
        let rate = all as f64 / 1e6 / self.begun.elapsed().as_secs_f64().max(1e-3);
        self.shown.set_message(format!("{rate:.1} M events/s"));
        self.shown.inc(1);
        if !self.terminal.live
            && let Ok(mut last) = self.last_line.lock()
            && last.elapsed() > LINE_EVERY
        {
            *last = Clock::now();
            self.terminal.note(&format!(
                "{ended} of {} runs, {rate:.1} M events/s",
                self.total
            ));
        }
    }
}

/// Runs a scenario.
pub(super) fn run(args: &RunArgs, terminal: Terminal) -> u8 {
    let mut sets = args.sets.clone();
    sets.extend(args.seeds.map(|count| format!("seeds.count={count}")));
    let scenario = match load(&args.file, &sets, terminal) {
        Ok(scenario) => scenario,
        Err(code) => return code,
    };
    match run_scenario(args, &scenario, terminal) {
        Ok(code) => code,
        Err(error) => {
            terminal.error(&format!("error: {error}"));
            match error {
                ExperimentError::File { .. }
                | ExperimentError::Build { .. }
                | ExperimentError::Memory { .. } => exit::USAGE,
                _ => exit::UNEXPECTED,
            }
        }
    }
}

fn run_scenario(
    args: &RunArgs,
    scenario: &Scenario<Settings>,
    terminal: Terminal,
) -> Result<u8, ExperimentError> {
    let plan = Plan::new(scenario);
    let out = args
        .out
        .clone()
        .unwrap_or_else(|| Path::new("results").join(&scenario.name));
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let options = Options {
        jobs: args
            .jobs
            .unwrap_or_else(|| (cores / args.shards.max(1)).max(1))
            .max(1),
        shards: args.shards.max(1),
        check_determinism: args.check_determinism,
    };
    terminal.note(&headline(scenario, &plan, options));
    let store = Store::beside(&out)?;
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    // Without a handler the runs that are complete are kept all the same.
    let _ = ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed));
    // A panic is told once, with the command that reproduces it.
    std::panic::set_hook(Box::new(|_| {}));
    let bar = Bar::new(plan.runs.len(), terminal);
    let begun = Clock::now();
    let outcome = experiment::run(&plan, folder_of(&args.file), options, &store, &stop, &bar);
    bar.shown.finish_and_clear();
    drop(std::panic::take_hook());
    let outcome = outcome.inspect_err(|_| store.remove_if_empty())?;
    if !outcome.failures.is_empty() {
        tell_failures(&outcome.failures, args, terminal);
        return Ok(exit::BROKEN);
    }
    if outcome.interrupted {
        let kept = outcome.records.iter().flatten().count();
        terminal.error(&format!(
            "interrupted; {kept} of {} runs are kept\nresume: {}",
            plan.runs.len(),
            command(args, &[])
        ));
        return Ok(exit::INTERRUPTED);
    }
    let results = experiment::results(&plan, &outcome);
    let judged = experiment::judge(scenario, &results);
    let charts = experiment::charts(&plan, &results)?;
    let mut files = experiment::files(&plan, &results, &judged, &charts, args.png)?;
    let seconds = begun.elapsed().as_secs_f64();
    files.push(("host.json".to_owned(), host(seconds, options).into_bytes()));
    write_folder(&out, &files)?;
    store.remove()?;
    if args.json {
        terminal.result(&json(&results, &judged, &outcome));
    } else {
        terminal.result(&summary(scenario, &results, &judged, &outcome, &out));
        let events: u64 = outcome
            .records
            .iter()
            .flatten()
            .map(|record| record.events)
            .sum();
        let millions = events as f64 / 1e6;
        terminal.note(&format!("{millions:.1} M events in {seconds:.1} s"));
    }
    let failed =
        |judged: &Judged| judged.verdict == "fail" || (args.strict && judged.verdict == "unsure");
    Ok(if judged.iter().any(failed) {
        exit::EXPECTATION
    } else {
        exit::FINE
    })
}

fn headline(scenario: &Scenario<Settings>, plan: &Plan<'_>, options: Options) -> String {
    let mut factors = Vec::new();
    if scenario.variants.len() > 1 {
        factors.push(format!("{} variants", scenario.variants.len()));
    }
    for axis in &scenario.axes {
        factors.push(format!("{} {}", axis.values.len(), axis.path));
    }
    factors.push(format!("{} seeds", scenario.seeds.count));
    let plural = if options.jobs == 1 { "job" } else { "jobs" };
    format!(
        "{}: {} runs = {}   {} {plural}",
        scenario.name,
        plan.runs.len(),
        factors.join(" x "),
        options.jobs
    )
}

/// The command of this run, with more arguments.
fn command(args: &RunArgs, more: &[String]) -> String {
    let mut words = vec!["sim run".to_owned(), args.file.display().to_string()];
    words.extend(args.sets.iter().map(|set| format!("--set '{set}'")));
    words.extend(args.seeds.map(|seeds| format!("--seeds {seeds}")));
    words.extend(
        args.out
            .as_ref()
            .map(|out| format!("--out {}", out.display())),
    );
    words.extend_from_slice(more);
    words.join(" ")
}

fn tell_failures(failures: &[Failure], args: &RunArgs, terminal: Terminal) {
    for Failure {
        run,
        label,
        message,
    } in failures
    {
        let seed = format!("--set seeds.first={} --seeds 1", run.seed);
        terminal.error(&format!(
            "error: a run broke: {message}\n  {label}, seed {}\n  this is a bug of ours; it comes \
             back with: {}",
            run.seed,
            command(args, &[seed])
        ));
    }
}

fn summary(
    scenario: &Scenario<Settings>,
    results: &Results,
    judged: &[Judged],
    outcome: &Outcome,
    out: &Path,
) -> String {
    let mut shown: Vec<&str> = Vec::new();
    let charted = scenario
        .charts
        .iter()
        .filter_map(|chart| chart.metric.as_deref());
    let expected = scenario.expects.iter().map(|expect| expect.metric.as_str());
    let all = results.metric_defs.iter().map(|def| def.name);
    for metric in charted.chain(expected).chain(all) {
        if !shown.contains(&metric) && shown.len() < SHOWN_METRICS {
            shown.push(metric);
        }
    }
    let mut lines = vec![
        scenario.about.clone(),
        String::new(),
        table::terminal(results, &shown),
    ];
    if !judged.is_empty() {
        lines.push("expectations".to_owned());
    }
    for Judged {
        metric,
        expected,
        point,
        value,
        low,
        high,
        n,
        verdict,
        unit,
        ..
    } in judged
    {
        let mark = match verdict.as_str() {
            "pass" => "✓",
            "fail" => "✗",
            _ => "?",
        };
        let scale = if unit == "share" { 100.0 } else { 1.0 };
        let percent = if unit == "share" { " %" } else { "" };
        let interval = (n > &1).then_some((low * scale, high * scale));
        let value = with_interval(value * scale, interval);
        let point = if point.is_empty() {
            String::new()
        } else {
            format!(" ({point})")
        };
        lines.push(format!(
            "  {mark} {metric} {expected}{point}: {value}{percent}, n = {n}"
        ));
    }
    let digest = digest(outcome);
    let runs = outcome.records.len();
    lines.push(format!(
        "\n{runs} runs, digest {digest:016x} (same command, same digest, on any machine)"
    ));
    lines.push(format!("results {}\n", out.display()));
    lines.join("\n")
}

/// One fingerprint of all runs.
fn digest(outcome: &Outcome) -> u64 {
    let digests = outcome.records.iter().flatten().map(|record| record.digest);
    digests.fold(0, crate::random::hash::mix2)
}

fn json(results: &Results, judged: &[Judged], outcome: &Outcome) -> String {
    let summaries = crate::report::summary::summarise_all(results);
    let rows: Vec<_> = summaries
        .iter()
        .map(|row| {
            serde_json::json!({
                "point": row.point.label(),
                "metric": row.metric,
                "unit": row.unit,
                "n": row.over_runs.n,
                "mean": row.over_runs.mean,
                "low": row.over_runs.low,
                "high": row.over_runs.high,
            })
        })
        .collect();
    let document = serde_json::json!({
        "name": results.name,
        "version": results.version,
        "digest": format!("{:016x}", digest(outcome)),
        "summary": rows,
        "expectations": judged,
    });
    format!("{document:#}\n")
}

/// The only file with a clock or a host in it.
fn host(seconds: f64, options: Options) -> String {
    let now = std::time::UNIX_EPOCH
        .elapsed()
        .map_or(0, |since| since.as_secs());
    let host = serde_json::json!({
        "seconds": seconds,
        "finished_unix": now,
        "jobs": options.jobs,
        "shards": options.shards,
        "os": std::env::consts::OS,
        "arch": std::env::consts::ARCH,
    });
    format!("{host:#}\n")
}
