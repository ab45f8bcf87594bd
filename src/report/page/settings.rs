//! The settings of an experiment.

use super::one_line;
use crate::scenario::{Scenario, Settings};
use serde::Serialize;

/// One key.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Setting {
    /// The dotted path, as `sim explain` takes it.
    pub key: String,
    /// Its values: one if all variants have the same.
    pub values: Vec<Value>,
    /// The first sentence of what it means.
    pub meaning: String,
    /// The rest: unit, default, source. May be empty.
    pub more: String,
}

/// A value, and who set it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Value {
    /// As the scenario would have it; of a swept key the list of all its values.
    pub value: String,
    /// `default`, `scenario`, `command line`, `variant` or `sweep`.
    pub set_by: &'static str,
    /// The variants that have it; empty if all have.
    pub variants: Vec<String>,
}

/// All of them; `sets` are the `--set` arguments that a person gave.
pub(super) fn list(scenario: &Scenario<Settings>, sets: &[String]) -> Vec<Setting> {
    let settings = scenario.parameters(sets).into_iter().map(|parameter| {
        let about = one_line(&parameter.about);
        // A sentence ends where another begins: not after "et al." in its midst.
        let begins = |end: &usize| !about[end + 2..].starts_with(|c: char| c.is_ascii_lowercase());
        let mut ends = about.match_indices(". ").map(|(end, _)| end);
        let end = ends.find(begins).map_or(about.len(), |end| end + 1);
        let (meaning, more) = about.split_at(end);
        let values = parameter.values.into_iter().map(|given| Value {
            value: given.value,
            set_by: given.by.word(),
            variants: if given.variants.len() == scenario.variants.len() {
                Vec::new()
            } else {
                given.variants
            },
        });
        Setting {
            key: parameter.key,
            values: values.collect(),
            meaning: meaning.to_owned(),
            more: more.trim().to_owned(),
        }
    });
    settings.collect()
}
