//! Profiles: what a version of Bitcoin Core does about its peers, as data, and the countermeasures
//! that a scenario may switch on or off by themselves.

use super::addrman::rules::{Placement, Rules, Selection};
use super::relay::TxRelay;
use crate::time::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which program the nodes run. Each adds to what the one before does.
#[derive(
    Serialize, Deserialize, JsonSchema, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug,
)]
pub enum Client {
    /// The address manager before version 0.10.1: an address group reaches 4 buckets of `tried`,
    /// the oldest of four random entries gives way, fresh addresses are preferred (Heilman et al.
    /// 2015, section 2).
    #[default]
    #[serde(rename = "bitcoin-core-0.9.3")]
    Core0_9_3,
    /// The first countermeasures of Heilman et al., released in March 2015: four times the buckets,
    /// one fixed place per address and bucket, uniform selection.
    #[serde(rename = "bitcoin-core-0.10.1")]
    Core0_10_1,
    /// March 2017: who connects no longer enters the tables (pull request 8594), feelers test
    /// addresses of `new` every two minutes (8282), a full node makes room for another incoming
    /// connection (6374, from 0.12), transactions are announced by a Poisson process for each
    /// connection (7125, from 0.12, and 7840, from 0.13).
    #[serde(rename = "bitcoin-core-0.14")]
    Core0_14,
    /// January 2021: an address of `tried` gives way only if it does not answer (9037, from 0.17), two
    /// connections carry blocks alone (15759, from 0.19) and are the first after a restart (17428), a
    /// node without a block for half an hour looks for one more peer (11560, from 0.16), connections of
    /// others share the process of announcements (13298, from 0.17) and are asked for transactions two
    /// seconds later (14897, from 0.19).
    #[serde(rename = "bitcoin-core-0.21")]
    Core0_21,
    /// From September 2021 on: of one connection a tenth of an address a second is taken (22387).
    #[serde(rename = "bitcoin-core-22.0")]
    Core22_0,
}

/// What a node does about its peers.
#[expect(
    clippy::struct_excessive_bools,
    reason = "rules that a version has or has not"
)]
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Profile {
    /// Of its address manager.
    pub rules: Rules,
    /// Whether the address of who connects goes into `tried` at once.
    pub inbound_enters: bool,
    /// Whether what comes on a connection that the node opened renews the time stamp of its address,
    /// not only its end (`AddressCurrentlyConnected` in `ProcessMessage`, before 0.10.1).
    pub renews_while_connected: bool,
    /// Mean time between two feelers (`FEELER_INTERVAL`); nothing if there are none.
    pub feelers: Option<Duration>,
    /// Connections beyond `outbound` that carry blocks alone (`MAX_BLOCK_RELAY_ONLY_CONNECTIONS`).
    pub block_relay_only: u32,
    /// How many peers of before a restart are the first to be connected to again
    /// (`MAX_BLOCK_RELAY_ONLY_ANCHORS`), beyond `outbound` if need be.
    pub anchors: u32,
    /// Whether a node that has seen no block for half an hour opens one connection more
    /// (`m_try_another_outbound_peer`).
    pub stale_tip: bool,
    /// Whether a node without a free slot closes an incoming connection for another one
    /// (`AttemptToEvictConnection`).
    pub inbound_eviction: bool,
    /// How many addresses a second are taken from one connection (`MAX_ADDR_RATE_PER_SECOND`).
    pub address_rate: Option<f64>,
    /// Whether more than ten addresses at once are taken from who was not asked for them.
    pub takes_unsolicited: bool,
    /// What it does about transactions.
    pub transactions: TxRelay,
    /// How many incoming connections one /16 group may have; nothing if any number.
    pub inbound_per_group: Option<u32>,
}

impl Client {
    /// The profile.
    pub fn profile(self) -> Profile {
        let mut profile = Profile {
            rules: Rules::before_0_10_1(),
            inbound_enters: true,
            renews_while_connected: true,
            feelers: None,
            block_relay_only: 0,
            anchors: 0,
            stale_tip: false,
            inbound_eviction: false,
            address_rate: None,
            takes_unsolicited: true,
            transactions: TxRelay::in_turns(),
            inbound_per_group: None,
        };
        if self >= Self::Core0_10_1 {
            profile.rules = Rules::from_0_10_1();
            profile.renews_while_connected = false;
        }
        if self >= Self::Core0_14 {
            profile.inbound_enters = false;
            profile.feelers = Some(FEELER_INTERVAL);
            profile.inbound_eviction = true;
            profile.transactions = TxRelay::by_poisson();
        }
        if self >= Self::Core0_21 {
            profile.rules.test_before_evict = true;
            profile.rules.getaddr_max = 1000;
            profile.block_relay_only = 2;
            profile.anchors = 2;
            profile.stale_tip = true;
            profile.transactions = TxRelay::with_preference();
        }
        if self >= Self::Core22_0 {
            profile.address_rate = Some(0.1);
        }
        profile
    }
}

/// Two minutes (`FEELER_INTERVAL`, net.h).
const FEELER_INTERVAL: Duration = Duration::from_mins(2);

