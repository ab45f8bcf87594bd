//! Latency by distance: hosts in a plane, without a table of pairs.

use crate::input::{TextError, counted, fields, lines};
use crate::network::config::MatrixValues;
use crate::network::routers::xml::Xml;
use crate::peer::PeerId;
use crate::time::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The farthest from the origin a host may be, in units.
const FARTHEST: f64 = 1e6;

/// `[network.coordinates]`: hosts in a plane. The delay between two is their distance times `scale`,
/// plus both heights. Peers are placed on hosts at random, no two on one host before all are taken.
/// A file that ends in `.xml` is `OverSim`'s (`nodes_2d_15000.xml`; Baumgart et al., Global Internet
/// Symposium 2007), whose unit is a millisecond one-way (`SimpleNodeEntry::calcDelay` adds a
/// thousandth of the distance to every packet, in seconds). Any other has a line `x y` or `x y height`
/// per host; a height is what a host's own access adds, in the same unit (Dabek et al., "Vivaldi",
/// SIGCOMM 2004).
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct CoordinatesConfig {
    /// The file, relative to the scenario.
    pub file: String,
    /// Whether distances stand for round trips (halved, as Vivaldi's do) or one-way delays (as
    /// `OverSim`'s do).
    pub values: MatrixValues,
    /// The delay of one unit of distance. Default 1 ms.
    #[serde(default = "one_ms")]
    pub scale: Duration,
}

fn one_ms() -> Duration {
    Duration::from_millis(1)
}

impl CoordinatesConfig {
    /// One line: file, one-way or round trip, scale.
    pub(super) fn about(&self) -> String {
        let values = match self.values {
            MatrixValues::RoundTrip => "round trips, halved to one-way",
            MatrixValues::OneWay => "one-way delays",
        };
        let Self { file, scale, .. } = self;
        format!("distances of {file}, {scale} a unit: {values}")
    }
}

/// A host: where it is, and what its own access adds.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Host {
    x: f64,
    y: f64,
    height: f64,
}

/// Hosts in a plane, and peers on them.
#[derive(Clone, Debug)]
pub(super) struct Plane {
    hosts: Vec<Host>,
    place: Vec<u32>,
    /// One-way nanoseconds of one unit.
    unit: f64,
    /// Last mile of both ends.
    ends: Duration,
}

impl Plane {
    /// How many hosts there are.
    pub(super) fn len(&self) -> usize {
        self.hosts.len()
    }

    /// With these peers on hosts.
    pub(super) fn with_peers(self, places: &[usize], last_mile: Duration) -> Self {
        Self {
            place: places.iter().map(|&place| place as u32).collect(),
            ends: last_mile * 2,
            ..self
        }
    }

    /// The number of a peer's host.
    pub(super) fn place(&self, peer: PeerId) -> usize {
        self.place[peer.index()] as usize
    }

    #[inline]
    pub(super) fn delay(&self, from: PeerId, to: PeerId) -> Duration {
        let (a, b) = (self.hosts[self.place(from)], self.hosts[self.place(to)]);
        let (x, y) = (a.x - b.x, a.y - b.y);
        // Square roots are exact in IEEE 754: the same on every machine.
        let units = (x * x + y * y).sqrt() + a.height + b.height;
        self.ends + Duration::from_nanos((units * self.unit) as u64)
    }

    /// No delay between two peers is smaller: last miles and the two lowest heights.
    pub(super) fn smallest(&self) -> Duration {
        let heights = self
            .place
            .iter()
            .map(|&place| self.hosts[place as usize].height);
        let lowest = heights.fold(f64::INFINITY, f64::min);
        let lowest = if lowest.is_finite() { lowest } else { 0.0 };
        self.ends + Duration::from_nanos((2.0 * lowest * self.unit) as u64)
    }
}

/// The hosts of a file with coordinates.
pub(super) fn read(text: &str, config: &CoordinatesConfig) -> Result<Plane, TextError> {
    let ending = config
        .file
        .rsplit_once('.')
        .map_or("", |(_, ending)| ending);
    let hosts = if ending == "xml" {
        oversim(text)
    } else {
        plain(text)
    }?;
    let halves = match config.values {
        MatrixValues::RoundTrip => 0.5,
        MatrixValues::OneWay => 1.0,
    };
    Ok(Plane {
        hosts,
        place: Vec::new(),
        unit: config.scale.as_nanos() as f64 * halves,
        ends: Duration::ZERO,
    })
}

/// A coordinate: a number that is not too far away.
fn coordinate(word: &str) -> Result<f64, String> {
    let word = word.trim();
    if word.is_empty() {
        return Err("a number is missing".to_owned());
    }
    let number = word.parse::<f64>().ok().filter(|x| x.is_finite());
    match number {
        Some(x) if x.abs() <= FARTHEST => Ok(x),
        Some(_) => Err(format!(
            "{word} is farther than {FARTHEST} units: another unit?"
        )),
        None => Err(format!("`{word}` is not a coordinate; a number is")),
    }
}

