//! [`Plot`]: what the attacker has decided before the run, and all of its peers know.

use super::config::{Entry, Place, Routing, Sybil, Values};
use crate::engine::Setup;
use crate::peer::PeerId;
use crate::protocols::dht::{Contact, Id, Ids, Nearness, Strangers};
use crate::random::{Draw, Purpose};
use crate::time::{Duration, Instant};
use rand::Rng;
use std::sync::Arc;

/// The plan, the same for all peers of the attacker.
#[derive(Debug)]
pub struct Plot {
    /// See [`Sybil::routing`].
    pub routing: Routing,
    /// See [`Sybil::values`].
    pub values: Values,
    /// All identifiers: it reads those of contacts it knows.
    pub ids: Arc<Ids>,
    /// What "close" means.
    pub nearness: Nearness,
    /// How many contacts an answer names.
    pub named: usize,
    /// Its own peers, in order of identifiers.
    own: Vec<(Id, Contact)>,
    start: Instant,
    ramp: Duration,
    /// The first of its peers, and how many they are.
    first: PeerId,
    count: u32,
}

impl Plot {
    /// The plan of an attack on those who have `ids`, in which an answer names `named` contacts.
    pub fn new(attack: &Sybil, ids: Arc<Ids>, nearness: Nearness, named: usize) -> Self {
        let first = ids.strangers().first;
        let count = ids.peers() - first.0;
        let own = (first.0..first.0 + count).map(|peer| Contact::new(PeerId(peer), 0));
        let mut own: Vec<_> = own.map(|contact| (ids.id(contact), contact)).collect();
        own.sort_unstable();
        Self {
            routing: attack.routing,
            values: attack.values,
            ids,
            nearness,
            named,
            own,
            start: Instant::ZERO + attack.start,
            ramp: attack.ramp,
            first,
            count,
        }
    }

    /// Whether a peer is the attacker's.
    pub fn is_own(&self, peer: PeerId) -> bool {
        peer >= self.first
    }

    /// How many peers it has.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// When this peer turns.
    pub fn turns(&self, peer: PeerId) -> Instant {
        let at = u128::from(peer.0 - self.first.0) * u128::from(self.ramp.as_nanos());
        let after = at / u128::from(self.count.max(1));
        self.start
            .saturating_add(Duration::from_nanos(after as u64))
    }

    /// How far a contact is from a key.
    pub fn far(&self, key: Id, contact: Contact) -> u64 {
        let id = self.ids.id(contact);
        match self.nearness {
            Nearness::Ring => key.ahead(id),
            Nearness::Xor => key.xor(id),
        }
    }

    /// The attacker's peers that have turned and are closest to a key, without `but`, closest first.
    pub fn closest(&self, key: Id, but: PeerId, now: Instant) -> Vec<Contact> {
        let own = self.own.iter().map(|&(_, contact)| contact);
        let own = own.filter(|own| own.peer() != but && self.turns(own.peer()) <= now);
        let mut own: Vec<Contact> = own.collect();
        if own.len() > self.named {
            own.select_nth_unstable_by_key(self.named, |&contact| self.far(key, contact));
            own.truncate(self.named);
        }
        own.sort_unstable_by_key(|&contact| self.far(key, contact));
        own
    }
}

/// The identifiers of a run under attack: where the attacker's peers are placed.
pub(super) fn place(
    attack: &Sybil,
    ids: &Ids,
    puzzle: u8,
    nearness: Nearness,
    setup: &Setup,
) -> Ids {
    let strangers = Strangers {
        are_born: attack.entry == Entry::Born,
        subnets: attack.subnets,
        ..ids.strangers()
    };
    let count = ids.peers() - strangers.first.0;
    let mut chosen = Vec::new();
    if let Place::Key(near) = attack.place {
        let mut rng = setup.streams.chacha(Purpose::Attack, 0);
        let key = ids.key(near.number);
        let mut distances = nearest(near.hashes >> puzzle, count, &mut rng);
        // Which of its machines has which identifier is nobody's choice.
        rng.shuffle(&mut distances);
        let at = |distance: u64| match nearness {
            Nearness::Ring => key.plus(distance),
            Nearness::Xor => Id(key.0 ^ distance),
        };
        chosen.extend(distances.into_iter().map(at));
    }
    ids.clone().with_strangers(strangers, &chosen)
}

