//! Maps of Rocketfuel (Spring, Mahajan & Wetherall, SIGCOMM 2002), as its `.cch` files have them.

use super::{At, Link, Router, RouterGraph};
use crate::input::{TextError, lines};
use std::collections::BTreeSet;

/// What a line looks like, for messages.
const SHAPE: &str = "a router is `UID @PLACE (N) -> <UID> <UID> =NAME rN`";

/// A line per router: its number, its place behind an `@`, marks, and behind `->` its neighbours in
/// angle brackets; each link is in the lines of both ends, and once in the graph. Links to other
/// networks, `{-UID}`, and the lines of routers there, which begin with `-`, are skipped, as are names
/// and marks. The map says nothing of delays.
pub(super) fn read(text: &str) -> Result<RouterGraph, TextError> {
    let mut graph = RouterGraph::default();
    let mut neighbours = Vec::new();
    for (line, content) in lines(text) {
        let words = words(content);
        let (column, first) = words[0];
        let at = At { line, column };
        if first.starts_with('-') {
            continue;
        }
        let name = uid(first).map_err(|message| at.wrong(message))?;
        let place = words.iter().find_map(|(_, word)| word.strip_prefix('@'));
        let Some(place) = place else {
            return Err(at.wrong(format!("no place; {SHAPE}")));
        };
        let Some(arrow) = words.iter().position(|(_, word)| *word == "->") else {
            return Err(at.wrong(format!("no `->`; {SHAPE}")));
        };
        graph.add(Router {
            name: name.clone(),
            label: Some(place.replace('+', " ")).filter(|place| !place.is_empty()),
            at,
            ..Router::default()
        })?;
        for &(column, word) in &words[arrow + 1..] {
            let at = At { line, column };
            if word.starts_with(['=', '{', 'r']) {
                continue;
            }
            let inside = word
                .strip_prefix('<')
                .and_then(|word| word.strip_suffix('>'));
            let Some(inside) = inside else {
                let message = format!("`{word}` where a neighbour should be, such as `<17>`");
                return Err(at.wrong(message));
            };
            let other = uid(inside).map_err(|message| at.wrong(message))?;
            neighbours.push((name.clone(), other, at));
        }
    }
    let mut seen = BTreeSet::new();
    for (one, other, at) in neighbours {
        let (a, b) = (graph.find(&one, at)?, graph.find(&other, at)?);
        if a == b {
            return Err(at.wrong(format!("`{one}` is a neighbour of itself")));
        }
        if seen.insert((a.min(b), a.max(b))) {
            let link = Link {
                at,
                ..Link::default()
            };
            graph.link(a, b, link)?;
        }
    }
    Ok(graph)
}

/// The number of a router.
fn uid(word: &str) -> Result<String, String> {
    let number = word.parse::<u32>().map(|number| number.to_string());
    number.map_err(|_| format!("`{word}` is not the number of a router; {SHAPE}"))
}

/// What blanks separate, each with its column. Places have commas.
fn words(line: &str) -> Vec<(usize, &str)> {
    let mut words = Vec::new();
    let mut column = 1;
    for part in line.split_inclusive(char::is_whitespace) {
        let word = part.trim();
        if !word.is_empty() {
            words.push((column, word));
        }
        column += part.chars().count();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_there_once_and_others_networks_not() {
        let text = "7 @New+York,+NY + bb\t(2) &1 -> <8> <9> {-3} =a.example! r0\n\
                    8 @T (1) -> <7>  =b r0\n\
                    9 @Oslo,+NO 	(1) &2 -> =c r1\n\
                    -3 =d.example r1\n";
        let graph = read(text).expect("a map");
        let labels: Vec<_> = graph
            .routers()
            .map(|router| router.label.as_deref())
            .collect();
        assert_eq!(labels, [Some("New York, NY"), Some("T"), Some("Oslo, NO")]);
        let links: Vec<_> = graph.links().map(|(a, b, _)| (a, b)).collect();
        assert_eq!(links, [(0, 1), (0, 2)]);
    }
}
