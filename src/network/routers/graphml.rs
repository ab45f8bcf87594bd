//! `GraphML` (Brandes et al., Graph Drawing 2001), as the Internet Topology Zoo has it.
//!
//! Attributes of nodes that mean something here: `label`, `Latitude` and `Longitude`,
//! `host_bandwidth_up` and `host_bandwidth_down`; of edges: `latency`, `packet_loss` and `jitter`.
//! (The Zoo's published files have places; its sources only yEd's drawing, whose positions are taken
//! for places in a plane, and whose texts for labels.) What else drawing programs add is skipped. The
//! name of a router is its `id`.

use super::xml::Xml;
use super::{At, Link, Position, Router, RouterGraph, numbers};
use crate::input::TextError;
use roxmltree::Node;
use std::collections::BTreeMap;

/// The attributes of one element: what the `key` elements call them, place and text.
type Attributes<'a> = BTreeMap<&'a str, (At, &'a str)>;

struct Reader<'a> {
    xml: &'a Xml<'a>,
    /// By `id`: what it is for, its name, its default.
    keys: BTreeMap<&'a str, Key<'a>>,
}

struct Key<'a> {
    of: &'a str,
    name: Option<&'a str>,
    default: Option<(At, &'a str)>,
}

fn is(node: Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name
}

/// The graph of a `GraphML` text.
pub(super) fn read(text: &str) -> Result<RouterGraph, TextError> {
    let xml = Xml::parse(text)?;
    let root = xml.document.root_element();
    if !is(root, "graphml") {
        let message = format!(
            "a `<{}>` where `<graphml>` should be",
            root.tag_name().name()
        );
        return Err(xml.at(root).wrong(message));
    }
    let mut reader = Reader {
        xml: &xml,
        keys: BTreeMap::new(),
    };
    for key in root.children().filter(|&node| is(node, "key")) {
        reader.key(key)?;
    }
    let mut graphs = root.children().filter(|&node| is(node, "graph"));
    let Some(element) = graphs.next() else {
        return Err(xml.at(root).wrong("no `<graph>` within `<graphml>`"));
    };
    if let Some(second) = graphs.next() {
        return Err(xml.at(second).wrong("a second `<graph>`; a file has one"));
    }
    let mut graph = RouterGraph {
        directed: match element.attribute("edgedefault") {
            Some("directed") => true,
            Some("undirected") => false,
            _ => {
                let message = "`edgedefault` is \"directed\" or \"undirected\"";
                return Err(xml.at(element).wrong(message));
            }
        },
        ..RouterGraph::default()
    };
    for node in element.children().filter(|&node| is(node, "node")) {
        graph.add(reader.router(node)?)?;
    }
    for edge in element.children().filter(|&node| is(node, "edge")) {
        let at = xml.at(edge);
        let end = |key: &str| {
            let missing = || at.wrong(format!("an `<edge>` without `{key}`"));
            graph.find(edge.attribute(key).ok_or_else(missing)?, at)
        };
        let (a, b) = (end("source")?, end("target")?);
        graph.link(a, b, reader.link(edge)?)?;
    }
    Ok(graph)
}

impl<'a> Reader<'a> {
    fn key(&mut self, key: Node<'a, 'a>) -> Result<(), TextError> {
        let at = self.xml.at(key);
        let Some(id) = key.attribute("id") else {
            return Err(at.wrong("a `<key>` without `id`"));
        };
        let default = key.children().find(|&child| is(child, "default"));
        let value = Key {
            of: key.attribute("for").unwrap_or("all"),
            name: key.attribute("attr.name"),
            default: default.and_then(|node| Some((self.xml.at(node), node.text()?))),
        };
        if self.keys.insert(id, value).is_some() {
            return Err(at.wrong(format!("a second `<key>` of id `{id}`")));
        }
        Ok(())
    }

