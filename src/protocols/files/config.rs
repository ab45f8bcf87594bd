//! The keys of `[files]`.

use crate::quantity::{Bytes, Quantity, Rate};
use crate::time::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Files that peers share, and find by the hash table; the `lookups` of the table are left out.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Sharing {
    /// How many files there are, each published by a random peer. Default: 100 (our own choice).
    #[schemars(range(min = 1, max = 1_000_000))]
    pub count: u32,
    /// Over how long they are published, evenly spaced from the beginning of the warm-up. Default: 1 min (our
    /// own choice).
    pub over: Duration,
    /// The size of a file. Default: 1 MiB (our own choice).
    pub size: Bytes,
    /// How many peers have a file once it is published: who publishes it, and others that are closest to
    /// its key and fetch it at once. Default: 1, who publishes it alone.
    #[schemars(range(min = 1, max = 64))]
    pub replicas: u8,
    /// How many of the closest to a file's key are told who has it. Default: 3 (our own choice).
    #[schemars(range(min = 1, max = 64))]
    pub records: u8,
    /// How often whoever has a file says so again. Default: 30 min, as often as BEP 5's clients do.
    pub announce: Duration,
    /// How long it is believed. Default: 1 h (our own choice: two announcements).
    pub expire: Duration,
    /// How often a peer that is up fetches a file, as a Poisson process. Default: 6 an hour (our own
    /// choice).
    pub fetches: Rate,
    /// The exponent of Zipf's law by which files are chosen; 0 for all alike. Default: 1.
    #[schemars(range(min = 0.0, max = 10.0))]
    pub zipf: f64,
    /// Whether who has fetched a file shares it from then on. Default: true.
    pub share: bool,
    /// How long to wait for an answer to a question who has a file. Default: 2 s (our own choice).
    pub timeout: Duration,
}

impl Default for Sharing {
    fn default() -> Self {
        Self {
            count: 100,
            over: Duration::from_mins(1),
            size: Bytes(1 << 20),
            replicas: 1,
            records: 3,
            announce: Duration::from_mins(30),
            expire: Duration::from_hours(1),
            fetches: Rate::parse("6 /h").expect("a rate"),
            zipf: 1.0,
            share: true,
            timeout: Duration::from_secs(2),
        }
    }
}

impl Sharing {
    /// Adds what is wrong across fields: key relative to `files`, message, help.
    pub fn validate(&self, problems: &mut Vec<(String, String, String)>) {
        let mut problem = |key: &str, message: &str, help: &str| {
            problems.push((key.to_owned(), message.to_owned(), help.to_owned()));
        };
        if self.fetches.per_second() <= 0.0 {
            problem("fetches", "nothing to do", "more than zero");
        }
        if self.announce < Duration::from_secs(1) {
            problem("announce", "all the time", "at least \"1 s\"");
        }
        if self.expire < self.announce {
            let help = "at least as long as `announce`";
            problem("expire", "forgotten before it is said again", help);
        }
        if self.timeout.is_zero() {
            problem("timeout", "no time to answer", "more than a round trip");
        }
        if self.size.0 > u64::from(u32::MAX) {
            problem("size", "larger than any message", "less than 4 GiB");
        }
    }
}
