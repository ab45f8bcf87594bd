//! Graphs and delays that others measured, through the importers.

use super::data::{ABSENT, data, delays, mean, network};
use super::{Room, Source};
use crate::math::stats::quantile;
use crate::network::graph::{Graph, GraphStats};
use crate::network::routers::{RouterFormat, RouterGraph, read};
use crate::peer::PeerId;
use crate::random::{Purpose, Streams};
use crate::validate::Rule;

const SNAP: Source = Source {
    id: "snap",
    text: "the data sets' own counts; clustering and triangles by networkx 3.6",
};
const ZOO: Source = Source {
    id: "zoo",
    text: "Internet Topology Zoo (Knight et al., JSAC 29, 2011): counts of the files",
};
const M5: Source = Source {
    id: "M5",
    text: "OverSim, nodes_2d_15000.xml (1 ms one-way a unit)",
};
const PATHS: Source = Source {
    id: "path",
    text: "shortest paths by networkx 3.6",
};
const CLOUD: Source = Source {
    id: "aws",
    text: "cloudping.co, median round trips of AWS regions, computed from the file",
};
const ATLAS: Source = Source {
    id: "ripe",
    text: "RIPE Atlas 2025, country to country, gaps by shortest paths: computed from the file",
};

pub(super) fn claims(room: &mut Room<'_>) {
    room.say("measured graphs and delays (M5, SNAP, Topology Zoo, Shadow, AWS, RIPE Atlas)");
    graphs(room);
    rocketfuel(room);
    zoo(room);
    coordinates(room);
    paths(room);
    tables(room);
}

