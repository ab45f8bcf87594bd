//! `sim compare`.

use super::arguments::Compare;
use super::baseline;
use super::ci::{self, Checked};
use super::exit::{Ended, Exit, Stop};
use super::numbers::plural;
use super::source::{Found, count, find};
use super::terminal::{Ink, Terminal};
use crate::report::baseline::Baseline;
use crate::report::checks::of_rows;
use crate::report::compare::{
    Change, Question, Row, Sameness, compare, footnote, markdown, questions, sameness, sentence,
    terminal as tables, title, to_json, with_baseline, with_variants,
};

pub(super) fn run(command: &Compare, terminal: &mut Terminal) -> Ended {
    // Before the work rather than after: a baseline that cannot be read.
    let kept = command
        .baseline
        .as_deref()
        .map(baseline::read)
        .transpose()?;
    let found = find(&command.source, terminal)?;
    let asked = questions(&found.scenario, &found.results, &command.metric)
        .map_err(|error| Stop::error(Exit::Usage, error))?;
    let pairs = match &kept {
        Some(kept) => {
            fair(kept, &found, &asked, command, terminal)?;
            with_baseline(&kept.results, &found.results)
        }
        None => with_variants(&found.results),
    };
    let same = sameness(&pairs);
    if same.runs == 0 {
        return Err(Stop::error(Exit::Usage, nothing(kept.is_some())));
    }
    let rows = compare(&asked, &pairs);
    if command.json {
        let mut document = to_json(&rows, same);
        document["name"] = found.results.name.clone().into();
        document["version"] = found.results.version.clone().into();
        terminal.line(&format!("{document:#}"))?;
    } else {
        show(&found, &rows, same, kept.as_ref(), terminal)?;
    }
    let first = first_line(&found.scenario.name, same, kept.is_some());
    let checked = Checked {
        suite: &found.scenario.name,
        file: &found.label,
        what: "comparisons",
        checks: of_rows(&rows),
        table: format!("{first}\n\n{}\n\n{}", markdown(&rows), footnote(&rows)),
        strict: command.strict,
    };
    ci::report(&checked, &command.reports, terminal)?;
    if command.identical && same.identical < same.runs {
        let other = plural(same.runs - same.identical, "run");
        terminal.say(&format!("error: {other} not identical to the baseline"));
        return Ok(Exit::Broken);
    }
    Ok(verdict(&rows, command.strict))
}

/// `hello: 20 of 20 runs bit-identical to the baseline`.
fn first_line(name: &str, same: Sameness, with_baseline: bool) -> String {
    let with = if with_baseline {
        "the baseline"
    } else {
        "the base variant"
    };
    let (identical, of) = (same.identical, plural(same.runs, "run"));
    format!("{name}: {identical} of {of} bit-identical to {with}")
}

/// Something worse, or (if asked to be strict) something that might be.
fn verdict(rows: &[Row<'_>], strict: bool) -> Exit {
    let wrong = rows.iter().any(|row| match row.change {
        Change::Worse => true,
        Change::Unsure => strict && !row.not_worse,
        Change::Better | Change::Same => false,
    });
    if wrong { Exit::Worse } else { Exit::Fine }
}

fn nothing(with_baseline: bool) -> &'static str {
    if with_baseline {
        "nothing to compare: no run has the variant, the swept values and the seed of one in the baseline"
    } else {
        "nothing to compare: the scenario has one variant; add [variants.NAME] with what is to change, or \
         compare with a --baseline, which `sim baseline accept` writes"
    }
}

/// Refuses a baseline that results cannot be compared with; with `--force` it is a remark.
fn fair(
    kept: &Baseline,
    found: &Found,
    asked: &[Question<'_>],
    command: &Compare,
    terminal: &mut Terminal,
) -> Result<(), Stop> {
    let path = command.baseline.as_deref().unwrap_or_else(|| "".as_ref());
    let shown = path.display();
    for question in asked {
        let metric = question.metric;
        let wrong = match kept.units.get(metric) {
            None => format!("it has no metric `{metric}`"),
            Some(unit) if unit != question.unit => {
                format!("it has `{metric}` in another unit, `{unit}`")
            }
            Some(_) => continue,
        };
        let text = format!("{shown}: {wrong}; accept the results anew, with sim baseline accept");
        return Err(Stop::error(Exit::Usage, text));
    }
    let differences = kept.differences(&found.scenario, &found.results, found.files.as_ref());
    if differences.is_empty() {
        return Ok(());
    }
    let list = format!("\n  {}", differences.join("\n  "));
    if command.force {
        terminal.say(&format!("{shown} is not of the same setting:{list}"));
        return Ok(());
    }
    let text = format!(
        "{shown} cannot be compared with:{list}\naccept the results anew, with sim baseline accept, or \
         compare them all the same, with --force"
    );
    Err(Stop::error(Exit::Usage, text))
}

fn show(
    found: &Found,
    rows: &[Row<'_>],
    same: Sameness,
    kept: Option<&Baseline>,
    terminal: &mut Terminal,
) -> Result<(), Stop> {
    let name = terminal.ink(Ink::Strong, &found.scenario.name);
    let Sameness {
        runs,
        identical,
        remeasured,
    } = same;
    terminal.line(&first_line(&name, same, kept.is_some()))?;
    if remeasured > 0 {
        let line = format!(
            "{} measured differently",
            plural(remeasured, "identical run")
        );
        terminal.line(&line)?;
    }
    let alone = count(&found.results).saturating_sub(runs);
    if kept.is_some() && alone > 0 {
        let line = format!("{} without a partner in the baseline", plural(alone, "run"));
        terminal.line(&line)?;
    }
    if kept.is_some() && identical == runs && remeasured == 0 {
        return Ok(());
    }
    terminal.line("")?;
    terminal.line(tables(rows).trim_end())?;
    terminal.line("")?;
    terminal.line(&footnote(rows))?;
    terminal.line("")?;
    let of = |change: Change| rows.iter().filter(|row| row.change == change).count();
    let counts = [
        (Change::Worse, Ink::Bad, "worse"),
        (Change::Better, Ink::Good, "better"),
        (Change::Same, Ink::Faint, "same"),
        (Change::Unsure, Ink::Doubtful, "unsure"),
    ];
    let counts = counts.into_iter().filter(|(change, _, _)| of(*change) > 0);
    let counts =
        counts.map(|(change, ink, word)| terminal.ink(ink, &format!("{} {word}", of(change))));
    let counts: Vec<String> = counts.collect();
    for row in rows.iter().filter(|row| row.change == Change::Worse) {
        let mark = terminal.ink(Ink::Bad, "✗ worse ");
        let place = row.question.line.map_or_else(String::new, |line| {
            let place = format!("  ({}:{line})", found.label);
            terminal.ink(Ink::Faint, &place)
        });
        terminal.line(&format!("{mark} {}: {}{place}", title(row), sentence(row)))?;
    }
    terminal.line(&format!(
        "{}: {}",
        plural(rows.len(), "question"),
        counts.join(", ")
    ))
}
