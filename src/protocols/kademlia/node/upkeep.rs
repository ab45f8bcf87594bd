//! Joining, refreshing buckets, seeing who is still there.

use super::super::lookup::{Found, Goal};
use super::super::rules::Rules;
use super::{Node, Timer};
use crate::engine::Context;
use crate::protocols::dht::{Contact, Event, Id};
use crate::random::{Draw, PeerRng};
use crate::time::{Duration, Instant};
use rand::Rng;

/// Time-outs that a peer waits which could not join, before it tries again.
const PATIENCE: u64 = 5;

impl Node {
    /// The peer comes up, for the first time or again. Its table is on disk; requests, lookups, values
    /// and proofs were not, but for what it has published itself.
    pub(super) fn begin_life(&mut self, cx: &mut Context<'_, Self>) {
        let first = self.life == 0;
        let mut contacts = self.run.rules.ids.contacts(cx.me(), self.life);
        let me = contacts.next().expect("a peer has an identifier");
        self.life += 1;
        self.work = None;
        if me != self.me {
            // Another peer, that knows nothing of this one.
            self.me = me;
            self.id = self.run.rules.ids.id(me);
            self.table = super::Table::default();
            self.more = None;
        }
        if !first {
            self.joined = false;
            if let Some(more) = &mut self.more {
                more.values.crashed();
                more.proven.clear();
                more.pinged.clear();
            }
        }
        let wait = self.run.born.joins_after(cx.me()).filter(|_| first);
        if let Some(wait) = wait.filter(|wait| !wait.is_zero()) {
            self.awake = false;
            cx.arm(wait, Timer::Join);
        } else {
            self.awake = true;
            if self.joined {
                cx.emit(Event::Joined(self.me));
                self.settle(cx);
            } else {
                self.join(cx);
            }
        }
    }

    /// Looks itself up (section 2.3): from its own table, and from the others it was told of as long
    /// as that is short.
    pub(super) fn join(&mut self, cx: &mut Context<'_, Self>) {
        self.awake = true;
        let mut first = Vec::new();
        self.add_closest(self.id, None, &mut first);
        if first.len() < self.run.rules.shape.k {
            let Node { run, me, .. } = &*self;
            let friends = run.born.friends(me.peer(), run.rules.bootstrap);
            let friends = friends.into_iter().map(|friend| Contact::new(friend, 0));
            for friend in friends {
                if !first.iter().any(|other| other.peer() == friend.peer()) {
                    first.push(friend);
                }
            }
        }
        if first.is_empty() {
            // The first of all: it is the network.
            self.enter(cx);
        } else {
            self.look_up_from(self.id, Goal::Join, &first, cx);
        }
    }

    /// It has looked itself up.
    pub(super) fn introduced(&mut self, found: &Found, cx: &mut Context<'_, Self>) {
        if !found.answered {
            let wait = self.run.rules.timeout * PATIENCE;
            let more = up_to(wait, cx);
            cx.arm(wait + more, Timer::Join);
            return;
        }
        self.enter(cx);
        // "Refreshes all k-buckets further away than its closest neighbor."
        let nearest = found.closest.iter().find(|&&contact| contact != self.me);
        let near = nearest.map_or(0, |&contact| self.bucket_of(self.run.rules.ids.id(contact)));
        for bucket in 0..near {
            let target = self.within(bucket, cx.rng());
            self.look_up(target, Goal::Refresh, cx);
        }
    }

    fn enter(&mut self, cx: &mut Context<'_, Self>) {
        self.joined = true;
        cx.emit(Event::Joined(self.me));
        self.settle(cx);
        self.publish_again(cx);
    }

    /// Begins with what has to be done again and again.
    fn settle(&mut self, cx: &mut Context<'_, Self>) {
        let rules = &*self.run.rules;
        let (refresh, revalidate) = (rules.refresh, rules.revalidate);
        if let Some(period) = refresh {
            // As if each bucket had been looked at some time during the last period.
            let now = Rules::seconds(cx.now());
            let seconds = u64::from(Rules::seconds_of(period)).max(1);
            let buckets = self.table.len();
            let ages: Vec<u64> = (0..buckets).map(|_| cx.rng().below(seconds)).collect();
            let times = ages.iter().map(|&age| now.wrapping_sub(age as u32));
            self.more().looked_up = times.collect();
            let oldest = ages.iter().max().copied().unwrap_or(0);
            let due = Duration::from_secs(seconds - oldest);
            cx.arm(due, Timer::Refresh);
        }
        if let Some(mean) = revalidate {
            let wait = up_to(mean * 2, cx);
            cx.arm(wait, Timer::Revalidate);
        }
    }

    /// A random identifier in the range of a bucket.
    fn within(&self, bucket: usize, rng: &mut PeerRng) -> Id {
        let random = rng.next_u64();
        let (bit, rest) = (1u64 << (63 - bucket), u64::MAX >> bucket >> 1);
        let id = (self.id.0 ^ bit) & !rest | random & rest;
        Id::cut(id, self.run.rules.ids.bits())
    }

    /// Remembers that something was looked up in the range of a bucket.
    pub(super) fn note_lookup(&mut self, target: Id, cx: &mut Context<'_, Self>) {
        if self.run.rules.refresh.is_none() || target == self.id {
            return;
        }
        let bucket = self.bucket_of(target);
        let now = Rules::seconds(cx.now());
        let looked_up = &mut self.more().looked_up;
        if let Some(when) = looked_up.get_mut(bucket) {
            *when = now;
        }
    }

    /// Refreshes the buckets in which nothing was looked up for a while.
    pub(super) fn refresh(&mut self, cx: &mut Context<'_, Self>) {
        let Some(period) = self.run.rules.refresh else {
            return;
        };
        let now = Rules::seconds(cx.now());
        let period = Rules::seconds_of(period).max(1);
        let buckets = self.table.len();
        let looked_up = &mut self.more().looked_up;
        looked_up.resize(buckets, now);
        let due: Vec<usize> = (0..buckets)
            .filter(|&bucket| now.wrapping_sub(looked_up[bucket]) >= period)
            .collect();
        for bucket in due {
            let target = self.within(bucket, cx.rng());
            self.look_up(target, Goal::Refresh, cx);
            if let Some(when) = self.more().looked_up.get_mut(bucket) {
                *when = now;
            }
        }
        let ages = self.more().looked_up.iter();
        let oldest = ages.map(|when| now.wrapping_sub(*when)).max();
        let left = period.saturating_sub(oldest.unwrap_or(0)).max(1);
        cx.arm(Duration::from_secs(u64::from(left)), Timer::Refresh);
    }

    /// Sees whether the oldest contact of a random bucket is there.
    pub(super) fn revalidate(&mut self, cx: &mut Context<'_, Self>) {
        let Some(mean) = self.run.rules.revalidate else {
            return;
        };
        let filled: Vec<usize> = (0..self.table.len())
            .filter(|&bucket| !self.table.bucket(bucket).is_empty())
            .collect();
        if let Some(&bucket) = cx.rng().choose(&filled) {
            self.doubt(bucket, None, cx);
        }
        let wait = up_to(mean * 2, cx);
        cx.arm(wait, Timer::Revalidate);
    }

    /// Whole seconds until then.
    pub(super) fn seconds_until(now: Instant, then: Instant) -> u32 {
        Rules::seconds_of(then.saturating_since(now))
    }
}

/// A uniform time below this one.
fn up_to(span: Duration, cx: &mut Context<'_, Node>) -> Duration {
    Duration::from_nanos(cx.rng().below(span.as_nanos().max(1)))
}
