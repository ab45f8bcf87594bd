//! `[network]` in a scenario: which latency model, and what is added to it.

use crate::network::coordinates::CoordinatesConfig;
use crate::network::latency::LONGEST;
use crate::network::regions::{RegionPreset, RegionsConfig};
use crate::network::routers::{PathChoice, RoutersConfig};
use crate::quantity::Share;
use crate::time::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The last-mile delay at each end, unless the scenario says otherwise.
pub const DEFAULT_LAST_MILE: Duration = Duration::from_micros(500);

/// A cross-field problem: dotted key relative to the struct, what is wrong, what would be right.
pub type Problem = (String, String, String);

pub(super) fn problem(problems: &mut Vec<Problem>, key: &str, message: &str, help: &str) {
    problems.push((key.to_owned(), message.to_owned(), help.to_owned()));
}

/// `[network]`: how long a message travels. Exactly one latency model: `constant`, `regions`,
/// `matrix`, `routers` or `coordinates`. Latency is propagation only; what bytes take is `[bandwidth]`.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct NetworkConfig {
    /// The same one-way latency between all peers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub constant: Option<ConstantConfig>,
    /// Latency by region of the world: a published preset or your own table of round trips.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regions: Option<RegionsConfig>,
    /// Latency from a file with a matrix of measurements between hosts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matrix: Option<MatrixConfig>,
    /// Latency by shortest paths over a graph of routers, from a file or generated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routers: Option<RoutersConfig>,
    /// Latency by distance between coordinates from a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coordinates: Option<CoordinatesConfig>,
    /// One-way delay of a peer's own access, added at both ends of every path. Default 0.5 ms with
    /// `regions`, `matrix`, `routers` and `coordinates`; zero with `constant` and with the `simblock-*` presets,
    /// which give the whole delay. Zero where the model has a zero too means no lookahead: such a
    /// run uses one thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_mile: Option<Duration>,
    /// The share of datagrams that never arrive, each for itself. Default 0. Segments of
    /// connections are not dropped: an ideal connection hides loss.
    #[serde(default = "no_loss")]
    pub loss: Share,
    /// Mean of an exponential delay added to each message, at most ten times the mean. It only
    /// adds: the latency model stays the minimum. Default 0.
    #[serde(default)]
    pub jitter: Duration,
}

fn no_loss() -> Share {
    Share(0.0)
}

impl Default for NetworkConfig {
    /// 50 ms one-way between all peers, and nothing else.
    fn default() -> Self {
        Self {
            constant: Some(ConstantConfig {
                latency: Duration::from_millis(50),
            }),
            regions: None,
            matrix: None,
            routers: None,
            coordinates: None,
            last_mile: None,
            loss: no_loss(),
            jitter: Duration::ZERO,
        }
    }
}

/// `[network.constant]`: the same latency between all peers.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct ConstantConfig {
    /// One-way latency between any two peers.
    pub latency: Duration,
}

/// `[network.matrix]`: measured delays between hosts or places: a dense matrix, a list of pairs, or
/// JSON. Peers are placed on rows at random, no two on one row before all are taken. Two peers on
/// one row have only their last miles between them, or what a list of pairs says of a place with
/// itself. A zero between two hosts is a missing measurement.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct MatrixConfig {
    /// The file, relative to the scenario.
    pub file: String,
    /// The unit of the numbers in the file: `"ms"`, `"s"` or `"us"`. There is no default: files
    /// differ (of one data set `PlanetLab` is in milliseconds and Seattle in seconds).
    pub unit: TimeUnit,
    /// Whether the numbers are round trips (halved) or one-way delays.
    pub values: MatrixValues,
    /// How the file is written. Default `dense`.
    #[serde(default)]
    pub format: MatrixFormat,
    /// Of `pairs`: the name of the column with the delays, in a first line that names them all.
    /// Without it there is no such line, and the third column has the delays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What becomes of pairs without a measurement. Default `error`.
    #[serde(default)]
    pub missing: MissingDelays,
}

/// How a file with delays between hosts is written.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq, Default)]
#[serde(rename_all = "kebab-case")]
pub enum MatrixFormat {
    /// A row per line, separated by blanks, tabs or commas. The diagonal is ignored.
    #[default]
    Dense,
    /// A line per pair: two names and a number. A pair that is there in one direction only has the
    /// same delay in the other.
    Pairs,
    /// `{"data": {from: {to: number}}}`, as cloudping.co publishes it.
    Json,
}

/// What becomes of pairs without a measurement.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq, Default)]
#[serde(rename_all = "kebab-case")]
pub enum MissingDelays {
    /// They are an error.
    #[default]
    Error,
    /// They take the shortest path over other hosts; up to 1024 hosts.
    ShortestPath,
}

/// The unit of bare numbers in a file.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeUnit {
    /// Seconds.
    #[serde(rename = "s")]
    Seconds,
    /// Milliseconds.
    #[serde(rename = "ms")]
    Milliseconds,
    /// Microseconds.
    #[serde(rename = "us")]
    Microseconds,
}

impl TimeUnit {
    /// The seconds of one.
    pub const fn seconds(self) -> f64 {
        match self {
            Self::Seconds => 1.0,
            Self::Milliseconds => 1e-3,
            Self::Microseconds => 1e-6,
        }
    }
}

