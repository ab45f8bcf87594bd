//! `[attack.sybil]`.

use crate::quantity::Share;
use crate::time::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[attack.sybil]`: peers of a hash table that drop, misroute or lie, anywhere or around a key.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Sybil {
    /// How many identities the attacker has, each a peer with an address and an identifier of its own, up
    /// all the time. Default: as many as `share` says.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub ids: Option<u32>,
    /// The same as a share of all who are online, the attacker's peers included. Default: 10 % (our own
    /// choice).
    pub share: Option<Share>,
    /// Where its identifiers are. Default: anywhere, as everybody's.
    pub place: Place,
    /// How its peers come into the tables of others. Default: by joining.
    pub entry: Entry,
    /// What they answer when asked who is close to a key. Default: each other.
    pub routing: Routing,
    /// What they do with values. Default: they forge them.
    pub values: Values,
    /// Until when they are like all others, since the start of the run. Default: 0 s.
    pub start: Duration,
    /// Over how long they turn, evenly one after the other. Default: 0 s, all at once.
    pub ramp: Duration,
    /// Over how many /24 their addresses are spread, for tables that limit these. Default: one for each
    /// identity.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub subnets: Option<u32>,
}

/// Where identifiers are.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Place {
    /// Anywhere, evenly.
    Uniform {},
    /// As near to a key as the work allows that is spent on them.
    Key(Key),
}

/// The key that identities are placed around.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub struct Key {
    /// Its number among the stored values, or the keys of Zipf's law: 0 is the first and the most popular.
    /// Default: 0.
    pub number: u32,
    /// How many hashes the attacker makes in all, to choose the nearest of them. Where an identifier is a
    /// puzzle (`s_kademlia.puzzle`), only one of 2^puzzle hashes is one. Default: 10^9 (our own choice:
    /// minutes on one machine).
    #[schemars(range(min = 1, max = 1_000_000_000_000_000u64))]
    pub hashes: u64,
}

/// How peers of the attacker come into the tables of others.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Entry {
    /// They join when the run begins, by the protocol's own messages.
    #[default]
    Join,
    /// They have been there as long as everybody, and are in the tables that the others are born with.
    Born,
}

/// What the attacker answers when asked who is close to a key.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Routing {
    /// The truth.
    Honest,
    /// Nothing.
    Drop,
    /// The contact in its table that is farthest from the key.
    Misroute,
    /// The attacker's peers that are closest to the key, and nobody else: whoever asks on will stay among
    /// them, and has them in its table.
    #[default]
    Poison,
}

/// What the attacker does with values.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Values {
    /// Keeps and gives them.
    Honest,
    /// Says that it has stored them, and has none when asked.
    Withhold,
    /// Gives others of its own instead.
    #[default]
    Forge,
}

impl Default for Place {
    fn default() -> Self {
        Self::Uniform {}
    }
}

impl Default for Key {
    fn default() -> Self {
        Self {
            number: 0,
            hashes: 1_000_000_000,
        }
    }
}

impl Sybil {
    /// How many identities there are beside `peers` honest ones online.
    pub fn count(&self, peers: u32) -> u32 {
        let share = self.share.map_or(0.1, |share| share.0).min(0.99);
        let of_share = (f64::from(peers) * share / (1.0 - share)).round() as u32;
        self.ids.unwrap_or(of_share)
    }

    /// Adds what is wrong beside `peers` honest ones online: key, message, help. `keys` is how many numbered
    /// keys there are, `puzzle` how many bits of an identifier's hash have to be zero.
    pub fn validate(
        &self,
        peers: u32,
        (keys, puzzle): (u32, u8),
        problems: &mut Vec<(String, String, String)>,
    ) {
        let mut problem = |key: &str, message: String, help: &str| {
            problems.push((key.to_owned(), message, help.to_owned()));
        };
        let (own, key) = (
            self.count(peers),
            if self.ids.is_some() { "ids" } else { "share" },
        );
        if self.ids.is_some() && self.share.is_some() {
            let help = "leave one of the two out";
            problem("share", "said twice".to_owned(), help);
        } else if own > peers {
            let message =
                format!("{own} peers of the attacker are more than the {peers} honest ones");
            problem(key, message, "at most half of all, or more `peers`");
        }
        let Place::Key(near) = self.place else { return };
        if keys == 0 {
            let message = "nobody asks for a key that has a number".to_owned();
            let help = "add `lookups.values` or `lookups.keys.zipf` to the protocol";
            problem("place.key", message, help);
        } else if near.number >= keys {
            let message = format!("there are {keys} keys, from 0 on");
            problem("place.key.number", message, "a smaller number");
        }
        let made = near.hashes >> puzzle;
        if made < u64::from(own) {
            let message = format!("so many hashes make {made} identifiers, and {own} are wanted");
            problem(
                "place.key.hashes",
                message,
                "more hashes, or fewer identities",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Sybil {
        toml::from_str(text).expect("the shape is right")
    }

    #[test]
    fn a_share_is_of_all_who_are_online() {
        assert_eq!(read("share = \"20 %\"").count(400), 100);
        assert_eq!(read("ids = 7").count(400), 7);
        assert_eq!(read("").count(900), 100);
        let sybil = read("place.key = {}\nrouting = \"drop\"\nentry = \"born\"\nramp = \"1 h\"");
        let written = toml::to_string(&sybil).unwrap();
        assert_eq!(read(&written), sybil);
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, expected) in [
            ("ids = 100", vec![]),
            ("ids = 101", vec!["ids"]),
            ("share = \"51 %\"", vec!["share"]),
            ("ids = 1\nshare = \"5 %\"", vec!["share"]),
            ("ids = 8\nplace.key.hashes = 255", vec!["place.key.hashes"]),
            ("ids = 8\nplace.key.number = 3", vec!["place.key.number"]),
        ] {
            let mut problems = Vec::new();
            read(text).validate(100, (3, 5), &mut problems);
            let keys: Vec<_> = problems.iter().map(|(key, ..)| key.as_str()).collect();
            assert_eq!(keys, expected, "{text}");
        }
        let mut problems = Vec::new();
        read("place.key = {}").validate(100, (0, 0), &mut problems);
        assert_eq!(problems[0].0, "place.key");
    }
}
