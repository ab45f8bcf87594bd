//! What distributed hash tables have in common: identifiers, contacts, what is asked of a peer, who
//! asks it and when, and what is measured. Chord and Kademlia stand on it and add how they route.
//!
//! # What is simplified, and how that biases results
//!
//! - **Identifiers are the first 64 bits** of the 160 of SHA-1 (or fewer: `bits`): among the at most
//!   2^24 peers of a run two of 160 bits agree in 64 with probability below 10^-5, and who is closest
//!   to a key is the same for both. On the wire an identifier counts as many bytes as the paper says.
//! - **A contact carries its identifier**: in messages and tables it is four bytes (which peer, and
//!   which of the peer's identifiers), and stands for address and identifier together. Whoever has
//!   received it may read the identifier; nobody can make one up.
//! - Peers are numbered in the order of their first identifiers, so that neighbours in identifier
//!   space are neighbours in memory. No protocol looks at numbers of peers but to send.
//! - A peer that comes back as another (`churn.identity = "new"`) takes the next of its identifiers;
//!   after 256 it begins anew.
//!
//! # Metrics
//!
//! [`METRICS`], from [`Meter`], which sees everything and changes nothing. A lookup belongs to the
//! phase it starts in; one that has not ended with the run is open, and counted as such.

mod config;
mod id;
mod ids;
mod interface;
mod metrics;
mod run;
mod truth;
mod workload;

pub use config::{Keys, Lookups, Start, Values, Zipf};
pub use id::Id;
pub use ids::{Contact, Ids, Strangers};
pub use interface::{Command, Dht, Ended, Event, Outcome, What};
pub use metrics::{METRICS, Meter, SAMPLES, SERIES, Window};
pub use run::{Onlooker, Plan, measure, measure_beside};
pub use truth::{Nearness, Truth};
pub use workload::Schedule;
