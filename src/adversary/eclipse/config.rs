//! `[attack.eclipse]`.

use crate::protocols::bitcoin::addrman::pre_age::PreAge;
use crate::quantity::Share;
use crate::time::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[attack.eclipse]`: fills the victim's tables through incoming connections, waits for its
/// restart, and takes its connections (Heilman et al., USENIX Security 2015).
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Eclipse {
    /// How many nodes are attacked, each by all of the attacker's addresses.
    #[schemars(range(min = 1, max = 100))]
    pub victims: u32,
    /// In how many /16 groups the attacker has addresses (`s`).
    #[schemars(range(min = 1, max = 31744))]
    pub groups: u32,
    /// How many addresses it has in each group (`t`).
    #[schemars(range(min = 1, max = 65536))]
    pub addresses_per_group: u32,
    /// How many machines own them, in turns.
    #[schemars(range(min = 1, max = 1000))]
    pub machines: u32,
    /// When the attack begins.
    pub start: Duration,
    /// When the victim restarts: the time the attacker has to fill the tables is the difference.
    pub restart: Duration,
    /// How long one round takes in which every address connects once (the paper's time of the last
    /// round, 27 min in its live attacks).
    pub round: Duration,
    /// How many addresses at which nobody answers each connection sends, to fill `new` with trash.
    /// The paper sends up to 1000.
    #[schemars(range(min = 0, max = 1000))]
    pub trash: u32,
    /// The share of those addresses that are the attacker's own instead, which the victim may come to by
    /// itself. Left out: none where who connects enters the tables, as in the paper, else all: then
    /// it is the only way into `tried`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advertise: Option<Share>,
    /// How long all connections of a victim have to end at the attacker until it counts as eclipsed
    /// for good.
    pub hold: Duration,
    /// How often the restart is played again from the tables as they were, to estimate the success
    /// in one run. The real restart is one more.
    #[schemars(range(min = 0, max = 1000))]
    pub replays: u32,
    /// What the victim knows when the run starts: tables aged as the paper measured.
    pub tables: PreAge,
}

impl Default for Eclipse {
    fn default() -> Self {
        Self {
            victims: 1,
            groups: 32,
            addresses_per_group: 256,
            machines: 4,
            start: Duration::from_mins(10),
            restart: Duration::from_mins(130),
            round: Duration::from_mins(27),
            trash: 20,
            advertise: None,
            hold: Duration::from_mins(10),
            replays: 20,
            tables: PreAge::default(),
        }
    }
}

impl Eclipse {
    /// Adds what is wrong across fields: key, message, help.
    pub fn validate(&self, problems: &mut Vec<(String, String, String)>) {
        let mut problem = |key: &str, message: String, help: &str| {
            problems.push((key.to_owned(), message, help.to_owned()));
        };
        if self.restart <= self.start {
            let message = format!(
                "the victim restarts at {}, before the attack begins",
                self.restart
            );
            problem(
                "restart",
                message,
                "give the attacker time: a later `restart` or an earlier `start`",
            );
        }
        if self.round.is_zero() {
            problem(
                "round",
                "a round of no time".to_owned(),
                "the paper has \"27 min\"",
            );
        }
    }
}
