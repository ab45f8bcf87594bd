//! Patching a scenario: variants, and `--set key=value`.

use super::problem::{Found, Place, Problem, SourceId};
use super::schema::{Form, Schema};
use super::tree::{self, Node, Value};

/// Lays `patch` over `base`: tables are merged key by key, everything else is replaced. A choice
/// whose family differs is replaced as a whole: settings of one family mean nothing to another.
pub(super) fn merge(base: &mut Node, patch: Node, schema: Option<&Schema<'_>>) {
    let form = schema.map(Schema::form);
    let (Value::Table(old), Value::Table(new)) = (&mut base.value, &patch.value) else {
        *base = patch;
        return;
    };
    if matches!(form, Some(Form::Choice(_))) {
        let family = |entries: &[tree::Entry]| match entries {
            [only] => Some(only.key.clone()),
            _ => None,
        };
        let chosen = family(&new.entries);
        if chosen.is_none() || chosen != family(&old.entries) {
            *base = patch;
            return;
        }
    }
    let Value::Table(new) = patch.value else {
        return;
    };
    for entry in new.entries {
        let below = schema.and_then(|schema| schema.child(&entry.key));
        match old.get_mut(&entry.key) {
            Some(here) => {
                here.place = entry.place;
                merge(&mut here.node, entry.node, below.as_ref());
            }
            None => old.entries.push(entry),
        }
    }
}

/// Reads one `--set` argument: `key=value` with the value as TOML, or as a text without quotes if it
/// is not TOML (`duration=10 min`).
pub(super) fn parse_set(argument: &str, source: SourceId, found: &mut Found) -> Option<Node> {
    let mut ignored = Found::new();
    if let (node, true) = tree::parse(argument, source, &mut ignored) {
        let one = node
            .as_table()
            .is_some_and(|table| !table.entries.is_empty());
        if one && !argument.contains('\n') {
            return Some(node);
        }
    }
    let whole = Place::new(source, 0..argument.len());
    let help = "write it like --set peers=100 or --set duration=\"10 min\"";
    let not_a_set = |label: &str| Problem::at(whole, "not a setting", label).help(help);
    let Some((key, text)) = argument.split_once('=') else {
        found.insert(not_a_set("no `=` in it"));
        return None;
    };
    // The same key with a value that is certainly TOML, for which the text is put then.
    let (mut node, sound) = tree::parse(&format!("{key}=0"), source, &mut ignored);
    if !sound || key.contains(['\n', '#']) {
        found.insert(not_a_set("what stands before `=` is not a key"));
        return None;
    }
    let place = match key.len() + 1 {
        start if start < argument.len() => Place::new(source, start..argument.len()),
        _ => whole,
    };
    let value = Value::Text(text.trim().to_owned());
    *leaf(&mut node) = Node { value, place };
    Some(node)
}

/// The value at the end of a chain of tables with one key each.
fn leaf(node: &mut Node) -> &mut Node {
    let is_table = node
        .as_table()
        .is_some_and(|table| !table.entries.is_empty());
    if !is_table {
        return node;
    }
    match &mut node.value {
        Value::Table(table) => leaf(&mut table.entries[0].node),
        _ => unreachable!("checked to be a table above"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a `--set` argument becomes, as TOML.
    fn set(argument: &str) -> Option<String> {
        let mut found = Found::new();
        let node = parse_set(argument, SourceId(1), &mut found);
        assert_eq!(node.is_none(), !found.is_empty());
        node.map(|node| node.to_toml().to_string())
    }

    #[test]
    fn a_setting_is_toml_or_a_bare_text() {
        for (argument, toml) in [
            ("peers=100", "{ peers = 100 }"),
            ("a.b=true", "{ a = { b = true } }"),
            ("duration=10 min", "{ duration = \"10 min\" }"),
            ("loss = 5 %", "{ loss = \"5 %\" }"),
            ("a=\"x\"", "{ a = \"x\" }"),
            ("list=[1, 2]", "{ list = [1, 2] }"),
            ("a=", "{ a = \"\" }"),
        ] {
            assert_eq!(set(argument).as_deref(), Some(toml), "{argument}");
        }
        for argument in ["", "peers", "=5", "a b=5", "#a=5", "a.=5"] {
            assert_eq!(set(argument), None, "{argument}");
        }
    }

    #[test]
    fn a_bare_text_points_at_itself() {
        let node = parse_set("a.b=10 min", SourceId(3), &mut Found::new());
        let place = node.map(|node| node.nearest_place("a.b"));
        assert_eq!(place, Some(Place::new(SourceId(3), 4..10)));
    }
}
