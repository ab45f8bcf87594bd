//! Kademlia

mod born;
pub mod buckets;
mod config;
pub mod lookup;
mod node;
mod preset;
mod rules;
mod run;
pub mod short_list;
pub mod table;
pub mod wire;
pub mod xor;

pub use born::Born;
pub use config::{Kademlia, SKademlia, Start};
pub use node::{Node, Run, Timer};
pub use preset::{Full, Parameters, Preset, SubnetLimits};
pub use rules::Rules;
