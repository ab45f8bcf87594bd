//! Graphs by their closed forms, and the graphs and delays that others measured.

use super::judge::{Claim, Row};
use crate::input::Files;
use crate::math::stats::quantile;
use crate::network::graph::{
    Graph, GraphStats, barabasi_albert, barabasi_albert_share, grid_mean_path, star_mean_path,
    torus_mean_path, tree_mean_path, watts_strogatz, waxman, waxman_probability,
};
use crate::network::routers::{RouterFormat, RouterGraph, read};
use crate::network::{Network, NetworkConfig};
use crate::peer::{PeerId, Population};
use crate::random::{Purpose, Streams};
use std::collections::BTreeMap;
use std::path::PathBuf;

const N4: Claim = Claim {
    id: "N4",
    source: "Barabasi & Albert 1999; Dorogovtsev et al. 2000; Cohen et al. 2000",
};
const N5: Claim = Claim {
    id: "N5",
    source: "Watts & Strogatz 1998; Barrat & Weigt 2000",
};
const WAXMAN: Claim = Claim {
    id: "Waxman",
    source: "Waxman, JSAC 1988",
};
const SHAPES: Claim = Claim {
    id: "shapes",
    source: "path lengths of grid, torus, star, tree (Wiener 1947)",
};
const SNAP: Claim = Claim {
    id: "SNAP",
    source: "SNAP; counted with networkx 3.6",
};
const ZOO: Claim = Claim {
    id: "Zoo",
    source: "Knight et al., JSAC 2011 (links of the files)",
};
const M5: Claim = Claim {
    id: "M5",
    source: "OverSim, nodes_2d_15000.xml (1 ms one-way a unit)",
};
const SHADOW: Claim = Claim {
    id: "Shadow",
    source: "network graph of Shadow's format, 20 nodes",
};

/// All rows of this file.
pub(super) fn rows(quick: bool) -> Vec<Row> {
    let mut rows = generators(quick);
    rows.extend(shapes());
    rows.extend(graphs());
    rows.extend(coordinates());
    rows.extend(shadow());
    rows
}

fn stats(graph: &Graph) -> GraphStats {
    let mut rng = Streams::new(1).chacha(Purpose::Analysis, 3);
    GraphStats::of(graph, &mut rng)
}

