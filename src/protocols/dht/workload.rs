//! [`Schedule`]: which peer looks up what, and when.

use super::config::{Keys, Lookups, Start};
use super::id::Id;
use super::ids::{Contact, Ids};
use super::interface::{Command, What};
use crate::engine::{Setup, Workload};
use crate::math::pow;
use crate::peer::PeerId;
use crate::random::{Draw, Purpose};
use crate::time::{Duration, Instant};
use rand_chacha::ChaCha8Rng;
use std::sync::Arc;

/// Puts first, if there are values, then finds or gets; numbered from 0, each at a random honest
/// peer, up or down.
#[derive(Clone, Debug)]
pub struct Schedule {
    plan: Arc<Plan>,
    rng: ChaCha8Rng,
    next: u32,
    at: Instant,
    /// The lookup that comes after the next put, if it is drawn already.
    ahead: Option<(Instant, PeerId, Command)>,
    lookups: u32,
    put: u32,
}

/// What the schedule is made from.
#[derive(Debug)]
struct Plan {
    rng: ChaCha8Rng,
    start: Start,
    keys: Keys,
    ids: Arc<Ids>,
    /// When puts begin, and how long they go on.
    puts: (Instant, Duration),
    /// How many values there are, zero for none.
    values: u32,
    from: Instant,
    to: Instant,
    /// The honest peers are the first.
    peers: u32,
    /// The weights of the keys, added up, if they differ.
    zipf: Vec<f64>,
}

impl Schedule {
    /// What `lookups` asks in the run of `setup`.
    pub fn new(lookups: &Lookups, setup: &Setup, ids: Arc<Ids>) -> Self {
        let phases = setup.phases;
        let from = if lookups.during_warm_up {
            phases.warm_from()
        } else {
            phases.measure_from()
        };
        let values = lookups.values.map_or(0, |values| values.count);
        let over = lookups.values.map_or(Duration::ZERO, |values| values.over);
        let zipf = match lookups.keys {
            Keys::Zipf(zipf) => {
                let mut sum = 0.0;
                let weights = (1..=zipf.count.unwrap_or(values)).map(|rank| {
                    sum += pow(f64::from(rank), -zipf.exponent);
                    sum
                });
                weights.collect()
            }
            Keys::Uniform {} | Keys::Peers {} => Vec::new(),
        };
        Self::from(Arc::new(Plan {
            rng: setup.streams.chacha(Purpose::Workload, 0),
            start: lookups.start,
            keys: lookups.keys,
            ids,
            puts: (phases.warm_from(), over),
            values,
            from,
            to: phases.measure_to(),
            peers: setup.population.classes().first().map_or(0, |c| c.count),
            zipf,
        }))
    }

    fn from(plan: Arc<Plan>) -> Self {
        let (rng, at) = (plan.rng.clone(), plan.from);
        Self {
            plan,
            rng,
            next: 0,
            at,
            ahead: None,
            lookups: 0,
            put: 0,
        }
    }

    /// How many lookups are due in `[from, to)`, values not counted: walks a copy.
    pub fn count(&self, from: Instant, to: Instant) -> u64 {
        let mut copy = Self::from(Arc::clone(&self.plan));
        let all = std::iter::from_fn(|| copy.next());
        let due =
            all.filter(|(at, _, command)| from <= *at && *at < to && command.what != What::Put);
        due.count() as u64
    }

    /// The keys of the stored values.
    pub fn values(&self) -> impl Iterator<Item = Id> + '_ {
        (0..self.plan.values).map(|number| self.plan.ids.key(number))
    }

    fn next_put(&mut self) -> Option<(Instant, PeerId, Command)> {
        let Plan { puts, values, .. } = *self.plan;
        if self.put >= values {
            return None;
        }
        let (start, over) = puts;
        let at = spread(start, over, self.put, values);
        let what = What::Put;
        let key = self.plan.ids.key(self.put);
        Some((
            at,
            PeerId(0),
            Command {
                number: 0,
                what,
                key,
            },
        ))
    }

    fn next_time(&mut self) -> Option<Instant> {
        let Plan {
            start,
            from,
            to,
            peers,
            ..
        } = *self.plan;
        let rate = match start {
            Start::Count(count) => {
                let at = spread(from, to.saturating_since(from), self.lookups, count);
                return (self.lookups < count).then_some(at);
            }
            Start::Rate(rate) => rate.per_second(),
            Start::PerPeer(rate) => rate.per_second() * f64::from(peers),
        };
        let mean = Duration::from_secs_f64(1.0 / rate);
        self.at = self.at.saturating_add(self.rng.exp(mean));
        (self.at < to).then_some(self.at)
    }

    fn next_lookup(&mut self) -> Option<(Instant, PeerId, Command)> {
        let at = self.next_time()?;
        self.lookups = self.lookups.checked_add(1)?;
        let peer = self.origin();
        let plan = &self.plan;
        let key = match plan.keys {
            Keys::Uniform {} if plan.values == 0 => Id::random(plan.ids.bits(), &mut self.rng),
            Keys::Uniform {} => plan.ids.key(self.rng.below(u64::from(plan.values)) as u32),
            Keys::Zipf(_) => {
                let total = plan.zipf.last().copied().unwrap_or(0.0);
                let place = self.rng.unit() * total;
                let rank = plan.zipf.partition_point(|&sum| sum <= place);
                plan.ids.key(rank as u32)
            }
            Keys::Peers {} => {
                let peer = self.rng.below(u64::from(plan.peers)) as u32;
                plan.ids.id(Contact::new(PeerId(peer), 0))
            }
        };
        let what = if plan.values == 0 {
            What::Find
        } else {
            What::Get
        };
        Some((
            at,
            peer,
            Command {
                number: 0,
                what,
                key,
            },
        ))
    }

    fn origin(&mut self) -> PeerId {
        PeerId(self.rng.below(u64::from(self.plan.peers)) as u32)
    }
}

