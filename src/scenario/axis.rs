//! The axes of a sweep: a key and the values it takes.

use super::file::HEADER_KEYS;
use super::nearest::nearest;
use super::problem::{Found, Place, Problem};
use super::schema::{Form, Schema};
use super::tree::{Node, Table, Value};

/// A key that is varied.
#[derive(Clone, PartialEq, Debug)]
pub struct Axis {
    /// Its dotted path, such as `attack.eclipse.groups`.
    pub path: String,
    /// The unit of the values' numbers: `"s"`, `"B"`, `"share"`, …; `""` for plain ones.
    pub unit: &'static str,
    /// The values, in the order of the file.
    pub values: Vec<AxisValue>,
    /// Where the key stands in the sweep.
    pub(super) place: Place,
    /// The values with their places.
    pub(super) nodes: Vec<Node>,
}

/// One value on an axis.
#[derive(Clone, PartialEq, Debug)]
pub struct AxisValue {
    /// As it is written: `8`, `20 %`.
    pub text: String,
    /// As a number in the axis's unit, if it is one.
    pub number: Option<f64>,
}

impl AxisValue {
    /// The value `node` has under `schema`.
    pub fn read(node: &Node, schema: &Schema<'_>) -> Self {
        let text = match &node.value {
            Value::Text(text) => text.clone(),
            Value::Table(Table { entries }) if entries.len() == 1 => entries[0].key.clone(),
            _ => node.to_toml().to_string(),
        };
        let number = match (&node.value, schema.form()) {
            (Value::Text(text), Form::Quantity(measure)) => measure.read(text).ok(),
            (Value::Integer(number), _) => Some(*number as f64),
            (Value::Float(number), _) => Some(*number),
            _ => None,
        };
        Self { text, number }
    }

    /// Whether two values mean the same: `"20 %"` and `0.2` do, as a share.
    pub fn same(&self, other: &Self) -> bool {
        match (self.number, other.number) {
            (Some(one), Some(two)) => (one - two).abs() <= 1e-12 * one.abs().max(two.abs()),
            _ => self.text == other.text,
        }
    }
}

/// Reads `[sweep]`: dotted paths, quoted or as tables, each with a list of values.
pub(super) fn read(sweep: &Table, schema: &Schema<'_>, found: &mut Found) -> Vec<Axis> {
    let mut axes = Vec::new();
    collect(sweep, "", schema, &mut axes, found);
    axes
}

fn collect(
    table: &Table,
    above: &str,
    schema: &Schema<'_>,
    axes: &mut Vec<Axis>,
    found: &mut Found,
) {
    for entry in &table.entries {
        let path = if above.is_empty() {
            entry.key.clone()
        } else {
            format!("{above}.{}", entry.key)
        };
        let nodes = match &entry.node.value {
            Value::Table(below) => {
                collect(below, &path, schema, axes, found);
                continue;
            }
            Value::List(nodes) => nodes.clone(),
            _ => Vec::new(),
        };
        if nodes.is_empty() {
            let title = format!("`sweep` of `{path}` has no values");
            let label = match &entry.node.value {
                Value::List(_) => "an empty list",
                _ => "not a list",
            };
            let problem = Problem::at(entry.node.place, title, label);
            found.insert(problem.help("write the values in brackets: [8, 16, 32]"));
            continue;
        }
        match target(&path, schema) {
            Ok(target) => axes.push(axis(path, entry.place, nodes, &target, found)),
            Err((label, help)) => {
                let title = format!("`{path}` cannot be swept");
                let problem = Problem::at(entry.place, title, label);
                found.insert(Problem { help, ..problem });
            }
        }
    }
}

/// The schema of what is swept, or what is wrong with the path and what would be right.
fn target<'s>(
    path: &str,
    schema: &Schema<'s>,
) -> Result<Schema<'s>, (&'static str, Option<String>)> {
    let first = path.split('.').next().unwrap_or_default();
    if HEADER_KEYS.contains(&first) {
        return Err(("the same for every run", None));
    }
    schema.at(path).ok_or_else(|| {
        let paths = schema.paths();
        let near = nearest(path, paths.iter().map(String::as_str));
        let help = near.map(|near| format!("did you mean `{near}`?"));
        ("not a key of a scenario", help)
    })
}

fn axis(
    path: String,
    place: Place,
    nodes: Vec<Node>,
    schema: &Schema<'_>,
    found: &mut Found,
) -> Axis {
    let unit = match schema.form() {
        Form::Quantity(measure) => measure.unit(),
        _ => "",
    };
    let mut values: Vec<AxisValue> = Vec::new();
    for node in &nodes {
        let value = AxisValue::read(node, schema);
        if values.iter().any(|earlier| earlier.same(&value)) {
            let title = format!("`sweep` of `{path}` has a value twice");
            let label = format!("{} is there already", value.text);
            found.insert(Problem::at(node.place, title, label));
        }
        values.push(value);
    }
    Axis {
        path,
        unit,
        values,
        place,
        nodes,
    }
}

/// Whether a variant has the key an axis varies: `protocol.gossip.fanout` means nothing to a variant
/// whose protocol is another, and `churn.mean` nothing to one without churn.
pub(super) fn applies(path: &str, variant: &Node, schema: &Schema<'_>) -> bool {
    let mut here = Some(variant);
    let mut schema = schema.clone();
    let mut steps = path.split('.').peekable();
    while let Some(step) = steps.next() {
        let next = here.and_then(|node| node.get(step));
        let is_choice = matches!(schema.form(), Form::Choice(_));
        let is_list = matches!(schema.form(), Form::List { .. });
        if next.is_none() && is_list {
            return false;
        }
        if next.is_none() && is_choice {
            let default = schema.default().filter(|_| here.is_none());
            return default.is_some_and(|value| value.get(step).is_some());
        }
        let Some(below) = schema.child(step) else {
            return false;
        };
        if next.is_none() && below.optional() && steps.peek().is_some() {
            return false;
        }
        (here, schema) = (next, below);
    }
    true
}
