//! Access links: what each peer can send and receive. How bytes queue on them is the engine's.

use crate::input::BuildError;
use crate::network::config::{Problem, problem};
use crate::network::latency::Latency;
use crate::network::regions::REGIONS;
use crate::network::routers::RouterLinksConfig;
use crate::peer::PeerId;
use crate::quantity::Bandwidth;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[bandwidth]`: what bytes take. One of `unlimited`, `access-link` and `routers`.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum BandwidthConfig {
    /// Bytes take no time; only latency counts.
    Unlimited {},
    /// Every peer has an uplink and a downlink, and nothing in between is ever the bottleneck.
    AccessLink(AccessLinkConfig),
    /// The same, with the links that the file of `[network.routers]` gives to hosts.
    Routers(RouterLinksConfig),
}

impl Default for BandwidthConfig {
    fn default() -> Self {
        Self::Unlimited {}
    }
}

/// `[bandwidth.access-link]`: an uplink and a downlink per peer; either `up` and `down`, the same
/// for all, or a regional preset.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Default, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct AccessLinkConfig {
    /// The uplink of every peer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up: Option<Bandwidth>,
    /// The downlink of every peer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub down: Option<Bandwidth>,
    /// Links by region, from published tables; needs `[network.regions]` with a preset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<BandwidthPreset>,
    /// Whether an uplink serves messages strictly in order of sending. Default false: connections
    /// share it in turns and small messages do not wait behind bulk.
    #[serde(default)]
    pub fifo: bool,
}

/// Published access links by region, as constants of `SimBlock` (dsg-titech/simblock), which does
/// not say where they were measured. Its seventh entry, an "inter-regional" 6 Mbit/s, is unused
/// there and left out here.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
pub enum BandwidthPreset {
    /// `SimBlock`'s table of 2015 (Gervais et al., CCS 2016).
    #[serde(rename = "simblock-2015")]
    Simblock2015,
    /// `SimBlock`'s table of 2019 (Nagayama et al., ISCC 2020).
    #[serde(rename = "simblock-2019")]
    Simblock2019,
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

/// A peer's link to the network.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AccessLink {
    /// What it sends at most; never zero.
    pub up: Bandwidth,
    /// What it receives at most; never zero.
    pub down: Bandwidth,
}

/// The access links of all peers.
#[derive(Clone, Debug)]
pub struct Access {
    /// Which link each peer has; empty if all have the first.
    class: Vec<u8>,
    links: Vec<AccessLink>,
    /// The link of each peer, if every router has its own; empty otherwise.
    own: Vec<AccessLink>,
    fifo: bool,
}

impl Access {
    pub(super) fn build(
        config: &BandwidthConfig,
        latency: &Latency,
    ) -> Result<Option<Self>, BuildError> {
        let config = match config {
            BandwidthConfig::Unlimited {} => return Ok(None),
            BandwidthConfig::AccessLink(config) => config,
            BandwidthConfig::Routers(config) => return Self::of_routers(config, latency).map(Some),
        };
        let mut problems = Vec::new();
        config.validate(&mut problems);
        if let Some((key, message, help)) = problems.into_iter().next() {
            let key = format!("bandwidth.access-link.{key}");
            let key = key.trim_end_matches('.');
            return Err(BuildError::config(key, format!("{message}; {help}")));
        }
        let fifo = config.fifo;
        if let Some(preset) = config.preset {
            let Some((regions, side)) = latency.regions().filter(|&(_, n)| n == REGIONS.len())
            else {
                let key = "bandwidth.access-link.preset";
                let message = "needs `[network.regions]` with a preset, to know who lives where";
                return Err(BuildError::config(key, message));
            };
            return Ok(Some(Self {
                class: regions.to_vec(),
                links: (0..side).map(|region| preset.link(region)).collect(),
                own: Vec::new(),
                fifo,
            }));
        }
        let (up, down) = (config.up, config.down);
        Ok(up.zip(down).map(|(up, down)| Self {
            class: Vec::new(),
            links: vec![AccessLink { up, down }],
            own: Vec::new(),
            fifo,
        }))
    }

    /// Everybody has the link of hosts at their router.
    fn of_routers(config: &RouterLinksConfig, latency: &Latency) -> Result<Self, BuildError> {
        let own = latency.links(config).ok_or_else(|| {
            let message = "needs `[network.routers]`, whose file gives links to hosts";
            BuildError::config("bandwidth.routers", message)
        })??;
        Ok(Self {
            class: Vec::new(),
            links: Vec::new(),
            own,
            fifo: config.fifo,
        })
    }

    /// The link of a peer.
    #[inline]
    pub fn link(&self, peer: PeerId) -> AccessLink {
        if let Some(&own) = self.own.get(peer.index()) {
            return own;
        }
        let class = self.class.get(peer.index()).copied().unwrap_or(0);
        self.links[usize::from(class)]
    }

    /// Whether uplinks serve messages strictly in order of sending.
    pub fn fifo(&self) -> bool {
        self.fifo
    }
}

impl BandwidthPreset {
    /// The link of peers in a region, by its place in [`REGIONS`].
    pub fn link(self, region: usize) -> AccessLink {
        let (down, up) = match self {
            Self::Simblock2015 => LINKS_2015[region],
            Self::Simblock2019 => LINKS_2019[region],
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
        }
    }
}

impl BandwidthConfig {
    /// Adds what is wrong across fields.
    pub fn validate(&self, problems: &mut Vec<Problem>) {
        if let Self::AccessLink(config) = self {
            let mut own = Vec::new();
            config.validate(&mut own);
            let keyed = own.into_iter().map(|(key, message, help)| {
                let key = format!("access-link.{key}");
                (key.trim_end_matches('.').to_owned(), message, help)
            });
            problems.extend(keyed);
        }
        if let Self::Routers(config) = self {
            let mut own = Vec::new();
            config.validate(&mut own);
            let keyed = |(key, message, help)| (format!("routers.{key}"), message, help);
            problems.extend(own.into_iter().map(keyed));
        }
    }

    /// One line for results.
    pub fn about(&self) -> String {
        let config = match self {
            Self::Unlimited {} => return "unlimited bandwidth".to_owned(),
            Self::Routers(_) => return "access links of hosts at routers".to_owned(),
            Self::AccessLink(config) => config,
        };
        let order = if config.fifo {
            ", first in first out"
        } else {
            ""
        };
        match (config.preset, config.up, config.down) {
            (Some(preset), ..) => format!("access links {}{order}", preset.name()),
            (None, Some(up), Some(down)) => format!("access links of {up} up, {down} down{order}"),
            _ => "access links".to_owned(),
        }
    }
}

impl AccessLinkConfig {
    /// Adds what is wrong across fields, keyed relative to this table.
    pub fn validate(&self, problems: &mut Vec<Problem>) {
        match (self.preset, self.up, self.down) {
            (Some(_), None, None) | (None, Some(_), Some(_)) => {}
            (Some(_), ..) => {
                let help = "leave out either `preset` or `up` and `down`";
                problem(problems, "preset", "a preset and rates of your own", help);
            }
            _ => {
                let help = "give `up` and `down`, or `preset`";
                problem(problems, "", "no rates", help);
            }
        }
        for (key, rate) in [("up", self.up), ("down", self.down)] {
            if rate == Some(Bandwidth(0)) {
                problem(problems, key, "a rate of zero", "a link needs some rate");
            }
        }
    }
}
