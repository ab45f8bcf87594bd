//! [`Database`]: the nodes a node has bonded with, on its disk.

use super::enode::Enode;
use crate::random::Draw;
use crate::time::{Duration, Instant};
use rand::Rng;

/// How long a bond holds (`nodeDBNodeExpiration`).
const BOND: Duration = Duration::from_hours(24);
/// How many seeds are drawn (`seedCount`), in at most five times as many attempts, and how old they may be
/// (`seedMaxAge`).
const SEEDS: usize = 30;
const ATTEMPTS: usize = 5 * SEEDS;
const OLDEST: Duration = Duration::from_hours(5 * 24);

/// What is known of a node.
#[derive(Clone, Copy, Debug)]
struct Seen {
    node: Enode,
    /// When it last answered a ping.
    pong: Instant,
    /// Whether its address is stored, without which it is no seed.
    is_stored: bool,
    /// How many requests in a row it has not answered since.
    fails: u8,
}

/// The nodes a node has heard from.
#[derive(Clone, Default, Debug)]
pub struct Database {
    /// In order of nodes.
    all: Vec<Seen>,
}

impl Database {
    /// A database in which these nodes are stored, who answered at `now`.
    pub fn of(nodes: impl IntoIterator<Item = Enode>, now: Instant) -> Self {
        let mut database = Self::default();
        for node in nodes {
            database.answered(node, now);
            database.store(node);
        }
        database
    }

    fn find(&self, node: Enode) -> Option<&Seen> {
        let at = self.all.binary_search_by_key(&node, |seen| seen.node);
        at.ok().map(|at| &self.all[at])
    }

    fn find_mut(&mut self, node: Enode) -> Option<&mut Seen> {
        let at = self.all.binary_search_by_key(&node, |seen| seen.node);
        at.ok().map(|at| &mut self.all[at])
    }

    /// The node has answered a ping (`updateLastPong`).
    pub fn answered(&mut self, node: Enode, now: Instant) {
        match self.all.binary_search_by_key(&node, |seen| seen.node) {
            Ok(at) => self.all[at].pong = now,
            Err(at) => self.all.insert(
                at,
                Seen {
                    node,
                    pong: now,
                    is_stored: false,
                    fails: 0,
                },
            ),
        }
    }

    /// Its address is stored (`updateNode`); it has answered before.
    pub fn store(&mut self, node: Enode) {
        if let Some(seen) = self.find_mut(node) {
            seen.is_stored = true;
        }
    }

    /// Whether its address is stored.
    pub fn is_stored(&self, node: Enode) -> bool {
        self.find(node).is_some_and(|seen| seen.is_stored)
    }

    /// Whether it answered a ping within a day.
    pub fn is_bonded(&self, node: Enode, now: Instant) -> bool {
        let seen = self.find(node);
        seen.is_some_and(|seen| now.saturating_since(seen.pong) <= BOND)
    }

    /// Whether it has to answer a ping before it is taken for alive.
    pub fn is_doubtful(&self, node: Enode, now: Instant) -> bool {
        let fails = self.find(node).is_some_and(|seen| seen.fails > 0);
        fails || !self.is_bonded(node, now)
    }

    /// It has not answered a request: how often in a row now.
    pub fn failed(&mut self, node: Enode) -> u8 {
        let Some(seen) = self.find_mut(node) else {
            return 0;
        };
        seen.fails = seen.fails.saturating_add(1);
        seen.fails
    }

    /// It counts as alive again.
    pub fn forgive(&mut self, node: Enode) {
        if let Some(seen) = self.find_mut(node) {
            seen.fails = 0;
        }
    }

