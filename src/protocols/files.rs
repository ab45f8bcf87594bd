//! File sharing over any hash table: who has a file says so to those closest to its key, and who wants it
//! asks them.
//!
//! # What it is
//!
//! The peer protocol of trackerless file sharing, made small: BEP 5's `get_peers` and `announce_peer` on the
//! find of a hash table ([`Dht`](crate::protocols::dht::Dht)), then a download in one piece over a connection.
//! Written for no table in particular: it asks for the closest to a key, and nothing else. Reference for
//! the words and their order: BEP 5, "DHT Protocol"; sizes and copies are our own.
//!
//! # Roles and messages
//!
//! All peers are alike. Questions and announcements are datagrams, files go over connections. Sizes are our
//! own choice: 1 B type, 4 B number, 20 B key; 6 B for each address, as BEP 5 packs it.
//!
//! | message | bytes | what it says |
//! |---|---|---|
//! | `lookup`, `maintenance` | | the table's own |
//! | `has` | 25 | I have this file |
//! | `who`, `these` | 25, 5 + 6 a peer | who has it? these |
//! | `copy` | 25 | I have a file whose key is near you: keep a copy |
//! | `fetch`, `file`, `not_here` | 25, 25 + size, 25 | give it to me; here it is; I have it no longer |
//!
//! # Parameters
//!
//! | key | unit | default | source |
//! |---|---|---|---|
//! | `count`, `over`, `size` | files, time, bytes | 100, 1 min, 1 MiB | our own choice |
//! | `replicas` | peers | 1 | |
//! | `records` | peers | 3 | our own choice |
//! | `announce`, `expire` | time | 30 min, 1 h | clients of BEP 5; our own choice |
//! | `fetches`, `zipf` | rate a peer, exponent | 6 /h, 1 | our own choice |
//! | `share` | | true | |
//! | `timeout` | time | 2 s | our own choice |
//!
//! # What is simplified, and how that biases results
//!
//! - A file is one piece from one peer: no swarm, no choice by rate. Downloads of large files are slower than
//!   they are in `BitTorrent`, and a peer that leaves costs the whole of it.
//! - Who has a file keeps it for good, on disk, and comes back with it: files live longer than where disks
//!   fill up.
//! - Nobody refuses a download; access links divide themselves among all.
//! - Copies are made when a file is published and not made again when a holder is gone.
//!
//! # Metrics
//!
//! [`METRICS`]: success and time of downloads, how many files some live peer has, at what price in bytes. With
//! files the table's own lookups are not measured.
//!
//! # Published numbers it reproduces
//!
//! None: it shows what replication is worth under churn. With r independent holders that are up with
//! probability a, a file is there with 1 - (1 - a)^r.

mod config;
mod metrics;
mod node;
mod run;
mod wire;
mod workload;

pub use config::Sharing;
pub use metrics::{METRICS, SAMPLES, SERIES};
pub use node::{Command, Event, FileShare, Shared};
pub use run::run;
pub use wire::{Timer, Wire};
pub use workload::Schedule;
