//! peerlab: a deterministic discrete-event simulator of peer-to-peer networks.

pub mod adversary;
pub mod bench;
pub mod churn;
pub mod cli;
pub mod engine;
pub mod experiment;
pub mod input;
pub mod math;
pub mod network;
pub mod observe;
pub mod peer;
pub mod protocols;
pub mod quantity;
pub mod random;
pub mod report;
pub mod scenario;
pub mod testkit;
pub mod time;
pub mod validate;
