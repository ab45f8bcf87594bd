//! `sim completions` and `sim man`.

use super::arguments::{Arguments, Completions};
use super::exit::{Ended, Exit};
use super::terminal::Terminal;
use clap::CommandFactory;

pub(super) fn completions(command: &Completions, terminal: &mut Terminal) -> Ended {
    let mut text = Vec::new();
    clap_complete::generate(command.shell, &mut Arguments::command(), "sim", &mut text);
    terminal.text(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Fine)
}

pub(super) fn man(terminal: &mut Terminal) -> Ended {
    let mut text = Vec::new();
    clap_mangen::Man::new(Arguments::command()).render(&mut text)?;
    terminal.text(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Fine)
}