/// The `index`-th of `count` times evenly spaced over `span`.
fn spread(from: Instant, span: Duration, index: u32, count: u32) -> Instant {
    let offset = u128::from(span.as_nanos()) * u128::from(index) / u128::from(count.max(1));
    from.saturating_add(Duration::from_nanos(offset as u64))
}

impl Workload<Command> for Schedule {
    fn next(&mut self) -> Option<(Instant, PeerId, Command)> {
        if self.plan.peers == 0 {
            return None;
        }
        if self.ahead.is_none() {
            self.ahead = self.next_lookup();
        }
        let put = self.next_put();
        let earlier =
            |put: &(Instant, PeerId, Command)| self.ahead.is_none_or(|(at, ..)| put.0 <= at);
        let (at, peer, command) = match put.filter(earlier) {
            Some((at, _, command)) => {
                self.put += 1;
                (at, self.origin(), command)
            }
            None => self.ahead.take()?,
        };
        let number = self.next;
        self.next = number.checked_add(1)?;
        Some((at, peer, Command { number, ..command }))
    }

    fn copy(&self) -> Box<dyn Workload<Command>> {
        Box::new(Self::from(Arc::clone(&self.plan)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::config::{Values, Zipf};
    use super::*;
    use crate::network::Network;
    use crate::quantity::{Quantity, Rate};
    use std::collections::BTreeMap;

    fn schedule(lookups: &Lookups) -> Schedule {
        let network = Network::constant(Duration::from_millis(50));
        let mut setup = Setup::new(50, network, 1, Duration::from_secs(1000));
        setup.phases.warm_up = Duration::from_secs(100);
        let ids = Ids::of(64, 1, &setup);
        Schedule::new(lookups, &setup, Arc::new(ids))
    }
    fn all(mut schedule: impl Workload<Command>) -> Vec<(Instant, PeerId, Command)> {
        std::iter::from_fn(move || schedule.next()).collect()
    }

    #[test]
    fn a_rate_per_peer_is_a_poisson_process_of_all() {
        let lookups = Lookups {
            start: Start::PerPeer(Rate::parse("12 /min").unwrap()),
            ..Lookups::default()
        };
        let all = all(schedule(&lookups));
        // 50 x 0.2 /s x 1000 s = 10 000 expected with a standard deviation of 100; four of them.
        assert!(all.len().abs_diff(10_000) < 400, "{}", all.len());
        assert!(all.is_sorted_by_key(|&(at, ..)| at));
        assert!(
            all.iter()
                .zip(0..)
                .all(|((.., c), i)| c.number == i && c.what == What::Find)
        );
        assert!(all[0].0 >= Instant::ZERO + Duration::from_secs(100));
        let to = Instant::ZERO + Duration::from_secs(600);
        let due = all.iter().filter(|(at, ..)| *at < to).count();
        assert_eq!(schedule(&lookups).count(Instant::ZERO, to), due as u64);
    }

    #[test]
    fn values_are_put_first_and_fetched_by_their_popularity() {
        let lookups = Lookups {
            start: Start::Count(30_000),
            keys: Keys::Zipf(Zipf {
                count: None,
                exponent: 1.0,
            }),
            values: Some(Values {
                count: 3,
                over: Duration::from_secs(90),
            }),
            during_warm_up: false,
        };
        let schedule = schedule(&lookups);
        let keys: Vec<Id> = schedule.values().collect();
        let all = all(schedule);
        for (at, &(time, _, command)) in all[..3].iter().enumerate() {
            assert_eq!(time, Instant::ZERO + Duration::from_secs(30) * at as u64);
            assert_eq!((command.what, command.key), (What::Put, keys[at]));
        }
        let mut counts = BTreeMap::new();
        for (.., command) in &all[3..] {
            assert_eq!(command.what, What::Get);
            *counts.entry(command.key).or_insert(0u32) += 1;
        }
        // In proportion 6 : 3 : 2 of 30 000, standard deviation at most 87; four of them.
        for (key, expected) in keys.iter().zip([16_364u32, 8_182, 5_454]) {
            assert!(counts[key].abs_diff(expected) < 350, "{counts:?}");
        }
    }

    #[test]
    fn peers_are_looked_up_by_their_own_ids_and_a_copy_says_the_same() {
        let lookups = Lookups {
            start: Start::Count(100),
            keys: Keys::Peers {},
            ..Lookups::default()
        };
        let mut one = schedule(&lookups);
        let ids = Arc::clone(&one.plan.ids);
        one.next();
        let mut copy = one.copy();
        let copied: Vec<_> = std::iter::from_fn(|| copy.next()).collect();
        assert_eq!(copied[1..], all(one));
        let known = |key| (0..50).any(|p| ids.id(Contact::new(PeerId(p), 0)) == key);
        assert!(copied.iter().all(|(.., command)| known(command.key)));
    }
}
