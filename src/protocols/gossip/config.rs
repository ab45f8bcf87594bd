//! The keys of `[protocol.gossip]`.

use super::keeper;
use super::targets::MOST;
use super::wire::{HEADER, LARGEST_PAYLOAD, Sync, Wire};
use crate::churn::Choice;
use crate::engine::Message;
use crate::quantity::{Bytes, Rate};
use crate::time::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Broadcast: how a message reaches everybody.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Gossip {
    /// How a broadcast spreads. Default: a flood without a limit on hops.
    pub strategy: Strategy,
    /// To whom a peer may send: its neighbours in the overlay, or anybody, which assumes that peers
    /// know everybody (the model of Demers et al. and of most theory), or neighbours that it keeps of its
    /// own choice and replaces as they go. Default: neighbours.
    pub targets: Whom,
    /// Bytes of content of one broadcast, at most 65 484 B (a UDP datagram less 23 B of header).
    /// Default: 1 KiB (our own choice).
    pub payload: Bytes,
    /// Whether flood and push have each payload acknowledged and send it again when no
    /// acknowledgement comes. Default: false.
    pub ack: bool,
    /// With `ack`: how often a payload is sent again. Default: 3 (our own choice).
    #[schemars(range(min = 0, max = 100))]
    pub retries: u8,
    /// With `ack`: how long to wait for an acknowledgement. Default: 1 s, the initial time-out of
    /// TCP (RFC 6298, section 2.1).
    pub timeout: Duration,
    /// When broadcasts start. Each comes from a random peer of the population; if that peer is down,
    /// nothing happens and the broadcast counts as skipped. Default: 10, evenly spaced.
    pub broadcasts: Broadcasts,
    /// Whether broadcasts start during the warm-up too. They load the network and are not
    /// measured. Default: false.
    pub during_warm_up: bool,
    /// How long after its start a broadcast may arrive to count as delivered. Default: until the
    /// end of the run.
    pub deadline: Option<Duration>,
}

/// How a broadcast spreads.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Strategy {
    /// On first receipt to all neighbours but the one it came from (Gnutella 0.4).
    Flood(Flood),
    /// Infect and die: on first receipt to `fanout` random targets, then never again (Eugster et
    /// al., IEEE Computer 2004; Kermarrec, Massoulie & Ganesh, TPDS 2003).
    Push(Push),
    /// Rumor mongering: once a cycle share what is hot, until interest is lost (Demers et al., PODC
    /// 1987, section 1.4).
    Rumor(Mongering),
    /// Anti-entropy: once a cycle fetch what a random other has and oneself has not (Demers et al.,
    /// section 1.3).
    Pull(AntiEntropy),
    /// Anti-entropy in both directions: once a cycle two peers make their stores equal (Demers et
    /// al., section 1.3).
    PushPull(AntiEntropy),
}

/// Flooding.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Flood {
    /// How many hops a broadcast may travel, as Gnutella counts: 1 reaches the neighbours of the
    /// origin. Default: any number.
    #[schemars(range(min = 1, max = 254))]
    pub ttl: Option<u8>,
}

/// Infect and die.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Push {
    /// The paper's f: to how many different targets a peer sends a broadcast, once.
    #[schemars(range(min = 1, max = 64))]
    pub fanout: u8,
}

/// Rumor mongering.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Mongering {
    /// The paper's k: how soon interest is lost. Default: never, which is the push of Pittel (SIAM
    /// J. Appl. Math. 1987), one random call per informed peer and round.
    #[schemars(range(min = 1, max = 1000))]
    pub k: Option<u32>,
    /// Whether only those contacts count that knew the rumor already, as they report (feedback), or
    /// all (blind). Default: true.
    pub feedback: bool,
    /// Whether interest is lost after k cycles in a row without use (counter), or with probability
    /// 1/k after each contact that was of no use (coin). Default: true.
    pub counter: bool,
    /// Which way rumors travel. Default: push.
    pub direction: Direction,
    /// How long a cycle is. Default: 1 s (our own choice; the paper counts in cycles).
    pub cycle: Duration,
    /// Whether all peers act at the same time, as in the paper's tables, or each at a random time of
    /// its own within the cycle. Common cycles follow the tables only if three times the latency is
    /// below the cycle. Default: false.
    pub synchronous: bool,
}

/// Which way rumors travel when one peer contacts another.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// From the one who contacts.
    Push,
    /// To the one who contacts.
    Pull,
    /// Both ways.
    PushPull,
}

/// Anti-entropy.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct AntiEntropy {
    /// How long a cycle is: each peer contacts one random other in each.
    pub cycle: Duration,
    /// Whether all peers act at the same time, or each at a random time of its own within the
    /// cycle. Default: false.
    #[serde(default)]
    pub synchronous: bool,
}

/// To whom a peer may send.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Whom {
    /// To its neighbours in the overlay.
    Neighbours,
    /// To anybody, up or down: an assumption that peers know everybody.
    Uniform,
    /// To neighbours of its own choice among everybody that is up, found by pings and replaced when they
    /// answer no more. No overlay graph is needed.
    Kept(Kept),
}

