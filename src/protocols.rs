//! The protocols, one folder each. `dht` and `download` are no families of their own: they are the ground
//! on which those stand that look keys up, and those that bring a file to many.

pub mod bitcoin;
pub mod bittorrent;
pub mod chord;
pub mod client_server;
pub mod dht;
pub mod download;
pub mod ethereum;
pub mod files;
pub mod gossip;
pub mod ideal_p2p;
pub mod kademlia;
