//! `[network.routers.generate]`: routers from a generator instead of a file.

use super::{At, Delay, Link, Position, Router, RouterGraph, RoutersConfig};
use crate::input::{BuildError, Files, TextError};
use crate::network::config::{Problem, problem};
use crate::network::graph::TopologyConfig;
use crate::random::{Purpose, Streams};
use crate::time::Duration;
use petgraph::graph::NodeIndex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The most routers of a generated graph.
const MOST_ROUTERS: u32 = 100_000;
/// The stream of router graphs; overlays have that of 0.
const STREAM: u64 = 1;

/// `[network.routers.generate]`: routers linked as a generator of `[topology]` links peers. Their
/// links take `link_latency`; those of a Waxman graph instead their length times `scale`, if that is
/// given, the side of the square being 1. Another graph for each seed.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct GenerateConfig {
    /// How many routers. Needed but for `transit-stub`, whose domains say how many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 2, max = 100000))]
    pub routers: Option<u32>,
    /// The generator and its settings, as in `[topology]`.
    pub graph: TopologyConfig,
    /// One-way delay of the links between transit routers of a `transit-stub` graph, within a domain
    /// and between two. Default `link_latency`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transit_latency: Option<Duration>,
}

impl GenerateConfig {
    /// How many routers; nothing if that is left out.
    pub fn count(&self) -> Option<u32> {
        match &self.graph {
            TopologyConfig::TransitStub(domains) => domains.domains().peers().or(self.routers),
            _ => self.routers,
        }
    }

    /// One line for results.
    pub(in crate::network) fn about(&self) -> String {
        let routers = self.count().unwrap_or(0);
        format!("{routers} routers, {} graph", self.graph.name())
    }

    /// Adds what is wrong across fields, those of `[network.routers]` among them.
    pub(super) fn validate(&self, routers: &RoutersConfig, problems: &mut Vec<Problem>) {
        let of_files = [
            ("format", routers.format.is_some()),
            ("values", routers.values.is_some()),
            ("unit", routers.unit.is_some()),
        ];
        for (key, _) in of_files.into_iter().filter(|(_, given)| *given) {
            let message = "says what a file holds, and the routers are generated";
            problem(problems, key, message, "leave it out");
        }
        let mut own = Vec::new();
        self.graph.validate(&mut own);
        match self.count() {
            _ if !self.graph.files().is_empty() => {
                let help = "name the file as `file` of [network.routers]";
                problem(problems, "generate.graph", "a graph from a file", help);
            }
            None => {
                let help = "add `routers`, such as routers = 1000";
                problem(problems, "generate", "how many routers?", help);
            }
            Some(count) if !(2..=MOST_ROUTERS).contains(&count) => {
                let message = format!("{count} routers");
                let help = format!("from 2 to {MOST_ROUTERS}");
                problem(problems, "generate.routers", &message, &help);
            }
            Some(count) => {
                let given = self.routers.unwrap_or(count);
                self.graph.validate_for(given, &mut own);
            }
        }
        problems.extend(own.into_iter().map(|(key, message, help)| {
            // The generators speak of peers.
            let said = |text: String| text.replace("peers", "routers");
            (format!("generate.graph.{key}"), said(message), said(help))
        }));
        let waxman = matches!(self.graph, TopologyConfig::Waxman(_));
        let transit_stub = matches!(self.graph, TopologyConfig::TransitStub(_));
        if routers.link_latency.is_none() && !(waxman && routers.scale.is_some()) {
            let help = if waxman {
                "add `scale`, the delay across the side of the square, or `link_latency`"
            } else {
                "add `link_latency`, such as link_latency = \"5 ms\""
            };
            problem(problems, "generate", "links without delays", help);
        }
        if routers.scale.is_some() && !waxman {
            let message = "a delay by distance, and these routers have no places";
            let help = "give `link_latency`, or take a `waxman` graph";
            problem(problems, "scale", message, help);
        }
        if self.transit_latency.is_some() && !transit_stub {
            let help = "give `link_latency`, or take a `transit-stub` graph";
            problem(
                problems,
                "generate.transit_latency",
                "no transit routers",
                help,
            );
        }
        if self.transit_latency.is_some_and(Duration::is_zero) {
            let help = "give links a delay";
            problem(problems, "generate.transit_latency", "zero", help);
        }
    }

