//! `sim validate`.

use super::arguments::Validate;
use super::exit::{Ended, Exit};
use super::terminal::Terminal;
use crate::validate::{Verdict, json, run_families, table};

pub(super) fn validate(command: &Validate, terminal: &mut Terminal) -> Ended {
    let rows = run_families(!command.full, &command.families, &mut |part| {
        if !command.quiet {
            terminal.say(&format!("measuring {part} ..."));
        }
    });
    terminal.line(
        if command.json {
            json(&rows)
        } else {
            table(&rows)
        }
        .trim_end(),
    )?;
    let failed = rows.iter().any(|row| row.verdict == Verdict::Fail);
    Ok(if failed {
        Exit::Expectation
    } else {
        Exit::Fine
    })
}
