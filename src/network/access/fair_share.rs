//! The keys of `[bandwidth.fair-share]`.

use super::{AccessLinkConfig, BandwidthPreset, GroupLink, LinkClass};
use crate::quantity::Bandwidth;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[bandwidth.fair-share]`: an uplink and a downlink per peer, as `access-link` has them; all that is
/// on its way at one time shares them by max-min fairness. Messages of at most 1500 bytes pass beside
/// it: they take nothing from it and no time but the latency, and overtake bulk that was sent before
/// them on their connection.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Default, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct FairShareConfig {
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
    /// The most that one connection carries, such as a window over a round trip. Default: no limit
    /// but the links.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<Bandwidth>,
}

impl FairShareConfig {
    /// The links, as `access-link` has them.
    pub fn links(&self) -> AccessLinkConfig {
        AccessLinkConfig {
            up: self.up,
            down: self.down,
            preset: self.preset,
            class: self.class.clone(),
            group: self.group.clone(),
            fifo: false,
        }
    }
}
