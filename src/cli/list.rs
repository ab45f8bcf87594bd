//! `sim list`.

use super::check::load;
use super::exit;
use super::terminal::Terminal;
use comfy_table::{CellAlignment, Table, presets};
use std::path::Path;

/// Lists the scenarios of a folder with what they are about.
pub(super) fn list(folder: &Path, terminal: Terminal) -> u8 {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            terminal.error(&format!(
                "error: cannot list `{}`: {error}",
                folder.display()
            ));
            return exit::USAGE;
        }
    };
    let mut files: Vec<_> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .collect();
    files.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "toml")
    });
    files.sort();
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["scenario", "runs", "peers", "simulated", "about"]);
    let mut code = exit::FINE;
    for file in files {
        let Ok(scenario) = load(&file, &[], terminal) else {
            code = exit::USAGE;
            continue;
        };
        let body = &scenario.points[0].body;
        let runs = scenario.runs().count().to_string();
        let row = [
            file.display().to_string(),
            runs,
            body.peers.to_string(),
            body.duration.to_string(),
            scenario.about.clone(),
        ];
        table.add_row(row);
    }
    for column in 1..=2 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    terminal.result(&format!("{table}\n"));
    code
}
