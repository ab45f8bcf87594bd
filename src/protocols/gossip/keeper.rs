//! [`Keeper`]: a peer of any strategy that keeps neighbours of its own choice under churn.
//!
//! It asks random others whether they are up, takes those it prefers of those that answer, asks these
//! now and again whether they are still there, and looks for others when one is not.

use super::config::Kept;
use super::node::Node;
use super::targets::Targets;
use super::view::View;
use super::wire::{self, HEADER, Publish};
use crate::engine::{Context, Message, Protocol};
use crate::peer::PeerId;
use crate::random::Draw;
use crate::time::{Duration, Instant};
use std::sync::Arc;

/// Bytes of an age, in whole seconds.
const AGE: u32 = 4;
/// An age is rounded to whole seconds.
const ROUNDING: Duration = Duration::from_secs(1);

/// What all peers of a run share.
#[derive(Clone, Debug)]
pub struct Rules {
    keep: Kept,
    /// Among whom a peer looks.
    everybody: Targets,
}

/// A peer that broadcasts as `P` does, to neighbours that it keeps.
#[derive(Debug)]
pub struct Keeper<P> {
    node: P,
    view: View,
    /// When this life began.
    up: Instant,
    rules: Arc<Rules>,
}

/// A message of the broadcast, or about who is up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Wire<M> {
    /// One of the broadcast.
    Gossip(M),
    /// Are you up?
    Ping {
        /// The number of the question.
        number: u16,
        /// Whether the one who asks keeps the other.
        keeps: bool,
    },
    /// I am.
    Pong {
        /// The number of the question.
        number: u16,
        /// For how many seconds.
        age: u32,
    },
}

/// What a peer sets for itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Timer<T> {
    /// One of the broadcast.
    Gossip(T),
    /// It is time to ask the neighbours.
    Beat,
    /// Neighbours that have not answered by now are gone.
    Late,
    /// It is time to choose among those who answered.
    Choose,
}

/// What a peer reports.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// About a broadcast.
    Gossip(wire::Event),
    /// It has taken a neighbour.
    Took {
        /// Whom.
        peer: PeerId,
        /// For how long that one is up, as it says.
        age: Duration,
        /// The round trip to it.
        round_trip: Duration,
    },
    /// It has given a neighbour up.
    Dropped(PeerId),
}

impl<M: Message> Wire<M> {
    /// Those of the broadcast, then `ping` and `pong`; what is after them is not used.
    const NAMES: [&'static str; 8] = {
        let mut names = [""; 8];
        let mut at = 0;
        while at < M::KINDS.len() {
            names[at] = M::KINDS[at];
            at += 1;
        }
        names[at] = "ping";
        names[at + 1] = "pong";
        names
    };
}

impl<M: Message> Message for Wire<M> {
    const KINDS: &'static [&'static str] = Self::NAMES.split_at(M::KINDS.len() + 2).0;

    fn kind(&self) -> u8 {
        match self {
            Self::Gossip(message) => message.kind(),
            Self::Ping { .. } => M::KINDS.len() as u8,
            Self::Pong { .. } => M::KINDS.len() as u8 + 1,
        }
    }

    /// A ping is a header, whose identifier numbers it, and a pong an age in addition.
    fn bytes(&self) -> u32 {
        match self {
            Self::Gossip(message) => message.bytes(),
            Self::Ping { .. } => HEADER,
            Self::Pong { .. } => HEADER + AGE,
        }
    }
}

impl Rules {
    /// For a population of so many.
    pub fn new(keep: Kept, peers: u32) -> Self {
        let everybody = Targets::Everybody(peers);
        Self { keep, everybody }
    }
}

type Cx<'a, P> = Context<'a, Keeper<P>>;

impl<P: Node<Event = wire::Event>> Keeper<P> {
    /// A peer that keeps nobody yet.
    pub fn new(node: P, rules: Arc<Rules>) -> Self {
        Self {
            node,
            view: View::default(),
            up: Instant::ZERO,
            rules,
        }
    }

