//! What the engine costs: `sim bench`, and the workloads it runs, some of which are there to be
//! compared with other simulators'. The benches and the determinism tests run them too.
//!
//! [`run`] measures everything in one call, on one core but for the rows about two shards, so that
//! the rows can be compared with one another even where the machine is slower than another.

pub mod averaging;
mod clock;
pub mod flood;
pub mod flows;
pub mod linked;
mod measure;
pub mod neighbours;
pub mod phold;
pub mod request_response;
pub mod ring;
mod row;
pub mod stress;
mod suite;

pub use row::{Beside, Row, Target, report};
pub use suite::{Curve, PARTS, growth, run};