    /// The routers of a run.
    ///
    /// # Errors
    /// As [`TopologyConfig::generate`].
    pub fn graph(&self, streams: &Streams) -> Result<RouterGraph, BuildError> {
        let count = self.count().unwrap_or(0);
        let mut rng = streams.chacha(Purpose::Topology, STREAM);
        let (shape, places) = self.graph.placed(count, &Files::default(), &mut rng)?;
        let mut graph = RouterGraph {
            // No delay of it is anything but one-way.
            one_way: true,
            directed: shape.is_directed(),
            ..RouterGraph::default()
        };
        let wrong =
            |error: TextError| BuildError::config("network.routers.generate", error.message);
        for router in 0..count {
            let place = places.get(router as usize);
            graph
                .add(Router {
                    name: router.to_string(),
                    position: place.map(|&[x, y]| Position::Plane { x, y }),
                    ..Router::default()
                })
                .map_err(wrong)?;
        }
        let transit = match &self.graph {
            TopologyConfig::TransitStub(domains) => domains.domains().transit_routers(),
            _ => 0,
        };
        for (a, b) in shape.edges() {
            let inside = a.0 < transit && b.0 < transit;
            let link = Link {
                delay: self.transit_latency.filter(|_| inside).map(Delay::Time),
                at: At::default(),
                ..Link::default()
            };
            graph
                .link(NodeIndex::new(a.index()), NodeIndex::new(b.index()), link)
                .map_err(wrong)?;
        }
        Ok(graph)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{Network, NetworkConfig};
    use crate::peer::{PeerId, Population};

    fn config(toml: &str) -> RoutersConfig {
        toml::from_str(toml).expect("valid TOML")
    }

    fn network(toml: &str, peers: u32, seed: u64) -> Result<Network, String> {
        let config = NetworkConfig {
            constant: None,
            routers: Some(config(toml)),
            last_mile: Some(Duration::ZERO),
            ..NetworkConfig::default()
        };
        let population = Population::uniform(peers);
        Network::build(&config, &Files::default(), &population, &Streams::new(seed))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn links_of_a_waxman_graph_take_their_length() {
        let toml = "scale = \"30 ms\"\n[generate]\nrouters = 200\n\
                    graph.waxman = { density = \"60 %\", reach = 0.3, connected = true }";
        let config = config(toml);
        let generate = config.generate.as_ref().expect("given");
        let graph = generate.graph(&Streams::new(1)).expect("valid");
        let delays = config_delays(&graph, &config);
        for ((a, b, _), delay) in graph.links().zip(delays) {
            let places = [a, b].map(|router| graph.router(router).position);
            let (Some(Position::Plane { x, y }), Some(Position::Plane { x: u, y: v })) =
                (places[0], places[1])
            else {
                panic!("routers of a Waxman graph have places");
            };
            let length = ((x - u) * (x - u) + (y - v) * (y - v)).sqrt();
            assert!((delay.as_millis_f64() - 30.0 * length).abs() < 1e-5);
        }
        // Detours make paths longer than the straight line, and never shorter.
        let network = network(toml, 200, 1).expect("connected");
        for (a, b) in [(0, 1), (5, 90), (17, 199)].map(|(a, b)| (PeerId(a), PeerId(b))) {
            let at = |peer| {
                graph
                    .router(network.place(peer).expect("a router"))
                    .position
            };
            let straight = at(a).zip(at(b)).and_then(|(a, b)| a.delay(b, config.scale));
            assert!(network.delay(a, b) + Duration::from_nanos(100) >= straight.expect("places"));
        }
    }

    fn config_delays(graph: &RouterGraph, config: &RoutersConfig) -> Vec<Duration> {
        graph.delays(config).expect("every link has a delay")
    }

    #[test]
    fn transit_links_have_their_own_delay() {
        let toml = "link_latency = \"2 ms\"\n[generate]\ntransit_latency = \"20 ms\"\n\
                    graph.transit-stub = { transits = 2, transit_size = 1, stubs = 1, stub_size = 1 }";
        // Stub, transit, transit, stub: in a row.
        let network = network(toml, 4, 3).expect("valid");
        let mut delays: Vec<u64> = (0..4)
            .flat_map(|a| (0..a).map(move |b| (PeerId(a), PeerId(b))))
            .map(|(a, b)| network.delay(a, b).as_nanos() / 1_000_000)
            .collect();
        delays.sort_unstable();
        assert_eq!(delays, [2, 2, 20, 22, 22, 24]);
        assert_eq!(
            network.about(),
            "shortest paths by delay over 4 routers, transit-stub graph: one-way link delays"
        );
    }

    #[test]
    fn every_generator_makes_routers_and_another_graph_for_each_seed() {
        let size = "[generate]\nrouters = 100\n";
        for graph in [
            "regular = { degree = 4, connected = true }",
            "erdos-renyi = { mean_degree = 6, connected = true }",
            "k-out = { k = 3, connected = true }",
            "watts-strogatz = { reach = 2, rewired = \"10 %\", connected = true }",
            "barabasi-albert = { links = 2 }",
            "waxman = { density = \"50 %\", reach = 0.3, connected = true }",
            "ring = {}",
            "star = {}",
            "tree = { children = 3 }",
            "grid = { torus = true }",
            "full = {}",
        ] {
            let toml = format!("link_latency = \"1 ms\"\n{size}graph = {{ {graph} }}");
            let delays = |seed| {
                let network = network(&toml, 200, seed).unwrap_or_else(|e| panic!("{graph}: {e}"));
                (1..200)
                    .map(|to| network.delay(PeerId(0), PeerId(to)))
                    .collect::<Vec<_>>()
            };
            assert_ne!(delays(1), delays(2), "{graph}");
            assert_eq!(delays(1), delays(1), "{graph}");
        }
    }

    #[test]
    fn a_graph_in_parts_says_so() {
        let parts = "link_latency = \"1 ms\"\n[generate]\nrouters = 100\n\
                     graph.erdos-renyi = { mean_degree = 1 }";
        let said = network(parts, 10, 1).expect_err("in parts");
        assert!(
            said.starts_with("network.routers.generate: no path from"),
            "{said}"
        );
        assert!(network(&format!("largest_part = true\n{parts}"), 10, 1).is_ok());
    }
}
