//! The shape of a scenario: keys, types, units and ranges, all problems at once.
//!
//! What passes here can be decoded by serde, whose errors would stop at the first and point at the
//! table instead of the value.

use super::measure::Measure;
use super::nearest::nearest;
use super::problem::{Found, Place, Problem};
use super::schema::{Family, Form, Key, Schema};
use super::tree::{Node, Table, Value};
use crate::quantity::Quantity;
use std::cell::OnceCell;

/// Checks a whole file (or the file as a variant makes it) against its schema.
pub(super) fn check(root: &Node, schema: &Schema<'_>, found: &mut Found) {
    check_at(root, schema, "", found);
}

/// Checks a part of a file, which stands at `path`.
pub(super) fn check_at(node: &Node, schema: &Schema<'_>, path: &str, found: &mut Found) {
    let mut check = Check {
        top: schema,
        paths: OnceCell::new(),
        found,
    };
    check.node(node, schema, path);
}

/// `above.key`, with quotes where TOML needs them.
pub(super) fn join(above: &str, key: &str) -> String {
    let bare = !key.is_empty()
        && key
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    let key = if bare {
        key.to_owned()
    } else {
        format!("{key:?}")
    };
    if above.is_empty() {
        key
    } else {
        format!("{above}.{key}")
    }
}

struct Check<'c> {
    top: &'c Schema<'c>,
    /// Every path of the schema, for keys that stand in the wrong table; listed when needed.
    paths: OnceCell<Vec<String>>,
    found: &'c mut Found,
}

