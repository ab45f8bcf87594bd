//! What is asked of a comparison.

use super::Pair;
use crate::math::paired::Method;
use crate::report::results::Results;
use crate::scenario::{Compare, Direction, Scenario, Settings, Size};

/// Metrics that are judged if nobody says which.
const FEW: usize = 4;

/// A metric to judge.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Question<'a> {
    /// Its name.
    pub metric: &'a str,
    /// Its unit.
    pub unit: &'static str,
    /// Which way it is better.
    pub better: Direction,
    /// The smallest improvement that counts.
    pub min_effect: Size,
    /// By how much it may get worse.
    pub margin: Size,
    /// How pairs of numbers are judged.
    pub method: Method,
    /// At which of the scenario's points; all if `None`.
    pub points: Option<&'a [usize]>,
    /// The line of its `[[compare]]`, if it has one.
    pub line: Option<usize>,
}

impl Question<'_> {
    /// Whether it is about a pair.
    pub fn is_about(&self, pair: &Pair<'_>) -> bool {
        self.points.is_none_or(|points| points.contains(&pair.at))
    }
}

/// The questions of a scenario: those of its `[[compare]]`; without any, the metrics that it expects
/// something of; without any, the first that judge. `named` metrics are asked instead, if there are any.
///
/// # Errors
/// If a named metric is unknown, or does not say which way is better.
pub fn questions<'a>(
    scenario: &'a Scenario<Settings>,
    results: &'a Results,
    named: &'a [String],
) -> Result<Vec<Question<'a>>, String> {
    let plain = |metric: &'a str| {
        let mut defs = results.metric_defs.iter();
        let def = defs.find(|def| def.name == metric)?;
        Some(Question {
            metric,
            unit: def.unit,
            better: Direction::of(def.better)?,
            min_effect: Size::NONE,
            margin: Size::NONE,
            method: Method::T,
            points: None,
            line: None,
        })
    };
    let compares = || scenario.compares.iter();
    if !named.is_empty() {
        let mut asked = Vec::new();
        for metric in named {
            let own = compares().filter(|compare| compare.metric == *metric);
            let before = asked.len();
            asked.extend(own.map(|compare| question(compare, results)));
            if asked.len() == before {
                asked.push(plain(metric).ok_or_else(|| unknown(metric, results))?);
            }
        }
        return Ok(asked);
    }
    let mut asked: Vec<_> = compares()
        .map(|compare| question(compare, results))
        .collect();
    if asked.is_empty() {
        let mut expected: Vec<&str> = scenario.expects.iter().map(|e| e.metric.as_str()).collect();
        let mut seen = Vec::new();
        expected.retain(|metric| !seen.contains(metric) && (seen.push(*metric), true).1);
        asked = expected.into_iter().filter_map(plain).collect();
    }
    if asked.is_empty() {
        let defs = results.metric_defs.iter();
        asked = defs.filter_map(|def| plain(&def.name)).take(FEW).collect();
    }
    Ok(asked)
}

fn question<'a>(compare: &'a Compare, results: &Results) -> Question<'a> {
    Question {
        metric: &compare.metric,
        unit: results.unit(&compare.metric),
        better: compare.better,
        min_effect: compare.min_effect,
        margin: compare.margin,
        method: compare.method,
        points: Some(&compare.points),
        line: Some(compare.line),
    }
}

fn unknown(metric: &str, results: &Results) -> String {
    if results.metric_defs.iter().any(|def| def.name == metric) {
        return format!(
            "`{metric}` is neither better nor worse by itself: a [[compare]] of the scenario has to say \
             better = \"lower\" or \"higher\""
        );
    }
    let names: Vec<&str> = results.metric_defs.iter().map(|def| &*def.name).collect();
    format!("unknown metric `{metric}`; known: {}", names.join(", "))
}
