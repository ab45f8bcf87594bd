//! The eclipse attack on a Bitcoin node.

mod config;

pub use config::Eclipse;

use crate::engine::Setup;
use crate::observe::record::{MetricDef, Record};
use crate::protocols::bitcoin::Bitcoin;

/// What is measured.
pub const METRICS: &[MetricDef] = &[];
/// Names of the curves over time.
pub const SERIES: &[&str] = &[];

/// Runs the attack.
pub fn run(_bitcoin: &Bitcoin, _eclipse: &Eclipse, _setup: &Setup) -> Record {
    Record::default()
}
