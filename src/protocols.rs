//! The protocols, one folder each.

pub mod gossip;
