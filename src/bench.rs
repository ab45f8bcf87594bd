//! Workloads whose only purpose is to measure the engine, or to be compared with other simulators'.
//! `sim bench`, the benches and the determinism tests run them.

pub mod averaging;
pub mod phold;
pub mod request_response;
pub mod stress;
