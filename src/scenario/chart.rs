//! What a scenario wants drawn.

use super::body::Body;
use super::expect::{Known, unknown};
use super::problem::{Found, Problem};
use super::tree::Node;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One `[[chart]]` of a file.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChartSpec {
    /// What kind of chart.
    pub kind: ChartKind,
    /// The metric of `lines`, `bars`, `forest` and `frontier`.
    #[serde(default)]
    pub metric: Option<String>,
    /// The metric along the x axis of `frontier`.
    #[serde(default)]
    pub against: Option<String>,
    /// The curve over time of `series`.
    #[serde(default)]
    pub series: Option<String>,
    /// The single measurements of `ecdf`.
    #[serde(default)]
    pub samples: Option<String>,
    /// The swept key along the x axis of `lines`; the first of the sweep if left out.
    #[serde(default)]
    pub x: Option<String>,
    /// The title; made from the names if left out.
    #[serde(default)]
    pub title: Option<String>,
    /// The scale of the x axis.
    #[serde(default)]
    pub x_scale: Scale,
    /// The scale of the y axis.
    #[serde(default)]
    pub y_scale: Scale,
}

/// The kinds of charts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ChartKind {
    /// A metric along an axis of the sweep: one line with its interval for each variant.
    Lines,
    /// A metric of each variant, with its interval.
    Bars,
    /// What each variant changes of a metric against the base variant, by pairs of runs with the same
    /// seed.
    Forest,
    /// A metric of every point against another one, with both intervals: what is got for what is paid.
    Frontier,
    /// The distribution of single measurements, one curve for each variant.
    Ecdf,
    /// A curve over simulated time, one for each variant.
    Series,
}

/// How an axis is divided.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Scale {
    /// Evenly.
    #[default]
    Linear,
    /// By powers of ten.
    Log,
}

impl ChartSpec {
    /// A chart of this kind that says nothing else.
    pub const fn new(kind: ChartKind) -> Self {
        Self {
            kind,
            metric: None,
            against: None,
            series: None,
            samples: None,
            x: None,
            title: None,
            x_scale: Scale::Linear,
            y_scale: Scale::Linear,
        }
    }

    /// The key that holds the name of what is drawn.
    fn subject_key(&self) -> &'static str {
        match self.kind {
            ChartKind::Lines | ChartKind::Bars | ChartKind::Forest | ChartKind::Frontier => {
                "metric"
            }
            ChartKind::Ecdf => "samples",
            ChartKind::Series => "series",
        }
    }

    /// The name of what is drawn: a metric, a series or samples; `""` before it is checked to be there.
    pub fn subject(&self) -> &str {
        let name = match self.kind {
            ChartKind::Lines | ChartKind::Bars | ChartKind::Forest | ChartKind::Frontier => {
                &self.metric
            }
            ChartKind::Ecdf => &self.samples,
            ChartKind::Series => &self.series,
        };
        name.as_deref().unwrap_or_default()
    }
}

/// Checks the names of a chart, which stands at `node`, and fills in its x axis.
pub(super) fn resolve<B: Body>(
    spec: &ChartSpec,
    node: &Node,
    known: &Known<'_, B>,
    found: &mut Found,
) -> ChartSpec {
    let mut chart = spec.clone();
    let needed = spec.subject_key();
    if node.get(needed).is_none() {
        let title = format!("this chart needs `{needed}`");
        found.insert(Problem::at(
            node.place,
            title,
            format!("add `{needed} = \"…\"`"),
        ));
    } else {
        subject(spec.subject(), needed, node, known, found);
    }
    let is_frontier = spec.kind == ChartKind::Frontier;
    match &spec.against {
        Some(against) if is_frontier => subject(against, "against", node, known, found),
        None if is_frontier => {
            let problem = Problem::at(
                node.place,
                "this chart needs `against`",
                "add `against = \"…\"`",
            );
            found.insert(problem.help("the metric along the x axis: the price"));
        }
        _ => {}
    }
    for other in ["metric", "against", "samples", "series"] {
        let needs = other == needed || (is_frontier && other == "against");
        if !needs && node.get(other).is_some() {
            let title = format!("this kind of chart has no `{other}`");
            let problem = Problem::at(node.nearest_place(other), title, "not drawn");
            found.insert(problem.help(format!("it draws `{needed}`")));
        }
    }
    let is_one = |first: &str| known.points.iter().all(|point| point.variant == first);
    if spec.kind == ChartKind::Forest && known.points.first().is_none_or(|p| is_one(&p.variant)) {
        let title = "a forest plot compares variants";
        let problem = Problem::at(node.place, title, "there is one");
        found.insert(problem.help("add `[variants.NAME]` with what is to change"));
    }
    if spec.kind == ChartKind::Lines {
        let axes: Vec<_> = known.axes.iter().map(|axis| axis.path.clone()).collect();
        match &spec.x {
            Some(x) if !axes.contains(x) => {
                found.insert(unknown("axis", x, node.nearest_place("x"), &axes));
            }
            Some(_) => {}
            None if axes.is_empty() => {
                let title = "a chart of lines needs a sweep";
                let problem = Problem::at(node.place, title, "nothing is swept");
                found.insert(problem.help("use kind = \"bars\" to compare variants"));
            }
            None => chart.x = axes.first().cloned(),
        }
    }
    chart
}

/// What is drawn must be recorded by at least one variant.
fn subject<B: Body>(name: &str, key: &str, node: &Node, known: &Known<'_, B>, found: &mut Found) {
    let names = |body: &B| -> Vec<String> {
        match key {
            "metric" | "against" => body
                .metrics()
                .iter()
                .map(|metric| metric.name.to_string())
                .collect(),
            "series" => body.series().into_iter().map(str::to_owned).collect(),
            _ => body.samples().iter().map(|&name| name.to_owned()).collect(),
        }
    };
    let mut all: Vec<_> = known
        .points
        .iter()
        .flat_map(|point| names(&point.body))
        .collect();
    all.sort_unstable();
    all.dedup();
    if !all.iter().any(|one| one == name) {
        let what = match key {
            "samples" => "set of samples",
            "against" => "metric",
            key => key,
        };
        found.insert(unknown(what, name, node.nearest_place(key), &all));
    }
}
