//! What the results of an experiment should be, and the verdict on it.

use super::axis::{Axis, AxisValue};
use super::body::Body;
use super::expand::Point;
use super::measure::Measure;
use super::nearest::nearest;
use super::problem::{Found, Place, Problem};
use super::schema::Schema;
use super::tree::{Node, Value};
use crate::observe::record::MetricDef;
use crate::quantity::QuantityError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// One `[[expect]]` of a file. Just one of `below`, `above` and `between` is given.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectSpec {
    /// The metric that is judged, such as `broadcast.reliability`.
    pub metric: String,
    /// Which points it is about: `variant = "NAME"` and swept keys with one of their values. Points
    /// that it does not tell apart are each judged alone. All points if left out.
    #[serde(default, rename = "where")]
    pub at: BTreeMap<String, serde_json::Value>,
    /// What is taken over the seeds.
    #[serde(default)]
    pub stat: Stat,
    /// Judges the difference to this variant instead of the value: the mean over runs with the same seed,
    /// at the same place of the sweep.
    #[serde(default)]
    pub against: Option<String>,
    /// It should be less than this: a number, or a text with the metric's unit, such as "20 %".
    #[serde(default)]
    pub below: Option<Amount>,
    /// It should be more than this.
    #[serde(default)]
    pub above: Option<Amount>,
    /// It should be from the first to the second, both included.
    #[serde(default)]
    pub between: Option<(Amount, Amount)>,
}

/// A number, or a text with a unit that the metric tells.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Amount(pub serde_json::Value);

impl JsonSchema for Amount {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "amount".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let schema = json!({ "type": ["number", "string"] });
        schema.try_into().unwrap_or_default()
    }
}

/// What is taken over the seeds of a point.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stat {
    /// The mean, with its interval.
    #[default]
    Mean,
    /// The median, with its interval.
    Median,
    /// The smallest of all seeds.
    Min,
    /// The largest of all seeds.
    Max,
}

/// Where a value should lie, in the metric's unit.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Bound {
    /// Less than this.
    Below(f64),
    /// More than this.
    Above(f64),
    /// From one to the other, both included.
    Between(f64, f64),
}

/// An estimate from several seeds, with its interval.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Estimate {
    /// The value itself.
    pub mean: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// The upper end of the interval.
    pub high: f64,
    /// From how many seeds.
    pub n: u32,
}

/// What an estimate says about an expectation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// The whole interval is where it should be.
    Pass,
    /// The whole interval is where it should not be.
    Fail,
    /// The interval is on both sides, or there is none: more seeds are needed.
    Unsure,
}

impl Bound {
    /// Judges an estimate.
    pub fn verdict(&self, estimate: &Estimate) -> Verdict {
        let Estimate { low, high, n, .. } = *estimate;
        if n == 0 || low.is_nan() || high.is_nan() {
            return Verdict::Unsure;
        }
        let (good, bad) = match *self {
            Self::Below(bound) => (high < bound, low >= bound),
            Self::Above(bound) => (low > bound, high <= bound),
            Self::Between(least, most) => {
                (low >= least && high <= most, high < least || low > most)
            }
        };
        match (good, bad) {
            (true, _) => Verdict::Pass,
            (_, true) => Verdict::Fail,
            _ => Verdict::Unsure,
        }
    }
}

/// An expectation with its names resolved.
#[derive(Clone, PartialEq, Debug)]
pub struct Expect {
    /// The metric's name.
    pub metric: String,
    /// The metric's unit.
    pub unit: &'static str,
    /// What is taken over the seeds.
    pub stat: Stat,
    /// The variant whose values are taken off, if a difference is judged.
    pub against: Option<String>,
    /// Where it should lie.
    pub bound: Bound,
    /// The points it is about, by their positions in [`crate::scenario::Scenario::points`]; at least one.
    pub points: Vec<usize>,
    /// The line of the file it begins at, from 1.
    pub line: usize,
}

