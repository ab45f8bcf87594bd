//! `[topology]` in a scenario: which overlay graph.

use crate::input::{BuildError, Files};
use crate::network::config::{Problem, problem};
use crate::network::graph::generated::{
    BarabasiAlbertTopology, GridTopology, TransitStubTopology, TreeTopology, WattsStrogatzTopology,
    WaxmanTopology,
};
use crate::network::graph::{
    Graph, barabasi_albert, connect::connect, edge_list, erdos_renyi, k_out, regular,
};
use crate::peer::{PeerId, Population};
use crate::random::{Purpose, Streams};
use rand::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The most peers of a full mesh: sixteen million links.
const MOST_FULL: u32 = 4096;
/// Positions in the list of links are 32 bits, with room to spare.
const MOST_LINKS: f64 = 2e9;

/// `[topology]`: the overlay graph of protocols that are given their neighbours. One of `regular`,
/// `erdos-renyi`, `k-out`, `watts-strogatz`, `barabasi-albert`, `waxman`, `transit-stub`, `ring`,
/// `star`, `tree`, `grid`, `full` and `edges`.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum TopologyConfig {
    /// Everybody has the same number of random neighbours.
    Regular(RegularTopology),
    /// Each pair is linked with the same probability.
    ErdosRenyi(ErdosRenyiTopology),
    /// Everybody chooses so many others.
    KOut(KOutTopology),
    /// A ring with shortcuts.
    WattsStrogatz(WattsStrogatzTopology),
    /// Who has many links gets more.
    BarabasiAlbert(BarabasiAlbertTopology),
    /// Near ones are linked rather than far ones.
    Waxman(WaxmanTopology),
    /// Transit domains, and stub domains that hang on them.
    TransitStub(TransitStubTopology),
    /// A ring.
    Ring(RingTopology),
    /// Everybody is linked with the first peer, and with nobody else.
    Star {},
    /// A tree.
    Tree(TreeTopology),
    /// Rows and columns.
    Grid(GridTopology),
    /// Everybody is linked with everybody; at most 4096 peers.
    Full {},
    /// A graph from a file.
    Edges(EdgeListTopology),
}

/// `[topology.regular]`: a random simple graph in which everybody has the same degree (the pairing
/// model, repaired by switchings). If peers x degree is odd, one peer has one link less.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct RegularTopology {
    /// Neighbours of each peer.
    #[schemars(range(min = 1, max = 1024))]
    pub degree: u32,
    /// Whether to join separate parts by switching links, which keeps all degrees from 2 on.
    /// Default false: from degree 3 on parts are rare (degree 2 is a set of rings).
    #[serde(default)]
    pub connected: bool,
}

/// `[topology.erdos-renyi]`: G(n, p) with p = `mean_degree` / (n - 1).
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct ErdosRenyiTopology {
    /// Mean number of neighbours. Below ln n, expect peers without any.
    #[schemars(range(min = 0.0, max = 1024.0))]
    pub mean_degree: f64,
    /// Whether to join separate parts by switching links, which keeps the degrees of all that have
    /// neighbours where there are cycles to spare. Default false.
    #[serde(default)]
    pub connected: bool,
}

/// `[topology.k-out]`: each peer chooses `k` different others at random.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct KOutTopology {
    /// How many others each chooses.
    #[schemars(range(min = 1, max = 1024))]
    pub k: u32,
    /// Whether a link is used only by the peer that chose it. Default false: both ways.
    #[serde(default)]
    pub directed: bool,
    /// Whether to join separate parts by switching links, which keeps all degrees from `k` = 2
    /// on; not with
    /// `directed`. Default false.
    #[serde(default)]
    pub connected: bool,
}

/// `[topology.ring]`: each linked with the next `reach` on either side.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct RingTopology {
    /// Neighbours on either side. Default 1.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 512))]
    pub reach: u32,
}

fn one() -> u32 {
    1
}

/// `[topology.edges]`: an undirected graph from a file, a link per line: two names, separated by
/// blanks, tabs or a comma; `#` begins a comment. Peers are numbered in order of first mention; the
/// file has to name as many as there are peers.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct EdgeListTopology {
    /// The file, relative to the scenario.
    pub file: String,
    /// Whether to join separate parts by switching links. Default false.
    #[serde(default)]
    pub connected: bool,
}

impl TopologyConfig {
    /// The paths of the files this configuration names.
    pub fn files(&self) -> Vec<String> {
        match self {
            Self::Edges(edges) => vec![edges.file.clone()],
            _ => Vec::new(),
        }
    }

    /// Adds what is wrong across fields.
    pub fn validate(&self, problems: &mut Vec<Problem>) {
        match self {
            Self::KOut(k_out) if k_out.directed && k_out.connected => {
                let help = "leave out one of them";
                problem(
                    problems,
                    "k-out.connected",
                    "does not go with `directed`",
                    help,
                );
            }
            Self::ErdosRenyi(random) if !(0.0..=1024.0).contains(&random.mean_degree) => {
                let help = "give a mean degree from 0 to 1024";
                problem(problems, "erdos-renyi.mean_degree", "out of range", help);
            }
            Self::Waxman(waxman) => waxman.validate(problems),
            Self::TransitStub(domains) => domains.validate(problems),
            Self::Tree(tree) if tree.children == 0 => {
                problem(problems, "tree.children", "no children", "give one or more");
            }
            _ => {}
        }
    }

