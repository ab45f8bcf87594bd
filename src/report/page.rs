//! `report.html`: what came out of an experiment, on one page that needs nothing else.
//!
//! A [`Page`] holds everything that stands there as texts, each number already rounded and with its
//! unit. A [`Template`] makes a file of it. Both are functions of what a results folder holds, so that
//! the page comes out with the same bytes when it is rebuilt.

mod pictures;
mod settings;
mod tables;
mod template;

pub use pictures::{Picture, PictureError};
pub use settings::{Setting, Value};
pub use tables::{Cell, Column, Comparison, Count, Expectation, Metric, Table};
pub use template::{BUILT_IN, Template};

use super::chart::ChartError;
use super::compare::{compare, footnote, questions, with_variants};
use super::number::{plural, quoted};
use super::reading::Origin;
use super::results::Results;
use super::verdict::judge;
use super::{gather, table};
use crate::experiment::named_files;
use crate::scenario::{Scenario, Settings};
use pictures::order;
use serde::Serialize;
use std::collections::BTreeSet;
use thiserror::Error;

/// Numbers that a page has room for.
const MOST_CELLS: usize = 20_000;

/// Everything that a template can show. All texts are plain, and escaped by the template.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Page {
    /// The scenario's name.
    pub name: String,
    /// The question it asks.
    pub about: String,
    /// The version of the program that ran it.
    pub version: String,
    /// The fingerprint of all runs, 16 hexadecimal digits.
    pub digest: String,
    /// How much was run: `20 runs: 2 points × 10 seeds`.
    pub size: String,
    /// The variants, that of the file first.
    pub variants: Vec<String>,
    /// How many expectations have which verdict.
    pub expected: Vec<Count>,
    /// The expectations at each of their points.
    pub expectations: Vec<Expectation>,
    /// How many comparisons have which verdict.
    pub compared: Vec<Count>,
    /// What the variants change against the base variant; empty if there is one variant.
    pub comparisons: Vec<Comparison>,
    /// How the comparisons were made, a line each.
    pub comparison_notes: Vec<String>,
    /// The charts: those of the scenario, then what every reader asks for.
    pub charts: Vec<Picture>,
    /// What the scenario is about, at each point.
    pub summary: Table,
    /// Every metric at each point; no more than [`Page::summary`] if that is more than 20 000 numbers.
    pub everything: Table,
    /// How to read the numbers of the tables.
    pub summary_note: String,
    /// Every metric, in the order of the tables.
    pub metrics: Vec<Metric>,
    /// Every setting.
    pub settings: Vec<Setting>,
    /// What a reader has to know.
    pub notes: Vec<String>,
    /// The command that makes the same results.
    pub command: String,
    /// Files that the scenario reads, relative to its folder.
    pub files: Vec<String>,
    /// The scenario, as it was given.
    pub scenario: String,
    /// The style sheet of the built-in template.
    pub style: &'static str,
    /// The script of the built-in template, which makes tables sort.
    pub script: &'static str,
}

/// Why there is no page.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum PageError {
    /// A chart cannot be drawn.
    #[error(transparent)]
    Chart(#[from] ChartError),
    /// A picture in the folder is not one of ours.
    #[error(transparent)]
    Picture(#[from] PictureError),
}

impl Page {
    /// The page of `results`, with the `notes.txt` of their folder and its charts, as stems of file
    /// names and SVG.
    ///
    /// # Errors
    /// If a chart is not what this program draws, or cannot be drawn.
    pub fn new(
        scenario: &Scenario<Settings>,
        results: &Results,
        notes: &str,
        charts: &[(String, String)],
    ) -> Result<Self, PageError> {
        let changed = Origin::changed(notes);
        let judgements = judge(&scenario.expects, results);
        let pairs = with_variants(results);
        let asked = questions(scenario, results, &[]).unwrap_or_default();
        let rows = compare(&asked, &pairs);
        let mut pictures = Vec::new();
        for (stem, svg) in order(charts, &scenario.charts) {
            pictures.push(Picture::from_folder(stem, svg)?);
        }
        pictures.extend(pictures::others(scenario, results, &rows)?);
        let comparison_notes = if rows.is_empty() {
            Vec::new()
        } else {
            footnote(&rows).lines().map(str::to_owned).collect()
        };
        let files = named_files(scenario);
        let chosen = table::chosen(scenario, results);
        let every: Vec<&str> = results.metrics().iter().map(|(name, _)| *name).collect();
        let fits = every.len() * results.points.len() <= MOST_CELLS;
        Ok(Self {
            name: scenario.name.clone(),
            about: one_line(&scenario.about),
            version: results.version.clone(),
            digest: format!("{:016x}", gather::digest(results)),
            size: size(results),
            variants: scenario.variants.clone(),
            expected: tables::verdicts(&judgements),
            expectations: judgements.iter().map(Expectation::new).collect(),
            compared: tables::changes(&rows),
            comparisons: rows.iter().map(Comparison::new).collect(),
            comparison_notes,
            charts: pictures,
            summary: Table::of(results, &chosen),
            everything: Table::of(results, if fits { &every } else { &chosen }),
            summary_note: table::footnote(results),
            metrics: results.metric_defs.iter().map(Metric::new).collect(),
            settings: settings::list(scenario, &changed),
            notes: Origin::notes(notes),
            command: command(scenario, notes, &changed, files.is_empty()),
            files,
            scenario: scenario.text.clone(),
            style: template::STYLE,
            script: template::SCRIPT,
        })
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn size(results: &Results) -> String {
    let counts: BTreeSet<usize> = results.points.iter().map(|p| p.runs.len()).collect();
    let runs: usize = results.points.iter().map(|point| point.runs.len()).sum();
    let (points, runs) = (plural(results.points.len(), "point"), plural(runs, "run"));
    match counts.into_iter().collect::<Vec<_>>()[..] {
        [seeds] => format!("{runs}: {points} × {}", plural(seeds, "seed")),
        _ => format!("{runs} at {points}"),
    }
}

/// What was typed, but for the path: the copy of the scenario in the results, if it needs no files that
/// lie beside the original.
fn command(
    scenario: &Scenario<Settings>,
    notes: &str,
    changed: &[String],
    is_alone: bool,
) -> String {
    let name = &scenario.name;
    let mut words = vec!["sim run".to_owned()];
    words.push(if is_alone {
        format!("results/{name}/scenario.toml")
    } else {
        format!("{name}.toml")
    });
    // `--seeds` is noted as what it sets; unlike `--set` it also keeps `[repeat]` from going on.
    let last = changed
        .last()
        .and_then(|set| set.strip_prefix("seeds.count="));
    let seeds = last.filter(|_| Origin::repeated(notes).is_none());
    let sets = &changed[..changed.len() - usize::from(seeds.is_some())];
    words.extend(sets.iter().map(|set| format!("--set {}", quoted(set))));
    words.extend(seeds.map(|seeds| format!("--seeds {seeds}")));
    words.join(" ")
}

#[cfg(test)]
mod tests;
