//! Random graphs in a plane: near ones are linked rather than far ones.

use crate::math::exp;
use crate::network::graph::Graph;
use crate::peer::PeerId;
use crate::random::Draw;
use rand::Rng;

/// Peers at random in the unit square, each pair linked with [`waxman_probability`] (Waxman, IEEE
/// JSAC 6, 1988). Places too. In time of the pairs.
pub fn waxman(peers: u32, density: f64, reach: f64, rng: &mut impl Rng) -> (Graph, Vec<[f64; 2]>) {
    let places: Vec<[f64; 2]> = (0..peers).map(|_| [rng.unit(), rng.unit()]).collect();
    let mut links = Vec::new();
    for (b, &there) in places.iter().enumerate() {
        for (a, &here) in places[..b].iter().enumerate() {
            let p = waxman_probability(distance(here, there), density, reach);
            if rng.chance(p) {
                links.push((PeerId(a as u32), PeerId(b as u32)));
            }
        }
    }
    (Graph::undirected(peers, &links), places)
}

/// `density` times e^(-d / (`reach` L)) with L the diagonal of the square, the longest distance.
pub fn waxman_probability(distance: f64, density: f64, reach: f64) -> f64 {
    density * exp(-distance / (reach * std::f64::consts::SQRT_2))
}

/// The distance of two places.
pub(super) fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    let (x, y) = (a[0] - b[0], a[1] - b[1]);
    (x * x + y * y).sqrt()
}
