//! `[protocol.bitcoin]`.

use super::addrman::pre_age::PreAge;
use super::message::Wire;
use super::profile::{Client, Countermeasures, Profile};
use super::relay::Transactions;
use crate::engine::Message;
use crate::quantity::Bytes;
use crate::time::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[protocol.bitcoin]`: Bitcoin's peer-to-peer network, the relay of addresses and blocks.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Bitcoin {
    /// The program all honest nodes run.
    pub client: Client,
    /// Countermeasures against eclipse attacks that all honest nodes have or lack, whatever the
    /// client.
    pub countermeasures: Countermeasures,
    /// Connections a node opens, at most one per /16 group. Bitcoin Core: 8
    /// (`MAX_OUTBOUND_CONNECTIONS`).
    #[schemars(range(min = 1, max = 100))]
    pub outbound: u32,
    /// Connections a node has at most, both ways. Bitcoin Core: 125
    /// (`DEFAULT_MAX_PEER_CONNECTIONS`).
    #[schemars(range(min = 2, max = 10000))]
    pub max_connections: u32,
    /// What an ordinary node knows when the run starts (its `peers.dat`).
    pub stored: PreAge,
    /// Peers that answer like DNS seeds: they give a node that knows nobody 25 addresses of a crawl
    /// made before the run, or hourly where nodes come and go. Our choice of two; Bitcoin Core had six in 2015.
    #[schemars(range(min = 0, max = 100))]
    pub dns_seeds: u32,
    /// Peers whose addresses are hard-coded in the program, for a node that after a minute knows nobody
    /// (no stored address, no answer of a DNS seed). Our choice of 20.
    #[schemars(range(min = 0, max = 1000))]
    pub fixed_seeds: u32,
    /// Random peers that each node has on its command line (`-addnode`): it connects to them at once,
    /// beyond `outbound`, and again every two minutes when it has lost them. Default 0.
    #[schemars(range(min = 0, max = 8))]
    pub add_nodes: u32,
    /// Mean time between two blocks of the whole network, exponential (Nakamoto 2008).
    pub block_interval: Duration,
    /// Size of a block. The mean of 2015 was 535 kB (Gervais et al., CCS 2016, table 1).
    pub block_size: Bytes,
    /// Transactions; none if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transactions: Option<Transactions>,
    /// Mean delay before a heard address is passed on (`AVG_ADDRESS_BROADCAST_INTERVAL`, 30 s).
    pub address_relay: Duration,
    /// Mean time between two announcements of a node's own address
    /// (`AVG_LOCAL_ADDRESS_BROADCAST_INTERVAL`, 24 h).
    pub self_announce: Duration,
    /// Whether a ping every two minutes on every idle connection is sent. Otherwise its bytes are
    /// accounted and nothing is simulated: the outcome is the same, with a tenth of the events.
    pub keep_alive: bool,
}

impl Default for Bitcoin {
    fn default() -> Self {
        Self {
            client: Client::default(),
            countermeasures: Countermeasures::default(),
            outbound: 8,
            max_connections: 125,
            stored: PreAge::ordinary(),
            dns_seeds: 2,
            fixed_seeds: 20,
            add_nodes: 0,
            block_interval: Duration::from_mins(10),
            block_size: Bytes(535_000),
            transactions: None,
            address_relay: Duration::from_secs(30),
            self_announce: Duration::from_hours(24),
            keep_alive: false,
        }
    }
}

impl Bitcoin {
    /// The names of the kinds of its messages.
    pub const KINDS: &'static [&'static str] = Wire::KINDS;

    /// The name of the family.
    pub const NAME: &'static str = "bitcoin";

    /// What the nodes do about their peers.
    pub fn profile(&self) -> Profile {
        self.countermeasures.apply(self.client.profile())
    }

    /// Adds what is wrong across fields: key, message, help.
    pub fn validate(&self, problems: &mut Vec<(String, String, String)>) {
        self.countermeasures.validate(self.client, problems);
        if let Some(transactions) = &self.transactions {
            transactions.validate(problems);
        }
        if self.outbound >= self.max_connections {
            problems.push((
                "outbound".to_owned(),
                format!(
                    "{} outbound of {} connections leave none for others",
                    self.outbound, self.max_connections
                ),
                "make it smaller than `max_connections`".to_owned(),
            ));
        }
        for (key, mean) in [
            ("block_interval", self.block_interval),
            ("address_relay", self.address_relay),
            ("self_announce", self.self_announce),
        ] {
            // Exponential times reach forty times their mean, and simulated time 584 years.
            if mean > Duration::from_hours(365 * 24) {
                problems.push((
                    key.to_owned(),
                    "a mean of more than a year".to_owned(),
                    "at most \"365 d\"".to_owned(),
                ));
            }
        }
        if self.block_interval.is_zero() {
            problems.push((
                "block_interval".to_owned(),
                "blocks without any time between them".to_owned(),
                "Bitcoin has \"10 min\"".to_owned(),
            ));
        }
    }
}
