//! Profiles: what a version of go-ethereum does about its peers, as data, and the countermeasures that a
//! scenario may switch on or off by themselves.

use super::table::{Limits, Shape};
use crate::time::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which program the nodes run.
#[derive(
    Serialize, Deserialize, JsonSchema, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug,
)]
pub enum Client {
    /// go-ethereum before version 1.8: all connections may be incoming ones, a table that is not empty is
    /// not seeded, who pings is in the table and on disk at once (`p2p/server.go`, `dial.go`,
    /// `discover/table.go` of 2017).
    #[default]
    #[serde(rename = "geth-1.7")]
    Geth1_7,
    /// February 2018, with what Marcus, Heilman & Goldberg (2018) led to: two thirds of the connections at
    /// most are incoming (`DialRatio`), at most 2 nodes of a /24 in a bucket and 10 in a table, seeds at
    /// every start and refresh, nobody bonds by himself before the first has ended.
    #[serde(rename = "geth-1.8")]
    Geth1_8,
}

/// What a node does about its peers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Profile {
    /// Its table.
    pub shape: Shape,
    /// One of so many connections is dialled and the others may be incoming (`DialRatio`); nothing: half
    /// are dialled, and all may be incoming.
    pub dial_ratio: Option<u32>,
    /// Whether nodes from the disk are asked at every refresh, not only when a lookup finds nobody
    /// (`doRefresh`).
    pub always_seeds: bool,
    /// Whether pings lead to no bond before the first refresh has ended (`isInitDone`).
    pub quiet_start: bool,
    /// Lookups for random targets in a refresh, after that for itself.
    pub random_lookups: u32,
    /// How long a node has to be in the table until it is stored (`seedMinTableTime`); nothing: it is when
    /// it has bonded.
    pub stored_after: Option<Duration>,
    /// Time between two refreshes (`autoRefreshInterval`, then `refreshInterval`).
    pub refresh: Duration,
    /// Longest time between two checks of the last node of a bucket (`revalidateInterval`).
    pub revalidate: Option<Duration>,
}

/// `nBuckets` before 1.8 was one for each bit of a hash, of which nodes fill as many as here.
const BUCKETS_BEFORE: usize = 64;
const LIMITS: Limits = Limits {
    bucket: 2,
    table: 10,
};
/// `seedMinTableTime`.
const STORED_AFTER: Duration = Duration::from_mins(5);
/// `defaultDialRatio`.
const DIAL_RATIO: u32 = 3;

impl Client {
    /// The profile.
    pub const fn profile(self) -> Profile {
        match self {
            Self::Geth1_7 => Profile {
                shape: Shape {
                    buckets: BUCKETS_BEFORE,
                    replacements: 0,
                    limits: None,
                },
                dial_ratio: None,
                always_seeds: false,
                quiet_start: false,
                random_lookups: 0,
                stored_after: None,
                refresh: Duration::from_hours(1),
                revalidate: None,
            },
            Self::Geth1_8 => Profile {
                shape: Shape {
                    buckets: 17,
                    replacements: 10,
                    limits: Some(LIMITS),
                },
                dial_ratio: Some(DIAL_RATIO),
                always_seeds: true,
                quiet_start: true,
                random_lookups: 3,
                stored_after: Some(STORED_AFTER),
                refresh: Duration::from_mins(30),
                revalidate: Some(Duration::from_secs(10)),
            },
        }
    }
}

impl Profile {
    /// Of `most` connections, how many a node dials.
    pub const fn dialled(&self, most: u32) -> u32 {
        match self.dial_ratio {
            Some(ratio) => most / ratio,
            None => most.div_ceil(2),
        }
    }

    /// How many may be incoming.
    pub const fn incoming(&self, most: u32) -> u32 {
        match self.dial_ratio {
            Some(_) => most - self.dialled(most),
            None => most,
        }
    }
}

