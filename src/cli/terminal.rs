//! The two streams, colours, and what may be lost.

use super::exit::Stop;
use clap::ValueEnum;
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

/// When to use colours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Where results and remarks go.
pub(super) struct Terminal {
    out: BufWriter<StdoutLock<'static>>,
    /// Whether results may have colours.
    pub color: bool,
    /// Whether remarks may have colours.
    pub color_remarks: bool,
}

/// A word's colour.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ink {
    Good,
    Bad,
    Doubtful,
    Strong,
    Faint,
}

impl Terminal {
    pub(super) fn new(color: Color) -> Self {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        let on = |terminal: bool| match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && !set("NO_COLOR") && !dumb,
        };
        Self {
            color: on(io::stdout().is_terminal()),
            color_remarks: on(io::stderr().is_terminal()),
            out: BufWriter::new(io::stdout().lock()),
        }
    }

    /// A line of the results.
    pub(super) fn line(&mut self, text: &str) -> Result<(), Stop> {
        Ok(writeln!(self.out, "{text}")?)
    }

    /// Some text of the results, as it is.
    pub(super) fn text(&mut self, text: &str) -> Result<(), Stop> {
        Ok(self.out.write_all(text.as_bytes())?)
    }

    pub(super) fn flush(&mut self) -> Result<(), Stop> {
        Ok(self.out.flush()?)
    }

    /// A remark on the standard error; lost if nobody reads there. What is on the standard output is
    /// shown before.
    pub(super) fn say(&mut self, text: &str) {
        let _ = self.out.flush();
        remark(text);
    }

    /// `text` in a colour, if results have colours.
    pub(super) fn ink(&self, ink: Ink, text: &str) -> String {
        if !self.color {
            return text.to_owned();
        }
        let code = match ink {
            Ink::Good => "32",
            Ink::Bad => "1;31",
            Ink::Doubtful => "33",
            Ink::Strong => "1",
            Ink::Faint => "2",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

/// A line on the standard error; lost if nobody reads there.
pub(super) fn remark(text: &str) {
    let mut err = io::stderr().lock();
    let _ = writeln!(err, "{}", text.trim_end_matches('\n'));
}