/// Neighbours that a peer chooses and keeps (neighbour selection; Godfrey, Shenker & Stoica, SIGCOMM
/// 2006; Bustamante & Qiao, WCW 2003).
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub struct Kept {
    /// How many neighbours a peer keeps. Default: 8, Bitcoin's outbound connections (our own choice).
    #[schemars(range(min = 1, max = 64))]
    pub count: u8,
    /// How many random others a peer asks when it looks for neighbours.
    /// It takes the preferred ones of those that answer. At least `count`. Default: 16 (our own choice).
    #[schemars(range(min = 1, max = 64))]
    pub candidates: u8,
    /// Whom it prefers of those that answer. Default: random.
    pub choice: Choice,
    /// How often it asks its neighbours whether they are up, and looks for others if it has too few.
    /// It misses one that is gone after half of this on average, and `timeout`. Default: 30 s (our own
    /// choice).
    pub ping: Duration,
    /// How long it waits for answers, shorter than `ping`. Default: 3 s (our own choice).
    pub timeout: Duration,
    /// Whether it sends to those that keep it, too, as over a connection.
    /// They say so with their pings, and are forgotten when they have not for two of them. If not, whom nobody keeps gets only what it fetches.
    /// Default: false.
    pub both_ways: bool,
}

/// When broadcasts start.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Broadcasts {
    /// So many, evenly spaced, the first at the beginning.
    Count(#[schemars(range(min = 1, max = 1000000))] u32),
    /// As a Poisson process of this rate over the whole network.
    Rate(Rate),
}

impl Default for Gossip {
    fn default() -> Self {
        Self {
            strategy: Strategy::Flood(Flood::default()),
            targets: Whom::Neighbours,
            payload: Bytes(1024),
            ack: false,
            retries: 3,
            timeout: Duration::from_secs(1),
            broadcasts: Broadcasts::Count(10),
            during_warm_up: false,
            deadline: None,
        }
    }
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            count: 8,
            candidates: 16,
            choice: Choice::Random,
            ping: Duration::from_secs(30),
            timeout: Duration::from_secs(3),
            both_ways: false,
        }
    }
}

impl Kept {
    /// Adds what is wrong, where `peers` are expected to be up.
    fn validate(self, peers: u32, problem: &mut impl FnMut(&str, &str, &str)) {
        let within = |number: u8| (1..=MOST).contains(&usize::from(number));
        for (key, number) in [("count", self.count), ("candidates", self.candidates)] {
            if !within(number) {
                let help = format!("from 1 to {MOST}");
                problem(&format!("targets.kept.{key}"), "out of range", &help);
            }
        }
        let (count, candidates) = (self.count, self.candidates);
        if count > candidates && within(candidates) {
            let message = format!("{candidates} candidates for {count} places");
            let help = "at least `count`, and more to have a choice";
            problem("targets.kept.candidates", &message, help);
        } else if u32::from(candidates) >= peers && within(candidates) {
            let message = format!("{candidates} candidates of {peers} peers, oneself included");
            problem("targets.kept.candidates", &message, "fewer than `peers`");
        }
        if self.timeout.is_zero() {
            let help = "more than a round trip";
            problem("targets.kept.timeout", "no time to answer", help);
        } else if self.timeout >= self.ping {
            let message = format!("asked again after {} already", self.ping);
            problem("targets.kept.timeout", &message, "less than `ping`");
        }
    }
}

impl Default for Mongering {
    fn default() -> Self {
        Self {
            k: None,
            feedback: true,
            counter: true,
            direction: Direction::Push,
            cycle: Duration::from_secs(1),
            synchronous: false,
        }
    }
}

impl Gossip {
    /// Whether the run needs an overlay graph.
    pub fn needs_graph(&self) -> bool {
        self.targets == Whom::Neighbours
    }

    /// Whether peers keep neighbours of their own choice.
    pub fn keeps_neighbours(&self) -> bool {
        matches!(self.targets, Whom::Kept(_))
    }

