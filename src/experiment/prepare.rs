//! From settings and a seed to everything a run is made of.

use super::files::explain;
use super::{Estimate, Plan, available, estimate};
use crate::adversary::sybil::Target;
use crate::adversary::{eclipse, ethereum as ethereum_eclipse, sybil};
use crate::churn::{Addressing, Churn, ChurnConfig};
use crate::engine::{Phases, Setup};
use crate::input::{BuildError, Files};
use crate::network::Network;
use crate::observe::record::Record;
use crate::peer::{Class, PeerId, Population};
use crate::protocols::bitcoin::{self, address::AddressBook};
use crate::protocols::{ethereum, files};
use crate::random::Streams;
use crate::scenario::{AttackConfig, Problems, ProtocolConfig, Settings};
use rayon::prelude::*;
use std::sync::Arc;

/// Who there is: first the honest `peers` (as many as it takes for the expected number to be
/// online), then the machines of the attacker, then the DNS seeds. Adding the last two renumbers
/// nobody.
///
/// # Errors
/// If a run cannot hold so many, or a trace of churn does not hold what it should.
pub fn population(settings: &Settings, files: &Files) -> Result<Population, BuildError> {
    let peers = match &settings.churn {
        Some(churn) => churn.population_for(settings.peers, files)?,
        None => settings.peers,
    };
    let class = |name: &str, count| Class {
        name: name.to_owned(),
        count,
    };
    let mut classes = vec![class("peers", peers)];
    if let Some(attack) = &settings.attack {
        classes.push(class("attackers", attack.attackers(settings.peers)));
    }
    if let ProtocolConfig::Bitcoin(bitcoin) = &settings.protocol {
        classes.push(class("dns-seeds", bitcoin.dns_seeds));
    }
    if let Some((seeds, trackers)) = settings.protocol.seeds() {
        classes.push(class("seeds", seeds));
        classes.push(class("tracker", trackers));
    }
    let total: u64 = classes.iter().map(|class| u64::from(class.count)).sum();
    let moves = |churn: &ChurnConfig| churn.address == Addressing::New;
    if settings.churn.as_ref().is_some_and(moves) && peers > AddressBook::MOST_THAT_MOVE {
        let message = format!(
            "{peers} peers in all are more than the {} that can change their addresses",
            AddressBook::MOST_THAT_MOVE
        );
        return Err(BuildError::config("churn.address", message));
    }
    if total > u64::from(PeerId::LIMIT) {
        let message = format!(
            "{total} peers in all are more than the {} of a run",
            PeerId::LIMIT
        );
        return Err(BuildError::config("peers", message));
    }
    Ok(Population::new(classes))
}

/// Peers, network, churn and overlay of one run.
///
/// # Errors
/// If the settings cannot be met, or a file does not hold what it should.
pub fn prepare(settings: &Settings, files: &Files, seed: u64) -> Result<Setup, BuildError> {
    let streams = Streams::new(seed);
    let population = population(settings, files)?;
    let phases = Phases {
        bootstrap: settings.bootstrap,
        warm_up: settings.warm_up,
        measurement: settings.duration,
        drain: settings.drain,
    };
    let mut network = Network::build(&settings.network, files, &population, &streams)?
        .with_bandwidth(&settings.bandwidth, &population, &streams)?
        .with_transport(&settings.transport)?
        .with_faults(&settings.fault, &population, &streams, phases.end())?;
    if let Some(reachability) = &settings.reachability {
        network = network.with_reachability(reachability, &population, &streams)?;
    }
    if let Some(processing) = &settings.processing {
        let kinds = settings.protocol.kinds();
        network = network.with_processing(processing, kinds, &population, &streams)?;
    }
    let churn = match &settings.churn {
        // Attackers and DNS seeds stay; so do victims, whose restart is the attacker's to wait for.
        Some(config) => Churn::build(config, files, &population, &streams)?
            .among(churning(settings, &population)),
        None => Churn::none(),
    };
    let needs_graph = match &settings.protocol {
        ProtocolConfig::Gossip(gossip) => gossip.needs_graph(),
        _ => false,
    };
    let graph = match &settings.topology {
        Some(topology) if needs_graph => Some(topology.build(files, &population, &streams)?),
        _ => None,
    };
    Ok(Setup {
        population,
        network: Arc::new(network),
        churn: Arc::new(churn),
        outages: Vec::new(),
        graph: graph.map(Arc::new),
        streams,
        phases,
        shards: 1,
        trace: None,
    })
}

/// Builds every point once, with the first seed, to see what is wrong before anything runs; `label`
/// is the path of the scenario in messages.
///
/// # Errors
/// What is wrong with the first point that cannot be built.
pub fn check(label: &str, plan: &Plan) -> Result<(), Problems> {
    let points = &plan.scenario.points;
    let first = plan.scenario.seeds.first;
    let wrong = points.par_iter().with_max_len(1).find_map_first(|point| {
        let estimate = estimate(&point.body, &plan.files);
        // What does not fit is refused elsewhere.
        let fits = |need: &Estimate| available().is_none_or(|free| need.total() <= free);
        let built = match estimate {
            Ok(need) if !fits(&need) => Ok(()),
            Ok(_) => prepare(&point.body, &plan.files, first).map(|_| ()),
            Err(error) => Err(error),
        };
        built.err()
    });
    match wrong {
        Some(error) => Err(explain(&error, label, &plan.scenario.text, &plan.files)),
        None => Ok(()),
    }
}

