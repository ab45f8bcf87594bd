//! The internet as transit and stub domains.

use crate::network::graph::{Graph, connect::connect, erdos_renyi};
use crate::peer::PeerId;
use crate::random::Draw;
use rand::Rng;

/// How many domains of which size.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Domains {
    /// Transit domains.
    pub transits: u32,
    /// Routers of each.
    pub transit_size: u32,
    /// Stub domains at each transit router.
    pub stubs: u32,
    /// Routers of each.
    pub stub_size: u32,
}

impl Domains {
    /// All routers: transit ones, each with its stubs. Nothing beyond `u32`.
    pub fn peers(self) -> Option<u32> {
        let each = self.stubs.checked_mul(self.stub_size)?.checked_add(1)?;
        self.transits
            .checked_mul(self.transit_size)?
            .checked_mul(each)
    }

    /// How many of them are transit routers; they come first.
    pub fn transit_routers(self) -> u32 {
        self.transits * self.transit_size
    }
}

/// Transit domains linked with each other, each a connected random graph; at every transit router
/// stub domains, each a connected random graph that hangs on it by one link (Zegura, Calvert &
/// Bhattacharjee, INFOCOM 1996, without their extra stub links). Within a domain the mean degree is
/// `mean_degree`; domains that chance leaves in parts are joined by switching links. Two transit
/// domains that are linked are so through a random router of each; the graph of transit domains is a
/// connected random graph of the same mean degree.
///
/// # Panics
/// If there are more routers than `u32` holds.
pub fn transit_stub<R: Rng>(domains: Domains, mean_degree: f64, rng: &mut R) -> Graph {
    let peers = domains.peers().expect("few enough routers");
    let mut links = Vec::new();
    let mut domain = |start: u32, size: u32, rng: &mut R| {
        let graph = connect(erdos_renyi(size, mean_degree, rng), rng);
        let shift = |peer: PeerId| PeerId(start + peer.0);
        links.extend(graph.edges().map(|(a, b)| (shift(a), shift(b))));
    };
    for transit in 0..domains.transits {
        domain(transit * domains.transit_size, domains.transit_size, rng);
    }
    let transits = domains.transit_routers();
    let of_one = domains.stubs * domains.stub_size;
    for stub in 0..transits * domains.stubs {
        domain(transits + stub * domains.stub_size, domains.stub_size, rng);
    }
    let mut router = |start: u32, size: u32| PeerId(start + rng.below(u64::from(size)) as u32);
    for stub in 0..transits * domains.stubs {
        let above = PeerId(stub / domains.stubs);
        links.push((
            above,
            router(transits + stub * domains.stub_size, domains.stub_size),
        ));
    }
    debug_assert_eq!(peers, transits + transits * of_one);
    let backbone = connect(erdos_renyi(domains.transits, mean_degree, rng), rng);
    for (a, b) in backbone.edges() {
        let mut one = |domain: PeerId| {
            let inside = rng.below(u64::from(domains.transit_size)) as u32;
            PeerId(domain.0 * domains.transit_size + inside)
        };
        links.push((one(a), one(b)));
    }
    Graph::undirected(peers, &links)
}
