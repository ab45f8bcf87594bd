//! A frontier: one metric against another, what is paid for what is got.

use super::axis::{Ends, Scale};
use super::canvas::{Anchor, text_width};
use super::frame::{Frame, Key};
use super::lines::legend;
use super::theme::{MARKER, QUIET, STROKE, TEXT, ink};
use super::{Axis, Caption, Chart, ChartError};
use crate::report::csv::{shortest, table};

/// A mean with its interval, in base units; ends that are not numbers leave the whisker out.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Reach {
    /// The mean.
    pub mean: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// One point.
#[derive(Clone, PartialEq, Debug)]
pub struct Spot {
    /// Along the horizontal axis: the price, as a rule.
    pub x: Reach,
    /// Along the vertical one.
    pub y: Reach,
    /// What tells it from the others of its trail; may be empty.
    pub label: String,
    /// Whether nobody it is compared with is better both ways: it gets a ring.
    pub is_best: bool,
}

/// The points of one variant, in the order in which they are joined.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Trail {
    /// Its name in the legend.
    pub name: String,
    /// Its points.
    pub spots: Vec<Spot>,
}

/// Points in a plane, joined by variant.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Frontier {
    /// Title and note.
    pub caption: Caption,
    /// Horizontal axis.
    pub x: Axis,
    /// Vertical axis.
    pub y: Axis,
    /// The trails.
    pub trails: Vec<Trail>,
}

/// The size of a label beside a point.
const SMALL: f64 = 10.0;
/// Corners of a ring.
const CORNERS: u32 = 24;

impl Spot {
    fn is_there(&self) -> bool {
        self.x.mean.is_finite() && self.y.mean.is_finite()
    }
}

impl Frontier {
    /// Draws it.
    ///
    /// # Errors
    /// If there is nothing to plot.
    pub fn draw(&self) -> Result<Chart, ChartError> {
        let spots = || {
            let all = self.trails.iter().flat_map(|trail| &trail.spots);
            all.filter(|spot| spot.is_there())
        };
        if spots().next().is_none() {
            return Err(ChartError::Empty(self.caption.title.clone()));
        }
        let ends = |reach: Reach| [reach.mean, reach.low, reach.high];
        let x = Scale::over(&self.x, spots().flat_map(|s| ends(s.x)), Ends::AtTicks);
        let y = Scale::over(&self.y, spots().flat_map(|s| ends(s.y)), Ends::AtTicks);
        let names: Vec<&str> = self.trails.iter().map(|t| t.name.as_str()).collect();
        let mut frame = Frame::new(&self.caption, x, y, &legend(&names, &[], Key::Curve));
        frame.base_line();
        for (series, trail) in self.trails.iter().enumerate() {
            let there = trail.spots.iter().filter(|spot| spot.is_there());
            let path = there.map(|s| frame.at(s.x.mean, s.y.mean)).collect();
            frame.canvas.path(path, 1.0, ink(series).faded(0.6));
        }
        let mut taken: Vec<[f64; 4]> = Vec::new();
        for (series, trail) in self.trails.iter().enumerate() {
            for spot in trail.spots.iter().filter(|spot| spot.is_there()) {
                let at = frame.at(spot.x.mean, spot.y.mean);
                taken.push([at.0 - 5.0, at.1 - 5.0, at.0 + 5.0, at.1 + 5.0]);
                whiskers(&mut frame, spot, series, &mut taken);
            }
        }
        for (series, trail) in self.trails.iter().enumerate() {
            for spot in trail.spots.iter().filter(|spot| spot.is_there()) {
                let at = frame.at(spot.x.mean, spot.y.mean);
                if spot.is_best {
                    ring(&mut frame, at);
                }
                frame.mark(at, series);
                name(&mut frame, at, &spot.label, &mut taken);
            }
        }
        let rows = self.trails.iter().flat_map(|trail| {
            trail.spots.iter().map(|spot| {
                let numbers = ends(spot.x).into_iter().chain(ends(spot.y)).map(shortest);
                let best = if spot.is_best { "yes" } else { "no" };
                [trail.name.clone(), spot.label.clone()]
                    .into_iter()
                    .chain(numbers)
                    .chain([best.to_owned()])
                    .collect()
            })
        });
        let head = [
            "series", "at", "x", "x_low", "x_high", "y", "y_low", "y_high", "best",
        ];
        let csv = table(&head, rows);
        Chart::finish(&self.caption, frame.canvas, csv)
    }
}

fn whiskers(frame: &mut Frame, spot: &Spot, series: usize, taken: &mut Vec<[f64; 4]>) {
    let (x, y) = (spot.x, spot.y);
    let thin = 0.6 * STROKE;
    if x.low.is_finite() && x.high.is_finite() {
        let (from, to) = (frame.at(x.low, y.mean), frame.at(x.high, y.mean));
        frame.canvas.line(from, to, thin, ink(series));
        taken.push([from.0, from.1 - 1.0, to.0, to.1 + 1.0]);
    }
    if y.low.is_finite() && y.high.is_finite() {
        let (from, to) = (frame.at(x.mean, y.low), frame.at(x.mean, y.high));
        frame.canvas.line(from, to, thin, ink(series));
        taken.push([to.0 - 1.0, to.1, from.0 + 1.0, from.1]);
    }
}

fn ring(frame: &mut Frame, (x, y): (f64, f64)) {
    let radius = MARKER + 3.4;
    let corner = |corner: u32| {
        let angle = f64::from(corner) / f64::from(CORNERS) * std::f64::consts::TAU;
        (
            x + radius * crate::math::cos(angle),
            y + radius * crate::math::sin(angle),
        )
    };
    let outline = (0..=CORNERS).map(corner).collect();
    frame.canvas.path(outline, 1.1, TEXT);
}

/// Writes a label beside a point, where there is room: on the right, on the left, above or below.
fn name(frame: &mut Frame, (x, y): (f64, f64), label: &str, taken: &mut Vec<[f64; 4]>) {
    if label.is_empty() {
        return;
    }
    let (width, aside) = (text_width(label, SMALL, false), MARKER + 6.0);
    let places = [
        (x + aside, y + SMALL * 0.36),
        (x - aside - width, y + SMALL * 0.36),
        (x - width / 2.0, y - aside),
        (x - width / 2.0, y + aside + SMALL * 0.75),
    ];
    for (left, base) in places {
        let area = [left, base - 0.8 * SMALL, left + width, base + 0.25 * SMALL];
        let inside = area[0] >= frame.left
            && area[2] <= frame.right
            && area[1] >= frame.top
            && area[3] <= frame.bottom;
        let meets = |other: &[f64; 4]| {
            area[0] < other[2] && other[0] < area[2] && area[1] < other[3] && other[1] < area[3]
        };
        if inside && !taken.iter().any(meets) {
            let at = (left, base);
            frame.canvas.text(at, label, SMALL, Anchor::Start, QUIET);
            taken.push(area);
            return;
        }
    }
}
