//! `[bandwidth.routers]`: the access links that a graph of routers gives to hosts.

use super::Router;
use crate::input::BuildError;
use crate::network::access::AccessLink;
use crate::network::config::{Problem, problem};
use crate::quantity::Bandwidth;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[bandwidth.routers]`: every peer has the uplink and the downlink that the file of
/// `[network.routers]` gives to hosts at its router: `host_bandwidth_up` and `host_bandwidth_down` of
/// Shadow's GML, also read from `GraphML`.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Default, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct RouterLinksConfig {
    /// The uplink at routers of which the file does not say one. Left out: that is an error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up: Option<Bandwidth>,
    /// The downlink at routers of which the file does not say one. Left out: that is an error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub down: Option<Bandwidth>,
    /// Whether an uplink serves messages strictly in order of sending. Default false, as of
    /// `[bandwidth.access-link]`.
    #[serde(default)]
    pub fifo: bool,
}

/// What a network keeps of a router with peers.
#[derive(Clone, Debug)]
pub(in crate::network) struct Site {
    /// Its number, in the order of the file.
    pub(in crate::network) number: u32,
    name: String,
    line: usize,
    up: Option<Bandwidth>,
    down: Option<Bandwidth>,
}

impl Site {
    pub(super) fn new(number: usize, router: &Router) -> Self {
        Self {
            number: number as u32,
            name: router.name.clone(),
            line: router.at.line,
            up: router.up,
            down: router.down,
        }
    }

    /// The link of its hosts.
    pub(in crate::network) fn link(
        &self,
        config: &RouterLinksConfig,
    ) -> Result<AccessLink, BuildError> {
        let rate = |own: Option<Bandwidth>, other: Option<Bandwidth>, key: &str| {
            own.or(other).filter(|rate| rate.0 > 0).ok_or_else(|| {
                let place = match self.line {
                    0 => String::new(),
                    line => format!(" in line {line}"),
                };
                let message = format!(
                    "router `{}`{place} has no `host_bandwidth_{key}`; add it, or \
                     `{key}` for all such routers",
                    self.name
                );
                BuildError::config("bandwidth.routers", message)
            })
        };
        Ok(AccessLink {
            up: rate(self.up, config.up, "up")?,
            down: rate(self.down, config.down, "down")?,
        })
    }
}

impl RouterLinksConfig {
    /// Adds what is wrong across fields, keyed relative to this table.
    pub(in crate::network) fn validate(&self, problems: &mut Vec<Problem>) {
        for (key, rate) in [("up", self.up), ("down", self.down)] {
            if rate == Some(Bandwidth(0)) {
                problem(problems, key, "a rate of zero", "a link needs some rate");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::input::Files;
    use crate::network::{BandwidthConfig, Network, NetworkConfig};
    use crate::peer::{PeerId, Population};
    use crate::random::Streams;

    const GRAPH: &str = r#"graph [
  node [ id 0 host_bandwidth_up "1 Mbit" host_bandwidth_down "8 Mbit" ]
  node [ id 1 host_bandwidth_up "2 Mbit" ]
  edge [ source 0 target 1 latency "5 ms" ]
]"#;

    fn network(bandwidth: &str) -> Result<Network, String> {
        let files = Files([("g.gml".to_owned(), GRAPH.to_owned())].into());
        let config: NetworkConfig = toml::from_str("routers.file = \"g.gml\"").expect("valid TOML");
        let (population, streams) = (Population::uniform(20), Streams::new(1));
        let network = Network::build(&config, &files, &population, &streams).expect("valid");
        let bandwidth: BandwidthConfig = toml::from_str(bandwidth).expect("valid TOML");
        network
            .with_bandwidth(&bandwidth, &population, &streams)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn hosts_have_the_links_of_their_router() {
        let network = network("[routers]\ndown = \"30 Mbit/s\"\nup = \"9 Mbit/s\"").expect("valid");
        let access = network.access().expect("links");
        for peer in (0..20).map(PeerId) {
            let expected = [(1_000_000, 8_000_000), (2_000_000, 30_000_000)];
            let link = access.link(peer);
            assert_eq!(
                (link.up.0, link.down.0),
                expected[network.place(peer).expect("a router")]
            );
        }
    }

    #[test]
    fn what_the_file_leaves_out_is_said() {
        assert_eq!(
            network("[routers]").expect_err("no downlink"),
            "bandwidth.routers: router `1` in line 3 has no `host_bandwidth_down`; add it, or `down` \
             for all such routers"
        );
        let bandwidth: BandwidthConfig = toml::from_str("[routers]").expect("valid TOML");
        let nowhere = Network::constant(crate::time::Duration::from_millis(1));
        let error = nowhere
            .with_bandwidth(&bandwidth, &Population::uniform(1), &Streams::new(1))
            .expect_err("no routers");
        assert!(error.to_string().contains("needs `[network.routers]`"));
    }
}
