//! The keys of `[protocol.chord]`.

use super::message::Wire;
use crate::engine::Message;
use crate::protocols::dht::{Id, Lookups};
use crate::quantity::{Bytes, Share};
use crate::time::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Chord: keys belong to their successors on a ring of identifiers.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Chord {
    /// Where the numbers come from that are not given here. Default: the simulations of Stoica et
    /// al., IEEE/ACM Transactions on Networking 11(1) 2003.
    pub preset: Preset,
    /// The length of identifiers in bits (the paper's m). On the wire they count 20 B each (SHA-1),
    /// whatever the length. From 8 to 64. Default: 64.
    pub bits: u8,
    /// How many identifiers a peer has (the paper's virtual nodes, section V-B). Default: 1.
    #[schemars(range(min = 1, max = 64))]
    pub virtual_nodes: u8,
    /// How many successors a node keeps (the paper's r). Stoica et al., section V-D: 20; `OverSim`: 8.
    #[schemars(range(min = 1, max = 128))]
    pub successors: Option<u8>,
    /// Mean time between two rounds of stabilization of a node. Stoica et al., section V-E: 30 s;
    /// `OverSim`: 20 s.
    pub stabilize: Option<Duration>,
    /// Mean time between two times that a node looks a finger up. Stoica et al., section V-E: 30 s;
    /// `OverSim`: 120 s, and then all of them.
    pub fix_fingers: Option<Duration>,
    /// Which of its fingers a node looks up at that time. Stoica et al.: a random one; `OverSim`: all.
    pub fingers: Option<Fingers>,
    /// Mean time between two questions to the predecessor whether it is there. Stoica et al. do not
    /// say (30 s, as for stabilization); `OverSim`: 5 s.
    pub check_predecessor: Option<Duration>,
    /// By how much these times vary: uniform within this share of the mean on both sides. Stoica et
    /// al., section V-E: 50 % (15 to 45 s); `OverSim`: none.
    pub spread: Option<Share>,
    /// How long a node waits for an answer. Stoica et al. do not say; `OverSim`: 1.5 s (`rpcUdpTimeout`),
    /// which is the default of both presets.
    pub timeout: Option<Duration>,
    /// Whether stabilization, fingers and predecessors are looked after at all. Off, the tables stay
    /// as they are (section V-D of the paper). Default: true.
    pub maintenance: bool,
    /// Whether a node drops somebody from its tables who has not answered a lookup of its own, or has
    /// not answered another who came by here. Default: true. The paper's simulations do not.
    pub forget: bool,
    /// How a lookup goes round. Default: iterative, as in the paper's simulations.
    pub routing: Routing,
    /// Whether a lookup ends only when the successor that is found has answered and says that the key
    /// is its own; otherwise with the word of its predecessor. Default: true.
    pub confirm: bool,
    /// How many copies of a value there are: at the key's successor and at those after it (section
    /// IV-E.3 of the paper), at most `successors` and one. Default: 1.
    #[schemars(range(min = 1, max = 64))]
    pub replicas: u8,
    /// The size of a value on the wire. Default: 1 KiB (our own choice).
    pub value: Bytes,
    /// To whom a node that leaves in good order gives its keys. Default: its successor (section
    /// IV-E.4 of the paper).
    pub handover: Handover,
    /// How the run begins. Default: with a ring as it should be.
    pub start: Start,
    /// What is looked up, and when.
    pub lookups: Lookups,
}

/// Where numbers come from.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// The simulations of Stoica et al., IEEE/ACM Transactions on Networking 11(1) 2003, section V.
    #[default]
    #[serde(rename = "stoica-2003")]
    Stoica2003,
    /// The defaults of `OverSim` (`simulations/default.ini`).
    Oversim,
}

/// Which fingers a node looks up when it is time.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Fingers {
    /// A random one, as in `fix_fingers` of the conference version (SIGCOMM 2001). The time-outs of
    /// table III of the journal come out this way, and half of them in turn.
    Random,
    /// One after the other, as in the pseudocode of the journal.
    Next,
    /// All of them, one lookup after the other.
    All,
}

/// How a lookup goes round.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Routing {
    /// The peer that asks goes from node to node itself.
    Iterative {},
    /// Each node hands the question on, and the last one answers the peer that asked.
    Recursive(Recursive),
}

