//! From a configuration to a run to a record.

use super::config::{Chord, Start};
use super::peer::{Peer, Rules};
use crate::engine::Setup;
use crate::observe::record::Record;
use crate::protocols::dht::{Ids, Nearness, Plan, Schedule, measure};
use std::sync::Arc;

impl Chord {
    /// The family's name in scenario files.
    pub const NAME: &'static str = "chord";

    /// All identifiers of a run.
    pub fn ids(&self, setup: &Setup) -> Arc<Ids> {
        Arc::new(Ids::of(self.bits, self.virtual_nodes, setup))
    }

    /// What is asked of the peers, and what the answers are held against.
    pub fn asked(&self, setup: &Setup, ids: Arc<Ids>) -> Plan {
        Plan {
            schedule: Schedule::new(&self.lookups, setup, Arc::clone(&ids)),
            ids,
            nearness: Nearness::Ring,
            wanted: 1,
        }
    }

    /// Runs the scenario.
    pub fn run(&self, setup: &Setup) -> Record {
        let ids = self.ids(setup);
        let (rules, mut birth) = Rules::new(self, setup, Arc::clone(&ids));
        let rules = Arc::new(rules);
        let plan = self.asked(setup, ids);
        let spawn = |me| Peer::new(me, Arc::clone(&rules), &mut birth);
        let mut record = measure(setup, &plan, spawn);
        self.remark(&mut record);
        record
    }

    /// Adds what a reader of the record has to know.
    pub fn remark(&self, record: &mut Record) {
        if matches!(self.start, Start::Converged {}) {
            let note = "peers that are up at the start have the tables of a correct ring";
            record.notes.push(note.to_owned());
        }
    }
}
