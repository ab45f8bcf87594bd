//! Scenarios: from the text of a file to validated settings, the only way to get them.
//!
//! Three stages: the *shape* (keys, types, units, ranges; against the schema of the settings), the
//! *values* (serde), the *meaning* (rules across keys, names of metrics). All problems of a stage are
//! reported in one go, each with the place it was written at, be it in the file, in a sweep's list or
//! in an argument of `--set`.

mod axis;
mod body;
mod chart;
mod compare;
mod expand;
mod expect;
mod explain;
mod file;
mod late;
mod measure;
mod merge;
mod nearest;
mod parameters;
mod problem;
mod repeat;
mod resolved;
mod schema;
mod settings;
mod shape;
mod syntax;
mod tree;

pub use axis::{Axis, AxisValue};
pub use body::{Body, Complaint};
pub use chart::{ChartKind, ChartSpec, Scale};
pub use compare::{Compare, CompareSpec, Direction, Size};
pub use expand::{MOST_POINTS, Point};
pub use expect::{Amount, Bound, Estimate, Expect, ExpectSpec, Stat, Verdict};
pub use file::{Header, Seeds};
pub use late::{at_key, in_file};
pub use parameters::{Given, Parameter, Setter};
pub use problem::{Place, Problem, Problems, SourceId};
pub use repeat::{Repeat, RepeatSpec};
pub use schema::file_schema as schema;
pub use settings::{AttackConfig, ProtocolConfig, Settings};

use problem::{Found, Source};
use schema::Schema;
use tree::{Node, Value};

/// A scenario that is right: everything an experiment needs to know.
#[derive(Clone, PartialEq, Debug)]
pub struct Scenario<B> {
    /// Its name, fit for a folder.
    pub name: String,
    /// The question it answers.
    pub about: String,
    /// The seeds each point runs with.
    pub seeds: Seeds,
    /// How long to go on with further seeds.
    pub repeat: Option<Repeat>,
    /// The variants' names; at least one.
    pub variants: Vec<String>,
    /// What is swept.
    pub axes: Vec<Axis>,
    /// The settings to run, in canonical order; at least one.
    pub points: Vec<Point<B>>,
    /// What should come out.
    pub expects: Vec<Expect>,
    /// What is judged when results are compared.
    pub compares: Vec<Compare>,
    /// What should be drawn; `x` of lines is filled in.
    pub charts: Vec<ChartSpec>,
    /// The file as it was given.
    pub text: String,
    /// The `--set` arguments as they were given.
    pub sets: Vec<String>,
}

impl<B: Body> Scenario<B> {
    /// Every run: the position of its point and its seed, in canonical order.
    pub fn runs(&self) -> impl Iterator<Item = (usize, u64)> {
        (0..self.points.len()).flat_map(|point| self.seeds.iter().map(move |seed| (point, seed)))
    }

    /// A variant's file with every default written out: a scenario of its own, which has the same
    /// points. `None` if there is no such variant.
    pub fn resolved(&self, variant: &str) -> Option<String> {
        resolved::write(self, variant)
    }

    /// Every setting with its values in all variants, who set it and what it means. `sets` are the
    /// `--set` arguments that a person gave.
    pub fn parameters(&self, sets: &[String]) -> Vec<Parameter> {
        parameters::list(self, sets)
    }
}

/// Reads a scenario. `label` is the path that messages name; `sets` are `key=value` arguments, laid
/// over the file before its variants.
///
/// # Errors
/// Everything that is wrong with it.
pub fn load<B: Body>(label: &str, text: &str, sets: &[String]) -> Result<Scenario<B>, Problems> {
    let mut found = Found::new();
    let scenario = read::<B>(text, sets, &mut found);
    match scenario {
        Some(scenario) if found.is_empty() => Ok(scenario),
        _ => {
            let file = Source {
                label: label.to_owned(),
                text: text.to_owned(),
            };
            let sets = sets.iter().map(|text| Source {
                label: "--set".to_owned(),
                text: text.clone(),
            });
            Err(Problems::new(
                std::iter::once(file).chain(sets).collect(),
                found,
            ))
        }
    }
}

/// Explains a key of scenario files with the body `B`, for `sim explain`.
///
/// # Errors
/// If there is no such key; the text names the nearest.
pub fn explain<B: Body>(path: &str) -> Result<String, String> {
    explain::explain(&Schema::root(&schema::<B>()), path)
}

