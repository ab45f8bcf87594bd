//! A forest plot: one row for each variant, what it changes against a base, with an interval.

use super::axis::{Ends, Scale};
use super::frame::Frame;
use super::theme::{AXIS, STROKE, ink};
use super::{Axis, Caption, Chart, ChartError};
use crate::report::csv::{shortest, table};

/// One row, in base units.
#[derive(Clone, PartialEq, Debug)]
pub struct Effect {
    /// Whose it is.
    pub name: String,
    /// The change; not a number leaves the row empty.
    pub value: f64,
    /// Lower end of the interval; not a number if there is none.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

/// Rows from top to bottom around a line at no change. An interval that leaves the line is filled.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Forest {
    /// Title and note.
    pub caption: Caption,
    /// The horizontal axis: the change.
    pub x: Axis,
    /// The rows.
    pub rows: Vec<Effect>,
}

impl Effect {
    /// Whether the interval does not hold zero.
    fn is_clear(&self) -> bool {
        self.low > 0.0 || self.high < 0.0
    }
}

impl Forest {
    /// Draws it.
    ///
    /// # Errors
    /// If there is nothing to plot.
    pub fn draw(&self) -> Result<Chart, ChartError> {
        let rows = || self.rows.iter().filter(|row| row.value.is_finite());
        if rows().next().is_none() {
            return Err(ChartError::Empty(self.caption.title.clone()));
        }
        let values = rows().flat_map(|row| [row.value, row.low, row.high]);
        let x = Scale::over(&self.x, values.chain([0.0]), Ends::AtTicks);
        // The first row stands on top.
        let names: Vec<String> = self.rows.iter().rev().map(|row| row.name.clone()).collect();
        let y = Scale::categories("", &names);
        let mut frame = Frame::new(&self.caption, x, y, &[]);
        let zero = frame.at(0.0, 0.0).0;
        let (top, bottom) = (frame.top, frame.bottom);
        frame.canvas.line((zero, top), (zero, bottom), 1.3, AXIS);
        for (place, row) in self.rows.iter().rev().enumerate() {
            if !row.value.is_finite() {
                continue;
            }
            let series = usize::from(!row.is_clear()) * FAINT;
            let at = frame.at(row.value, place as f64);
            if row.low.is_finite() && row.high.is_finite() {
                let (left, right) = (frame.at(row.low, 0.0).0, frame.at(row.high, 0.0).0);
                let colour = ink(series);
                frame
                    .canvas
                    .line((left, at.1), (right, at.1), STROKE, colour);
                for x in [left, right] {
                    let (up, down) = ((x, at.1 - 5.0), (x, at.1 + 5.0));
                    frame.canvas.line(up, down, STROKE, colour);
                }
            }
            frame.mark(at, series);
        }
        frame.base_line();
        let cells = self.rows.iter().map(|row| {
            let numbers = [row.value, row.low, row.high].map(shortest);
            [row.name.clone()].into_iter().chain(numbers).collect()
        });
        let csv = table(&["series", "change", "low", "high"], cells);
        Chart::finish(&self.caption, frame.canvas, csv)
    }
}

/// The series whose ink and marker rows have that may be no change at all.
const FAINT: usize = 1;
