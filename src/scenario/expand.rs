//! From a file to the points of an experiment: variants times the combinations of the sweep.

use super::axis::{self, Axis, AxisValue};
use super::body::Body;
use super::file::{HEADER_KEYS, is_name};
use super::merge::merge;
use super::problem::{Found, Place, Problem};
use super::schema::Schema;
use super::shape;
use super::tree::{Node, Value};

/// More points than this are taken for a mistake.
pub const MOST_POINTS: usize = 10_000;

/// One setting that is run, with every seed.
#[derive(Clone, PartialEq, Debug)]
pub struct Point<B> {
    /// The name of its variant.
    pub variant: String,
    /// Its value on each axis; `None` on an axis that means nothing to the variant.
    pub values: Vec<Option<AxisValue>>,
    /// The settings of its runs.
    pub body: B,
}

/// A variant before it is decoded.
pub(super) struct Variant {
    /// Its name.
    pub name: String,
    /// The whole file as the variant makes it, without `variants` and `sweep`.
    pub root: Node,
}

/// The variants of a file: the file itself first, then its patches in their order. Takes `variants`
/// out of the tree.
pub(super) fn variants(mut root: Node, schema: &Schema<'_>, found: &mut Found) -> Vec<Variant> {
    let entry = match &mut root.value {
        Value::Table(table) => table.remove("variants"),
        _ => None,
    };
    let named = root.get("base_variant").and_then(Node::as_text);
    let name = named.unwrap_or("base").to_owned();
    let mut variants = vec![Variant {
        name,
        root: root.clone(),
    }];
    let Some(entry) = entry else { return variants };
    if let Some(schema) = schema.child("variants") {
        shape::check_at(&entry.node, &schema, "variants", found);
    }
    let Value::Table(patches) = entry.node.value else {
        return variants;
    };
    for mut patch in patches.entries {
        name_problems(&patch.key, patch.place, &variants, found);
        let Value::Table(table) = &mut patch.node.value else {
            continue;
        };
        for key in HEADER_KEYS {
            if let Some(entry) = table.remove(key) {
                let title = format!("`{key}` cannot differ between variants");
                let problem = Problem::at(entry.place, title, "the same for every variant");
                found.insert(problem.help("move it to the top of the file"));
            }
        }
        let mut varied = root.clone();
        merge(&mut varied, patch.node, Some(schema));
        variants.push(Variant {
            name: patch.key,
            root: varied,
        });
    }
    variants
}

fn name_problems(name: &str, place: Place, variants: &[Variant], found: &mut Found) {
    if !is_name(name) {
        let title = format!("`{name}` cannot name a variant");
        let label = "letters, digits, `-`, `_` and `.`, at most 64";
        found.insert(Problem::at(place, title, label));
    }
    if variants.iter().any(|variant| variant.name == name) {
        let title = format!("two variants are called `{name}`");
        let problem = Problem::at(place, title, "the file without a patch has this name");
        found.insert(problem.help("rename this one, or the other with `base_variant = \"NAME\"`"));
    }
}

/// The axes that mean something to a variant, by their positions.
fn axes_of(variant: &Variant, axes: &[Axis], schema: &Schema<'_>) -> Vec<usize> {
    (0..axes.len())
        .filter(|&at| axis::applies(&axes[at].path, &variant.root, schema))
        .collect()
}

/// The tree of a variant with one value of each of its axes.
fn placed(variant: &Variant, axes: &[Axis], choice: &[(usize, usize)]) -> Node {
    let mut root = variant.root.clone();
    for &(axis, value) in choice {
        let Axis {
            path, place, nodes, ..
        } = &axes[axis];
        let path: Vec<_> = path.split('.').collect();
        root.put(&path, *place, nodes[value].clone());
    }
    root
}

