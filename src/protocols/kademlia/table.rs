//! [`Table`]: the routing table of one peer.
//!
//! A k-bucket for each length of common prefix (section 2.2 of the paper; what splitting the bucket of
//! the own identifier leads to, section 2.4), least recently seen contact first, and beside each a
//! replacement cache (section 4.1). Pure: what a peer does about a full bucket is not decided here.

use super::buckets::Buckets;
use super::xor::walk;
use crate::protocols::dht::Contact;

/// What the tables of all peers have in common.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shape {
    /// Contacts in a bucket.
    pub k: usize,
    /// How many buckets there are; the last one holds all longer prefixes too.
    pub buckets: usize,
    /// Contacts in the replacement cache of a bucket.
    pub replacements: usize,
    /// After how many unanswered requests in a row a contact is stale.
    pub failures: u8,
    /// Whether a stale contact keeps its place until somebody is there to take it.
    pub keep_stale: bool,
    /// Whether it is remembered when a contact was last seen, and how often it has not answered.
    pub marks: bool,
}

/// What a table has made of a sign of life.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Seen {
    /// It has the contact, and knows that it was the last to be seen.
    Known,
    /// It has taken it.
    Added,
    /// Its bucket is full; it is in the replacement cache, if there is one.
    Full,
}

/// What is remembered of a contact: 24 bits of seconds, 8 bits of unanswered requests.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Mark(u32);

impl Mark {
    fn seen(now: u32) -> Self {
        Self(now << 8)
    }
    fn age(self, now: u32) -> u32 {
        (now << 8).wrapping_sub(self.0 & !0xFF) >> 8
    }
    fn failures(self) -> u8 {
        self.0 as u8
    }
    fn failed(&mut self) -> u8 {
        if self.failures() < u8::MAX {
            self.0 += 1;
        }
        self.failures()
    }
}

/// The contacts of one peer.
#[derive(Clone, Default, Debug)]
pub struct Table {
    contacts: Buckets,
    /// One for each contact, if the shape has marks.
    marks: Vec<Mark>,
    /// Empty until the first bucket overflows.
    cache: Option<Box<Buckets>>,
}

impl Table {
    /// A table of these contacts, bucket by bucket and each least recently seen first, all seen at
    /// `now` seconds.
    pub fn filled(
        shape: &Shape,
        lists: impl Iterator<Item = (usize, Contact)> + Clone,
        now: u32,
    ) -> Self {
        let mut table = Self::default();
        table.contacts.fill(lists);
        if shape.marks {
            table.marks = vec![Mark::seen(now); table.contacts.all().len()];
        }
        table
    }

    /// All contacts, bucket by bucket.
    pub fn contacts(&self) -> &[Contact] {
        self.contacts.all()
    }

    /// The contacts of a bucket, least recently seen first.
    pub fn bucket(&self, bucket: usize) -> &[Contact] {
        self.contacts.of(bucket)
    }

    /// The replacement cache of a bucket, least recently seen first.
    pub fn replacements(&self, bucket: usize) -> &[Contact] {
        self.cache.as_ref().map_or(&[], |cache| cache.of(bucket))
    }

    /// How many buckets there are, up to the last that has somebody.
    pub fn len(&self) -> usize {
        self.contacts.len()
    }

    /// Whether it knows nobody.
    pub fn is_empty(&self) -> bool {
        self.contacts.is_empty()
    }

    /// Bytes on the heap.
    pub fn heap(&self) -> usize {
        let cache = self.cache.as_ref();
        let cache = cache.map_or(0, |cache| size_of::<Buckets>() + cache.heap());
        self.contacts.heap() + self.marks.capacity() * size_of::<Mark>() + cache
    }

    /// The least recently seen contact of a bucket, and for how many seconds it was not seen at `now`;
    /// after 194 days it counts from zero again.
    pub fn oldest(&self, bucket: usize, now: u32) -> Option<(Contact, u32)> {
        let at = self.contacts.range(bucket).start;
        let &contact = self.contacts.of(bucket).first()?;
        let age = self.marks.get(at).map_or(0, |mark| mark.age(now));
        Some((contact, age))
    }

    /// Reads some of what the next message will need, so that it is at hand soon after: where buckets
    /// end, the farthest buckets, in which most senders are, and the nearest, in which are most of those
    /// who are asked for.
    #[inline]
    pub fn touch(&self) -> u32 {
        self.contacts.touch() ^ self.marks.first().map_or(0, |mark| mark.0)
    }

    fn is_stale(&self, shape: &Shape, at: usize) -> bool {
        let mark = self.marks.get(at);
        mark.is_some_and(|mark| mark.failures() >= shape.failures)
    }

