//! The files a scenario names, and how what is wrong with them is said.

use crate::input::{BuildError, Files};
use crate::network::graph::TopologyConfig;
use crate::scenario::{Problems, Scenario, Settings, at_key, in_file};
use std::path::Path;

/// The files that settings name, each with the key that names it.
fn named(settings: &Settings) -> Vec<(&'static str, &str)> {
    let mut named = Vec::new();
    if let Some(matrix) = &settings.network.matrix {
        named.push(("network.matrix.file", matrix.file.as_str()));
    }
    let routers = settings.network.routers.as_ref();
    if let Some(file) = routers.and_then(|routers| routers.file.as_deref()) {
        named.push(("network.routers.file", file));
    }
    if let Some(coordinates) = &settings.network.coordinates {
        named.push(("network.coordinates.file", coordinates.file.as_str()));
    }
    if let Some(TopologyConfig::Edges(edges)) = &settings.topology {
        named.push(("topology.edges.file", edges.file.as_str()));
    }
    if let Some(churn) = &settings.churn {
        named.extend(churn.files());
    }
    named
}

/// Every file that a point of the scenario names, each once, in their order.
pub fn named_files(scenario: &Scenario<Settings>) -> Vec<String> {
    let mut files: Vec<String> = Vec::new();
    for (_, path) in scenario.points.iter().flat_map(|point| named(&point.body)) {
        if files.iter().all(|known| known != path) {
            files.push(path.to_owned());
        }
    }
    files
}

/// Reads every file that a point of the scenario names, relative to `folder`, the scenario's own.
/// `label` is the path of the scenario in messages.
///
/// # Errors
/// If a file cannot be read as text.
pub fn read_files(
    label: &str,
    folder: &Path,
    scenario: &Scenario<Settings>,
) -> Result<Files, Problems> {
    let mut files = Files::default();
    for point in &scenario.points {
        for (key, path) in named(&point.body) {
            if files.0.contains_key(path) {
                continue;
            }
            let content = std::fs::read_to_string(folder.join(path)).map_err(|error| {
                let message = format!("cannot read `{path}`: {error}");
                let help = "a path is relative to the folder of the scenario";
                at_key(label, &scenario.text, key, &message, Some(help))
            })?;
            files.0.insert(path.to_owned(), content);
        }
    }
    Ok(files)
}

/// Says a [`BuildError`] the way the problems of a scenario are said: with the place in the
/// scenario, or in the file that is wrong.
pub(super) fn explain(error: &BuildError, label: &str, scenario: &str, files: &Files) -> Problems {
    match error {
        BuildError::Config { key, message } => at_key(label, scenario, key, message, None),
        BuildError::File {
            file,
            line,
            column,
            message,
        } => {
            let text = files.0.get(file).map_or("", String::as_str);
            in_file(file, text, *line, *column, message)
        }
    }
}
