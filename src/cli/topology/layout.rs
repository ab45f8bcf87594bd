//! Where the nodes of a picture go: on the map if they have places, by springs if they are few, in a
//! circle otherwise.

use crate::math::{cos, sin};
use crate::network::graph::Drawn;
use crate::network::routers::Position;
use std::f64::consts::{PI, TAU};

/// To the right and down.
pub(super) type Point = (f64, f64);

/// Up to so many nodes springs are used; they take time in the square of the nodes.
const MOST_SPRINGS: usize = 1000;
/// How often springs pull.
const ROUNDS: u32 = 300;

/// A place for every node, in units of no meaning.
pub(super) fn layout(graph: &Drawn) -> Vec<Point> {
    if let Some(map) = map(graph) {
        return map;
    }
    let nodes = graph.names.len();
    if nodes > MOST_SPRINGS {
        return (0..nodes).map(|node| on_circle(node, nodes)).collect();
    }
    let mut places = around(graph);
    springs(graph, &mut places);
    places
}

fn on_circle(number: usize, of: usize) -> Point {
    let angle = TAU * number as f64 / of as f64;
    (cos(angle), sin(angle))
}

/// The map, if at least half of the nodes have places of one kind: degrees where a degree east is as
/// long as one north in the middle of the map, or a plane. Nodes without go to their neighbours.
fn map(graph: &Drawn) -> Option<Vec<Point>> {
    let latitudes = graph.places.iter().filter_map(|place| match place {
        Some(Position::Earth { latitude, .. }) => Some(*latitude),
        _ => None,
    });
    let (low, high) = latitudes
        .clone()
        .fold((90.0, -90.0), |(low, high), at| (at.min(low), at.max(high)));
    let earth = latitudes.count() > 0;
    let squeeze = cos(f64::midpoint(low, high).clamp(-80.0, 80.0) / 180.0 * PI);
    let point = |place: &Option<Position>| match place {
        Some(Position::Earth {
            latitude,
            longitude,
        }) => Some((longitude * squeeze, -latitude)),
        Some(Position::Plane { x, y }) if !earth => Some((*x, -*y)),
        _ => None,
    };
    let mut places: Vec<Option<Point>> = graph.places.iter().map(point).collect();
    let known = places.iter().flatten().count();
    if known == 0 || known * 2 < places.len() {
        return None;
    }
    while let Some(lost) = places.iter().position(Option::is_none) {
        // Beside neighbours on the map, in turns; where there are none, in the middle.
        let mut sums = vec![(0.0, 0.0, 0u32); places.len()];
        for &(a, b, _) in &graph.links {
            for (here, there) in [(a, b), (b, a)] {
                if let (None, Some((x, y))) = (places[here], places[there]) {
                    let (sx, sy, count) = sums[here];
                    sums[here] = (sx + x, sy + y, count + 1);
                }
            }
        }
        if sums.iter().all(|sum| sum.2 == 0) {
            let all = places.iter().flatten();
            let (x, y) = all.fold((0.0, 0.0), |(x, y), place| (x + place.0, y + place.1));
            sums[lost] = (x, y, places.iter().flatten().count() as u32);
        }
        for (place, (x, y, count)) in places.iter_mut().zip(sums) {
            if count > 0 {
                *place = Some((x / f64::from(count), y / f64::from(count)));
            }
        }
    }
    places.into_iter().collect()
}