/// What the names in expectations and charts are looked up in.
pub(super) struct Known<'k, B> {
    /// The points of the experiment.
    pub points: &'k [Point<B>],
    /// The axes of the sweep.
    pub axes: &'k [Axis],
    /// The variants' names.
    pub variants: &'k [String],
    /// The schema of the file.
    pub schema: &'k Schema<'k>,
}

/// Resolves one expectation, which stands at `node` in `text`.
pub(super) fn resolve<B: Body>(
    spec: &ExpectSpec,
    node: &Node,
    text: &str,
    known: &Known<'_, B>,
    found: &mut Found,
) -> Option<Expect> {
    let mut points = matching(node.get("where"), known, found)?;
    let place = node.nearest_place("metric");
    let MetricDef { unit, .. } = metric(&spec.metric, &points, place, known, found)?;
    if let Some(against) = &spec.against {
        others(against, spec, node, known, &mut points, found)?;
    }
    let bound = bound(node, unit, found)?;
    Some(Expect {
        metric: spec.metric.clone(),
        unit,
        stat: spec.stat,
        against: spec.against.clone(),
        bound,
        points,
        line: line_of(node, text),
    })
}

/// Leaves the points that have another variant than `against` to be held beside; `None` (and a problem)
/// if that is no variant, or there are none.
fn others<B: Body>(
    against: &str,
    spec: &ExpectSpec,
    node: &Node,
    known: &Known<'_, B>,
    points: &mut Vec<usize>,
    found: &mut Found,
) -> Option<()> {
    let place = node.nearest_place("against");
    if !known.variants.iter().any(|variant| variant == against) {
        found.insert(unknown("variant", against, place, known.variants));
        return None;
    }
    if spec.stat != Stat::Mean {
        let title = "a difference is judged by its mean";
        let problem = Problem::at(node.nearest_place("stat"), title, "another statistic");
        found.insert(problem.help("leave out `stat`, or `against`"));
        return None;
    }
    let base: Vec<usize> = (0..known.points.len())
        .filter(|&at| known.points[at].variant == against)
        .collect();
    metric(&spec.metric, &base, place, known, found)?;
    points.retain(|at| !base.contains(at));
    if points.is_empty() {
        let title = format!("`{against}` has nothing to be held against");
        found.insert(Problem::at(place, title, "no point has another variant"));
        return None;
    }
    Some(())
}

/// The line of `text` that a table begins at, from 1.
pub(super) fn line_of(node: &Node, text: &str) -> usize {
    let before = text.get(..node.place.start).unwrap_or_default();
    before.matches('\n').count() + 1
}

/// The points a `where` is about; `None` (and a problem) if a name is unknown or no point is meant.
pub(super) fn matching<B>(
    at: Option<&Node>,
    known: &Known<'_, B>,
    found: &mut Found,
) -> Option<Vec<usize>> {
    let mut points: Vec<usize> = (0..known.points.len()).collect();
    let Some((node, table)) = at.and_then(|node| Some((node, node.as_table()?))) else {
        return Some(points);
    };
    let before = found.len();
    for entry in &table.entries {
        if entry.key == "variant" {
            let name = entry.node.as_text().unwrap_or_default();
            if !known.variants.iter().any(|variant| variant == name) {
                found.insert(unknown("variant", name, entry.node.place, known.variants));
            }
            points.retain(|&at| known.points[at].variant == name);
            continue;
        }
        let Some(axis) = known.axes.iter().position(|axis| axis.path == entry.key) else {
            let mut names: Vec<_> = known.axes.iter().map(|axis| axis.path.clone()).collect();
            names.push("variant".to_owned());
            found.insert(unknown("axis", &entry.key, entry.place, &names));
            continue;
        };
        let Axis { path, values, .. } = &known.axes[axis];
        let Some(schema) = known.schema.at(path) else {
            continue;
        };
        let value = AxisValue::read(&entry.node, &schema);
        if !values.iter().any(|one| one.same(&value)) {
            let list: Vec<_> = values.iter().map(|value| value.text.as_str()).collect();
            let title = format!("{} is not a point of the sweep of `{path}`", value.text);
            let problem = Problem::at(entry.node.place, title, "not swept");
            found.insert(problem.help(format!("values: {}", list.join(", "))));
        }
        points.retain(|&at| {
            let here = known.points[at].values[axis].as_ref();
            here.is_some_and(|here| here.same(&value))
        });
    }
    if found.len() == before && points.is_empty() {
        let label = "no combination of variant and sweep fits";
        found.insert(Problem::at(node.place, "`where` fits no point", label));
    }
    (!points.is_empty()).then_some(points)
}

