//! A graph as SVG.

use super::layout::{Point, layout};
use crate::network::graph::Drawn;
use std::fmt::Write;

/// Width of the drawing, in pixels; its height at most.
const SIDE: f64 = 900.0;
const MARGIN: f64 = 36.0;
/// Up to so many nodes have their labels beside them, where these do not cover anything.
const MOST_LABELS: usize = 120;
/// Height of a label, and the width of one letter of it.
const LABEL: (f64, f64) = (11.0, 7.2);

/// The picture of a graph, with `about` below it. Nodes with more links are larger.
pub(super) fn svg(graph: &Drawn, about: &str) -> String {
    let (places, height) = fitted(layout(graph));
    let radii = radii(graph);
    // The more links, the thinner and paler.
    let thin = 1.0 / (graph.links.len() as f64).max(1.0).sqrt();
    let (width, dark) = ((60.0 * thin).clamp(0.3, 1.6), (15.0 * thin).clamp(0.1, 0.7));
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {SIDE} {:.0}\" width=\"{SIDE}\" \
         height=\"{:.0}\" font-family=\"sans-serif\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <g stroke=\"#7d93a8\" stroke-width=\"{width:.2}\" stroke-opacity=\"{dark:.2}\">\n",
        height + 34.0,
        height + 34.0,
    );
    let mut draw = |line: std::fmt::Arguments<'_>| {
        out.write_fmt(line).expect("a text takes everything");
    };
    for &(a, b, _) in &graph.links {
        let ((x, y), (u, v)) = (places[a], places[b]);
        draw(format_args!(
            "<line x1=\"{x:.1}\" y1=\"{y:.1}\" x2=\"{u:.1}\" y2=\"{v:.1}\"/>\n"
        ));
    }
    draw(format_args!(
        "</g>\n<g fill=\"#1f4e79\" stroke=\"#ffffff\" stroke-width=\"0.6\">\n"
    ));
    for (node, ((x, y), radius)) in places.iter().zip(&radii).enumerate() {
        let label = escape(&graph.labels[node]);
        draw(format_args!(
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\"><title>{label}</title></circle>\n"
        ));
    }
    draw(format_args!(
        "</g>\n<g font-size=\"{}\" fill=\"#333333\">\n",
        LABEL.0
    ));
    for (node, (x, y)) in labelled(graph, &places, &radii, height) {
        let label = escape(&graph.labels[node]);
        draw(format_args!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\">{label}</text>\n"
        ));
    }
    let about = escape(about);
    draw(format_args!(
        "</g>\n<text x=\"{MARGIN}\" y=\"{:.0}\" font-size=\"14\" fill=\"#333333\">{about}</text>\n\
         </svg>\n",
        height + 16.0
    ));
    out
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// The root of the number of links counts, so that hubs stand out and leaves can be seen.
fn radii(graph: &Drawn) -> Vec<f64> {
    let mut degrees = vec![0u32; graph.names.len()];
    for &(a, b, _) in &graph.links {
        degrees[a] += 1;
        degrees[b] += 1;
    }
    let nodes = (graph.names.len() as f64).max(1.0);
    let small = (45.0 / nodes.sqrt()).clamp(1.0, 4.0);
    let large = |degree: u32| small * (1.0 + 0.35 * f64::from(degree.max(1) - 1).sqrt());
    let radii = degrees.into_iter().map(large);
    radii.map(|radius| radius.min(5.0 * small)).collect()
}

/// A rectangle: left, top, right, bottom.
type Frame = [f64; 4];

/// The labels that cover neither a node nor another label, and where their texts begin. Nodes with
/// the most links choose first.
fn labelled(graph: &Drawn, places: &[Point], radii: &[f64], height: f64) -> Vec<(usize, Point)> {
    if places.len() > MOST_LABELS {
        return Vec::new();
    }
    let mut taken: Vec<Frame> = (places.iter().zip(radii))
        .map(|(&(x, y), r)| [x - r, y - r, x + r, y + r])
        .collect();
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by(|&a, &b| radii[b].total_cmp(&radii[a]));
    let mut found = Vec::new();
    for node in order {
        let ((x, y), r) = (places[node], radii[node] + 2.0);
        let width = graph.labels[node].chars().count() as f64 * LABEL.1;
        let half = LABEL.0 / 2.0;
        let starts = [
            (x + r, y + half - 1.0),
            (x - r - width, y + half - 1.0),
            (x - width / 2.0, y - r),
            (x - width / 2.0, y + r + LABEL.0 - 2.0),
        ];
        let free = starts.into_iter().find_map(|(left, base)| {
            let frame = [left, base - LABEL.0 + 2.0, left + width, base + 2.0];
            let inside =
                frame[0] >= 0.0 && frame[2] <= SIDE && frame[1] >= 0.0 && frame[3] <= height;
            let clear = |other: &Frame| {
                frame[2] <= other[0]
                    || frame[0] >= other[2]
                    || frame[3] <= other[1]
                    || frame[1] >= other[3]
            };
            (inside && taken.iter().all(clear)).then_some(((left, base), frame))
        });
        if let Some((start, frame)) = free {
            taken.push(frame);
            found.push((node, start));
        }
    }
    found
}

/// Moved and scaled into the drawing, both directions alike, and the height of the drawing.
fn fitted(places: Vec<Point>) -> (Vec<Point>, f64) {
    let range = |of: fn(&Point) -> f64| {
        let values = places.iter().map(of);
        let ends = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        if ends.0 <= ends.1 { ends } else { (0.0, 0.0) }
    };
    let ((left, right), (top, bottom)) = (range(|p| p.0), range(|p| p.1));
    let widest = (right - left).max(bottom - top).max(1e-9);
    let scale = (SIDE - 2.0 * MARGIN) / widest;
    // A map that is wider than high needs no room above and below.
    let height = ((bottom - top) * scale + 2.0 * MARGIN).clamp(SIDE / 3.0, SIDE);
    let middle = (f64::midpoint(left, right), f64::midpoint(top, bottom));
    let fit = |(x, y): Point| {
        let right = SIDE / 2.0 + (x - middle.0) * scale;
        (right, height / 2.0 + (y - middle.1) * scale)
    };
    (places.into_iter().map(fit).collect(), height)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::graph::Graph;

    #[test]
    fn every_node_and_link_is_in_the_picture_and_inside() {
        for graph in [
            Graph::star(30),
            Graph::ring(1001, 1),
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
    fn labels_cover_nothing() {
        let drawn = Drawn::from(&Graph::grid(8, 9, false));
        let (places, height) = fitted(layout(&drawn));
        let radii = radii(&drawn);
        let labels = labelled(&drawn, &places, &radii, height);
        assert_eq!(labels.len(), 72, "there is room for all");
        for (node, (x, y)) in labels {
            let width = drawn.labels[node].len() as f64 * LABEL.1;
            for (place, radius) in places.iter().zip(&radii) {
                let beside = place.0 + radius <= x || place.0 - radius >= x + width;
                let above = place.1 + radius <= y - LABEL.0 + 2.0 || place.1 - radius >= y + 2.0;
                assert!(beside || above, "{node} covers {place:?}");
            }
        }
    }
}
