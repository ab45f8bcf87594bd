//! What is in a results folder.

use super::chart::ChartError;
use super::reading::Origin;
use super::results::Results;
use super::{csv, drawn, gather, repeat, verdict};
use crate::scenario::{Scenario, Settings};

/// The files of a results folder: paths relative to it and their bytes. The same scenario gives the
/// same bytes on every machine; what differs between machines (`host.json`) is not here.
///
/// # Errors
/// If a chart cannot be drawn.
pub fn files(
    scenario: &Scenario<Settings>,
    results: &Results,
    png: bool,
) -> Result<Vec<(String, Vec<u8>)>, ChartError> {
    let mut files = Vec::new();
    let mut put = |path: &str, text: String| files.push((path.to_owned(), text.into_bytes()));
    put("scenario.toml", scenario.text.clone());
    // What each variant makes of the file: every one a scenario that runs.
    for variant in &scenario.variants {
        if let Some(text) = scenario.resolved(variant) {
            put(&format!("resolved/{variant}.toml"), text);
        }
    }
    put("runs.csv", csv::runs(results));
    put("metrics.csv", csv::metrics(results));
    put("summary.csv", csv::summary(results));
    let judgements = verdict::judge(&scenario.expects, results);
    put(
        "expectations.json",
        format!("{:#}\n", verdict::to_json(&judgements)),
    );
    put("notes.txt", notes(scenario, results));
    for (stem, chart) in drawn::draw(results, &scenario.charts, &scenario.expects)? {
        if png {
            files.push((format!("charts/{stem}.png"), chart.png()?));
        }
        files.push((format!("charts/{stem}.svg"), chart.svg.into_bytes()));
        files.push((format!("charts/{stem}.csv"), chart.csv.into_bytes()));
    }
    Ok(files)
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
