//! `sim validate`.

use super::exit;
use super::terminal::Terminal;
use crate::validate::{Verdict, json, run, table};

/// Measures the published claims and prints them.
pub(super) fn validate(full: bool, as_json: bool, terminal: Terminal) -> u8 {
    let rows = run(!full, &mut |part| terminal.note(&format!("measuring {part} ...")));
    terminal.result(&if as_json { json(&rows) } else { table(&rows) });
    if rows.iter().any(|row| row.verdict == Verdict::Fail) { exit::EXPECTATION } else { exit::FINE }
}
