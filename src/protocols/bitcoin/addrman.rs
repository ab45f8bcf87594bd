//! The address manager: what a node knows of others, and whom it tries next.
//!
//! Two tables of buckets of 64 places: `tried` for addresses one was connected to, `new` for those
//! one has only heard of. Which buckets an address may go to is a keyed hash of its /16 group (in
//! `tried`) or of its group and the group of who sent it (in `new`), so that whoever controls few
//! groups reaches few buckets. The rules are data: [`Rules`].
//!
//! The tables are sparse. A full pair of them has up to 81 920 places, while most nodes know a few
//! hundred addresses: an entry is 20 bytes, a reference 5, the index about 5. Two thousand entries
//! stay below 64 kB; only a node whose tables are full (the victim of an attack) has more.
//!
//! A restart keeps the tables ([`AddrMan::restart`]): that is `peers.dat`.

mod calm;
pub mod closed_forms;
mod collisions;
mod entry;
mod index;
pub mod pre_age;
pub mod rules;
mod slots;
mod statistics;
#[cfg(test)]
mod tests;

use super::address::{Address, Group, Stamp};
use crate::random::Draw;
use crate::random::hash::mix3;
use crate::time::Duration;
use calm::Calm;
use collisions::Collision;
use entry::{Entry, Id};
use index::Index;
use rules::{Placement, Rules, Selection};
use slots::{Slots, make_room};
pub use statistics::Known;

/// One of the two tables.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Table {
    /// Addresses one was connected to.
    Tried,
    /// Addresses one has only heard of.
    New,
}

/// An address manager.
#[derive(Clone, Debug)]
pub struct AddrMan {
    rules: Rules,
    key: u64,
    entries: Vec<Entry>,
    /// The first free place in `entries`; the next one is in its `address`.
    free: u32,
    index: Index,
    tried: Slots,
    new: Slots,
    /// How many different addresses are in `new`.
    unique_new: u32,
    calm: Calm,
    /// Who waits to enter `tried`; empty without [`Rules::test_before_evict`].
    collisions: Vec<Collision>,
}

const NO_PLACE: u32 = u32::MAX;

/// What a hash is for; part of its input.
#[derive(Clone, Copy)]
#[repr(u64)]
enum Hash {
    TriedShare = 1 << 40,
    TriedBucket = 2 << 40,
    NewShare = 3 << 40,
    NewBucket = 4 << 40,
    TriedPosition = 5 << 40,
    NewPosition = 6 << 40,
}

impl AddrMan {
    /// An empty manager. `key` is its secret (`nKey`), from the peer's own random stream.
    pub fn new(rules: Rules, key: u64) -> Self {
        Self {
            key,
            entries: Vec::new(),
            free: NO_PLACE,
            index: Index::default(),
            tried: Slots::new(rules.tried_buckets),
            new: Slots::new(rules.new_buckets),
            rules,
            unique_new: 0,
            calm: Calm::default(),
            collisions: Vec::new(),
        }
    }

    /// The rules it follows.
    pub const fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Hears of an address from `source` with the time stamp `seen`, which is made older by
    /// `penalty` (two hours for relayed addresses, [`Rules::RELAY_PENALTY`]; none for one's own
    /// peers). Whether the address is new to us and was kept. (`CAddrMan::Add_`.)
    pub fn add(
        &mut self,
        address: Address,
        seen: Stamp,
        source: Address,
        penalty: Duration,
        now: impl Into<Stamp>,
        rng: &mut impl Draw,
    ) -> bool {
        let now = now.into();
        let source = source.group();
        if seen.secs_since(now) > Rules::FUTURE_SECS {
            self.calm.disturbed();
        }
        if let Some(id) = self.find(address) {
            if self.hear_again(id, seen, penalty, now, rng) {
                self.refer(id, source, now, rng);
            }
            return false;
        }
        let id = self.create(Entry {
            address,
            seen: seen.before(penalty),
            tried_at: Stamp::NEVER,
            success_at: Stamp::NEVER,
            source,
            attempts: 0,
            references: 0,
        });
        self.refer(id, source, now, rng);
        let kept = self.entry(id).references > 0;
        if !kept {
            self.forget(id);
        }
        kept
    }

