//! Measured data of others, where it is at hand: never part of the project, so these tests are
//! skipped, and say so, where it is not.

use crate::input::Files;
use crate::network::graph::GraphStats;
use crate::network::routers::{RouterFormat, read};
use crate::network::{
    MatrixConfig, MatrixFormat, MatrixValues, MissingDelays, Network, NetworkConfig, TimeUnit,
};
use crate::peer::{PeerId, Population};
use crate::random::{Purpose, Streams};
use crate::time::Duration;
use std::path::Path;

#[expect(clippy::print_stderr, reason = "a skipped test has to say so")]
fn data(file: &str) -> Option<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = ["../shared/data", "../../shared/data"]
        .iter()
        .find_map(|folder| std::fs::read_to_string(root.join(folder).join(file)).ok());
    if found.is_none() {
        eprintln!("skipped: no {file} beside the project");
    }
    found
}

fn config(unit: TimeUnit) -> NetworkConfig {
    NetworkConfig {
        constant: None,
        matrix: Some(MatrixConfig {
            file: "matrix".to_owned(),
            unit,
            values: MatrixValues::RoundTrip,
            format: MatrixFormat::Dense,
            column: None,
            missing: MissingDelays::Error,
        }),
        ..NetworkConfig::default()
    }
}

/// M4: mean and quantiles of one slice of `PlanetLab` round trips (Zhu et al. 2017).
#[test]
fn planetlab_has_its_mean_and_quantiles() {
    let Some(text) = data("planetlab-rtt/PlanetLabData_1") else {
        return;
    };
    let files = Files([("matrix".to_owned(), text)].into());
    let population = Population::uniform(490);
    let config = config(TimeUnit::Milliseconds);
    let network = Network::build(&config, &files, &population, &Streams::new(1)).expect("valid");
    let last_miles = Duration::from_millis(1);
    let mut rtts = Vec::new();
    for from in (0..490).map(PeerId) {
        for to in (0..490).map(PeerId).filter(|&to| to != from) {
            let there = network.delay(from, to) - last_miles;
            rtts.push((there * 2).as_millis_f64());
        }
    }
    rtts.sort_unstable_by(f64::total_cmp);
    let mean = rtts.iter().sum::<f64>() / rtts.len() as f64;
    assert!((mean / 146.8 - 1.0).abs() < 0.01, "{mean}");
    let quantiles = [
        (0.10, 31.6),
        (0.25, 59.3),
        (0.50, 135.0),
        (0.75, 201.8),
        (0.90, 290.7),
        (0.95, 324.9),
        (0.99, 412.6),
    ];
    for (q, expected) in quantiles {
        let found = rtts[(q * rtts.len() as f64) as usize];
        assert!(
            (found / expected - 1.0).abs() < 0.01,
            "{q}: {found} for {expected}"
        );
    }
}

/// The Seattle slices have missing measurements, written as zeros: refused, with their place.
#[test]
fn seattle_is_refused_for_its_zeros() {
    let Some(text) = data("planetlab-rtt/SeattleData_1") else {
        return;
    };
    let files = Files([("matrix".to_owned(), text)].into());
    let population = Population::uniform(10);
    let built = Network::build(
        &config(TimeUnit::Seconds),
        &files,
        &population,
        &Streams::new(1),
    );
    let error = built.expect_err("a zero").to_string();
    assert!(error.starts_with("matrix:1:"), "{error}");
    assert!(error.contains("missing measurement"), "{error}");
}

/// A network over a file, without last miles; nothing if the file is not here.
fn network(file: &str, key: &str, rest: &str, peers: u32) -> Option<Network> {
    let text = data(file)?;
    let toml = format!("last_mile = \"0 s\"\n{key} = {{ file = \"{file}\", {rest} }}");
    let config: NetworkConfig = toml::from_str(&toml).expect("valid");
    let files = Files([(file.to_owned(), text)].into());
    let population = Population::uniform(peers);
    let built = Network::build(&config, &files, &population, &Streams::new(1));
    Some(built.unwrap_or_else(|error| panic!("{error}")))
}

/// Mean, smallest and largest delay between different peers, in ms.
fn summary(network: &Network, peers: u32) -> (f64, f64, f64) {
    let pairs = (0..peers).flat_map(|a| (0..peers).filter(move |&b| b != a).map(move |b| (a, b)));
    let delays: Vec<f64> = pairs
        .map(|(a, b)| network.delay(PeerId(a), PeerId(b)).as_millis_f64())
        .collect();
    let mean = delays.iter().sum::<f64>() / delays.len() as f64;
    let ends = delays
        .iter()
        .fold((f64::INFINITY, 0.0f64), |(low, high), &d| {
            (low.min(d), high.max(d))
        });
    (mean, ends.0, ends.1)
}

/// Zeros become paths over others: 99 hosts, and no pair without a delay.
#[test]
fn seattles_gaps_are_filled_on_demand() {
    let rest = "unit = \"s\", values = \"round-trip\", missing = \"shortest-path\"";
    let Some(network) = network("planetlab-rtt/SeattleData_1", "matrix", rest, 99) else {
        return;
    };
    assert!(summary(&network, 99).1 > 0.0);
}

/// Countries of the table.
const RIPE: u32 = 173;