/// Lines `x y` or `x y height`.
fn plain(text: &str) -> Result<Vec<Host>, TextError> {
    let mut hosts = Vec::new();
    let mut columns = 0;
    for (line, content) in lines(text) {
        let fields = fields(content);
        if hosts.is_empty() {
            columns = fields.len();
        }
        let wrong = |column: usize, message: String| TextError::new(line, column, message);
        if !(2..=3).contains(&fields.len()) {
            let message = format!("{}; a host is `x y` or `x y height`", counted(fields.len()));
            return Err(wrong(fields[0].0, message));
        }
        if fields.len() != columns {
            let message = format!(
                "{} where the first host has {columns}",
                counted(fields.len())
            );
            return Err(wrong(fields[0].0, message));
        }
        let mut numbers = [0.0; 3];
        for (number, &(column, word)) in numbers.iter_mut().zip(&fields) {
            *number = coordinate(word).map_err(|message| wrong(column, message))?;
        }
        let [x, y, height] = numbers;
        if height < 0.0 {
            return Err(wrong(fields[2].0, format!("a negative height: {height}")));
        }
        hosts.push(Host { x, y, height });
    }
    if hosts.is_empty() {
        return Err(TextError::new(1, 1, "no hosts: a line is `x y`"));
    }
    Ok(hosts)
}

/// `<nodelist dimensions="2"><node><coord> x </coord><coord> y </coord></node>...`; what else an
/// element has is skipped.
fn oversim(text: &str) -> Result<Vec<Host>, TextError> {
    let xml = Xml::parse(text)?;
    let wrong = |node: roxmltree::Node<'_, '_>, message: String| {
        let at = xml.at(node);
        TextError::new(at.line, at.column, message)
    };
    let root = xml.document.root_element();
    let name = root.tag_name().name();
    if name != "nodelist" {
        return Err(wrong(
            root,
            format!("a `<{name}>` where `<nodelist>` should be"),
        ));
    }
    if root.attribute("dimensions") != Some("2") {
        let message = "write dimensions=\"2\": hosts are in a plane".to_owned();
        return Err(wrong(root, message));
    }
    let mut hosts = Vec::new();
    for node in root.children().filter(roxmltree::Node::is_element) {
        let name = node.tag_name().name();
        if name != "node" {
            return Err(wrong(
                node,
                format!("a `<{name}>` where `<node>` should be"),
            ));
        }
        let coordinates = node.children().filter(|child| child.has_tag_name("coord"));
        let mut numbers = Vec::new();
        for child in coordinates {
            let word = child.text().unwrap_or("");
            numbers.push(coordinate(word).map_err(|message| wrong(child, message))?);
        }
        let [x, y] = numbers[..] else {
            let message = format!("{} `<coord>`; a node has 2", numbers.len());
            return Err(wrong(node, message));
        };
        hosts.push(Host { x, y, height: 0.0 });
    }
    if hosts.is_empty() {
        return Err(wrong(root, "no `<node>`".to_owned()));
    }
    Ok(hosts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn config(file: &str) -> CoordinatesConfig {
        CoordinatesConfig {
            file: file.to_owned(),
            values: MatrixValues::OneWay,
            scale: Duration::from_millis(1),
        }
    }

    #[test]
    fn distance_heights_and_last_miles_add_up() {
        let text = "0 0 1\n3 4 2 # far\n";
        let plane = read(text, &config("h.txt")).expect("two hosts");
        let plane = plane.with_peers(&[0, 1, 1], Duration::from_micros(500));
        let delay = plane.delay(PeerId(0), PeerId(1));
        assert_eq!(delay, Duration::from_millis(5 + 3 + 1));
        assert_eq!(plane.delay(PeerId(1), PeerId(2)), Duration::from_millis(5));
        assert_eq!(plane.smallest(), Duration::from_millis(3));
        let halved = CoordinatesConfig {
            values: MatrixValues::RoundTrip,
            ..config("h.txt")
        };
        let plane = read(text, &halved).expect("two hosts");
        let plane = plane.with_peers(&[0, 1], Duration::ZERO);
        assert_eq!(plane.delay(PeerId(0), PeerId(1)), Duration::from_millis(4));
    }

    #[test]
    fn oversims_xml_is_read() {
        let text = "<nodelist dimensions=\"2\">\n<node isroot=\"1\"><coord> -1.5 </coord>\
                    <coord>2</coord></node>\n</nodelist>";
        let plane = read(text, &config("n.xml")).expect("a host");
        assert_eq!(
            plane.hosts,
            [Host {
                x: -1.5,
                y: 2.0,
                height: 0.0
            }]
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_hosts_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let text = String::from_utf8_lossy(&bytes);
            for file in ["h.txt", "n.xml"] {
                if let Ok(plane) = read(&text, &config(file)) {
                    prop_assert!(plane.len() > 0);
                }
            }
        }
    }
}
