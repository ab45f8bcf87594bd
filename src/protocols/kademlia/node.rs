//! [`Node`]: a peer of Kademlia.

mod answer;
mod requests;
mod search;
mod upkeep;
mod values;

use super::born::Born;
use super::lookup::{Goal, Lookup};
use super::rules::Rules;
use super::table::{Seen, Table};
use super::wire::{Body, LOOKUP, Wire};
use super::xor;
use crate::engine::{Context, Protocol};
use crate::peer::PeerId;
use crate::protocols::dht::{Command, Contact, Dht, Event, Id};
use crate::random::PeerRng;
use crate::time::Instant;
use requests::{Requests, Why};
use std::collections::BTreeMap;
use std::sync::Arc;
use values::Values;

/// What all peers of a run share.
#[derive(Clone, Debug)]
pub struct Run {
    /// Parameters.
    pub rules: Arc<Rules>,
    /// What peers are born with.
    pub born: Arc<Born>,
}

/// A peer: 4 bytes a contact, and some 200 bytes beside.
#[derive(Debug)]
pub struct Node {
    run: Run,
    table: Table,
    id: Id,
    me: Contact,
    /// The number of the next life.
    life: u32,
    /// The number of the last request.
    last: u32,
    /// Whether it takes part: it does not before its time to join has come.
    awake: bool,
    /// Whether it has joined.
    joined: bool,
    /// Requests and lookups under way, if there are any.
    work: Option<Box<Work>>,
    /// What not every peer has.
    more: Option<Box<More>>,
}

/// What is under way.
#[derive(Default, Debug)]
struct Work {
    requests: Requests,
    lookups: Vec<Lookup>,
}

/// What not every peer has.
#[derive(Default, Debug)]
struct More {
    /// Values it holds, and those it has published.
    values: Values,
    /// When something was last looked up in each bucket, in seconds; before zero, and so near 2^32, for some.
    looked_up: Vec<u32>,
    /// The closest others, nearest first (S/Kademlia).
    siblings: Vec<Contact>,
    /// Who has answered a ping, and when, in seconds: its address is proven (discv4).
    proven: BTreeMap<PeerId, u32>,
    /// Who has pinged, and when, in seconds: it knows that our address is proven.
    pinged: BTreeMap<PeerId, u32>,
}

/// What a peer waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Timer {
    /// The answer to the request with this number.
    Request(u32),
    /// Its time to join.
    Join,
    /// Its time to look for buckets to refresh.
    Refresh,
    /// Its time to see whether a contact is there.
    Revalidate,
    /// Something may be due with this value that it holds.
    Value(Id),
    /// This value of its own may be due to be stored again.
    Publish(Id),
    /// The other has had time to see that our address is proven: `FIND_NODE` may go out.
    Proven {
        /// For this lookup,
        number: u32,
        /// on this path,
        path: u8,
        /// to this contact.
        to: Contact,
    },
}

impl Node {
    /// A peer that has not come up yet; `rng` fills its table, if it has one.
    pub fn new(run: &Run, peer: PeerId, rng: &mut PeerRng) -> Self {
        let me = Contact::new(peer, 0);
        let (rules, born) = (&run.rules, &run.born);
        let mut node = Self {
            run: run.clone(),
            table: Table::default(),
            id: rules.ids.id(me),
            me,
            life: 0,
            last: 0,
            awake: false,
            joined: false,
            work: None,
            more: None,
        };
        if born.has_table(peer) {
            node.table = born.table(rules, me, rng);
            node.joined = true;
            if rules.siblings > 0 {
                let siblings = born.nearest((node.id, me), rules.siblings);
                node.more().siblings = siblings;
            }
        }
        node
    }

    /// The routing table.
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// The closest others (S/Kademlia).
    pub fn siblings(&self) -> &[Contact] {
        self.more.as_ref().map_or(&[], |more| &more.siblings)
    }

    fn more(&mut self) -> &mut More {
        self.more.get_or_insert_default()
    }

    #[inline]
    fn bucket_of(&self, id: Id) -> usize {
        xor::bucket(id.xor(self.id), self.run.rules.shape.buckets)
    }

    /// A sign of life of a contact: section 2.2 of the paper.
    #[inline]
    fn seen(&mut self, contact: Contact, cx: &mut Context<'_, Self>) {
        let rules = &*self.run.rules;
        if contact == self.me {
            return;
        }
        let id = rules.ids.id(contact);
        let bucket = self.bucket_of(id);
        if rules.siblings > 0 {
            self.near(id, contact);
        }
        let rules = &*self.run.rules;
        if rules.limits.is_some() && !self.admits(bucket, contact) {
            return;
        }
        let now = Rules::seconds(cx.now());
        let seen = self.table.seen(&rules.shape, bucket, contact, now);
        if seen == Seen::Full && rules.pings {
            self.doubt(bucket, Some(contact), cx);
        }
    }

