use super::percolation::*;
use super::*;
use crate::input::Files;
use crate::random::PeerRng;
use proptest::prelude::*;

fn rng(state: u64) -> PeerRng {
    PeerRng::from_state(state)
}

fn is_simple(graph: &Graph) -> bool {
    let peers = (0..graph.peers()).map(PeerId);
    peers.clone().all(|a| {
        let list = graph.neighbours(a);
        let mutual = |b: PeerId| graph.neighbours(b).binary_search(&a).is_ok();
        let strictly_ascending = list.windows(2).all(|pair| pair[0] < pair[1]);
        strictly_ascending && list.iter().all(|&b| b != a && mutual(b))
    })
}

fn degrees(graph: &Graph) -> Vec<usize> {
    (0..graph.peers())
        .map(|p| graph.degree(PeerId(p)))
        .collect()
}

#[test]
fn lists_are_sorted_and_simple() {
    let link = |(a, b)| (PeerId(a), PeerId(b));
    let graph = Graph::undirected(4, &[(2, 0), (0, 2), (1, 1), (0, 3)].map(link));
    assert_eq!(graph.neighbours(PeerId(0)), [PeerId(2), PeerId(3)]);
    assert_eq!(graph.edge_count(), 2);
    let parts = graph.components();
    assert_eq!((parts.of, parts.sizes), (vec![0, 1, 0, 0], vec![3, 1]));
    let left = graph.components_among(|peer| peer != PeerId(0));
    assert_eq!(left.of, [u32::MAX, 0, 1, 2]);
    let directed = Graph::directed(3, &[(0, 1), (0, 1), (2, 1)].map(link));
    assert_eq!((directed.edge_count(), directed.is_connected()), (2, true));
    assert!(directed.neighbours(PeerId(1)).is_empty());
}

#[test]
fn rings_and_meshes() {
    assert_eq!(degrees(&Graph::ring(7, 2)), [4; 7]);
    assert_eq!(Graph::ring(4, 9), Graph::full(4));
    assert_eq!(degrees(&Graph::full(5)), [4; 5]);
    assert!(Graph::ring(100, 1).is_connected());
    for peers in [0, 1] {
        assert_eq!(Graph::full(peers).edge_count(), 0);
        assert_eq!(Graph::ring(peers, 1).peers(), peers);
        assert_eq!(regular(peers, 3, &mut rng(1)).peers(), peers);
        assert_eq!(erdos_renyi(peers, 3.0, &mut rng(1)).edge_count(), 0);
        assert_eq!(k_out(peers, 3, false, &mut rng(1)).edge_count(), 0);
    }
}

#[test]
fn regular_graphs_are_regular_however_small_or_dense() {
    for peers in 2..14u32 {
        for degree in 0..peers {
            let graph = regular(peers, degree, &mut rng(u64::from(peers * 100 + degree)));
            assert_eq!(graph.peers(), peers);
            assert!(is_simple(&graph));
            let short = peers * degree % 2;
            let total: usize = degrees(&graph).iter().sum();
            assert_eq!(
                total as u32,
                peers * degree - short,
                "{peers} peers of {degree}"
            );
            let least = (degree - short) as usize;
            assert!(
                degrees(&graph)
                    .iter()
                    .all(|&d| d >= least && d <= degree as usize)
            );
        }
    }
}

/// In a uniform random d-regular graph the number of triangles is Poisson of mean (d - 1)^3 / 6
/// (Bollobás 1980); a biased repair would show here.
#[test]
fn regular_graphs_have_the_triangles_of_uniform_ones() {
    let mut rng = rng(11);
    let graphs = 400;
    let mut triangles = 0;
    for _ in 0..graphs {
        let graph = regular(1000, 4, &mut rng);
        for (a, b) in graph.edges() {
            let beyond = graph.neighbours(b).iter().filter(|&&c| c > b);
            triangles += beyond.filter(|c| graph.neighbours(a).contains(c)).count();
        }
    }
    let mean = triangles as f64 / f64::from(graphs);
    // Three standard errors.
    assert!(
        (mean - 4.5).abs() < 3.0 * (4.5 / f64::from(graphs)).sqrt(),
        "{mean}"
    );
}

