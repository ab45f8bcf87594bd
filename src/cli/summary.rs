//! What a person reads after a run.

use super::exit::Stop;
use super::numbers::plural;
use super::terminal::{Ink, Terminal};
use crate::report::verdict::{Judgement, word};
use crate::report::{Results, gather, repeat, table};
use crate::scenario::{Scenario, Settings, Verdict};

/// The question, the table, the verdicts, the fingerprint.
pub(super) fn show(
    scenario: &Scenario<Settings>,
    label: &str,
    results: &Results,
    judgements: &[Judgement<'_>],
    terminal: &mut Terminal,
) -> Result<(), Stop> {
    let name = terminal.ink(Ink::Strong, &scenario.name);
    let about = scenario
        .about
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let title = if about.is_empty() {
        name
    } else {
        format!("{name}: {about}")
    };
    terminal.line(&title)?;
    terminal.line("")?;
    let chosen = table::chosen(scenario, results);
    terminal.line(table::terminal(results, &chosen).trim_end())?;
    for metric in &results.metric_defs {
        if chosen.contains(&&*metric.name) {
            terminal.line(&format!("{}: {}", metric.name, metric.meaning))?;
        }
    }
    let hidden = results.metrics().len() - chosen.len();
    if hidden > 0 {
        let more = format!("{} in summary.csv", plural(hidden, "more metric"));
        terminal.line(&terminal.ink(Ink::Faint, &more))?;
    }
    if let Some(said) = repeat::said(scenario, results) {
        terminal.line(&format!("note: {said}"))?;
    }
    for note in gather::notes(results) {
        terminal.line(&format!("note: {note}"))?;
    }
    if !judgements.is_empty() {
        terminal.line("")?;
    }
    for judgement in judgements {
        let line = verdict_line(judgement, label, terminal);
        terminal.line(&line)?;
    }
    terminal.line("")?;
    let runs: usize = results.points.iter().map(|point| point.runs.len()).sum();
    let digest = gather::digest(results);
    terminal.line(&format!("{}, digest {digest:016x}", plural(runs, "run")))
}

/// `✓ pass    flood: broadcast.reliability is 100 %, expected above 99 %  (hello.toml:30)`
fn verdict_line(judgement: &Judgement<'_>, label: &str, terminal: &Terminal) -> String {
    let (mark, ink) = match judgement.verdict {
        Verdict::Pass => ("✓", Ink::Good),
        Verdict::Fail => ("✗", Ink::Bad),
        Verdict::Unsure => ("?", Ink::Doubtful),
    };
    let mark = terminal.ink(ink, &format!("{mark} {:6}", word(judgement.verdict)));
    let point = judgement.point.label();
    let point = if point.is_empty() {
        point
    } else {
        format!("{point}: ")
    };
    let place = format!("({label}:{})", judgement.expect.line);
    let place = terminal.ink(Ink::Faint, &place);
    let sentence = judgement.sentence();
    let help = judgement.doubt();
    let help = help.map_or_else(String::new, |doubt| format!("; {doubt}"));
    format!("{mark} {point}{sentence}{help}  {place}")
}
