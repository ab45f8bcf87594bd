//! Data sets beside the project, and networks made of them.

use crate::input::Files;
use crate::network::{Network, NetworkConfig};
use crate::peer::{PeerId, Population};
use crate::random::Streams;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Why a claim is skipped.
pub(super) const ABSENT: &str = "the data sets are not here (SIM_DATA names their folder)";

/// A data file, found beside the project or where `SIM_DATA` says.
pub(super) fn data(file: &str) -> Option<String> {
    let named = std::env::var_os("SIM_DATA").map(PathBuf::from);
    let beside = [".", "..", "../..", "../../.."].map(|up| PathBuf::from(up).join("shared/data"));
    let folders = named.into_iter().chain(beside);
    folders
        .map(|folder| folder.join(file))
        .find_map(|path| std::fs::read_to_string(path).ok())
}

/// The network of these settings over so many peers; `file` is the name they give to `text`.
pub(super) fn network(toml: &str, file: &str, text: String, peers: u32) -> Option<Network> {
    let files = Files(BTreeMap::from([(file.to_owned(), text)]));
    let config = toml::from_str::<NetworkConfig>(toml).ok()?;
    let population = Population::uniform(peers);
    Network::build(&config, &files, &population, &Streams::new(1)).ok()
}

/// One-way delays between all ordered pairs of different peers, ascending, in milliseconds.
pub(super) fn delays(network: &Network, peers: u32) -> Vec<f64> {
    let others = |a: u32| (0..peers).filter(move |&b| b != a).map(move |b| (a, b));
    let pairs = (0..peers).flat_map(others);
    let mut delays: Vec<f64> = pairs
        .map(|(a, b)| network.delay(PeerId(a), PeerId(b)).as_millis_f64())
        .collect();
    delays.sort_by(f64::total_cmp);
    delays
}

/// The mean of what has been sorted; not a number if there is nothing.
pub(super) fn mean(sorted: &[f64]) -> f64 {
    sorted.iter().sum::<f64>() / sorted.len() as f64
}
