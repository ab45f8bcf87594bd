//! Exit codes, and how a command ends early.

use std::io;

/// What the program says to whoever called it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(super) enum Exit {
    /// All is well.
    Fine = 0,
    /// Something unforeseen, such as a full disk.
    Unexpected = 1,
    /// Wrong arguments, or a scenario with problems.
    Usage = 2,
    /// An expectation failed; with `--strict` also: the runs cannot tell.
    Expectation = 10,
    /// A comparison found something worse; with `--strict` also: the pairs cannot tell.
    Worse = 11,
    /// Runs that should be there are not.
    Incomplete = 12,
    /// A run broke an invariant, or was not deterministic.
    Broken = 20,
    /// Interrupted; complete runs are kept.
    Interrupted = 130,
}

/// The exit codes for `sim --help` and the manual page.
pub(super) const TABLE: &str = "\
Exit codes:
    0  fine
    1  unexpected (a full disk, a folder one may not write)
    2  wrong arguments, or a scenario with problems
   10  an expectation failed (with --strict: or the runs cannot tell)
   11  worse than the baseline, or than the base variant (with --strict: or the pairs cannot tell)
   12  incomplete: runs are missing
   20  a run broke an invariant, was not deterministic, or is not what --identical demands
  130  interrupted; complete runs are kept, the same command goes on

Results go to the standard output, everything else to the standard error.";

/// Why a command ended before its end.
#[derive(Debug)]
pub(super) enum Stop {
    /// With a word on the standard error.
    Said(Exit, String),
    /// The standard output takes no more.
    Output(io::Error),
}

impl Stop {
    /// Ends with `error: text`.
    pub(super) fn error(exit: Exit, text: impl std::fmt::Display) -> Self {
        Self::Said(exit, format!("error: {text}"))
    }
}

/// Only what is written to the terminal is converted by `?`; errors of files are said where they
/// happen.
impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// How every command ends.
pub(super) type Ended = Result<Exit, Stop>;