    /// A sign of life of this contact at `now` seconds: the request or the answer it has sent.
    pub fn seen(&mut self, shape: &Shape, bucket: usize, contact: Contact, now: u32) -> Seen {
        if let Some(at) = self.contacts.find(bucket, contact) {
            let tail = self.contacts.to_tail(bucket, at);
            if !self.marks.is_empty() {
                self.marks[at..=tail].rotate_left(1);
                self.marks[tail] = Mark::seen(now);
            }
            return Seen::Known;
        }
        let range = self.contacts.range(bucket);
        if range.len() >= shape.k {
            let stale = range.clone().find(|&at| self.is_stale(shape, at));
            let Some(stale) = stale else {
                self.cache(shape, bucket, contact);
                return Seen::Full;
            };
            self.remove(bucket, stale);
        }
        self.add(shape, bucket, contact, now);
        Seen::Added
    }

    /// A request to this contact was not answered. Whether it is gone from the table; then the last
    /// seen of the replacement cache, if any, has its place.
    pub fn failed(&mut self, shape: &Shape, bucket: usize, contact: Contact, now: u32) -> bool {
        let Some(at) = self.contacts.find(bucket, contact) else {
            if let Some(cache) = &mut self.cache
                && let Some(at) = cache.find(bucket, contact)
            {
                cache.remove(bucket, at);
            }
            return false;
        };
        let failures = self.marks.get_mut(at).map_or(1, Mark::failed);
        let replacement = self.replacements(bucket).last().copied();
        if failures < shape.failures || (shape.keep_stale && replacement.is_none()) {
            return false;
        }
        self.remove(bucket, at);
        if let Some(replacement) = replacement {
            self.add(shape, bucket, replacement, now);
        }
        true
    }

    /// Puts `candidate` in the place of `old`, if that is still there.
    pub fn replace(
        &mut self,
        shape: &Shape,
        bucket: usize,
        (old, candidate): (Contact, Contact),
        now: u32,
    ) {
        if let Some(at) = self.contacts.find(bucket, old) {
            self.remove(bucket, at);
        }
        if self.contacts.of(bucket).len() < shape.k
            && self.contacts.find(bucket, candidate).is_none()
        {
            self.add(shape, bucket, candidate, now);
        }
    }

    /// Adds a contact, which waits no longer.
    fn add(&mut self, shape: &Shape, bucket: usize, contact: Contact, now: u32) {
        if let Some(cache) = &mut self.cache
            && let Some(at) = cache.find(bucket, contact)
        {
            cache.remove(bucket, at);
        }
        let at = self.contacts.push(bucket, contact);
        if shape.marks {
            if self.marks.len() == self.marks.capacity() {
                self.marks.reserve_exact(16);
            }
            self.marks.insert(at, Mark::seen(now));
        }
    }

    fn remove(&mut self, bucket: usize, at: usize) {
        self.contacts.remove(bucket, at);
        if !self.marks.is_empty() {
            self.marks.remove(at);
        }
    }

    fn cache(&mut self, shape: &Shape, bucket: usize, contact: Contact) {
        if shape.replacements == 0 {
            return;
        }
        let cache = self.cache.get_or_insert_default();
        if let Some(at) = cache.find(bucket, contact) {
            cache.to_tail(bucket, at);
            return;
        }
        if cache.of(bucket).len() >= shape.replacements {
            cache.remove(bucket, cache.range(bucket).start);
        }
        cache.push(bucket, contact);
    }

    /// Adds to `out` the `count` contacts closest to a target, in no particular order, without `but`.
    /// `from_us` is the target's distance from the own identifier, `rank` that of a contact from the
    /// target. Stale contacts are left out, unless nobody else is there.
    pub fn closest(
        &self,
        shape: &Shape,
        (from_us, count): (u64, usize),
        but: Option<Contact>,
        rank: impl Fn(Contact) -> u64,
        out: &mut Vec<Contact>,
    ) {
        let start = out.len();
        for bucket in walk(from_us, self.contacts.len()) {
            let range = self.contacts.range(bucket);
            let fresh = self.contacts.all()[range.clone()].iter().zip(range);
            let fresh = fresh.filter(|&(&contact, at)| {
                Some(contact) != but && (self.marks.is_empty() || !self.is_stale(shape, at))
            });
            let before = out.len();
            out.extend(fresh.map(|(&contact, _)| contact));
            if out.len() - start >= count {
                let left = count - (before - start);
                if left < out.len() - before {
                    out[before..].select_nth_unstable_by_key(left, |&contact| rank(contact));
                    out.truncate(before + left);
                }
                return;
            }
        }
        if out.len() == start {
            let all = self.contacts.all().iter().copied();
            out.extend(all.filter(|&contact| Some(contact) != but).take(count));
        }
    }
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