    /// Adds what is wrong with a graph of so many peers, as far as it shows without its file.
    pub fn validate_for(&self, peers: u32, problems: &mut Vec<Problem>) {
        let (key, degree) = match self {
            Self::Regular(config) => ("regular.degree", f64::from(config.degree)),
            Self::ErdosRenyi(config) => ("erdos-renyi.mean_degree", config.mean_degree),
            Self::KOut(config) => ("k-out.k", f64::from(config.k)),
            Self::Ring(config) => ("ring.reach", f64::from(config.reach)),
            Self::Full {} if peers > MOST_FULL => {
                let message = format!("a full mesh of {peers} peers is too large");
                let help = format!("at most {MOST_FULL} peers, or `[topology.regular]`");
                return problem(problems, "full", &message, &help);
            }
            Self::WattsStrogatz(config) => ("watts-strogatz.reach", 2.0 * f64::from(config.reach)),
            Self::BarabasiAlbert(config) => ("barabasi-albert.links", f64::from(config.links)),
            Self::TransitStub(config) => {
                config.validate_for(peers, problems);
                ("transit-stub.mean_degree", config.mean_degree)
            }
            Self::Waxman(_) => return WaxmanTopology::validate_for(peers, problems),
            Self::Grid(config) => return config.validate_for(peers, problems),
            Self::Star {} | Self::Tree(_) | Self::Full {} | Self::Edges(_) => return,
        };
        let each = matches!(
            self,
            Self::Regular(_) | Self::KOut(_) | Self::WattsStrogatz(_) | Self::BarabasiAlbert(_)
        );
        if each && degree >= f64::from(peers) {
            let message = format!("{degree} neighbours want more than {peers} peers");
            let both_sides = matches!(self, Self::WattsStrogatz(_));
            let most = peers.saturating_sub(1) / if both_sides { 2 } else { 1 };
            let help = format!("at most {most}, or more `peers`");
            problem(problems, key, &message, &help);
        }
        let links = degree * f64::from(peers);
        if links >= MOST_LINKS {
            let message = format!("{links} links are more than a graph can hold");
            let help = format!("{peers} peers, each with {degree}: make one of them smaller");
            problem(problems, key, &message, &help);
        }
    }

    /// The graph over all peers, drawn from [`Purpose::Topology`].
    ///
    /// # Errors
    /// See [`TopologyConfig::generate`].
    pub fn build(
        &self,
        files: &Files,
        population: &Population,
        streams: &Streams,
    ) -> Result<Graph, BuildError> {
        let mut rng = streams.chacha(Purpose::Topology, 0);
        self.generate(population.len(), files, &mut rng)
    }

    /// As scenario files name it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Regular(_) => "regular",
            Self::ErdosRenyi(_) => "erdos-renyi",
            Self::KOut(_) => "k-out",
            Self::WattsStrogatz(_) => "watts-strogatz",
            Self::BarabasiAlbert(_) => "barabasi-albert",
            Self::Waxman(_) => "waxman",
            Self::TransitStub(_) => "transit-stub",
            Self::Ring(_) => "ring",
            Self::Star {} => "star",
            Self::Tree(_) => "tree",
            Self::Grid(_) => "grid",
            Self::Full {} => "full",
            Self::Edges(_) => "edges",
        }
    }

    /// A graph over `peers` peers.
    ///
    /// # Errors
    /// If the degree is not below the number of peers, a full mesh would be too large, or a file
    /// does not hold a graph of so many peers.
    pub fn generate(
        &self,
        peers: u32,
        files: &Files,
        rng: &mut impl Rng,
    ) -> Result<Graph, BuildError> {
        self.placed(peers, files, rng).map(|(graph, _)| graph)
    }

    /// The same, and where everybody is in a unit square if the generator puts them there (`waxman`).
    ///
    /// # Errors
    /// As [`TopologyConfig::generate`].
    pub fn placed(
        &self,
        peers: u32,
        files: &Files,
        rng: &mut impl Rng,
    ) -> Result<(Graph, Vec<[f64; 2]>), BuildError> {
        let mut problems = Vec::new();
        self.validate(&mut problems);
        self.validate_for(peers, &mut problems);
        if let Some((key, message, help)) = problems.into_iter().next() {
            let key = format!("topology.{key}");
            return Err(BuildError::config(key, format!("{message}; {help}")));
        }
        let mut places = Vec::new();
        let (graph, connected) = match self {
            Self::Regular(config) => (regular(peers, config.degree, rng), config.connected),
            Self::WattsStrogatz(config) => (config.generate(peers, rng), config.connected),
            Self::BarabasiAlbert(config) => (barabasi_albert(peers, config.links, rng), false),
            Self::Waxman(config) => {
                let graph;
                (graph, places) = config.generate(peers, rng);
                (graph, config.connected)
            }
            Self::TransitStub(config) => (config.generate(rng), false),
            Self::Star {} => (Graph::star(peers), false),
            Self::Tree(config) => (Graph::tree(peers, config.children), false),
            Self::Grid(config) => (config.generate(peers), false),
            Self::ErdosRenyi(config) => {
                let graph = erdos_renyi(peers, config.mean_degree, rng);
                (graph, config.connected)
            }
            Self::KOut(config) => (
                k_out(peers, config.k, config.directed, rng),
                config.connected,
            ),
            Self::Ring(config) => (Graph::ring(peers, config.reach), false),
            Self::Full {} => (Graph::full(peers), false),
            Self::Edges(config) => {
                let text = files.get("topology.edges.file", &config.file)?;
                let graph = edge_list::read(text).map_err(|e| e.in_file(&config.file))?;
                if graph.peers() != peers {
                    let found = graph.peers();
                    let message = format!("the file names {found} peers, the run has {peers}");
                    return Err(BuildError::config("topology.edges.file", message));
                }
                (graph, config.connected)
            }
        };
        debug_assert!(graph.edges().all(|(a, b)| a != b && b < PeerId(peers)));
        let graph = if connected {
            connect(graph, rng)
        } else {
            graph
        };
        Ok((graph, places))
    }
}