/// The peers that may come and go: the honest ones without the victims.
fn churning(settings: &Settings, population: &Population) -> std::ops::Range<u32> {
    let victims = settings.attack.as_ref().map_or(0, AttackConfig::victims);
    victims..population.classes()[0].count
}

/// Runs what was prepared.
pub(super) fn execute(settings: &Settings, setup: &Setup) -> Record {
    let mut record = match (&settings.protocol, &settings.attack) {
        (ProtocolConfig::Chord(chord), None) if settings.files.is_some() => {
            share(settings, chord, setup)
        }
        (ProtocolConfig::Kademlia(kademlia), None) if settings.files.is_some() => {
            share(settings, &**kademlia, setup)
        }
        (ProtocolConfig::Gossip(gossip), _) => gossip.run(setup),
        (ProtocolConfig::Chord(chord), Some(AttackConfig::Sybil(attack))) => {
            sybil::run(chord, attack, setup)
        }
        (ProtocolConfig::Chord(chord), _) => chord.run(setup),
        (ProtocolConfig::Bitcoin(bitcoin), Some(AttackConfig::Eclipse(attack))) => {
            eclipse::run(bitcoin, attack, setup)
        }
        (ProtocolConfig::Bitcoin(bitcoin), _) => bitcoin::run(bitcoin, setup),
        (ProtocolConfig::Ethereum(config), Some(AttackConfig::EthereumEclipse(attack))) => {
            ethereum_eclipse::run(config, attack, setup)
        }
        (ProtocolConfig::Ethereum(config), _) => ethereum::run(config, setup),
        (ProtocolConfig::Kademlia(kademlia), Some(AttackConfig::Sybil(attack))) => {
            sybil::run(&**kademlia, attack, setup)
        }
        (ProtocolConfig::Kademlia(kademlia), _) => kademlia.run(setup),
        (ProtocolConfig::BitTorrent(config), _) => config.run(setup),
        (ProtocolConfig::ClientServer(config), _) => config.run(setup),
        (ProtocolConfig::IdealP2p(config), _) => config.run(setup),
    };
    record.notes.push(setup.network.about());
    if settings.churn.is_some() {
        let remarks = setup.churn.remarks(setup.phases.end());
        record.notes.extend(remarks);
        let all = setup.population.classes()[0].count;
        let online = settings.peers;
        record
            .notes
            .push(format!("{online} peers expected online, of {all}"));
    }
    if setup.network.lookahead().is_zero() {
        record
            .notes
            .push("one shard: the network has no minimum latency".to_owned());
    }
    if setup.network.fair_share().is_some() {
        record
            .notes
            .push("one shard: all flows share one network".to_owned());
    }
    record
}

/// Peers that share files over a hash table.
fn share<T: Target>(settings: &Settings, table: &T, setup: &Setup) -> Record {
    let files = settings.files.unwrap_or_default();
    let ids = table.ids(setup);
    let cast = table.cast(setup, Arc::clone(&ids));
    let mut record = files::run(&files, setup, ids, cast.spawn);
    table.remark(&mut record);
    record
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::load;

    fn settings(body: &str) -> Settings {
        let text = format!("name = \"t\"\nnetwork.constant.latency = \"50 ms\"\n{body}");
        let scenario = load::<Settings>("t.toml", &text, &[]);
        scenario
            .unwrap_or_else(|problems| panic!("{problems}"))
            .points[0]
            .body
            .clone()
    }

    #[test]
    fn classes_come_in_their_order_and_only_honest_peers_churn() {
        let settings = settings(
            r#"
            peers = 100
            duration = "1 h"
            churn.preset = "oversim"
            [protocol.bitcoin]
            dns_seeds = 3
            [attack.eclipse]
            victims = 2
            machines = 5
            restart = "30 min"
            "#,
        );
        let setup = prepare(&settings, &Files::default(), 1).expect("valid");
        let classes = setup.population.classes().iter();
        let classes: Vec<_> = classes
            .map(|class| (class.name.as_str(), class.count))
            .collect();
        assert_eq!(
            classes,
            [("peers", 200), ("attackers", 5), ("dns-seeds", 3)]
        );
        let churns: Vec<u32> = (0..208)
            .filter(|&id| setup.churn.churns(PeerId(id)))
            .collect();
        assert_eq!(churns, (2..200).collect::<Vec<_>>());
    }

    #[test]
    fn too_many_peers_are_an_error() {
        let mut settings = settings(
            r#"
            peers = 1000
            duration = "1 s"
            churn.preset = "kad-2007"
            protocol.gossip.targets = "uniform"
            protocol.gossip.strategy.push.fanout = 3
            "#,
        );
        let churn = settings.churn.as_mut().expect("it has churn");
        churn.address = Addressing::New;
        settings.peers = 1_000_000;
        let error = population(&settings, &Files::default()).expect_err("too many that move");
        assert!(
            error.to_string().contains("change their addresses"),
            "{error}"
        );
        // The scenario would not be read with so many.
        settings.peers = 10_000_000;
        let error = population(&settings, &Files::default()).expect_err("too many");
        assert!(
            error.to_string().contains("more than a run can hold"),
            "{error}"
        );
    }
}
