//! [`Table`]: whom a node knows, in buckets by distance, most recently active first.
//!
//! Ours beside that of [`kademlia`](crate::protocols::kademlia) because what matters to an attacker is
//! what go-ethereum makes of it: the heads of buckets are dialled, and entries have an age.

use super::enode::Enode;
use crate::protocols::dht::Id;
use crate::random::Draw;
use crate::time::{Duration, Instant};
use rand::Rng;

/// Entries of a bucket (`bucketSize`).
pub const BUCKET: usize = 16;

/// At most so many nodes of one /24 (`bucketIPLimit`, `tableIPLimit`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// In a bucket, with its replacements.
    pub bucket: usize,
    /// In the table.
    pub table: usize,
}

/// What tables are like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shape {
    /// How many buckets there are; the last takes all that is closer (`nBuckets`).
    pub buckets: usize,
    /// How many wait for a place in each (`maxReplacements`).
    pub replacements: usize,
    /// Limits on addresses, if there are any. Every host of ours is in a /24 of its own.
    pub limits: Option<Limits>,
}

/// What became of a node that was to be added.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Added {
    /// It is the head of its bucket.
    Yes,
    /// The bucket is full, and this is the entry that was active longest ago.
    Full(Enode),
    /// Too many of its /24 are there.
    Limited,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    node: Enode,
    id: Id,
    /// Since when it is here.
    since: Instant,
}

#[derive(Clone, Default, Debug)]
struct Bucket {
    /// Most recently active first.
    entries: Vec<Entry>,
    /// Most recent first.
    replacements: Vec<(Enode, Id)>,
}

impl Bucket {
    fn of_host(&self, node: Enode) -> usize {
        let entries = self.entries.iter().map(|entry| entry.node);
        let all = entries.chain(self.replacements.iter().map(|&(other, _)| other));
        all.filter(|other| other.host == node.host).count()
    }

    fn holds(&self, node: Enode) -> bool {
        self.entries.iter().any(|entry| entry.node == node)
    }

    fn is_waiting(&self, node: Enode) -> bool {
        self.replacements.iter().any(|&(other, _)| other == node)
    }
}

/// The table of a node.
#[derive(Clone, Debug)]
pub struct Table {
    own: Id,
    shape: Shape,
    buckets: Vec<Bucket>,
}

impl Table {
    /// The empty table of the node with this identifier.
    pub fn new(own: Id, shape: Shape) -> Self {
        Self {
            own,
            shape,
            buckets: vec![Bucket::default(); shape.buckets],
        }
    }

    /// Forgets everybody.
    pub fn clear(&mut self) {
        for bucket in &mut self.buckets {
            bucket.entries.clear();
            bucket.replacements.clear();
        }
    }

    /// Which bucket an identifier belongs to.
    pub fn bucket(&self, id: Id) -> usize {
        let common = self.own.xor(id).leading_zeros() as usize;
        common.min(self.shape.buckets - 1)
    }

    /// A node with this identifier has shown that it is alive.
    pub fn add(&mut self, node: Enode, id: Id, now: Instant) -> Added {
        let at = self.bucket(id);
        if self.bump(at, node) {
            return Added::Yes;
        }
        let bucket = &self.buckets[at];
        if let Some(limits) = self.shape.limits {
            let in_table: usize = self.buckets.iter().map(|one| one.of_host(node)).sum();
            let too_many = bucket.of_host(node) >= limits.bucket || in_table >= limits.table;
            if too_many && !bucket.is_waiting(node) {
                return Added::Limited;
            }
        }
        let bucket = &mut self.buckets[at];
        if let Some(oldest) = bucket.entries.get(BUCKET - 1) {
            let oldest = oldest.node;
            if self.shape.replacements > 0 && !bucket.is_waiting(node) {
                bucket.replacements.truncate(self.shape.replacements - 1);
                bucket.replacements.insert(0, (node, id));
            }
            return Added::Full(oldest);
        }
        bucket.replacements.retain(|&(other, _)| other != node);
        let since = now;
        bucket.entries.insert(0, Entry { node, id, since });
        Added::Yes
    }

