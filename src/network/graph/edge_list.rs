//! The reader of overlay graphs from files.

use crate::input::{TextError, fields, lines};
use crate::network::graph::Graph;
use crate::peer::PeerId;
use std::collections::BTreeMap;

/// An undirected graph with a link per line: two names, separated by blanks, tabs or a comma;
/// further columns are ignored. Peers are numbered in order of first mention. Repeated links
/// (files often list both directions) are one, links to oneself none.
pub(super) fn read(text: &str) -> Result<Graph, TextError> {
    let mut named: BTreeMap<&str, u32> = BTreeMap::new();
    let mut links = Vec::new();
    for (line, content) in lines(text) {
        let fields = fields(content);
        let [(at, a), (_, b), ..] = fields[..] else {
            return Err(TextError::new(line, 1, "a link is two names: `a b`"));
        };
        if a.is_empty() || b.is_empty() {
            return Err(TextError::new(line, at, "a name is missing"));
        }
        let [a, b] = [a, b].map(|name| {
            let next = named.len() as u32;
            PeerId(*named.entry(name).or_insert(next))
        });
        if named.len() as u64 > u64::from(PeerId::LIMIT) {
            let message = format!("more than {} names", PeerId::LIMIT);
            return Err(TextError::new(line, 1, message));
        }
        links.push((a, b));
    }
    Ok(Graph::undirected(named.len() as u32, &links))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn both_directions_are_one_link() {
        let graph = read("# from to\n10 7\n7 10\n7\t3 -1\n3 3\n").expect("fine");
        assert_eq!((graph.peers(), graph.edge_count()), (3, 2));
        assert_eq!(graph.neighbours(PeerId(1)), [PeerId(0), PeerId(2)]);
        let error = read("1 2\n3\n").expect_err("a name is missing");
        assert_eq!((error.line, error.column), (2, 1));
    }

    proptest! {
        #[test]
        fn any_text_is_a_graph_or_an_error(text in "([0-9a]{1,2}[ ,][0-9]?\n){0,8}\\PC{0,20}") {
            if let Ok(graph) = read(&text) {
                prop_assert!(graph.edges().all(|(a, b)| a < b && b.0 < graph.peers()));
            }
        }
    }
}
