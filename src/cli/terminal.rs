//! [`Terminal`]: the two streams.

use super::Color;
use std::io::{IsTerminal, Write};

/// Where words go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terminal {
    /// Whether errors are coloured.
    pub(super) color: bool,
    /// Whether notes are left out.
    pub(super) quiet: bool,
    /// Whether a progress bar can be drawn.
    pub(super) live: bool,
}

impl Terminal {
    pub(super) fn new(color: Color, quiet: bool) -> Self {
        let live = std::io::stderr().is_terminal();
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let color = match color {
            Color::Auto => live && !plain,
            Color::Always => true,
            Color::Never => false,
        };
        Self { color, quiet, live }
    }

    /// Prints a result. A reader that has gone away is no error.
    #[expect(clippy::unused_self, reason = "one way to print, like the others")]
    pub(super) fn result(self, text: &str) {
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }

    /// Prints a note for the person at the terminal.
    pub(super) fn note(self, text: &str) {
        if !self.quiet {
            self.error(text);
        }
    }

    /// Prints what must not be missed.
    #[expect(clippy::unused_self, reason = "one way to print, like the others")]
    pub(super) fn error(self, text: &str) {
        let mut err = std::io::stderr().lock();
        let _ = writeln!(err, "{text}");
    }
}