/// How many places there are, 2^64.
const WHOLE: f64 = u64::MAX as f64;

/// The distances of the `count` nearest of so many uniform identifiers, ascending: they come as a Poisson
/// process does.
fn nearest(made: u64, count: u32, rng: &mut impl Rng) -> Vec<u64> {
    // The distances from one to the next, in parts of the whole.
    let apart = WHOLE / made.max(1) as f64;
    let mut at = 0.0;
    let next = |_| {
        at += -crate::math::ln(1.0 - rng.unit()) * apart;
        at as u64
    };
    (0..count).map(next).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Network;
    use crate::peer::Population;

    fn setup(peers: u32, attackers: u32, seed: u64) -> Setup {
        let network = Network::constant(Duration::from_millis(50));
        let mut setup = Setup::new(peers, network, seed, Duration::from_secs(1));
        setup.population = Population::attacked(peers, attackers);
        setup
    }

    /// The nearest of n uniform places is 1/(n + 1) of the whole away, the i-th i times as far.
    #[test]
    fn the_nearest_are_as_near_as_so_many_hashes_make_them() {
        let (made, count, runs) = (10_000u64, 8u32, 2000);
        let mut rng = setup(2, 0, 1).streams.chacha(Purpose::Attack, 0);
        let mut sums = [0.0; 8];
        for _ in 0..runs {
            for (sum, distance) in sums.iter_mut().zip(nearest(made, count, &mut rng)) {
                *sum += distance as f64 / WHOLE * made as f64;
            }
        }
        for (place, sum) in (1u32..).zip(sums) {
            // Gamma: the standard deviation of the i-th is sqrt(i); four of them of the mean of 2000.
            let mean = sum / f64::from(runs);
            let error = (f64::from(place) / f64::from(runs)).sqrt();
            assert!(
                (mean - f64::from(place)).abs() < 4.0 * error,
                "{place}: {mean}"
            );
        }
    }

    #[test]
    fn placed_around_a_key_they_are_nearer_than_all_others() {
        for nearness in [Nearness::Ring, Nearness::Xor] {
            let setup = setup(1000, 20, 3);
            let attack = Sybil {
                place: Place::Key(super::super::Key::default()),
                ..Sybil::default()
            };
            let honest = Ids::of(64, 1, &setup);
            let ids = Arc::new(place(&attack, &honest, 0, nearness, &setup));
            let plot = Plot::new(&attack, Arc::clone(&ids), nearness, 20);
            let key = ids.key(0);
            let mut all: Vec<_> = (0..1020).map(|p| Contact::new(PeerId(p), 0)).collect();
            all.sort_by_key(|&contact| plot.far(key, contact));
            assert!(all[..20].iter().all(|contact| plot.is_own(contact.peer())));
            let named = plot.closest(key, PeerId(0), Instant::ZERO);
            assert_eq!(named, all[..20]);
            let but = plot.closest(key, all[0].peer(), Instant::ZERO);
            assert_eq!(but, all[1..20]);
        }
    }

    #[test]
    fn they_turn_one_after_the_other() {
        let setup = setup(10, 4, 1);
        let attack = Sybil {
            start: Duration::from_secs(100),
            ramp: Duration::from_secs(40),
            ..Sybil::default()
        };
        let ids = Arc::new(Ids::of(64, 1, &setup));
        let plot = Plot::new(&attack, ids, Nearness::Xor, 4);
        let at = |secs| Instant::ZERO + Duration::from_secs(secs);
        assert_eq!([10, 13].map(|p| plot.turns(PeerId(p))), [at(100), at(130)]);
        let named = |secs| plot.closest(Id(0), PeerId(0), at(secs)).len();
        assert_eq!([99, 100, 110, 129, 130].map(named), [0, 1, 2, 3, 4]);
    }
}
