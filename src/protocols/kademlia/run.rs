//! From a configuration to a run to a record.

use super::born::Born;
use super::config::{Kademlia, Start};
use super::node::{Node, Run};
use super::rules::Rules;
use crate::engine::Setup;
use crate::observe::record::{MetricDef, Record};
use crate::peer::PeerId;
use crate::protocols::dht::{self, Ids, METRICS, Nearness, Plan, Schedule};
use crate::random::{PeerRng, Purpose};
use std::sync::Arc;

impl Kademlia {
    /// What the family measures.
    pub const METRICS: &'static [MetricDef] = METRICS;

    /// The rules of a run, and what its peers are born with.
    pub fn plan(&self, setup: &Setup) -> Run {
        self.plan_for(setup, self.ids(setup))
    }

    /// All identifiers of a run.
    pub fn ids(&self, setup: &Setup) -> Arc<Ids> {
        Arc::new(Ids::of(self.bits, 1, setup))
    }

    /// The same as [`Kademlia::plan`] with these identifiers.
    pub fn plan_for(&self, setup: &Setup, ids: Arc<Ids>) -> Run {
        let rules = Rules::new(self, setup, ids);
        let born = Born::new(self, setup, &rules);
        Run {
            rules: Arc::new(rules),
            born: Arc::new(born),
        }
    }

    /// Makes a peer of a run.
    pub fn spawn(run: &Run, setup: &Setup, peer: PeerId) -> Node {
        let (class, index) = setup.population.locate(peer);
        let mut rng: PeerRng = setup.streams.peer(Purpose::Birth, class, index);
        Node::new(run, peer, &mut rng)
    }

    /// What is asked of the peers, and what the answers are held against.
    pub fn asked(&self, setup: &Setup, run: &Run) -> Plan {
        let ids = Arc::clone(&run.rules.ids);
        Plan {
            schedule: Schedule::new(&self.lookups, setup, Arc::clone(&ids)),
            ids,
            nearness: Nearness::Xor,
            wanted: run.rules.shape.k,
        }
    }

    /// Runs the scenario.
    pub fn run(&self, setup: &Setup) -> Record {
        let run = self.plan(setup);
        let plan = self.asked(setup, &run);
        let mut record = dht::measure(setup, &plan, |peer| Self::spawn(&run, setup, peer));
        self.remark(&mut record);
        record
    }

    /// Adds what a reader of the record has to know.
    pub fn remark(&self, record: &mut Record) {
        if self.start == Start::Converged {
            let note = "tables at the start are those of a network of the peers that are up then";
            record.notes.push(note.to_owned());
        }
        if let Some(s) = &self.s_kademlia
            && s.puzzle > 0
        {
            let hashes = 1u64 << s.puzzle;
            let note = format!("an identifier costs whoever makes one {hashes} hashes on average");
            record.notes.push(note);
        }
    }
}
