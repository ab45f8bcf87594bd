//! An attacked run of any hash table.

use super::config::{Entry, Place, Sybil};
use super::overlay::Overlay;
use super::peer::Suspect;
use super::plot::{Plot, place};
use super::spy::Spy;
use crate::engine::Setup;
use crate::observe::record::Record;
use crate::peer::PeerId;
use crate::protocols::chord::{Chord, Peer, Rules};
use crate::protocols::dht::{Ids, Nearness, Plan, measure_beside};
use crate::protocols::kademlia::{Kademlia, Node};
use std::sync::Arc;

/// A network before its run.
pub struct Cast<P> {
    /// What is asked of it.
    pub plan: Plan,
    /// How many contacts an answer names.
    pub named: usize,
    /// Makes its peers, in order of number.
    pub spawn: Box<dyn FnMut(PeerId) -> P>,
}

/// A configured hash table as a target.
pub trait Target {
    /// Its peers.
    type Peer: Overlay;

    /// What "close to a key" means.
    const NEARNESS: Nearness;

    /// All identifiers of a run, if the attacker's were as everybody's.
    fn ids(&self, setup: &Setup) -> Arc<Ids>;

    /// The leading bits of an identifier's hash that have to be zero.
    fn puzzle(&self) -> u8;

    /// A network with these identifiers.
    fn cast(&self, setup: &Setup, ids: Arc<Ids>) -> Cast<Self::Peer>;

    /// Adds what a reader of the record has to know.
    fn remark(&self, record: &mut Record);
}

impl Target for Kademlia {
    type Peer = Node;
    const NEARNESS: Nearness = Nearness::Xor;

    fn ids(&self, setup: &Setup) -> Arc<Ids> {
        self.ids(setup)
    }

    fn puzzle(&self) -> u8 {
        self.s_kademlia.map_or(0, |s| s.puzzle)
    }

    fn cast(&self, setup: &Setup, ids: Arc<Ids>) -> Cast<Node> {
        let run = self.plan_for(setup, ids);
        let plan = self.asked(setup, &run);
        let (named, setup) = (run.rules.shape.k, setup.clone());
        Cast {
            plan,
            named,
            spawn: Box::new(move |peer| Self::spawn(&run, &setup, peer)),
        }
    }

    fn remark(&self, record: &mut Record) {
        self.remark(record);
    }
}

impl Target for Chord {
    type Peer = Peer;
    const NEARNESS: Nearness = Nearness::Ring;

    fn ids(&self, setup: &Setup) -> Arc<Ids> {
        self.ids(setup)
    }

    fn puzzle(&self) -> u8 {
        0
    }

    fn cast(&self, setup: &Setup, ids: Arc<Ids>) -> Cast<Peer> {
        let (rules, mut birth) = Rules::new(self, setup, Arc::clone(&ids));
        let named = usize::from(rules.numbers.successors);
        let rules = Arc::new(rules);
        Cast {
            plan: self.asked(setup, ids),
            named,
            spawn: Box::new(move |me| Peer::new(me, Arc::clone(&rules), &mut birth)),
        }
    }

    fn remark(&self, record: &mut Record) {
        self.remark(record);
    }
}

/// Runs an attack on a hash table: first its metrics, then those of the table.
pub fn run<T: Target>(target: &T, attack: &Sybil, setup: &Setup) -> Record {
    let (plan, plot, mut spawn) = prepare(target, attack, setup);
    let ids = Arc::clone(&plan.ids);
    let mut spy = Spy::new(Arc::clone(&plot), ids, plan.wanted, setup.phases);
    let mut table = measure_beside(setup, &plan, &mut spawn, &mut spy);
    let mut record = Record::default();
    let count = f64::from(plot.count());
    let hashes = match attack.place {
        Place::Key(near) => near.hashes as f64,
        Place::Uniform {} => count * crate::math::pow(2.0, f64::from(target.puzzle())),
    };
    spy.finish(hashes, &mut record);
    table.observations.splice(0..0, record.observations);
    table.series.extend(record.series);
    target.remark(&mut table);
    if attack.entry == Entry::Born && plot.count() > 0 {
        let note = "the attacker's peers are in the tables that others are born with";
        table.notes.push(note.to_owned());
    }
    table
}

/// A run before it is made: what is asked, the attacker's plan, and the peers in order of number.
pub fn prepare<T: Target>(
    target: &T,
    attack: &Sybil,
    setup: &Setup,
) -> (Plan, Arc<Plot>, impl FnMut(PeerId) -> Suspect<T::Peer>) {
    let ids = target.ids(setup);
    let ids = place(attack, &ids, target.puzzle(), T::NEARNESS, setup);
    let ids = Arc::new(ids);
    let Cast {
        plan,
        named,
        mut spawn,
    } = target.cast(setup, Arc::clone(&ids));
    let plot = Arc::new(Plot::new(attack, ids, T::NEARNESS, named));
    let own = Arc::clone(&plot);
    let spawn = move |me| {
        let peer = spawn(me);
        if own.is_own(me) {
            Suspect::attacker(peer, Arc::clone(&own), me)
        } else {
            Suspect::honest(peer)
        }
    };
    (plan, plot, spawn)
}
