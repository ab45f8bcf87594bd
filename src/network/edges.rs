//! The reader of router graphs: links in, shortest paths out.

use crate::input::{TextError, fields, lines};
use crate::network::latency::{LONGEST, Table};
use crate::quantity::Quantity;
use crate::time::Duration;
use petgraph::algo::dijkstra;
use petgraph::graph::{NodeIndex, UnGraph};
use std::collections::BTreeMap;

/// The most routers: sixteen million pairs.
const MOST_NODES: usize = 4096;

/// The shortest one-way delays between all routers of an edge list, in order of first mention.
pub(super) fn read(text: &str) -> Result<Table, TextError> {
    let mut graph = UnGraph::<&str, u64>::new_undirected();
    let mut named: BTreeMap<&str, NodeIndex> = BTreeMap::new();
    let mut last = 1;
    for (line, content) in lines(text) {
        last = line;
        let fields = fields(content);
        let [(_, a), (column, b), (at, _), ..] = fields[..] else {
            let message = "a link is two names and a latency: `a b 20 ms`";
            return Err(TextError::new(line, 1, message));
        };
        let words: Vec<&str> = fields[2..].iter().map(|field| field.1).collect();
        let latency =
            latency(&words.join(" ")).map_err(|message| TextError::new(line, at, message))?;
        if a == b {
            let message = format!("a link from `{a}` to itself");
            return Err(TextError::new(line, column, message));
        }
        let [a, b] = [a, b].map(|name| *named.entry(name).or_insert_with(|| graph.add_node(name)));
        if graph.node_count() > MOST_NODES {
            let message = format!("more than {MOST_NODES} routers");
            return Err(TextError::new(line, 1, message));
        }
        graph.add_edge(a, b, latency.as_nanos());
    }
    let side = graph.node_count();
    if side == 0 {
        return Err(TextError::new(last, 1, "no links"));
    }
    let mut delays = Vec::with_capacity(side * side);
    for from in graph.node_indices() {
        let distances = dijkstra(&graph, from, None, |link| *link.weight());
        for to in graph.node_indices() {
            let Some(&nanos) = distances.get(&to) else {
                let message = format!("no path from `{}` to `{}`", graph[from], graph[to]);
                return Err(TextError::new(last, 1, message));
            };
            if nanos > LONGEST.as_nanos() {
                let message = format!(
                    "the path from `{}` to `{}` is too long",
                    graph[from], graph[to]
                );
                return Err(TextError::new(last, 1, message));
            }
            delays.push(Duration::from_nanos(nanos));
        }
    }
    Ok(Table { side, delays })
}

/// A positive latency with its unit, or a bare number of milliseconds.
fn latency(text: &str) -> Result<Duration, String> {
    let bare = text.parse::<f64>().ok().filter(|ms| ms.is_finite());
    let latency = match bare {
        Some(ms) if ms < 0.0 => return Err(format!("{text} is negative")),
        Some(ms) => Duration::from_secs_f64(ms / 1e3),
        None => {
            Duration::parse(text).map_err(|error| format!("{}: {}", error.found, error.help))?
        }
    };
    if latency.is_zero() {
        return Err("a link without latency".to_owned());
    }
    if latency > LONGEST {
        return Err(format!("longer than {LONGEST}"));
    }
    Ok(latency)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn error(text: &str) -> (usize, usize, String) {
        let error = read(text).err().expect("an error");
        (error.line, error.column, error.message)
    }

    #[test]
    fn paths_are_the_shortest() {
        let table = read("a b 10 ms\nb,c,5\na c 20ms # the long way\nc d 500 us\n").expect("fine");
        assert_eq!(table.side, 4);
        let from_a: Vec<u64> = (table.delays[..4].iter())
            .map(|d| d.as_nanos() / 1000)
            .collect();
        assert_eq!(from_a, [0, 10_000, 15_000, 15_500]);
        assert_eq!(table.delays[3], table.delays[12]);
    }

    #[test]
    fn errors_name_line_and_column() {
        assert_eq!((error("a b 1\na b").0, error("a b 1\na b").1), (2, 1));
        let (line, column, message) = error("a b 10 msec");
        assert_eq!((line, column), (1, 5));
        assert!(message.contains("unknown unit"), "{message}");
        assert!(error("a b 1\nc d 1").2.contains("no path from `a` to `c`"));
        assert!(error("a a 1").2.contains("itself"));
        assert!(error("a b 0").2.contains("without latency"));
        assert!(error("a b -3").2.contains("negative"));
        assert!(error("").2.contains("no links"));
    }

    proptest! {
        #[test]
        fn any_text_is_a_table_or_an_error(text in "([a-c] [a-c] [0-9.-]{1,4}( ms|s)?\n){0,5}\\PC{0,20}") {
            if let Ok(table) = read(&text) {
                prop_assert_eq!(table.delays.len(), table.side * table.side);
            }
        }
    }
}