/// An edge list: file, nodes, links, clustering and triangles.
type Listed = (&'static str, f64, f64, Option<(f64, f64)>);

const LISTS: [Listed; 7] = [
    (
        "snap-gnutella/p2p-Gnutella08.txt",
        6301.0,
        20_777.0,
        Some((0.0109, 2383.0)),
    ),
    ("snap-gnutella/p2p-Gnutella31.e", 62_586.0, 147_892.0, None),
    (
        "as-graphs/as20000102.txt",
        6474.0,
        12_572.0,
        Some((0.2522, 6584.0)),
    ),
    (
        "as-graphs/as-caida20070917.txt",
        8020.0,
        18_203.0,
        Some((0.27104, 21_278.0)),
    ),
    (
        "goerli-topology/goerliTopology.edgelist",
        1355.0,
        19_146.0,
        Some((0.17955, 51_661.0)),
    ),
    (
        "router-topologies/RocketFuel_toposample_1239_weights.txt",
        315.0,
        972.0,
        Some((0.45080, 892.0)),
    ),
    (
        "router-topologies/Orbis_toposample.txt",
        1423.0,
        2769.0,
        Some((0.03198, 180.0)),
    ),
];

/// Nodes, links, clustering, triangles.
fn graphs(room: &mut Room<'_>) {
    for (file, nodes, links, more) in LISTS {
        let name = file.rsplit_once('/').map_or(file, |(_, name)| name);
        let found = data(file).map(|text| {
            let graph = read(RouterFormat::Links, &text).map(|graph| graph.shape(false));
            graph.ok().map(|graph| stats(&graph))
        });
        let mut claim = |what: &str, expected: f64, rule, of: fn(&GraphStats) -> f64| {
            let target = SNAP.claim(format!("{name}: {what}"), expected);
            match &found {
                Some(found) => {
                    let ours = found.as_ref().map_or(f64::NAN, of);
                    room.judge(target, &[ours], rule);
                }
                None => room.skip(target, rule, ABSENT),
            }
        };
        claim("nodes", nodes, Rule::Exact, |s| s.peers.into());
        let what = "links, both directions as one";
        claim(what, links, Rule::Exact, |s| s.links as f64);
        if let Some((clustering, triangles)) = more {
            let rule = Rule::Reported(0.005);
            claim("clustering", clustering, rule, |s| s.clustering);
            claim("triangles", triangles, Rule::Exact, |s| s.triangles as f64);
        }
    }
}

fn stats(graph: &Graph) -> GraphStats {
    let mut rng = Streams::new(1).chacha(Purpose::Analysis, 99);
    GraphStats::of(graph, &mut rng)
}

/// What is counted of a graph of routers.
type Count = fn(&RouterGraph) -> usize;

/// Exact counts of a graph of routers.
fn counted(
    room: &mut Room<'_>,
    source: Source,
    name: &str,
    (format, file): (RouterFormat, &str),
    counts: &[(&str, f64, Count)],
) {
    let graph = data(file).map(|text| read(format, &text).ok());
    for &(what, expected, of) in counts {
        let target = source.claim(format!("{name}: {what}"), expected);
        match &graph {
            Some(graph) => {
                let ours = graph.as_ref().map_or(f64::NAN, |graph| of(graph) as f64);
                room.judge(target, &[ours], Rule::Exact);
            }
            None => room.skip(target, Rule::Exact, ABSENT),
        }
    }
}

/// Routers that have a link to themselves.
fn own(graph: &RouterGraph) -> usize {
    let routers = graph.routers();
    routers.filter(|router| router.own.is_some()).count()
}

/// Routers that say what hosts may send and receive.
fn with_bandwidth(graph: &RouterGraph) -> usize {
    let both = graph.routers().map(|router| (router.up, router.down));
    both.filter(|(up, down)| up.is_some() && down.is_some())
        .count()
}

fn zoo(room: &mut Room<'_>) {
    for (name, nodes, links) in [
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
    ] {
        let file = format!("topology-zoo/{name}.graphml");
        // The files count links within a point of presence.
        let all: Count = |graph| graph.link_count() + own(graph);
        let counts = [
            ("nodes", nodes, RouterGraph::len as Count),
            ("links", links, all),
        ];
        counted(room, ZOO, name, (RouterFormat::Graphml, &file), &counts);
    }
}

/// The map's twelve routers and their links, counted by hand.
fn rocketfuel(room: &mut Room<'_>) {
    let file = "router-topologies/RocketFuel_sample_4755.r0.cch_maps.txt";
    let counts = [
        ("routers", 12.0, RouterGraph::len as Count),
        ("links", 12.0, RouterGraph::link_count),
    ];
    let name = "Rocketfuel, AS 4755";
    counted(room, SNAP, name, (RouterFormat::Rocketfuel, file), &counts);
}

/// M5: mean and quantiles of the delays between hosts with coordinates.
fn coordinates(room: &mut Room<'_>) {
    const HOSTS: u32 = 15_000;
    let file = data("oversim-coordinates/nodes_2d_15000.xml");
    let trips = file.map(|text| {
        let toml = "last_mile = \"0 s\"\ncoordinates = { file = \"n.xml\", values = \"one-way\" }";
        let mut delays = vec![];
        if let Some(network) = network(toml, "n.xml", text, HOSTS) {
            // Each host with forty others, at strides that meet all alike.
            for from in 0..HOSTS {
                let others = (1..=40).map(|step| PeerId((from + step * 367) % HOSTS));
                delays.extend(others.map(|to| network.delay(PeerId(from), to).as_millis_f64()));
            }
        }
        delays.sort_by(f64::total_cmp);
        delays
    });
    let rule = Rule::Reported(0.01);
    for (name, q, expected) in [
        ("mean delay, ms", None, 78.6),
        ("10 % of delays, ms", Some(0.10), 15.6),
        ("50 % of delays, ms", Some(0.50), 69.8),
        ("90 % of delays, ms", Some(0.90), 156.7),
        ("99 % of delays, ms", Some(0.99), 248.7),
    ] {
        let target = M5.claim(name, expected);
        let Some(trips) = &trips else {
            room.skip(target, rule, ABSENT);
            continue;
        };
        let ours = q.map_or_else(|| mean(trips), |q| quantile(trips, q));
        room.judge(target, &[ours], rule);
    }
}

/// A graph as Shadow has it, all nodes linked, each also with itself; and shortest paths over it and
/// over a graph of Inet-3.0.
fn paths(room: &mut Room<'_>) {
    let counts = [
        ("nodes", 20.0, RouterGraph::len as Count),
        ("links between them", 190.0, RouterGraph::link_count),
        ("links to themselves", 20.0, own),
        ("nodes with bandwidth", 20.0, with_bandwidth),
    ];
    let (name, file) = ("Shadow's 20 nodes", "shadow-gml/20_node_graph.gml");
    counted(room, PATHS, name, (RouterFormat::Gml, file), &counts);
    let cases = [
        (
            "Shadow's 20 nodes",
            "shadow-gml/20_node_graph.gml",
            "file = \"g\", format = \"gml\"",
            20,
            [58.490_563_157_894_73, 146.757],
        ),
        (
            "Inet-3.0, 1000 nodes, 1 us a unit",
            "router-topologies/inet-1000",
            "file = \"g\", format = \"inet\", scale = \"1 us\"",
            1000,
            [16.692_724_346_346_35, 45.397],
        ),
    ];
    for (name, file, routers, nodes, [average, longest]) in cases {
        let delays = data(file).map(|text| {
            let toml = format!("last_mile = \"0 s\"\nrouters = {{ {routers} }}");
            let network = network(&toml, "g", text, nodes);
            network.map_or(vec![f64::NAN], |network| delays(&network, nodes))
        });
        let values = delays.map(|delays| [mean(&delays), delays[delays.len() - 1]]);
        let expected = [("mean path, ms", average), ("longest path, ms", longest)];
        for (at, (what, expected)) in expected.into_iter().enumerate() {
            let target = PATHS.claim(format!("{name}: {what}"), expected);
            match values {
                Some(values) => room.judge(target, &[values[at]], Rule::Exact),
                None => room.skip(target, Rule::Exact, ABSENT),
            }
        }
    }
}

/// Tables of round trips by region and by country.
fn tables(room: &mut Room<'_>) {
    let cloud = "format = \"json\"";
    let atlas = "format = \"pairs\", column = \"rtt_avg\", missing = \"shortest-path\"";
    let cases = [
        (
            CLOUD,
            "aws-region-latency/p50.json",
            cloud,
            33,
            [157.136_615, 156.005, 420.724],
        ),
        (
            ATLAS,
            "ripe-atlas-rtt/country_rtt_stat.csv",
            atlas,
            173,
            [155.569_547_7, 141.184_031_9, 1_531.498_047],
        ),
    ];
    for (source, file, format, places, expected) in cases {
        let trips = data(file).map(|text| {
            let toml = format!(
                "last_mile = \"0 s\"\n\
                 matrix = {{ file = \"m\", unit = \"ms\", values = \"round-trip\", {format} }}"
            );
            let network = network(&toml, "m", text, places);
            // A peer on each row: a number of rows that is not theirs leaves one with two peers.
            let network = network.filter(|network| {
                (0..places).all(|peer| network.place(PeerId(peer)) < Some(places as usize))
            });
            let halves = network.map_or(vec![f64::NAN], |network| delays(&network, places));
            [
                2.0 * mean(&halves),
                2.0 * quantile(&halves, 0.5),
                2.0 * halves[halves.len() - 1],
            ]
        });
        for (at, what) in ["mean", "median", "longest"].into_iter().enumerate() {
            let target = source.claim(format!("{what} of round trips, ms"), expected[at]);
            let rule = Rule::Reported(1e-4);
            match trips {
                Some(trips) => room.judge(target, &[trips[at]], rule),
                None => room.skip(target, rule, ABSENT),
            }
        }
    }
}
