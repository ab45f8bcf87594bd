//! Empirical distributions, with what was never measured in sight.

use super::axis::{Ends, Scale};
use super::frame::{Frame, Key};
use super::lines::legend;
use super::theme::{STROKE, ink};
use super::{Axis, Caption, Chart, ChartError};
use crate::report::csv::{shortest, table};
use crate::report::number::fixed;

/// The measurements of one variant.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Distribution {
    /// Its name in the legend.
    pub name: String,
    /// The values, ascending, in base units.
    pub values: Vec<f64>,
    /// How many more were never measured: the curve ends that much below 1.
    pub censored: u64,
}

impl Distribution {
    fn total(&self) -> f64 {
        self.values.len() as f64 + self.censored as f64
    }

    /// The name with how many are counted and how many of them never came.
    fn legend(&self) -> String {
        let count = fixed(self.total(), 0);
        let censored = 100.0 * self.censored as f64 / self.total();
        let never = match self.censored {
            0 => String::new(),
            _ if censored < 0.1 => ", <\u{a0}0.1\u{a0}% never".to_owned(),
            _ => format!(", {}\u{a0}% never", fixed(censored, 1)),
        };
        let name = if self.name.is_empty() {
            "all"
        } else {
            &self.name
        };
        format!("{name} (n\u{a0}=\u{a0}{count}{never})")
    }
}

/// The share of measurements at or below each value, one step curve per variant.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Ecdf {
    /// Title and note.
    pub caption: Caption,
    /// Horizontal axis: the measured value.
    pub x: Axis,
    /// What the shares are of: `share of deliveries`.
    pub of: String,
    /// The distributions.
    pub distributions: Vec<Distribution>,
}

impl Ecdf {
    /// Draws it. Steps closer than half a pixel are joined, in the picture and in its CSV.
    ///
    /// # Errors
    /// If there is nothing to plot.
    pub fn draw(&self) -> Result<Chart, ChartError> {
        let values = || self.distributions.iter().flat_map(|d| &d.values).copied();
        if !values().any(f64::is_finite) {
            return Err(ChartError::Empty(self.caption.title.clone()));
        }
        let x = Scale::over(&self.x, values(), Ends::AtData);
        let of = Axis {
            label: self.of.clone(),
            unit: "share".into(),
            log: false,
        };
        let y = Scale::over(&of, [0.0, 1.0].into_iter(), Ends::FromZero);
        let names: Vec<String> = self
            .distributions
            .iter()
            .map(Distribution::legend)
            .collect();
        let mut entries = legend(
            &names.iter().map(String::as_str).collect::<Vec<_>>(),
            &[],
            Key::Curve,
        );
        if let [only] = names.as_slice() {
            // Alone it has no legend, but n and what is missing must be said.
            entries = vec![(Key::Curve(0), only.clone())];
        }
        let mut frame = Frame::new(&self.caption, x, y, &entries);
        let mut rows = Vec::new();
        let curves: Vec<Vec<(f64, f64)>> = self
            .distributions
            .iter()
            .map(|d| steps(&frame, d))
            .collect();
        for (series, (curve, distribution)) in curves.iter().zip(&self.distributions).enumerate() {
            let Some(&(last, share)) = curve.last() else {
                continue;
            };
            let mut height = 0.0;
            let mut path = Vec::with_capacity(2 * curve.len());
            for &(value, share) in curve {
                path.extend([frame.at(value, height), frame.at(value, share)]);
                height = share;
                rows.push(vec![
                    distribution.name.clone(),
                    shortest(value),
                    shortest(share),
                ]);
            }
            frame.canvas.path(path, STROKE, ink(series));
            let (end, level) = frame.at(last, share);
            if distribution.censored > 0 {
                let right = frame.right;
                frame
                    .canvas
                    .dashes((end, level), right, STROKE * 0.8, ink(series));
            } else {
                let right = frame.right;
                frame
                    .canvas
                    .line((end, level), (right, level), STROKE, ink(series));
            }
        }
        frame.base_line();
        for (series, curve) in curves.iter().enumerate() {
            for place in marks(&frame, curve, series, curves.len()) {
                frame.mark(place, series);
            }
        }
        let csv = table(&["series", "x", "share"], rows);
        Chart::finish(&self.caption, frame.canvas, csv)
    }
}

/// The curve as (value, share up to and including it), thinned to what the eye can tell apart.
fn steps(frame: &Frame, distribution: &Distribution) -> Vec<(f64, f64)> {
    let total = distribution.total();
    let values = &distribution.values;
    let mut kept: Vec<(f64, f64)> = Vec::new();
    let mut drawn = (f64::NEG_INFINITY, f64::NEG_INFINITY);
    for (index, &value) in values.iter().enumerate() {
        // Equal values are one step.
        if values.get(index + 1) == Some(&value) || !value.is_finite() {
            continue;
        }
        let share = (index + 1) as f64 / total;
        let place = frame.at(value, share);
        let far = (place.0 - drawn.0).abs() >= 0.5 || (place.1 - drawn.1).abs() >= 0.5;
        if far || index + 1 == values.len() {
            kept.push((value, share));
            drawn = place;
        }
    }
    kept
}

/// Markers at five heights of the curve, at a different phase for each series.
fn marks(frame: &Frame, curve: &[(f64, f64)], series: usize, of: usize) -> Vec<(f64, f64)> {
    let top = curve.last().map_or(0.0, |(_, share)| *share);
    let phase = (series as f64 + 0.5) / of.max(1) as f64;
    let heights = (0..5).map(|i| top * (f64::from(i) + phase) / 5.0);
    heights
        .filter_map(|height| {
            curve
                .iter()
                .find(|(_, share)| *share >= height)
                .map(|(x, _)| (*x, height))
        })
        .map(|(x, height)| frame.at(x, height))
        .collect()
}
