//! `[topology]`: the generators of small worlds, growing graphs, places, and plain shapes.

use crate::network::config::{Problem, problem};
use crate::network::graph::transit_stub::Domains;
use crate::network::graph::{Graph, transit_stub, watts_strogatz, waxman};
use crate::quantity::Share;
use rand::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The most peers of a Waxman graph: every pair is looked at.
const MOST_WAXMAN: u32 = 50_000;

/// `[topology.watts-strogatz]`: a small world: the ring in which each is linked with the next
/// `reach` on either side, each link moved with probability `rewired` (Watts & Strogatz 1998).
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct WattsStrogatzTopology {
    /// Neighbours on either side before links are moved; the mean degree is twice as much.
    #[schemars(range(min = 1, max = 512))]
    pub reach: u32,
    /// The probability that a link is moved. 0 is a ring, 1 nearly a random graph.
    pub rewired: Share,
    /// Whether to join separate parts by switching links. Default false.
    #[serde(default)]
    pub connected: bool,
}

/// `[topology.barabasi-albert]`: each peer that comes links with `links` earlier ones, preferring
/// those with many links (Barabási & Albert 1999). Connected; degrees follow a power law of
/// exponent 3.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct BarabasiAlbertTopology {
    /// Links of each that comes; the mean degree is nearly twice as much.
    #[schemars(range(min = 1, max = 512))]
    pub links: u32,
}

/// `[topology.waxman]`: peers at random in a unit square, two at distance d linked with probability
/// `density` e^(-d / (`reach` L)), L being the diagonal (Waxman 1988). At most 50 000 peers.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct WaxmanTopology {
    /// The probability for two peers at one place (Waxman's beta).
    pub density: Share,
    /// How far links reach: larger means more long ones (Waxman's alpha).
    #[schemars(range(min = 0.001, max = 1000.0))]
    pub reach: f64,
    /// Whether to join separate parts by switching links. Default false.
    #[serde(default)]
    pub connected: bool,
}

/// `[topology.tree]`: a tree, filled row by row from the first peer.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct TreeTopology {
    /// Peers below each.
    #[schemars(range(min = 1, max = 1000000))]
    pub children: u32,
}

/// `[topology.grid]`: rows and columns, each peer linked with those beside, above and below it.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct GridTopology {
    /// How many rows; the peers have to fill them. Default: as square as the number of peers lets
    /// it be (a prime number of peers is one row).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub rows: Option<u32>,
    /// Whether rows and columns are closed to rings. Default false.
    #[serde(default)]
    pub torus: bool,
}

/// `[topology.transit-stub]`: transit domains linked with each other, and stub domains at each of
/// their routers, all of them connected random graphs (Zegura, Calvert & Bhattacharjee 1996). The
/// run has `transits` x `transit_size` x (1 + `stubs` x `stub_size`) peers, those of transit domains
/// first.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct TransitStubTopology {
    /// Transit domains.
    #[schemars(range(min = 1, max = 10000))]
    pub transits: u32,
    /// Peers in each.
    #[schemars(range(min = 1, max = 10000))]
    pub transit_size: u32,
    /// Stub domains at each peer of a transit domain.
    #[schemars(range(min = 1, max = 10000))]
    pub stubs: u32,
    /// Peers in each.
    #[schemars(range(min = 1, max = 10000))]
    pub stub_size: u32,
    /// Mean degree within a domain, and among transit domains. Default 3.
    #[serde(default = "three")]
    #[schemars(range(min = 0.0, max = 1024.0))]
    pub mean_degree: f64,
}

fn three() -> f64 {
    3.0
}

impl WattsStrogatzTopology {
    pub(super) fn generate(&self, peers: u32, rng: &mut impl Rng) -> Graph {
        watts_strogatz(peers, self.reach, self.rewired.0, rng)
    }
}

impl WaxmanTopology {
    /// The graph, and where everybody is.
    pub(super) fn generate(&self, peers: u32, rng: &mut impl Rng) -> (Graph, Vec<[f64; 2]>) {
        waxman(peers, self.density.0, self.reach, rng)
    }

    pub(super) fn validate(&self, problems: &mut Vec<Problem>) {
        if !(0.001..=1000.0).contains(&self.reach) {
            let help = "give 0.001 to 1000";
            problem(problems, "waxman.reach", "out of range", help);
        }
    }

    pub(super) fn validate_for(peers: u32, problems: &mut Vec<Problem>) {
        if peers > MOST_WAXMAN {
            let message = format!("a Waxman graph of {peers} peers is too large");
            let help = format!("at most {MOST_WAXMAN} peers: every pair is looked at");
            problem(problems, "waxman", &message, &help);
        }
    }
}

impl GridTopology {
    /// Rows for so many peers; nothing if they do not fill them.
    fn rows(&self, peers: u32) -> Option<u32> {
        let fills = |rows: &u32| *rows > 0 && peers.is_multiple_of(*rows);
        if let Some(rows) = self.rows {
            return Some(rows).filter(fills);
        }
        let flat = |&rows: &u32| u64::from(rows).pow(2) <= u64::from(peers);
        (1..=peers).take_while(flat).filter(fills).last()
    }

    pub(super) fn generate(&self, peers: u32) -> Graph {
        let rows = self.rows(peers).unwrap_or(1);
        Graph::grid(rows, peers / rows, self.torus)
    }

    pub(super) fn validate_for(&self, peers: u32, problems: &mut Vec<Problem>) {
        if let (Some(rows), None) = (self.rows, self.rows(peers)) {
            let message = format!("{peers} peers do not fill {rows} rows");
            let help = "a number of rows that divides the number of peers";
            problem(problems, "grid.rows", &message, help);
        }
    }
}

impl TransitStubTopology {
    /// How many domains of which size.
    pub fn domains(&self) -> Domains {
        Domains {
            transits: self.transits,
            transit_size: self.transit_size,
            stubs: self.stubs,
            stub_size: self.stub_size,
        }
    }

    pub(super) fn generate(&self, rng: &mut impl Rng) -> Graph {
        transit_stub(self.domains(), self.mean_degree, rng)
    }

    pub(super) fn validate(&self, problems: &mut Vec<Problem>) {
        if !(0.0..=1024.0).contains(&self.mean_degree) {
            let help = "give a mean degree from 0 to 1024";
            problem(problems, "transit-stub.mean_degree", "out of range", help);
        }
        let sizes = [self.transits, self.transit_size, self.stubs, self.stub_size];
        if sizes.contains(&0) {
            let help = "give one or more of each";
            problem(problems, "transit-stub", "a number of zero", help);
        }
    }

    pub(super) fn validate_for(&self, peers: u32, problems: &mut Vec<Problem>) {
        let wanted = self.domains().peers();
        if wanted != Some(peers) {
            let wanted = wanted.map_or("too many".to_owned(), |wanted| wanted.to_string());
            let message = format!("the domains have {wanted} peers, not {peers}");
            let help = "transits x transit_size x (1 + stubs x stub_size) peers";
            problem(problems, "transit-stub", &message, help);
        }
    }
}
