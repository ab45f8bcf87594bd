//! The protocols, one folder each.

pub mod bitcoin;
pub mod gossip;
