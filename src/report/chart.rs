//! Charts in one style, fit for a paper: drawn as shapes in logical pixels, and written through
//! plotters as SVG (and PNG on request), with the plotted numbers as CSV beside each.
//!
//! - Colours are those of Okabe & Ito (2008), told apart by the colour-blind, and every series has
//!   a marker or hatch of its own, so that a grey print is readable too.
//! - Legends stand below the plot: they never cover data.
//! - Text is measured with the embedded `DejaVu Sans`, which is wider than the fonts that readers of
//!   an SVG have (Inter, Helvetica, Arial): what fits here fits there.
//! - Bytes are the same on every machine: coordinates are rounded to an eighth of a pixel.

mod axis;
mod bars;
mod canvas;
mod ecdf;
mod forest;
mod frame;
mod frontier;
mod lines;
mod theme;

pub use bars::{Bar, BarGroup, Bars};
pub use ecdf::{Distribution, Ecdf};
pub use forest::{Effect, Forest};
pub use frontier::{Frontier, Reach, Spot, Trail};
pub use lines::{Line, Lines, Point, Series};

use canvas::Canvas;
use thiserror::Error;

/// Why a chart could not be drawn.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum ChartError {
    /// There is not one number to plot.
    #[error("chart \"{0}\" has nothing to plot")]
    Empty(String),
    /// The drawing library refused.
    #[error("cannot draw chart \"{title}\": {reason}")]
    Backend {
        /// Title of the chart.
        title: String,
        /// What it said.
        reason: String,
    },
}

/// The words around a chart.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Caption {
    /// What is shown, one line; it also becomes the SVG's title.
    pub title: String,
    /// How to read it, smaller below the title: `mean of 20 runs, band: 95 % interval`.
    pub note: String,
}

/// One axis: what is on it, and in which base unit.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Axis {
    /// What is measured, without its unit.
    pub label: String,
    /// The base unit of the numbers given (`s`, `B`, `share`, empty for pure numbers); the axis
    /// shows whichever of its multiples reads well.
    pub unit: String,
    /// Logarithmic; an axis with a value at or below zero stays linear.
    pub log: bool,
}

/// A level to compare with, drawn in dashes: an expectation, or a theory's value.
#[derive(Clone, PartialEq, Debug)]
pub struct Level {
    /// Its words in the legend.
    pub name: String,
    /// Its value, in the base unit of the vertical axis.
    pub value: f64,
    /// Where on the horizontal axis it holds; nowhere in particular, and drawn all across, if empty.
    pub at: Vec<f64>,
}

/// A finished chart.
#[derive(Clone, PartialEq, Debug)]
pub struct Chart {
    /// The picture.
    pub svg: String,
    /// The plotted numbers, in base units.
    pub csv: String,
    canvas: Canvas,
}

impl Chart {
    fn finish(caption: &Caption, canvas: Canvas, csv: String) -> Result<Self, ChartError> {
        let refused = |reason| ChartError::Backend {
            title: caption.title.clone(),
            reason,
        };
        let svg = canvas.svg(&caption.title, &caption.note).map_err(refused)?;
        Ok(Self { svg, csv, canvas })
    }

    /// The picture as PNG, two pixels to each of the SVG's.
    pub fn png(&self) -> Result<Vec<u8>, ChartError> {
        let refused = |reason| ChartError::Backend {
            title: String::from("as PNG"),
            reason,
        };
        self.canvas.png().map_err(refused)
    }
}

#[cfg(test)]
mod tests;