/// `[protocol.bitcoin.countermeasures]`: the countermeasures of Heilman et al. (2015), section 7, each
/// on its own. What is left out is as the client has it.
///
/// Their tenth, detecting an attack, is in the results instead: how long a victim hears of no block.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Default, PartialEq, Debug)]
#[serde(deny_unknown_fields, default)]
pub struct Countermeasures {
    /// 1: an address has one place in its bucket of `tried`, so that it does not help an attacker to
    /// come again. (In `new` Bitcoin Core did the same, and more: who is there stays. This comes with
    /// a client.)
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deterministic_eviction: Option<bool>,
    /// 2: addresses are chosen uniformly, so that it does not help an attacker to be fresh.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub random_selection: Option<bool>,
    /// 3: before an address of `tried` gives way it is tried, and stays if it answers. Needs feelers,
    /// which do the trying.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_before_evict: Option<bool>,
    /// 4: every two minutes a short connection to an address of `new`, which enters `tried` if it
    /// answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feelers: Option<bool>,
    /// 5: so many peers of before a restart are connected to first, beyond `outbound`.
    #[schemars(range(min = 0, max = 8))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anchors: Option<u32>,
    /// 6: four times the buckets, 256 of `tried` and 1024 of `new`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub more_buckets: Option<bool>,
    /// 8: more than ten addresses at once are taken only from who was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ban_unsolicited: Option<bool>,
    /// 9: so many incoming connections from one /16 group.
    #[schemars(range(min = 1, max = 10000))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inbound_per_group: Option<u32>,
}

impl Countermeasures {
    /// A profile with these switched on or off.
    pub fn apply(&self, mut profile: Profile) -> Profile {
        let rules = &mut profile.rules;
        let (old, new) = (Rules::before_0_10_1(), Rules::from_0_10_1());
        if let Some(on) = self.deterministic_eviction {
            rules.tried_placement = if on {
                Placement::Hashed
            } else {
                Placement::Searched
            };
        }
        if let Some(on) = self.random_selection {
            rules.selection = if on {
                Selection::Uniform
            } else {
                Selection::Fresh
            };
        }
        if let Some(on) = self.more_buckets {
            let sizes = if on { new } else { old };
            rules.tried_buckets = sizes.tried_buckets;
            rules.tried_buckets_per_group = sizes.tried_buckets_per_group;
            rules.new_buckets = sizes.new_buckets;
            rules.new_buckets_per_source_group = sizes.new_buckets_per_source_group;
        }
        if let Some(on) = self.test_before_evict {
            rules.test_before_evict = on;
        }
        if let Some(on) = self.feelers {
            profile.feelers = on.then_some(FEELER_INTERVAL);
        }
        if let Some(anchors) = self.anchors {
            profile.anchors = anchors;
        }
        if let Some(on) = self.ban_unsolicited {
            profile.takes_unsolicited = !on;
        }
        if self.inbound_per_group.is_some() {
            profile.inbound_per_group = self.inbound_per_group;
        }
        profile
    }

    /// Adds what is wrong with them for a client.
    pub fn validate(&self, client: Client, problems: &mut Vec<(String, String, String)>) {
        let profile = self.apply(client.profile());
        if profile.rules.test_before_evict && profile.feelers.is_none() {
            let key = if self.feelers == Some(false) {
                "countermeasures.feelers"
            } else {
                "countermeasures.test_before_evict"
            };
            let message = "who would be evicted is tried by feelers, and there are none";
            problems.push((
                key.to_owned(),
                message.to_owned(),
                "add feelers = true".to_owned(),
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Client; 5] = [
        Client::Core0_9_3,
        Client::Core0_10_1,
        Client::Core0_14,
        Client::Core0_21,
        Client::Core22_0,
    ];

    #[test]
    fn versions_come_in_their_order() {
        assert!(ALL.is_sorted_by(|one, next| one < next));
    }

    /// The release of March 2015 was countermeasures 1, 2 and 6 and nothing else that matters here.
    #[test]
    fn three_switches_make_the_older_client_the_newer_one() {
        let three = Countermeasures {
            deterministic_eviction: Some(true),
            random_selection: Some(true),
            more_buckets: Some(true),
            ..Countermeasures::default()
        };
        let ours = three.apply(Client::Core0_9_3.profile());
        let mut theirs = Client::Core0_10_1.profile();
        // Details of the program that the paper does not count.
        theirs.renews_while_connected = ours.renews_while_connected;
        theirs.rules.new_placement = ours.rules.new_placement;
        theirs.rules.max_references = ours.rules.max_references;
        theirs.rules.good_renews = ours.rules.good_renews;
        theirs.rules.getaddr_skips_terrible = ours.rules.getaddr_skips_terrible;
        assert_eq!(ours, theirs);
    }

    #[test]
    fn nothing_switched_changes_nothing() {
        for client in ALL {
            let mut problems = Vec::new();
            Countermeasures::default().validate(client, &mut problems);
            assert!(problems.is_empty());
            let profile = client.profile();
            assert_eq!(Countermeasures::default().apply(profile), profile);
        }
    }

    #[test]
    fn a_test_needs_somebody_who_tests() {
        let alone = Countermeasures {
            test_before_evict: Some(true),
            ..Countermeasures::default()
        };
        let mut problems = Vec::new();
        alone.validate(Client::Core0_9_3, &mut problems);
        alone.validate(Client::Core0_14, &mut problems);
        assert_eq!(problems.len(), 1);
    }
}