/// A problem about a name that is none of `names`.
pub(super) fn unknown(what: &str, name: &str, place: Place, names: &[String]) -> Problem {
    let title = format!("unknown {what} `{name}`");
    let names = || names.iter().map(String::as_str);
    let list = names().collect::<Vec<_>>().join(", ");
    let help = match nearest(name, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if list.is_empty() => format!("this scenario has no {what} to name"),
        None => format!("known: {list}"),
    };
    Problem::at(place, title, format!("this scenario has no such {what}")).help(help)
}

/// A metric that every one of `points` measures.
pub(super) fn metric<B: Body>(
    name: &str,
    points: &[usize],
    place: Place,
    known: &Known<'_, B>,
    found: &mut Found,
) -> Option<MetricDef> {
    let mut def = None;
    for &at in points {
        let point = &known.points[at];
        let metrics = point.body.metrics();
        if let Some(metric) = metrics.iter().find(|metric| metric.name == name) {
            def = Some(metric.clone());
        } else {
            let names: Vec<_> = metrics
                .iter()
                .map(|metric| metric.name.to_string())
                .collect();
            let mut problem = unknown("metric", name, place, &names);
            if def.is_some() {
                problem.label = format!("variant `{}` does not measure it", point.variant);
            }
            found.insert(problem);
            return None;
        }
    }
    def
}

fn bound(node: &Node, unit: &str, found: &mut Found) -> Option<Bound> {
    let given = |key: &str| node.get(key);
    let amount = |node: &Node, found: &mut Found| amount(node, unit, found);
    match (given("below"), given("above"), given("between")) {
        (Some(below), None, None) => amount(below, found).map(Bound::Below),
        (None, Some(above), None) => amount(above, found).map(Bound::Above),
        (None, None, Some(between)) => {
            let (least, most) = (between.get("0")?, between.get("1")?);
            let (low, high) = (amount(least, found), amount(most, found));
            let (low, high) = (low?, high?);
            if low > high {
                let label = "the first is larger than the second";
                found.insert(Problem::at(between.place, "`between` is empty", label));
                return None;
            }
            Some(Bound::Between(low, high))
        }
        _ => {
            let title = "an expectation needs one of `below`, `above` and `between`";
            found.insert(Problem::at(node.place, title, "none or several given"));
            None
        }
    }
}

/// A quantity, which as a difference may be less than nothing.
fn signed(text: &str, measure: Measure) -> Result<f64, QuantityError> {
    match text.strip_prefix('-') {
        Some(size) => measure.read(size).map(|size| -size),
        None => measure.read(text),
    }
}

/// A number, or a text in the metric's unit.
pub(super) fn amount(node: &Node, unit: &str, found: &mut Found) -> Option<f64> {
    let (label, help) = match (&node.value, Measure::from_unit(unit)) {
        (Value::Integer(number), _) => return Some(*number as f64),
        (Value::Float(number), _) if number.is_finite() => return Some(*number),
        (Value::Text(text), Some(measure)) => match signed(text, measure) {
            Ok(number) => return Some(number),
            Err(error) => (error.found, error.help),
        },
        (_, Some(measure)) => {
            let help = format!("write a number or a text like \"{}\"", measure.example());
            (format!("not {}", measure.called()), help)
        }
        _ if unit.is_empty() => (
            "not a number".to_owned(),
            "the metric has no unit".to_owned(),
        ),
        _ => (
            "not a number".to_owned(),
            format!("write a number, in {unit}"),
        ),
    };
    let title = "cannot be compared with the metric";
    found.insert(Problem::at(node.place, title, label).help(help));
    None
}
