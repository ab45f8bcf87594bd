//! [`Settings`]: what a run of a scenario is made of.

use super::{Body, Complaint};
use crate::adversary::eclipse::{self, Eclipse};
use crate::adversary::sybil::{self, Sybil};
use crate::churn::{ChurnConfig, Identity};
use crate::input::Files;
use crate::network::graph::TopologyConfig;
use crate::network::{
    BandwidthConfig, BandwidthPreset, FaultConfig, NetworkConfig, ProcessingConfig, ReachConfig,
    TransportConfig,
};
use crate::observe::record::MetricDef;
use crate::observe::{ages, congestion};
use crate::peer::PeerId;
use crate::protocols::bitcoin::{self, Bitcoin};
use crate::protocols::chord::Chord;
use crate::protocols::dht;
use crate::protocols::files::{self, Sharing};
use crate::protocols::gossip::Gossip;
use crate::protocols::kademlia::Kademlia;
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
}

impl ProtocolConfig {
    /// The names of the kinds of its messages.
    pub fn kinds(&self) -> &'static [&'static str] {
        match self {
            Self::Gossip(gossip) => gossip.kinds(),
            Self::Bitcoin(_) => Bitcoin::KINDS,
            Self::Chord(_) => Chord::KINDS,
            Self::Kademlia(_) => Kademlia::KINDS,
        }
    }
}

/// An attack.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum AttackConfig {
    /// Cuts Bitcoin nodes off by filling their tables of addresses.
    Eclipse(Eclipse),
    /// Peers of a hash table that drop, misroute or lie, anywhere or around a key.
    Sybil(Sybil),
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

/// The longest run: a century. Simulated time ends after 584 years, and timers reach beyond the run.
const LONGEST_RUN: Duration = Duration::from_hours(36_500 * 24);

/// Puts complaints of a part under its key.
fn under(key: &str, problems: &mut Vec<Complaint>, check: impl FnOnce(&mut Vec<Complaint>)) {
    let mut own = Vec::new();
    check(&mut own);
    problems.extend(own.into_iter().map(|(path, message, help)| {
        let path = if path.is_empty() {
            key.to_owned()
        } else {
            format!("{key}.{path}")
        };
        (path, message, help)
    }));
}

impl Settings {
    /// The length of the run.
    fn phases(&self) -> Duration {
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
        let attackers = match &self.attack {
            Some(AttackConfig::Eclipse(attack)) => attack.machines,
            Some(AttackConfig::Sybil(attack)) => attack.count(self.peers),
            None => 0,
        };
        let seeds = match &self.protocol {
            ProtocolConfig::Bitcoin(bitcoin) => bitcoin.dns_seeds,
            ProtocolConfig::Gossip(_) | ProtocolConfig::Chord(_) | ProtocolConfig::Kademlia(_) => 0,
        };
        Some(peers as u64 + u64::from(attackers) + u64::from(seeds))
    }

    /// The length of identifiers in bits, and its key, where peers have identifiers.
    fn ids(&self) -> Option<(&'static str, u8)> {
        match &self.protocol {
            ProtocolConfig::Chord(chord) => Some(("protocol.chord.bits", chord.bits)),
            ProtocolConfig::Kademlia(kademlia) => Some(("protocol.kademlia.bits", kademlia.bits)),
            ProtocolConfig::Gossip(_) | ProtocolConfig::Bitcoin(_) => None,
        }
    }

    /// Whether peers that come back have identifiers by hash, of which short ones collide.
    fn validate_renewed_ids(&self, problems: &mut Vec<Complaint>) {
        let churn = self.churn.as_ref();
        let renewed = churn.is_some_and(|churn| churn.identity == Identity::New);
        if let Some((key, bits)) = self.ids()
            && renewed
            && bits < 40
        {
            let message = "who comes back has an id by hash, and so short ones collide";
            let help = "at least 40, or leave `churn.identity` out";
            problems.push((key.to_owned(), message.to_owned(), help.to_owned()));
        }
    }

    /// What is wrong with an attack on a hash table.
    fn validate_sybil(&self, attack: &Sybil, problems: &mut Vec<Complaint>) {
        let (lookups, puzzle) = match &self.protocol {
            ProtocolConfig::Chord(chord) => (chord.lookups, 0),
            ProtocolConfig::Kademlia(kademlia) => {
                let puzzle = kademlia.s_kademlia.map_or(0, |s| s.puzzle);
                (kademlia.lookups, puzzle)
            }
            ProtocolConfig::Gossip(_) | ProtocolConfig::Bitcoin(_) => {
                let message = "this attack is on hash tables".to_owned();
                let help = "such as `[protocol.kademlia]`".to_owned();
                problems.push(("attack.sybil".to_owned(), message, help));
                return;
            }
        };
        let keys = lookups.numbered();
        under("attack.sybil", problems, |own| {
            attack.validate(self.peers, (keys, puzzle), own);
        });
        let end = self.phases();
        if attack.start >= end {
            let message = format!("turns at {}, and the run ends at {end}", attack.start);
            let help = "an earlier `start`, or a longer `duration`".to_owned();
            problems.push(("attack.sybil.start".to_owned(), message, help));
        }
    }

