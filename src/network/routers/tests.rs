use super::*;
use crate::input::Files;
use crate::network::tcp::Flight;
use crate::network::{
    MatrixValues, Network, NetworkConfig, TcpConfig, TimeUnit, Transit, TransportConfig,
};
use crate::peer::Population;
use crate::random::Streams;
use crate::time::Instant;
use proptest::prelude::*;

fn build(config: RoutersConfig, text: &str, peers: u32) -> Result<Network, String> {
    let files = Files([(config.file.clone().unwrap_or_default(), text.to_owned())].into());
    let config = NetworkConfig {
        constant: None,
        routers: Some(config),
        last_mile: Some(Duration::ZERO),
        ..NetworkConfig::default()
    };
    Network::build(
        &config,
        &files,
        &Population::uniform(peers),
        &Streams::new(1),
    )
    .map_err(|error| error.to_string())
}

fn one_way(file: &str) -> RoutersConfig {
    RoutersConfig {
        values: Some(MatrixValues::OneWay),
        unit: Some(TimeUnit::Milliseconds),
        ..RoutersConfig::of(file)
    }
}

/// The delay between the routers of these numbers, in microseconds.
fn between(network: &Network, peers: u32, a: usize, b: usize) -> u64 {
    let at = |place| {
        (0..peers)
            .map(PeerId)
            .find(move |&p| network.place(p) == Some(place))
    };
    let from = at(a).expect("a peer there");
    let all = (0..peers).map(PeerId).filter(|&p| p != from);
    let to = all
        .clone()
        .find(|&p| network.place(p) == Some(b))
        .expect("another there");
    network.delay(from, to).as_nanos() / 1000
}

#[test]
fn paths_are_the_shortest_by_delay_or_by_hops() {
    let text = "a b 10 ms\nb,c,5\na c 20ms # the long way\nc d 500 us\n";
    let by_delay = build(one_way("g.txt"), text, 8).expect("fine");
    assert_eq!(between(&by_delay, 8, 0, 2), 15_000);
    assert_eq!(between(&by_delay, 8, 0, 3), 15_500);
    assert_eq!(between(&by_delay, 8, 3, 0), 15_500);
    assert_eq!(between(&by_delay, 8, 1, 1), 0);
    let hops = RoutersConfig {
        path: PathChoice::Hops,
        ..one_way("g.txt")
    };
    let by_hops = build(hops, text, 8).expect("fine");
    assert_eq!(between(&by_hops, 8, 0, 3), 20_500);
    let halved = RoutersConfig {
        values: Some(MatrixValues::RoundTrip),
        ..one_way("g.txt")
    };
    assert_eq!(
        between(&build(halved, text, 8).expect("fine"), 8, 0, 2),
        7_500
    );
}

#[test]
fn only_routers_with_peers_are_in_the_table() {
    let text = "a b 1\nb c 1\nc d 1\nd e 1\n";
    let leaves = RoutersConfig {
        attach: Attach::Leaves,
        ..one_way("g.txt")
    };
    let network = build(leaves, text, 10).expect("fine");
    let places: Vec<_> = (0..10).filter_map(|p| network.place(PeerId(p))).collect();
    assert!(
        places.iter().all(|&place| place == 0 || place == 4),
        "{places:?}"
    );
    assert_eq!(between(&network, 10, 0, 4), 4_000);
    let random = RoutersConfig {
        attach: Attach::Random,
        ..one_way("g.txt")
    };
    assert!(build(random, text, 10).is_ok());
    let ring = "a b 1\nb c 1\nc a 1\n";
    let leaves = RoutersConfig {
        attach: Attach::Leaves,
        ..one_way("g.txt")
    };
    assert!(
        build(leaves, ring, 3)
            .expect_err("no leaves")
            .contains("single neighbour")
    );
}

