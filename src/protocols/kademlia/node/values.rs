//! Values: held for others, and published (section 2.5 of the paper).

use super::super::lookup::Goal;
use super::super::rules::Rules;
use super::{Node, Timer};
use crate::engine::Context;
use crate::protocols::dht::Id;
use crate::random::Draw;
use crate::time::{Duration, Instant};
use std::collections::BTreeMap;

/// A value held for somebody.
#[derive(Clone, Copy, Debug)]
struct Held {
    size: u16,
    expires: Instant,
    /// When it is passed on.
    next: Instant,
}

/// What a peer holds for others, and what it has published itself.
#[derive(Default, Debug)]
pub(super) struct Values {
    held: BTreeMap<Id, Held>,
    /// With the time at which it stores them again.
    published: BTreeMap<Id, Instant>,
}

impl Values {
    /// The keys of what it holds.
    pub(super) fn held(&self) -> impl Iterator<Item = Id> + '_ {
        self.held.keys().copied()
    }

    /// What was held is lost, what it has published it still has.
    pub(super) fn crashed(&mut self) {
        self.held.clear();
    }
}

/// Those who hold a value pass it on at different times: at up to this share of the period later, so
/// that the others hear of the first one and wait.
const SPREAD: u64 = 4;

impl Node {
    /// The size of a value, if it is here.
    pub(super) fn held(&self, key: Id, now: Instant) -> Option<u16> {
        let held = self.more.as_ref()?.values.held.get(&key)?;
        (held.expires > now).then_some(held.size)
    }

    /// Holds a value for so long. Whoever has sent it has sent it to the others, too: nobody passes it
    /// on before a period has passed.
    pub(super) fn hold(&mut self, key: Id, size: u16, left: Duration, cx: &mut Context<'_, Self>) {
        if left.is_zero() {
            return;
        }
        let now = cx.now();
        let expires = now.saturating_add(left);
        let next = self.run.rules.replicate.map_or(Instant::MAX, |period| {
            let late = cx.rng().below((period.as_nanos() / SPREAD).max(1));
            now.saturating_add(period + Duration::from_nanos(late))
        });
        let held = Held {
            size,
            expires,
            next,
        };
        if self.more().values.held.insert(key, held).is_none() {
            let wait = expires.min(next) - now;
            cx.arm(wait, Timer::Value(key));
        }
    }

    /// This peer has stored a value of its own, and does so again after a time.
    pub(super) fn published(&mut self, key: Id, cx: &mut Context<'_, Self>) {
        if let Some(period) = self.run.rules.republish {
            let due = cx.now().saturating_add(period);
            self.more().values.published.insert(key, due);
            cx.arm(period, Timer::Publish(key));
        }
    }

    /// It has come back, and stores again what it has published.
    pub(super) fn publish_again(&mut self, cx: &mut Context<'_, Self>) {
        let Some(more) = &self.more else { return };
        let keys: Vec<Id> = more.values.published.keys().copied().collect();
        for key in keys {
            self.publish(key, cx);
        }
    }

    fn publish(&mut self, key: Id, cx: &mut Context<'_, Self>) {
        let rules = &*self.run.rules;
        let goal = Goal::Republish {
            size: rules.value,
            left: Rules::seconds_of(rules.expire),
        };
        self.published(key, cx);
        self.look_up(key, goal, cx);
    }

    /// A value of its own may be due to be stored again.
    pub(super) fn publish_due(&mut self, key: Id, cx: &mut Context<'_, Self>) {
        let due = self
            .more
            .as_ref()
            .and_then(|more| more.values.published.get(&key));
        if due.is_some_and(|&due| due <= cx.now()) {
            self.publish(key, cx);
        }
    }

    /// Something may be due with a value held for others: it expires, or is passed on.
    pub(super) fn value_due(&mut self, key: Id, cx: &mut Context<'_, Self>) {
        let now = cx.now();
        let Some(more) = &mut self.more else { return };
        let held = &mut more.values.held;
        let Some(value) = held.get(&key).copied() else {
            return;
        };
        if value.expires <= now {
            held.remove(&key);
            return;
        }
        if value.next <= now {
            let left = Self::seconds_until(now, value.expires);
            let size = value.size;
            // Until the others have it: they will not pass it on in turn, nor will this one.
            self.hold(key, size, value.expires - now, cx);
            self.look_up(key, Goal::Republish { size, left }, cx);
        }
        let value = self.more().values.held.get(&key).copied();
        if let Some(Held { expires, next, .. }) = value {
            cx.arm(expires.min(next).saturating_since(now), Timer::Value(key));
        }
    }
}