/// Questions that are handed on.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub struct Recursive {
    /// Whether each node acknowledges what it was handed, and another one is tried if it does not.
    /// Default: true.
    pub ack: bool,
    /// How long the peer that asked waits for the answer before the lookup has failed. Default: 10 s
    /// (`rpcKeyTimeout` of `OverSim`).
    pub patience: Duration,
}

/// To whom a node that leaves gives its keys.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Handover {
    /// To its successor, to whom they belong from then on.
    Successor,
    /// To the one of its two neighbours whose identifier is nearer: the doubly linked ring of
    /// textbooks. Lookups go to the successor all the same.
    Nearer,
}

/// How the run begins.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Start {
    /// Peers that are up have the tables that a correct ring of them has.
    Converged {},
    /// One peer makes a ring of its own, and the others join.
    Join(Join),
}

/// Peers that join.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Join {
    /// Over how long those who are up at the start join, each at a random time. Default: 1 min (our
    /// own choice).
    #[serde(default = "one_minute")]
    pub over: Duration,
}

fn one_minute() -> Duration {
    Duration::from_mins(1)
}

impl Default for Recursive {
    fn default() -> Self {
        Self {
            ack: true,
            patience: Duration::from_secs(10),
        }
    }
}

impl Default for Chord {
    fn default() -> Self {
        Self {
            preset: Preset::default(),
            bits: 64,
            virtual_nodes: 1,
            successors: None,
            stabilize: None,
            fix_fingers: None,
            fingers: None,
            check_predecessor: None,
            spread: None,
            timeout: None,
            maintenance: true,
            forget: true,
            routing: Routing::Iterative {},
            confirm: true,
            replicas: 1,
            value: Bytes(1024),
            handover: Handover::Successor,
            start: Start::Converged {},
            lookups: Lookups::default(),
        }
    }
}

/// The numbers of a run: given ones, and those of the preset.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Numbers {
    /// See [`Chord::successors`].
    pub successors: u8,
    /// See [`Chord::stabilize`].
    pub stabilize: Duration,
    /// See [`Chord::fix_fingers`].
    pub fix_fingers: Duration,
    /// See [`Chord::fingers`].
    pub fingers: Fingers,
    /// See [`Chord::check_predecessor`].
    pub check_predecessor: Duration,
    /// See [`Chord::spread`].
    pub spread: f64,
    /// See [`Chord::timeout`].
    pub timeout: Duration,
}

impl Preset {
    fn numbers(self) -> Numbers {
        match self {
            Self::Stoica2003 => Numbers {
                successors: 20,
                stabilize: Duration::from_secs(30),
                fix_fingers: Duration::from_secs(30),
                fingers: Fingers::Random,
                check_predecessor: Duration::from_secs(30),
                spread: 0.5,
                timeout: Duration::from_millis(1500),
            },
            Self::Oversim => Numbers {
                successors: 8,
                stabilize: Duration::from_secs(20),
                fix_fingers: Duration::from_secs(120),
                fingers: Fingers::All,
                check_predecessor: Duration::from_secs(5),
                spread: 0.0,
                timeout: Duration::from_millis(1500),
            },
        }
    }
}

/// The largest value that fits into a datagram beside what comes with it.
const LARGEST_VALUE: u64 = 65_000;

