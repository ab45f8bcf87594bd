//! The keys that all families have which bring a file to many.

use crate::quantity::Rate;
use crate::time::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// When those come who want the file.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Arrivals {
    /// A flash crowd: all of them, each at a random time within this span from the start of the
    /// measurement. Zero: at once.
    Within(Duration),
    /// One after the other, at random times, from the start of the warm-up.
    Poisson(Poisson),
}

impl Default for Arrivals {
    fn default() -> Self {
        Self::Within(Duration::ZERO)
    }
}

/// Arrivals at random times.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Poisson {
    /// How many come on average. `peers` is how many come in all: when they have come, nobody comes any
    /// more, so let there be enough of them for the whole run.
    pub rate: Rate,
}

/// What becomes of who has the whole file.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Departure {
    /// It stays until the end of the run.
    #[default]
    Never,
    /// It goes at once.
    AtOnce,
    /// It stays for an exponential time of this mean (Qiu & Srikant, SIGCOMM 2004: 1/gamma).
    After(Duration),
}
