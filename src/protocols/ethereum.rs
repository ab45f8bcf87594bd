//! Ethereum's peer-to-peer network as go-ethereum had it: discovery and connections.
//!
//! **Reference.** go-ethereum, `p2p/discover/{table,udp,database}.go`, `p2p/{dial,server,rlpx}.go`, as they
//! were in 2017 and after the changes of February 2018 (versions 1.7 and 1.8); the Node Discovery Protocol
//! v4 (devp2p); Marcus, Heilman & Goldberg, "Low-Resource Eclipse Attacks on Ethereum's Peer-to-Peer
//! Network", IACR ePrint 2018/236 (below: *Marcus et al.*). Of the paper only the abstract and what others
//! quote of it could be read; the rules of both versions are from the program's own source, in texts that
//! bear no release's tag: which of what is called 1.8 here came with 1.8.0, and which soon after, is not certain.
//!
//! # Roles and messages
//!
//! All nodes are alike; some are bootstrap nodes, which all others know besides. A node is named by its
//! public key and its address ([`Enode`](enode::Enode)), and placed by the hash of the key. Who has
//! answered a ping is *bonded* for a day, is in the [`Table`](table::Table) if there is room, and on disk
//! ([`Database`](database::Database)). Lookups ask the nodes closest to a target for closer ones. Who is
//! dialled is drawn from the table and from lookups.
//!
//! | message | bytes |
//! |---|---|
//! | `ping`, `pong` | 129, 149: signed datagrams |
//! | `findnode`, `neighbors` | 171, 1482 with 16 nodes |
//! | `hello` | 451: the mean of both sides' hand-shakes of encryption (307 and 210 B) and protocol |
//! | `too_many_peers` | 64 |
//!
//! # Parameters
//!
//! Those of [`Profile`], each a switch of its own in [`Countermeasures`]; `sim explain protocol.ethereum`
//! has all with their sources.
//!
//! | rule | `geth-1.7` | `geth-1.8` |
//! |---|---|---|
//! | connections (`MaxPeers`) | 25 | 25 |
//! | of them dialled, at most | 13: half | 8: a third (`DialRatio`) |
//! | of them incoming, at most | 25 | 17 |
//! | buckets of 16 | one for each bit | 17, with 10 replacements each |
//! | nodes of a /24 in a bucket, in the table | any | 2, 10 |
//! | nodes from the disk are asked | when a lookup finds nobody | at each start and refresh |
//! | pings lead to a bond | at once | when the first refresh has ended |
//! | refresh | 1 h, for itself | 30 min, for itself and three random targets |
//! | checks | the last of a full bucket | the last of a random bucket, within 10 s |
//! | a node is on disk | when it has bonded | when it was in the table for 5 min |
//!
//! # What is simplified, and how that biases results
//!
//! - What is on a node's disk when the run starts are random nodes of the network, all of which answered
//!   just then. Disks of real nodes hold many that are gone: a node that restarts would find others later
//!   than here, and an attacker have more time.
//! - Every host is in a /24 of its own: limits on addresses never keep honest nodes out.
//! - Hand-shakes are one message each way after the connection stands, and a refusal is known a round trip
//!   earlier than in the program: dialling is faster here than there, for nodes and attackers alike. The
//!   limit of 50 hand-shakes at a time is not there.
//! - All nodes are of one network and speak the same version. Of the real ones fewer than half did (Kim et
//!   al., IMC 2018): a real node needs more attempts for a connection, which helps an attacker who is in a
//!   hurry.
//! - A node that starts looks for whom to dial before it has read its disk, and again when something
//!   happens on a connection or a lookup ends. In the program the two run side by side, the disk a
//!   millisecond slower.
//! - Where the last of a full bucket is pinged, or a request fails, there is one attempt. Of several
//!   packets of neighbours all or none arrive.
//! - A node that was checked or bonded within a day counts as bonded also in 1.8 if its address is not yet
//!   on disk.
//! - Identifiers are the first 64 bits of a hash; nodes fill some ten buckets.
//! - Blocks, transactions and what a node does with its peers are not there.
//!
//! # Metrics
//!
//! [`METRICS`]: connections, dialled ones, attempts and what became of them, nodes in tables and on disks,
//! traffic.
//!
//! # Published numbers it reproduces
//!
//! None of the honest network; the eclipse by two hosts and its end with 1.8 are
//! [`adversary::ethereum`](crate::adversary::ethereum)'s.

mod config;
pub mod database;
pub mod enode;
pub mod lookup;
mod message;
mod metrics;
mod network;
mod node;
mod profile;
pub mod table;

pub use config::Ethereum;
pub use message::{Keys as Between, Timer, Wire};
pub use metrics::{METRICS, measure};
pub use network::{Plan, run};
pub use node::{Node, Peer, Shared};
pub use profile::{Client, Countermeasures, Profile};
