//! The keys of `[protocol.*.lookups]`: what is asked of the peers.

use crate::quantity::Rate;
use crate::time::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is asked of the peers, and when.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Lookups {
    /// When lookups start, each at a random peer of the population; if that peer is down, nothing
    /// happens and the lookup counts as skipped. Default: 1000, evenly spaced.
    pub start: Start,
    /// What is looked up. Default: uniform keys, each another.
    pub keys: Keys,
    /// Values that are stored first and that lookups then fetch. Default: none, lookups only find who
    /// is closest to a key.
    pub values: Option<Values>,
    /// Whether lookups start during the warm-up too. They load the network and are not measured.
    /// Default: false.
    pub during_warm_up: bool,
}

/// When lookups start.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Start {
    /// So many, evenly spaced, the first at the beginning.
    Count(#[schemars(range(min = 1, max = 100_000_000))] u32),
    /// As a Poisson process of this rate over the whole network.
    Rate(Rate),
    /// As a Poisson process of this rate at each peer while it is up.
    PerPeer(Rate),
}

/// What is looked up.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Keys {
    /// Uniform keys: each another, or each of the stored values as likely.
    Uniform {},
    /// One of a fixed number of keys, by a Zipf law: the i-th with a probability in proportion to
    /// 1/i^exponent.
    Zipf(Zipf),
    /// The identifier of a random honest peer, up or down.
    Peers {},
}

/// Zipf's law.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Zipf {
    /// How many keys there are. Default: as many as there are `values`.
    #[serde(default)]
    #[schemars(range(min = 1, max = 10_000_000))]
    pub count: Option<u32>,
    /// The exponent. Default: 1.
    #[serde(default = "one")]
    #[schemars(range(min = 0.0, max = 10.0))]
    pub exponent: f64,
}

fn one() -> f64 {
    1.0
}

/// Values that are stored first and fetched later.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Values {
    /// How many, each under a key of its own, put by random peers.
    #[schemars(range(min = 1, max = 10_000_000))]
    pub count: u32,
    /// Over how long they are put, evenly spaced from the beginning of the warm-up. Default: 1 min
    /// (our own choice).
    #[serde(default = "one_minute")]
    pub over: Duration,
}

fn one_minute() -> Duration {
    Duration::from_secs(60)
}

impl Default for Lookups {
    fn default() -> Self {
        Self {
            start: Start::Count(1000),
            keys: Keys::Uniform {},
            values: None,
            during_warm_up: false,
        }
    }
}

impl Lookups {
    /// How many keys have a number, from 0 on: stored values, or the keys of Zipf's law.
    pub fn numbered(&self) -> u32 {
        match (&self.values, self.keys) {
            (Some(values), _) => values.count,
            (None, Keys::Zipf(zipf)) => zipf.count.unwrap_or(0),
            (None, _) => 0,
        }
    }

    /// Adds what is wrong across fields: key relative to `[protocol.*.lookups]`, message, help.
    pub fn validate(&self, problems: &mut Vec<(String, String, String)>) {
        let mut problem = |key: &str, message: &str, help: &str| {
            problems.push((key.to_owned(), message.to_owned(), help.to_owned()));
        };
        match self.start {
            Start::Count(0) => problem("start.count", "nothing to do", "at least 1"),
            Start::Rate(rate) if rate.per_second() <= 0.0 => {
                problem("start.rate", "nothing to do", "more than zero");
            }
            Start::PerPeer(rate) if rate.per_second() <= 0.0 => {
                problem("start.per-peer", "nothing to do", "more than zero");
            }
            _ => {}
        }
        if let Some(values) = &self.values
            && values.count == 0
        {
            problem("values.count", "no key to look up", "at least 1");
        }
        match (self.keys, &self.values) {
            (Keys::Zipf(zipf), _) if !(0.0..=10.0).contains(&zipf.exponent) => {
                problem("keys.zipf.exponent", "out of range", "from 0 to 10");
            }
            (Keys::Zipf(Zipf { count: Some(0), .. }), _) => {
                problem("keys.zipf.count", "no key to look up", "at least 1");
            }
            (Keys::Zipf(Zipf { count: None, .. }), None) => {
                let help = "give a `count`, or `values` to fetch";
                problem("keys.zipf", "nobody knows how many keys there are", help);
            }
            (Keys::Zipf(Zipf { count: Some(_), .. }), Some(_)) => {
                let help = "leave it out: there are as many keys as values";
                problem("keys.zipf.count", "said twice", help);
            }
            (Keys::Peers {}, Some(_)) => {
                let help = "take uniform or Zipf keys, or leave out the `values`";
                problem("keys.peers", "peers are no values", help);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        let lookups: Lookups = toml::from_str(text).expect("the shape is right");
        let mut problems = Vec::new();
        lookups.validate(&mut problems);
        problems.into_iter().map(|(key, ..)| key).collect()
    }

    #[test]
    fn reads_what_it_writes() {
        for text in [
            "",
            "start.per-peer = \"6 /h\"\nkeys.zipf = { count = 100 }",
            "start.rate = \"1 /s\"\nvalues.count = 10\nkeys.zipf = {}",
            "keys.peers = {}",
        ] {
            assert_eq!(problems(text), Vec::<String>::new(), "{text}");
            let lookups: Lookups = toml::from_str(text).unwrap();
            let written = toml::to_string(&lookups).unwrap();
            assert_eq!(toml::from_str::<Lookups>(&written).unwrap(), lookups);
        }
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, expected) in [
            ("start.count = 0", "start.count"),
            ("start.rate = \"0 /s\"", "start.rate"),
            ("values.count = 0", "values.count"),
            ("keys.zipf.count = 0", "keys.zipf.count"),
            ("keys.zipf = {}", "keys.zipf"),
            ("keys.zipf.count = 3\nvalues.count = 3", "keys.zipf.count"),
            ("keys.peers = {}\nvalues.count = 3", "keys.peers"),
        ] {
            assert_eq!(problems(text), [expected], "{text}");
        }
    }
}
