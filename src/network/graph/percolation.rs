//! What is known of random graphs in closed form, and how to measure it. The tests of the
//! generators and `sim validate` both stand on this.

use crate::math::{exp, ln, pow};
use crate::network::graph::{Graph, erdos_renyi};
use crate::peer::PeerId;
use crate::random::Draw;
use rand::Rng;

/// The probability that G(n, p) with p = (ln n + c) / n is connected, for large n: exp(-e^-c)
/// (Erdős & Rényi 1959).
pub fn connected_probability(c: f64) -> f64 {
    exp(-exp(-c))
}

/// The share of the peers in the giant component of G(n, c/n), for large n: the largest solution of
/// S = 1 - e^(-c S) (Erdős & Rényi 1960). Zero up to c = 1.
pub fn giant_share(c: f64) -> f64 {
    fixed_point(|s| 1.0 - exp(-c * s))
}

/// The share of the *survivors* in the giant component when only a share `alive` of the peers of
/// G(n, c/n) is left: the survivors are a G(n', c alive / n').
pub fn giant_share_of_survivors(c: f64, alive: f64) -> f64 {
    giant_share(c * alive)
}

/// The same for a random `degree`-regular graph: 1 - u^d with u = 1 - a + a u^(d-1) (Cohen et al.,
/// Phys. Rev. Lett. 85, 2000; Molloy & Reed 1995).
pub fn regular_giant_share_of_survivors(degree: u32, alive: f64) -> f64 {
    let d = f64::from(degree);
    let away = fixed_point(|v| alive * (1.0 - pow(1.0 - v, d - 1.0)));
    1.0 - pow(1.0 - away, d)
}

/// The share of failures at which the giant component of a random `degree`-regular graph vanishes:
/// 1 - 1/(d - 1); of G(n, c/n) it is 1 - 1/c.
pub fn regular_critical_failures(degree: u32) -> f64 {
    1.0 - 1.0 / (f64::from(degree) - 1.0)
}

/// The largest fixed point in [0, 1] of an increasing function, by iteration from 1.
fn fixed_point(f: impl Fn(f64) -> f64) -> f64 {
    let mut x = 1.0;
    for _ in 0..10_000 {
        let next = f(x);
        if x - next < 1e-14 {
            break;
        }
        x = next;
    }
    x
}

/// How many of `graphs` graphs G(n, p) with p = (ln n + c) / n are connected.
pub fn count_connected(peers: u32, c: f64, graphs: u32, rng: &mut impl Rng) -> u32 {
    let n = f64::from(peers);
    let mean_degree = (ln(n) + c) / n * (n - 1.0);
    let connected = (0..graphs).filter(|_| erdos_renyi(peers, mean_degree, rng).is_connected());
    connected.count() as u32
}

/// The share of all peers in the largest component.
pub fn measured_giant_share(graph: &Graph) -> f64 {
    f64::from(graph.components().largest()) / f64::from(graph.peers())
}

/// The share of the survivors in their largest component, after a share `failures` of the peers
/// (random, to the nearest peer) is gone; nobody repairs anything.
pub fn measured_giant_share_of_survivors(graph: &Graph, failures: f64, rng: &mut impl Rng) -> f64 {
    let peers = graph.peers() as usize;
    let gone = (failures * peers as f64).round() as usize;
    let mut alive = vec![true; peers];
    for peer in rng.sample_indices(peers, gone) {
        alive[peer] = false;
    }
    let left = graph.components_among(|peer: PeerId| alive[peer.index()]);
    f64::from(left.largest()) / (peers - gone).max(1) as f64
}
