//! The eclipse attack on a Bitcoin node: fill its tables, wait for its restart, take its connections.
//!
//! **Reference.** Heilman, Kendler, Zohar & Goldberg, "Eclipse Attacks on Bitcoin's Peer-to-Peer
//! Network", USENIX Security 2015, sections 3 and 4.
//!
//! **What the attacker may do.** It owns whole /16 groups of addresses on a few machines
//! ([`Eclipse::machines`]), connects from each address in turn, speaks the protocol, sends addresses
//! of its choice, and does not answer what it does not want to. It knows the victims' addresses, which
//! client they run (so how many connections one takes), and a plan fixed before the run. It cannot
//! forge the address of a connection, sees nobody's tables, and learns of a restart because its own
//! connection breaks.
//!
//! **What counts.** *Eclipsed* (outbound reading of the paper): all of the victim's outbound
//! connections end at the attacker. The restart is played again many times from the tables as they
//! were just before it ([`replay_restart`](crate::protocols::bitcoin::dial::replay_restart)); the
//! real restart follows in the run, with inbound connections and blocks.
//!
//! **Simplified, and what that does to results**
//!
//! - The victim's tables are pre-aged, not grown: ages are uniform up to the oldest measured one. The
//!   older rules prefer fresh addresses, so real tables, with a few very fresh honest entries, resist
//!   somewhat better or worse.
//! - In a replayed restart honest nodes that are online accept at once, and no addresses are learnt
//!   during it. Both help the victim a little less than they would.
//! - Machines are not limited in bandwidth unless the scenario gives them access links.
//! - Where who connects does not enter the tables (from 0.14 on) the attacker advertises its own
//!   addresses and waits for the victim to come; it does not run honest-looking nodes for years, as a
//!   patient attacker would.

mod attacker;
mod config;
mod metrics;
mod run;

pub use attacker::{Attacker, Orders};
pub use config::Eclipse;
pub use metrics::METRICS;
pub use run::{SAMPLES, SERIES, run};
