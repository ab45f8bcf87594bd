//! Kademlia

pub mod buckets;
pub mod config;
pub mod preset;
pub mod short_list;
pub mod table;
pub mod wire;
pub mod xor;
