//! Access links: what each peer can send and receive. How bytes queue on them is the engine's.

mod fair_share;
mod group;

pub use fair_share::FairShareConfig;
pub use group::GroupLink;

use crate::input::BuildError;
use crate::network::config::{Problem, problem};
use crate::network::dealt::dealt;
use crate::network::latency::Latency;
use crate::network::line::Line;
use crate::network::regions::REGIONS;
use crate::network::routers::RouterLinksConfig;
use crate::peer::{PeerId, Population};
use crate::quantity::{Bandwidth, Share};
use crate::random::{Purpose, Streams};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[bandwidth]`: what bytes take. One of `unlimited`, `access-link`, `fair-share` and `routers`.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum BandwidthConfig {
    /// Bytes take no time; only latency counts.
    Unlimited {},
    /// Every peer has an uplink and a downlink, and nothing in between is ever the bottleneck.
    AccessLink(AccessLinkConfig),
    /// The same links, of which everything that is on its way at one time has a max-min fair share,
    /// at both ends: for bulk transfers. Such a run uses one thread.
    FairShare(FairShareConfig),
    /// As `access-link`, with the links that the file of `[network.routers]` gives to hosts.
    Routers(RouterLinksConfig),
}

impl Default for BandwidthConfig {
    fn default() -> Self {
        Self::Unlimited {}
    }
}

/// `[bandwidth.access-link]`: an uplink and a downlink per peer; `up` and `down`, the same for all,
/// or a published `preset`, or classes of your own.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Default, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct AccessLinkConfig {
    /// The uplink of every peer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up: Option<Bandwidth>,
    /// The downlink of every peer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub down: Option<Bandwidth>,
    /// Published links: a mix, of which every peer has one at random, or links by region, which need
    /// `[network.regions]` with a preset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<BandwidthPreset>,
    /// A mix of your own; shares are exact, who has which is random.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub class: Vec<LinkClass>,
    /// Links of those that are not ordinary peers, such as seeds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub group: Vec<GroupLink>,
    /// Whether an uplink serves messages strictly in order of sending. Default false: connections
    /// share it in turns and small messages do not wait behind bulk.
    #[serde(default)]
    pub fifo: bool,
}

/// `[[bandwidth.access-link.class]]`: a share of the peers with this link.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct LinkClass {
    /// What it is called in results.
    pub name: String,
    /// The share of each class of peers, to the nearest peer. All sum to 100 %.
    pub share: Share,
    /// The uplink.
    pub up: Bandwidth,
    /// The downlink.
    pub down: Bandwidth,
}

/// Published access links. Those of `SimBlock` (dsg-titech/simblock) are by region; it does not say
/// where they were measured. Its seventh entry, an "inter-regional" 6 Mbit/s, is unused there and
/// left out here.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
pub enum BandwidthPreset {
    /// `SimBlock`'s table of 2015 (Gervais et al., CCS 2016).
    #[serde(rename = "simblock-2015")]
    Simblock2015,
    /// `SimBlock`'s table of 2019 (Nagayama et al., ISCC 2020).
    #[serde(rename = "simblock-2019")]
    Simblock2019,
    /// A mix for file sharing, down/up in kbit/s: 20 % 784/128, 40 % 1500/384, 25 % 3000/1000, 15 %
    /// 10000/5000 (Bharambe, Herley & Padmanabhan, INFOCOM 2006, after measurements of Gnutella).
    #[serde(rename = "file-sharing-2006")]
    FileSharing2006,
    /// Bitcoin nodes, the same both ways: 20 % 3.03, 60 % 33.03 and 20 % 186.1 Mbit/s, so that the
    /// 10th, 50th and 90th percentiles are those measured on 4565 nodes (Croman et al., "On scaling
    /// decentralized blockchains", 2016); in between the distribution was not published.
    #[serde(rename = "bitcoin-2016")]
    Bitcoin2016,
}

/// Down and up in kbit/s, in the order of [`REGIONS`].
const LINKS_2015: [(u64, u64); 6] = [
    (25_000, 4_700),
    (24_000, 8_100),
    (6_500, 1_800),
    (10_000, 5_300),
    (17_500, 3_400),
    (14_000, 5_200),
];
const LINKS_2019: [(u64, u64); 6] = [
    (52_000, 19_200),
    (40_000, 20_700),
    (18_000, 5_800),
    (22_800, 15_700),
    (22_800, 10_200),
    (29_900, 11_300),
];

/// A mix: name, share, and down and up in kbit/s.
type Mix = &'static [(&'static str, f64, u64, u64)];
const FILE_SHARING_2006: Mix = &[
    ("784/128", 0.20, 784, 128),
    ("1500/384", 0.40, 1500, 384),
    ("3000/1000", 0.25, 3000, 1000),
    ("10000/5000", 0.15, 10_000, 5000),
];
const BITCOIN_2016: Mix = &[
    ("slow", 0.2, 3030, 3030),
    ("middle", 0.6, 33_030, 33_030),
    ("fast", 0.2, 186_100, 186_100),
];

/// A peer's link to the network.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AccessLink {
    /// What it sends at most; never zero.
    pub up: Bandwidth,
    /// What it receives at most; never zero.
    pub down: Bandwidth,
}

/// What a network knows of its peers when it deals links to them.
type Ground<'a> = (&'a Latency, &'a [String], &'a Population, &'a Streams);

/// The access links of all peers.
#[derive(Clone, Debug)]
pub struct Access {
    /// Which link each peer has; empty if all have the first.
    at: Vec<u16>,
    links: Vec<AccessLink>,
    /// The same links, up and down, as what the engine computes with.
    lines: Vec<[Line; 2]>,
    /// Names of the classes, one for each link; or one without a name that all are of.
    names: Vec<String>,
    fifo: bool,
    fair: Option<FairShare>,
}

/// Links are shared by max-min fairness.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FairShare {
    /// The most that one connection carries.
    pub cap: Option<Bandwidth>,
}

impl Access {
    /// Who has which link, drawn from [`Purpose::Places`] class by class of peers; `regions` are the
    /// names of the regions.
    pub(super) fn build(
        config: &BandwidthConfig,
        latency: &Latency,
        regions: &[String],
        population: &Population,
        streams: &Streams,
    ) -> Result<Option<Self>, BuildError> {
        let ground = (latency, regions, population, streams);
        match config {
            BandwidthConfig::Unlimited {} => Ok(None),
            BandwidthConfig::AccessLink(config) => Self::of_links("access-link", config, ground),
            BandwidthConfig::FairShare(config) => {
                let links = Self::of_links("fair-share", &config.links(), ground)?;
                let fair = Some(FairShare { cap: config.cap });
                Ok(links.map(|links| Self { fair, ..links }))
            }
            BandwidthConfig::Routers(config) => Self::of_routers(config, latency).map(Some),
        }
    }

    /// As the table of this name says.
    fn of_links(
        table: &str,
        config: &AccessLinkConfig,
        (latency, regions, population, streams): Ground<'_>,
    ) -> Result<Option<Self>, BuildError> {
        let mut problems = Vec::new();
        config.validate(&mut problems);
        if let Some((key, message, help)) = problems.into_iter().next() {
            let key = format!("bandwidth.{table}.{key}");
            let key = key.trim_end_matches('.');
            return Err(BuildError::config(key, format!("{message}; {help}")));
        }
        let fifo = config.fifo;
        let names = config.link_names(regions);
        let with_groups = |links: Self| links.with_groups(table, &config.group, population);
        if let Some(preset) = config.preset.filter(|preset| preset.mix().is_none()) {
            let Some((places, side)) = latency.regions().filter(|&(_, n)| n == REGIONS.len())
            else {
                let key = format!("bandwidth.{table}.preset");
                let message = "needs `[network.regions]` with a preset, to know who lives where";
                return Err(BuildError::config(&key, message));
            };
            let links = (0..side).map(|region| preset.link(region)).collect();
            let at = places.iter().map(|&place| place.into()).collect();
            return with_groups(Self::new(at, links, names, fifo)).map(Some);
        }
        let classes = config.classes();
        if !classes.is_empty() {
            let shares: Vec<f64> = classes.iter().map(|class| class.share.0).collect();
            let link = |class: &LinkClass| AccessLink {
                up: class.up,
                down: class.down,
            };
            let at = dealt(&shares, population, |number| {
                streams.chacha(Purpose::Places, 3 << 40 | number as u64)
            });
            let at = at.into_iter().map(u16::from).collect();
            let links = classes.iter().map(link).collect();
            return with_groups(Self::new(at, links, names, fifo)).map(Some);
        }
        let same = config.up.zip(config.down).map(|(up, down)| Self {
            fifo,
            ..Self::same(up, down)
        });
        same.map(with_groups).transpose()
    }

    /// The same link for everybody.
    pub(super) fn same(up: Bandwidth, down: Bandwidth) -> Self {
        let links = vec![AccessLink { up, down }];
        Self::new(Vec::new(), links, vec![String::new()], false)
    }

    fn new(at: Vec<u16>, links: Vec<AccessLink>, names: Vec<String>, fifo: bool) -> Self {
        let lines = |link: &AccessLink| [Line::new(link.up), Line::new(link.down)];
        Self {
            lines: links.iter().map(lines).collect(),
            at,
            links,
            names,
            fifo,
            fair: None,
        }
    }

    /// The same links, shared by max-min fairness.
    pub(super) fn shared(self, fair: FairShare) -> Self {
        Self {
            fair: Some(fair),
            ..self
        }
    }

    /// What so many bytes take on a peer's uplink alone, in nanoseconds.
    #[inline]
    pub fn up_nanos(&self, peer: PeerId, bytes: u64) -> u64 {
        self.lines[self.row(peer)][0].nanos(bytes)
    }

    /// What so many bytes take on a peer's downlink alone, in nanoseconds.
    #[inline]
    pub fn down_nanos(&self, peer: PeerId, bytes: u64) -> u64 {
        self.lines[self.row(peer)][1].nanos(bytes)
    }

    /// Names of the classes of links; one, without a name, if all have the same.
    pub fn classes(&self) -> &[String] {
        &self.names
    }

    /// Which class of links a peer has.
    #[inline]
    pub fn class(&self, peer: PeerId) -> usize {
        if self.names.len() == 1 {
            return 0;
        }
        self.row(peer)
    }

    /// Everybody has the link of hosts at their router.
    fn of_routers(config: &RouterLinksConfig, latency: &Latency) -> Result<Self, BuildError> {
        let (at, links) = latency.links(config).ok_or_else(|| {
            let message = "needs `[network.routers]`, whose file gives links to hosts";
            BuildError::config("bandwidth.routers", message)
        })??;
        Ok(Self::new(at, links, vec![String::new()], config.fifo))
    }

    /// Which of the links a peer has.
    #[inline]
    fn row(&self, peer: PeerId) -> usize {
        self.at.get(peer.index()).copied().unwrap_or(0).into()
    }

    /// The link of a peer.
    #[inline]
    pub fn link(&self, peer: PeerId) -> AccessLink {
        self.links[self.row(peer)]
    }

    /// Whether uplinks serve messages strictly in order of sending.
    pub fn fifo(&self) -> bool {
        self.fifo
    }

    /// How links are shared by max-min fairness; nothing if they are not.
    pub fn fair_share(&self) -> Option<FairShare> {
        self.fair
    }
}

impl BandwidthPreset {
    /// The mix; nothing if links go by region.
    const fn mix(self) -> Option<Mix> {
        match self {
            Self::Simblock2015 | Self::Simblock2019 => None,
            Self::FileSharing2006 => Some(FILE_SHARING_2006),
            Self::Bitcoin2016 => Some(BITCOIN_2016),
        }
    }

    /// Whether links go by region.
    pub const fn is_regional(self) -> bool {
        self.mix().is_none()
    }

    /// The link of peers in a region, by its place in [`REGIONS`]; of a mix, that of a class.
    ///
    /// # Panics
    /// If there is no such region or class.
    pub fn link(self, region: usize) -> AccessLink {
        let (down, up) = match (self.mix(), self) {
            (Some(mix), _) => (mix[region].2, mix[region].3),
            (None, Self::Simblock2015) => LINKS_2015[region],
            (None, _) => LINKS_2019[region],
        };
        AccessLink {
            up: Bandwidth(up * 1000),
            down: Bandwidth(down * 1000),
        }
    }

    /// As scenario files write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Simblock2015 => "simblock-2015",
            Self::Simblock2019 => "simblock-2019",
            Self::FileSharing2006 => "file-sharing-2006",
            Self::Bitcoin2016 => "bitcoin-2016",
        }
    }
}

impl BandwidthConfig {
    /// Adds what is wrong across fields.
    pub fn validate(&self, problems: &mut Vec<Problem>) {
        if let Some((table, config)) = self.links() {
            let mut own = Vec::new();
            config.validate(&mut own);
            let keyed = own.into_iter().map(|(key, message, help)| {
                let key = format!("{table}.{key}");
                (key.trim_end_matches('.').to_owned(), message, help)
            });
            problems.extend(keyed);
        }
        if let Self::FairShare(config) = self
            && config.cap == Some(Bandwidth(0))
        {
            let help = "leave it out, or give a connection some rate";
            problem(problems, "fair-share.cap", "a rate of zero", help);
        }
        if let Self::Routers(config) = self {
            let mut own = Vec::new();
            config.validate(&mut own);
            let keyed = |(key, message, help)| (format!("routers.{key}"), message, help);
            problems.extend(own.into_iter().map(keyed));
        }
    }

    /// The links of peers and the name of the table that gives them; nothing if none does.
    pub fn links(&self) -> Option<(&'static str, AccessLinkConfig)> {
        match self {
            Self::Unlimited {} | Self::Routers(_) => None,
            Self::AccessLink(config) => Some(("access-link", config.clone())),
            Self::FairShare(config) => Some(("fair-share", config.links())),
        }
    }

    /// One line for results.
    pub fn about(&self) -> String {
        let (config, order) = match self {
            Self::Unlimited {} => return "unlimited bandwidth".to_owned(),
            Self::Routers(_) => return "access links of hosts at routers".to_owned(),
            Self::AccessLink(config) if config.fifo => (config.clone(), ", first in first out"),
            Self::AccessLink(config) => (config.clone(), ""),
            Self::FairShare(config) => (config.links(), ", shared by max-min fairness"),
        };
        match (config.preset, config.up, config.down) {
            (Some(preset), ..) => format!("access links {}{order}", preset.name()),
            (None, Some(up), Some(down)) => format!("access links of {up} up, {down} down{order}"),
            _ => {
                let class = |class: &LinkClass| format!("{} {}", class.share, class.name);
                let classes: Vec<String> = config.class.iter().map(class).collect();
                format!("access links {}{order}", classes.join(", "))
            }
        }
    }

    /// The names of the classes of links, for networks with these regions; none if all have the
    /// same, one without a name. Nothing at all if bandwidth is unlimited.
    pub fn class_names(&self, regions: &[String]) -> Option<Vec<String>> {
        match self {
            Self::Unlimited {} => None,
            Self::Routers(_) => Some(Vec::new()),
            Self::AccessLink(config) => Some(config.class_names(regions)),
            Self::FairShare(config) => Some(config.links().class_names(regions)),
        }
    }
}

impl AccessLinkConfig {
    /// The classes of a mix, published or own; none if all have the same link, or that of their
    /// region.
    pub fn classes(&self) -> Vec<LinkClass> {
        let Some(mix) = self.preset.and_then(BandwidthPreset::mix) else {
            return self.class.clone();
        };
        let class = |&(name, share, down, up): &(&str, f64, u64, u64)| LinkClass {
            name: name.to_owned(),
            share: Share(share),
            up: Bandwidth(up * 1000),
            down: Bandwidth(down * 1000),
        };
        mix.iter().map(class).collect()
    }

    fn class_names(&self, regions: &[String]) -> Vec<String> {
        group::with_names(self.link_names(regions), &self.group)
    }

    /// The names of the classes of links without those of groups.
    fn link_names(&self, regions: &[String]) -> Vec<String> {
        if self.preset.is_some_and(BandwidthPreset::is_regional) {
            return regions.to_vec();
        }
        self.classes().into_iter().map(|class| class.name).collect()
    }

    /// Adds what is wrong across fields, keyed relative to this table.
    pub fn validate(&self, problems: &mut Vec<Problem>) {
        let rates = self.up.is_some() || self.down.is_some();
        match (self.preset, rates, self.class.is_empty()) {
            (Some(_), false, true) | (None, false, false) => {}
            (Some(_), true, _) => {
                let help = "leave out either `preset` or `up` and `down`";
                problem(problems, "preset", "a preset and rates of your own", help);
            }
            (Some(_), false, false) => {
                let help = "leave out either `preset` or the classes";
                problem(problems, "preset", "a preset and classes of your own", help);
            }
            (None, true, false) => {
                let help = "leave out either the classes or `up` and `down`";
                problem(problems, "class", "classes, and one rate for all", help);
            }
            (None, true, true) if self.up.is_some() && self.down.is_some() => {}
            (None, ..) => {
                let help = "give `up` and `down`, or `preset`, or a mix of `class`es";
                problem(problems, "", "no rates", help);
            }
        }
        self.validate_classes(problems);
        group::validate(&self.group, problems);
        for (key, rate) in [("up", self.up), ("down", self.down)] {
            if rate == Some(Bandwidth(0)) {
                problem(problems, key, "a rate of zero", "a link needs some rate");
            }
        }
    }

    fn validate_classes(&self, problems: &mut Vec<Problem>) {
        if self.class.is_empty() {
            return;
        }
        let sum: f64 = self.class.iter().map(|class| class.share.0).sum();
        if (sum - 1.0).abs() > 1e-6 {
            let message = format!("the shares sum to {}", Share(sum));
            problem(problems, "class", &message, "make them sum to 100 %");
        }
        if self.class.len() > 255 {
            let message = format!("{} classes", self.class.len());
            problem(problems, "class", &message, "at most 255");
        }
        for (at, class) in self.class.iter().enumerate() {
            for (key, rate) in [("up", class.up), ("down", class.down)] {
                if rate == Bandwidth(0) {
                    let help = "a link needs some rate";
                    problem(
                        problems,
                        &format!("class.{at}.{key}"),
                        "a rate of zero",
                        help,
                    );
                }
            }
            let others = &self.class[..at];
            if others.iter().any(|other| other.name == class.name) {
                let message = format!("a second class called `{}`", class.name);
                let help = "names tell classes apart in results";
                problem(problems, &format!("class.{at}.name"), &message, help);
            }
        }
    }
}