    /// Renews the time stamp of a known address; whether it should get one reference more.
    fn hear_again(
        &mut self,
        id: Id,
        seen: Stamp,
        penalty: Duration,
        now: Stamp,
        rng: &mut impl Draw,
    ) -> bool {
        let max_references = self.rules.max_references;
        let entry = &mut self.entries[id.index()];
        let online = now.secs_since(seen) < 24 * 3600;
        let interval = Duration::from_hours(if online { 1 } else { 24 });
        if entry.seen < seen.before(interval.saturating_add(penalty)) {
            entry.seen = seen.before(penalty);
        }
        seen > entry.seen
            && !entry.in_tried()
            && entry.references < max_references
            && rng.below(1 << entry.references) == 0
    }

    /// Gives the entry a reference in the bucket of `new` that this source leads to, if it has none
    /// there and there is room or somebody gives way.
    fn refer(&mut self, id: Id, source: Group, now: Stamp, rng: &mut impl Draw) {
        let key = self.new_key(self.entry(id).address, source);
        let Some(at) = self.new_room(key, id, now, rng) else {
            return;
        };
        let entry = self.entry(id);
        let is_future = entry.seen.secs_since(now) > Rules::FUTURE_SECS;
        let calm = if is_future {
            Stamp::NEVER
        } else {
            entry.calm_until()
        };
        self.calm.came(Slots::bucket_number(key), calm);
        match at {
            Room::Free => self.new.insert(key, id),
            Room::Of(at) => {
                let loser = self.new.id(at);
                self.new.replace(at, id);
                self.drop_reference(loser);
            }
        }
        let references = &mut self.entries[id.index()].references;
        self.unique_new += u32::from(*references == 0);
        *references += 1;
    }

    /// Where in `new` there is room for `id` under this key; nothing if it is there or kept out.
    fn new_room(&mut self, key: u16, id: Id, now: Stamp, rng: &mut impl Draw) -> Option<Room> {
        let newcomer = self.entry(id);
        match self.rules.new_placement {
            Placement::Hashed => {
                let Some(at) = self.new.at(key) else {
                    return Some(Room::Free);
                };
                let occupant = self.entry(self.new.id(at));
                let gives_way = self.new.id(at) != id
                    && (occupant.is_terrible(now)
                        || (occupant.references > 1 && newcomer.references == 0));
                gives_way.then_some(Room::Of(at))
            }
            Placement::Searched => {
                let bucket = self.new.bucket(key);
                let mut ids = bucket.clone().map(|at| self.new.id(at));
                if newcomer.references > 0 && ids.clone().any(|other| other == id) {
                    return None;
                }
                if bucket.len() < usize::from(Rules::BUCKET_SIZE) {
                    return Some(Room::Free);
                }
                let number = Slots::bucket_number(key);
                if !self.calm.is_calm(number, now) {
                    if let Some(place) = ids.position(|other| self.entry(other).is_terrible(now)) {
                        return Some(Room::Of(bucket.start + place));
                    }
                    let all = bucket
                        .clone()
                        .map(|at| &self.entries[self.new.id(at).index()]);
                    self.calm.looked_at(number, all);
                }
                let draws = [(); 4].map(|()| bucket.start + rng.index(bucket.len()));
                let oldest = draws
                    .into_iter()
                    .min_by_key(|&at| self.entry(self.new.id(at)).seen);
                oldest.map(Room::Of)
            }
        }
    }

