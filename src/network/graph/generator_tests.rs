//! The generators against their closed forms.

use super::*;
use crate::random::PeerRng;

fn rng(state: u64) -> PeerRng {
    PeerRng::from_state(state)
}

fn stats(graph: &Graph) -> GraphStats {
    GraphStats::of(graph, &mut rng(1))
}

#[test]
fn grids_stars_and_trees_have_their_paths() {
    for (rows, columns) in [(1, 9), (4, 7), (20, 30)] {
        let grid = stats(&Graph::grid(rows, columns, false));
        assert_eq!(grid.paths.longest, rows + columns - 2);
        assert!((grid.paths.mean - grid_mean_path(rows, columns)).abs() < 1e-9);
        assert_eq!(
            grid.links as u32,
            rows * (columns - 1) + columns * (rows - 1)
        );
    }
    for (rows, columns) in [(4, 6), (20, 30)] {
        let torus = stats(&Graph::grid(rows, columns, true));
        assert_eq!(torus.paths.longest, rows / 2 + columns / 2);
        assert!((torus.paths.mean - torus_mean_path(rows, columns)).abs() < 1e-9);
        assert_eq!(torus.degrees, [(4, rows * columns)]);
    }
    let star = stats(&Graph::star(100));
    assert_eq!((star.paths.longest, star.extremes()), (2, (1, 99)));
    assert!((star.paths.mean - star_mean_path(100)).abs() < 1e-9);
    for (peers, children) in [(127, 2), (85, 4), (100, 3), (50, 1)] {
        let tree = stats(&Graph::tree(peers, children));
        assert_eq!(tree.links as u32, peers - 1);
        assert!((tree.paths.mean - tree_mean_path(peers, children)).abs() < 1e-9);
    }
    // Perfect trees of six and three steps.
    assert_eq!(stats(&Graph::tree(127, 2)).paths.longest, 12);
    assert_eq!(stats(&Graph::tree(85, 4)).paths.longest, 6);
}

#[test]
fn rings_and_meshes_have_their_clustering() {
    // 3 (K - 2) / (4 (K - 1)) for K = 10 (Barrat & Weigt 2000).
    let ring = stats(&Graph::ring(500, 5));
    assert!((ring.clustering - 2.0 / 3.0).abs() < 1e-12);
    assert!((ring.transitivity - 2.0 / 3.0).abs() < 1e-12);
    assert_eq!(ring.paths.longest, 50);
    let full = stats(&Graph::full(20));
    assert_eq!((full.triangles, full.paths.longest), (1140, 1));
    assert!((full.clustering - 1.0).abs() < 1e-12);
}

/// N5: C(p) = C(0) (1 - p)^3 (Barrat & Weigt 2000), and path lengths between the ring's n / 2K and
/// the random graph's ln n / ln K.
#[test]
fn small_worlds_lose_their_clustering_as_they_should() {
    let mut rng = rng(31);
    for (p, expected) in [(0.0, 0.6667), (0.01, 0.6469), (0.1, 0.4860)] {
        let graph = watts_strogatz(4000, 5, p, &mut rng);
        assert_eq!(graph.edge_count(), 20_000);
        let found = stats(&graph);
        assert!(
            (found.transitivity / expected - 1.0).abs() < 0.02,
            "{p}: {}",
            found.transitivity
        );
    }
    let ring = stats(&watts_strogatz(1000, 5, 0.0, &mut rng));
    assert!(
        (ring.paths.mean - 50.45).abs() < 0.01,
        "{}",
        ring.paths.mean
    );
    let random = stats(&watts_strogatz(1000, 5, 1.0, &mut rng));
    // ln 1000 / ln 10 is 3; short of a constant of order one half.
    assert!(
        (2.8..3.6).contains(&random.paths.mean),
        "{}",
        random.paths.mean
    );
}

#[test]
fn preference_makes_a_power_law() {
    let mut rng = rng(32);
    let (peers, m) = (50_000, 3);
    let graph = barabasi_albert(peers, m, &mut rng);
    assert!(graph.is_connected());
    assert_eq!(
        graph.edge_count() as u32,
        m * (m + 1) / 2 + m * (peers - m - 1)
    );
    let degree = |k: usize| (0..peers).filter(|&p| graph.degree(PeerId(p)) == k).count();
    for k in 3..8 {
        let share = barabasi_albert_share(m, k);
        let expected = share * f64::from(peers);
        // Degrees are nearly independent: four binomial standard errors.
        let error = (expected * (1.0 - share)).sqrt();
        let found = degree(k as usize) as f64;
        assert!(
            (found - expected).abs() < 4.0 * error,
            "{k}: {found} for {expected}"
        );
    }
    // The tail: P(degree >= k) = m (m + 1) / (k (k + 1)).
    let tail = (0..peers)
        .filter(|&p| graph.degree(PeerId(p)) >= 30)
        .count() as f64;
    let expected = 12.0 / 930.0 * f64::from(peers);
    assert!(
        (tail / expected - 1.0).abs() < 4.0 / expected.sqrt(),
        "{tail} for {expected}"
    );
    assert!(barabasi_albert(3, 2, &mut rng).edge_count() == 3);
}

#[test]
fn waxman_links_near_ones_rather_than_far_ones() {
    let mut rng = rng(33);
    let (graph, places) = waxman(1500, 0.4, 0.15, &mut rng);
    // By distance: tenths of the square's side.
    let mut pairs = [0u32; 10];
    let mut linked = [0u32; 10];
    let mut expected = [0.0; 10];
    for b in 0..1500u32 {
        for a in 0..b {
            let far = waxman::distance(places[a as usize], places[b as usize]);
            let bin = ((far * 10.0) as usize).min(9);
            pairs[bin] += 1;
            expected[bin] += waxman_probability(far, 0.4, 0.15);
            linked[bin] += u32::from(
                graph
                    .neighbours(PeerId(a))
                    .binary_search(&PeerId(b))
                    .is_ok(),
            );
        }
    }
    for bin in 0..10 {
        let error = expected[bin].sqrt();
        let off = (f64::from(linked[bin]) - expected[bin]).abs();
        assert!(
            off < 4.0 * error,
            "{bin}: {} for {}",
            linked[bin],
            expected[bin]
        );
    }
    assert!(linked[0] * pairs[9] > 20 * linked[9] * pairs[0] / 10);
}

#[test]
fn stubs_hang_on_their_transit_routers() {
    let mut rng = rng(34);
    let domains = Domains {
        transits: 4,
        transit_size: 5,
        stubs: 3,
        stub_size: 8,
    };
    let graph = transit_stub(domains, 3.0, &mut rng);
    assert_eq!(graph.peers(), 4 * 5 * (1 + 3 * 8));
    assert!(graph.is_connected());
    // Without the transit routers only the stub domains are left, each in one piece.
    let stubs = graph.components_among(|peer| peer.0 >= 20);
    assert_eq!(stubs.sizes, vec![8; 60]);
    let transit = graph.components_among(|peer| peer.0 < 20);
    assert_eq!(transit.sizes, [20]);
}

#[test]
fn large_graphs_are_sampled_and_say_so() {
    let graph = regular(8000, 4, &mut rng(35));
    let found = stats(&graph);
    assert_eq!(found.paths.sampled, Some(500));
    let whole = stats(&regular(2000, 4, &mut rng(35)));
    assert_eq!(whole.paths.sampled, None);
    assert_eq!(stats(&Graph::undirected(0, &[])).paths.longest, 0);
    assert_eq!(stats(&Graph::undirected(3, &[])).components, [1, 1, 1]);
}
