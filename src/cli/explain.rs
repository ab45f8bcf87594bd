//! `sim explain` and `sim schema`.

use super::arguments::Explain;
use super::exit::{Ended, Exit, Stop};
use super::terminal::Terminal;
use crate::scenario::{Settings, explain};

pub(super) fn run(command: &Explain, terminal: &mut Terminal) -> Ended {
    let text =
        explain::<Settings>(&command.key).map_err(|error| Stop::error(Exit::Usage, error))?;
    terminal.line(text.trim_end())?;
    Ok(Exit::Fine)
}

pub(super) fn schema(terminal: &mut Terminal) -> Ended {
    let schema = crate::scenario::schema::<Settings>();
    let text = serde_json::to_string_pretty(&schema)
        .map_err(|error| Stop::error(Exit::Unexpected, error))?;
    terminal.line(&text)?;
    Ok(Exit::Fine)
}
