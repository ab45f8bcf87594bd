//! The eclipse of an Ethereum node by two hosts: take its connections when it restarts.
//!
//! **Reference.** Marcus, Heilman & Goldberg, "Low-Resource Eclipse Attacks on Ethereum's Peer-to-Peer
//! Network", IACR ePrint 2018/236. The abstract could be read, and what others quote: a client can be
//! eclipsed if the attacker makes all its connections, incoming ones, before it makes one itself; a second
//! attack poisons its table first, for clients that keep places to dial. The rest of what follows is ours,
//! after the program's source.
//!
//! **What the attacker may do.** It has a few hosts with one address each and as many public keys as it
//! likes, whose hashes it may choose by trying. It knows its victims' enodes, which client they run (so how
//! many connections one has), and a plan fixed before the run. It speaks the protocol, and does not answer
//! what it does not want to: to others than victims its keys are dead. It cannot forge its address, sees
//! nobody's tables, and learns of a restart because its pings are not answered for a while.
//!
//! **The steps.** Before the restart: `poisons` pings with all keys, which come into the victim's table and
//! on its disk. While it is away: the hosts knock, so that their first attempt arrives as soon as it is
//! back. After it: all places are asked for by keys that take turns (`connects`); all keys ping at once
//! (`poisons`); lookups are answered with the attacker's own nodes (`lies`).
//!
//! **What counts.** *Eclipsed*: the victim has connections and every one of them, whoever opened it, ends
//! at the attacker, for the time `hold`.
//!
//! **Simplified, and what that does to results**
//!
//! - The restart is given, as by a crash or an update; the victim's network is as busy as the scenario's
//!   honest nodes make it. Who comes first is a race of a few round trips, which other latencies decide
//!   otherwise; the attacker is no nearer to its victims than anybody.
//! - The attack lasts for minutes. The paper's poisons for a day and longer: more of the disk would be its own.
//! - It does not use what was found later, and eclipsed versions after 1.8 from two addresses as well
//!   ("Eclipsing Ethereum Peers with False Friends", arXiv 1908.10141, of which we know the abstract). What
//!   is measured of `geth-1.8` holds for this attacker, not for any: it still has some 40 % of the victim's
//!   dialled connections, since the heads of buckets are dialled, as in the program.

mod attacker;
mod config;
mod metrics;
mod run;

pub use attacker::{Attacker, Orders, Spent};
pub use config::EthereumEclipse;
pub use metrics::METRICS;
pub use run::{Cast, prepare, run};

/// The curves over time.
pub const SERIES: &[&str] = &["eclipse.peers_held", "eclipse.table_poisoned"];

/// The single measurements.
pub const SAMPLES: &[&str] = &["eclipse.time"];