fn generators(quick: bool) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut rng = Streams::new(1).chacha(Purpose::Analysis, 2);
    let count = if quick { 3 } else { 10 };
    for (p, expected) in [(0.0, 2.0 / 3.0), (0.01, 0.6469), (0.1, 0.4860)] {
        let found: Vec<f64> = (0..count)
            .map(|_| stats(&watts_strogatz(4000, 5, p, &mut rng)).transitivity)
            .collect();
        let what = format!("clustering of a small world, K = 10, p = {p}");
        rows.push(N5.near(what, expected, &found, 0.02));
    }
    let ring = stats(&watts_strogatz(1000, 5, 0.0, &mut rng)).paths.mean;
    // Each hop covers up to five: sum of ceil(d / 5) over d to 499, twice, and 100 once, over 999.
    let exact = (2.0 * (5.0 * 99.0 * 100.0 / 2.0 + 4.0 * 100.0) + 100.0) / 999.0;
    let what = "mean path of a small world, n = 1000, K = 10, p = 0".to_owned();
    rows.push(N5.within(what, exact, ring, 1e-9));
    let (peers, m) = (100_000, 3);
    let graphs: Vec<Graph> = (0..count)
        .map(|_| barabasi_albert(peers, m, &mut rng))
        .collect();
    let mean = stats_of(&graphs, |graph| {
        2.0 * graph.edge_count() as f64 / f64::from(peers)
    });
    rows.push(N4.near(
        "mean degree of a growing graph, m = 3".to_owned(),
        6.0,
        &mean,
        0.001,
    ));
    for degree in [3, 4, 6, 10] {
        let share = |graph: &Graph| {
            let fits = |&peer: &u32| graph.degree(PeerId(peer)) == degree as usize;
            (0..peers).filter(fits).count() as f64 / f64::from(peers)
        };
        let what = format!("share of degree {degree}, m = 3");
        let expected = barabasi_albert_share(m, degree);
        rows.push(N4.near(what, expected, &stats_of(&graphs, share), 0.03));
    }
    // The exponent by maximum likelihood (Clauset, Shalizi & Newman, SIAM Review 2009, eq. 3.7).
    let exponent = |graph: &Graph| {
        let degrees = (0..peers).map(|peer| graph.degree(PeerId(peer)));
        let tail: Vec<f64> = degrees.filter(|&k| k >= 30).map(|k| k as f64).collect();
        let logs: f64 = tail.iter().map(|k| crate::math::ln(k / 29.5)).sum();
        1.0 + tail.len() as f64 / logs
    };
    let what = "exponent of the degrees from 30 on, m = 3".to_owned();
    rows.push(N4.near(what, 3.0, &stats_of(&graphs, exponent), 0.05));
    let broken: Vec<f64> = (0..count)
        .map(|_| attack(&barabasi_albert(10_000, 2, &mut rng)))
        .collect();
    let what = "share of hubs whose loss breaks a growing graph, n = 10 000, m = 2".to_owned();
    rows.push(N4.near(what, 0.185, &broken, 0.19));
    let (density, reach) = (0.4, 0.15);
    let ratios: Vec<f64> = (0..count)
        .map(|_| {
            let (graph, places) = waxman(2000, density, reach, &mut rng);
            let pairs = (0..places.len()).flat_map(|b| (0..b).map(move |a| (a, b)));
            let expected: f64 = pairs
                .map(|(a, b)| {
                    let (x, y) = (places[a][0] - places[b][0], places[a][1] - places[b][1]);
                    waxman_probability((x * x + y * y).sqrt(), density, reach)
                })
                .sum();
            graph.edge_count() as f64 / expected
        })
        .collect();
    let what = "links over their expected number, given the places".to_owned();
    rows.push(WAXMAN.near(what, 1.0, &ratios, 0.01));
    rows
}

/// The share of peers, those with the most links first, whose loss breaks a graph: where the second
/// component is largest (Albert, Jeong & Barabasi, Nature 406, 2000).
fn attack(graph: &Graph) -> f64 {
    let peers = graph.peers();
    let mut order: Vec<u32> = (0..peers).collect();
    order.sort_by_key(|&peer| std::cmp::Reverse(graph.degree(PeerId(peer))));
    let mut rank = vec![0; peers as usize];
    for (place, &peer) in order.iter().enumerate() {
        rank[peer as usize] = place as u32;
    }
    let second = |percent: u32| {
        let lost = peers / 100 * percent;
        let mut sizes = graph
            .components_among(|peer| rank[peer.index()] >= lost)
            .sizes;
        sizes.sort_unstable_by(|a, b| b.cmp(a));
        (
            sizes.get(1).copied().unwrap_or(0),
            std::cmp::Reverse(percent),
        )
    };
    let breaks = (1..50).map(second).max();
    breaks.map_or(f64::NAN, |(_, percent)| f64::from(percent.0) / 100.0)
}

fn stats_of(graphs: &[Graph], of: impl Fn(&Graph) -> f64) -> Vec<f64> {
    graphs.iter().map(of).collect()
}

fn shapes() -> Vec<Row> {
    let cases = [
        (
            "grid of 20 x 30",
            Graph::grid(20, 30, false),
            grid_mean_path(20, 30),
            48,
        ),
        (
            "torus of 20 x 30",
            Graph::grid(20, 30, true),
            torus_mean_path(20, 30),
            25,
        ),
        ("star of 500", Graph::star(500), star_mean_path(500), 2),
        (
            "binary tree of 1023",
            Graph::tree(1023, 2),
            tree_mean_path(1023, 2),
            18,
        ),
    ];
    let both = |(name, graph, mean, diameter): (&str, Graph, f64, u32)| {
        let found = stats(&graph).paths;
        let longest = f64::from(found.longest);
        [
            SHAPES.within(format!("{name}: mean path"), mean, found.mean, 1e-9),
            SHAPES.exact(format!("{name}: diameter"), f64::from(diameter), longest),
        ]
    };
    cases.into_iter().flat_map(both).collect()
}