/// Checks the shape of every variant and of every value of every axis (each alone: the shape of one
/// value does not depend on another).
pub(super) fn check_shapes(
    variants: &[Variant],
    axes: &[Axis],
    schema: &Schema<'_>,
    found: &mut Found,
) {
    let mine: Vec<_> = variants
        .iter()
        .map(|variant| axes_of(variant, axes, schema))
        .collect();
    let size = |mine: &Vec<usize>| {
        let lengths = mine.iter().map(|&axis| axes[axis].nodes.len());
        lengths.fold(1, usize::saturating_mul)
    };
    let total = mine.iter().map(size).fold(0, usize::saturating_add);
    if total > MOST_POINTS
        && let Some(axis) = axes.first()
    {
        let title = format!("too many points: {total}");
        let label = format!("at most {MOST_POINTS} combinations of variants and swept values");
        found.insert(Problem::at(axis.place, title, label));
        return;
    }
    for (variant, mine) in variants.iter().zip(&mine) {
        let firsts: Vec<_> = mine.iter().map(|&axis| (axis, 0)).collect();
        shape::check(&placed(variant, axes, &firsts), schema, found);
        for at in 0..firsts.len() {
            for value in 1..axes[firsts[at].0].nodes.len() {
                let mut choice = firsts.clone();
                choice[at].1 = value;
                shape::check(&placed(variant, axes, &choice), schema, found);
            }
        }
    }
    let used = |at| mine.iter().any(|mine| mine.contains(&at));
    for (_, axis) in axes.iter().enumerate().filter(|&(at, _)| !used(at)) {
        let title = format!("no variant has `{}` to sweep", axis.path);
        let problem = Problem::at(axis.place, title, "means nothing to any variant");
        let table = axis.path.rsplit_once('.').map_or("", |(table, _)| table);
        found.insert(problem.help(format!("is `[{table}]` missing, or another family chosen?")));
    }
}

/// All points in their canonical order: variants in the order of the file, then the axes, the first
/// varying slowest. Call it on what passed [`check_shapes`].
pub(super) fn points<B: Body>(
    variants: &[Variant],
    axes: &[Axis],
    schema: &Schema<'_>,
    found: &mut Found,
) -> Vec<Point<B>> {
    let mut points = Vec::new();
    for variant in variants {
        let mine = axes_of(variant, axes, schema);
        let mut choice: Vec<_> = mine.iter().map(|&axis| (axis, 0)).collect();
        loop {
            let root = placed(variant, axes, &choice);
            if let Some(body) = decode::<B>(&root, found) {
                let mut values = vec![None; axes.len()];
                for &(axis, value) in &choice {
                    values[axis] = Some(axes[axis].values[value].clone());
                }
                points.push(Point {
                    variant: variant.name.clone(),
                    values,
                    body,
                });
            }
            if !step(&mut choice, axes) {
                break;
            }
        }
    }
    points
}

/// Moves on to the next combination, the last axis first; `false` after the last one.
fn step(choice: &mut [(usize, usize)], axes: &[Axis]) -> bool {
    for (axis, value) in choice.iter_mut().rev() {
        *value += 1;
        if *value < axes[*axis].nodes.len() {
            return true;
        }
        *value = 0;
    }
    false
}

/// The values of a tree that has the right shape, and the rules across them.
fn decode<B: Body>(root: &Node, found: &mut Found) -> Option<B> {
    let toml::Value::Table(mut table) = root.to_toml() else {
        return None;
    };
    for key in HEADER_KEYS {
        table.remove(key);
    }
    match toml::Value::Table(table).try_into::<B>() {
        Ok(body) => {
            let mut complaints = Vec::new();
            body.validate(&mut complaints);
            for (path, message, help) in complaints {
                let label = format!("`{path}`");
                let problem = Problem::at(root.nearest_place(&path), message, label);
                let help = Some(help).filter(|help| !help.is_empty());
                found.insert(Problem { help, ..problem });
            }
            Some(body)
        }
        Err(error) => {
            let title = error
                .to_string()
                .lines()
                .next()
                .unwrap_or_default()
                .to_owned();
            found.insert(Problem::at(root.place, title, ""));
            None
        }
    }
}