    /// Whether the limits on contacts of one /24 leave room for this one.
    fn admits(&self, bucket: usize, contact: Contact) -> bool {
        let rules = &*self.run.rules;
        let Some(limits) = rules.limits else {
            return true;
        };
        let subnet = rules.subnet(contact);
        let same = |others: &[Contact]| {
            let others = others.iter().filter(|&&other| other != contact);
            others
                .filter(|&&other| rules.subnet(other) == subnet)
                .count()
        };
        let (own, waiting) = (self.table.bucket(bucket), self.table.replacements(bucket));
        same(own) + same(waiting) < usize::from(limits.bucket)
            && same(self.table.contacts()) < usize::from(limits.table)
    }

    /// Keeps a contact if it is one of the closest.
    fn near(&mut self, id: Id, contact: Contact) {
        let (own, rules) = (self.id, Arc::clone(&self.run.rules));
        let rank = |other: Contact| rules.ids.id(other).xor(own);
        let siblings = &mut self.more().siblings;
        let at = siblings.partition_point(|&other| rank(other) < id.xor(own));
        if at < rules.siblings && siblings.get(at) != Some(&contact) {
            siblings.insert(at, contact);
            siblings.truncate(rules.siblings);
        }
    }

    /// Pings the least recently seen contact of a bucket, unless it was seen lately or is being asked.
    fn doubt(&mut self, bucket: usize, newcomer: Option<Contact>, cx: &mut Context<'_, Self>) {
        let now = Rules::seconds(cx.now());
        let Some((oldest, age)) = self.table.oldest(bucket, now) else {
            return;
        };
        let requests = self.work.as_ref().map(|work| &work.requests);
        let asked = requests.is_some_and(|requests| requests.is_checking(oldest));
        if age >= self.run.rules.good_for && !asked {
            self.request(oldest, Body::Ping, true, Why::Check(newcomer), cx);
        }
    }

    /// A contact has not answered.
    fn missed(&mut self, contact: Contact, now: Instant) -> bool {
        let rules = &*self.run.rules;
        let bucket = self.bucket_of(rules.ids.id(contact));
        if let Some(more) = self.more.as_mut().filter(|_| rules.siblings > 0) {
            more.siblings.retain(|&other| other != contact);
        }
        let now = Rules::seconds(now);
        self.table.failed(&rules.shape, bucket, contact, now)
    }
}

impl Protocol for Node {
    type Message = Wire;
    type Timer = Timer;
    type Command = Command;
    type Event = Event;

    fn on_start(&mut self, cx: &mut Context<'_, Self>) {
        self.begin_life(cx);
    }

    /// Where its contacts are, and what its lookups wait for.
    #[inline]
    fn touch(&self, _me: PeerId) -> u32 {
        let lookup = self.work.as_ref().and_then(|work| work.lookups.first());
        self.table.touch() ^ lookup.map_or(0, Lookup::touch)
    }

    fn on_message(&mut self, from: PeerId, message: Wire, cx: &mut Context<'_, Self>) {
        if !self.awake {
            return;
        }
        let sender = Contact::new(from, message.number);
        match &message.body {
            Body::Ping | Body::FindNode(_) | Body::FindValue(_) | Body::Store { .. } => {
                self.requested(sender, &message, cx);
            }
            Body::Pong | Body::Nodes(_) | Body::Value(_) | Body::Stored => {
                self.answered(sender, message, cx);
            }
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Context<'_, Self>) {
        match timer {
            Timer::Request(number) => self.timed_out(number, cx),
            Timer::Join => self.join(cx),
            Timer::Refresh => self.refresh(cx),
            Timer::Revalidate => self.revalidate(cx),
            Timer::Value(key) => self.value_due(key, cx),
            Timer::Publish(key) => self.publish_due(key, cx),
            Timer::Proven { number, path, to } => self.ask(number, path, to, cx),
        }
    }

    fn on_command(&mut self, command: Command, cx: &mut Context<'_, Self>) {
        cx.emit(Event::Began(command));
        self.look_up(command.key, Goal::Command(command), cx);
    }
}

impl Dht for Node {
    const LOOKUP: &'static [&'static str] = LOOKUP;

    fn table(&self, mut see: impl FnMut(Contact)) {
        for &contact in self.table.contacts() {
            see(contact);
        }
        for &contact in self.siblings() {
            let bucket = self.bucket_of(self.run.rules.ids.id(contact));
            if !self.table.bucket(bucket).contains(&contact) {
                see(contact);
            }
        }
    }

    fn values(&self, see: impl FnMut(Id)) {
        if let Some(more) = &self.more {
            more.values.held().for_each(see);
        }
    }
}

#[cfg(test)]
#[path = "node_tests.rs"]
mod tests;
