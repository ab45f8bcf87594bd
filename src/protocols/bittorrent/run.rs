//! From a configuration to a run to a record.

use super::config::BitTorrent;
use super::metrics::Gauge;
use super::node::Node;
use super::peer::{Manner, Peer, Rules};
use super::tracker::Tracker;
use super::wire::Wire;
use crate::engine::{Message, Setup, World};
use crate::observe::record::Record;
use crate::peer::PeerId;
use crate::protocols::download;
use crate::random::{Draw, Purpose};
use crate::time::Instant;
use std::sync::Arc;

impl BitTorrent {
    /// The family's name in scenario files.
    pub const NAME: &'static str = "bittorrent";
    /// The names of the kinds of its messages.
    pub const KINDS: &'static [&'static str] = Wire::KINDS;

    /// What all peers of a run share.
    pub fn rules(&self, setup: &Setup) -> Arc<Rules> {
        Arc::new(Rules {
            config: self.clone(),
            cut: self.cut(),
            tracker: PeerId(setup.population.len() - 1),
        })
    }

    /// Who takes and does not give, and who gives no more than it has to: so many of the first class, by
    /// chance, from [`Purpose::Attack`].
    pub fn manners(&self, setup: &Setup) -> Vec<Manner> {
        let peers = setup.population.classes()[0].count as usize;
        let riders = (self.free_riders.share.0 * peers as f64).round() as usize;
        let mut manners = vec![Manner::Compliant; peers];
        let mut rng = setup.streams.chacha(Purpose::Attack, 0);
        for at in rng.sample_indices(peers, riders.min(peers)) {
            manners[at] = Manner::FreeRider;
        }
        if let Some(access) = setup.network.access().filter(|_| self.tyrants.count > 0) {
            let links = self.tyrants.links.as_ref();
            let class = links.and_then(|name| access.classes().iter().position(|own| own == name));
            let may_be = |&at: &usize| {
                let own = access.class(PeerId(at as u32));
                manners[at] == Manner::Compliant && class.is_none_or(|class| own == class)
            };
            let among: Vec<usize> = (0..peers).filter(may_be).collect();
            let mut rng = setup.streams.chacha(Purpose::Attack, 1);
            let count = among.len().min(self.tyrants.count as usize);
            for at in rng.sample_indices(among.len(), count) {
                let at = among[at];
                manners[at] = Manner::Tyrant(access.link(PeerId(at as u32)).up);
            }
        }
        manners
    }

    /// A peer of the run: those of the first class want the file, the last one of all is the tracker, and
    /// those between have the file.
    pub fn spawn(&self, rules: &Arc<Rules>, manners: &[Manner], me: PeerId) -> Node {
        if me == rules.tracker {
            return Node::Tracker(Box::new(Tracker::new(self.peer_list)));
        }
        let rules = Arc::clone(rules);
        Node::Peer(Box::new(match manners.get(me.index()) {
            Some(&manner) => Peer::leecher(rules, manner),
            None => Peer::seed(rules),
        }))
    }

    /// Runs the scenario.
    pub fn run(&self, setup: &Setup) -> Record {
        let rules = self.rules(setup);
        let manners = self.manners(setup);
        let mut gauge = Gauge::default();
        let spawn = |me| self.spawn(&rules, &manners, me);
        let look = |at: Instant, world: &World<Node>| {
            gauge.look(at, world);
            gauge.classes(setup, world);
        };
        let what = (self.file.0, &self.arrivals);
        let (mut record, meter, mut world) = download::measure(setup, what, spawn, look);
        gauge.finish(setup, &meter, &mut world, &mut record);
        record
    }
}