fn missing(claim: Claim, what: &str, expected: f64) -> Row {
    let why = "the data sets are not here (SIM_DATA names their folder)";
    claim.skipped(what.to_owned(), expected, why)
}

/// Graphs that others measured: nodes, links, clustering, triangles.
fn graphs() -> Vec<Row> {
    let lists = [
        (
            "snap-gnutella/p2p-Gnutella08.txt",
            6301.0,
            20_777.0,
            Some(GNUTELLA08),
        ),
        ("snap-gnutella/p2p-Gnutella31.e", 62_586.0, 147_892.0, None),
        ("as-graphs/as20000102.txt", 6474.0, 12_572.0, Some(AS2000)),
        (
            "as-graphs/as-caida20070917.txt",
            8020.0,
            18_203.0,
            Some(CAIDA2007),
        ),
        (
            "goerli-topology/goerliTopology.edgelist",
            1355.0,
            19_146.0,
            Some(GOERLI),
        ),
        (
            "router-topologies/RocketFuel_toposample_1239_weights.txt",
            315.0,
            972.0,
            Some(ROCKETFUEL),
        ),
    ];
    let mut rows = Vec::new();
    for (file, nodes, links, more) in lists {
        let Some(text) = data(file) else {
            rows.push(missing(SNAP, &format!("{file}: nodes"), nodes));
            continue;
        };
        let graph = read(RouterFormat::Links, &text).map(|graph| graph.shape(false));
        let found = graph.ok().map(|graph| stats(&graph));
        let value = |of: fn(&GraphStats) -> f64| found.as_ref().map_or(f64::NAN, of);
        rows.push(SNAP.exact(format!("{file}: nodes"), nodes, value(|s| s.peers.into())));
        let what = format!("{file}: links, both directions as one");
        rows.push(SNAP.exact(what, links, value(|s| s.links as f64)));
        if let Some((clustering, triangles)) = more {
            let what = format!("{file}: clustering");
            rows.push(SNAP.within(what, clustering, value(|s| s.clustering), 5e-5));
            let what = format!("{file}: triangles");
            rows.push(SNAP.exact(what, triangles, value(|s| s.triangles as f64)));
        }
    }
    let zoo = [
        ("Abilene", 11.0, 14.0),
        ("Sprint", 11.0, 18.0),
        ("AttMpls", 25.0, 57.0),
        ("Geant2012", 40.0, 62.0),
        ("Renater2010", 43.0, 56.0),
        ("Uninett2010", 74.0, 101.0),
        ("Interoute", 110.0, 158.0),
        ("TataNld", 145.0, 194.0),
        ("Cogentco", 197.0, 245.0),
        ("Kdl", 754.0, 899.0),
    ];
    for (name, nodes, links) in zoo {
        let Some(text) = data(&format!("topology-zoo/{name}.graphml")) else {
            rows.push(missing(ZOO, &format!("{name}: nodes"), nodes));
            continue;
        };
        let graph = read(RouterFormat::Graphml, &text).ok();
        let found = graph.as_ref().map_or(f64::NAN, |graph| graph.len() as f64);
        rows.push(ZOO.exact(format!("{name}: nodes"), nodes, found));
        // Links within a point of presence are in the files' counts.
        let found = graph.as_ref().map_or(f64::NAN, |graph| {
            let own = graph
                .routers()
                .filter(|router| router.own.is_some())
                .count();
            (graph.link_count() + own) as f64
        });
        rows.push(ZOO.exact(format!("{name}: links"), links, found));
    }
    rows
}

