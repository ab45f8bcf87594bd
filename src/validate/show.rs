//! The rows as text for a terminal, and as JSON for programs.

use super::judge::{Row, Verdict, count};
use std::fmt::Write;

/// The widest line of [`table`], in columns.
pub const WIDTH: usize = 100;
/// Columns of what is measured.
const WHAT: usize = 38;

/// All rows as plain text of at most [`WIDTH`] columns, grouped by claim under its source, with the
/// count of verdicts in the last line. Marks: ✓ validated, ✗ failed, – skipped, ? source unverified,
/// ≠ deviates for a reason that is stated. "At this n" is what a published limit comes to with as
/// many peers as were measured.
pub fn table(rows: &[Row]) -> String {
    let mut text = String::new();
    let heads = ["published", "at this n", "measured", "± 95 %", "runs"];
    line(&mut text, ' ', "", heads, "tolerance");
    let mut group = ("", "");
    let mut notes: Vec<&str> = Vec::new();
    for row in rows {
        if (row.id, row.source) != group {
            notes.clear();
            group = (row.id, row.source);
            text.push('\n');
            wrapped(&mut text, &format!("{:<5}", row.id), row.source);
        }
        let (first, rest) = split(&row.what, WHAT);
        let half = (row.high - row.low) / 2.0;
        let cells = [
            &*short(row.expected),
            &*row.finite.map_or(String::new(), short),
            &*(if row.measured.is_nan() {
                "none".to_owned()
            } else {
                short(row.measured)
            }),
            &*(if half > 0.0 {
                short(half)
            } else {
                String::new()
            }),
            &*row.n.to_string(),
        ];
        line(&mut text, mark(row.verdict), first, cells, &row.tolerance);
        wrapped(&mut text, "      ", rest);
        // A reason that holds for several rows of a group is given once.
        if let Some(reason) = row.note.as_deref().filter(|reason| !notes.contains(reason)) {
            wrapped(&mut text, "      ", reason);
            notes.push(reason);
        }
    }
    let of = |verdict| count(rows, verdict);
    // Writing into a string does not fail.
    let _ = writeln!(
        text,
        "\n{} validated, {} failed, {} deviate for a stated reason, {} skipped, {} unverified",
        of(Verdict::Pass),
        of(Verdict::Fail),
        of(Verdict::Deviates),
        of(Verdict::Skipped),
        of(Verdict::Unverified)
    );
    text
}

/// The rows as one JSON document: an array of objects with the fields of [`Row`]. What is not a
/// number is null.
pub fn json(rows: &[Row]) -> String {
    let mut text = serde_json::to_string_pretty(rows).unwrap_or_default();
    text.push('\n');
    text
}

const fn mark(verdict: Verdict) -> char {
    match verdict {
        Verdict::Pass => '✓',
        Verdict::Fail => '✗',
        Verdict::Skipped => '–',
        Verdict::Unverified => '?',
        Verdict::Deviates => '≠',
    }
}

fn line(text: &mut String, mark: char, what: &str, cells: [&str; 5], tolerance: &str) {
    let [expected, finite, measured, half, n] = cells;
    let line = format!(
        "  {mark} {what:<WHAT$} {expected:>9} {finite:>9} {measured:>8} {half:>7} {n:>5}  {tolerance}"
    );
    text.push_str(line.trim_end());
    text.push('\n');
}

/// As much of a text as fits into `width` columns, broken at a blank, and the rest.
fn split(text: &str, width: usize) -> (&str, &str) {
    let Some((end, next)) = text.char_indices().nth(width) else {
        return (text, "");
    };
    // A blank just behind the last column is a place to break, too.
    let until = end + next.len_utf8();
    let at = text[..until].rfind(' ').unwrap_or(end);
    (&text[..at], text[at..].trim_start())
}

/// A text after `first`, in lines of at most [`WIDTH`] columns, the others indented as far.
fn wrapped(out: &mut String, first: &str, text: &str) {
    let indent = first.chars().count();
    let (mut lead, mut left) = (first.to_owned(), text);
    while !left.is_empty() {
        let (part, rest) = split(left, WIDTH - indent);
        let _ = writeln!(out, "{lead}{part}");
        (lead, left) = (" ".repeat(indent), rest);
    }
}

/// Four significant digits.
fn short(value: f64) -> String {
    let decimals = match value.abs() {
        s if s == 0.0 || s >= 1000.0 => 0,
        s if s >= 100.0 => 1,
        s if s >= 10.0 => 2,
        s if s >= 1.0 => 3,
        s if s >= 0.001 => 4,
        _ => return format!("{value:.1e}"),
    };
    crate::report::number::fixed(value, decimals)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::{Known, Rule, Target};

    fn rows() -> Vec<Row> {
        let target = |what: &str, expected| Target {
            id: "X1",
            source: "Nobody et al., Journal of Nothing 1(1) 2000, section 3, of which the title is so \
                     long that it does not fit into a line",
            what: what.to_owned(),
            expected,
            finite: None,
            known: None,
        };
        let long = "the number of everything there is, measured with care over a long time";
        let known = Known {
            value: 1.5,
            runs: None,
            why: "for a reason that takes more than one line to say, because there is so much to be \
                  said about it",
        };
        vec![
            target("a thing", 12.5).judge(&[12.4, 12.5], Rule::Reported(0.1)),
            target(long, 12_345.0)
                .finite(12_344.0)
                .judge(&[1.0], Rule::ClosedForm(0.01)),
            target("low", 4.0).known(known).judge(&[1.5], Rule::Exact),
            target("absent", 1.0).unmeasured(Rule::Exact, "no file"),
        ]
    }

    #[test]
    fn the_table_fits_and_counts() {
        let text = table(&rows());
        let widest = text.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(WIDTH), "{text}");
        for mark in ['✓', '✗', '–', '≠'] {
            assert!(text.contains(mark), "{text}");
        }
        let last =
            "1 validated, 1 failed, 1 deviate for a stated reason, 1 skipped, 0 unverified\n";
        assert!(text.ends_with(last), "{text}");
        assert_eq!(text.matches("Nobody").count(), 1);
    }

    #[test]
    fn json_has_null_for_what_was_not_measured() {
        let value: serde_json::Value = serde_json::from_str(&json(&rows())).expect("JSON");
        assert!(value[3]["measured"].is_null());
        assert_eq!(value[3]["verdict"], "skipped");
        assert_eq!(value[1]["finite"], 12_344.0);
    }
}
