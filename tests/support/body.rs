//! A small body for the tests of the scenario room: every kind of key a real one has.

use peerlab::observe::record::{Better, MetricDef};
use peerlab::quantity::{Bandwidth, Bytes, Rate, Share};
use peerlab::scenario::{Body, Complaint};
use peerlab::time::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The settings of a run.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Small {
    /// Length of the measurement.
    #[schemars(example = "10 min")]
    pub(crate) duration: Duration,
    /// Peers expected online.
    #[serde(default = "thousand")]
    #[schemars(range(min = 2, max = 1_000_000))]
    pub(crate) peers: u32,
    /// Time before the measurement.
    #[serde(default)]
    pub(crate) warm_up: Duration,
    /// The links.
    #[serde(default)]
    pub(crate) network: Network,
    /// How bytes take time.
    #[serde(default)]
    pub(crate) bandwidth: BandwidthModel,
    /// How peers come and go; all stay if left out.
    #[serde(default)]
    pub(crate) churn: Option<Churn>,
    /// Scheduled faults.
    #[serde(default)]
    pub(crate) fault: Vec<Fault>,
    /// What the peers run.
    pub(crate) protocol: Protocol,
    /// Who attacks; nobody if left out.
    #[serde(default)]
    pub(crate) attack: Option<Attack>,
}

fn thousand() -> u32 {
    1000
}

/// The links.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq, Default)]
#[serde(deny_unknown_fields)]
pub(crate) struct Network {
    /// One-way latency.
    #[serde(default)]
    pub(crate) latency: Latency,
    /// Share of datagrams lost.
    #[serde(default = "none")]
    pub(crate) loss: Option<Share>,
}

fn none() -> Option<Share> {
    None
}

/// Models of latency.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) enum Latency {
    /// The same between all peers.
    Constant(Duration),
    /// Uniform between two values.
    Uniform {
        /// The least.
        low: Duration,
        /// The most.
        high: Duration,
    },
}

impl Default for Latency {
    fn default() -> Self {
        Self::Constant(Duration::from_millis(50))
    }
}

/// Models of bandwidth.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) enum BandwidthModel {
    /// Bytes take no time.
    #[default]
    Unlimited,
    /// Each peer has an uplink and a downlink.
    AccessLink(AccessLink),
}

/// An access link.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccessLink {
    /// Uplink.
    pub(crate) up: Bandwidth,
    /// Downlink.
    pub(crate) down: Bandwidth,
}

/// Churn.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Churn {
    /// Mean session length.
    pub(crate) session: Duration,
    /// How often peers look for others.
    #[serde(default)]
    pub(crate) rate: Option<Rate>,
}

/// A scheduled fault.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    /// When it begins.
    pub(crate) at: Duration,
    /// The share of peers it hits.
    pub(crate) share: Share,
    /// Two weights.
    #[serde(default)]
    pub(crate) weights: Option<(f64, f64)>,
}

/// The protocol families.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) enum Protocol {
    /// Push gossip.
    Gossip(Gossip),
    /// Bitcoin block relay.
    Bitcoin(Bitcoin),
}

/// Push gossip (Demers et al. 1987, section 1.4).
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Gossip {
    /// Peers a rumour is pushed to each round.
    ///
    /// Source: Demers et al. 1987, section 1.4.
    #[serde(default = "four")]
    #[schemars(range(min = 1, max = 64))]
    pub(crate) fanout: u32,
    /// Size of a rumour.
    #[serde(default = "kilobyte")]
    pub(crate) size: Bytes,
    /// Time between rounds.
    pub(crate) round: Duration,
}

fn four() -> u32 {
    4
}

fn kilobyte() -> Bytes {
    Bytes(1000)
}

/// Bitcoin.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bitcoin {
    /// The rules of which client.
    pub(crate) client: Client,
    /// Whether feelers are sent.
    #[serde(default)]
    pub(crate) feelers: bool,
}

/// Bitcoin clients.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq)]
pub(crate) enum Client {
    /// Of 2014.
    #[serde(rename = "bitcoin-core-0.9.3")]
    Core093,
    /// Of 2015.
    #[serde(rename = "bitcoin-core-0.10.1")]
    Core0101,
}

/// Attacks.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) enum Attack {
    /// Cut a victim off.
    Eclipse {
        /// Address groups the attacker owns.
        #[schemars(range(min = 1))]
        groups: u32,
        /// Of the online peers.
        #[serde(default = "one")]
        victims: u32,
    },
}

fn one() -> u32 {
    1
}

const GOSSIP: [MetricDef; 2] = [
    metric("broadcast.reliability", "share"),
    metric("broadcast.delay", "s"),
];
const BITCOIN: [MetricDef; 2] = [metric("eclipse.success", "share"), metric("fork.count", "")];

const fn metric(name: &'static str, unit: &'static str) -> MetricDef {
    MetricDef::new(name, unit, "for the tests", Better::Neither)
}

impl Body for Small {
    fn validate(&self, problems: &mut Vec<Complaint>) {
        if let Some(Attack::Eclipse { victims, .. }) = self.attack
            && victims > self.peers
        {
            problems.push((
                "attack.eclipse.victims".to_owned(),
                format!("more victims than peers: {victims} of {}", self.peers),
                "raise `peers`".to_owned(),
            ));
        }
        for (at, fault) in self.fault.iter().enumerate() {
            if fault.at > self.duration {
                problems.push((
                    format!("fault.{at}.at"),
                    "a fault after the end of the run".to_owned(),
                    String::new(),
                ));
            }
        }
    }

    fn metrics(&self) -> Vec<MetricDef> {
        match self.protocol {
            Protocol::Gossip(_) => GOSSIP.to_vec(),
            Protocol::Bitcoin(_) => BITCOIN.to_vec(),
        }
    }

    fn series(&self) -> Vec<&'static str> {
        vec!["peers.online"]
    }

    fn samples(&self) -> Vec<&'static str> {
        match self.protocol {
            Protocol::Gossip(_) => vec!["broadcast.delay"],
            Protocol::Bitcoin(_) => Vec::new(),
        }
    }
}