    /// The names of the kinds of its messages.
    pub fn kinds(&self) -> &'static [&'static str] {
        let keeps = self.keeps_neighbours();
        match self.strategy {
            Strategy::Flood(_) | Strategy::Push(_) | Strategy::Rumor(_) if keeps => {
                keeper::Wire::<Wire>::KINDS
            }
            Strategy::Flood(_) | Strategy::Push(_) | Strategy::Rumor(_) => Wire::KINDS,
            Strategy::Pull(_) | Strategy::PushPull(_) if keeps => keeper::Wire::<Sync>::KINDS,
            Strategy::Pull(_) | Strategy::PushPull(_) => Sync::KINDS,
        }
    }

    /// Adds what is wrong across fields, where `peers` are expected to be up: key relative to
    /// `[protocol.gossip]`, message, help.
    pub fn validate(&self, peers: u32, problems: &mut Vec<(String, String, String)>) {
        let mut problem = |key: &str, message: &str, help: &str| {
            problems.push((key.to_owned(), message.to_owned(), help.to_owned()));
        };
        let eager = matches!(self.strategy, Strategy::Flood(_) | Strategy::Push(_));
        if self.payload.0 > LARGEST_PAYLOAD {
            let message = format!("does not fit into a datagram beside {HEADER} B of header");
            problem("payload", &message, "at most 65484 B");
        }
        if matches!(self.strategy, Strategy::Flood(_)) && self.targets == Whom::Uniform {
            let message = "a flood goes to neighbours, not to everybody";
            problem("targets", message, "leave it out, or use `strategy.push`");
        }
        if let Whom::Kept(kept) = self.targets {
            kept.validate(peers, &mut problem);
        }
        if self.ack && !eager {
            let help = "only flood and push take acknowledgements: cycles repeat anyway";
            problem("ack", "no such thing with this strategy", help);
        }
        if self.ack && self.timeout.is_zero() {
            problem("timeout", "no time to answer", "more than a round trip");
        }
        if self.deadline.is_some_and(Duration::is_zero) {
            problem(
                "deadline",
                "no time to arrive",
                "leave it out for the end of the run",
            );
        }
        match self.broadcasts {
            Broadcasts::Count(0) => problem("broadcasts.count", "nothing to do", "at least 1"),
            Broadcasts::Rate(rate) if rate.per_second() <= 0.0 => {
                problem("broadcasts.rate", "nothing to do", "more than zero");
            }
            _ => {}
        }
        let mut within = |key: &str, low: u32, value: u32, high: u32| {
            if !(low..=high).contains(&value) {
                problem(key, "out of range", &format!("from {low} to {high}"));
            }
        };
        let cycle = match &self.strategy {
            Strategy::Flood(flood) => {
                within(
                    "strategy.flood.ttl",
                    1,
                    u32::from(flood.ttl.unwrap_or(1)),
                    254,
                );
                None
            }
            Strategy::Push(push) => {
                within(
                    "strategy.push.fanout",
                    1,
                    u32::from(push.fanout),
                    MOST as u32,
                );
                None
            }
            Strategy::Rumor(rumor) => {
                within("strategy.rumor.k", 1, rumor.k.unwrap_or(1), 1000);
                Some(("strategy.rumor.cycle", rumor.cycle))
            }
            Strategy::Pull(pull) => Some(("strategy.pull.cycle", pull.cycle)),
            Strategy::PushPull(both) => Some(("strategy.push-pull.cycle", both.cycle)),
        };
        if let Some((key, Duration::ZERO)) = cycle {
            problem(key, "a cycle takes time", "write it like \"1 s\"");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        let gossip: Gossip = toml::from_str(text).expect("the shape is right");
        let mut problems = Vec::new();
        gossip.validate(100, &mut problems);
        problems.into_iter().map(|(key, ..)| key).collect()
    }

    #[test]
    fn reads_as_scenario_files_write_it() {
        let gossip: Gossip = toml::from_str(
            r#"
            strategy.rumor = { k = 2, counter = false, direction = "push-pull", cycle = "10 s" }
            targets = "uniform"
            payload = "2 kB"
            broadcasts.rate = "30 /min"
            deadline = "1 min"
            "#,
        )
        .unwrap();
        let Strategy::Rumor(rumor) = &gossip.strategy else {
            panic!("{gossip:?}");
        };
        assert_eq!(
            (rumor.k, rumor.counter, rumor.feedback),
            (Some(2), false, true)
        );
        assert_eq!(gossip.payload, Bytes(2000));
        assert_eq!(toml::from_str::<Gossip>("").unwrap(), Gossip::default());
        assert!(toml::from_str::<Gossip>("strategy.push = {}").is_err());
    }

    #[test]
    fn writes_what_it_reads() {
        for text in [
            "",
            "strategy.flood = { ttl = 7 }",
            "strategy.push-pull.cycle = \"5 s\"",
            "targets.kept = { choice = \"oldest\", ping = \"1 min\" }",
        ] {
            let gossip: Gossip = toml::from_str(text).unwrap();
            let written = toml::to_string(&gossip).unwrap();
            assert_eq!(
                toml::from_str::<Gossip>(&written).unwrap(),
                gossip,
                "{written}"
            );
        }
    }

    #[test]
    fn says_what_is_wrong_all_at_once() {
        assert_eq!(problems(""), Vec::<String>::new());
        let text = r#"
            payload = "1 MB"
            targets = "uniform"
            broadcasts.count = 0
            deadline = "0 s"
            ack = true
            timeout = "0 s"
            strategy.flood = { ttl = 0 }
        "#;
        let expected = [
            "payload",
            "targets",
            "timeout",
            "deadline",
            "broadcasts.count",
            "strategy.flood.ttl",
        ];
        assert_eq!(problems(text), expected);
        assert_eq!(
            problems("ack = true\nstrategy.pull.cycle = \"0 s\""),
            ["ack", "strategy.pull.cycle"]
        );
    }
}
