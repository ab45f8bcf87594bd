//! `[attack.ethereum-eclipse]`.

use crate::time::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[attack.ethereum-eclipse]`: two hosts with many keys take all connections of a node that restarts
/// (Marcus, Heilman & Goldberg, 2018).
#[expect(
    clippy::struct_excessive_bools,
    reason = "steps of an attack that can be left out"
)]
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub struct EthereumEclipse {
    /// How many nodes are attacked, each with keys of its own.
    #[schemars(range(min = 1, max = 100))]
    pub victims: u32,
    /// How many hosts the attacker has, each with one address in a /24 of its own. The paper: 2.
    #[schemars(range(min = 1, max = 1000))]
    pub hosts: u32,
    /// How many keys it makes for each victim, dealt to its hosts in turns. They cost nothing. Default: 300
    /// (our choice; 25 connections and 17 buckets of 16 are 297 places).
    #[schemars(range(min = 1, max = 65536))]
    pub ids: u32,
    /// Whether it connects to the victim with its keys after the restart (the paper's first attack).
    pub connects: bool,
    /// Whether it pings the victim with its keys, so that they come on its disk and into its table, and
    /// answers its lookups (the paper's second attack, which needs `connects` for the rest).
    pub poisons: bool,
    /// Whether keys are chosen so that their hashes fill the victim's buckets evenly, at 2^17 hashes for
    /// the nearest bucket; else they are random, and half of them fall into one bucket.
    pub crafted: bool,
    /// Whether it answers the victim's lookups with its own nodes; else not at all. With a table that is
    /// the attacker's it makes no difference that we could measure.
    pub lies: bool,
    /// When it begins to ping. Two minutes, our choice.
    pub start: Duration,
    /// In how long each key pings once before the restart. Five minutes, our choice.
    pub round: Duration,
    /// When the victim restarts, and for how long it is away. Ten minutes, our choice.
    pub restart: Duration,
    /// See `restart`. Half a minute, our choice.
    pub away: Duration,
    /// How often each host pings to see whether the victim is there, knocks while it is not, and tries to
    /// connect again. 100 ms, our choice: the attack is a race against the first honest connection.
    pub retry: Duration,
    /// How long all connections of a victim have to end at the attacker until it counts as eclipsed for
    /// good. Three minutes, our choice.
    pub hold: Duration,
}

impl Default for EthereumEclipse {
    fn default() -> Self {
        Self {
            victims: 1,
            hosts: 2,
            ids: 300,
            connects: true,
            poisons: false,
            crafted: true,
            lies: true,
            start: Duration::from_mins(2),
            round: Duration::from_mins(5),
            restart: Duration::from_mins(10),
            away: Duration::from_secs(30),
            retry: Duration::from_millis(100),
            hold: Duration::from_mins(3),
        }
    }
}

impl EthereumEclipse {
    /// How many keys there are in all.
    pub fn made(&self) -> u64 {
        u64::from(self.victims) * u64::from(self.ids)
    }

    /// Adds what is wrong beside `peers` honest ones in a run that ends at `end`: key, message, help.
    pub fn validate(
        &self,
        peers: u32,
        end: Duration,
        problems: &mut Vec<(String, String, String)>,
    ) {
        let mut problem = |key: &str, message: String, help: &str| {
            problems.push((key.to_owned(), message, help.to_owned()));
        };
        if self.victims >= peers {
            let message = format!(
                "no victim number {}: there are {peers} peers, and some have to be honest beside",
                self.victims
            );
            problem("victims", message, "fewer victims, or more `peers`");
        }
        if self.hosts > self.ids {
            let message = format!(
                "{} hosts share {} keys, so some have none",
                self.hosts, self.ids
            );
            problem("ids", message, "at least one key for each host");
        }
        if self.made() > u64::from(self.hosts) << 16 {
            let message = format!("{} keys on {} hosts", self.made(), self.hosts);
            problem("ids", message, "at most 65536 on a host: one for each port");
        }
        if !self.connects && !self.poisons {
            let message = "an attack that does nothing".to_owned();
            problem("connects", message, "leave it, or add poisons = true");
        }
        if self.restart <= self.start {
            let message = format!(
                "the victim restarts at {}, before the attack begins",
                self.restart
            );
            problem(
                "restart",
                message,
                "a later `restart`, or an earlier `start`",
            );
        }
        let back = self.restart.saturating_add(self.away);
        if back >= end {
            let message = format!("the victim is back at {back}, and the run ends at {end}");
            problem(
                "restart",
                message,
                "an earlier `restart`, or a longer `duration`",
            );
        }
        for (key, span, help) in [
            ("round", self.round, "such as \"5 min\""),
            ("retry", self.retry, "such as \"1 s\""),
            ("away", self.away, "such as \"30 s\""),
        ] {
            if span.is_zero() {
                problem(key, "of no time".to_owned(), help);
            }
        }
    }
}
