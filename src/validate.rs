//! Published claims and what measures them.

pub mod gossip;
