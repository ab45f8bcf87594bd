//! What can go wrong before a run, or beside it.

use crate::input::BuildError;
use crate::report::FolderError;
use crate::report::chart::ChartError;
use std::path::PathBuf;

/// Why an experiment cannot be run, or its results not be kept.
#[derive(Debug, thiserror::Error)]
pub enum ExperimentError {
    /// A file that the scenario names cannot be read.
    #[error("cannot read `{}`, which the scenario names: {source}", path.display())]
    File {
        /// Its path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A run cannot be built from its settings.
    #[error("{point}: {source}")]
    Build {
        /// Variant and sweep point.
        point: String,
        /// What is wrong.
        source: BuildError,
    },
    /// More memory than there is.
    #[error(
        "a run needs about {needed_mib} MiB of memory, {jobs} at once need {total_mib} MiB, and \
         {available_mib} MiB are free; use fewer `--jobs` or fewer peers"
    )]
    Memory {
        /// Of one run.
        needed_mib: u64,
        /// How many at once.
        jobs: usize,
        /// Of all at once.
        total_mib: u64,
        /// What the machine has.
        available_mib: u64,
    },
    /// The store of finished runs cannot be used.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Store {
        /// What was tried.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The results folder cannot be written.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A chart cannot be drawn.
    #[error("a chart cannot be drawn: {0}")]
    Chart(#[from] ChartError),
}
