//! What is wrong with settings beyond their shape.

use super::{AttackConfig, ProtocolConfig, Settings};
use crate::adversary::sybil::Sybil;
use crate::churn::{Addressing, ChurnConfig, Identity};
use crate::network::{BandwidthConfig, BandwidthPreset, FaultConfig};
use crate::peer::PeerId;
use crate::protocols::ideal_p2p::IdealP2p;
use crate::scenario::Complaint;
use crate::time::Duration;

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
    /// Adds all that is wrong.
    pub(super) fn check(&self, problems: &mut Vec<Complaint>) {
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
            self.validate_returns(churn, problems);
        }
        for (at, fault) in self.fault.iter().enumerate() {
            under(&format!("fault.{at}"), problems, |own| fault.validate(own));
        }
        self.validate_protocol(problems);
        self.validate_attack(problems);
        self.validate_files(problems);
        self.validate_links(problems);
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

    /// What is wrong with the family's own settings.
    fn validate_protocol(&self, problems: &mut Vec<Complaint>) {
        match &self.protocol {
            ProtocolConfig::Gossip(gossip) => {
                under("protocol.gossip", problems, |own| {
                    gossip.validate(self.peers, own);
                });
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
            ProtocolConfig::Ethereum(ethereum) => {
                under("protocol.ethereum", problems, |own| {
                    ethereum.validate(self.peers, own);
                });
            }
            ProtocolConfig::Chord(chord) => {
                under("protocol.chord", problems, |own| chord.validate(own));
                self.validate_renewed_ids(problems);
            }
            ProtocolConfig::BitTorrent(config) => {
                under("protocol.bittorrent", problems, |own| config.validate(own));
            }
            ProtocolConfig::ClientServer(config) => {
                under("protocol.client-server", problems, |own| {
                    config.validate(own);
                });
            }
            ProtocolConfig::IdealP2p(config) => {
                under("protocol.ideal-p2p", problems, |own| config.validate(own));
            }
            ProtocolConfig::Kademlia(kademlia) => {
                under("protocol.kademlia", problems, |own| kademlia.validate(own));
                self.validate_renewed_ids(problems);
            }
        }
    }

    /// What is wrong with files that are shared over a hash table.
    fn validate_files(&self, problems: &mut Vec<Complaint>) {
        let Some(files) = &self.files else { return };
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

    /// What is wrong with an attack.
    fn validate_attack(&self, problems: &mut Vec<Complaint>) {
        if let Some(AttackConfig::Eclipse(attack)) = &self.attack {
            under("attack.eclipse", problems, |own| attack.validate(own));
            if !matches!(self.protocol, ProtocolConfig::Bitcoin(_)) {
                let message = "this attack is on `[protocol.bitcoin]`".to_owned();
                problems.push(("attack.eclipse".to_owned(), message, String::new()));
            }
        }
        if let Some(AttackConfig::EthereumEclipse(attack)) = &self.attack {
            let (key, end) = ("attack.ethereum-eclipse", self.phases());
            under(key, problems, |own| attack.validate(self.peers, end, own));
            if !matches!(self.protocol, ProtocolConfig::Ethereum(_)) {
                let message = "this attack is on `[protocol.ethereum]`".to_owned();
                problems.push((key.to_owned(), message, String::new()));
            }
        }
        if let Some(AttackConfig::Sybil(attack)) = &self.attack {
            self.validate_sybil(attack, problems);
        }
    }

    /// Who a peer that comes back may be, and where, in each family.
    fn validate_returns(&self, churn: &ChurnConfig, problems: &mut Vec<Complaint>) {
        let mut add = |key: &str, message: &str, help: &str| {
            problems.push((key.to_owned(), message.to_owned(), help.to_owned()));
        };
        let moves = churn.address == Addressing::New;
        let is_another = churn.identity == Identity::New;
        if self.files.is_some() && is_another {
            let message = "who shares files keeps them on disk, and so is who it was";
            add("churn.identity", message, "leave it or `[files]` out");
        }
        match &self.protocol {
            ProtocolConfig::Bitcoin(_) if is_another => {
                let message = "a Bitcoin node keeps what it has on disk";
                let help = "leave it out; `address = \"new\"` gives it another address";
                add("churn.identity", message, help);
            }
            ProtocolConfig::Ethereum(_) if is_another || moves => {
                let message = "an Ethereum node keeps its key, and an enode names its address";
                let help = "leave `identity` and `address` out";
                add("churn", message, help);
            }
            ProtocolConfig::Gossip(_) if moves => {
                let message = "the overlay graph is given, and names peers by no address";
                add("churn.address", message, "leave it out");
            }
            ProtocolConfig::Chord(_) | ProtocolConfig::Kademlia(_) if moves => {
                let message = "in a hash table a contact is an address and an id";
                let help = "`identity = \"new\"` gives another of both";
                add("churn.address", message, help);
            }
            ProtocolConfig::BitTorrent(_)
            | ProtocolConfig::ClientServer(_)
            | ProtocolConfig::IdealP2p(_) => {
                if moves {
                    let message = "a download finds who has come back where it was";
                    add("churn.address", message, "leave it out");
                }
                if is_another {
                    let message = "who comes back has what it got on disk, and so is who it was";
                    add("churn.identity", message, "leave it out");
                }
            }
            _ => {}
        }
    }

    /// The length of identifiers in bits, and its key, where peers have identifiers.
    fn ids(&self) -> Option<(&'static str, u8)> {
        match &self.protocol {
            ProtocolConfig::Chord(chord) => Some(("protocol.chord.bits", chord.bits)),
            ProtocolConfig::Kademlia(kademlia) => Some(("protocol.kademlia.bits", kademlia.bits)),
            _ => None,
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

    /// The rules of links that need another part of the settings.
    fn validate_links(&self, problems: &mut Vec<Complaint>) {
        let mut add = |key: &str, message: String, help: &str| {
            problems.push((key.to_owned(), message, help.to_owned()));
        };
        if let Some((table, link)) = self.bandwidth.links()
            && link.preset.is_some_and(BandwidthPreset::is_regional)
            && link.up.or(link.down).is_none()
            && self.network.regions.is_none()
        {
            let message = "links by region, and nobody knows who lives where".to_owned();
            let help = "add `[network.regions]` with a preset, or give `up` and `down`";
            add(&format!("bandwidth.{table}.preset"), message, help);
        }
        if matches!(self.bandwidth, BandwidthConfig::Routers(_)) && self.network.routers.is_none() {
            let message = "links as routers have them, and there are no routers".to_owned();
            let help = "add `[network.routers]`, or take `[bandwidth.access-link]`";
            add("bandwidth.routers", message, help);
        }
        if self.protocol.seeds().is_some()
            && matches!(self.bandwidth, BandwidthConfig::Unlimited {})
        {
            let message = "bytes take no time, so a file takes none".to_owned();
            add(
                "protocol",
                message,
                "add `[bandwidth.fair-share]` with `up` and `down`",
            );
        }
        if let ProtocolConfig::BitTorrent(config) = &self.protocol
            && config.tyrants.count > 0
        {
            let classes = self.bandwidth.class_names(&self.network.region_names());
            let classes = classes.unwrap_or_default();
            if !matches!(self.bandwidth, BandwidthConfig::FairShare(_)) {
                let message = "they hold back single connections".to_owned();
                let help = "take `[bandwidth.fair-share]`";
                add("protocol.bittorrent.tyrants", message, help);
            } else if let Some(links) = &config.tyrants.links
                && !classes.contains(links)
            {
                let message = format!("no class of links `{links}`");
                let help = match classes.as_slice() {
                    [] => "all links are the same".to_owned(),
                    known => format!("classes: {}", known.join(", ")),
                };
                add("protocol.bittorrent.tyrants.links", message, &help);
            }
        }
        if let ProtocolConfig::IdealP2p(_) = &self.protocol
            && self.peers > IdealP2p::MOST_PEERS
        {
            let message = format!(
                "{} peers, and everybody is connected to everybody",
                self.peers
            );
            let help = format!("at most {}", IdealP2p::MOST_PEERS);
            add("peers", message, &help);
        }
        let shared = matches!(self.bandwidth, BandwidthConfig::FairShare(_));
        if shared && self.transport.tcp.is_some() {
            let message = "links shared by max-min fairness are for ideal connections".to_owned();
            let help = "take `[bandwidth.access-link]`, or `fair-share.cap` for a window";
            add("transport.tcp", message, help);
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
            _ => {
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

    /// The rules for faults that need two parts of the settings.
    fn validate_faults(&self, problems: &mut Vec<Complaint>) {
        let mut add = |key: &str, message: String, help: &str| {
            problems.push((key.to_owned(), message, help.to_owned()));
        };
        let end = self.phases();
        let shared = matches!(self.bandwidth, BandwidthConfig::FairShare(_));
        let regions = self.network.region_names();
        let help_on_regions = match regions.as_slice() {
            [] => "regions come with `[network.regions]`".to_owned(),
            known => format!("regions: {}", known.join(", ")),
        };
        for (number, fault) in self.fault.iter().enumerate() {
            if fault.at() >= end {
                add(
                    &format!("fault.{number}.{}.at", fault.name()),
                    format!("begins at {}, and the run ends at {end}", fault.at()),
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
            if matches!(fault, FaultConfig::Bandwidth(_)) && shared {
                let message = "links shared by max-min fairness keep their rates".to_owned();
                let help = "take `[bandwidth.access-link]`";
                add(&format!("fault.{number}.bandwidth"), message, help);
            }
        }
    }

    /// The rules that need the number of peers, or two parts of the settings.
    fn validate_numbers(&self, problems: &mut Vec<Complaint>) {
        self.validate_faults(problems);
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