/// `None` only if something was found.
fn read<B: Body>(text: &str, sets: &[String], found: &mut Found) -> Option<Scenario<B>> {
    let root_schema = schema::<B>();
    let schema = Schema::root(&root_schema);
    let (mut root, sound) = tree::parse(text, SourceId::FILE, found);
    for (at, set) in sets.iter().enumerate() {
        if let Some(patch) = merge::parse_set(set, SourceId(at + 1), found) {
            merge::merge(&mut root, patch, Some(&schema));
        }
    }
    if !sound {
        return None;
    }
    let axes = take_sweep(&mut root, &schema, found);
    let expectations = items(&root, "expect");
    let comparisons = items(&root, "compare");
    let repetition = root.get("repeat").cloned();
    let counted = root.get("seeds").and_then(|seeds| seeds.get("count"));
    let counted = counted.map(|count| count.place.source);
    let drawings = items(&root, "chart");
    let variants = expand::variants(root, &schema, found);
    check_names(&variants[0].root, found);
    expand::check_shapes(&variants, &axes, &schema, found);
    if !found.is_empty() {
        return None;
    }
    let header = decode_header(&variants[0].root, found)?;
    let points = expand::points::<B>(&variants, &axes, &schema, found);
    let names: Vec<_> = variants.into_iter().map(|variant| variant.name).collect();
    let known = expect::Known {
        points: &points,
        axes: &axes,
        variants: &names,
        schema: &schema,
    };
    let mut expects = Vec::new();
    for (spec, node) in header.expect.iter().zip(&expectations) {
        expects.extend(expect::resolve(spec, node, text, &known, found));
    }
    let mut compares = Vec::new();
    for (spec, node) in header.compare.iter().zip(&comparisons) {
        compares.extend(compare::resolve(spec, node, text, &known, found));
    }
    let repeat = header.repeat.as_ref().zip(repetition.as_ref());
    let seeds = (header.seeds, counted);
    let repeat = repeat.and_then(|(spec, node)| repeat::resolve(spec, node, seeds, &known, found));
    let mut charts = Vec::new();
    for (spec, node) in header.chart.iter().zip(&drawings) {
        charts.push(chart::resolve(spec, node, &known, found));
    }
    Some(Scenario {
        name: header.name,
        about: header.about,
        seeds: header.seeds,
        repeat,
        variants: names,
        axes,
        points,
        expects,
        compares,
        charts,
        text: text.to_owned(),
        sets: sets.to_vec(),
    })
}

fn take_sweep(root: &mut Node, schema: &Schema<'_>, found: &mut Found) -> Vec<Axis> {
    let Value::Table(table) = &mut root.value else {
        return Vec::new();
    };
    let Some(entry) = table.remove("sweep") else {
        return Vec::new();
    };
    if let Value::Table(sweep) = &entry.node.value {
        axis::read(sweep, schema, found)
    } else {
        if let Some(schema) = schema.child("sweep") {
            shape::check_at(&entry.node, &schema, "sweep", found);
        }
        Vec::new()
    }
}

/// The items of a list of tables.
fn items(root: &Node, key: &str) -> Vec<Node> {
    match root.get(key).map(|node| &node.value) {
        Some(Value::List(nodes)) => nodes.clone(),
        _ => Vec::new(),
    }
}

fn check_names(root: &Node, found: &mut Found) {
    for key in ["name", "base_variant"] {
        if let Some(node) = root.get(key)
            && let Some(name) = node.as_text()
            && !file::is_name(name)
        {
            let title = format!("`{name}` cannot be a `{key}`");
            let label = "letters, digits, `-`, `_` and `.`, at most 64";
            found.insert(Problem::at(node.place, title, label));
        }
    }
}

fn decode_header(root: &Node, found: &mut Found) -> Option<Header> {
    let toml::Value::Table(mut table) = root.to_toml() else {
        return None;
    };
    table.retain(|key, _| file::HEADER_KEYS.contains(&key));
    match toml::Value::Table(table).try_into::<Header>() {
        Ok(header) => Some(header),
        Err(error) => {
            found.insert(Problem::at(root.place, error.to_string(), ""));
            None
        }
    }
}
