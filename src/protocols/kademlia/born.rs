//! [`Born`]: what a peer knows before it has heard from anybody.

use super::config::{Kademlia, Start};
use super::rules::Rules;
use super::table::Table;
use crate::engine::Setup;
use crate::peer::PeerId;
use crate::protocols::dht::{Contact, Id};
use crate::random::hash::mix3;
use crate::random::{Draw, PeerRng, Purpose};
use crate::time::{Duration, Instant};

/// Tables of a network that has long stood, or the addresses of a few others.
#[derive(Debug)]
pub struct Born {
    /// Everybody who is up at the start, in order of identifiers, if tables are filled.
    members: Vec<(Id, Contact)>,
    /// Peers in the order in which they join, and the place of each: first those up at the start.
    order: Vec<PeerId>,
    place: Vec<u32>,
    /// How many are up at the start.
    up: u32,
    key: u64,
    /// When the last of those joins.
    joined: Option<Duration>,
}

impl Born {
    /// What the peers of a run are born with.
    pub fn new(config: &Kademlia, setup: &Setup, rules: &Rules) -> Self {
        let all: Vec<(PeerId, u16, u32)> = setup.population.iter().collect();
        let is_up = |&(peer, class, index): &(PeerId, u16, u32)| {
            let mut rng = setup.streams.peer(Purpose::Churn, class, index);
            setup.churn.initial(peer, &mut rng).0
        };
        let (mut order, mut others) = (Vec::with_capacity(all.len()), Vec::new());
        for one in &all {
            if !rules.ids.is_born(one.0) {
                others.push(one.0);
            } else if setup.churn.is_none() || is_up(one) {
                order.push(one.0);
            } else {
                others.push(one.0);
            }
        }
        let up = order.len() as u32;
        let converged = config.start == Start::Converged;
        let mut members = Vec::new();
        if converged {
            let contact = |&peer: &PeerId| {
                let contact = Contact::new(peer, 0);
                (rules.ids.id(contact), contact)
            };
            members = order.iter().map(contact).collect();
            members.sort_unstable();
        } else {
            let mut rng = setup.streams.chacha(Purpose::Birth, 1 << 52);
            rng.shuffle(&mut order);
        }
        order.extend(others);
        let mut place = vec![0; all.len()];
        for (at, peer) in (0..).zip(&order) {
            place[peer.index()] = at;
        }
        Self {
            members,
            order,
            place,
            up,
            key: setup.streams.key(Purpose::Birth),
            joined: (!converged).then_some(setup.phases.bootstrap),
        }
    }

    /// How long after the start of the run a peer that is up then waits before it joins; nothing if it
    /// has long joined.
    pub fn joins_after(&self, peer: PeerId) -> Option<Duration> {
        let place = self.place[peer.index()];
        let span = self.joined.filter(|_| place < self.up)?;
        let nanos = u128::from(span.as_nanos()) * u128::from(place) / u128::from(self.up.max(1));
        Some(Duration::from_nanos(nanos as u64))
    }

    /// The addresses a peer knows without a table: of random others that come before it, as it has
    /// been told with the program.
    pub fn friends(&self, peer: PeerId, count: usize) -> Vec<PeerId> {
        let before = u64::from(self.place[peer.index()]);
        let mut friends: Vec<PeerId> = Vec::with_capacity(count);
        for draw in 0..count as u64 {
            if before == 0 {
                break;
            }
            let hash = mix3(self.key, u64::from(peer.0), draw);
            let place = (u128::from(hash) * u128::from(before)) >> 64;
            friends.push(self.order[place as usize]);
        }
        friends.sort_unstable();
        friends.dedup();
        friends
    }

    /// The table of a peer that is up at the start: of each range that a bucket is for everybody, if
    /// there are no more than k, else k at random, in random order.
    pub fn table(&self, rules: &Rules, me: Contact, rng: &mut PeerRng) -> Table {
        let own = rules.ids.id(me);
        let shape = &rules.shape;
        let mut lists: Vec<(usize, Contact)> = Vec::with_capacity(16 * shape.k);
        let mut range = &self.members[..];
        for bucket in 0..shape.buckets {
            if range.len() < 2 {
                break;
            }
            let bit = 1u64 << (63 - bucket);
            let (low, high) = range.split_at(range.partition_point(|(id, _)| id.0 & bit == 0));
            let (mine, other) = if own.0 & bit == 0 {
                (low, high)
            } else {
                (high, low)
            };
            let start = lists.len();
            if bucket + 1 == shape.buckets {
                let others = range.iter().filter(|&&(_, contact)| contact != me);
                let others: Vec<_> = others.copied().collect();
                sample(&others, shape.k, bucket, rng, &mut lists);
            } else {
                sample(other, shape.k, bucket, rng, &mut lists);
            }
            if let Some(limits) = rules.limits {
                for (_, contact) in lists.split_off(start) {
                    let subnet = rules.subnet(contact);
                    let same = |others: &[(usize, Contact)]| {
                        let others = others.iter();
                        others
                            .filter(|&&(_, other)| rules.subnet(other) == subnet)
                            .count()
                    };
                    if same(&lists[start..]) < usize::from(limits.bucket)
                        && same(&lists) < usize::from(limits.table)
                    {
                        lists.push((bucket, contact));
                    }
                }
            }
            range = mine;
        }
        Table::filled(shape, lists.iter().copied(), Rules::seconds(Instant::ZERO))
    }

    /// The `count` members closest to `me`, nearest first.
    pub fn nearest(&self, me: (Id, Contact), count: usize) -> Vec<Contact> {
        let at = self.members.partition_point(|member| *member < me);
        // Those who share a prefix are neighbours: enough on both sides hold all that are closest.
        let (mut low, mut high) = (at, (at + 1).min(self.members.len()));
        let mut bits = 64;
        while high - low <= count && bits > 0 {
            bits -= 1;
            let rest = u64::MAX.checked_shr(bits).unwrap_or(0);
            let (first, last) = (me.0.0 & !rest, me.0.0 | rest);
            low = self.members.partition_point(|(id, _)| id.0 < first);
            high = self.members.partition_point(|(id, _)| id.0 <= last);
        }
        let mut near: Vec<_> = self.members[low..high]
            .iter()
            .filter(|member| **member != me)
            .collect();
        near.sort_unstable_by_key(|(id, _)| id.xor(me.0));
        near.truncate(count);
        near.into_iter().map(|&(_, contact)| contact).collect()
    }

    /// Whether a peer has a table at the start.
    pub fn has_table(&self, peer: PeerId) -> bool {
        self.joined.is_none() && self.place[peer.index()] < self.up
    }
}

/// Adds `count` of the members at random, all in random order if there are no more.
fn sample(
    members: &[(Id, Contact)],
    count: usize,
    bucket: usize,
    rng: &mut PeerRng,
    lists: &mut Vec<(usize, Contact)>,
) {
    let start = lists.len();
    if members.len() < 2 * count {
        lists.extend(members.iter().map(|&(_, contact)| (bucket, contact)));
        let own = &mut lists[start..];
        for at in 0..count.min(own.len()) {
            let other = at + rng.index(own.len() - at);
            own.swap(at, other);
        }
        lists.truncate(start + count);
        return;
    }
    while lists.len() < start + count {
        let (_, contact) = members[rng.index(members.len())];
        if !lists[start..].iter().any(|&(_, other)| other == contact) {
            lists.push((bucket, contact));
        }
    }
}
