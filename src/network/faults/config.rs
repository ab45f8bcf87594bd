//! `[[fault]]` in a scenario.

use crate::network::config::{Problem, problem};
use crate::quantity::Share;
use crate::time::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One `[[fault]]`: what goes wrong, when, and for whom.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum FaultConfig {
    /// For a while, some of the peers cannot talk with the rest.
    Partition(PartitionFault),
    /// For a while, nothing passes between two regions.
    Cut(CutFault),
    /// For a while, messages take longer.
    Delay(DelayFault),
    /// For a while, more is lost.
    Loss(LossFault),
    /// For a while, access links are slower or faster.
    Bandwidth(BandwidthFault),
    /// Some of the peers go down at once, without a farewell.
    Crash(CrashFault),
    /// For a while, some of the peers go down and come back again and again.
    Flap(FlapFault),
}

/// How a fault comes again, until the end of the run. Who is struck is drawn anew each time.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Again {
    /// `again.every`: so long after it began, it begins again.
    Every(Duration),
    /// `again.after`: after a random quiet time, exponential with this mean.
    After(Duration),
}

/// `partition = { at, heal, share }`: between `at` and `heal` nothing passes between some of the
/// peers, a `share` or a `region`, and the rest. What was sent before `at` still arrives.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct PartitionFault {
    /// When it begins, since the start of the run.
    pub at: Duration,
    /// When it ends, since the start of the run.
    pub heal: Duration,
    /// The share of each class of peers on one side, to the nearest peer; who is random.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<Share>,
    /// The region on one side, instead of a share; one of `[network.regions]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Whether it comes again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<Again>,
}

/// `cut = { at, heal, between = ["Europe", "North America"] }`: between `at` and `heal` nothing
/// passes between two regions.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct CutFault {
    /// When it begins, since the start of the run.
    pub at: Duration,
    /// When it ends, since the start of the run.
    pub heal: Duration,
    /// The two regions of `[network.regions]`.
    pub between: Vec<String>,
    /// Whether it comes again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<Again>,
}

/// `delay = { at, until, add, share }`: messages from and to some of the peers, a `share` or a
/// `region`, or those `between` two regions, take longer.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct DelayFault {
    /// When it begins, since the start of the run.
    pub at: Duration,
    /// When it ends, since the start of the run.
    pub until: Duration,
    /// How much longer, one-way.
    pub add: Duration,
    /// The share of each class of peers that is struck, to the nearest peer; who is random.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<Share>,
    /// The region that is struck, instead of a share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Two regions; only what passes between them is struck.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub between: Vec<String>,
    /// Whether it comes again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<Again>,
}

/// `loss = { at, until, loss, share }`: of the datagrams from and to some of the peers, a `share` or
/// a `region`, or of those `between` two regions, more are lost. TCP turns it into delay; ideal
/// connections do not notice.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct LossFault {
    /// When it begins, since the start of the run.
    pub at: Duration,
    /// When it ends, since the start of the run.
    pub until: Duration,
    /// The share lost of what the network would have delivered.
    pub loss: Share,
    /// The share of each class of peers that is struck, to the nearest peer; who is random.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<Share>,
    /// The region that is struck, instead of a share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Two regions; only what passes between them is struck.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub between: Vec<String>,
    /// Whether it comes again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<Again>,
}

/// `bandwidth = { at, until, times, share }`: the access links of some of the peers, a `share` or a
/// `region`, are slower or faster, both ways; what is under way goes on at the new rate.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct BandwidthFault {
    /// When it begins, since the start of the run.
    pub at: Duration,
    /// When it ends, since the start of the run.
    pub until: Duration,
    /// How many times the rate: 0.1 is a tenth.
    #[schemars(range(min = 0.001, max = 1000.0))]
    pub times: f64,
    /// The share of each class of peers that is struck, to the nearest peer; who is random.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<Share>,
    /// The region that is struck, instead of a share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Whether it comes again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<Again>,
}

/// `crash = { at, share, rejoin_after }`: some of the peers, a `share` or a `region`, go down at one
/// time.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct CrashFault {
    /// When they go down, since the start of the run.
    pub at: Duration,
    /// The share of each class of peers that goes down, to the nearest peer; who is random.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<Share>,
    /// The region that goes down, instead of a share: the outage of a region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// How much later they come back, all at once. Left out: they stay down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejoin_after: Option<Duration>,
    /// Whether it comes again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<Again>,
}

/// `flap = { at, until, up, down, share }`: some of the peers, a `share` or a `region`, go down for
/// `down`, come back for `up`, and so on, each beginning somewhere in its round.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct FlapFault {
    /// When it begins, since the start of the run.
    pub at: Duration,
    /// When it ends, since the start of the run; all are back.
    pub until: Duration,
    /// How long they stay up.
    pub up: Duration,
    /// How long they stay down.
    pub down: Duration,
    /// The share of each class of peers that flaps, to the nearest peer; who is random.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<Share>,
    /// The region that flaps, instead of a share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// What all faults have in common.
pub(super) struct Common<'a> {
    pub(super) at: Duration,
    /// The key that says when it ends, and when. Nothing for what never does.
    pub(super) end: Option<(&'static str, Duration)>,
    pub(super) share: Option<Share>,
    pub(super) region: Option<&'a str>,
    /// Two names where the fault can be between regions; nothing where it cannot.
    pub(super) between: Option<&'a [String]>,
    pub(super) again: Option<Again>,
}

