//! Experiments: a scenario's variants, sweep points and seeds become runs, runs become records,
//! records become results and verdicts.
//!
//! The only user of threads across runs. Records are collected in canonical order and folded in that
//! order, so that the number of jobs changes nothing.

mod error;
mod judge;
mod memory;
mod outputs;
mod plan;
mod prepare;
mod runner;
mod store;

pub use error::ExperimentError;
pub use judge::{Judged, judge};
pub use outputs::{charts, files, results};
pub use plan::{Plan, Run};
pub use prepare::{execute, prepare, read_files};
pub use runner::{Failure, Options, Outcome, Progress, run};
pub use store::Store;

/// The version that results carry: same scenario, seed and version give the same bytes.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