    /// The node starts from its stored tables: when an address was tried last, and who waits for a test,
    /// is kept in memory alone (`CAddrInfo::nLastTry`, `m_tried_collisions`) and is gone. That helps an
    /// attacker whose addresses were all connected within ten minutes before.
    pub fn restart(&mut self) {
        for entry in &mut self.entries {
            entry.tried_at = Stamp::NEVER;
        }
        self.calm.disturbed();
        self.collisions.clear();
    }

    /// We try to connect to this address. (`CAddrMan::Attempt_`: the attempt counts as failed until
    /// [`AddrMan::good`].)
    pub fn attempt(&mut self, address: Address, now: impl Into<Stamp>) {
        if let Some(id) = self.find(address) {
            let entry = &mut self.entries[id.index()];
            entry.tried_at = now.into();
            entry.attempts = entry.attempts.saturating_add(1);
            self.calm.disturbed();
        }
    }

    /// We are connected to this address: it moves to `tried`, or waits to until somebody there has been
    /// tried. Whether it did so now; `false` also if it is unknown. (`CAddrMan::Good_`, `MakeTried`.)
    pub fn good(&mut self, address: Address, now: impl Into<Stamp>, rng: &mut impl Draw) -> bool {
        let now = now.into();
        let Some(id) = self.find(address) else {
            return false;
        };
        let renews = self.rules.good_renews;
        let entry = &mut self.entries[id.index()];
        entry.success_at = now;
        entry.tried_at = now;
        entry.attempts = 0;
        if renews {
            entry.seen = now;
        }
        if entry.in_tried() {
            return false;
        }
        if self.has_to_wait(id, rng) {
            return false;
        }
        let origin = self.leave_new(id, rng);
        self.enter_tried(id, origin, rng);
        true
    }

    /// Removes the entry from all buckets of `new`; the key of one of them.
    fn leave_new(&mut self, id: Id, rng: &mut impl Draw) -> u16 {
        let entry = *self.entry(id);
        let first = self.new_key(entry.address, entry.source);
        let mut origin = first;
        let at = match self.rules.new_placement {
            Placement::Hashed => self.new.at(first).filter(|&at| self.new.id(at) == id),
            Placement::Searched => self.new.find_in_bucket(first, id),
        };
        let mut rest = entry.references;
        if let Some(at) = at {
            self.new.remove(at);
            rest -= 1;
        }
        // The program starts its search for a bucket that holds the entry at a random one.
        let start = Slots::key(rng.below(self.rules.new_buckets.into()) as u16, 0);
        let mut best = at.map(|_| first.wrapping_sub(start));
        self.new.remove_all(id, rest, |key| {
            let ahead = key.wrapping_sub(start);
            if best.is_none_or(|best| ahead < best) {
                best = Some(ahead);
                origin = key;
            }
        });
        self.entries[id.index()].references = 0;
        self.unique_new -= 1;
        origin
    }

    /// Puts an entry without references into `tried`; whoever gives way goes back to `new`.
    fn enter_tried(&mut self, id: Id, origin: u16, rng: &mut impl Draw) {
        self.entries[id.index()].references = Entry::IN_TRIED;
        let key = self.tried_key(self.entry(id).address);
        let Some(at) = self.in_the_way(id, rng) else {
            self.tried.insert(key, id);
            return;
        };
        let loser = self.tried.id(at);
        self.tried.replace(at, id);
        self.return_to_new(loser, origin);
    }

    /// Of four different places of a bucket of `tried`, the one with the oldest success.
    fn oldest_of_four(&self, bucket: std::ops::Range<usize>, rng: &mut impl Draw) -> usize {
        let mut drawn = [usize::MAX; 4];
        for i in 0..drawn.len() {
            drawn[i] = loop {
                let at = bucket.start + rng.index(bucket.len());
                if !drawn[..i].contains(&at) {
                    break at;
                }
            };
        }
        let oldest = drawn
            .into_iter()
            .min_by_key(|&at| self.entry(self.tried.id(at)).success_at);
        oldest.expect("four were drawn")
    }

