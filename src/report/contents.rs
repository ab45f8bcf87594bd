//! What is in a results folder.

use super::chart::ChartError;
use super::folder::REPORT;
use super::page::{Page, PageError, Template};
use super::reading::Origin;
use super::results::Results;
use super::{csv, drawn, gather, repeat, verdict};
use crate::scenario::{Problems, Scenario, Settings};
use thiserror::Error;

/// Why there is nothing to write.
#[derive(Debug, Error)]
pub enum ContentsError {
    /// A chart cannot be drawn.
    #[error(transparent)]
    Chart(#[from] ChartError),
    /// The page of the report cannot be made.
    #[error(transparent)]
    Page(#[from] PageError),
    /// The template of the report is wrong.
    #[error("{0}")]
    Template(Problems),
}

/// The files of a results folder: paths relative to it and their bytes. The same scenario gives the
/// same bytes on every machine; what differs between machines (`host.json`) is not here.
///
/// # Errors
/// If a chart or the page cannot be made.
pub fn files(
    scenario: &Scenario<Settings>,
    results: &Results,
    png: bool,
) -> Result<Vec<(String, Vec<u8>)>, ContentsError> {
    let mut files = Vec::new();
    for (path, text) in tables(scenario, results) {
        files.push((path, text.into_bytes()));
    }
    let notes = notes(scenario, results);
    let mut charts = Vec::new();
    for (stem, chart) in drawn::draw(results, &scenario.charts, &scenario.expects)? {
        if png {
            files.push((format!("charts/{stem}.png"), chart.png()?));
        }
        files.push((format!("charts/{stem}.csv"), chart.csv.into_bytes()));
        charts.push((stem, chart.svg));
    }
    let page = Page::new(scenario, results, &notes, &charts)?;
    let page = Template::built_in().render(&page);
    let page = page.map_err(ContentsError::Template)?;
    files.push((REPORT.to_owned(), page.into_bytes()));
    files.push(("notes.txt".to_owned(), notes.into_bytes()));
    let charts = charts.into_iter();
    files.extend(charts.map(|(stem, svg)| (format!("charts/{stem}.svg"), svg.into_bytes())));
    Ok(files)
}

/// Those of the files that follow from the scenario and from what the runs measured: they come out the
/// same when the folder is read again.
pub fn tables(scenario: &Scenario<Settings>, results: &Results) -> Vec<(String, String)> {
    let judgements = verdict::judge(&scenario.expects, results);
    let mut files = vec![("scenario.toml".to_owned(), scenario.text.clone())];
    // What each variant makes of the file: every one a scenario that runs.
    for variant in &scenario.variants {
        if let Some(text) = scenario.resolved(variant) {
            files.push((format!("resolved/{variant}.toml"), text));
        }
    }
    let tables = [
        ("runs.csv", csv::runs(results)),
        ("metrics.csv", csv::metrics(results)),
        ("summary.csv", csv::summary(results)),
        (
            "expectations.json",
            format!("{:#}\n", verdict::to_json(&judgements)),
        ),
    ];
    files.extend(tables.map(|(path, text)| (path.to_owned(), text)));
    files
}

/// What a reader of the results has to know.
fn notes(scenario: &Scenario<Settings>, results: &Results) -> String {
    let mut lines = Origin::write(results, &scenario.sets);
    lines.extend(repeat::said(scenario, results).map(|said| format!("- {said}")));
    lines.extend(
        gather::notes(results)
            .into_iter()
            .map(|note| format!("- {note}")),
    );
    lines.push(String::new());
    lines.join("\n")
}