const GNUTELLA08: (f64, f64) = (0.0109, 2383.0);
const AS2000: (f64, f64) = (0.2522, 6584.0);
const GOERLI: (f64, f64) = (0.17955, 51_661.0);
const CAIDA2007: (f64, f64) = (0.27104, 21_278.0);
const ROCKETFUEL: (f64, f64) = (0.45080, 892.0);

/// M5: mean and quantiles of delays between random pairs of `OverSim`'s hosts.
fn coordinates() -> Vec<Row> {
    let quantiles = [(0.10, 15.6), (0.50, 69.8), (0.90, 156.7), (0.99, 248.7)];
    let mean = "mean delay between hosts in ms".to_owned();
    let Some(text) = data("oversim-coordinates/nodes_2d_15000.xml") else {
        return vec![missing(M5, &mean, 78.6)];
    };
    let toml = "last_mile = \"0 s\"\ncoordinates = { file = \"n.xml\", values = \"one-way\" }";
    let network = network(toml, "n.xml", text, 15_000);
    let mut delays = Vec::new();
    if let Some(network) = &network {
        // Each host with forty others, at strides that meet all alike.
        for from in 0..15_000u32 {
            for step in 1..=40 {
                let to = (from + step * 367) % 15_000;
                delays.push(network.delay(PeerId(from), PeerId(to)).as_millis_f64());
            }
        }
    }
    if delays.is_empty() {
        return vec![M5.exact(mean, 78.6, f64::NAN)];
    }
    delays.sort_by(f64::total_cmp);
    let found = delays.iter().sum::<f64>() / delays.len() as f64;
    let mut rows = vec![M5.within(mean, 78.6, found, 0.786)];
    for (q, value) in quantiles {
        let what = format!("{} % of delays in ms", (q * 100.0) as u32);
        rows.push(M5.within(what, value, quantile(&delays, q), value * 0.01));
    }
    rows
}

/// A graph as Shadow has it: all nodes linked, each with a link to itself.
fn shadow() -> Vec<Row> {
    let what = "nodes of the sample".to_owned();
    let Some(text) = data("shadow-gml/20_node_graph.gml") else {
        return vec![missing(SHADOW, &what, 20.0)];
    };
    let graph = read(RouterFormat::Gml, &text).ok();
    let count =
        |of: fn(&RouterGraph) -> usize| graph.as_ref().map_or(f64::NAN, |graph| of(graph) as f64);
    vec![
        SHADOW.exact(what, 20.0, count(RouterGraph::len)),
        SHADOW.exact(
            "links between them".to_owned(),
            190.0,
            count(RouterGraph::link_count),
        ),
        SHADOW.exact(
            "links to themselves".to_owned(),
            20.0,
            count(|graph| {
                graph
                    .routers()
                    .filter(|router| router.own.is_some())
                    .count()
            }),
        ),
        SHADOW.exact(
            "nodes with bandwidth".to_owned(),
            20.0,
            count(|graph| {
                graph
                    .routers()
                    .filter(|r| r.up.is_some() && r.down.is_some())
                    .count()
            }),
        ),
    ]
}

fn network(toml: &str, file: &str, text: String, peers: u32) -> Option<Network> {
    let files = Files(BTreeMap::from([(file.to_owned(), text)]));
    let config = toml::from_str::<NetworkConfig>(toml).ok()?;
    Network::build(
        &config,
        &files,
        &Population::uniform(peers),
        &Streams::new(1),
    )
    .ok()
}

/// A data file, found beside the project or where `SIM_DATA` says.
fn data(file: &str) -> Option<String> {
    let named = std::env::var_os("SIM_DATA").map(PathBuf::from);
    let beside = [".", "..", "../..", "../../.."].map(|up| PathBuf::from(up).join("shared/data"));
    let folders = named.into_iter().chain(beside);
    folders
        .map(|folder| folder.join(file))
        .find_map(|path| std::fs::read_to_string(path).ok())
}