    /// Moves a node to the head of its bucket, if it is there.
    fn bump(&mut self, bucket: usize, node: Enode) -> bool {
        let entries = &mut self.buckets[bucket].entries;
        let at = entries.iter().position(|entry| entry.node == node);
        if let Some(at) = at {
            entries[..=at].rotate_right(1);
        }
        at.is_some()
    }

    /// Removes a node; nobody takes its place.
    pub fn remove(&mut self, node: Enode, id: Id) {
        let bucket = self.bucket(id);
        let entries = &mut self.buckets[bucket].entries;
        entries.retain(|entry| entry.node != node);
    }

    /// Puts `new` in the place of `old`, if that is still the last of their bucket.
    pub fn replace(&mut self, old: (Enode, Id), new: (Enode, Id), now: Instant) {
        let at = self.bucket(old.1);
        let bucket = &mut self.buckets[at];
        let is_last = bucket.entries.last().is_some_and(|last| last.node == old.0);
        if is_last && !bucket.holds(new.0) {
            bucket.entries.pop();
            let (node, id) = new;
            let since = now;
            bucket.entries.insert(0, Entry { node, id, since });
        }
    }

    /// A check has failed: a random replacement has the place, if `old` is still the last of its bucket
    /// (`replace`).
    pub fn failed(&mut self, old: Enode, id: Id, now: Instant, rng: &mut impl Rng) {
        let at = self.bucket(id);
        let bucket = &mut self.buckets[at];
        if bucket.entries.last().is_none_or(|last| last.node != old) {
            return;
        }
        bucket.entries.pop();
        if !bucket.replacements.is_empty() {
            let chosen = rng.index(bucket.replacements.len());
            let (node, id) = bucket.replacements.remove(chosen);
            let since = now;
            bucket.entries.push(Entry { node, id, since });
        }
    }

    /// The last node of a random bucket that is not empty.
    pub fn to_check(&self, rng: &mut impl Rng) -> Option<Enode> {
        let filled = self.buckets.iter().filter_map(|one| one.entries.last());
        let filled: Vec<Enode> = filled.map(|entry| entry.node).collect();
        rng.choose(&filled).copied()
    }

    /// `count` nodes for dialling: of all buckets in random order the heads, then the second ones, and so
    /// on (`ReadRandomNodes`).
    pub fn random(&self, count: usize, rng: &mut impl Rng) -> Vec<Enode> {
        let mut buckets: Vec<&[Entry]> = self.buckets.iter().map(|one| &one.entries[..]).collect();
        buckets.retain(|entries| !entries.is_empty());
        rng.shuffle(&mut buckets);
        let mut found = Vec::with_capacity(count);
        for depth in 0..BUCKET {
            let level = buckets.iter().filter_map(|entries| entries.get(depth));
            found.extend(level.map(|entry| entry.node).take(count - found.len()));
            if found.len() == count {
                break;
            }
        }
        found
    }

    /// The `count` nodes closest to a target with their identifiers, closest first.
    pub fn closest(&self, target: Id, count: usize) -> Vec<(Enode, Id)> {
        let entries = self.buckets.iter().flat_map(|bucket| &bucket.entries);
        let mut all: Vec<(u64, Enode)> = entries
            .map(|entry| (target.xor(entry.id), entry.node))
            .collect();
        if all.len() > count {
            all.select_nth_unstable(count);
            all.truncate(count);
        }
        all.sort_unstable();
        let back = all
            .into_iter()
            .map(|(far, node)| (node, Id(target.0 ^ far)));
        back.collect()
    }

    /// Everybody in it, but for replacements.
    pub fn nodes(&self) -> impl Iterator<Item = Enode> + '_ {
        let entries = self.buckets.iter().flat_map(|bucket| &bucket.entries);
        entries.map(|entry| entry.node)
    }

    /// Who has been in it for so long.
    pub fn since(&self, long: Duration, now: Instant) -> impl Iterator<Item = Enode> + '_ {
        let entries = self.buckets.iter().flat_map(|bucket| &bucket.entries);
        let old = entries.filter(move |entry| now.saturating_since(entry.since) >= long);
        old.map(|entry| entry.node)
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.buckets.iter().all(|bucket| bucket.entries.is_empty())
    }
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