/// Where springs begin: each part of the graph as a tree from its node with the most links, layer by
/// layer outwards, so that few links cross.
fn around(graph: &Drawn) -> Vec<Point> {
    let nodes = graph.names.len();
    let mut linked = vec![Vec::new(); nodes];
    for &(a, b, _) in graph.links.iter().filter(|(a, b, _)| a != b) {
        linked[a].push(b);
        linked[b].push(a);
    }
    let mut order: Vec<usize> = (0..nodes).collect();
    order.sort_by_key(|&node| std::cmp::Reverse(linked[node].len()));
    // In the order of being found: node, who found it, how far out.
    let mut found: Vec<(usize, Option<usize>, u32)> = Vec::with_capacity(nodes);
    let mut seen = vec![false; nodes];
    for &root in &order {
        if std::mem::replace(&mut seen[root], true) {
            continue;
        }
        let mut next = found.len();
        found.push((root, None, 0));
        while let Some(&(node, _, layer)) = found.get(next) {
            next += 1;
            for &other in &linked[node] {
                if !std::mem::replace(&mut seen[other], true) {
                    found.push((other, Some(node), layer + 1));
                }
            }
        }
    }
    // How many hang on each, itself among them; a sector of the circle in proportion.
    let mut weight = vec![1.0; nodes];
    for &(node, parent, _) in found.iter().rev() {
        if let Some(parent) = parent {
            weight[parent] += weight[node];
        }
    }
    let mut free = vec![0.0; nodes];
    let mut start = 0.0;
    let mut places = vec![(0.0, 0.0); nodes];
    for &(node, parent, layer) in &found {
        let angle = parent.map_or(start, |parent| free[parent]);
        match parent {
            Some(parent) => free[parent] += weight[node],
            None => start += weight[node],
        }
        free[node] = angle;
        let middle = TAU * (angle + weight[node] / 2.0) / nodes as f64;
        let far = f64::from(layer);
        places[node] = (far * cos(middle), far * sin(middle));
    }
    let most = found.iter().map(|(.., layer)| *layer).max().unwrap_or(0);
    let scale = 1.0 / f64::from(most.max(1));
    for (number, place) in places.iter_mut().enumerate() {
        // No two at one point, which would never part.
        let (x, y) = on_circle(number, nodes);
        *place = (place.0 * scale + 1e-3 * x, place.1 * scale + 1e-3 * y);
    }
    places
}

/// Linked nodes pull, all nodes push (Fruchterman & Reingold, Software: Practice and Experience 21,
/// 1991).
fn springs(graph: &Drawn, places: &mut [Point]) {
    let nodes = places.len();
    let length = 2.0 / (nodes as f64).max(1.0).sqrt();
    for round in 0..ROUNDS {
        let mut moves = vec![(0.0, 0.0); nodes];
        let mut apply = |a: usize, b: usize, force: &dyn Fn(f64) -> f64| {
            let (x, y) = (places[b].0 - places[a].0, places[b].1 - places[a].1);
            let far = (x * x + y * y).sqrt().max(1e-3);
            let pull = force(far) / far;
            moves[a] = (moves[a].0 + x * pull, moves[a].1 + y * pull);
            moves[b] = (moves[b].0 - x * pull, moves[b].1 - y * pull);
        };
        for b in 0..nodes {
            for a in 0..b {
                apply(a, b, &|far| -length * length / far);
            }
        }
        for &(a, b, _) in graph.links.iter().filter(|(a, b, _)| a != b) {
            apply(a, b, &|far| far * far / length);
        }
        // Parts that nothing holds do not fly off.
        for (node, (x, y)) in moves.iter_mut().enumerate() {
            *x -= places[node].0 * length * 0.5;
            *y -= places[node].1 * length * 0.5;
        }
        // Steps get shorter and shorter.
        let most = 0.1 * f64::from(ROUNDS - round) / f64::from(ROUNDS);
        for (place, (x, y)) in places.iter_mut().zip(moves) {
            let step = (x * x + y * y).sqrt().max(1e-9);
            let scale = step.min(most) / step;
            *place = (place.0 + x * scale, place.1 + y * scale);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::graph::Graph;

    fn far(places: &[Point], a: usize, b: usize) -> f64 {
        let (x, y) = (places[a].0 - places[b].0, places[a].1 - places[b].1);
        (x * x + y * y).sqrt()
    }

    #[test]
    fn springs_pull_a_path_straight() {
        let mut drawn = Drawn::from(&Graph::tree(5, 1));
        // Numbered so that a circle would be a bad start.
        drawn.links = vec![(0, 2, None), (2, 4, None), (4, 1, None), (1, 3, None)];
        let places = layout(&drawn);
        assert!(far(&places, 0, 3) > 2.0 * far(&places, 0, 2), "{places:?}");
    }

    #[test]
    fn a_node_without_place_goes_to_its_neighbours() {
        let mut drawn = Drawn::from(&Graph::tree(4, 1));
        let at = |x, y| Some(Position::Plane { x, y });
        drawn.places = vec![at(0.0, 0.0), None, at(4.0, 2.0), at(9.0, 9.0)];
        let places = layout(&drawn);
        assert_eq!(places[1], (2.0, -1.0));
        // With most of them lost there is no map.
        drawn.places = vec![None, None, None, at(1.0, 1.0)];
        assert!(layout(&drawn)[3] != (1.0, -1.0));
    }
}