#[test]
fn erdos_renyi_has_its_mean_and_variance() {
    let mut rng = rng(12);
    let graph = erdos_renyi(20_000, 6.0, &mut rng);
    assert!(is_simple(&graph));
    // 60 000 expected links, standard deviation 245.
    assert!((graph.edge_count() as f64 - 60_000.0).abs() < 4.0 * 245.0);
    let squares: f64 = degrees(&graph)
        .iter()
        .map(|&d| (d as f64 - 6.0) * (d as f64 - 6.0))
        .sum();
    // Poisson: the variance is the mean; four standard errors are 0.25.
    assert!((squares / 20_000.0 - 6.0).abs() < 0.25, "{squares}");
    assert_eq!(erdos_renyi(10, 9.0, &mut rng), Graph::full(10));
    assert_eq!(erdos_renyi(10, 0.0, &mut rng).edge_count(), 0);
}

#[test]
fn every_pair_is_as_likely_in_erdos_renyi() {
    let mut rng = rng(13);
    let mut counts = [[0u32; 5]; 5];
    for _ in 0..10_000 {
        for (a, b) in erdos_renyi(5, 1.2, &mut rng).edges() {
            counts[a.index()][b.index()] += 1;
        }
    }
    for (a, row) in counts.iter().enumerate() {
        for &count in &row[a + 1..] {
            // Probability 0.3; standard deviation 45.8.
            assert!((f64::from(count) - 3000.0).abs() < 4.0 * 45.8, "{counts:?}");
        }
    }
}

#[test]
fn k_out_has_its_mean_degree() {
    let mut rng = rng(14);
    let directed = k_out(1000, 5, true, &mut rng);
    assert_eq!(degrees(&directed), [5; 1000]);
    let both = k_out(1000, 5, false, &mut rng);
    assert!(is_simple(&both));
    // Links: 1000 x 5 less the mutual choices, Poisson of mean 1000 x 25 / (2 x 999) = 12.5.
    assert!(
        (both.edge_count() as f64 - 4987.5).abs() < 4.0 * 3.54,
        "{}",
        both.edge_count()
    );
    assert_eq!(k_out(6, 9, false, &mut rng), Graph::full(6));
    assert_eq!(degrees(&k_out(100, 70, true, &mut rng)), [70; 100]);
}

/// N1: exp(-e^-c) of the graphs are connected.
#[test]
fn connectivity_has_its_threshold() {
    let mut rng = rng(21);
    for (c, expected) in [(0.0, 0.3679), (1.0, 0.6922), (2.0, 0.8734), (3.0, 0.9514)] {
        assert!((connected_probability(c) - expected).abs() < 5e-5);
        let graphs = 400;
        let share = f64::from(count_connected(1000, c, graphs, &mut rng)) / f64::from(graphs);
        let error = (expected * (1.0 - expected) / f64::from(graphs)).sqrt();
        assert!((share - expected).abs() < 3.0 * error, "c = {c}: {share}");
    }
}

fn mean(times: u32, mut one: impl FnMut() -> f64) -> f64 {
    (0..times).map(|_| one()).sum::<f64>() / f64::from(times)
}

/// N2: the giant component, within 0.5 %.
#[test]
fn the_giant_component_has_its_size() {
    let mut rng = rng(22);
    for (c, expected) in [(1.5, 0.5828), (2.0, 0.7968), (3.0, 0.9405), (4.0, 0.9802)] {
        assert!((giant_share(c) - expected).abs() < 5e-5);
        // Relative standard deviation of one: sqrt(S (1 - S) / n) / (1 - c (1 - S)) / S, 0.7 % at c = 1.5;
        // of the mean of forty 0.11 %.
        let times = if c < 2.0 { 40 } else { 8 };
        let share = mean(times, || {
            measured_giant_share(&erdos_renyi(100_000, c, &mut rng))
        });
        assert!((share / expected - 1.0).abs() < 0.005, "c = {c}: {share}");
    }
    assert!(giant_share(0.9) < 1e-9);
}

