//! The rows as text.

use super::judge::{Row, Verdict};
use std::fmt::Write;

/// All rows as plain text, grouped by claim, with the count of verdicts in the last line.
pub fn table(rows: &[Row]) -> String {
    let mut text = String::new();
    let mut last = ("", "");
    let mut note: Option<&String> = None;
    for row in rows {
        if (row.id, row.source) != last {
            note = None;
            last = (row.id, row.source);
            // Writing into a string does not fail.
            let _ = writeln!(text, "\n{}  {}", row.id, row.source);
        }
        let mark = match row.verdict {
            Verdict::Pass => "✓",
            Verdict::Fail => "✗",
            Verdict::Skipped => "–",
            Verdict::Unverified => "?",
            Verdict::Deviates => "≠",
        };
        let interval = if row.low.is_nan() {
            String::new()
        } else {
            format!(" [{}, {}]", short(row.low), short(row.high))
        };
        let measured = if row.measured.is_nan() {
            "not measured".to_owned()
        } else {
            format!("{}{interval}", short(row.measured))
        };
        let _ = writeln!(
            text,
            "  {mark} {:<64} {:>8} {measured:>25}  {}, n = {}",
            row.what,
            short(row.expected),
            row.tolerance,
            row.n
        );
        // A reason that holds for several rows is given once.
        if let Some(reason) = row.note.as_ref().filter(|reason| note != Some(reason)) {
            let _ = writeln!(text, "      {reason}");
            note = Some(reason);
        }
    }
    let count = |verdict| rows.iter().filter(|row| row.verdict == verdict).count();
    let _ = writeln!(
        text,
        "\n{} validated, {} failed, {} deviate for a stated reason, {} skipped, {} unverified",
        count(Verdict::Pass),
        count(Verdict::Fail),
        count(Verdict::Deviates),
        count(Verdict::Skipped),
        count(Verdict::Unverified)
    );
    text
}

/// The rows as one JSON document.
pub fn json(rows: &[Row]) -> String {
    let mut text = serde_json::to_string_pretty(rows).unwrap_or_default();
    text.push('\n');
    text
}

/// Four significant digits.
fn short(value: f64) -> String {
    let size = value.abs();
    let decimals = match size {
        s if s == 0.0 || s >= 1000.0 => 0,
        s if s >= 100.0 => 1,
        s if s >= 10.0 => 2,
        s if s >= 1.0 => 3,
        s if s >= 0.001 => 4,
        _ => return format!("{value:.1e}"),
    };
    crate::report::number::fixed(value, decimals)
}
