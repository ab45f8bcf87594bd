//! What messages cost the peer that gets them: time on its processor, which serves them in order of
//! arrival, one at a time. How they queue is the engine's.
//!
//! Simplified: one processor a peer, no priorities, nothing else on it (timers and commands take no
//! time), and what a peer sends is sent when the message is through.

use crate::input::BuildError;
use crate::network::config::{Problem, problem};
use crate::network::dealt::dealt;
use crate::peer::{PeerId, Population};
use crate::quantity::Share;
use crate::random::{Purpose, Streams};
use crate::time::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `[processing]`: what a message costs the receiver's processor before the protocol sees it. Left
/// out: nothing.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Default, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct ProcessingConfig {
    /// What every message costs, unless its kind is in `kinds`. Default 0.
    #[serde(default)]
    pub per_message: Duration,
    /// What a kind of message costs instead of `per_message`, by its name in the results: the
    /// validation of a block, say.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub kinds: BTreeMap<String, Duration>,
    /// What 1000 bytes of any message cost in addition. Default 0.
    #[serde(default)]
    pub per_kilobyte: Duration,
    /// Peers whose processor is slower or faster than these numbers are for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub class: Vec<ProcessorClass>,
}

/// `[[processing.class]]`: a share of the peers with another processor.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct ProcessorClass {
    /// The share of each class of peers, to the nearest peer; who is random.
    pub share: Share,
    /// How many times as fast: 0.1 takes ten times as long. The rest of the peers have 1.
    #[schemars(range(min = 0.000_001, max = 1_000_000.0))]
    pub speed: f64,
}

impl ProcessingConfig {
    /// Adds what is wrong across fields; `kinds` are the names of the protocol's messages.
    pub fn validate(&self, kinds: &[&str], problems: &mut Vec<Problem>) {
        for kind in self
            .kinds
            .keys()
            .filter(|kind| !kinds.contains(&kind.as_str()))
        {
            let message = format!("`{kind}` is no kind of message of this protocol");
            let help = format!("kinds: {}", kinds.join(", "));
            problem(problems, &format!("kinds.{kind}"), &message, &help);
        }
        let shares: f64 = self.class.iter().map(|class| class.share.0).sum();
        if shares > 1.0 + 1e-9 {
            let message = format!("the shares sum to {}", Share(shares));
            problem(
                problems,
                "class",
                &message,
                "at most 100 %; the rest has speed 1",
            );
        }
    }

    /// A few words for results.
    pub fn about(&self) -> String {
        let mut parts = vec![format!("processing {} a message", self.per_message)];
        for (kind, time) in &self.kinds {
            parts.push(format!("{time} a {kind}"));
        }
        if !self.per_kilobyte.is_zero() {
            parts.push(format!("{} a kilobyte", self.per_kilobyte));
        }
        for class in &self.class {
            parts.push(format!("{} of peers at speed {}", class.share, class.speed));
        }
        parts.join(", ")
    }
}

/// The processors of all peers.
#[derive(Clone, Debug)]
pub struct Processors {
    /// Nanoseconds by kind of message.
    costs: Vec<u64>,
    /// Nanoseconds per 1000 bytes.
    per_kilobyte: u64,
    /// Which speed each peer has; empty if all have the first.
    class: Vec<u8>,
    /// Thousandths of the time at speed 1.
    slowness: Vec<u64>,
}

impl Processors {
    /// Who has which, drawn from [`Purpose::Places`] class by class; `kinds` are the names of the
    /// protocol's messages.
    ///
    /// # Errors
    /// If the shares are too many, or a kind is none of the protocol's.
    pub(super) fn build(
        config: &ProcessingConfig,
        kinds: &[&str],
        population: &Population,
        streams: &Streams,
    ) -> Result<Self, BuildError> {
        let mut problems = Vec::new();
        config.validate(kinds, &mut problems);
        if let Some((key, message, help)) = problems.into_iter().next() {
            let key = format!("processing.{key}");
            return Err(BuildError::config(&key, format!("{message}; {help}")));
        }
        let cost = |kind: &&str| config.kinds.get(*kind).unwrap_or(&config.per_message);
        let shares: Vec<f64> = config.class.iter().map(|class| class.share.0).collect();
        let draws = |number| streams.chacha(Purpose::Places, 1 << 40 | number as u64);
        let slow = |class: &ProcessorClass| (1000.0 / class.speed).round() as u64;
        Ok(Self {
            costs: kinds.iter().map(|kind| cost(kind).as_nanos()).collect(),
            per_kilobyte: config.per_kilobyte.as_nanos(),
            class: if shares.is_empty() {
                Vec::new()
            } else {
                dealt(&shares, population, draws)
            },
            slowness: config.class.iter().map(slow).chain([1000]).collect(),
        })
    }

    /// What a message costs a peer, in nanoseconds.
    #[inline]
    pub fn cost(&self, peer: PeerId, kind: u8, bytes: u64) -> u64 {
        let class = self.class.get(peer.index()).copied().unwrap_or(0);
        let fixed = self.costs.get(usize::from(kind)).copied().unwrap_or(0);
        let time = fixed + bytes * self.per_kilobyte / 1000;
        time * self.slowness[usize::from(class)] / 1000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_has_its_cost_and_a_slow_peer_pays_more() {
        let config = ProcessingConfig {
            per_message: Duration::from_micros(10),
            kinds: BTreeMap::from([("block".to_owned(), Duration::from_millis(200))]),
            per_kilobyte: Duration::from_micros(1),
            class: vec![ProcessorClass {
                share: Share(0.25),
                speed: 0.1,
            }],
        };
        let population = Population::uniform(100);
        let streams = Streams::new(1);
        let kinds = ["inv", "block"];
        let all = Processors::build(&config, &kinds, &population, &streams).expect("valid");
        let slow = |peer: &u32| all.cost(PeerId(*peer), 0, 0) == 100_000;
        let (slow, quick): (Vec<u32>, Vec<u32>) = (0..100).partition(slow);
        assert_eq!((slow.len(), quick.len()), (25, 75));
        assert_eq!(all.cost(PeerId(quick[0]), 1, 2000), 200_002_000);
        assert_eq!(all.cost(PeerId(slow[0]), 1, 2000), 2_000_020_000);
        let wrong = Processors::build(&config, &["inv"], &population, &streams);
        let wrong = wrong.expect_err("no block here").to_string();
        assert!(wrong.contains("`block` is no kind"), "{wrong}");
    }
}