    /// The rules that need the number of peers, or two parts of the settings.
    fn validate_numbers(&self, problems: &mut Vec<Complaint>) {
        let mut add = |key: &str, message: String, help: &str| {
            problems.push((key.to_owned(), message, help.to_owned()));
        };
        if let Some(AttackConfig::Eclipse(attack)) = &self.attack
            && attack.victims >= self.peers
        {
            let (victims, peers) = (attack.victims, self.peers);
            let message = format!("{victims} victims of {peers} peers leave nobody honest beside");
            add(
                "attack.eclipse.victims",
                message,
                "fewer victims, or more `peers`",
            );
        }
        if let BandwidthConfig::AccessLink(link) = &self.bandwidth
            && link.preset.is_some_and(BandwidthPreset::is_regional)
            && link.up.or(link.down).is_none()
            && self.network.regions.is_none()
        {
            let message = "links by region, and nobody knows who lives where".to_owned();
            let help = "add `[network.regions]` with a preset, or give `up` and `down`";
            add("bandwidth.access-link.preset", message, help);
        }
        if matches!(self.bandwidth, BandwidthConfig::Routers(_)) && self.network.routers.is_none() {
            let message = "links as routers have them, and there are no routers".to_owned();
            let help = "add `[network.routers]`, or take `[bandwidth.access-link]`";
            add("bandwidth.routers", message, help);
        }
        let end = self.phases();
        let late = |what, when: Duration| format!("{what} at {when}, and the run ends at {end}");
        if let Some(AttackConfig::Eclipse(attack)) = &self.attack
            && matches!(self.protocol, ProtocolConfig::Bitcoin(_))
            && attack.restart >= end
        {
            let help = "an earlier `restart`, or a longer `duration`";
            add(
                "attack.eclipse.restart",
                late("the victim restarts", attack.restart),
                help,
            );
        }
        let regions = self.network.region_names();
        let help_on_regions = match regions.as_slice() {
            [] => "regions come with `[network.regions]`".to_owned(),
            known => format!("regions: {}", known.join(", ")),
        };
        for (number, fault) in self.fault.iter().enumerate() {
            if fault.at() >= end {
                add(
                    &format!("fault.{number}.{}.at", fault.name()),
                    late("begins", fault.at()),
                    "an earlier `at`, or a longer `duration`",
                );
            }
            for (key, name) in fault.regions() {
                if !regions.iter().any(|known| known == name) {
                    add(
                        &format!("fault.{number}.{key}"),
                        format!("no region `{name}`"),
                        &help_on_regions,
                    );
                }
            }
            if matches!(fault, FaultConfig::Bandwidth(_))
                && matches!(self.bandwidth, BandwidthConfig::Unlimited {})
            {
                let message = "bandwidth is unlimited".to_owned();
                let help = "add `[bandwidth.access-link]`";
                add(&format!("fault.{number}.bandwidth"), message, help);
            }
        }
        let Some(population) = self.population() else {
            return;
        };
        if let Some((key, bits)) = self.ids()
            && bits < 26
            && population > 1 << bits.saturating_sub(1)
        {
            let message = format!("{population} peers crowd the ids of {bits} bits");
            let help = "more `bits`: at most half of all ids may be taken";
            problems.push((key.to_owned(), message, help.to_owned()));
            return;
        }
        let limit = PeerId::LIMIT;
        if population > u64::from(limit) {
            let message = format!("{population} peers in all are more than a run can hold");
            let help = format!(
                "at most {limit}, attackers and DNS seeds and those offline included: `peers` is \
                 who is online"
            );
            add("peers", message, &help);
        } else if let (ProtocolConfig::Gossip(gossip), Some(topology)) =
            (&self.protocol, &self.topology)
            && gossip.needs_graph()
        {
            let all = population as u32;
            under("topology", problems, |own| topology.validate_for(all, own));
        }
    }
}

