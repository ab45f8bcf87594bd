//! What every importer of networks says about broken files, in `tests/imports`: `NAME.cases` holds
//! the `[network]` that names the file and then the broken files, each after a line `=== what`;
//! `NAME.errors` holds what is said about each. A case may have a `[network]` of its own after a `|`.
//! The cases of `churn-…` have a line of `[churn]` instead.
//!
//! `SNAPSHOTS=overwrite cargo test --test import_errors` writes the texts anew.

use peerlab::churn::{Churn, ChurnConfig, ExponentialLife, Lifetime};
use peerlab::input::Files;
use peerlab::network::{Network, NetworkConfig};
use peerlab::peer::Population;
use peerlab::random::Streams;
use peerlab::time::Duration;
use std::fs;
use std::path::{Path, PathBuf};

/// The fewest broken files of an importer.
const FEWEST: usize = 15;

fn build(config: &str, text: &str) -> Result<Network, String> {
    let config: NetworkConfig = toml::from_str(config).map_err(|error| error.to_string())?;
    let files = config
        .files()
        .into_iter()
        .map(|file| (file, text.to_owned()));
    let files = Files(files.collect());
    Network::build(&config, &files, &Population::uniform(4), &Streams::new(1))
        .map_err(|error| error.to_string())
}

fn build_churn(config: &str, text: &str) -> Result<Churn, String> {
    let mut config: ChurnConfig = toml::from_str(config).map_err(|error| error.to_string())?;
    // A session needs an absence beside it.
    config.absence = config.session.as_ref().map(|_| {
        let mean = Duration::from_hours(1);
        Lifetime::Exponential(ExponentialLife { mean }).into()
    });
    let named = config.files().into_iter();
    let files = Files(
        named
            .map(|(_, file)| (file.to_owned(), text.to_owned()))
            .collect(),
    );
    Churn::build(&config, &files, &Population::uniform(4), &Streams::new(1))
        .map_err(|error| error.to_string())
}

/// The cases of a file: what it is, its `[network]`, the text.
fn cases(text: &str) -> Vec<(&str, &str, &str)> {
    let (config, rest) = text.split_once('\n').expect("a first line");
    let cases = rest.split("=== ").skip(1).map(|case| {
        let (head, text) = case.split_once('\n').expect("a line with the name");
        let (what, config) = head.split_once(" | ").unwrap_or((head, config));
        // `\` at the end of a case: no end of line there.
        (what, config, text.strip_suffix("\\\n").unwrap_or(text))
    });
    cases.collect()
}

#[test]
fn every_broken_file_is_explained() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/imports");
    let mut paths: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("the folder of broken files")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|end| end == "cases"))
        .collect();
    paths.sort();
    assert!(paths.len() >= 13, "only {} importers", paths.len());
    let mut wrong = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).expect("a readable file");
        let cases = cases(&text);
        assert!(
            cases.len() >= FEWEST,
            "{}: {} cases",
            path.display(),
            cases.len()
        );
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let churn = name.starts_with("churn-");
        let mut said = String::new();
        for (what, config, text) in cases {
            let error = if churn {
                build_churn(config, text).err()
            } else {
                build(config, text).err()
            };
            let error = error.unwrap_or_else(|| panic!("{}: {what}: no error", path.display()));
            let error = error.trim_end().replace('\n', "\n    ");
            said.extend([what, "\n    ", &error, "\n"]);
        }
        let golden = path.with_extension("errors");
        if std::env::var("SNAPSHOTS").is_ok_and(|value| value == "overwrite") {
            fs::write(&golden, said).expect("a writable folder");
        } else if fs::read_to_string(&golden).unwrap_or_default() != said {
            wrong.push(format!("--- {} says now:\n{said}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
