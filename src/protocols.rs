//! The protocols, one folder each; and what several of them choose by.

pub mod bitcoin;
pub mod choice;
pub mod gossip;
