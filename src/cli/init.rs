//! `sim init`.

use super::arguments::Init;
use super::exit::{Ended, Exit, Stop};
use super::numbers::quoted;
use super::terminal::Terminal;
use std::io::Write;

/// The scenario it writes.
pub(super) const SCENARIO: &str = include_str!("init/scenario.toml");

pub(super) fn run(command: &Init, terminal: &mut Terminal) -> Ended {
    let path = command.folder.join("scenario.toml");
    let label = path.display().to_string();
    let fail = |error: std::io::Error| {
        let text = if error.kind() == std::io::ErrorKind::AlreadyExists {
            format!("{label} is there already, and is left as it is")
        } else {
            format!("cannot write {label}: {error}")
        };
        Stop::error(Exit::Unexpected, text)
    };
    std::fs::create_dir_all(&command.folder).map_err(fail)?;
    let mut file = std::fs::File::create_new(&path).map_err(fail)?;
    file.write_all(SCENARIO.as_bytes()).map_err(fail)?;
    terminal.line(&format!("wrote {label}"))?;
    terminal.line("")?;
    terminal.line(&format!("  sim run {}", quoted(&label)))?;
    Ok(Exit::Fine)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Settings, load};

    #[test]
    fn the_first_scenario_is_right() {
        let scenario = load::<Settings>("scenario.toml", SCENARIO, &[]);
        let scenario = scenario.unwrap_or_else(|problems| panic!("{problems}"));
        assert!(scenario.points.len() > 1 && !scenario.expects.is_empty());
    }
}
