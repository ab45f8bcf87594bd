//! Curves with bands: a metric over a sweep, or over time; dots with whiskers over categories.

use super::axis::{Ends, Scale};
use super::frame::{Frame, Key};
use super::theme::{BAND, STROKE, ink};
use super::{Axis, Caption, Chart, ChartError, Level};
use crate::report::csv::{shortest, table};

/// One point of a curve, in base units.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Point {
    /// Where on the horizontal axis; with categories, the index of one.
    pub x: f64,
    /// The value; not a number breaks the curve.
    pub y: f64,
    /// Lower end of the band; not a number if there is none.
    pub low: f64,
    /// Upper end of the band.
    pub high: f64,
}

/// One curve.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Line {
    /// Its name in the legend.
    pub name: String,
    /// Its points, ascending in x.
    pub points: Vec<Point>,
}

/// A metric over a sweep: a curve with markers per variant, and its interval as a band. Over
/// categories, which have no between, dots with whiskers.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Lines {
    /// Title and note.
    pub caption: Caption,
    /// Horizontal axis.
    pub x: Axis,
    /// Vertical axis.
    pub y: Axis,
    /// If the sweep is not over numbers: its texts, and x is an index.
    pub categories: Vec<String>,
    /// Ticks (value, text) at the sweep's own values; round ones if empty.
    pub ticks: Vec<(f64, String)>,
    /// The curves.
    pub lines: Vec<Line>,
    /// Levels to compare with.
    pub levels: Vec<Level>,
}

/// A value over time: many points, few markers, the band over runs.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Series {
    /// Title and note.
    pub caption: Caption,
    /// Horizontal axis, time as a rule.
    pub x: Axis,
    /// Vertical axis.
    pub y: Axis,
    /// The curves.
    pub lines: Vec<Line>,
    /// Levels to compare with.
    pub levels: Vec<Level>,
}

impl Lines {
    /// Draws it.
    ///
    /// # Errors
    /// If there is nothing to plot.
    pub fn draw(&self) -> Result<Chart, ChartError> {
        let places = self.lines.iter().flat_map(|l| &l.points).map(|p| p.x);
        let x = if self.categories.is_empty() {
            let scale = Scale::over(&self.x, places, Ends::AtData);
            if self.ticks.is_empty() {
                scale
            } else {
                scale.with_ticks(self.ticks.clone())
            }
        } else {
            Scale::categories(&self.x.label, &self.categories)
        };
        let name = |x: f64| {
            self.categories
                .get(x as usize)
                .cloned()
                .unwrap_or_else(|| shortest(x))
        };
        let plot = Plot {
            caption: &self.caption,
            y: &self.y,
            lines: &self.lines,
            levels: &self.levels,
        };
        let form = if self.categories.is_empty() {
            Form::Curve
        } else {
            Form::Dots
        };
        plot.draw(x, name, form)
    }
}

impl Series {
    /// Draws it.
    ///
    /// # Errors
    /// If there is nothing to plot.
    pub fn draw(&self) -> Result<Chart, ChartError> {
        let places = self.lines.iter().flat_map(|l| &l.points).map(|p| p.x);
        let x = Scale::over(&self.x, places, Ends::AtData);
        let plot = Plot {
            caption: &self.caption,
            y: &self.y,
            lines: &self.lines,
            levels: &self.levels,
        };
        plot.draw(x, shortest, Form::Sparse)
    }
}

/// How points are joined.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Form {
    /// A stroke with a marker at each point.
    Curve,
    /// A stroke with few markers.
    Sparse,
    /// Markers with whiskers.
    Dots,
}

/// What the two kinds share.
struct Plot<'a> {
    caption: &'a Caption,
    y: &'a Axis,
    lines: &'a [Line],
    levels: &'a [Level],
}

/// The legend of named curves and levels; one curve alone needs none.
pub(super) fn legend(
    names: &[&str],
    levels: &[Level],
    key: impl Fn(usize) -> Key,
) -> Vec<(Key, String)> {
    let alone = names.len() == 1 && levels.is_empty();
    let named = names
        .iter()
        .enumerate()
        .filter(|(_, name)| !name.is_empty() && !alone);
    let curves = named.map(|(i, name)| (key(i), (*name).to_owned()));
    let mut legend: Vec<(Key, String)> = curves.collect();
    for level in levels {
        let entry = (Key::Dashes, level.name.clone());
        if !legend.contains(&entry) {
            legend.push(entry);
        }
    }
    legend
}

