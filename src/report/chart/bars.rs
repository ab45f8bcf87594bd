//! Grouped bars with whiskers.

use super::axis::{Ends, Scale};
use super::frame::{Frame, Key};
use super::lines::legend;
use super::theme::TEXT;
use super::{Axis, Caption, Chart, ChartError, Level};
use crate::report::csv::{shortest, table};

/// One bar, in base units.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Bar {
    /// Its length; not a number leaves its place empty.
    pub value: f64,
    /// Lower end of the whisker; not a number if there is none.
    pub low: f64,
    /// Upper end of the whisker.
    pub high: f64,
}

/// The bars of one variant, one per category.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct BarGroup {
    /// Its name in the legend.
    pub name: String,
    /// One bar per category, in their order.
    pub bars: Vec<Bar>,
}

/// Bars side by side, one per variant, at each category. They always stand on zero.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Bars {
    /// Title and note.
    pub caption: Caption,
    /// Name of the categories' axis.
    pub x: String,
    /// Vertical axis; never logarithmic, since a bar's length is its value.
    pub y: Axis,
    /// The categories.
    pub categories: Vec<String>,
    /// One group per variant.
    pub groups: Vec<BarGroup>,
    /// Levels to compare with.
    pub levels: Vec<Level>,
}

impl Bars {
    /// Draws it.
    ///
    /// # Errors
    /// If there is nothing to plot.
    pub fn draw(&self) -> Result<Chart, ChartError> {
        let bars = || self.groups.iter().flat_map(|g| &g.bars);
        if self.categories.is_empty() || !bars().any(|b| b.value.is_finite()) {
            return Err(ChartError::Empty(self.caption.title.clone()));
        }
        let axis = Axis {
            log: false,
            ..self.y.clone()
        };
        let heights = bars().flat_map(|b| [b.value, b.low, b.high]);
        let y = Scale::over(
            &axis,
            heights.chain(self.levels.iter().map(|l| l.value)),
            Ends::FromZero,
        );
        let x = Scale::categories(&self.x, &self.categories);
        let names: Vec<&str> = self.groups.iter().map(|g| g.name.as_str()).collect();
        let mut frame = Frame::new(&self.caption, x, y, &legend(&names, &self.levels, Key::Box));
        let slot = (frame.right - frame.left) / self.categories.len() as f64;
        let count = self.groups.len() as f64;
        let width = (slot * 0.72 / count).min(64.0);
        let zero = frame.height(0.0);
        for (series, group) in self.groups.iter().enumerate() {
            for (category, bar) in group
                .bars
                .iter()
                .enumerate()
                .filter(|(_, b)| b.value.is_finite())
            {
                let middle = frame.at(category as f64, 0.0).0
                    + (series as f64 - (count - 1.0) / 2.0) * width;
                let half = width / 2.0 - 1.5;
                let end = frame.height(bar.value);
                let (top, bottom) = (end.min(zero), end.max(zero));
                frame.hatched((middle - half, top), (middle + half, bottom), series);
                if bar.low.is_finite() && bar.high.is_finite() {
                    let (low, high) = (frame.height(bar.low), frame.height(bar.high));
                    let cap = (half * 0.5).min(5.0);
                    frame.canvas.line((middle, low), (middle, high), 1.3, TEXT);
                    for y in [low, high] {
                        frame
                            .canvas
                            .line((middle - cap, y), (middle + cap, y), 1.3, TEXT);
                    }
                }
            }
        }
        frame.levels(&self.levels);
        let (left, right) = (frame.left, frame.right);
        frame
            .canvas
            .line((left, zero), (right, zero), 1.1, super::theme::AXIS);
        let rows = self.groups.iter().flat_map(|group| {
            group
                .bars
                .iter()
                .zip(&self.categories)
                .map(|(bar, category)| {
                    let numbers = [bar.value, bar.low, bar.high].map(shortest);
                    [group.name.clone(), category.clone()]
                        .into_iter()
                        .chain(numbers)
                        .collect()
                })
        });
        let csv = table(&["series", "x", "y", "low", "high"], rows);
        Chart::finish(&self.caption, frame.canvas, csv)
    }
}
