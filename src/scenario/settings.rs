//! [`Settings`]: what a run of a scenario is made of.

mod rules;

use super::{Body, Complaint};
use crate::adversary::eclipse::{self, Eclipse};
use crate::adversary::ethereum::{self as ethereum_eclipse, EthereumEclipse};
use crate::adversary::sybil::{self, Sybil};
use crate::churn::ChurnConfig;
use crate::input::Files;
use crate::network::graph::TopologyConfig;
use crate::network::{
    BandwidthConfig, FaultConfig, NetworkConfig, ProcessingConfig, ReachConfig, TransportConfig,
};
use crate::observe::record::MetricDef;
use crate::observe::{ages, congestion};
use crate::protocols::bitcoin::{self, Bitcoin};
use crate::protocols::bittorrent::{self, BitTorrent};
use crate::protocols::chord::Chord;
use crate::protocols::client_server::ClientServer;
use crate::protocols::ethereum::{self, Ethereum};
use crate::protocols::files::{self, Sharing};
use crate::protocols::gossip::{self, Gossip};
use crate::protocols::ideal_p2p::IdealP2p;
use crate::protocols::kademlia::Kademlia;
use crate::protocols::{dht, download};
use crate::time::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The family of protocols and its parameters.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum ProtocolConfig {
    /// Broadcast by flooding and gossip.
    Gossip(Gossip),
    /// Bitcoin's peer-to-peer network.
    Bitcoin(Bitcoin),
    /// A distributed hash table on a ring: Chord.
    Chord(Chord),
    /// A distributed hash table by exclusive or.
    Kademlia(Box<Kademlia>),
    /// Ethereum's peer-to-peer network: discovery and connections.
    Ethereum(Ethereum),
    /// A file in pieces, tit for tat: BitTorrent.
    #[serde(rename = "bittorrent")]
    BitTorrent(Box<BitTorrent>),
    /// A file from one server.
    ClientServer(ClientServer),
    /// A file by the shortest way there is.
    #[serde(rename = "ideal-p2p")]
    IdealP2p(IdealP2p),
}

impl ProtocolConfig {
    /// The names of the kinds of its messages.
    pub fn kinds(&self) -> &'static [&'static str] {
        match self {
            Self::Gossip(gossip) => gossip.kinds(),
            Self::Bitcoin(_) => Bitcoin::KINDS,
            Self::Chord(_) => Chord::KINDS,
            Self::Kademlia(_) => Kademlia::KINDS,
            Self::Ethereum(_) => Ethereum::KINDS,
            Self::BitTorrent(_) => BitTorrent::KINDS,
            Self::ClientServer(_) => ClientServer::KINDS,
            Self::IdealP2p(_) => IdealP2p::KINDS,
        }
    }

    /// How many have the file from the start, and how many trackers there are, of families that bring a file
    /// to many.
    pub fn seeds(&self) -> Option<(u32, u32)> {
        match self {
            Self::BitTorrent(config) => Some((config.seeds, 1)),
            Self::ClientServer(_) | Self::IdealP2p(_) => Some((1, 0)),
            Self::Gossip(_)
            | Self::Bitcoin(_)
            | Self::Chord(_)
            | Self::Kademlia(_)
            | Self::Ethereum(_) => None,
        }
    }
}

/// An attack.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum AttackConfig {
    /// Cuts Bitcoin nodes off by filling their tables of addresses.
    Eclipse(Eclipse),
    /// Takes all connections of Ethereum nodes from two hosts.
    EthereumEclipse(EthereumEclipse),
    /// Peers of a hash table that drop, misroute or lie, anywhere or around a key.
    Sybil(Sybil),
}

impl AttackConfig {
    /// How many peers of the attacker's there are beside `peers` others.
    pub fn attackers(&self, peers: u32) -> u32 {
        match self {
            Self::Eclipse(attack) => attack.machines,
            Self::EthereumEclipse(attack) => attack.hosts,
            Self::Sybil(attack) => attack.count(peers),
        }
    }

    /// How many of the peers are victims, who have the first numbers.
    pub fn victims(&self) -> u32 {
        match self {
            Self::Eclipse(attack) => attack.victims,
            Self::EthereumEclipse(attack) => attack.victims,
            Self::Sybil(_) => 0,
        }
    }
}

/// Everything a scenario file says about one run.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// How many peers are expected to be online. With churn the population is larger: this number
    /// divided by the share of time a peer is up.
    #[schemars(range(min = 2, max = 10_000_000))]
    pub peers: u32,
    /// How long is measured.
    #[schemars(example = "10 min")]
    pub duration: Duration,
    /// Time for peers to find one another, before the warm-up.
    #[serde(default)]
    pub bootstrap: Duration,
    /// Time for the network to settle, before the measurement.
    #[serde(default)]
    pub warm_up: Duration,
    /// Time for what has started to end, after the measurement.
    #[serde(default)]
    pub drain: Duration,
    /// Latency, loss, jitter.
    pub network: NetworkConfig,
    /// Access links.
    #[serde(default)]
    pub bandwidth: BandwidthConfig,
    /// What connections cost: ideal, or TCP.
    #[serde(default)]
    pub transport: TransportConfig,
    /// What messages cost those who get them; nothing if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processing: Option<ProcessingConfig>,
    /// Who can be reached by whom; everybody by everybody if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reachability: Option<ReachConfig>,
    /// The overlay graph given to protocols that need one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topology: Option<TopologyConfig>,
    /// When peers come and go; nobody does if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub churn: Option<ChurnConfig>,
    /// Faults on a schedule.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fault: Vec<FaultConfig>,
    /// What the peers run.
    pub protocol: ProtocolConfig,
    /// Files that the peers of a hash table share; its `lookups` are left out then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<Sharing>,
    /// Who attacks them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attack: Option<AttackConfig>,
}

