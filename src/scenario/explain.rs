//! `sim explain KEY`: what a key means, from the schema and its doc comments.

use super::measure::Measure;
use super::nearest::nearest;
use super::schema::{Form, Schema};
use super::shape::{bounds, called};
use serde_json::Value;

/// Explains the key at a dotted path: type, unit, default, range, meaning with its source, and the
/// keys or choices below it. The empty path lists the keys of a scenario.
///
/// # Errors
/// If there is no such key; the text names the nearest.
pub(super) fn explain(schema: &Schema<'_>, path: &str) -> Result<String, String> {
    let path = path.trim();
    if path.is_empty() {
        return Ok(format!("the keys of a scenario\n{}", below(schema)));
    }
    if let Some(here) = schema.at(path) {
        return Ok(describe(schema, &here, path));
    }
    // A choice that is only a name has no schema of its own.
    let (above, last) = path.rsplit_once('.').unwrap_or(("", path));
    if let Some(Form::Choice(families)) = schema.at(above).map(|above| above.form())
        && let Some(family) = families.iter().find(|family| family.name == last)
    {
        return Ok(format!(
            "{path}\n  a name: write {above} = \"{last}\"\n\n{}",
            indented(family.about)
        ));
    }
    let paths = schema.paths();
    // A slip within the table that is meant, or else the same key in another.
    let beside = paths.iter().filter_map(|one| match one.rsplit_once('.') {
        Some((table, key)) => (table == above).then_some((key, one)),
        None => above.is_empty().then_some((one.as_str(), one)),
    });
    let beside: Vec<(&str, &String)> = beside.collect();
    let slip = nearest(last, beside.iter().map(|&(key, _)| key));
    let slip = slip.and_then(|slip| beside.iter().find(|&&(key, _)| key == slip));
    let slip = slip.map(|&(_, path)| path.as_str());
    let tail = |one: &&String| one.rsplit('.').next() == Some(last);
    // The one nearest to the top.
    let depth = |path: &&String| path.matches('.').count();
    let same_key = paths.iter().filter(tail).min_by_key(depth);
    let same_key = same_key.map(String::as_str);
    let near = if above.is_empty() {
        same_key.or(slip)
    } else {
        slip.or(same_key)
    };
    let near = near.or_else(|| nearest(path, paths.iter().map(String::as_str)));
    Err(match near {
        Some(near) => format!("no key `{path}`: did you mean `{near}`?"),
        None => format!("no key `{path}`"),
    })
}

fn describe(root: &Schema<'_>, here: &Schema<'_>, path: &str) -> String {
    let mut facts = vec![kind(here)];
    if let Form::Quantity(measure) = here.form() {
        facts.push(format!("in {}", measure.units().join(", ")));
        let example = here.example().unwrap_or(measure.example());
        let or = match measure {
            Measure::Share => " or a number from 0 to 1",
            _ => "",
        };
        facts.push(format!("like \"{example}\"{or}"));
    }
    facts.push(match (here.default(), standing(root, path)) {
        (_, Standing::Family(choice)) => format!("a choice for `{choice}`"),
        (_, Standing::Required) => "required".to_owned(),
        (Some(default), Standing::Free) => format!("default {}", plain(default)),
        (None, Standing::Free) => "none if left out".to_owned(),
    });
    let mut text = format!("{path}\n  {}\n", facts.join("; "));
    if !here.about().is_empty() {
        text.push('\n');
        text.push_str(&indented(here.about()));
    }
    let below = below(here);
    if !below.is_empty() {
        text.push('\n');
        text.push_str(&below);
    }
    text
}

/// What a key is to the table above it.
enum Standing<'p> {
    Family(&'p str),
    Required,
    Free,
}

fn standing<'p>(root: &Schema<'_>, path: &'p str) -> Standing<'p> {
    let (above, last) = path.rsplit_once('.').unwrap_or(("", path));
    let table = if above.is_empty() {
        Some(root.clone())
    } else {
        root.at(above)
    };
    let mut form = table.map(|table| table.form());
    if let Some(Form::List { items, .. }) = &form {
        form = items.first().map(Schema::form);
    }
    match form {
        Some(Form::Choice(_)) => Standing::Family(above),
        Some(Form::Table(keys)) if keys.iter().any(|key| key.name == last && key.required) => {
            Standing::Required
        }
        _ => Standing::Free,
    }
}

/// Type and range.
fn kind(schema: &Schema<'_>) -> String {
    let form = schema.form();
    match &form {
        Form::Integer(least, most) | Form::Number(least, most) => match bounds(*least, *most) {
            Some(bounds) => format!("{} {bounds}", called(&form)),
            None => called(&form).to_owned(),
        },
        Form::List { items, .. } => match &items[..] {
            [item] => format!("a list, each {}", called(&item.form())),
            _ => "a list".to_owned(),
        },
        _ => called(&form).to_owned(),
    }
}

/// The keys or choices below, one a line with the first line of its meaning.
fn below(schema: &Schema<'_>) -> String {
    let rows: Vec<(String, String, &str)> = match schema.form() {
        Form::Table(keys) => keys
            .iter()
            .map(|key| {
                let facts = match (key.required, key.schema.default()) {
                    (true, _) => "required".to_owned(),
                    (false, Some(default)) => plain(default),
                    (false, None) => "none".to_owned(),
                };
                (key.name.to_owned(), facts, key.schema.about())
            })
            .collect(),
        Form::Choice(families) => families
            .iter()
            .map(|family| {
                let facts = if family.settings.is_some() {
                    "table"
                } else {
                    "name"
                };
                let inner = family
                    .settings
                    .as_ref()
                    .map_or("", |settings| settings.about());
                let about = if family.about.is_empty() {
                    inner
                } else {
                    family.about
                };
                (family.name.to_owned(), facts.to_owned(), about)
            })
            .collect(),
        Form::List { items, .. } => match &items[..] {
            [item] => return below(item),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    let width =
        |column: fn(&(String, String, &str)) -> usize| rows.iter().map(column).max().unwrap_or(0);
    let (names, facts) = (
        width(|row| row.0.chars().count()),
        width(|row| row.1.chars().count()),
    );
    let mut text = String::new();
    for (name, fact, about) in &rows {
        let about = about.lines().next().unwrap_or_default();
        let line = format!("  {name:names$}  {fact:facts$}  {about}");
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// A default as it would be written; a table as `{…}`.
fn plain(value: &Value) -> String {
    match value {
        Value::Object(keys) if keys.len() == 1 => keys.keys().next().cloned().unwrap_or_default(),
        Value::Object(_) => "{…}".to_owned(),
        Value::String(text) => format!("\"{text}\""),
        other => other.to_string(),
    }
}

fn indented(text: &str) -> String {
    let mut indented = String::new();
    for line in text.lines() {
        indented.push_str(format!("  {line}").trim_end());
        indented.push('\n');
    }
    indented
}