    /// What was evicted from `tried` goes to the bucket its source led to (or, under
    /// [`Placement::Searched`] and if that is full, to the one the newcomer left).
    fn return_to_new(&mut self, id: Id, origin: u16) {
        let entry = self.entry(id);
        let key = self.new_key(entry.address, entry.source);
        self.entries[id.index()].references = 1;
        self.unique_new += 1;
        match self.rules.new_placement {
            Placement::Hashed => {
                if let Some(at) = self.new.at(key) {
                    let loser = self.new.id(at);
                    self.new.replace(at, id);
                    self.drop_reference(loser);
                } else {
                    self.new.insert(key, id);
                }
            }
            Placement::Searched => {
                let full = self.new.bucket(key).len() == usize::from(Rules::BUCKET_SIZE);
                let key = if full { origin } else { key };
                self.calm.came(Slots::bucket_number(key), Stamp::NEVER);
                self.new.insert(key, id);
            }
        }
    }

    /// We were connected to this address until now: renews its time stamp if that is more than
    /// twenty minutes old. (`CAddrMan::Connected_`; from 0.10.1 on called at the end of a
    /// connection.)
    pub fn connected(&mut self, address: Address, now: impl Into<Stamp>) {
        if let Some(id) = self.find(address) {
            let now = now.into();
            let entry = &mut self.entries[id.index()];
            if now.secs_since(entry.seen) > 20 * 60 {
                entry.seen = now;
            }
        }
    }

    /// An address to connect to, for a node with this many outgoing connections; none if nothing is
    /// known. Says nothing about whether we are connected to it already. (`CAddrMan::Select_`.)
    pub fn select(
        &self,
        outgoing: u32,
        now: impl Into<Stamp>,
        rng: &mut impl Draw,
    ) -> Option<Address> {
        if self.is_empty() {
            return None;
        }
        let (tried, new) = (self.tried.len() as f64, f64::from(self.unique_new));
        let from_tried = match self.rules.selection {
            Selection::Fresh => {
                let omega = f64::from(outgoing.min(8));
                let weight_tried = tried.sqrt() * (9.0 - omega);
                let weight_new = new.sqrt() * (omega + 1.0);
                (weight_tried + weight_new) * rng.unit() < weight_tried
            }
            Selection::Uniform => {
                !self.tried.is_empty() && (self.unique_new == 0 || rng.below(2) == 0)
            }
        };
        let table = if from_tried { Table::Tried } else { Table::New };
        self.select_from(table, now, rng)
    }

    /// An address from this table; none if it is empty. (For feelers: from `new`.)
    pub fn select_from(
        &self,
        table: Table,
        now: impl Into<Stamp>,
        rng: &mut impl Draw,
    ) -> Option<Address> {
        let now = now.into();
        let (slots, buckets) = match table {
            Table::Tried => (&self.tried, self.rules.tried_buckets),
            Table::New => (&self.new, self.rules.new_buckets),
        };
        if slots.is_empty() {
            return None;
        }
        let mut factor = 1.0;
        loop {
            let at = match self.rules.selection {
                Selection::Fresh => slots.draw_by_bucket(buckets, rng),
                Selection::Uniform => slots.nth(rng.index(slots.len())),
            };
            let entry = self.entry(slots.id(at));
            if rng.unit() < factor * entry.chance(self.rules.selection, now) {
                return Some(entry.address);
            }
            factor *= 1.2;
        }
    }