/// Mean, smallest and largest delay in ms, counted apart from this program.
const AWS: [(&str, f64, f64, f64); 2] = [
    ("aws-region-latency/p50.json", 157.136_615, 7.558, 420.724),
    (
        "aws-region-latency/p90.json",
        164.182_264,
        10.3476,
        427.4584,
    ),
];

/// 33 regions, all pairs, asymmetric (cloudping.co).
#[test]
fn aws_regions_have_their_mean() {
    for (file, mean, low, high) in AWS {
        let rest = "unit = \"ms\", values = \"one-way\", format = \"json\"";
        let Some(network) = network(file, "matrix", rest, 33) else {
            return;
        };
        let found = summary(&network, 33);
        assert!((found.0 - mean).abs() < 1e-3, "{file}: {found:?}");
        assert!(
            (found.1 - low).abs() < 1e-6 && (found.2 - high).abs() < 1e-6,
            "{file}: {found:?}"
        );
    }
}

/// RIPE Atlas: countries by pairs, the upper triangle only, and not all of them.
#[test]
fn countries_are_read_by_column_and_their_gaps_filled() {
    let rest = "unit = \"ms\", values = \"one-way\", format = \"pairs\", \
                column = \"rtt_avg\", missing = \"shortest-path\"";
    let Some(network) = network("ripe-atlas-rtt/country_rtt_stat.csv", "matrix", rest, RIPE) else {
        return;
    };
    // Andorra and Austria are the first two names, in the order of the file.
    let at = |place| {
        (0..RIPE)
            .map(PeerId)
            .find(|&p| network.place(p) == Some(place))
    };
    let (ad, at) = (at(0).expect("a peer"), at(1).expect("a peer"));
    for (from, to) in [(ad, at), (at, ad)] {
        assert!((network.delay(from, to).as_millis_f64() - 37.535_994).abs() < 1e-5);
    }
}

/// Rocketfuel, Inet-3.0 and Orbis: as many nodes and links as the files say, paths between all.
#[test]
fn routers_of_old_tools_are_read() {
    let graphs = [
        ("Inet_small_toposample.txt", 10, 9),
        ("inet-1000", 1000, 1126),
        ("inet-3000", 3000, 5235),
    ];
    for (file, nodes, links) in graphs {
        let Some(text) = data(&format!("router-topologies/{file}")) else {
            return;
        };
        let graph =
            read(RouterFormat::Inet, &text).unwrap_or_else(|error| panic!("{file}: {error:?}"));
        let lost = graph
            .routers()
            .filter(|router| router.own.is_some())
            .count();
        assert_eq!(
            (graph.len(), graph.link_count() + lost),
            (nodes, links),
            "{file}"
        );
    }
    let text = data("router-topologies/Orbis_toposample.txt").expect("the others are here");
    let graph = read(RouterFormat::Links, &text).expect("a list of links");
    assert_eq!((graph.len(), graph.link_count()), (1423, 2769));
    let file = "router-topologies/RocketFuel_toposample_1239_weights.txt";
    let rest = "unit = \"ms\", values = \"one-way\"";
    let network = network(file, "routers", rest, 315).expect("the others are here");
    assert!(summary(&network, 315).1 > 0.0);
}

/// 3 000 routers, 100 000 peers: the table is between routers, not between peers.
#[test]
fn a_hundred_thousand_peers_on_three_thousand_routers() {
    let rest = "format = \"inet\", scale = \"10 us\"";
    let file = "router-topologies/inet-3000";
    let Some(network) = network(file, "routers", rest, 100_000) else {
        return;
    };
    // 33 or 34 at each router.
    let mut peers = vec![0; 3000];
    for peer in (0..100_000).map(PeerId) {
        peers[network.place(peer).expect("a router")] += 1;
    }
    assert!(peers.iter().all(|&count| count == 33 || count == 34));
}

/// Topology Zoo: the sources have no degrees of latitude (the published files do), so that links
/// need a delay of their own; by hops the delay counts them.
#[test]
fn zoo_graphs_are_routed_by_hops() {
    let file = "topology-zoo/Abilene.graphml";
    let Some(text) = data(file) else {
        return;
    };
    let config: NetworkConfig =
        toml::from_str(&format!("routers = {{ file = \"{file}\" }}")).expect("valid");
    let files = Files([(file.to_owned(), text)].into());
    let population = Population::uniform(11);
    let error = Network::build(&config, &files, &population, &Streams::new(1));
    let error = error.expect_err("no delays").to_string();
    assert!(
        error.contains("graphml:210:5: the link from `n0` to `n1` has no delay"),
        "{error}"
    );
    let rest = "link_latency = \"1 ms\", path = \"hops\"";
    let network = network(file, "routers", rest, 11).expect("it is here");
    let graph = read(RouterFormat::Graphml, &files.0[file])
        .expect("valid")
        .shape(false);
    let stats = GraphStats::of(&graph, &mut Streams::new(1).chacha(Purpose::Analysis, 0));
    let (mean, _, longest) = summary(&network, 11);
    assert!((mean - stats.paths.mean).abs() < 1e-9, "{mean} {stats:?}");
    assert!((longest - f64::from(stats.paths.longest)).abs() < 1e-9);
}