impl Settings {
    /// The length of the run.
    pub(crate) fn phases(&self) -> Duration {
        [self.bootstrap, self.warm_up, self.duration, self.drain]
            .iter()
            .fold(Duration::ZERO, |sum, &phase| sum.saturating_add(phase))
    }

    fn measures_ages(&self) -> bool {
        self.churn.as_ref().is_some_and(|churn| churn.ages)
    }

    /// How many peers, attackers and DNS seeds there are; `None` where only a file can tell.
    fn population(&self) -> Option<u64> {
        let peers = match &self.churn {
            Some(churn) if !churn.files().is_empty() => return None,
            Some(churn) => (f64::from(self.peers) / churn.online(&Files::default()).ok()?).round(),
            None => f64::from(self.peers),
        };
        let attack = self.attack.as_ref();
        let attackers = attack.map_or(0, |attack| attack.attackers(self.peers));
        let seeds = match &self.protocol {
            ProtocolConfig::Bitcoin(bitcoin) => bitcoin.dns_seeds,
            other => other
                .seeds()
                .map_or(0, |(seeds, trackers)| seeds.saturating_add(trackers)),
        };
        Some(peers as u64 + u64::from(attackers) + u64::from(seeds))
    }
}

impl Body for Settings {
    fn validate(&self, problems: &mut Vec<Complaint>) {
        self.check(problems);
    }

    fn metrics(&self) -> Vec<MetricDef> {
        let attack: &[MetricDef] = match &self.attack {
            Some(AttackConfig::Eclipse(_)) => eclipse::METRICS,
            Some(AttackConfig::EthereumEclipse(_)) => ethereum_eclipse::METRICS,
            Some(AttackConfig::Sybil(_)) => sybil::METRICS,
            None => &[],
        };
        let family = match &self.protocol {
            ProtocolConfig::Gossip(_) => Gossip::METRICS,
            ProtocolConfig::Bitcoin(_) => bitcoin::METRICS,
            ProtocolConfig::Ethereum(_) => ethereum::METRICS,
            _ if self.files.is_some() => files::METRICS,
            ProtocolConfig::Chord(_) | ProtocolConfig::Kademlia(_) => dht::METRICS,
            ProtocolConfig::BitTorrent(_)
            | ProtocolConfig::ClientServer(_)
            | ProtocolConfig::IdealP2p(_) => download::METRICS,
        };
        let more: &[MetricDef] = match &self.protocol {
            ProtocolConfig::Bitcoin(bitcoin) if bitcoin.transactions.is_some() => {
                bitcoin::relay::METRICS
            }
            ProtocolConfig::BitTorrent(_) => bittorrent::METRICS,
            ProtocolConfig::Gossip(gossip) if gossip.keeps_neighbours() => {
                gossip::neighbours::METRICS
            }
            _ => &[],
        };
        let regions = self.network.region_names();
        let congestion = congestion::metrics(
            self.bandwidth.class_names(&regions).as_deref(),
            self.processing.is_some(),
        );
        let ages = if self.measures_ages() {
            ages::METRICS
        } else {
            &[]
        };
        [attack, family, more, &congestion, ages].concat()
    }

    fn series(&self) -> Vec<&'static str> {
        let attack: &[&str] = match &self.attack {
            Some(AttackConfig::Eclipse(_)) => eclipse::SERIES,
            Some(AttackConfig::EthereumEclipse(_)) => ethereum_eclipse::SERIES,
            Some(AttackConfig::Sybil(_)) => sybil::SERIES,
            None => &[],
        };
        let family: &[&str] = match &self.protocol {
            _ if self.files.is_some() => files::SERIES,
            ProtocolConfig::Chord(_) | ProtocolConfig::Kademlia(_) => dht::SERIES,
            ProtocolConfig::BitTorrent(_) => bittorrent::SERIES,
            _ => &[],
        };
        [attack, family].concat()
    }

    fn samples(&self) -> Vec<&'static str> {
        let own = match (&self.protocol, &self.attack) {
            (ProtocolConfig::Gossip(_), _) => ["broadcast.delay"].as_slice(),
            (ProtocolConfig::Bitcoin(_), Some(AttackConfig::Eclipse(_))) => eclipse::SAMPLES,
            (ProtocolConfig::Bitcoin(_), _) => &["bitcoin.block_delay"],
            (ProtocolConfig::Ethereum(_), Some(AttackConfig::EthereumEclipse(_))) => {
                ethereum_eclipse::SAMPLES
            }
            (ProtocolConfig::Ethereum(_), _) => &[],
            _ if self.files.is_some() => files::SAMPLES,
            (ProtocolConfig::Chord(_) | ProtocolConfig::Kademlia(_), _) => dht::SAMPLES,
            (
                ProtocolConfig::BitTorrent(_)
                | ProtocolConfig::ClientServer(_)
                | ProtocolConfig::IdealP2p(_),
                _,
            ) => download::SAMPLES,
        };
        let more = match &self.protocol {
            ProtocolConfig::Bitcoin(bitcoin) if bitcoin.transactions.is_some() => {
                Some(bitcoin::relay::SAMPLE)
            }
            ProtocolConfig::Gossip(gossip) if gossip.keeps_neighbours() => {
                Some(gossip::neighbours::STAYS)
            }
            _ => None,
        };
        let ages = self.measures_ages().then_some(ages::LENGTH);
        own.iter().copied().chain(more).chain(ages).collect()
    }
}
