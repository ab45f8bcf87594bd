//! What surrounds the data: title, axes, grid, legend, and the room they take.

use super::axis::Scale;
use super::canvas::{Anchor, Canvas, fit, text_width, wrap, wrap_evenly};
use super::theme::{
    AXIS, GRID, LABEL, MARGIN, MARKER, NOTE, PLOT_HEIGHT, QUIET, STROKE, TEXT, TICK, TITLE, WHITE,
    WIDTH, ink, marker,
};
use super::{Caption, Level};

/// What stands before a name in the legend.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Key {
    /// A stroke with the series' marker.
    Curve(usize),
    /// The series' marker alone.
    Dot(usize),
    /// A box in the series' colour and hatch.
    Box(usize),
    /// A dashed stroke.
    Dashes,
}

/// The frame of a chart: places values on its canvas.
pub(super) struct Frame {
    pub(super) canvas: Canvas,
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
    pub(super) x: Scale,
    pub(super) y: Scale,
}

const LINE: f64 = 1.3;
const KEY: f64 = 26.0;
/// Between two strokes of a hatch.
const GAP: f64 = 7.0;
/// Half of a level that holds at one place only.
const LEVEL: f64 = 18.0;

impl Frame {
    /// Lays the chart out and draws everything but the data.
    pub(super) fn new(caption: &Caption, x: Scale, y: Scale, legend: &[(Key, String)]) -> Self {
        let inner = WIDTH - 2.0 * MARGIN;
        let title = wrap(&caption.title, TITLE, true, inner);
        let note = wrap(&caption.note, NOTE, false, inner);
        let widest = y
            .ticks
            .iter()
            .map(|(_, label)| text_width(label, TICK, false))
            .fold(0.0, f64::max);
        let left = MARGIN
            + if y.label.is_empty() {
                0.0
            } else {
                LABEL * LINE + 4.0
            }
            + widest
            + 8.0;
        // Half of the last tick's label may stand out to the right.
        let last = x.ticks.last().map_or(0.0, |(at, label)| {
            text_width(label, TICK, false) / 2.0 - (1.0 - x.place(*at)) * (WIDTH - left - MARGIN)
        });
        let right = WIDTH - MARGIN - last.max(4.0);
        let top = MARGIN
            + title.len() as f64 * TITLE * LINE
            + note.len() as f64 * NOTE * LINE
            + if title.len() + note.len() > 0 {
                10.0
            } else {
                2.0
            };
        let bottom = top + PLOT_HEIGHT;
        let canvas = Canvas {
            width: WIDTH,
            height: 0.0,
            shapes: Vec::new(),
        };
        let mut frame = Self {
            canvas,
            left,
            right,
            top,
            bottom,
            x,
            y,
        };
        let mut line = MARGIN;
        for text in &title {
            frame
                .canvas
                .title((MARGIN, line + TITLE * 0.95), text, TITLE, TEXT);
            line += TITLE * LINE;
        }
        for text in &note {
            frame.canvas.text(
                (MARGIN, line + NOTE * 0.95),
                text,
                NOTE,
                Anchor::Start,
                QUIET,
            );
            line += NOTE * LINE;
        }
        frame.vertical_axis();
        let below = frame.horizontal_axis();
        let end = frame.legend(below, legend);
        frame.canvas.height = (end + MARGIN).ceil();
        frame
    }

    /// The place of a value pair on the canvas.
    pub(super) fn at(&self, x: f64, y: f64) -> (f64, f64) {
        (
            self.left + self.x.place(x) * (self.right - self.left),
            self.height(y),
        )
    }

    pub(super) fn height(&self, y: f64) -> f64 {
        self.bottom - self.y.place(y) * (self.bottom - self.top)
    }

    /// A series' marker with a thin white edge.
    pub(super) fn mark(&mut self, (x, y): (f64, f64), series: usize) {
        for (size, ink) in [(MARKER + 1.1, WHITE), (MARKER, ink(series))] {
            let outline = marker(series, size)
                .into_iter()
                .map(|(dx, dy)| (x + dx, y + dy));
            self.canvas.area(outline.collect(), ink);
        }
    }

