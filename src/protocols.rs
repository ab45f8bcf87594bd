//! The protocols, one folder each. `dht` is no family of its own: it is the ground on which those
//! stand that look keys up.

pub mod bitcoin;
pub mod chord;
pub mod dht;
pub mod files;
pub mod gossip;
pub mod kademlia;
