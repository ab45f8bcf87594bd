//! Lists of links: two names a line, and a delay.

use super::{At, Link, RouterGraph, numbers};
use crate::input::{Field, TextError, fields, lines};

/// Three words with commas inside at most, as in Rocketfuel's `San+Jose,+CA4062 Anaheim,+CA4101
/// 2.5`: the commas belong to the names.
fn words(line: &str) -> Option<Vec<Field<'_>>> {
    let place = |word: &str| word.as_ptr() as usize - line.as_ptr() as usize;
    let column = |word: &str| line[..place(word)].chars().count() + 1;
    let words: Vec<Field<'_>> = (line.split_whitespace())
        .map(|word| (column(word), word))
        .collect();
    let whole = |field: &Field<'_>| !field.1.starts_with(',') && !field.1.ends_with(',');
    (words.len() == 3 && words.iter().all(whole)).then_some(words)
}

/// A link per line, separated by blanks, tabs or commas; `#` begins a comment. With `delays` the
/// third field is the link's delay (`a b 20 ms`, `a,b,5`), which may be left out; without, whatever
/// comes after the names is skipped. Links to oneself are left out unless they have a delay.
pub(super) fn read(text: &str, delays: bool) -> Result<RouterGraph, TextError> {
    let mut graph = RouterGraph::default();
    let mut last = 1;
    for (line, content) in lines(text) {
        last = line;
        let fields = words(content).unwrap_or_else(|| fields(content));
        let at = |column: usize| At { line, column };
        let [(column, a), (next, b), ..] = fields[..] else {
            let column = fields.first().map_or(1, |field| field.0);
            let rule = "a link is two names and a delay: `a b 20 ms`";
            return Err(at(column).wrong(format!("one name; {rule}")));
        };
        for (column, name) in [(column, a), (next, b)] {
            if name.is_empty() {
                return Err(at(column).wrong("a name is missing"));
            }
        }
        let words: Vec<&str> = fields[2..].iter().map(|field| field.1).collect();
        let delay = if delays && !words.is_empty() {
            let delay = numbers::delay(&words.join(" "));
            Some(delay.map_err(|message| at(fields[2].0).wrong(message))?)
        } else {
            None
        };
        if a == b && delay.is_none() {
            graph.named(a, at(column));
            continue;
        }
        let (a, b) = (graph.named(a, at(column)), graph.named(b, at(next)));
        let link = Link {
            delay,
            at: at(column),
            ..Link::default()
        };
        graph.link(a, b, link)?;
    }
    if graph.is_empty() {
        return Err(TextError::new(last, 1, "no links: a line is `a b 20 ms`"));
    }
    Ok(graph)
}
