//! What is judged when results are compared: which metric, how large a difference matters, by how much
//! it may get worse.

use super::body::Body;
use super::expect::{Amount, Known, amount, line_of, matching, metric};
use super::measure::Measure;
use super::problem::{Found, Problem};
use super::tree::{Node, Value};
use crate::math::paired::Method;
use crate::observe::record::Better;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One `[[compare]]` of a file: what `sim compare` judges, between variants and against a baseline.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CompareSpec {
    /// The metric that is judged, such as `broadcast.reliability`.
    pub metric: String,
    /// Which points are judged: `variant = "NAME"` and swept keys with one of their values. All points
    /// if left out.
    #[serde(default, rename = "where")]
    pub at: BTreeMap<String, serde_json::Value>,
    /// The smallest improvement that counts as better: a number, or a text with the metric's unit. A
    /// percentage is one of the mean before, but for shares, where it is in points. Any if left out.
    #[serde(default)]
    pub min_effect: Option<Amount>,
    /// By how much it may get worse and still pass; as much as `min_effect` if left out.
    #[serde(default)]
    pub margin: Option<Amount>,
    /// Which way is better; as the metric says if left out, and needed if it says nothing.
    #[serde(default)]
    pub better: Option<Direction>,
    /// How the pairs are judged.
    #[serde(default)]
    pub method: Method,
}

/// Which way is better.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// The smaller, the better.
    Lower,
    /// The larger, the better.
    Higher,
}

impl Direction {
    /// Which way a metric improves, if it judges.
    pub fn of(better: Better) -> Option<Self> {
        match better {
            Better::Lower => Some(Self::Lower),
            Better::Higher => Some(Self::Higher),
            Better::Neither => None,
        }
    }
}

/// The size of a difference.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Size {
    /// In the metric's unit.
    Absolute(f64),
    /// As a share of the mean before.
    Relative(f64),
}

impl Size {
    /// No difference.
    pub const NONE: Self = Self::Absolute(0.0);

    /// In the metric's unit, if the mean before is `mean`.
    pub fn amount(self, mean: f64) -> f64 {
        match self {
            Self::Absolute(amount) => amount,
            Self::Relative(share) => share * mean.abs(),
        }
    }
}

/// A `[[compare]]` with its names resolved.
#[derive(Clone, PartialEq, Debug)]
pub struct Compare {
    /// The metric's name.
    pub metric: String,
    /// Which way it is better.
    pub better: Direction,
    /// The smallest improvement that counts.
    pub min_effect: Size,
    /// By how much it may get worse.
    pub margin: Size,
    /// How the pairs are judged.
    pub method: Method,
    /// The points it is about, by their positions in [`crate::scenario::Scenario::points`]; at least
    /// one.
    pub points: Vec<usize>,
    /// The line of the file it begins at, from 1.
    pub line: usize,
}

/// Resolves one comparison, which stands at `node` in `text`.
pub(super) fn resolve<B: Body>(
    spec: &CompareSpec,
    node: &Node,
    text: &str,
    known: &Known<'_, B>,
    found: &mut Found,
) -> Option<Compare> {
    let points = matching(node.get("where"), known, found)?;
    let place = node.nearest_place("metric");
    let metric = metric(&spec.metric, &points, place, known, found)?;
    let better = spec.better.or(Direction::of(metric.better));
    if better.is_none() {
        let title = format!("`{}` is neither better nor worse by itself", spec.metric);
        let problem = Problem::at(place, title, "which way is better?");
        found.insert(problem.help("add better = \"lower\" or better = \"higher\""));
    }
    let before = found.len();
    let mut read = |key: &str| match node.get(key) {
        Some(node) => size(node, metric.unit, found).map(Some),
        None => Some(None),
    };
    let (min_effect, margin) = (read("min_effect"), read("margin"));
    if found.len() > before {
        return None;
    }
    let min_effect = min_effect?.unwrap_or(Size::NONE);
    Some(Compare {
        metric: spec.metric.clone(),
        better: better?,
        min_effect,
        margin: margin?.unwrap_or(min_effect),
        method: spec.method,
        points,
        line: line_of(node, text),
    })
}

/// A size in the metric's unit, or a percentage of the mean before.
pub(super) fn size(node: &Node, unit: &str, found: &mut Found) -> Option<Size> {
    let relative = match &node.value {
        Value::Text(text) if unit != Measure::Share.unit() && text.ends_with('%') => {
            Measure::Share.read(text).ok()
        }
        _ => None,
    };
    if let Some(share) = relative {
        return Some(Size::Relative(share));
    }
    let size = amount(node, unit, found)?;
    if size < 0.0 {
        let title = "the size of a difference is not negative";
        found.insert(Problem::at(node.place, title, "below zero"));
        return None;
    }
    Some(Size::Absolute(size))
}
