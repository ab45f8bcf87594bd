//! What families that bring a file to many have in common: the file, who has it at first, when those
//! come who want it and when they go, and what is measured. BitTorrent stands on it, and so do the two
//! it is compared with: client-server, and the ideal of peer-to-peer.
//!
//! # Metrics
//!
//! [`METRICS`], from [`Meter`], which sees everything and changes nothing. A download belongs to the
//! phase it starts in; one that has not ended with the run is censored, and counted as such.

mod config;
mod metrics;
pub mod plan;
mod run;
mod workload;

pub use config::{Arrivals, Departure, Poisson};
pub use metrics::{METRICS, Meter, SAMPLES, Who};
pub use run::{Trader, measure};
pub use workload::{Join, Schedule};

/// What a peer reports.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// It wants the file from now on.
    Joined,
    /// It has all of it.
    Completed,
    /// It is gone, with the file or without.
    Left,
}