impl Chord {
    /// The names of the kinds of its messages.
    pub const KINDS: &'static [&'static str] = Wire::KINDS;

    /// The given numbers, and those of the preset for the others.
    pub fn numbers(&self) -> Numbers {
        let preset = self.preset.numbers();
        Numbers {
            successors: self.successors.unwrap_or(preset.successors),
            stabilize: self.stabilize.unwrap_or(preset.stabilize),
            fix_fingers: self.fix_fingers.unwrap_or(preset.fix_fingers),
            fingers: self.fingers.unwrap_or(preset.fingers),
            check_predecessor: self.check_predecessor.unwrap_or(preset.check_predecessor),
            spread: self.spread.map_or(preset.spread, |share| share.0),
            timeout: self.timeout.unwrap_or(preset.timeout),
        }
    }

    /// Adds what is wrong across fields: key relative to `[protocol.chord]`, message, help.
    pub fn validate(&self, problems: &mut Vec<(String, String, String)>) {
        let mut problem = |key: &str, message: String, help: &str| {
            problems.push((key.to_owned(), message, help.to_owned()));
        };
        let numbers = self.numbers();
        if self.bits > Id::MOST_BITS {
            let message = format!("ids of {} bits are longer than our hash", self.bits);
            problem(
                "bits",
                message,
                "at most 64: they stand for the first bits of longer ones",
            );
        } else if self.bits < 8 {
            problem("bits", "so few ids".to_owned(), "from 8 to 64");
        }
        if self.virtual_nodes == 0 || self.virtual_nodes > 64 {
            problem("virtual_nodes", "out of range".to_owned(), "from 1 to 64");
        }
        if self.virtual_nodes > 1 && self.bits < 40 {
            let message = "virtual nodes have ids by hash, and so short ones collide".to_owned();
            problem("bits", message, "at least 40, or one node a peer");
        }
        if numbers.successors == 0 || numbers.successors > 128 {
            let message = "a node without a successor is no part of a ring".to_owned();
            problem("successors", message, "from 1 to 128");
        } else if self.replicas == 0 {
            problem("replicas", "nobody keeps a value".to_owned(), "at least 1");
        } else if self.replicas > numbers.successors.saturating_add(1) {
            let message = format!(
                "{} copies, and a node knows {} successors",
                self.replicas, numbers.successors
            );
            problem("replicas", message, "at most `successors` and one");
        }
        if self.value.0 > LARGEST_VALUE {
            problem(
                "value",
                "does not fit into a datagram".to_owned(),
                "at most 65000 B",
            );
        }
        for (key, time) in [
            ("stabilize", numbers.stabilize),
            ("fix_fingers", numbers.fix_fingers),
            ("check_predecessor", numbers.check_predecessor),
        ] {
            if time < Duration::from_millis(1) {
                problem(key, "all the time".to_owned(), "at least \"1 ms\"");
            }
        }
        if !(0.0..1.0).contains(&numbers.spread) {
            problem(
                "spread",
                "times would come to nothing".to_owned(),
                "less than 100 %",
            );
        }
        if numbers.timeout.is_zero() {
            problem(
                "timeout",
                "no time to answer".to_owned(),
                "more than a round trip",
            );
        }
        if let Routing::Recursive(recursive) = self.routing
            && recursive.patience.is_zero()
        {
            let help = "more than a few round trips";
            problem(
                "routing.recursive.patience",
                "no time to answer".to_owned(),
                help,
            );
        }
        let mut own = Vec::new();
        self.lookups.validate(&mut own);
        problems.extend(
            own.into_iter()
                .map(|(key, message, help)| (format!("lookups.{key}"), message, help)),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        let chord: Chord = toml::from_str(text).expect("the shape is right");
        let mut problems = Vec::new();
        chord.validate(&mut problems);
        problems.into_iter().map(|(key, ..)| key).collect()
    }

    #[test]
    fn reads_as_scenario_files_write_it() {
        let text = r#"
            preset = "oversim"
            successors = 16
            routing.recursive.ack = false
            start.join.over = "5 min"
            lookups.start.per-peer = "1 /min"
        "#;
        let chord: Chord = toml::from_str(text).unwrap();
        let numbers = chord.numbers();
        assert_eq!((numbers.successors, numbers.fingers), (16, Fingers::All));
        assert_eq!(problems(text), Vec::<String>::new());
        let written = toml::to_string(&chord).unwrap();
        assert_eq!(
            toml::from_str::<Chord>(&written).unwrap(),
            chord,
            "{written}"
        );
        assert_eq!(toml::from_str::<Chord>("").unwrap(), Chord::default());
    }

    #[test]
    fn says_what_is_wrong() {
        assert_eq!(problems(""), Vec::<String>::new());
        for (text, expected) in [
            ("bits = 160", "bits"),
            ("bits = 24\nvirtual_nodes = 2", "bits"),
            ("successors = 0", "successors"),
            ("successors = 3\nreplicas = 5", "replicas"),
            ("value = \"1 MiB\"", "value"),
            ("stabilize = \"0 s\"", "stabilize"),
            ("spread = \"100 %\"", "spread"),
            ("timeout = \"0 s\"", "timeout"),
            ("lookups.values.count = 0", "lookups.values.count"),
        ] {
            assert_eq!(problems(text), [expected], "{text}");
        }
    }
}