/// N3: random failures without repair, within 1 %.
#[test]
fn survivors_stay_together_below_the_critical_share() {
    let mut rng = rng(23);
    let peers = 20_000;
    for (degree, expected) in [(4, 0.854), (5, 0.952), (8, 0.996)] {
        assert!((regular_giant_share_of_survivors(degree, 0.5) - expected).abs() < 6e-4);
        let graph = regular(peers, degree, &mut rng);
        let share = mean(20, || {
            measured_giant_share_of_survivors(&graph, 0.5, &mut rng)
        });
        assert!((share / expected - 1.0).abs() < 0.01, "{degree}: {share}");
        let past = regular_critical_failures(degree) + 0.05;
        let share = measured_giant_share_of_survivors(&graph, past, &mut rng);
        assert!(share < 0.06, "{degree}: {share} past the threshold");
    }
    assert!((giant_share_of_survivors(4.0, 0.5) - 0.797).abs() < 5e-4);
    let share = mean(20, || {
        let graph = erdos_renyi(peers, 4.0, &mut rng);
        measured_giant_share_of_survivors(&graph, 0.5, &mut rng)
    });
    assert!((share / 0.797 - 1.0).abs() < 0.01, "{share}");
}

#[test]
fn a_topology_reads_as_a_scenario_writes_it() {
    #[derive(serde::Deserialize)]
    struct File {
        topology: TopologyConfig,
    }
    let read = |text: &str| toml::from_str::<File>(text).map(|file| file.topology);
    let build =
        |config: TopologyConfig, peers| config.generate(peers, &Files::default(), &mut rng(1));
    let regular = read("[topology.regular]\ndegree = 3").expect("readable");
    assert_eq!(
        degrees(&build(regular.clone(), 10).expect("valid")),
        [3; 10]
    );
    assert!(build(regular, 3).is_err());
    let full = read("[topology.full]").expect("readable");
    assert_eq!(build(full.clone(), 4).expect("valid").edge_count(), 6);
    assert!(build(full, 5000).is_err());
    let both = read("[topology.k-out]\nk = 2\ndirected = true\nconnected = true");
    assert!(build(both.expect("readable"), 10).is_err());
    assert!(read("[topology.regular]\ndegree = 3\ndegrees = 4").is_err());
    let edges = read("[topology.edges]\nfile = \"e\"").expect("readable");
    let files = Files([("e".to_owned(), "a b\nb c\n".to_owned())].into());
    assert_eq!(
        edges
            .generate(3, &files, &mut rng(1))
            .expect("valid")
            .edge_count(),
        2
    );
    assert!(edges.generate(4, &files, &mut rng(1)).is_err());
}

proptest! {
    #[test]
    fn connecting_connects_and_keeps_degrees(peers in 1u32..60, mean in 0.0f64..4.0, seed: u64) {
        let before = erdos_renyi(peers, mean, &mut rng(seed));
        let after = connect::connect(before.clone(), &mut rng(seed ^ 1));
        prop_assert!(after.is_connected());
        prop_assert!(is_simple(&after));
        let parts = before.components().sizes.len();
        // With enough cycles nobody with neighbours gains or loses any.
        let spare = before.edge_count() + parts - peers as usize;
        let (was, is) = (degrees(&before), degrees(&after));
        let changed = was.iter().zip(&is).filter(|&(&was, &is)| was > 0 && was != is).count();
        let main_alone = before.components().largest() as usize == peers as usize - parts + 1;
        if main_alone && spare >= parts {
            prop_assert_eq!(changed, 0);
        }
        prop_assert!(after.edge_count() >= before.edge_count());
    }

    #[test]
    fn regular_graphs_stay_regular_when_connected(half in 3u32..40, degree in 1u32..4, seed: u64) {
        let graph = regular(2 * half, degree, &mut rng(seed));
        let after = connect::connect(graph, &mut rng(seed ^ 1));
        prop_assert!(after.is_connected());
        prop_assert!(is_simple(&after));
        if degree > 1 {
            prop_assert_eq!(degrees(&after), vec![degree as usize; 2 * half as usize]);
        }
    }
}