impl FaultConfig {
    /// As scenario files write it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Partition(_) => "partition",
            Self::Cut(_) => "cut",
            Self::Delay(_) => "delay",
            Self::Loss(_) => "loss",
            Self::Bandwidth(_) => "bandwidth",
            Self::Crash(_) => "crash",
            Self::Flap(_) => "flap",
        }
    }

    /// When it begins for the first time.
    pub fn at(&self) -> Duration {
        self.common().at
    }

    /// The regions it names, each with the key that does.
    pub fn regions(&self) -> impl Iterator<Item = (String, &str)> {
        let common = self.common();
        let between = common.between.unwrap_or_default().iter().enumerate();
        let region = common.region.map(|region| ("region".to_owned(), region));
        let between = between.map(|(at, name)| (format!("between.{at}"), name.as_str()));
        region
            .into_iter()
            .chain(between)
            .map(|(key, name)| (format!("{}.{key}", self.name()), name))
    }

    pub(super) fn common(&self) -> Common<'_> {
        match self {
            Self::Partition(fault) => Common {
                at: fault.at,
                end: Some(("heal", fault.heal)),
                share: fault.share,
                region: fault.region.as_deref(),
                between: None,
                again: fault.again,
            },
            Self::Cut(fault) => Common {
                at: fault.at,
                end: Some(("heal", fault.heal)),
                share: None,
                region: None,
                between: Some(&fault.between),
                again: fault.again,
            },
            Self::Delay(fault) => Common {
                at: fault.at,
                end: Some(("until", fault.until)),
                share: fault.share,
                region: fault.region.as_deref(),
                between: Some(&fault.between),
                again: fault.again,
            },
            Self::Loss(fault) => Common {
                at: fault.at,
                end: Some(("until", fault.until)),
                share: fault.share,
                region: fault.region.as_deref(),
                between: Some(&fault.between),
                again: fault.again,
            },
            Self::Bandwidth(fault) => Common {
                at: fault.at,
                end: Some(("until", fault.until)),
                share: fault.share,
                region: fault.region.as_deref(),
                between: None,
                again: fault.again,
            },
            Self::Crash(fault) => Common {
                at: fault.at,
                end: fault
                    .rejoin_after
                    .map(|after| ("rejoin_after", fault.at.saturating_add(after))),
                share: fault.share,
                region: fault.region.as_deref(),
                between: None,
                again: fault.again,
            },
            Self::Flap(fault) => Common {
                at: fault.at,
                end: Some(("until", fault.until)),
                share: fault.share,
                region: fault.region.as_deref(),
                between: None,
                again: None,
            },
        }
    }

    /// Adds what is wrong across fields.
    pub fn validate(&self, problems: &mut Vec<Problem>) {
        let name = self.name();
        let common = self.common();
        let mut add = |key: &str, message: String, help: &str| {
            let key = if key.is_empty() {
                name.to_owned()
            } else {
                format!("{name}.{key}")
            };
            problem(problems, &key, &message, help);
        };
        if let Some((key, end)) = common.end
            && key != "rejoin_after"
            && end <= common.at
        {
            let ends = if key == "heal" { "heals" } else { "ends" };
            let message = format!("{ends} at {end}, not after {}", common.at);
            let help = format!("`{key}` is a time since the start of the run, like `at`");
            add(key, message, &help);
        }
        let pair = common.between.is_some_and(|names| !names.is_empty());
        let whom = [common.share.is_some(), common.region.is_some(), pair];
        match whom.into_iter().filter(|&given| given).count() {
            1 => {}
            0 if matches!(self, Self::Cut(_)) => {
                add("between", "names no region".to_owned(), "name two regions");
            }
            0 => {
                let help = "add `share = \"5 %\"`, or `region` with a name of `[network.regions]`";
                add("", "strikes nobody".to_owned(), help);
            }
            _ => {
                let help = if common.between.is_some() {
                    "give one of `share`, `region` and `between`"
                } else {
                    "give either `share` or `region`"
                };
                add("", "strikes two choices of peers".to_owned(), help);
            }
        }
        if pair && common.between.is_some_and(|names| names.len() != 2) {
            let message = match common.between.map_or(0, <[String]>::len) {
                1 => "names one region".to_owned(),
                count => format!("names {count} regions"),
            };
            let help = "name two regions; the same twice is what passes within it";
            add("between", message, help);
        }
        let lasts = common.end.map_or(Duration::ZERO, |(_, end)| {
            Duration::from_nanos(end.as_nanos().saturating_sub(common.at.as_nanos()))
        });
        match common.again {
            Some(Again::Every(every)) if every <= lasts => {
                let message = format!("begins again after {every}, and lasts {lasts}");
                add("again.every", message, "longer than the fault lasts");
            }
            Some(Again::Every(pause) | Again::After(pause)) if pause.is_zero() => {
                add("again", "no time in between".to_owned(), "such as \"1 h\"");
            }
            _ => {}
        }
        if let Self::Flap(flap) = self {
            for (key, span) in [("up", flap.up), ("down", flap.down)] {
                if span.is_zero() {
                    add(key, "no time at all".to_owned(), "such as \"1 min\"");
                }
            }
        }
    }
}
