//! How long to repeat: with further seeds until a mean is known well enough.

use super::body::Body;
use super::compare::{Size, size};
use super::expect::{Amount, Known, matching, metric};
use super::file::Seeds;
use super::problem::{Found, Problem, SourceId};
use super::tree::Node;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `[repeat]`: begins with `seeds.count` seeds, and goes on until the mean of a metric is known to
/// within an amount at every point, or there are `at_most` seeds. Which seeds are run is a function of
/// the file and the version alone.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RepeatSpec {
    /// The metric whose mean is wanted, such as `broadcast.reliability`.
    pub metric: String,
    /// At which points: `variant = "NAME"` and swept keys with one of their values. All if left out.
    #[serde(default, rename = "where")]
    pub at: BTreeMap<String, serde_json::Value>,
    /// How well it has to be known: half of the 95 % interval, as a number or a text with the metric's
    /// unit. A percentage is one of the mean, but for shares, where it is in points.
    pub within: Amount,
    /// The most seeds.
    #[schemars(range(min = 10, max = 100_000))]
    pub at_most: u32,
}

/// A `[repeat]` with its names resolved.
#[derive(Clone, PartialEq, Debug)]
pub struct Repeat {
    /// The metric's name.
    pub metric: String,
    /// The metric's unit.
    pub unit: &'static str,
    /// How large half of the interval may be; a share is one of the mean.
    pub within: Size,
    /// The most seeds.
    pub at_most: u32,
    /// The points it is about, by their positions in [`crate::scenario::Scenario::points`]; at least
    /// one.
    pub points: Vec<usize>,
}

/// Resolves `[repeat]`, which stands at `node`; the seeds come with the text their number is written in.
pub(super) fn resolve<B: Body>(
    spec: &RepeatSpec,
    node: &Node,
    seeds: (Seeds, Option<SourceId>),
    known: &Known<'_, B>,
    found: &mut Found,
) -> Option<Repeat> {
    let points = matching(node.get("where"), known, found)?;
    let place = node.nearest_place("metric");
    let unit = metric(&spec.metric, &points, place, known, found)?.unit;
    let within = size(node.get("within")?, unit, found)?;
    if let Size::Absolute(amount) | Size::Relative(amount) = within
        && amount <= 0.0
    {
        let title = "no number of seeds makes a mean exact";
        let problem = Problem::at(node.nearest_place("within"), title, "not above zero");
        found.insert(problem);
    }
    // Seeds from the command line are as many as are asked for.
    let (seeds, source) = seeds;
    if spec.at_most < seeds.count && source.is_none_or(|source| source == SourceId::FILE) {
        let title = "`repeat` ends before it begins";
        let label = format!("it begins with {} seeds", seeds.count);
        let problem = Problem::at(node.nearest_place("at_most"), title, label);
        found.insert(problem.help("make `seeds.count` smaller; 10 are enough to begin with"));
    }
    Some(Repeat {
        metric: spec.metric.clone(),
        unit,
        within,
        at_most: spec.at_most,
        points,
    })
}