impl Body for Settings {
    fn validate(&self, problems: &mut Vec<Complaint>) {
        under("network", problems, |own| self.network.validate(own));
        under("bandwidth", problems, |own| self.bandwidth.validate(own));
        under("transport", problems, |own| self.transport.validate(own));
        if let Some(reachability) = &self.reachability {
            under("reachability", problems, |own| reachability.validate(own));
        }
        if let Some(processing) = &self.processing {
            let kinds = self.protocol.kinds();
            under("processing", problems, |own| {
                processing.validate(kinds, own);
            });
        }
        if let Some(topology) = &self.topology {
            under("topology", problems, |own| topology.validate(own));
        }
        if let Some(churn) = &self.churn {
            under("churn", problems, |own| churn.validate(own));
            if churn.ages && self.attack.is_some() {
                problems.push((
                    "churn.ages".to_owned(),
                    "not measured in an attack".to_owned(),
                    "leave out one of the two".to_owned(),
                ));
            }
            let bitcoin = matches!(self.protocol, ProtocolConfig::Bitcoin(_));
            if churn.identity == Identity::New && bitcoin {
                problems.push((
                    "churn.identity".to_owned(),
                    "a Bitcoin node keeps its address and what it has on disk".to_owned(),
                    "leave it out".to_owned(),
                ));
            }
        }
        for (at, fault) in self.fault.iter().enumerate() {
            under(&format!("fault.{at}"), problems, |own| fault.validate(own));
        }
        match &self.protocol {
            ProtocolConfig::Gossip(gossip) => {
                under("protocol.gossip", problems, |own| gossip.validate(own));
                if gossip.needs_graph() && self.topology.is_none() {
                    let message = "sends to neighbours, and there is no overlay graph";
                    let help = "add a graph, such as `[topology.regular]` with `degree = 8`";
                    problems.push((
                        "protocol.gossip".to_owned(),
                        message.to_owned(),
                        help.to_owned(),
                    ));
                }
            }
            ProtocolConfig::Bitcoin(bitcoin) => {
                under("protocol.bitcoin", problems, |own| bitcoin.validate(own));
            }
            ProtocolConfig::Chord(chord) => {
                under("protocol.chord", problems, |own| chord.validate(own));
                self.validate_renewed_ids(problems);
            }
            ProtocolConfig::Kademlia(kademlia) => {
                under("protocol.kademlia", problems, |own| kademlia.validate(own));
                self.validate_renewed_ids(problems);
            }
        }
        if let Some(AttackConfig::Eclipse(attack)) = &self.attack {
            under("attack.eclipse", problems, |own| attack.validate(own));
            if !matches!(self.protocol, ProtocolConfig::Bitcoin(_)) {
                let message = "this attack is on `[protocol.bitcoin]`".to_owned();
                problems.push(("attack.eclipse".to_owned(), message, String::new()));
            }
        }
        if let Some(AttackConfig::Sybil(attack)) = &self.attack {
            self.validate_sybil(attack, problems);
        }
        if let Some(files) = &self.files {
            under("files", problems, |own| files.validate(own));
            let mut add = |message: &str, help: &str| {
                problems.push(("files".to_owned(), message.to_owned(), help.to_owned()));
            };
            if self.ids().is_none() {
                let help = "add `[protocol.kademlia]` or `[protocol.chord]`";
                add("files are found by a hash table", help);
            } else if self.attack.is_some() {
                let help = "leave one of the two out";
                add("no attack on those who share files is there yet", help);
            }
        }
        self.validate_numbers(problems);
        let whole = self.phases();
        if whole > LONGEST_RUN {
            let message = format!("a run of more than {LONGEST_RUN}");
            let help = "`bootstrap`, `warm_up`, `duration` and `drain` together".to_owned();
            problems.push(("duration".to_owned(), message, help));
        }
        if self.duration.is_zero() {
            let help = "such as \"10 min\"".to_owned();
            problems.push((
                "duration".to_owned(),
                "nothing is measured".to_owned(),
                help,
            ));
        }
    }

    fn metrics(&self) -> Vec<MetricDef> {
        let attack: &[MetricDef] = match &self.attack {
            Some(AttackConfig::Eclipse(_)) => eclipse::METRICS,
            Some(AttackConfig::Sybil(_)) => sybil::METRICS,
            None => &[],
        };
        let family = match &self.protocol {
            ProtocolConfig::Gossip(_) => Gossip::METRICS,
            ProtocolConfig::Bitcoin(_) => bitcoin::METRICS,
            _ if self.files.is_some() => files::METRICS,
            ProtocolConfig::Chord(_) | ProtocolConfig::Kademlia(_) => dht::METRICS,
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
        [attack, family, &congestion, ages].concat()
    }

    fn series(&self) -> Vec<&'static str> {
        let attack: &[&str] = match &self.attack {
            Some(AttackConfig::Eclipse(_)) => eclipse::SERIES,
            Some(AttackConfig::Sybil(_)) => sybil::SERIES,
            None => &[],
        };
        let family: &[&str] = match &self.protocol {
            _ if self.files.is_some() => files::SERIES,
            ProtocolConfig::Chord(_) | ProtocolConfig::Kademlia(_) => dht::SERIES,
            ProtocolConfig::Gossip(_) | ProtocolConfig::Bitcoin(_) => &[],
        };
        [attack, family].concat()
    }

    fn samples(&self) -> Vec<&'static str> {
        let own = match (&self.protocol, &self.attack) {
            (ProtocolConfig::Gossip(_), _) => ["broadcast.delay"].as_slice(),
            (ProtocolConfig::Bitcoin(_), Some(AttackConfig::Eclipse(_))) => eclipse::SAMPLES,
            (ProtocolConfig::Bitcoin(_), _) => &["bitcoin.block_delay"],
            _ if self.files.is_some() => files::SAMPLES,
            (ProtocolConfig::Chord(_) | ProtocolConfig::Kademlia(_), _) => dht::SAMPLES,
        };
        let ages = self.measures_ages().then_some(ages::LENGTH);
        own.iter().copied().chain(ages).collect()
    }
}
