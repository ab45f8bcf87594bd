//! The header of a scenario file: what it is called, which seeds it runs, what it varies, expects,
//! compares and draws. The other keys are the body's.

use super::chart::ChartSpec;
use super::compare::CompareSpec;
use super::expect::ExpectSpec;
use super::repeat::RepeatSpec;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The keys of a scenario file that do not depend on what is simulated.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Name of the scenario and of its folder of results: letters, digits, `-` and `_`.
    pub name: String,
    /// The question it answers, in a line or two.
    #[serde(default)]
    pub about: String,
    /// The seeds of the runs: every variant and every point of the sweep runs with the same ones, so
    /// that differences are paired.
    #[serde(default)]
    pub seeds: Seeds,
    /// Goes on with further seeds until a mean is known well enough.
    #[serde(default)]
    pub repeat: Option<RepeatSpec>,
    /// What the file without a patch is called beside its variants.
    #[serde(default = "base")]
    pub base_variant: String,
    /// Named patches over the file, each a variant of its own. A patch's tables are merged into the
    /// file's; a choice with another family is replaced.
    #[serde(default)]
    pub variants: BTreeMap<String, Map<String, Value>>,
    /// Keys to vary, as dotted paths with the list of their values; every combination runs.
    #[serde(default)]
    pub sweep: BTreeMap<String, Value>,
    /// What the results should be.
    #[serde(default)]
    pub expect: Vec<ExpectSpec>,
    /// What `sim compare` judges, between the variants and against a baseline.
    #[serde(default)]
    pub compare: Vec<CompareSpec>,
    /// What to draw.
    #[serde(default)]
    pub chart: Vec<ChartSpec>,
}

/// Which seeds to run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Seeds {
    /// The first seed.
    #[serde(default = "one")]
    pub first: u64,
    /// How many seeds, counted up from the first. Intervals need at least 2; 20 are usual.
    #[serde(default = "twenty")]
    #[schemars(range(min = 1, max = 100_000))]
    pub count: u32,
}

impl Default for Seeds {
    fn default() -> Self {
        Self {
            first: one(),
            count: twenty(),
        }
    }
}

impl Seeds {
    /// The seeds in order.
    pub fn iter(self) -> impl Iterator<Item = u64> {
        (self.first..).take(self.count as usize)
    }
}

/// The keys of [`Header`], in the order of the struct.
pub(super) const HEADER_KEYS: [&str; 10] = [
    "name",
    "about",
    "seeds",
    "repeat",
    "base_variant",
    "variants",
    "sweep",
    "expect",
    "compare",
    "chart",
];

fn base() -> String {
    "base".to_owned()
}

fn one() -> u64 {
    1
}

fn twenty() -> u32 {
    20
}

/// Whether a text can name a folder and a column: letters, digits, `-`, `_` and `.`, at most 64 of them.
pub(super) fn is_name(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (1..=64).contains(&text.len()) && text.chars().all(fits) && !text.starts_with('.')
}