    /// A series' marker without an edge, to sit on a whisker.
    pub(super) fn dot(&mut self, (x, y): (f64, f64), series: usize) {
        let outline = marker(series, MARKER)
            .into_iter()
            .map(|(dx, dy)| (x + dx, y + dy));
        self.canvas.area(outline.collect(), ink(series));
    }

    /// Dashed lines across, and short ones where a level holds only there.
    pub(super) fn levels(&mut self, levels: &[Level]) {
        for level in levels.iter().filter(|level| level.value.is_finite()) {
            let height = self.height(level.value);
            if level.at.is_empty() {
                self.canvas
                    .dashes((self.left, height), self.right, 1.3, TEXT);
            }
            for &x in &level.at {
                let middle = self.at(x, level.value).0;
                let left = (middle - LEVEL).max(self.left);
                let right = (middle + LEVEL).min(self.right);
                self.canvas.dashes((left, height), right, 2.0, TEXT);
            }
        }
    }

    /// The line that the data stand on: over bands and strokes, under markers.
    pub(super) fn base_line(&mut self) {
        let (left, right, bottom) = (self.left, self.right, self.bottom);
        self.canvas.line((left, bottom), (right, bottom), 1.1, AXIS);
    }

    fn vertical_axis(&mut self) {
        for (value, label) in self.y.ticks.clone() {
            let y = self.height(value);
            self.canvas.line((self.left, y), (self.right, y), 0.9, GRID);
            let at = (self.left - 7.0, y + TICK * 0.36);
            self.canvas.text(at, &label, TICK, Anchor::End, TEXT);
        }
        for value in self.y.minor.clone() {
            let y = self.height(value);
            self.canvas
                .line((self.left - 3.0, y), (self.left, y), 0.8, AXIS);
        }
        if !self.y.minor.is_empty() {
            self.canvas
                .line((self.left, self.top), (self.left, self.bottom), 1.1, AXIS);
        }
        let label = fit(&self.y.label, LABEL, self.bottom - self.top + 20.0);
        if !label.is_empty() {
            let at = (MARGIN + LABEL * 0.9, f64::midpoint(self.top, self.bottom));
            self.canvas.turned(at, &label, LABEL, TEXT);
        }
    }

    /// Writes the labels below the axis and returns how many lines they take. Long names of neighbouring
    /// categories break into lines; if they still collide, every second one stands lower; what collides
    /// even then is left out.
    fn tick_labels(&mut self, ticks: &[(f64, String)], places: &[f64]) -> usize {
        let gaps = places.windows(2).map(|w| w[1] - w[0]);
        let room = gaps.fold(f64::INFINITY, f64::min) - 8.0;
        let named = self.x.named;
        let broken = |label: &String, room: f64| {
            let breaks = label.contains(' ') || (named && label.contains('-'));
            if breaks && text_width(label, TICK, false) > room {
                wrap_evenly(label, TICK, room)
            } else {
                vec![label.clone()]
            }
        };
        let half = |lines: &[String]| {
            let widths = lines.iter().map(|line| text_width(line, TICK, false));
            widths.fold(0.0, f64::max) / 2.0
        };
        let mut labels: Vec<Vec<String>> = Vec::new();
        labels.extend(ticks.iter().map(|(_, label)| broken(label, room)));
        let mut pairs = labels.windows(2).zip(places.windows(2));
        let collide = pairs.any(|(two, at)| half(&two[0]) + half(&two[1]) + 6.0 > at[1] - at[0]);
        let stagger = named && collide && ticks.len() > 3;
        let mut below = 0;
        if stagger {
            labels.clear();
            let wide = 2.0 * room + 8.0;
            labels.extend(ticks.iter().map(|(_, label)| broken(label, wide)));
            below = labels.iter().step_by(2).map(Vec::len).max().unwrap_or(0);
        }
        let mut lines = 1;
        let mut free = [f64::NEG_INFINITY; 2];
        for (nth, (label, &x)) in labels.iter().zip(places).enumerate() {
            self.canvas
                .line((x, self.bottom), (x, self.bottom + 5.0), 1.0, AXIS);
            let row = usize::from(stagger && nth % 2 == 1);
            if x - half(label) < free[row] {
                continue;
            }
            free[row] = x + half(label) + 6.0;
            let first = row * below;
            lines = lines.max(first + label.len());
            for (line, text) in (first..).zip(label) {
                let y = self.bottom + 7.0 + TICK * (0.85 + LINE * line as f64);
                self.canvas.text((x, y), text, TICK, Anchor::Middle, TEXT);
            }
        }
        lines
    }

