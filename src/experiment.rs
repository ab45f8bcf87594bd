//! An experiment: every point of a scenario with every seed, run, and its records collected.
//!
//! The records come out in one canonical order, whatever the number of threads, however often the
//! experiment was interrupted and resumed: a run is a pure function of its settings, its seed and
//! the version of the program.

mod files;
mod memory;
mod merge;
mod only;
mod prepare;
mod runner;
mod store;

pub use files::{named_files, read_files};
pub use memory::{Estimate, available, estimate};
pub use merge::{MergeError, Shard, ids, merge, strangers};
pub use only::{Filter, FilterError};
pub use prepare::{check, population, prepare};
pub use runner::{Failure, Options, Outcome, Run, Silent, Trouble, Watch, run};
pub use store::Store;

use crate::input::Files;
use crate::scenario::{Scenario, Settings};

/// The version that results carry: same scenario, seed and version give the same bytes.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A scenario and the contents of the files it names: everything the runs depend on, but for the
/// version of the program.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The scenario.
    pub scenario: Scenario<Settings>,
    /// The contents of the files it names.
    pub files: Files,
}