impl Check<'_> {
    fn node(&mut self, node: &Node, schema: &Schema<'_>, path: &str) {
        match (schema.form(), &node.value) {
            (Form::Table(keys), Value::Table(table)) => self.table(node.place, table, &keys, path),
            (Form::Map(item), Value::Table(table)) => {
                for entry in &table.entries {
                    self.node(&entry.node, &item, &join(path, &entry.key));
                }
            }
            (Form::Choice(families), _) => self.choice(node, &families, path),
            (Form::List { items, least, most }, Value::List(nodes)) => {
                self.count(node.place, nodes.len() as u64, (least, most), path);
                for (at, item) in nodes.iter().enumerate() {
                    if let Some(schema) = items.get(at).or(items.last()) {
                        self.node(item, schema, &format!("{path}.{at}"));
                    }
                }
            }
            (Form::Quantity(measure), _) => self.quantity(node, measure, schema, path),
            (Form::Integer(least, most) | Form::Number(least, most), Value::Integer(number)) => {
                self.range(node.place, *number as f64, (least, most), path);
            }
            (Form::Number(least, most), Value::Float(number)) => {
                self.range(node.place, *number, (least, most), path);
            }
            (Form::Text, Value::Text(_)) | (Form::Boolean, Value::Boolean(_)) | (Form::Any, _) => {}
            (form, _) => self.kind(node, &form, path),
        }
    }

    fn table(&mut self, place: Place, table: &Table, keys: &[Key<'_>], path: &str) {
        let mut missing: Vec<_> = keys
            .iter()
            .filter(|key| key.required && table.get(key.name).is_none())
            .collect();
        for entry in &table.entries {
            let full = join(path, &entry.key);
            if let Some(key) = keys.iter().find(|key| key.name == entry.key) {
                self.node(&entry.node, &key.schema, &full);
                continue;
            }
            let twin = nearest(&entry.key, missing.iter().map(|key| key.name));
            missing.retain(|key| Some(key.name) != twin);
            let free = || keys.iter().filter(|key| table.get(key.name).is_none());
            let near = twin.or_else(|| nearest(&entry.key, free().map(|key| key.name)));
            let meant = |name: &str| format!("did you mean `{name}`?");
            let help = match near {
                Some(name) => Some(meant(name)),
                // A key that is there already may be meant by an argument of `--set`.
                None => self
                    .elsewhere(&entry.key, path)
                    .or_else(|| nearest(&entry.key, keys.iter().map(|key| key.name)).map(meant))
                    .or_else(|| listed("keys", keys.iter().map(|key| key.name))),
            };
            let label = if path.is_empty() {
                "not a key of a scenario"
            } else {
                "not a key of this table"
            };
            let problem = Problem::at(entry.place, format!("unknown key `{full}`"), label);
            self.found.insert(Problem { help, ..problem });
        }
        for key in missing {
            let title = format!("missing key `{}`", join(path, key.name));
            let label = format!("this table needs `{}`", key.name);
            let about = first_sentence(key.schema.about());
            let help = format!("add `{} = {}`", key.name, example(&key.schema));
            let help = if about.is_empty() {
                help
            } else {
                format!("{help}: {about}")
            };
            self.found
                .insert(Problem::at(place, title, label).help(help));
        }
    }

    /// Where a key would be right that is wrong here.
    fn elsewhere(&self, key: &str, path: &str) -> Option<String> {
        let paths = self.paths.get_or_init(|| self.top.paths());
        let right = paths.iter().filter_map(|place| {
            let (above, last) = place.rsplit_once('.').unwrap_or(("", place));
            (last == key && above != path).then_some(above)
        });
        // The one that is least deep, and of those the first.
        let depth = |above: &&str| above.split('.').count();
        Some(match right.min_by_key(depth)? {
            "" => format!("`{key}` belongs to the top of the file, before the first [table]"),
            above => format!("`{key}` is a key of `{above}`"),
        })
    }

    fn choice(&mut self, node: &Node, families: &[Family<'_>], path: &str) {
        let names = || families.iter().map(|family| family.name);
        let alternatives = || listed("choices", names()).unwrap_or_default();
        match &node.value {
            Value::Text(name) => match families.iter().find(|family| family.name == name) {
                Some(Family { settings: None, .. }) => {}
                Some(_) => {
                    let problem = Problem::at(
                        node.place,
                        format!("`{path}` needs a table"),
                        format!("`{name}` has settings"),
                    );
                    self.found
                        .insert(problem.help(format!("write `[{path}.{name}]`")));
                }
                None => self.unknown_choice(node.place, name, families, path),
            },
            Value::Table(table) => match &table.entries[..] {
                [] => {
                    let title = format!("`{path}` is empty");
                    let problem = Problem::at(node.place, title, "nothing is chosen here");
                    self.found.insert(problem.help(alternatives()));
                }
                [entry] => match families.iter().find(|family| family.name == entry.key) {
                    Some(Family {
                        settings: Some(settings),
                        ..
                    }) => {
                        self.node(&entry.node, settings, &join(path, &entry.key));
                    }
                    Some(_)
                        if entry
                            .node
                            .as_table()
                            .is_some_and(|table| table.entries.is_empty()) => {}
                    Some(_) => {
                        let title = format!("`{}` has no settings", join(path, &entry.key));
                        let problem = Problem::at(entry.place, title, "a name without settings");
                        self.found
                            .insert(problem.help(format!("write `{path} = \"{}\"`", entry.key)));
                    }
                    None => self.unknown_choice(entry.place, &entry.key, families, path),
                },
                entries => self.several(entries, families, path),
            },
            _ => {
                let title = format!("`{path}` is a choice");
                let problem = Problem::at(node.place, title, format!("found {}", node.kind()));
                self.found.insert(problem.help(alternatives()));
            }
        }
    }

    /// More than one key in a table that takes one family.
    fn several(&mut self, entries: &[super::tree::Entry], families: &[Family<'_>], path: &str) {
        let known = |name: &str| families.iter().any(|family| family.name == name);
        let mut first: Option<&str> = None;
        for entry in entries {
            if !known(&entry.key) {
                self.unknown_choice(entry.place, &entry.key, families, path);
            } else if let Some(first) = first {
                let title = format!(
                    "`{path}` takes one family, found `{first}` and `{}`",
                    entry.key
                );
                let problem = Problem::at(entry.place, title, "a second family");
                self.found
                    .insert(problem.help("remove one, or make it a variant: `[variants.NAME. …]`"));
            } else {
                first = Some(&entry.key);
            }
        }
    }

    fn unknown_choice(&mut self, place: Place, name: &str, families: &[Family<'_>], path: &str) {
        let title = format!("unknown choice `{name}` for `{path}`");
        let names = || families.iter().map(|family| family.name);
        let list = listed("choices", names()).unwrap_or_default();
        let help = match nearest(name, names()) {
            Some(near) => format!("did you mean `{near}`? {list}"),
            None => list,
        };
        self.found
            .insert(Problem::at(place, title, "not one of the choices").help(help));
    }

    fn quantity(&mut self, node: &Node, measure: Measure, schema: &Schema<'_>, path: &str) {
        let title = format!("`{path}` is not {}", measure.called());
        let number = match &node.value {
            Value::Text(text) => {
                if let Err(error) = measure.read(text) {
                    let problem = Problem::at(node.place, title, error.found);
                    self.found.insert(problem.help(error.help));
                }
                return;
            }
            Value::Integer(number) => number.to_string(),
            Value::Float(number) => number.to_string(),
            _ => return self.kind(node, &Form::Quantity(measure), path),
        };
        if measure == Measure::Share {
            let value = number.parse().unwrap_or(f64::NAN);
            if let Err(error) = crate::quantity::Share::from_number(value) {
                let problem = Problem::at(node.place, title, error.found);
                self.found.insert(problem.help(error.help));
            }
            return;
        }
        let usual = schema.default().and_then(serde_json::Value::as_str);
        let usual = usual.or(schema.example()).unwrap_or(measure.example());
        let unit = usual
            .trim_start_matches(|c: char| c.is_ascii_digit() || c == '.')
            .trim();
        // Who leaves the unit of a long time out thinks of seconds.
        let unit = match (measure, unit) {
            (Measure::Duration, "min" | "h" | "d") => "s",
            (_, unit) => unit,
        };
        let written = format!("{number} {unit}");
        let written = if measure.read(&written).is_ok() {
            written
        } else {
            measure.example().to_owned()
        };
        let shorter = crate::time::Duration::parse(&written).ok();
        let shorter = shorter.map(|time| time.to_string());
        let shorter = shorter.filter(|_| measure == Measure::Duration);
        let shorter = shorter.filter(|shorter| *shorter != written);
        let shorter = shorter.map_or_else(String::new, |same| format!(", which is \"{same}\""));
        let units = measure.units().join(", ");
        let label = format!("{} needs a unit", measure.called());
        let problem = Problem::at(node.place, title, label);
        self.found
            .insert(problem.help(format!("write \"{written}\"{shorter}; units: {units}")));
    }

    fn range(&mut self, place: Place, number: f64, (least, most): (f64, f64), path: &str) {
        if (least..=most).contains(&number) && number.is_finite() {
            return;
        }
        let title = format!("`{path}` is out of range");
        let label = wanted(least, most);
        self.found.insert(Problem::at(place, title, label));
    }

    fn count(&mut self, place: Place, count: u64, (least, most): (u64, u64), path: &str) {
        let needed = match (least, most) {
            _ if (least..=most).contains(&count) => return,
            (least, most) if least == most => format!("{least}"),
            (least, u64::MAX) => format!("at least {least}"),
            (0, most) => format!("at most {most}"),
            (least, most) => format!("{least} to {most}"),
        };
        let title = format!("`{path}` has the wrong number of items");
        let label = format!("{count} given, {needed} needed");
        self.found.insert(Problem::at(place, title, label));
    }

    fn kind(&mut self, node: &Node, form: &Form<'_>, path: &str) {
        let title = format!("`{path}` is not {}", called(form));
        let problem = Problem::at(node.place, title, format!("found {}", node.kind()));
        let help = match (form, &node.value) {
            (Form::Integer(..) | Form::Number(..), Value::Text(text))
                if text.parse::<f64>().is_ok() =>
            {
                Some(format!("write {text} without quotes"))
            }
            (Form::Boolean, Value::Text(text)) if text == "true" || text == "false" => {
                Some(format!("write {text} without quotes"))
            }
            (Form::Quantity(measure), _) => {
                Some(format!("write it like \"{}\"", measure.example()))
            }
            (Form::Table(_), _) => Some(format!("write `[{path}]` and its keys below")),
            (Form::List { .. }, Value::Table(_)) => {
                Some(format!("write `[[{path}]]`, once for each"))
            }
            (Form::List { .. }, _) => Some("write it in brackets: [a, b]".to_owned()),
            _ => None,
        };
        self.found.insert(Problem { help, ..problem });
    }
}

/// What a form is called, with its article.
pub(super) fn called(form: &Form<'_>) -> &'static str {
    match form {
        Form::Table(_) | Form::Map(_) => "a table",
        Form::Choice(_) => "a choice",
        Form::List { .. } => "a list",
        Form::Quantity(measure) => measure.called(),
        Form::Text => "a text",
        Form::Integer(..) => "a whole number",
        Form::Number(..) => "a number",
        Form::Boolean => "true or false",
        Form::Any => "a value",
    }
}

/// "between 1 and 10", "at least 1", …; `None` without bounds.
pub(super) fn bounds(least: f64, most: f64) -> Option<String> {
    match (least.is_finite(), most.is_finite()) {
        (true, true) => Some(format!("between {least} and {most}")),
        (true, false) => Some(format!("at least {least}")),
        (false, true) => Some(format!("at most {most}")),
        (false, false) => None,
    }
}

fn wanted(least: f64, most: f64) -> String {
    bounds(least, most).map_or("must be finite".to_owned(), |bounds| {
        format!("must be {bounds}")
    })
}

/// A list of names for a line of help.
fn listed<'n>(what: &str, names: impl Iterator<Item = &'n str>) -> Option<String> {
    let names: Vec<_> = names.collect();
    (!names.is_empty()).then(|| format!("{what}: {}", names.join(", ")))
}

/// A value to show for a missing key.
fn example(schema: &Schema<'_>) -> String {
    match schema.form() {
        Form::Quantity(measure) => {
            format!("\"{}\"", schema.example().unwrap_or(measure.example()))
        }
        Form::Choice(families) => match families.first() {
            Some(Family {
                name,
                settings: None,
                ..
            }) => format!("\"{name}\""),
            Some(Family { name, .. }) => format!("{{ {name} = {{ … }} }}"),
            None => "…".to_owned(),
        },
        Form::Table(_) | Form::Map(_) => "{ … }".to_owned(),
        Form::List { .. } => "[…]".to_owned(),
        Form::Text => "\"…\"".to_owned(),
        Form::Integer(least, _) if least.is_finite() => format!("{least}"),
        _ => "…".to_owned(),
    }
}

/// The first sentence of a documentation, whose lines are broken anywhere.
fn first_sentence(text: &str) -> String {
    let paragraph = text.split("\n\n").next().unwrap_or_default();
    let line = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.find(". ") {
        Some(end) => line[..=end].to_owned(),
        None => line,
    }
}
