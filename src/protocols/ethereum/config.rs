//! `[protocol.ethereum]`.

use super::message::Wire;
use super::profile::{Client, Countermeasures, Profile};
use crate::engine::Message;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[protocol.ethereum]`: Ethereum's peer-to-peer network as go-ethereum had it: discovery and
/// connections. Blocks and transactions are not there yet.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub struct Ethereum {
    /// The program all honest nodes run.
    pub client: Client,
    /// Countermeasures that all honest nodes have or lack, whatever the client.
    pub countermeasures: Countermeasures,
    /// Connections a node has at most, both ways (`MaxPeers`). go-ethereum before and in 1.8: 25, and so
    /// Marcus et al.
    #[schemars(range(min = 2, max = 1000))]
    pub max_peers: u32,
    /// How many random others a node has on its disk when the run starts. Default: 200 (our choice).
    #[schemars(range(min = 1, max = 10000))]
    pub stored: u32,
    /// How many peers are bootstrap nodes, which all others know besides. go-ethereum had 4 or 5 of the
    /// main network; default: 4.
    #[schemars(range(min = 0, max = 100))]
    pub boot_nodes: u32,
}

impl Default for Ethereum {
    fn default() -> Self {
        Self {
            client: Client::default(),
            countermeasures: Countermeasures::default(),
            max_peers: 25,
            stored: 200,
            boot_nodes: 4,
        }
    }
}

impl Ethereum {
    /// The names of the kinds of its messages.
    pub const KINDS: &'static [&'static str] = Wire::KINDS;

    /// The name of the family.
    pub const NAME: &'static str = "ethereum";

    /// What the nodes do about their peers.
    pub fn profile(&self) -> Profile {
        self.countermeasures.apply(self.client.profile())
    }

    /// Adds what is wrong beside `peers` honest peers: key, message, help.
    pub fn validate(&self, peers: u32, problems: &mut Vec<(String, String, String)>) {
        self.countermeasures
            .validate(self.client, self.max_peers, problems);
        if self.boot_nodes >= peers {
            let message = format!("{} of {peers} peers leave no other", self.boot_nodes);
            let help = "fewer, or more `peers`".to_owned();
            problems.push(("boot_nodes".to_owned(), message, help));
        }
        if self.profile().incoming(self.max_peers) == 0 {
            let message = format!("all of {} connections are dialled", self.max_peers);
            let help = "a `dial_ratio` of at least 2: nobody lets anybody in".to_owned();
            problems.push(("max_peers".to_owned(), message, help));
        }
    }
}
