//! `[network.routers]` in a scenario.

use super::GenerateConfig;
use crate::network::config::{MatrixValues, Problem, TimeUnit, problem};
use crate::network::latency::LONGEST;
use crate::time::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[network.routers]`: a graph of routers, from a file or generated. Peers are attached to routers; a
/// message between two peers takes the shortest path between their routers, and loses datagrams and gains
/// jitter as the links of that path do. Two peers at one router have its link to itself between
/// them, and without one only their last miles. At most 8192 routers may have peers.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct RoutersConfig {
    /// The file, relative to the scenario. Either this or `generate`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Routers from a generator instead of a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generate: Option<GenerateConfig>,
    /// What the file holds. Default by its ending: `.gml`, `.graphml` (or `.xml`), `.inet`, `.cch`
    /// (`rocketfuel`), and `edge-list` for `.txt`, `.csv`, `.tsv`, `.edges`, `.edgelist` and `.weights`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<RouterFormat>,
    /// Whether the delays in the file are round trips (halved) or one-way. Needed wherever the file
    /// has delays, but for GML, whose delays are one-way as in Shadow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<MatrixValues>,
    /// The unit of delays that stand without one: `"ms"`, `"s"` or `"us"`. There is no default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<TimeUnit>,
    /// One-way delay of links for which the file has none and whose ends have no places. Where both
    /// ends have degrees of latitude and longitude, a link takes the great circle at two thirds of
    /// the speed of light (199 862 km/s).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_latency: Option<Duration>,
    /// One-way delay per unit of distance, for files with distances or places in a plane (`inet`), and
    /// for generated `waxman` graphs, whose square has sides of 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<Duration>,
    /// Whether a link goes only from its first router to its second. Default: as GML says; no for
    /// the other formats (Topology Zoo marks graphs as directed and has each link once).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directed: Option<bool>,
    /// Which path a message takes. Default `latency`.
    #[serde(default)]
    pub path: PathChoice,
    /// Which routers peers are attached to. Default `uniform`.
    #[serde(default)]
    pub attach: Attach,
    /// Whether to leave out all routers but the largest part that hangs together. Default false:
    /// a graph in parts is an error.
    #[serde(default)]
    pub largest_part: bool,
}

/// What a file with a graph of routers holds.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum RouterFormat {
    /// GML, as Shadow writes it.
    Gml,
    /// `GraphML`, as the Internet Topology Zoo has it.
    Graphml,
    /// A link per line: two names and the link's delay, with its unit (`a b 20 ms`) or without.
    EdgeList,
    /// A link per line: two names; whatever follows is skipped. SNAP and Orbis write such lists.
    Links,
    /// Inet-3.0: numbers of nodes and links, places in a plane, links with distances.
    Inet,
    /// Rocketfuel's maps of networks (`.cch`): routers, their towns and neighbours.
    Rocketfuel,
}

/// Which path a message takes.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq, Default)]
#[serde(rename_all = "kebab-case")]
pub enum PathChoice {
    /// The one with the lowest delay; of equal ones the one with the fewest links.
    #[default]
    Latency,
    /// The one with the fewest links; of equal ones the one with the lowest delay.
    Hops,
}

/// Which routers peers are attached to.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Attach {
    /// All routers alike: no two peers at one router before all have one.
    #[default]
    Uniform,
    /// Each peer at a random router.
    Random,
    /// As `uniform`, but only at routers with a single neighbour, the edge of the network.
    Leaves,
}

impl RoutersConfig {
    /// The graph in a file, and nothing but defaults.
    pub fn of(file: impl Into<String>) -> Self {
        Self {
            file: Some(file.into()),
            generate: None,
            format: None,
            values: None,
            unit: None,
            link_latency: None,
            scale: None,
            directed: None,
            path: PathChoice::Latency,
            attach: Attach::Uniform,
            largest_part: false,
        }
    }

    /// The format: what is given, or what the ending of the file says; nothing if it says nothing.
    pub fn format(&self) -> Option<RouterFormat> {
        let file = self.file.as_deref().unwrap_or_default();
        let (_, ending) = file.rsplit_once('.').unwrap_or_default();
        let by_ending = || match ending {
            "gml" => Some(RouterFormat::Gml),
            "graphml" | "xml" => Some(RouterFormat::Graphml),
            "txt" | "csv" | "tsv" | "edges" | "edgelist" | "weights" => {
                Some(RouterFormat::EdgeList)
            }
            "inet" => Some(RouterFormat::Inet),
            "cch" => Some(RouterFormat::Rocketfuel),
            _ => None,
        };
        self.format.or_else(by_ending)
    }

    /// The file, or what generates the routers, in words.
    pub(in crate::network) fn about(&self) -> String {
        let generate = self.generate.as_ref().map(GenerateConfig::about);
        self.file.clone().or(generate).unwrap_or_default()
    }

    /// Adds what is wrong across fields.
    pub fn validate(&self, problems: &mut Vec<Problem>) {
        match (&self.file, &self.generate) {
            (Some(_), None) if self.format().is_none() => {
                let message = "the ending of the file does not tell its format";
                let help = "add format = \"gml\", \"graphml\", \"edge-list\", \"links\", \"inet\" or \
                            \"rocketfuel\"";
                problem(problems, "file", message, help);
            }
            (Some(_), None) => {}
            (None, Some(generate)) => generate.validate(self, problems),
            (Some(_), Some(_)) => {
                let help = "leave out one of `file` and `generate`";
                problem(problems, "generate", "a file and a generator", help);
            }
            (None, None) => {
                let help = "add `file`, or a generator as `generate`";
                problem(problems, "", "no routers", help);
            }
        }
        for (key, time) in [("link_latency", self.link_latency), ("scale", self.scale)] {
            if time.is_some_and(|time| time > LONGEST) {
                let message = format!("longer than {LONGEST}");
                problem(problems, key, &message, "check the unit");
            }
        }
        if self.link_latency.is_some_and(Duration::is_zero) {
            problem(problems, "link_latency", "zero", "give links a delay");
        }
    }
}