impl Plot<'_> {
    fn draw(
        &self,
        x: Scale,
        x_text: impl Fn(f64) -> String,
        form: Form,
    ) -> Result<Chart, ChartError> {
        let points = || self.lines.iter().flat_map(|l| &l.points);
        if !points().any(|p| p.y.is_finite() && p.x.is_finite()) {
            return Err(ChartError::Empty(self.caption.title.clone()));
        }
        let levels = self.levels.iter().map(|l| l.value);
        let heights = points().flat_map(|p| [p.y, p.low, p.high]);
        let y = Scale::over(self.y, heights.chain(levels), Ends::AtTicks);
        let names: Vec<&str> = self.lines.iter().map(|l| l.name.as_str()).collect();
        let key = if form == Form::Dots {
            Key::Dot
        } else {
            Key::Curve
        };
        let mut frame = Frame::new(self.caption, x, y, &legend(&names, self.levels, key));
        if form == Form::Dots {
            frame.levels(self.levels);
            frame.base_line();
            self.dots(&mut frame);
        } else {
            self.curves(&mut frame, form);
        }
        let rows = self.lines.iter().flat_map(|line| {
            line.points.iter().map(|p| {
                let numbers = [p.y, p.low, p.high].map(shortest);
                [line.name.clone(), x_text(p.x)]
                    .into_iter()
                    .chain(numbers)
                    .collect()
            })
        });
        let csv = table(&["series", "x", "y", "low", "high"], rows);
        Chart::finish(self.caption, frame.canvas, csv)
    }

    /// All bands below, then levels, all strokes, and markers on top.
    fn curves(&self, frame: &mut Frame, form: Form) {
        for (series, line) in self.lines.iter().enumerate() {
            for run in unbroken(&line.points) {
                band(frame, run, series);
            }
        }
        frame.levels(self.levels);
        for (series, line) in self.lines.iter().enumerate() {
            for run in unbroken(&line.points) {
                let path = run.iter().map(|p| frame.at(p.x, p.y)).collect();
                frame.canvas.path(path, STROKE, ink(series));
            }
        }
        frame.base_line();
        for (series, line) in self.lines.iter().enumerate() {
            let real = line
                .points
                .iter()
                .filter(|p| p.y.is_finite() && p.x.is_finite());
            let places: Vec<(f64, f64)> = real.map(|p| frame.at(p.x, p.y)).collect();
            let shown = match form {
                Form::Sparse => spread(&places, series, self.lines.len()),
                Form::Curve | Form::Dots => places,
            };
            for place in shown {
                frame.mark(place, series);
            }
        }
    }

    /// Series side by side at each category.
    fn dots(&self, frame: &mut Frame) {
        let count = self.lines.len() as f64;
        let step = (0.6 / count).min(0.12);
        for (series, line) in self.lines.iter().enumerate() {
            let aside = (series as f64 - (count - 1.0) / 2.0) * step;
            for point in line.points.iter().filter(|p| p.y.is_finite()) {
                let (x, y) = frame.at(point.x + aside, point.y);
                if point.low.is_finite() && point.high.is_finite() {
                    let ends = [frame.height(point.low), frame.height(point.high)];
                    frame
                        .canvas
                        .line((x, ends[0]), (x, ends[1]), STROKE, ink(series));
                    for end in ends {
                        frame
                            .canvas
                            .line((x - 4.0, end), (x + 4.0, end), STROKE, ink(series));
                    }
                }
                frame.dot((x, y), series);
            }
        }
    }
}

/// The stretches of points without a gap.
fn unbroken(points: &[Point]) -> impl Iterator<Item = &[Point]> {
    let real = |p: &Point| p.y.is_finite() && p.x.is_finite();
    points
        .split(move |p| !real(p))
        .filter(|run| !run.is_empty())
}

fn band(frame: &mut Frame, run: &[Point], series: usize) {
    let has_band = |p: &Point| p.low.is_finite() && p.high.is_finite();
    for part in run.split(|p| !has_band(p)).filter(|part| !part.is_empty()) {
        if let [only] = part {
            // A band needs two points; one gets a whisker.
            let (x, low) = frame.at(only.x, only.low);
            let high = frame.height(only.high);
            frame.canvas.line((x, low), (x, high), 1.3, ink(series));
            continue;
        }
        let upper = part.iter().map(|p| frame.at(p.x, p.high));
        let lower = part.iter().rev().map(|p| frame.at(p.x, p.low));
        let outline = upper.chain(lower).collect();
        frame.canvas.area(outline, ink(series).faded(BAND));
    }
}

/// Some seven of many places, at a different phase for each series.
fn spread(places: &[(f64, f64)], series: usize, of: usize) -> Vec<(f64, f64)> {
    if places.len() <= 10 {
        return places.to_vec();
    }
    let step = places.len() as f64 / 7.0;
    let phase = (series as f64 + 0.5) / of.max(1) as f64;
    (0..7)
        .map(|i| places[((f64::from(i) + phase) * step) as usize])
        .collect()
}
