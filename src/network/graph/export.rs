//! Graphs as text for other programs: `GraphML`, GEXF and DOT.

use crate::network::graph::Graph;
use crate::network::routers::Position;
use std::fmt::Write;

/// A format of other programs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExportFormat {
    /// `GraphML` (Brandes et al. 2001): yEd, networkx, igraph, and `[network.routers]`.
    Graphml,
    /// GEXF 1.3: Gephi.
    Gexf,
    /// DOT: Graphviz.
    Dot,
}

/// A graph with what is known of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Drawn {
    /// Names of the nodes; nodes are numbered in this order.
    pub names: Vec<String>,
    /// What they are called in pictures; their names where nothing else is known.
    pub labels: Vec<String>,
    /// Where they are, if that is known. Only places on the earth are exported.
    pub places: Vec<Option<Position>>,
    /// From, to, and the delay with its unit, where known.
    pub links: Vec<(usize, usize, Option<String>)>,
    /// Whether links go one way.
    pub directed: bool,
}

impl From<&Graph> for Drawn {
    fn from(graph: &Graph) -> Self {
        let links = graph.edges().map(|(a, b)| (a.index(), b.index(), None));
        let names: Vec<String> = (0..graph.peers()).map(|peer| peer.to_string()).collect();
        Self {
            labels: names.clone(),
            names,
            places: vec![None; graph.peers() as usize],
            links: links.collect(),
            directed: graph.is_directed(),
        }
    }
}

impl Drawn {
    /// The text in a format. `[network.routers]` reads back its `GraphML`.
    pub fn export(&self, format: ExportFormat) -> String {
        let mut out = String::new();
        let written = match format {
            ExportFormat::Graphml => self.graphml(&mut out),
            ExportFormat::Gexf => self.gexf(&mut out),
            ExportFormat::Dot => self.dot(&mut out),
        };
        written.expect("a text takes everything");
        out
    }

    fn kind(&self) -> &'static str {
        if self.directed {
            "directed"
        } else {
            "undirected"
        }
    }

    fn graphml(&self, out: &mut String) -> std::fmt::Result {
        writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
        writeln!(
            out,
            "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">"
        )?;
        for (id, of, name, kind) in [
            ("lat", "node", "Latitude", "double"),
            ("lon", "node", "Longitude", "double"),
            ("lag", "edge", "latency", "string"),
        ] {
            writeln!(
                out,
                "  <key id=\"{id}\" for=\"{of}\" attr.name=\"{name}\" attr.type=\"{kind}\"/>"
            )?;
        }
        writeln!(out, "  <graph id=\"G\" edgedefault=\"{}\">", self.kind())?;
        for (name, place) in self.names.iter().zip(&self.places) {
            let name = escape(name);
            match place {
                Some(Position::Earth {
                    latitude,
                    longitude,
                }) => writeln!(
                    out,
                    "    <node id=\"{name}\"><data key=\"lat\">{latitude}</data>\
                     <data key=\"lon\">{longitude}</data></node>"
                )?,
                _ => writeln!(out, "    <node id=\"{name}\"/>")?,
            }
        }
        for (a, b, delay) in &self.links {
            let (a, b) = (escape(&self.names[*a]), escape(&self.names[*b]));
            match delay {
                None => writeln!(out, "    <edge source=\"{a}\" target=\"{b}\"/>")?,
                Some(delay) => writeln!(
                    out,
                    "    <edge source=\"{a}\" target=\"{b}\"><data key=\"lag\">{delay}</data></edge>"
                )?,
            }
        }
        writeln!(out, "  </graph>\n</graphml>")
    }

    fn gexf(&self, out: &mut String) -> std::fmt::Result {
        writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
        writeln!(out, "<gexf xmlns=\"http://gexf.net/1.3\" version=\"1.3\">")?;
        writeln!(out, "  <graph defaultedgetype=\"{}\">", self.kind())?;
        writeln!(out, "    <attributes class=\"edge\">")?;
        writeln!(
            out,
            "      <attribute id=\"0\" title=\"latency\" type=\"string\"/>"
        )?;
        writeln!(out, "    </attributes>\n    <nodes>")?;
        for (id, name) in self.labels.iter().enumerate() {
            writeln!(out, "      <node id=\"{id}\" label=\"{}\"/>", escape(name))?;
        }
        writeln!(out, "    </nodes>\n    <edges>")?;
        for (id, (a, b, delay)) in self.links.iter().enumerate() {
            write!(out, "      <edge id=\"{id}\" source=\"{a}\" target=\"{b}\"")?;
            match delay {
                None => writeln!(out, "/>")?,
                Some(delay) => writeln!(
                    out,
                    "><attvalues><attvalue for=\"0\" value=\"{delay}\"/></attvalues></edge>"
                )?,
            }
        }
        writeln!(out, "    </edges>\n  </graph>\n</gexf>")
    }

    fn dot(&self, out: &mut String) -> std::fmt::Result {
        let (head, arrow) = if self.directed {
            ("digraph", "->")
        } else {
            ("graph", "--")
        };
        let quoted =
            |name: &str| format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""));
        writeln!(out, "{head} {{")?;
        for (name, label) in self.names.iter().zip(&self.labels) {
            if name == label {
                writeln!(out, "  {};", quoted(name))?;
            } else {
                writeln!(out, "  {} [label={}];", quoted(name), quoted(label))?;
            }
        }
        for (a, b, delay) in &self.links {
            write!(
                out,
                "  {} {arrow} {}",
                quoted(&self.names[*a]),
                quoted(&self.names[*b])
            )?;
            match delay {
                None => writeln!(out, ";")?,
                Some(delay) => writeln!(out, " [label=\"{delay}\"];")?,
            }
        }
        writeln!(out, "}}")
    }
}