/// `[protocol.ethereum.countermeasures]`: what 1.8 does against eclipse attacks, each on its own. What is
/// left out is as the client has it.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Default, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields, default)]
pub struct Countermeasures {
    /// Incoming connections are limited to what `dial_ratio` leaves (countermeasure 1 of Marcus et al.).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incoming_limit: Option<bool>,
    /// One of so many connections is dialled, where incoming ones are limited. go-ethereum: 3
    /// (`defaultDialRatio`).
    #[schemars(range(min = 1, max = 1000))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dial_ratio: Option<u32>,
    /// At most 2 nodes of a /24 in a bucket and 10 in a table (after countermeasure 2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subnet_limits: Option<bool>,
    /// Nodes from the disk are asked at every start and refresh (countermeasure 5).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub always_seeds: Option<bool>,
    /// Nobody bonds by himself before the first refresh has ended (countermeasure 6).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet_start: Option<bool>,
    /// A refresh looks up three random targets beside the node itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub random_lookups: Option<bool>,
    /// A node is stored on disk when it has been in the table for five minutes, not when it has bonded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stored_late: Option<bool>,
}

impl Countermeasures {
    /// A profile with these switched on or off.
    #[must_use]
    pub fn apply(&self, mut profile: Profile) -> Profile {
        if let Some(on) = self.incoming_limit {
            profile.dial_ratio = on.then_some(DIAL_RATIO);
        }
        if profile.dial_ratio.is_some() && self.dial_ratio.is_some() {
            profile.dial_ratio = self.dial_ratio;
        }
        if let Some(on) = self.subnet_limits {
            profile.shape.limits = on.then_some(LIMITS);
        }
        if let Some(on) = self.always_seeds {
            profile.always_seeds = on;
        }
        if let Some(on) = self.quiet_start {
            profile.quiet_start = on;
        }
        if let Some(on) = self.random_lookups {
            profile.random_lookups = if on { 3 } else { 0 };
        }
        if let Some(on) = self.stored_late {
            profile.stored_after = on.then_some(STORED_AFTER);
        }
        profile
    }

    /// Adds what is wrong with them for a client.
    pub fn validate(
        &self,
        client: Client,
        max_peers: u32,
        problems: &mut Vec<(String, String, String)>,
    ) {
        let Some(ratio) = self.dial_ratio else { return };
        let mut problem = |message: String, help: &str| {
            let key = "countermeasures.dial_ratio".to_owned();
            problems.push((key, message, help.to_owned()));
        };
        if self.apply(client.profile()).dial_ratio.is_none() {
            let message = "all connections may be incoming, there is no ratio to keep".to_owned();
            problem(message, "add incoming_limit = true, or take \"geth-1.8\"");
        } else if max_peers / ratio == 0 {
            let message = format!("one of {ratio}, of {max_peers} connections, is none to dial");
            problem(message, "a smaller ratio, or more `max_peers`");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn before_all_slots_could_be_incoming_and_then_two_thirds() {
        let (before, after) = (Client::Geth1_7.profile(), Client::Geth1_8.profile());
        assert_eq!((before.dialled(25), before.incoming(25)), (13, 25));
        assert_eq!((after.dialled(25), after.incoming(25)), (8, 17));
    }

    #[test]
    fn six_switches_make_the_older_client_the_newer_one() {
        let all = Countermeasures {
            incoming_limit: Some(true),
            dial_ratio: None,
            subnet_limits: Some(true),
            always_seeds: Some(true),
            quiet_start: Some(true),
            random_lookups: Some(true),
            stored_late: Some(true),
        };
        let ours = all.apply(Client::Geth1_7.profile());
        let mut theirs = Client::Geth1_8.profile();
        // What else is new in the program.
        theirs.shape.buckets = ours.shape.buckets;
        theirs.shape.replacements = ours.shape.replacements;
        theirs.refresh = ours.refresh;
        theirs.revalidate = ours.revalidate;
        assert_eq!(ours, theirs);
        for client in [Client::Geth1_7, Client::Geth1_8] {
            let none = Countermeasures::default();
            assert_eq!(none.apply(client.profile()), client.profile());
        }
    }

    #[test]
    fn a_ratio_needs_a_limit_and_somebody_to_dial() {
        let ratio = |dial_ratio| Countermeasures {
            dial_ratio: Some(dial_ratio),
            ..Countermeasures::default()
        };
        for (client, dial_ratio, wrong) in [
            (Client::Geth1_7, 3, 1),
            (Client::Geth1_8, 3, 0),
            (Client::Geth1_8, 26, 1),
        ] {
            let mut problems = Vec::new();
            ratio(dial_ratio).validate(client, 25, &mut problems);
            assert_eq!(problems.len(), wrong, "{dial_ratio}");
        }
    }
}
