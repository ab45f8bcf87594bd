//! Graphs without chance: star, tree, grid. (Ring and full mesh are with [`Graph`] itself.)

use crate::network::graph::Graph;
use crate::peer::PeerId;

impl Graph {
    /// Everybody linked with peer 0 and with nobody else.
    pub fn star(peers: u32) -> Self {
        let links: Vec<_> = (1..peers).map(|peer| (PeerId(0), PeerId(peer))).collect();
        Self::undirected(peers, &links)
    }

    /// A tree with peer 0 at its root, filled row by row: everybody has `children` below it until
    /// peers run out.
    ///
    /// # Panics
    /// If there are no children.
    pub fn tree(peers: u32, children: u32) -> Self {
        assert!(children > 0, "a tree without children");
        let above = |peer: u32| (PeerId((peer - 1) / children), PeerId(peer));
        let links: Vec<_> = (1..peers).map(above).collect();
        Self::undirected(peers, &links)
    }

    /// `rows` rows of `columns` peers, each linked with those beside, above and below it; a `torus`
    /// closes rows and columns to rings.
    ///
    /// # Panics
    /// If rows times columns is beyond `u32`.
    pub fn grid(rows: u32, columns: u32, torus: bool) -> Self {
        let peers = rows.checked_mul(columns).expect("few enough peers");
        let mut links = Vec::with_capacity(peers as usize * 2);
        for row in 0..rows {
            for column in 0..columns {
                let at = PeerId(row * columns + column);
                if column + 1 < columns || torus {
                    links.push((at, PeerId(row * columns + (column + 1) % columns)));
                }
                if row + 1 < rows || torus {
                    links.push((at, PeerId((row + 1) % rows * columns + column)));
                }
            }
        }
        Self::undirected(peers, &links)
    }
}

/// The mean number of links between two peers of a grid: (rows + columns) / 3, exactly.
pub fn grid_mean_path(rows: u32, columns: u32) -> f64 {
    (f64::from(rows) + f64::from(columns)) / 3.0
}

/// The same of a torus with even sides: (rows + columns) / 4, of all pairs but those of a peer with
/// itself.
pub fn torus_mean_path(rows: u32, columns: u32) -> f64 {
    let peers = f64::from(rows) * f64::from(columns);
    (f64::from(rows) + f64::from(columns)) / 4.0 * peers / (peers - 1.0)
}

/// The same of a star: 2 - 2 / n.
pub fn star_mean_path(peers: u32) -> f64 {
    2.0 - 2.0 / f64::from(peers)
}

/// The same of a tree: a link is on the path of all pairs that it parts, s (n - s) for the s peers
/// below it (Wiener 1947).
pub fn tree_mean_path(peers: u32, children: u32) -> f64 {
    let mut below = vec![1u64; peers as usize];
    let mut sum = 0;
    for peer in (1..peers).rev() {
        let size = below[peer as usize];
        below[((peer - 1) / children) as usize] += size;
        sum += size * (u64::from(peers) - size);
    }
    let peers = f64::from(peers);
    sum as f64 / (peers * (peers - 1.0) / 2.0)
}