/// What the numbers of a file mean.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum MatrixValues {
    /// There and back, as ping measures; halved.
    RoundTrip,
    /// There.
    OneWay,
}

impl NetworkConfig {
    /// The paths of the files this configuration names; what [`crate::input::Files`] has to hold.
    pub fn files(&self) -> Vec<String> {
        let matrix = self.matrix.iter().map(|matrix| matrix.file.clone());
        let routers = self
            .routers
            .iter()
            .filter_map(|routers| routers.file.clone());
        let coordinates = self.coordinates.iter().map(|config| config.file.clone());
        matrix.chain(routers).chain(coordinates).collect()
    }

    /// The last-mile delay at each end, the default resolved.
    pub fn last_mile(&self) -> Duration {
        let preset = self.regions.as_ref().and_then(|regions| regions.preset);
        let whole = self.constant.is_some() || preset.is_some_and(RegionPreset::replays_simblock);
        let default = if whole {
            Duration::ZERO
        } else {
            DEFAULT_LAST_MILE
        };
        self.last_mile.unwrap_or(default)
    }

    /// Adds what is wrong across fields.
    pub fn validate(&self, problems: &mut Vec<Problem>) {
        let models = [
            ("constant", self.constant.is_some()),
            ("regions", self.regions.is_some()),
            ("matrix", self.matrix.is_some()),
            ("routers", self.routers.is_some()),
            ("coordinates", self.coordinates.is_some()),
        ];
        let given: Vec<&str> = (models.iter())
            .filter_map(|&(name, given)| given.then_some(name))
            .collect();
        match given[..] {
            [_] => {}
            [] => problem(
                problems,
                "",
                "no latency model",
                "add one of [network.constant], [network.regions], [network.matrix], \
                 [network.routers], [network.coordinates]",
            ),
            _ => {
                let message = format!("{} latency models: {}", given.len(), given.join(", "));
                problem(problems, given[1], &message, "keep one of them");
            }
        }
        if let Some(regions) = &self.regions {
            regions.validate(problems);
        }
        let mut own = Vec::new();
        if let Some(routers) = &self.routers {
            routers.validate(&mut own);
        }
        problems.extend((own.into_iter()).map(|(key, message, help)| {
            let key = format!("routers.{key}");
            (key.trim_end_matches('.').to_owned(), message, help)
        }));
        if let Some(coordinates) = &self.coordinates
            && coordinates.scale > LONGEST
        {
            let message = format!("longer than {LONGEST}");
            problem(problems, "coordinates.scale", &message, "check the unit");
        }
        let times = [
            (
                "constant.latency",
                self.constant.as_ref().map(|c| c.latency),
            ),
            ("last_mile", self.last_mile),
            ("jitter", Some(self.jitter)),
        ];
        for (key, time) in times {
            if time.is_some_and(|time| time > LONGEST) {
                let message = format!("longer than {LONGEST}");
                problem(problems, key, &message, "check the unit");
            }
        }
    }

    pub(super) fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        self.validate(&mut problems);
        problems
    }

    /// What the regions are called; none where places have no names.
    pub fn region_names(&self) -> Vec<String> {
        let regions = self.regions.as_ref();
        regions.map(RegionsConfig::region_names).unwrap_or_default()
    }

    /// One line: model, one-way or round trip, source, and what is added.
    pub(super) fn about(&self) -> String {
        let mut parts = Vec::new();
        if let Some(constant) = &self.constant {
            parts.push(format!("constant one-way latency of {}", constant.latency));
        }
        if let Some(regions) = &self.regions {
            parts.push(match regions.preset {
                Some(preset) if preset.replays_simblock() => format!(
                    "regions {}: published round trips applied one-way, as SimBlock does",
                    preset.name()
                ),
                Some(preset) => format!(
                    "regions {}: published round trips, halved to one-way (tables of SimBlock, \
                     Nagayama et al. 2020)",
                    preset.name()
                ),
                None => format!(
                    "{} own regions: round trips, halved to one-way",
                    regions.names.len()
                ),
            });
        }
        if let Some(matrix) = &self.matrix {
            let values = match matrix.values {
                MatrixValues::RoundTrip => "round trips, halved to one-way",
                MatrixValues::OneWay => "one-way delays",
            };
            parts.push(format!("matrix {}: {values}", matrix.file));
        }
        if let Some(routers) = &self.routers {
            let by = match routers.path {
                PathChoice::Latency => "delay",
                PathChoice::Hops => "hops",
            };
            let values = match routers.values {
                Some(MatrixValues::RoundTrip) => "round trips, halved to one-way",
                Some(MatrixValues::OneWay) | None => "one-way link delays",
            };
            parts.push(format!(
                "shortest paths by {by} over {}: {values}",
                routers.about()
            ));
        }
        if let Some(coordinates) = &self.coordinates {
            parts.push(coordinates.about());
        }
        let last_mile = self.last_mile();
        if !last_mile.is_zero() {
            parts.push(format!("last mile {last_mile} at each end"));
        }
        if self.loss.0 > 0.0 {
            parts.push(format!("{} of datagrams lost", self.loss));
        }
        if !self.jitter.is_zero() {
            parts.push(format!("exponential jitter of mean {}", self.jitter));
        }
        parts.join("; ")
    }
}
