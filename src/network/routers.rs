//! Graphs of routers: what an importer reads or a generator makes, and how links get their delays.
//!
//! An importer is a pure function from a text to a [`RouterGraph`]; it knows nothing of scenarios
//! and gives every router and link the place in the text it came from, so that what is found wrong
//! later is still said of a line and a column. What a file leaves open (units, round trip or
//! one-way, links without a delay) is settled by [`RouterGraph::delays`].

mod config;
mod edge_list;
mod generated;
mod gml;
mod graphml;
pub(super) mod hosts;
mod inet;
mod numbers;
mod paths;
mod position;
mod rocketfuel;
pub(super) mod xml;

pub use config::{Attach, PathChoice, RouterFormat, RoutersConfig};
pub use generated::GenerateConfig;
pub use hosts::RouterLinksConfig;
pub use position::Position;

pub(super) use paths::places;

use crate::input::TextError;
use crate::network::graph::Graph;
use crate::peer::PeerId;
use crate::quantity::Bandwidth;
use crate::time::Duration;
use petgraph::graph::{DiGraph, NodeIndex};
use std::collections::BTreeMap;

/// A place in a file: line and column, each from 1.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct At {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

impl At {
    fn wrong(self, message: impl Into<String>) -> TextError {
        TextError::new(self.line, self.column, message)
    }
}

/// A router, or a point of presence: where peers are attached.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Router {
    /// Its name in the file; unique.
    pub name: String,
    /// What people call it, if the file says so.
    pub label: Option<String>,
    /// What a host that is attached here may send, if the file says so.
    pub up: Option<Bandwidth>,
    /// What a host that is attached here may receive, if the file says so.
    pub down: Option<Bandwidth>,
    /// Where it is, if the file says so.
    pub position: Option<Position>,
    /// The way between two hosts at this router: a link from it to itself.
    pub own: Option<Link>,
    /// Where the file mentions it first.
    pub at: At,
}

/// What a file says of a link's delay.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Delay {
    /// With its unit.
    Time(Duration),
    /// A bare number; the scenario has to say its unit.
    Bare(f64),
    /// A distance; the scenario has to say the delay of one.
    Distance(f64),
}

/// A link between two routers.
#[derive(Clone, Copy, PartialEq, Default, Debug)]
pub struct Link {
    /// Its delay, if the file says so.
    pub delay: Option<Delay>,
    /// The share of datagrams it loses.
    pub loss: f64,
    /// Mean of what it adds to a message at random.
    pub jitter: Duration,
    /// Where the file has it.
    pub at: At,
}

/// A graph of routers with weighted links, as a file has it: parallel links are kept.
#[derive(Clone, Default, Debug)]
pub struct RouterGraph {
    graph: DiGraph<Router, Link>,
    named: BTreeMap<String, NodeIndex>,
    directed: bool,
    /// Whether the format itself says that delays are one-way.
    one_way: bool,
}

impl RouterGraph {
    /// How many routers there are.
    pub fn len(&self) -> usize {
        self.graph.node_count()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The routers, in order of first mention.
    pub fn routers(&self) -> impl Iterator<Item = &Router> {
        self.graph.node_weights()
    }

    /// A router by its number in order of first mention.
    ///
    /// # Panics
    /// If there is no such router.
    pub fn router(&self, number: usize) -> &Router {
        &self.graph[NodeIndex::new(number)]
    }

    /// How many links there are, parallel ones each for itself, those within a router left out.
    pub fn link_count(&self) -> usize {
        self.graph.edge_count()
    }

    /// Every link: numbers of the two routers, and what it is.
    pub fn links(&self) -> impl ExactSizeIterator<Item = (usize, usize, &Link)> {
        let edges = self.graph.raw_edges().iter();
        edges.map(|edge| (edge.source().index(), edge.target().index(), &edge.weight))
    }

    /// Whether the file says that a link goes one way only.
    pub fn is_directed(&self) -> bool {
        self.directed
    }

    /// Who is linked with whom, without delays: parallel links merged, direction kept if `directed`.
    ///
    /// # Panics
    /// If there are more routers than a graph can have peers.
    pub fn shape(&self, directed: bool) -> Graph {
        let links: Vec<_> = (self.links())
            .map(|(a, b, _)| (PeerId(a as u32), PeerId(b as u32)))
            .collect();
        let peers = u32::try_from(self.len()).expect("few enough routers");
        if directed {
            Graph::directed(peers, &links)
        } else {
            Graph::undirected(peers, &links)
        }
    }

    /// A new router.
    fn add(&mut self, router: Router) -> Result<NodeIndex, TextError> {
        if let Some(&before) = self.named.get(&router.name) {
            let line = self.graph[before].at.line;
            let message = format!("`{}` is there already, in line {line}", router.name);
            return Err(router.at.wrong(message));
        }
        let name = router.name.clone();
        let index = self.graph.add_node(router);
        self.named.insert(name, index);
        Ok(index)
    }

    /// The router of that name, a new one if there is none.
    fn named(&mut self, name: &str, at: At) -> NodeIndex {
        if let Some(&index) = self.named.get(name) {
            return index;
        }
        let name = name.to_owned();
        let index = self.graph.add_node(Router {
            name: name.clone(),
            at,
            ..Router::default()
        });
        self.named.insert(name, index);
        index
    }

    /// The router of that name.
    fn find(&self, name: &str, at: At) -> Result<NodeIndex, TextError> {
        self.named.get(name).copied().ok_or_else(|| {
            at.wrong(format!(
                "there is no node `{name}`: a link names nodes that the file has"
            ))
        })
    }

    /// A link; one from a router to itself is its own way between hosts.
    fn link(&mut self, a: NodeIndex, b: NodeIndex, link: Link) -> Result<(), TextError> {
        if a != b {
            self.graph.add_edge(a, b, link);
            return Ok(());
        }
        if let Some(own) = self.graph[a].own {
            let (name, line) = (&self.graph[a].name, own.at.line);
            let message =
                format!("a second link from `{name}` to itself; the first is in line {line}");
            return Err(link.at.wrong(message));
        }
        self.graph[a].own = Some(link);
        Ok(())
    }
}

/// Reads a graph of routers in a given format.
///
/// # Errors
/// If the text is not such a graph; the place and what would be right.
pub fn read(format: RouterFormat, text: &str) -> Result<RouterGraph, TextError> {
    let graph = match format {
        RouterFormat::Gml => gml::read(text),
        RouterFormat::Graphml => graphml::read(text),
        RouterFormat::EdgeList => edge_list::read(text, true),
        RouterFormat::Links => edge_list::read(text, false),
        RouterFormat::Inet => inet::read(text),
        RouterFormat::Rocketfuel => rocketfuel::read(text),
    }?;
    if graph.is_empty() {
        return Err(TextError::new(1, 1, "a graph without routers"));
    }
    Ok(graph)
}

#[cfg(test)]
mod tests;