#[test]
fn what_is_left_open_is_said_where_it_is() {
    let error = |config: RoutersConfig, text: &str| build(config, text, 2).expect_err("an error");
    let text = "# links\na b 5\n";
    let left_out = RoutersConfig {
        values: None,
        ..one_way("g.txt")
    };
    assert!(error(left_out, text).starts_with("network.routers.values: round trips or one-way"));
    let unit = RoutersConfig {
        unit: None,
        ..one_way("g.txt")
    };
    assert!(error(unit, text).starts_with("g.txt:2:1: the delay 5 has no unit"));
    assert!(error(one_way("g.txt"), "a b\n").contains("`link_latency`"));
    let parts = "a b 1\nc d 1\nb e 1\n";
    let said = error(one_way("g.txt"), parts);
    assert!(
        said.starts_with("g.txt:2:1: no path from `a` to `c`"),
        "{said}"
    );
    assert!(said.contains("2 parts, the largest of 3 of 5"), "{said}");
    let largest = RoutersConfig {
        largest_part: true,
        ..one_way("g.txt")
    };
    assert!(build(largest, parts, 2).is_ok());
    let directed = RoutersConfig {
        directed: Some(true),
        ..one_way("g.txt")
    };
    assert!(error(directed.clone(), "a b 1\nb c 1\n").contains("no path"));
    let network = build(directed, "a b 1\nb c 1\nc a 1\n", 3).expect("a ring");
    assert_eq!(
        [between(&network, 3, 0, 1), between(&network, 3, 1, 0)],
        [1000, 2000]
    );
    assert!(error(one_way("g"), text).contains("does not tell its format"));
    assert!(error(one_way("g.txt"), "a b 0\n").contains("takes no time"));
}

const SHADOW: &str = r#"
# as Shadow's documentation has it
graph [
  directed 0
  node [ id 0 label "one" host_bandwidth_up "1 Gbit" host_bandwidth_down "100 Mbit" ]
  node [ id 1 ]
  node [ id 2 ]
  edge [ source 0 target 0 latency "1 ms" packet_loss 0.0 ]
  edge [ source 0 target 1 latency "10 ms" packet_loss 0.1 ]
  edge [ source 1 target 2 latency "130859 us" packet_loss 0.2 jitter "1 ms" ]
]
"#;

#[test]
fn shadows_graphs_lose_and_jitter_along_the_path() {
    let graph = read(RouterFormat::Gml, SHADOW).expect("valid");
    assert_eq!(
        (graph.len(), graph.link_count(), graph.is_directed()),
        (3, 2, false)
    );
    assert_eq!(graph.router(0).up, Some(Bandwidth(1_000_000_000)));
    let network = build(RoutersConfig::of("s.gml"), SHADOW, 6).expect("valid");
    assert_eq!(between(&network, 6, 0, 0), 1_000);
    assert_eq!(between(&network, 6, 0, 2), 140_859);
    let at = |place| {
        (0..6)
            .map(PeerId)
            .find(|&p| network.place(p) == Some(place))
    };
    let [a, b, c] = [0, 1, 2].map(|place| at(place).expect("a peer there"));
    assert!((network.loss_between(a, b) - 0.1).abs() < 1e-9);
    assert!((network.loss_between(a, c) - 0.28).abs() < 1e-9);
    let sent = 40_000;
    let least = network.delay(a, c);
    let mut arrived = 0;
    let mut added = 0.0;
    for seq in 0..sent {
        if let Transit::Arrives(delay) = network.datagram(Instant::ZERO, a, c, seq) {
            arrived += 1;
            added += (delay - least).as_millis_f64();
        }
    }
    // Binomial: a standard error of 0.0022; the mean of an exponential of 1 ms: 0.006.
    let share = f64::from(arrived) / f64::from(sent);
    assert!((share - 0.72).abs() < 0.0066, "{share}");
    assert!((added / f64::from(arrived) - 1.0).abs() < 0.02, "{added}");
}

