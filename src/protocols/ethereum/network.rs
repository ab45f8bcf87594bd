//! The network of a run: who knows what when it starts, and the run without an attack.

use super::config::Ethereum;
use super::database::Database;
use super::enode::{Enode, Keys};
use super::metrics::measure;
use super::node::{Node, Shared};
use crate::engine::{Idle, Setup, World};
use crate::observe::congestion;
use crate::observe::record::Record;
use crate::peer::PeerId;
use crate::protocols::dht::Id;
use crate::random::{Draw, Purpose, Streams};
use crate::time::Instant;
use std::sync::Arc;

/// The state all peers are born with, a pure function of the seed.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What all nodes share.
    pub shared: Arc<Shared>,
    /// How many honest nodes there are.
    pub honest: u32,
    streams: Streams,
}

impl Plan {
    /// The plan of a run: the class `peers` are honest nodes, the last of them bootstrap nodes; then come
    /// `hosts` of an attacker with the keys that `made` makes, told what honest keys hash to.
    ///
    /// # Panics
    /// If the setup has no peers (scenarios are checked before).
    pub fn new(
        config: &Ethereum,
        setup: &Setup,
        hosts: u32,
        made: impl FnOnce(&Keys) -> Box<[Id]>,
    ) -> Self {
        let honest = setup.population.classes()[0].count;
        let keys = Keys::new(setup.streams.key(Purpose::Birth), honest);
        let made = made(&keys);
        let boot_nodes = honest.saturating_sub(config.boot_nodes)..honest;
        let shared = Shared {
            profile: config.profile(),
            config: config.clone(),
            keys: keys.with(hosts, made),
            boot_nodes: boot_nodes.map(|peer| Enode::of(PeerId(peer))).collect(),
        };
        Self {
            shared: Arc::new(shared),
            honest,
            streams: setup.streams.clone(),
        }
    }

    /// An honest node, with random others on its disk.
    pub fn node(&self, peer: PeerId) -> Node {
        let mut rng = self.streams.peer(Purpose::Birth, 0, peer.0);
        let others = self.honest as usize - 1;
        let stored = (self.shared.config.stored as usize).min(others);
        let stored = rng.sample_indices(others, stored).into_iter();
        // All but the peer itself.
        let other = |at: usize| PeerId(at as u32 + u32::from(at >= peer.index()));
        let stored = stored.map(|at| Enode::of(other(at)));
        let database = Database::of(stored, Instant::ZERO);
        Node::new(Arc::clone(&self.shared), peer, database)
    }
}

/// Runs the network without an attack.
pub fn run(config: &Ethereum, setup: &Setup) -> Record {
    let plan = Plan::new(config, setup, 0, |_| Box::default());
    let mut world = World::new(setup, |peer| plan.node(peer), &Idle);
    let report = world.run(&mut ());
    let mut record = Record {
        digest: report.digest,
        events: report.counts.delivered,
        ..Record::default()
    };
    let nodes = world.peers().map(|(_, node)| node);
    measure(&mut record, nodes, &report);
    congestion::measure(&mut record, setup, &report);
    record
}
