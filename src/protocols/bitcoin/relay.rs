//! How transactions spread: what a scenario says of them, and what each version of the program does.

mod metrics;

pub use metrics::{METRICS, SAMPLE, Spread};

use crate::quantity::{Bytes, Quantity, Rate};
use crate::time::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[protocol.bitcoin.transactions]`: transactions are made, and nodes pass them on. Without the table
/// there are none: blocks have their size all the same.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Transactions {
    /// Transactions of the whole network, each made by a random node that is up; a Poisson process.
    /// Default "3 /s": what blocks of the default size hold.
    pub rate: Rate,
    /// Size of a transaction. Default 300 B (our choice; one input and two outputs take 226).
    pub size: Bytes,
}

impl Default for Transactions {
    fn default() -> Self {
        Self {
            rate: Rate::parse("3 /s").expect("a rate"),
            size: Bytes(300),
        }
    }
}

impl Transactions {
    /// Adds what is wrong: key, message, help.
    pub fn validate(&self, problems: &mut Vec<(String, String, String)>) {
        let mut add = |key: &str, message: &str, help: &str| {
            let key = format!("transactions.{key}");
            problems.push((key, message.to_owned(), help.to_owned()));
        };
        if self.rate.per_second() == 0.0 {
            add("rate", "no transactions at all", "leave the table out");
        }
        if self.rate.per_second() > 100_000.0 {
            let message = "more than 100 000 transactions a second";
            add("rate", message, "Bitcoin has up to \"7 /s\"");
        }
        if !(60..=100_000).contains(&self.size.0) {
            let message = "no transaction has this size";
            add(
                "size",
                message,
                "between \"60 B\" and \"100 kB\" (standard ones)",
            );
        }
    }
}

/// When a node tells others of a transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trickle {
    /// Before 0.12: every 100 ms one random connection has its turn. A quarter of the transactions of
    /// others, by a secret hash, do not wait (`SendMessages`, `fSendTrickle`).
    Turns,
    /// From 0.12 on, with these numbers from 0.13: a Poisson process for each connection
    /// (`PoissonNextSend`, `INVENTORY_BROADCAST_INTERVAL`).
    Poisson {
        /// Mean on connections that the node has opened: 2 s.
        outbound: Duration,
        /// Mean on the others: 5 s.
        inbound: Duration,
        /// Whether all connections of others share one process (`PoissonNextSendInbound`, from 0.17).
        together: bool,
    },
}

/// The time between two turns before 0.12.
pub(super) const TURN: Duration = Duration::from_millis(100);

/// What a version does about transactions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TxRelay {
    /// When others are told.
    pub trickle: Trickle,
    /// How many are told of at once (`INVENTORY_BROADCAST_MAX`).
    pub at_once: usize,
    /// How long a node waits, for somebody it has connected to itself, before it asks somebody else
    /// for a transaction (`NONPREF_PEER_TX_DELAY`).
    pub inbound_delay: Duration,
    /// When it asks the next one (`GETDATA_TX_INTERVAL`).
    pub timeout: Duration,
}

impl TxRelay {
    /// Before 0.12.
    pub const fn in_turns() -> Self {
        Self {
            trickle: Trickle::Turns,
            at_once: 1000,
            inbound_delay: Duration::ZERO,
            timeout: Duration::from_mins(2),
        }
    }

    /// 0.13 to 0.16.
    pub const fn by_poisson() -> Self {
        Self {
            trickle: Trickle::Poisson {
                outbound: Duration::from_secs(2),
                inbound: Duration::from_secs(5),
                together: false,
            },
            at_once: 35,
            inbound_delay: Duration::ZERO,
            timeout: Duration::from_mins(2),
        }
    }

    /// From 0.21 on.
    pub const fn with_preference() -> Self {
        Self {
            trickle: Trickle::Poisson {
                outbound: Duration::from_secs(2),
                inbound: Duration::from_secs(5),
                together: true,
            },
            at_once: 35,
            inbound_delay: Duration::from_secs(2),
            timeout: Duration::from_mins(1),
        }
    }
}
