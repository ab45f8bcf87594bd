//! The network of a run: who knows what when it starts, who finds blocks, and the run without an
//! attack.

use super::address::{Address, AddressBook, AttackPlan, Stamp};
use super::addrman::AddrMan;
use super::addrman::pre_age::PreAge;
use super::config::Bitcoin;
use super::metrics::{Followed, measure};
use super::node::{Full, Node, Shared};
use super::seed::Seed;
use super::workload::Work;
use crate::engine::{Protocol, Setup, World};
use crate::observe::ages::Watch;
use crate::observe::congestion;
use crate::observe::record::Record;
use crate::peer::PeerId;
use crate::random::{Draw, PeerRng, Purpose, Streams};
use rand::Rng;
use std::sync::Arc;

/// Dead addresses in circulation per honest peer. At any time most gossiped addresses do not
/// answer: of `tried` of real nodes 72 to 81 % (Heilman et al., table 1).
const DEAD_PER_PEER: u32 = 10;

/// The state all peers are born with, a pure function of the seed.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What all nodes share.
    pub shared: Arc<Shared>,
    streams: Streams,
    seed: Seed,
}

impl Plan {
    /// The plan of a run: the class `peers` are honest nodes, then come the attack's machines, then
    /// the DNS seeds.
    ///
    /// # Panics
    /// If the setup has other classes, or the attack more addresses than there are (scenarios are
    /// checked before).
    pub fn new(config: &Bitcoin, attack: AttackPlan, setup: &Setup) -> Self {
        let class = |name: &str| {
            let class = setup
                .population
                .classes()
                .iter()
                .find(|class| class.name == name);
            class.map_or(0, |class| class.count)
        };
        let honest = class("peers");
        let seeds = class("dns-seeds");
        let key = setup.streams.key(Purpose::Places);
        let book = AddressBook::new(key, honest, attack).expect("an address plan that fits");
        let book = if setup.churn.moves() {
            book.changing().expect("addresses enough")
        } else {
            book
        };
        let first_seed = honest + attack.peers;
        let mut rng = setup.streams.chacha(Purpose::Birth, 0);
        // A crawl reaches most of those that let callers in: four of five, our choice.
        let crawled = rng.sample_indices(honest as usize, (honest as usize * 4).div_ceil(5));
        let crawled = crawled.into_iter().map(|peer| PeerId(peer as u32));
        let reach = setup.network.reach();
        let is_open = |peer: &PeerId| reach.is_none_or(|reach| reach.is_open(*peer));
        let crawl = crawled
            .filter(&is_open)
            .map(|peer| book.honest_address(peer));
        let crawl: Arc<[Address]> = crawl.collect();
        let mut rng = setup.streams.chacha(Purpose::Birth, 1);
        let open: Arc<[PeerId]> = (0..honest).map(PeerId).filter(is_open).collect();
        let fixed = rng.sample_indices(open.len(), config.fixed_seeds as usize);
        let fixed_seeds = fixed.into_iter().map(|at| book.honest_address(open[at]));
        let fixed_seeds = fixed_seeds.collect();
        let config = config.clone();
        let shared = Shared {
            fixed_seeds,
            profile: config.profile(),
            config,
            book,
            seeds: first_seed..first_seed + seeds,
        };
        Self {
            shared: Arc::new(shared),
            streams: setup.streams.clone(),
            seed: Seed::new(crawl, book, &open, setup),
        }
    }

    /// An honest peer's address manager, aged as `tables` says.
    pub fn aged(&self, peer: PeerId, tables: &PreAge) -> AddrMan {
        let mut rng = self.streams.peer(Purpose::Birth, 0, peer.0);
        let mut known = AddrMan::new(self.shared.profile.rules, rng.next_u64());
        let book = self.shared.book;
        let honest = book.honest();
        let online =
            move |rng: &mut PeerRng| book.honest_address(PeerId(rng.below(honest.into()) as u32));
        let dead = u64::from(honest) * u64::from(DEAD_PER_PEER);
        let dead = dead.max(4 * u64::from(tables.new));
        let offline = move |rng: &mut PeerRng| book.dead_address(rng.below(dead) as u32);
        known.pre_age(tables, online, offline, Stamp::START, &mut rng);
        known
    }

    /// A peer of the honest network, with the ordinary tables if it is a node.
    pub fn spawn(&self, peer: PeerId) -> Node {
        if self.shared.seeds.contains(&peer.0) {
            return Node::Seed(Box::new(self.seed.clone()));
        }
        self.node(peer, &self.shared.config.stored)
    }

    /// A node with these tables.
    pub fn node(&self, peer: PeerId, tables: &PreAge) -> Node {
        let address = self.shared.book.honest_address(peer);
        let known = self.aged(peer, tables);
        let shared = Arc::clone(&self.shared);
        let added = self.added(peer);
        Node::Full(Box::new(Full::new(shared, address, known, added)))
    }

    /// Who is on a peer's command line.
    fn added(&self, peer: PeerId) -> Box<[Address]> {
        let book = self.shared.book;
        let count = self.shared.config.add_nodes.min(book.honest() - 1);
        let mut rng = self
            .streams
            .chacha(Purpose::Birth, 1 << 32 | u64::from(peer.0));
        let chosen = rng.sample_indices(book.honest() as usize - 1, count as usize);
        // All but the peer itself.
        let other = |at: usize| PeerId(at as u32 + u32::from(at >= peer.index()));
        let chosen = chosen.into_iter().map(|at| book.honest_address(other(at)));
        chosen.collect()
    }
}

/// Whether somebody answers at an address now: a peer that is up and has not moved; `full` is the node in
/// a peer, if it is one.
pub fn answers<P: Protocol>(
    world: &World<P>,
    book: &AddressBook,
    address: Address,
    full: impl Fn(&P) -> Option<&Full>,
) -> bool {
    book.owner(address).is_some_and(|owner| {
        let has_moved = full(world.peer(owner)).is_some_and(|node| node.address() != address);
        world.is_up(owner) && !has_moved
    })
}

/// Runs the network without an attack.
pub fn run(config: &Bitcoin, setup: &Setup) -> Record {
    let plan = Plan::new(config, AttackPlan::default(), setup);
    let honest = plan.shared.book.honest();
    let work = Work::new(config, 0..honest, setup);
    let mut watch = Watch::new(Followed::new(config, honest, setup.phases), setup);
    let mut world = World::new(setup, |peer| plan.spawn(peer), &work);
    let report = world.run(&mut watch);
    let (followed, ages) = watch.done();
    let nodes = world.peers().filter_map(|(_, node)| node.full());
    let mut record = Record {
        digest: report.digest,
        events: report.counts.delivered,
        ..Record::default()
    };
    let answers = |address| answers(&world, &plan.shared.book, address, Node::full);
    measure(&mut record, followed, nodes, answers, &report);
    congestion::measure(&mut record, setup, &report);
    if let Some(ages) = ages {
        ages.measure(setup.phases.end(), &mut record);
    }
    record
}
