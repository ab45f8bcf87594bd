//! From settings and a seed to a run that is ready, and the run itself.

use super::ExperimentError;
use crate::adversary::eclipse;
use crate::churn::{Churn, ChurnConfig};
use crate::engine::{Phases, Setup};
use crate::input::{BuildError, Files};
use crate::network::Network;
use crate::network::graph::TopologyConfig;
use crate::observe::record::Record;
use crate::peer::{Class, Population};
use crate::protocols::bitcoin;
use crate::random::Streams;
use crate::scenario::{AttackConfig, ProtocolConfig, Settings};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Reads the files that the settings name, relative to the scenario's folder.
///
/// # Errors
/// If one cannot be read.
pub fn read_files(settings: &Settings, folder: &Path) -> Result<Files, ExperimentError> {
    let mut names = settings.network.files();
    names.extend(settings.topology.iter().flat_map(TopologyConfig::files));
    names.extend(settings.churn.iter().flat_map(ChurnConfig::files));
    let mut files = BTreeMap::new();
    for name in names {
        let path = folder.join(&name);
        let text = std::fs::read(&path).and_then(|bytes| {
            String::from_utf8(bytes)
                .map_err(|_| std::io::Error::new(std::io::ErrorKind::InvalidData, "not UTF-8 text"))
        });
        let text = text.map_err(|source| ExperimentError::File { path, source })?;
        files.insert(name, text);
    }
    Ok(Files(files))
}

/// Everything a run with this seed is made of.
///
/// # Errors
/// If a part cannot be built: a file does not hold what it should, a rate is missing.
pub fn prepare(
    settings: &Settings,
    files: &Files,
    seed: u64,
    shards: usize,
) -> Result<Setup, BuildError> {
    let streams = Streams::new(seed);
    let peers = match &settings.churn {
        Some(churn) => churn.population_for(settings.peers, files)?,
        None => settings.peers,
    };
    let population = population(settings, peers);
    let network = Network::build(&settings.network, files, &population, &streams)?
        .with_bandwidth(&settings.bandwidth)?
        .with_faults(&settings.fault, &population, &streams)?;
    let churn = match &settings.churn {
        // Attackers and seeds stay; so do the victims, whose restart is planned.
        Some(churn) => {
            Churn::build(churn, files, &population, &streams)?.among(victims(settings)..peers)
        }
        None => Churn::none(),
    };
    let graph = match &settings.topology {
        Some(topology) => Some(Arc::new(topology.build(files, &population, &streams)?)),
        None => None,
    };
    let phases = Phases {
        bootstrap: settings.bootstrap,
        warm_up: settings.warm_up,
        measurement: settings.duration,
        drain: settings.drain,
    };
    Ok(Setup {
        population,
        network: Arc::new(network),
        churn: Arc::new(churn),
        outages: Vec::new(),
        graph,
        streams,
        phases,
        shards,
        trace: false,
    })
}

fn victims(settings: &Settings) -> u32 {
    match &settings.attack {
        Some(AttackConfig::Eclipse(attack)) => attack.victims,
        None => 0,
    }
}

/// Who there is: the peers, then an attack's machines, then what serves the protocol.
fn population(settings: &Settings, peers: u32) -> Population {
    let class = |name: &str, count| Class {
        name: name.to_owned(),
        count,
    };
    let mut classes = vec![class("peers", peers)];
    if let Some(AttackConfig::Eclipse(attack)) = &settings.attack {
        classes.push(class("attackers", attack.machines));
    }
    if let ProtocolConfig::Bitcoin(bitcoin) = &settings.protocol {
        classes.push(class("dns-seeds", bitcoin.dns_seeds));
    }
    Population::new(classes)
}

/// Runs it.
pub fn execute(settings: &Settings, setup: &Setup) -> Record {
    let mut record = match (&settings.protocol, &settings.attack) {
        (ProtocolConfig::Gossip(gossip), _) => gossip.run(setup),
        (ProtocolConfig::Bitcoin(bitcoin), Some(AttackConfig::Eclipse(attack))) => {
            eclipse::run(bitcoin, attack, setup)
        }
        (ProtocolConfig::Bitcoin(bitcoin), None) => bitcoin::run(bitcoin, setup),
    };
    record.notes.push(setup.network.about());
    if settings.churn.is_some() {
        let all = setup.population.classes()[0].count;
        record.notes.push(format!(
            "{} peers expected online, of {all}",
            settings.peers
        ));
    }
    if setup.network.lookahead().is_zero() {
        record
            .notes
            .push("one shard: the network has no minimum latency".to_owned());
    }
    record
}
