//! Measured data of others, where it is at hand: never part of the project, so these tests are
//! skipped, and say so, where it is not.

use crate::input::Files;
use crate::network::{
    MatrixConfig, MatrixFormat, MatrixValues, MissingDelays, Network, NetworkConfig, TimeUnit,
};
use crate::peer::{PeerId, Population};
use crate::random::Streams;
use crate::time::Duration;
use std::path::Path;

#[expect(clippy::print_stderr, reason = "a skipped test has to say so")]
fn data(file: &str) -> Option<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = ["../shared/data", "../../shared/data"]
        .iter()
        .find_map(|folder| std::fs::read_to_string(root.join(folder).join(file)).ok());
    if found.is_none() {
        eprintln!("skipped: no {file} beside the project");
    }
    found
}

fn config(unit: TimeUnit) -> NetworkConfig {
    NetworkConfig {
        constant: None,
        matrix: Some(MatrixConfig {
            file: "matrix".to_owned(),
            unit,
            values: MatrixValues::RoundTrip,
            format: MatrixFormat::Dense,
            column: None,
            missing: MissingDelays::Error,
        }),
        ..NetworkConfig::default()
    }
}

/// M4: mean and quantiles of one slice of `PlanetLab` round trips (Zhu et al. 2017).
#[test]
fn planetlab_has_its_mean_and_quantiles() {
    let Some(text) = data("planetlab-rtt/PlanetLabData_1") else {
        return;
    };
    let files = Files([("matrix".to_owned(), text)].into());
    let population = Population::uniform(490);
    let config = config(TimeUnit::Milliseconds);
    let network = Network::build(&config, &files, &population, &Streams::new(1)).expect("valid");
    let last_miles = Duration::from_millis(1);
    let mut rtts = Vec::new();
    for from in (0..490).map(PeerId) {
        for to in (0..490).map(PeerId).filter(|&to| to != from) {
            let there = network.delay(from, to) - last_miles;
            rtts.push((there * 2).as_millis_f64());
        }
    }
    rtts.sort_unstable_by(f64::total_cmp);
    let mean = rtts.iter().sum::<f64>() / rtts.len() as f64;
    assert!((mean / 146.8 - 1.0).abs() < 0.01, "{mean}");
    let quantiles = [
        (0.10, 31.6),
        (0.25, 59.3),
        (0.50, 135.0),
        (0.75, 201.8),
        (0.90, 290.7),
        (0.95, 324.9),
        (0.99, 412.6),
    ];
    for (q, expected) in quantiles {
        let found = rtts[(q * rtts.len() as f64) as usize];
        assert!(
            (found / expected - 1.0).abs() < 0.01,
            "{q}: {found} for {expected}"
        );
    }
}

/// The Seattle slices have missing measurements, written as zeros: refused, with their place.
#[test]
fn seattle_is_refused_for_its_zeros() {
    let Some(text) = data("planetlab-rtt/SeattleData_1") else {
        return;
    };
    let files = Files([("matrix".to_owned(), text)].into());
    let population = Population::uniform(10);
    let built = Network::build(
        &config(TimeUnit::Seconds),
        &files,
        &population,
        &Streams::new(1),
    );
    let error = built.expect_err("a zero").to_string();
    assert!(error.starts_with("matrix:1:"), "{error}");
    assert!(error.contains("missing measurement"), "{error}");
}