/// As it stands in XML.
fn escape(text: &str) -> String {
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    // What XML cannot hold at all.
    text.replace('"', "&quot;")
        .replace(|c: char| c.is_control(), "?")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::routers::{RouterFormat, read};

    fn drawn() -> Drawn {
        Drawn {
            names: ["a", "b \"<&>", "c"].map(str::to_owned).to_vec(),
            labels: ["a", "b", "c"].map(str::to_owned).to_vec(),
            places: vec![
                Some(Position::Earth {
                    latitude: 50.5,
                    longitude: -3.25,
                }),
                None,
                None,
            ],
            links: vec![(0, 1, Some("5 ms".to_owned())), (1, 2, None)],
            directed: false,
        }
    }

    #[test]
    fn what_is_exported_is_read_back() {
        let text = drawn().export(ExportFormat::Graphml);
        let graph = read(RouterFormat::Graphml, &text).expect("our own text");
        let names: Vec<_> = graph.routers().map(|router| router.name.clone()).collect();
        assert_eq!(names, drawn().names);
        let links: Vec<_> = graph
            .links()
            .map(|(a, b, link)| (a, b, link.delay.is_some()))
            .collect();
        assert_eq!(links, [(0, 1, true), (1, 2, false)]);
        assert!(graph.router(0).position.is_some() && graph.router(1).position.is_none());
    }

    #[test]
    fn gexf_is_xml_and_dot_has_its_arrows() {
        let gexf = drawn().export(ExportFormat::Gexf);
        assert!(roxmltree::Document::parse(&gexf).is_ok(), "{gexf}");
        let directed = Drawn {
            directed: true,
            ..drawn()
        };
        let dot = directed.export(ExportFormat::Dot);
        assert!(
            dot.starts_with("digraph {") && dot.contains("\"a\" -> \"b \\\"<&>\""),
            "{dot}"
        );
        let dot = drawn().export(ExportFormat::Dot);
        assert!(
            dot.contains("\"a\" -- \"b \\\"<&>\" [label=\"5 ms\"];"),
            "{dot}"
        );
    }
}