    /// The answer to GETADDR: random addresses with their time stamps, 23 % of what is known.
    /// (`CAddrMan::GetAddr_`.)
    pub fn get_addr(&self, now: impl Into<Stamp>, rng: &mut impl Draw) -> Vec<(Address, Stamp)> {
        let now = now.into();
        let count = (self.len() * Rules::GETADDR_PERCENT / 100).min(self.rules.getaddr_max.into());
        let mut all: Vec<&Entry> = self.live().collect();
        let mut chosen = Vec::with_capacity(count);
        for drawn in 0..all.len() {
            if chosen.len() == count {
                break;
            }
            let other = drawn + rng.index(all.len() - drawn);
            all.swap(drawn, other);
            let entry = all[drawn];
            if !(self.rules.getaddr_skips_terrible && entry.is_terrible(now)) {
                chosen.push((entry.address, entry.seen));
            }
        }
        chosen
    }

    #[inline]
    fn entry(&self, id: Id) -> &Entry {
        &self.entries[id.index()]
    }

    #[inline]
    fn find(&self, address: Address) -> Option<Id> {
        self.index.find(address, &self.entries)
    }

    fn live(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.references > 0)
    }

    fn create(&mut self, entry: Entry) -> Id {
        let id = if self.free == NO_PLACE {
            let id = Id::new(self.entries.len() as u32);
            make_room(&mut self.entries);
            self.entries.push(entry);
            id
        } else {
            let id = Id::new(self.free);
            self.free = self.entry(id).address.0;
            self.entries[id.index()] = entry;
            id
        };
        self.index.insert(entry.address, id, &self.entries);
        id
    }

    fn drop_reference(&mut self, id: Id) {
        let references = &mut self.entries[id.index()].references;
        *references -= 1;
        if *references == 0 {
            self.unique_new -= 1;
            self.forget(id);
        }
    }

    fn forget(&mut self, id: Id) {
        let address = self.entry(id).address;
        self.index.remove(address, id);
        let entry = &mut self.entries[id.index()];
        entry.references = 0;
        entry.address = Address(self.free);
        self.free = id.number();
    }

    #[inline]
    fn hash(&self, what: Hash, a: u64, b: u64) -> u64 {
        mix3(self.key, what as u64 | a, b)
    }

    /// The key in `tried` of an address (`GetTriedBucket`, `GetBucketPosition`).
    fn tried_key(&self, address: Address) -> u16 {
        let share = self.hash(Hash::TriedShare, 0, address.0.into())
            % u64::from(self.rules.tried_buckets_per_group);
        let group = address.group().0.into();
        let bucket =
            self.hash(Hash::TriedBucket, group, share) % u64::from(self.rules.tried_buckets);
        self.place_in(Hash::TriedPosition, bucket as u16, address)
    }

    /// Whether an address would get into `tried` without anybody giving way.
    fn has_room_in_tried(&self, address: Address) -> bool {
        let key = self.tried_key(address);
        match self.rules.tried_placement {
            Placement::Hashed => self.tried.at(key).is_none(),
            Placement::Searched => self.tried.bucket(key).len() < usize::from(Rules::BUCKET_SIZE),
        }
    }

    /// The key in `new` of an address from this source (`GetNewBucket`, `GetBucketPosition`).
    fn new_key(&self, address: Address, source: Group) -> u16 {
        let (group, source) = (address.group().0.into(), source.0.into());
        let share = self.hash(Hash::NewShare, group, source)
            % u64::from(self.rules.new_buckets_per_source_group);
        let bucket = self.hash(Hash::NewBucket, source, share) % u64::from(self.rules.new_buckets);
        self.place_in(Hash::NewPosition, bucket as u16, address)
    }

    fn place_in(&self, what: Hash, bucket: u16, address: Address) -> u16 {
        let placement = match what {
            Hash::TriedPosition => self.rules.tried_placement,
            _ => self.rules.new_placement,
        };
        let position = match placement {
            Placement::Searched => 0,
            Placement::Hashed => {
                let hash = self.hash(what, bucket.into(), address.0.into());
                (hash % u64::from(Rules::BUCKET_SIZE)) as u16
            }
        };
        Slots::key(bucket, position)
    }
}

/// Room in a table: a free place, or the place of somebody who gives way.
enum Room {
    Free,
    Of(usize),
}