    /// Draws the axis below and returns where it ends.
    fn horizontal_axis(&mut self) -> f64 {
        let ticks = self.x.ticks.clone();
        let places: Vec<f64> = ticks
            .iter()
            .map(|(value, _)| self.at(*value, 0.0).0)
            .collect();
        for value in self.x.minor.clone() {
            let x = self.at(value, 0.0).0;
            self.canvas
                .line((x, self.bottom), (x, self.bottom + 3.0), 0.8, AXIS);
        }
        let lines = self.tick_labels(&ticks, &places);
        let mut end = self.bottom + 7.0 + TICK * LINE * lines as f64;
        let label = fit(&self.x.label, LABEL, WIDTH - 2.0 * MARGIN);
        if !label.is_empty() {
            // Centred below the plot, but never over the edge.
            let half = text_width(&label, LABEL, false) / 2.0;
            let middle = f64::midpoint(self.left, self.right);
            let middle = middle.min(WIDTH - MARGIN - half).max(MARGIN + half);
            self.canvas.text(
                (middle, end + LABEL * 1.05),
                &label,
                LABEL,
                Anchor::Middle,
                TEXT,
            );
            end += LABEL * LINE + 1.0;
        }
        end
    }

    /// Draws the legend in rows from `top` and returns where it ends.
    fn legend(&mut self, top: f64, entries: &[(Key, String)]) -> f64 {
        if entries.is_empty() {
            return top;
        }
        let row = LABEL * 1.45;
        let (mut x, mut y) = (self.left, top + row);
        for (key, name) in entries {
            let name = fit(name, TICK, WIDTH - MARGIN - self.left - KEY - 8.0);
            let width = KEY + 6.0 + text_width(&name, TICK, false);
            if x > self.left && x + width > WIDTH - MARGIN {
                x = self.left;
                y += row;
            }
            let middle = y - TICK * 0.34;
            match *key {
                Key::Curve(series) => {
                    self.canvas
                        .line((x, middle), (x + KEY, middle), STROKE, ink(series));
                    self.mark((x + KEY / 2.0, middle), series);
                }
                Key::Dot(series) => self.mark((x + KEY / 2.0, middle), series),
                Key::Box(series) => {
                    let corner = (x + KEY, middle + 6.0);
                    self.hatched((x + 6.0, middle - 6.0), corner, series);
                }
                Key::Dashes => self.canvas.dashes((x, middle), x + KEY, 1.3, TEXT),
            }
            self.canvas
                .text((x + KEY + 6.0, y), &name, TICK, Anchor::Start, TEXT);
            x += width + 18.0;
        }
        y + 3.0
    }

    /// A box in the series' colour, with white hatching from the second series on.
    pub(super) fn hatched(
        &mut self,
        (left, top): (f64, f64),
        (right, bottom): (f64, f64),
        series: usize,
    ) {
        self.canvas.rect((left, top), (right, bottom), ink(series));
        let white = WHITE.faded(0.75);
        if matches!(series % 4, 1 | 3) {
            // Diagonals x + y = c (or x - y = c, mirrored), clipped to the box.
            let (width, height) = (right - left, bottom - top);
            let mut c = GAP / 2.0;
            while c < width + height {
                let from = (c.min(width), (c - width).max(0.0));
                let to = ((c - height).max(0.0), c.min(height));
                let turn = |(x, y): (f64, f64)| {
                    (if series % 4 == 1 { left + x } else { right - x }, top + y)
                };
                self.canvas.line(turn(from), turn(to), 1.1, white);
                c += GAP;
            }
        }
        if series % 4 == 2 {
            let mut y = bottom - GAP / 2.0;
            while y > top {
                self.canvas.line((left, y), (right, y), 1.1, white);
                y -= GAP * 0.75;
            }
        }
    }
}
