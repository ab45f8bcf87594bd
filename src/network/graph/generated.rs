//! `[topology]`: the generators of small worlds, growing graphs, places, and plain shapes.

use crate::network::config::{Problem, problem};
use crate::network::graph::transit_stub::Domains;
use crate::network::graph::{Graph, barabasi_albert, transit_stub, watts_strogatz, waxman};
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

/// A generated graph, or the key that is wrong and why.
pub(super) type Generated = Result<Graph, (&'static str, String)>;

impl WattsStrogatzTopology {
    pub(super) fn generate(&self, peers: u32, rng: &mut impl Rng) -> Generated {
        if u64::from(self.reach) * 2 >= u64::from(peers) {
            let message = format!("{} neighbours want more than {peers} peers", self.reach * 2);
            return Err(("watts-strogatz.reach", message));
        }
        Ok(watts_strogatz(peers, self.reach, self.rewired.0, rng))
    }
}

impl BarabasiAlbertTopology {
    pub(super) fn generate(&self, peers: u32, rng: &mut impl Rng) -> Generated {
        if self.links >= peers {
            let message = format!("{} neighbours want more than {peers} peers", self.links);
            return Err(("barabasi-albert.links", message));
        }
        Ok(barabasi_albert(peers, self.links, rng))
    }
}

impl WaxmanTopology {
    pub(super) fn generate(&self, peers: u32, rng: &mut impl Rng) -> Generated {
        if peers > MOST_WAXMAN {
            let message = format!("a Waxman graph of {peers} peers; {MOST_WAXMAN} at most");
            return Err(("waxman", message));
        }
        Ok(waxman(peers, self.density.0, self.reach, rng).0)
    }

    pub(super) fn validate(&self, problems: &mut Vec<Problem>) {
        if !(0.001..=1000.0).contains(&self.reach) {
            problem(
                problems,
                "waxman.reach",
                "out of range",
                "give 0.001 to 1000",
            );
        }
    }
}

impl GridTopology {
    pub(super) fn generate(&self, peers: u32) -> Generated {
        let square = || {
            let below =
                (1..=peers).take_while(|&r| u64::from(r) * u64::from(r) <= u64::from(peers));
            below
                .filter(|&rows| peers.is_multiple_of(rows))
                .last()
                .unwrap_or(1)
        };
        let rows = self.rows.unwrap_or_else(square);
        if rows == 0 || !peers.is_multiple_of(rows) {
            let message = format!("{peers} peers do not fill {rows} rows");
            return Err(("grid.rows", message));
        }
        Ok(Graph::grid(rows, peers / rows, self.torus))
    }
}

impl TransitStubTopology {
    pub(super) fn generate(&self, peers: u32, rng: &mut impl Rng) -> Generated {
        let domains = Domains {
            transits: self.transits,
            transit_size: self.transit_size,
            stubs: self.stubs,
            stub_size: self.stub_size,
        };
        let wanted = domains.peers();
        if wanted != Some(peers) {
            let wanted = wanted.map_or("too many".to_owned(), |wanted| wanted.to_string());
            let message = format!("the domains have {wanted} peers, the run has {peers}");
            return Err(("transit-stub", message));
        }
        Ok(transit_stub(domains, self.mean_degree, rng))
    }

    pub(super) fn validate(&self, problems: &mut Vec<Problem>) {
        if !(0.0..=1024.0).contains(&self.mean_degree) {
            let help = "give a mean degree from 0 to 1024";
            problem(problems, "transit-stub.mean_degree", "out of range", help);
        }
        let sizes = [self.transits, self.transit_size, self.stubs, self.stub_size];
        if sizes.contains(&0) {
            problem(
                problems,
                "transit-stub",
                "a number of zero",
                "give one or more of each",
            );
        }
    }
}