    /// What the `data` elements of a node or an edge say, defaults first.
    fn attributes(&self, of: &str, element: Node<'a, 'a>) -> Result<Attributes<'a>, TextError> {
        let mut found = Attributes::new();
        let fits = |key: &Key<'_>| key.of == of || key.of == "all";
        for key in self.keys.values().filter(|key| fits(key)) {
            if let (Some(name), Some(default)) = (key.name, key.default) {
                found.insert(name, default);
            }
        }
        for data in element.children().filter(|&node| is(node, "data")) {
            let at = self.xml.at(data);
            let Some(id) = data.attribute("key") else {
                return Err(at.wrong("a `<data>` without `key`"));
            };
            let Some(key) = self.keys.get(id) else {
                return Err(at.wrong(format!("there is no `<key>` of id `{id}`")));
            };
            // A second value of one name is another key's: the first stays.
            if let (true, Some(name), Some(text)) = (fits(key), key.name, data.text()) {
                found.insert(name, (at, text.trim()));
            }
        }
        Ok(found)
    }

    fn router(&self, node: Node<'a, 'a>) -> Result<Router, TextError> {
        let at = self.xml.at(node);
        let Some(name) = node.attribute("id") else {
            return Err(at.wrong("a `<node>` without `id`"));
        };
        let found = self.attributes("node", node)?;
        let degrees = |key: &str, most: f64| {
            value(&found, key, |word| {
                let degrees = numbers::number(word).filter(|degrees| degrees.abs() <= most);
                degrees.ok_or_else(|| format!("`{word}`; degrees from -{most} to {most}"))
            })
        };
        let place = degrees("Latitude", 90.0)?.zip(degrees("Longitude", 180.0)?);
        Ok(Router {
            name: name.to_owned(),
            label: label(&found, node),
            up: value(&found, "host_bandwidth_up", numbers::bandwidth)?,
            down: value(&found, "host_bandwidth_down", numbers::bandwidth)?,
            position: place
                .map(|(latitude, longitude)| Position::Earth {
                    latitude,
                    longitude,
                })
                .or_else(|| drawn(node)),
            own: None,
            at,
        })
    }

    fn link(&self, edge: Node<'a, 'a>) -> Result<Link, TextError> {
        let found = self.attributes("edge", edge)?;
        Ok(Link {
            delay: value(&found, "latency", numbers::delay)?,
            loss: value(&found, "packet_loss", numbers::loss)?.unwrap_or(0.0),
            jitter: value(&found, "jitter", numbers::jitter)?.unwrap_or_default(),
            at: self.xml.at(edge),
        })
    }
}

/// What a node is called: the attribute, or what yEd writes into its shape, as in many files of the
/// Topology Zoo.
fn label(found: &Attributes<'_>, node: Node<'_, '_>) -> Option<String> {
    let given = found.get("label").map(|&(_, text)| text);
    let drawn = || {
        let mut inside = node.descendants();
        let shape = inside.find(|node| node.tag_name().name() == "NodeLabel");
        shape.and_then(|shape| shape.text())
    };
    let given = given.filter(|text| !text.is_empty()).or_else(drawn)?;
    Some(given.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Where yEd has drawn a node: what many files of the Topology Zoo have instead of degrees.
fn drawn(node: Node<'_, '_>) -> Option<Position> {
    let mut inside = node.descendants();
    let shape = inside.find(|node| node.tag_name().name() == "Geometry")?;
    let number = |key| shape.attribute(key).and_then(numbers::number);
    // On paper down, in a plane up.
    let (x, y) = number("x").zip(number("y"))?;
    Some(Position::Plane { x, y: -y })
}

/// The value of an attribute, read by `read`; an empty one is none.
fn value<T>(
    found: &Attributes<'_>,
    key: &str,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<Option<T>, TextError> {
    let given = found.get(key).filter(|(_, text)| !text.is_empty());
    let value = given
        .map(|&(at, text)| read(text).map_err(|message| at.wrong(format!("`{key}`: {message}"))));
    value.transpose()
}
