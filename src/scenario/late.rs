//! Problems that show only when a scenario is built: a file that is missing, a matrix that is not
//! square. They look like those of the scenario itself.

use super::problem::{Found, Place, Problem, Problems, Source, SourceId};
use super::tree;

/// A problem with the value of `key` of the scenario `text`, called `label`. In a file with variants
/// the first place that has the key is shown: the file itself, then its variants.
pub fn at_key(label: &str, text: &str, key: &str, message: &str, help: Option<&str>) -> Problems {
    let (root, _) = tree::parse(text, SourceId::FILE, &mut Found::new());
    let file = root.nearest_place(key);
    let variants = root.get("variants").and_then(tree::Node::as_table);
    let variants = variants.map(|table| &table.entries[..]).unwrap_or_default();
    let has = |node: &tree::Node| {
        let mut steps = key.split('.');
        steps.try_fold(node.clone(), |node, step| node.get(step).cloned())
    };
    let found = has(&root).or_else(|| variants.iter().find_map(|entry| has(&entry.node)));
    let place = found.map_or(file, |node| node.place);
    let problem = Problem {
        help: help.map(str::to_owned),
        ..Problem::at(place, message, format!("`{key}`"))
    };
    one(label, text, problem)
}

/// A problem at a line and column (both from 1, the column in characters) of another file.
pub fn in_file(label: &str, text: &str, line: usize, column: usize, message: &str) -> Problems {
    let before = text.split_inclusive('\n').take(line.saturating_sub(1));
    let start: usize = before.map(str::len).sum();
    let row = text[start..].lines().next().unwrap_or_default();
    let offset = |column: usize| {
        row.char_indices()
            .nth(column)
            .map_or(row.len(), |(at, _)| at)
    };
    let from = offset(column.saturating_sub(1)).min(row.len().saturating_sub(1));
    let field = row.get(from..).unwrap_or_default();
    let length = field.find([' ', '\t', ',']).unwrap_or(field.len()).max(1);
    let place = Place::new(SourceId::FILE, start + from..start + from + length);
    one(label, text, Problem::at(place, message, ""))
}

fn one(label: &str, text: &str, problem: Problem) -> Problems {
    let file = Source {
        label: label.to_owned(),
        text: text.to_owned(),
    };
    Problems::new(vec![file], Found::from([problem]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carets_stand_under_what_is_wrong() {
        let text = "name = \"t\"\n[network.matrix]\nfile = \"m.txt\"\n";
        let said = at_key(
            "t.toml",
            text,
            "network.matrix.file",
            "cannot be read",
            None,
        );
        assert!(said.to_string().contains("t.toml:3:8"), "{said}");
        let variant = "[variants.far.network.matrix]\nfile = \"m.txt\"\n";
        let said = at_key(
            "t.toml",
            variant,
            "network.matrix.file",
            "cannot be read",
            None,
        );
        assert!(said.to_string().contains("t.toml:2:8"), "{said}");
        let said = in_file("m.txt", "0 1\n1 zero 3\n", 2, 3, "not a number");
        let text = said.to_string();
        assert!(
            text.contains("m.txt:2:3") && text.contains("^^^^"),
            "{text}"
        );
    }

    #[test]
    fn places_beyond_the_text_are_no_panic() {
        for (line, column) in [(0, 0), (9, 9), (1, 99), (2, 1)] {
            for text in ["", "a", "\u{e9} b\n"] {
                let said = in_file("f", text, line, column, "wrong").to_string();
                assert!(said.contains("wrong"));
            }
        }
    }
}