    /// Runs the broadcast, and passes on what it reports.
    fn below(&mut self, cx: &mut Cx<'_, P>, act: impl FnOnce(&mut P, &mut Context<'_, P>)) {
        let node = &mut self.node;
        for event in cx.layer(Wire::Gossip, Timer::Gossip, |cx| act(node, cx)) {
            cx.emit(Event::Gossip(event));
        }
    }

    /// Lets the broadcast know whom it may send to.
    fn tell(&mut self) {
        let both_ways = self.rules.keep.both_ways;
        *self.node.targets() = Targets::Kept(if both_ways {
            self.view.links()
        } else {
            self.view.kept().collect()
        });
    }

    /// Looks for others if there are too few.
    fn look(&mut self, cx: &mut Cx<'_, P>) {
        let keep = self.rules.keep;
        if self.view.kept().len() >= usize::from(keep.count) || self.view.looks() {
            return;
        }
        let number = self.view.look(cx.now());
        let (me, candidates) = (cx.me(), usize::from(keep.candidates));
        for to in self.rules.everybody.some(me, None, candidates, cx.rng()) {
            let keeps = false;
            cx.send(to, Wire::Ping { number, keeps });
        }
        cx.arm(keep.timeout, Timer::Choose);
    }

    fn beat(&mut self, cx: &mut Cx<'_, P>) {
        let keep = self.rules.keep;
        cx.arm(keep.ping, Timer::Beat);
        // Who keeps the peer says so as often; one lost ping is forgiven.
        let twice = keep.ping.saturating_add(keep.ping);
        let patience = twice.saturating_add(keep.timeout);
        let before = Instant::ZERO + cx.now().saturating_since(Instant::ZERO + patience);
        if self.view.forget_keepers(before) {
            self.tell();
        }
        if self.view.kept().len() == 0 {
            return self.look(cx);
        }
        let number = self.view.beat();
        for to in self.view.kept() {
            let keeps = true;
            cx.send(to, Wire::Ping { number, keeps });
        }
        cx.arm(keep.timeout, Timer::Late);
    }

    fn late(&mut self, cx: &mut Cx<'_, P>) {
        let silent = self.view.drop_silent();
        if !silent.is_empty() {
            self.tell();
        }
        for peer in silent {
            cx.emit(Event::Dropped(peer));
        }
        self.look(cx);
    }

    fn choose(&mut self, cx: &mut Cx<'_, P>) {
        let (keep, now) = (self.rules.keep, cx.now());
        let count = usize::from(keep.count);
        let number = self.view.last_beat();
        for known in self.view.take(count, keep.choice, cx.rng()) {
            cx.emit(Event::Took {
                peer: known.peer,
                age: now.saturating_since(known.since.unwrap_or(now)),
                round_trip: known.round_trip.unwrap_or_default(),
            });
            if keep.both_ways {
                let keeps = true;
                cx.send(known.peer, Wire::Ping { number, keeps });
            }
        }
        self.tell();
    }
}

impl<P: Node<Event = wire::Event>> Protocol for Keeper<P> {
    type Message = Wire<P::Message>;
    type Timer = Timer<P::Timer>;
    type Command = Publish;
    type Event = Event;

    /// Neighbours are held in memory: who restarts looks for others.
    fn on_start(&mut self, cx: &mut Context<'_, Self>) {
        self.up = cx.now();
        self.view.forget();
        self.tell();
        self.below(cx, P::on_start);
        let first = cx.rng().between(Duration::ZERO, self.rules.keep.ping);
        cx.arm(first, Timer::Beat);
        self.look(cx);
    }

    #[inline]
    fn touch(&self, me: PeerId) -> u32 {
        self.node.touch(me)
    }

    fn on_message(&mut self, from: PeerId, message: Self::Message, cx: &mut Context<'_, Self>) {
        let now = cx.now();
        match message {
            Wire::Gossip(message) => self.below(cx, |node, cx| node.on_message(from, message, cx)),
            Wire::Ping { number, keeps } => {
                if keeps && self.rules.keep.both_ways && self.view.is_kept_by(from, now) {
                    self.tell();
                }
                let age = (now - self.up).as_nanos() / ROUNDING.as_nanos();
                let age = u32::try_from(age).unwrap_or(u32::MAX);
                cx.send(from, Wire::Pong { number, age });
            }
            Wire::Pong { number, age } => {
                let age = Duration::from_secs(u64::from(age));
                let since = Instant::ZERO + now.saturating_since(Instant::ZERO + age);
                let slack = ROUNDING.saturating_add(self.rules.keep.timeout);
                self.view.heard(from, number, since, slack, now);
            }
        }
    }

    fn on_timer(&mut self, timer: Self::Timer, cx: &mut Context<'_, Self>) {
        match timer {
            Timer::Gossip(timer) => self.below(cx, |node, cx| node.on_timer(timer, cx)),
            Timer::Beat => self.beat(cx),
            Timer::Late => self.late(cx),
            Timer::Choose => self.choose(cx),
        }
    }

    fn on_command(&mut self, command: Publish, cx: &mut Context<'_, Self>) {
        self.below(cx, |node, cx| node.on_command(command, cx));
    }
}

impl<P: Node<Event = wire::Event>> Node for Keeper<P> {
    fn duplicates(&self) -> u64 {
        self.node.duplicates()
    }

    fn targets(&mut self) -> &mut Targets {
        self.node.targets()
    }
}

#[cfg(test)]
#[path = "keeper_tests.rs"]
mod tests;
