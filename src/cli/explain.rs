//! `sim explain` and `sim schema`: both from the settings' own documentation.

use super::exit;
use super::terminal::Terminal;
use crate::scenario::{self, Settings};

pub(super) fn explain(key: &str, terminal: Terminal) -> u8 {
    match scenario::explain::<Settings>(key) {
        Ok(text) => {
            terminal.result(&format!("{}\n", text.trim_end()));
            exit::FINE
        }
        Err(error) => {
            terminal.error(&format!("error: {}", error.trim_end()));
            exit::USAGE
        }
    }
}

pub(super) fn schema(terminal: Terminal) -> u8 {
    let schema = scenario::schema::<Settings>();
    let text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    terminal.result(&format!("{text}\n"));
    exit::FINE
}