/// Messages of one segment are late as often as the path loses one, and no more often without loss.
#[test]
fn connections_feel_the_loss_of_their_path() {
    let network = build(RoutersConfig::of("s.gml"), SHADOW, 6).expect("valid");
    let tcp = TransportConfig {
        tcp: Some(TcpConfig::default()),
        ..TransportConfig::default()
    };
    let network = network.with_transport(&tcp).expect("defaults are valid");
    let at = |place| {
        let mut peers = (0..6).map(PeerId);
        peers
            .find(|&p| network.place(p) == Some(place))
            .expect("a peer there")
    };
    let (none, lossy) = ((at(0), at(0)), (at(0), at(2)));
    let late = |pair: (PeerId, PeerId)| {
        let sent = 20_000;
        let is_late = |&seq: &u32| {
            let mut flight = Flight::default();
            !network
                .tcp_delay(&mut flight, Instant::ZERO, pair, seq, 1000)
                .is_zero()
        };
        (0..sent).filter(is_late).count() as f64 / f64::from(sent)
    };
    assert!(late(none) < 1e-9);
    // A standard error of 0.0032.
    assert!((late(lossy) - 0.28).abs() < 0.0096, "{}", late(lossy));
    let set_up = |seq| network.set_up_delay(Instant::ZERO, lossy.0, lossy.1, seq);
    let again = (0..20_000).filter(|&seq| !set_up(seq).is_zero()).count();
    assert!((again as f64 / 20_000.0 - 0.28).abs() < 0.0096, "{again}");
}

#[test]
fn places_on_earth_give_links_their_delay() {
    let text = r#"<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key attr.name="Latitude" for="node" id="a"/><key attr.name="Longitude" for="node" id="b"/>
<graph edgedefault="directed">
<node id="x"><data key="a">0</data><data key="b">0</data></node>
<node id="y"><data key="a">90</data><data key="b">10</data></node>
<edge source="x" target="y"/>
</graph></graphml>"#;
    let network = build(RoutersConfig::of("z.graphml"), text, 2).expect("valid");
    assert_eq!(between(&network, 2, 1, 0), 50_072);
}

#[test]
fn inet_has_distances() {
    let inet = "3 2\nR 0 0 0\nN\t1\t3\t4\nN 2 9 9\n0 1 5\n1 2 8\n";
    let scaled = RoutersConfig {
        scale: Some(Duration::from_micros(10)),
        ..RoutersConfig::of("t.inet")
    };
    assert_eq!(
        between(&build(scaled.clone(), inet, 3).expect("valid"), 3, 0, 2),
        130
    );
    let unscaled = build(RoutersConfig::of("t.inet"), inet, 3).expect_err("no scale");
    assert!(unscaled.starts_with("t.inet:5:1: a distance"), "{unscaled}");
    let bare = "2 1\n0 0 0\n1 3 4\n0 1\n";
    assert_eq!(
        between(&build(scaled, bare, 2).expect("valid"), 2, 0, 1),
        50
    );
}

const FORMATS: [RouterFormat; 6] = [
    RouterFormat::Gml,
    RouterFormat::Graphml,
    RouterFormat::EdgeList,
    RouterFormat::Links,
    RouterFormat::Inet,
    RouterFormat::Rocketfuel,
];

proptest! {
    #[test]
    fn any_bytes_are_a_graph_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let text = String::from_utf8_lossy(&bytes);
        for format in FORMATS {
            if let Ok(graph) = read(format, &text) {
                prop_assert!(!graph.is_empty());
            }
        }
    }

    /// Words of the formats in any order get further than bytes do.
    #[test]
    fn any_words_are_a_graph_or_an_error(words in proptest::collection::vec(
        prop::sample::select(vec!["graph", "[", "]", "node", "edge", "id", "0", "1", "source",
            "target", "latency", "\"5 ms\"", "\n", " ", "2 1", "a b 5 ms", "<graphml>", "<graph",
            " edgedefault='directed'>", "</graph>", "</graphml>", "<node id='a'/>", "é", "\"", "#"]), 0..40)
    ) {
        let text = words.join(" ");
        for format in FORMATS {
            if let Ok(graph) = read(format, &text) {
                let mut config = one_way("f.txt");
                config.link_latency = Some(Duration::from_millis(1));
                let _ = graph.delays(&config);
            }
        }
    }
}
