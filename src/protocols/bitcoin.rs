//! Bitcoin's peer-to-peer network: how a node keeps addresses, and whom it connects to.
//!
//! **Reference.** Bitcoin Core's `addrman` before version 0.10.1 and from 0.10.1 on; Heilman,
//! Kendler, Zohar & Goldberg, "Eclipse Attacks on Bitcoin's Peer-to-Peer Network", USENIX Security
//! 2015 (below: *Heilman et al.*), which describes the older rules, breaks them, and led to the
//! newer ones.
//!
//! **Parts.** [`address`] is the plan of addresses: who has which, in which /16 group. [`addrman`]
//! is the address manager, a pure data structure: the table `tried` of addresses one was connected
//! to, the table `new` of addresses one has only heard of. [`relay`] is what each release does about
//! transactions.
//!
//! **Parameters** are those of [`addrman::rules::Rules`] and of [`Profile`], which are what a release of
//! the program says, each with its source; the rest is in [`Bitcoin`].
//!
//! **Simplified, and what that does to results**
//!
//! - An address is an IPv4 address with one port; its group is its /16. No IPv6, Tor or AS map:
//!   attackers cannot hide behind one AS, which makes the newer rules look as they were in 2015.
//! - The keyed hash is a 64-bit mixing function instead of SHA-256: the same distribution, and no
//!   attacker of ours inverts it.
//! - Time stamps are whole seconds, as in the program, counted from the start of the run.
//! - `tried` of the older rules evicts the oldest of four random entries, as Heilman et al. describe
//!   and analyse it. The program meant that, too, but remembered the position *before* a swap and
//!   so removed another of the entries it had drawn; see [`addrman::rules::Placement::Searched`].
//! - Which incoming connection gives way (from 0.12 on) does not look at ping times and transactions.
//! - Keep-alives that are only accounted renew no time stamps: before 0.10.1 those of a node's peers are
//!   up to a block interval older than they were, which helps an attacker a little.
//! - Crawls of DNS seeds are no messages: where nodes come and go, a seed lists whoever let callers in
//!   and was up at the last full hour. A real crawler misses some and lists some that have left.
//! - A miner that a fault cuts off goes on finding blocks that nobody gets; one that churn has taken
//!   away finds none.
//! - Transactions are numbers of one size that are never spent, confirmed or refused; blocks have their
//!   size whatever was made. A node tells of the oldest first (the program: of those that pay most), and
//!   has what it had after a crash (before 0.14 nothing was on disk). Before 0.12 turns are an exponential
//!   time with the same mean, one every 100 ms; a program that was busy did not pause between them, and told
//!   others sooner. Who connects anew is told nothing of before, as in the program.
//! - Anchors are kept over a crash, too, as if the node had stopped in good order.
//!
//! **Metrics**: [`METRICS`], the delay and the coverage of blocks, connections, traffic; [`relay::METRICS`]
//! of transactions, if there are any.
//!
//! **Published numbers it reproduces**: [`addrman::closed_forms`].

pub mod address;
pub mod addrman;
mod chain;
mod config;
mod connection;
pub mod dial;
mod message;
mod metrics;
mod network;
mod node;
mod numbers;
mod profile;
pub mod relay;
mod seed;
mod workload;

pub use chain::Chain;
pub use config::Bitcoin;
pub use connection::{Connection, Connections, PING_INTERVAL, Role};
pub use message::{Command, Event, PING, Timer, Wire};
pub use metrics::{Blocks, Followed, METRICS, measure};
pub use network::{Plan, answers, run};
pub use node::{Full, Node, Shared};
pub use numbers::Numbers;
pub use profile::{Client, Countermeasures, Profile};
pub use relay::Transactions;
pub use workload::Work;
