//! Errors of syntax without those that merely follow from an earlier one.
//!
//! The recovering parser reports a list without its `]` once more at every line below. So an error
//! counts only if it is still there when the broken statements before it are taken out.

use super::problem::{Found, Place, Problem, SourceId};
use super::tree::DUPLICATE;
use std::ops::Range;
use toml::de::{DeTable, Error};

/// More broken statements than this are not looked for: each takes another reading of the file.
const MOST: usize = 20;

/// Puts what is wrong with the syntax of `text`, for which the parser gave `errors`, into `found`.
pub(super) fn explain(text: &str, source: SourceId, errors: &[Error], found: &mut Found) {
    let mut error = first(errors);
    let mut rest = text.to_owned();
    let mut sound_to = error.as_ref().map_or(text.len(), |(span, _)| span.start);
    for duplicate in errors.iter().filter(|error| error.message() == DUPLICATE) {
        let span = duplicate.span().unwrap_or(0..0);
        // Below a broken header a key may only seem to stand in the wrong table.
        if span.start <= sound_to {
            let place = Place::new(source, visible(text, span));
            found.insert(Problem::at(place, "duplicate key", "written once more"));
        }
    }
    for _ in 0..MOST {
        let Some((span, message)) = error else {
            return;
        };
        let wrong = &text[span.clone()];
        // A list that does not end is noticed at the next statement, and shown where it stops.
        let shown = visible(text, span);
        let broken = statement(text, shown.start);
        let place = Place::new(source, shown);
        let problem = Problem::at(place, "not valid TOML", message.as_str());
        found.insert(match help(&message, wrong) {
            Some(help) => problem.help(help),
            None => problem,
        });
        sound_to = broken.end;
        rest = without(&rest, broken);
        let (_, errors) = DeTable::parse_recoverable(&rest);
        error = first(&errors).filter(|(span, _)| span.start >= sound_to);
    }
}

/// The first error that is not a duplicate key.
fn first(errors: &[Error]) -> Option<(Range<usize>, String)> {
    let errors = errors.iter().filter(|error| error.message() != DUPLICATE);
    let placed = errors.map(|error| (error.span().unwrap_or(0..0), error.message().to_owned()));
    placed.min_by_key(|(span, _)| span.start)
}

/// The lines of the statement around `at`: from the last line that begins one to the next.
fn statement(text: &str, at: usize) -> Range<usize> {
    let (mut from, mut line_from) = (0, 0);
    for line in text.split_inclusive('\n') {
        if begins(line) {
            if line_from > at {
                return from..line_from;
            }
            from = line_from;
        }
        line_from += line.len();
    }
    from..text.len()
}

/// Whether a line looks like `key = ...` or `[header]`, and not like the inside of a list.
fn begins(line: &str) -> bool {
    let line = line.trim_start();
    let name = line.trim_start_matches('[');
    let named = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let quoted = name.len() == line.len() && line.starts_with(['"', '\'']);
    let header = name.len() < line.len();
    (named && header) || ((named || quoted) && line.contains('='))
}

/// The text with blanks in the place of a part, so that all other places stay.
fn without(text: &str, part: Range<usize>) -> String {
    let blank = |c: char| {
        if c == '\n' {
            "\n".to_owned()
        } else {
            " ".repeat(c.len_utf8())
        }
    };
    let blanks: String = text[part.clone()].chars().map(blank).collect();
    format!("{}{blanks}{}", &text[..part.start], &text[part.end..])
}

fn help(message: &str, wrong: &str) -> Option<String> {
    if message.starts_with("missing comma between array") {
        Some("a list ends with `]`, its items have `,` between them".to_owned())
    } else if message.starts_with("string values must be quoted") && !wrong.trim().is_empty() {
        let wrong = wrong.trim().replace('"', "");
        Some(format!(
            "texts and quantities with a unit stand in quotes: \"{wrong}\""
        ))
    } else {
        None
    }
}

/// A span that a caret can stand under: an error at the end of a line or of the file moves to the
/// character before.
fn visible(text: &str, span: Range<usize>) -> Range<usize> {
    if span.start < span.end && !text[span.start..].starts_with(['\n', '\r']) {
        return span;
    }
    let before = text[..span.start].trim_end_matches(['\n', '\r']);
    match before.char_indices().next_back() {
        Some((at, _)) => at..before.len(),
        None => span.start..text.len().min(span.start + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The lines, from 1, of the errors that are shown.
    fn lines(text: &str) -> Vec<usize> {
        let (_, errors) = DeTable::parse_recoverable(text);
        let mut found = Found::new();
        explain(text, SourceId::FILE, &errors, &mut found);
        let places = found.iter().filter_map(|problem| problem.place);
        places
            .map(|place| text[..place.start].matches('\n').count() + 1)
            .collect()
    }

    #[test]
    fn what_follows_from_an_error_is_not_shown() {
        assert_eq!(lines("a = [1, 2\n\n[[b]]\nc = 1\nd = 0.9\n"), [1]);
        assert_eq!(lines("a = [\n  1,\n  2\n[b]\nc = 1\n"), [3]);
        assert_eq!(lines("a = [\n  [1, x],\n  [2, 3],\n]\nb = 1\n"), [2]);
        assert_eq!(lines("a: 5\n"), [1]);
        assert_eq!(lines("a == 5\n"), [1]);
    }

    #[test]
    fn what_is_wrong_on_its_own_is_shown() {
        assert_eq!(lines("a = \"t\nb = \nc = 1\n[d\ne = 2\n"), [1, 2, 4]);
        assert_eq!(lines("a = [1, 2\nb = 10 min\n"), [1, 2]);
        assert_eq!(lines("a = 1\na = 2\nb = \n"), [2, 3]);
    }

    proptest! {
        #[test]
        fn a_broken_text_has_an_error_and_a_sound_one_has_none(text in "[a-c=\\[\\]\"'{},.# \n1\u{e9}]{0,60}") {
            let (_, errors) = DeTable::parse_recoverable(&text);
            prop_assert_eq!(lines(&text).is_empty(), errors.is_empty());
        }
    }
}
