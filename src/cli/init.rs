//! `sim init`.

use super::exit;
use super::terminal::Terminal;
use std::path::Path;

/// A scenario to start from; a test runs it.
const EXAMPLE: &str = include_str!("../../scenarios/hello.toml");

/// Writes a scenario into `folder`, unless there is one.
pub(super) fn init(folder: &Path, terminal: Terminal) -> u8 {
    let scenarios = folder.join("scenarios");
    let file = scenarios.join("hello.toml");
    if file.exists() {
        terminal.error(&format!("error: `{}` is there already", file.display()));
        return exit::USAGE;
    }
    let written = std::fs::create_dir_all(&scenarios).and_then(|()| std::fs::write(&file, EXAMPLE));
    if let Err(error) = written {
        terminal.error(&format!(
            "error: cannot write `{}`: {error}",
            file.display()
        ));
        return exit::UNEXPECTED;
    }
    terminal.result(&format!("{}\n", file.display()));
    terminal.note("run it: sim run scenarios/hello.toml");
    exit::FINE
}