    /// Nodes to begin with: from random places in the order of `public` keys the next one, the first byte
    /// of the place going up by at most 15 each time (`querySeeds`).
    pub fn seeds(
        &self,
        now: Instant,
        public: impl Fn(Enode) -> u64,
        rng: &mut impl Rng,
    ) -> Vec<Enode> {
        let stored = self.all.iter().filter(|seen| seen.is_stored);
        let mut keys: Vec<(u64, &Seen)> = stored.map(|seen| (public(seen.node), seen)).collect();
        keys.sort_unstable_by_key(|&(key, seen)| (key, seen.node));
        let mut found: Vec<Enode> = Vec::with_capacity(SEEDS);
        let mut first = 0u8;
        for _ in 0..ATTEMPTS {
            if found.len() == SEEDS {
                break;
            }
            let rest = rng.next_u64();
            first = first.wrapping_add(rng.below(16) as u8);
            let place = u64::from(first) << 56 | rest >> 8;
            let next = keys.partition_point(|&(key, _)| key < place);
            let Some(&(_, seen)) = keys.get(next) else {
                first = 0;
                continue;
            };
            let is_old = now.saturating_since(seen.pong) > OLDEST;
            if !is_old && !found.contains(&seen.node) {
                found.push(seen.node);
            }
        }
        found
    }

    /// The nodes that are stored.
    pub fn stored(&self) -> impl Iterator<Item = Enode> + '_ {
        let stored = self.all.iter().filter(|seen| seen.is_stored);
        stored.map(|seen| seen.node)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::PeerId;
    use crate::random::PeerRng;
    use crate::random::hash::mix2;

    fn node(number: u32) -> Enode {
        Enode::of(PeerId(number))
    }

    fn public(node: Enode) -> u64 {
        mix2(7, node.host.0.into())
    }

    #[test]
    fn seeds_are_different_stored_and_not_too_old() {
        let hour = |hours| Instant::ZERO + Duration::from_hours(hours);
        let mut known = Database::of((0..200).map(node), hour(0));
        for fresh in 0..100 {
            known.answered(node(fresh), hour(10));
        }
        known.answered(node(500), hour(10));
        let mut rng = PeerRng::from_state(1);
        let seeds = known.seeds(hour(5 * 24 + 1), public, &mut rng);
        assert!(seeds.len() > 20 && seeds.len() <= SEEDS, "{}", seeds.len());
        let mut different = seeds.clone();
        different.sort_unstable();
        different.dedup();
        assert_eq!(different.len(), seeds.len());
        assert!(seeds.iter().all(|seed| seed.host.0 < 100));
        assert!(known.seeds(hour(6 * 24), public, &mut rng).is_empty());
    }

    /// With one in ten stored nodes of a kind, one in ten seeds is: places are uniform.
    #[test]
    fn seeds_are_a_fair_sample() {
        let known = Database::of((0..400).map(node), Instant::ZERO);
        let mut rng = PeerRng::from_state(3);
        let (mut marked, mut all) = (0, 0);
        for round in 0..400 {
            // Another order of keys each time: a fixed one favours whoever stands after a gap.
            let public = |node: Enode| mix2(round, node.host.0.into());
            let seeds = known.seeds(Instant::ZERO, public, &mut rng);
            all += seeds.len();
            marked += seeds.iter().filter(|seed| seed.host.0 < 40).count();
        }
        let share = marked as f64 / all as f64;
        // Three standard errors of 12 000 seeds.
        assert!(
            (share - 0.1).abs() < 3.0 * (0.09f64 / 12e3).sqrt(),
            "{share}"
        );
    }

    #[test]
    fn a_bond_lasts_a_day_and_doubt_until_it_is_forgiven() {
        let at = |hours| Instant::ZERO + Duration::from_hours(hours);
        let mut known = Database::of([node(1)], at(0));
        assert!(known.is_bonded(node(1), at(24)) && !known.is_bonded(node(1), at(25)));
        assert!(known.is_doubtful(node(2), at(0)) && !known.is_doubtful(node(1), at(1)));
        assert_eq!([known.failed(node(1)), known.failed(node(1))], [1, 2]);
        assert!(known.is_doubtful(node(1), at(1)));
        known.forgive(node(1));
        assert!(!known.is_doubtful(node(1), at(1)));
    }
}
