//! A graph as SVG: on the map if its nodes have places, by springs if it is small, in a circle
//! otherwise.

use crate::math::{cos, sin};
use crate::network::graph::Drawn;
use std::f64::consts::TAU;
use std::fmt::Write;

/// Width and height of the drawing, in pixels.
const SIDE: f64 = 800.0;
const MARGIN: f64 = 30.0;
/// Up to so many nodes springs are used; they take time in the square of the nodes.
const MOST_SPRINGS: usize = 600;
/// How often springs pull.
const ROUNDS: u32 = 150;

/// The picture of a graph, with `about` below it.
pub(super) fn svg(graph: &Drawn, about: &str) -> String {
    let places = fitted(layout(graph));
    let radius = (90.0 / (graph.names.len() as f64).max(1.0).sqrt()).clamp(1.5, 7.0);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {SIDE} {}\" \
         font-family=\"sans-serif\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <g stroke=\"#8aa0b4\" stroke-width=\"{:.1}\" stroke-opacity=\"0.6\">\n",
        SIDE + 30.0,
        (radius / 4.0).max(0.4)
    );
    for &(a, b, _) in &graph.links {
        let ((x, y), (u, v)) = (places[a], places[b]);
        let line = writeln!(
            out,
            "<line x1=\"{x:.1}\" y1=\"{y:.1}\" x2=\"{u:.1}\" y2=\"{v:.1}\"/>"
        );
        line.expect("a text takes everything");
    }
    out += "</g>\n<g fill=\"#1f4e79\">\n";
    for ((x, y), name) in places.iter().zip(&graph.names) {
        let dot = writeln!(
            out,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\"><title>{}</title></circle>",
            escape(name)
        );
        dot.expect("a text takes everything");
    }
    let (x, y) = (MARGIN, SIDE + 15.0);
    let about = escape(about);
    out + &format!(
        "</g>\n<text x=\"{x}\" y=\"{y}\" font-size=\"14\" fill=\"#333\">{about}</text>\n</svg>\n"
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

type Point = (f64, f64);

fn layout(graph: &Drawn) -> Vec<Point> {
    let map: Option<Vec<Point>> = (graph.places.iter())
        .map(|place| place.map(|(latitude, longitude)| (longitude, -latitude)))
        .collect();
    if let Some(map) = map.filter(|map| !map.is_empty()) {
        return map;
    }
    let nodes = graph.names.len();
    let mut places: Vec<Point> = (0..nodes)
        .map(|node| {
            let angle = TAU * node as f64 / nodes as f64;
            (cos(angle), sin(angle))
        })
        .collect();
    if nodes <= MOST_SPRINGS {
        springs(graph, &mut places);
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
        // Steps get shorter and shorter.
        let most = 0.2 * f64::from(ROUNDS - round) / f64::from(ROUNDS);
        for (place, (x, y)) in places.iter_mut().zip(moves) {
            let step = (x * x + y * y).sqrt().max(1e-9);
            let scale = step.min(most) / step;
            *place = (place.0 + x * scale, place.1 + y * scale);
        }
    }
}

/// Moved and scaled into the drawing, both directions alike.
fn fitted(places: Vec<Point>) -> Vec<Point> {
    let range = |of: fn(&Point) -> f64| {
        let values = places.iter().map(of);
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
            (low.min(v), high.max(v))
        })
    };
    let ((left, right), (top, bottom)) = (range(|p| p.0), range(|p| p.1));
    let widest = (right - left).max(bottom - top).max(1e-9);
    let scale = (SIDE - 2.0 * MARGIN) / widest;
    let middle = (f64::midpoint(left, right), f64::midpoint(top, bottom));
    let fit = |(x, y): Point| {
        let half = SIDE / 2.0;
        (half + (x - middle.0) * scale, half + (y - middle.1) * scale)
    };
    places.into_iter().map(fit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::graph::Graph;

    #[test]
    fn every_node_and_link_is_in_the_picture_and_inside() {
        for graph in [
            Graph::star(30),
            Graph::ring(700, 1),
            Graph::grid(1, 1, false),
        ] {
            let drawn = Drawn::from(&graph);
            let text = svg(&drawn, "a & b");
            let document = roxmltree::Document::parse(&text).expect("SVG is XML");
            let all = |name: &'static str| {
                document
                    .descendants()
                    .filter(move |node| node.tag_name().name() == name)
            };
            assert_eq!(all("circle").count(), drawn.names.len());
            assert_eq!(all("line").count(), drawn.links.len());
            for circle in all("circle") {
                for key in ["cx", "cy"] {
                    let at: f64 = circle
                        .attribute(key)
                        .and_then(|v| v.parse().ok())
                        .expect("a number");
                    assert!((0.0..=SIDE).contains(&at), "{at}");
                }
            }
        }
    }

    #[test]
    fn springs_pull_a_path_straight() {
        let mut drawn = Drawn::from(&Graph::tree(5, 1));
        // Numbered so that the circle is a bad start.
        drawn.links = vec![(0, 2, None), (2, 4, None), (4, 1, None), (1, 3, None)];
        let places = layout(&drawn);
        let far = |a: usize, b: usize| {
            let (x, y) = (places[a].0 - places[b].0, places[a].1 - places[b].1);
            (x * x + y * y).sqrt()
        };
        assert!(far(0, 3) > 2.0 * far(0, 2), "{places:?}");
    }
}
