//! [`Rumor`]: rumor mongering. A peer shares what is hot once a cycle, until it loses interest.

use super::node::{Cycle, Node};
use super::seen::Seen;
use super::targets::Targets;
use super::wire::{Event, Publish, UNLIMITED, Wire};
use crate::engine::{Context, Protocol};
use crate::peer::PeerId;
use crate::random::Draw;
use crate::time::{Duration, Instant};
use std::sync::Arc;

/// What all peers of a run share.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Whom to contact.
    pub targets: Targets,
    /// When.
    pub cycle: Cycle,
    /// Bytes of content.
    pub size: u16,
    /// Whether a peer sends what is hot to the one it contacts.
    pub push: bool,
    /// Whether a peer asks the one it contacts for what is hot there.
    pub pull: bool,
    /// When to lose interest; `None` for never.
    pub removal: Option<Removal>,
    /// Whether a peer that comes back is another, who has nothing.
    pub forgets: bool,
}

/// How a peer loses interest in a rumor.
#[derive(Clone, Copy, Debug)]
pub struct Removal {
    /// The paper's k.
    pub k: u32,
    /// After k contacts in a row that were of no use, instead of with probability 1/k after each.
    pub counter: bool,
    /// Whether only those contacts count whose peer had the rumor (else all do: blind).
    pub feedback: bool,
}

/// A peer of Demers et al.: susceptible, infective (the rumor is hot) or removed.
#[derive(Debug)]
pub struct Rumor {
    rules: Arc<Rules>,
    seen: Seen,
    hot: Vec<Hot>,
    phase: Duration,
    /// Whether a timer runs.
    awake: bool,
}

#[derive(Clone, Debug)]
struct Hot {
    id: u32,
    /// When the peer got it.
    since: Instant,
    /// Cycles in a row without use.
    count: u32,
    /// Contacts of this cycle that were of use,
    useful: u32,
    /// and that were not.
    useless: u32,
}

/// The cycle comes round.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tick;

impl Rumor {
    /// A peer that knows nothing yet.
    pub fn new(rules: Arc<Rules>) -> Self {
        Self {
            rules,
            seen: Seen::default(),
            hot: Vec::new(),
            phase: Duration::ZERO,
            awake: false,
        }
    }

    /// Sets the timer for the next action, unless it is set.
    fn wake(&mut self, cx: &mut Context<'_, Self>) {
        if !self.awake {
            self.awake = true;
            cx.arm(self.rules.cycle.until_next(cx.now(), self.phase), Tick);
        }
    }

    fn learn(&mut self, id: u32, cx: &mut Context<'_, Self>) {
        self.hot.push(Hot {
            id,
            since: cx.now(),
            count: 0,
            useful: 0,
            useless: 0,
        });
        self.wake(cx);
    }

    /// Whether the peer, which has the rumor, did not have it when the common cycle began: the sites
    /// of the paper's tables act on what was so at the beginning of the cycle.
    fn new_in_this_cycle(&self, id: u32, now: Instant) -> bool {
        let cycle = self.rules.cycle;
        let mut hot = self.hot.iter();
        cycle.synchronous && hot.any(|hot| hot.id == id && hot.since >= cycle.began(now))
    }

    /// Draws the balance of the cycle that ends: who is not of use for long loses interest.
    fn settle(&mut self, cx: &mut Context<'_, Self>) {
        let Some(Removal { k, counter, .. }) = self.rules.removal else {
            return;
        };
        self.hot.retain_mut(|hot| {
            let (useful, useless) = (hot.useful, hot.useless);
            (hot.useful, hot.useless) = (0, 0);
            if counter {
                if useful > 0 {
                    hot.count = 0;
                } else if useless > 0 {
                    hot.count += 1;
                }
                hot.count < k
            } else {
                !(0..useless).any(|_| cx.rng().below(u64::from(k)) == 0)
            }
        });
    }

    /// Sends what is hot, and was before `before`.
    fn share(&mut self, to: PeerId, before: Instant, cx: &mut Context<'_, Self>) {
        let blind = self.rules.removal.is_some_and(|removal| !removal.feedback);
        let size = self.rules.size;
        for hot in self.hot.iter_mut().filter(|hot| hot.since < before) {
            let (id, ttl) = (hot.id, UNLIMITED);
            cx.send(to, Wire::Payload { id, size, ttl });
            hot.useless += u32::from(blind);
        }
    }
}

impl Protocol for Rumor {
    type Message = Wire;
    type Timer = Tick;
    type Command = Publish;
    type Event = Event;

    /// What was delivered is on disk; what was hot was not.
    fn on_start(&mut self, cx: &mut Context<'_, Self>) {
        let cycle = self.rules.cycle;
        self.hot.clear();
        self.awake = false;
        if self.rules.forgets {
            self.seen.forget();
        }
        if !cycle.synchronous {
            self.phase = cx.rng().between(Duration::ZERO, cycle.length);
        }
        if self.rules.pull {
            self.wake(cx);
        }
    }

    fn on_message(&mut self, from: PeerId, message: Wire, cx: &mut Context<'_, Self>) {
        match message {
            Wire::Payload { id, .. } => {
                let fresh = self.seen.insert(id);
                if fresh {
                    cx.emit(Event::Delivered(id));
                    self.learn(id, cx);
                }
                if self.rules.removal.is_some_and(|removal| removal.feedback) {
                    let needed = fresh || self.new_in_this_cycle(id, cx.now());
                    cx.send(from, Wire::Feedback { id, needed });
                }
            }
            Wire::Request => {
                let cycle = self.rules.cycle;
                let before = if cycle.synchronous {
                    cycle.began(cx.now())
                } else {
                    Instant::MAX
                };
                self.share(from, before, cx);
            }
            Wire::Feedback { id, needed } => {
                if let Some(hot) = self.hot.iter_mut().find(|hot| hot.id == id) {
                    hot.useful += u32::from(needed);
                    hot.useless += u32::from(!needed);
                }
            }
            Wire::Ack { .. } => {}
        }
    }

    fn on_timer(&mut self, Tick: Tick, cx: &mut Context<'_, Self>) {
        self.awake = false;
        self.settle(cx);
        let (push, pull) = (self.rules.push && !self.hot.is_empty(), self.rules.pull);
        if (push || pull)
            && let Some(to) = self.rules.targets.one(cx.me(), cx.rng())
        {
            if push {
                self.share(to, Instant::MAX, cx);
            }
            if pull {
                cx.send(to, Wire::Request);
            }
        }
        if pull || !self.hot.is_empty() {
            self.wake(cx);
        }
    }

    fn on_command(&mut self, Publish(id): Publish, cx: &mut Context<'_, Self>) {
        if self.seen.insert(id) {
            cx.emit(Event::Sent(id));
            self.learn(id, cx);
        }
    }
}

impl Node for Rumor {
    fn duplicates(&self) -> u64 {
        self.seen.duplicates()
    }

    fn targets(&mut self) -> &mut Targets {
        &mut Arc::make_mut(&mut self.rules).targets
    }
}

#[cfg(test)]
#[path = "rumor_tests.rs"]
mod tests;
