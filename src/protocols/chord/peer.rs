//! [`Peer`]: a peer with its nodes, what it waits for, and which input goes where.

use super::birth::Birth;
use super::config::{Chord, Handover, Numbers, Routing, Start};
use super::lookup::Lookup;
use super::message::{Body, Cause, Forward, Purpose, Reply, Wire};
use super::tables::{Step, Tables};
use crate::engine::{Context, Protocol, Setup, TimerId};
use crate::peer::PeerId;
use crate::protocols::dht::{Command, Contact, Dht, Ended, Event, Id, Ids, Outcome, What};
use crate::random::Draw;
use crate::time::{Duration, Instant};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What all peers of a run share.
#[derive(Clone, Debug)]
pub struct Rules {
    /// All identifiers.
    pub ids: Arc<Ids>,
    /// The numbers of the preset and the scenario.
    pub numbers: Numbers,
    /// See [`Chord::maintenance`].
    pub maintenance: bool,
    /// See [`Chord::forget`].
    pub forget: bool,
    /// See [`Chord::routing`].
    pub routing: Routing,
    /// See [`Chord::confirm`].
    pub confirm: bool,
    /// See [`Chord::replicas`].
    pub replicas: usize,
    /// See [`Chord::value`].
    pub value: u16,
    /// See [`Chord::handover`].
    pub handover: Handover,
    /// See [`Chord::start`].
    pub start: Start,
    /// The peer that makes the ring, if the others join it.
    pub founder: Option<PeerId>,
    /// How many honest peers there are: whoever joins asks a random one, up or down.
    pub peers: u32,
}

impl Rules {
    /// The rules of a run, and who is up at its start.
    ///
    /// # Panics
    /// If a value is larger than a datagram (scenarios are checked before).
    pub fn new(chord: &Chord, setup: &Setup, ids: Arc<Ids>) -> (Self, Birth) {
        let birth = Birth::new(setup, &ids);
        let rules = Self {
            ids,
            numbers: chord.numbers(),
            maintenance: chord.maintenance,
            forget: chord.forget,
            routing: chord.routing,
            confirm: chord.confirm,
            replicas: usize::from(chord.replicas),
            value: u16::try_from(chord.value.0).expect("values are checked at load time"),
            handover: chord.handover,
            start: chord.start,
            founder: birth.first(),
            peers: setup
                .population
                .classes()
                .first()
                .map_or(0, |class| class.count),
        };
        (rules, birth)
    }

    /// The longest list of successors.
    pub(super) fn successors(&self) -> usize {
        usize::from(self.numbers.successors)
    }
}

/// A peer: its nodes, usually one, and what it waits for.
#[derive(Debug)]
pub struct Peer {
    pub(super) rules: Arc<Rules>,
    pub(super) nodes: Vec<Node>,
    pub(super) busy: Option<Box<Busy>>,
    /// The next number of a call, and of a lookup.
    numbers: [u32; 2],
    /// How often it has come up.
    lives: u32,
}

/// One identifier of a peer.
#[derive(Debug)]
pub struct Node {
    /// What it knows of the ring.
    pub tables: Tables,
    /// Whether it is part of the ring.
    pub joined: bool,
    /// The finger to look up next.
    pub(super) next: u8,
    /// Whether its fingers are being looked up one after the other.
    pub(super) filling: bool,
    /// The keys of the values it holds.
    pub values: BTreeSet<Id>,
}

/// What a peer waits for.
#[derive(Default, Debug)]
pub(super) struct Busy {
    pub(super) lookups: Vec<Lookup>,
    calls: Vec<Call>,
}

/// A request whose answer has not come.
#[derive(Debug)]
pub(super) struct Call {
    number: u32,
    /// Which of the peer's nodes asks.
    pub(super) node: u8,
    /// Whom.
    pub(super) to: Contact,
    pub(super) waiting: Waiting,
    timer: TimerId,
}

/// What a request is for.
#[derive(Clone, Debug)]
pub(super) enum Waiting {
    /// The next step of the lookup with this number.
    Step(u32),
    /// The delivery at the end of it.
    Deliver(u32),
    /// Handing on a question; these have not answered before.
    Relay(Forward, Vec<Contact>),
    /// A round of stabilization, which goes on to whoever has come between.
    Stabilize { chase: bool },
    /// Whether the predecessor is there.
    Ping,
}

/// What a peer sets for itself; nodes by their index.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Timer {
    /// The call with this number has not been answered.
    Late(u32),
    /// The lookup with this number has taken too long.
    GiveUp(u32),
    /// A round of stabilization.
    Stabilize(u8),
    /// Look a finger up.
    Fingers(u8),
    /// Ask the predecessor.
    Check(u8),
    /// Join.
    Join(u8),
}

pub(super) type Cx<'a> = Context<'a, Peer>;

impl Node {
    fn new(me: Contact, ids: &Ids) -> Self {
        Self::with(Tables::new(me, ids), false)
    }

    fn with(tables: Tables, joined: bool) -> Self {
        Self {
            tables,
            joined,
            next: 0,
            filling: false,
            values: BTreeSet::new(),
        }
    }
}

impl Peer {
    /// A peer that is up at the start with the tables of `birth`, or knows nobody.
    pub fn new(me: PeerId, rules: Arc<Rules>, birth: &mut Birth) -> Self {
        let converged = matches!(rules.start, Start::Converged {});
        let ids = &rules.ids;
        let born = |own| birth.tables(own, rules.successors(), ids);
        let tables = ids.contacts(me, 0).filter(|_| converged).map_while(born);
        let nodes = tables.map(|tables| Node::with(tables, true)).collect();
        Self {
            rules,
            nodes,
            busy: None,
            numbers: [0, 0],
            lives: 0,
        }
    }

    pub(super) fn node(&mut self, at: u8) -> &mut Node {
        &mut self.nodes[usize::from(at)]
    }

    /// Where a lookup goes from one of the nodes.
    #[inline]
    pub(super) fn step(&self, at: u8, key: Id, avoid: &[Contact]) -> Step {
        let tables = &self.nodes[usize::from(at)].tables;
        tables.step(key, avoid, &self.rules.ids)
    }

    /// Which of the nodes has this number; nothing if it is not part of the ring.
    fn addressed(&self, number: u8) -> Option<u8> {
        let nodes = &mut self.nodes.iter();
        let at = nodes.position(|node| node.joined && node.tables.me.number() == number);
        at.map(|at| at as u8)
    }

    /// The own node in the ring that is least far before `key`.
    pub(super) fn nearest(&self, key: Id) -> Option<u8> {
        let joined = (0u8..).zip(&self.nodes).filter(|(_, node)| node.joined);
        let nearest = joined.min_by_key(|(_, node)| node.tables.id.ahead(key).wrapping_sub(1));
        nearest.map(|(at, _)| at)
    }

    pub(super) fn next_lookup(&mut self) -> u32 {
        let next = &mut self.numbers[1];
        *next = next.wrapping_add(1);
        *next
    }

    pub(super) fn send(&self, node: u8, to: Contact, body: Body, cx: &mut Cx<'_>) {
        let from = self.nodes[usize::from(node)].tables.me.number();
        let to_number = to.number();
        let wire = Wire {
            to: to_number,
            from,
            body,
        };
        cx.send(to.peer(), wire);
    }

    /// Sends a request and waits for its answer.
    pub(super) fn call(
        &mut self,
        node: u8,
        to: Contact,
        waiting: Waiting,
        body: impl FnOnce(u32) -> Body,
        cx: &mut Cx<'_>,
    ) {
        self.numbers[0] = self.numbers[0].wrapping_add(1);
        let number = self.numbers[0];
        self.send(node, to, body(number), cx);
        let timer = cx.arm(self.rules.numbers.timeout, Timer::Late(number));
        let call = Call {
            number,
            node,
            to,
            waiting,
            timer,
        };
        self.busy.get_or_insert_default().calls.push(call);
    }

    /// The call that `from` has answered, if it is still waited for.
    fn answered(&mut self, number: u32, from: PeerId, cx: &mut Cx<'_>) -> Option<Call> {
        let calls = &mut self.busy.as_mut()?.calls;
        let waits = |call: &Call| call.number == number && call.to.peer() == from;
        let call = calls.swap_remove(calls.iter().position(waits)?);
        cx.cancel(call.timer);
        Some(call)
    }

    fn late(&mut self, number: u32, cx: &mut Cx<'_>) {
        let Some(busy) = &mut self.busy else { return };
        let Some(at) = busy.calls.iter().position(|call| call.number == number) else {
            return;
        };
        let call = busy.calls.swap_remove(at);
        match call.waiting {
            Waiting::Step(lookup) => self.step_is_late(lookup, call.to, cx),
            Waiting::Deliver(lookup) => self.delivery_is_late(lookup, call.to, cx),
            Waiting::Relay(forward, avoid) => {
                self.relay_is_late(call.node, forward, avoid, call.to, cx);
            }
            Waiting::Stabilize { .. } => self.successor_is_late(call.node, call.to, cx),
            Waiting::Ping => self.predecessor_is_late(call.node, call.to),
        }
    }

    /// Gives the memory back when there is nothing to wait for.
    fn rest(&mut self) {
        let idle = |busy: &Busy| busy.calls.is_empty() && busy.lookups.is_empty();
        if self.busy.as_deref().is_some_and(idle) {
            self.busy = None;
        }
    }

    /// An answer: to whichever call it belongs.
    fn on_answer(&mut self, number: u32, from: PeerId, body: Body, cx: &mut Cx<'_>) {
        let Some(call) = self.answered(number, from, cx) else {
            return;
        };
        match (call.waiting, body) {
            (Waiting::Step(lookup), Body::Next { next, .. }) => {
                self.closer(lookup, call.to, next, cx);
            }
            (Waiting::Step(lookup), Body::Found { successors, .. }) => {
                self.found(lookup, call.to, successors, cx);
            }
            (Waiting::Deliver(lookup), Body::Delivered { reply, .. }) => {
                self.delivered(lookup, reply, cx);
            }
            (
                Waiting::Stabilize { chase },
                Body::State {
                    predecessor,
                    successors,
                    ..
                },
            ) => self.on_state(call.node, (call.to, chase), predecessor, &successors, cx),
            // Handed on, or there: that is all.
            _ => {}
        }
    }

    /// A request or a word from another node.
    fn on_request(&mut self, to: u8, from: Contact, body: Body, cx: &mut Cx<'_>) {
        match body {
            Body::Find {
                call,
                key,
                cause,
                avoid,
            } => {
                let at = if cause == Cause::Join {
                    self.nearest(key)
                } else {
                    self.addressed(to)
                };
                if let Some(at) = at {
                    let avoid = avoid.unwrap_or_default();
                    self.on_find(at, from, (call, cause), key, &avoid, cx);
                }
                return;
            }
            Body::Answer {
                lookup,
                hops,
                timeouts,
                successors,
                ..
            } => return self.on_end_of_relay(lookup, (hops, timeouts), successors, cx),
            _ => {}
        }
        let Some(at) = self.addressed(to) else { return };
        match body {
            Body::Forward(forward) => self.on_forward(at, from, forward, cx),
            Body::Deliver {
                call,
                key,
                what,
                insist,
                ..
            } => {
                let reply = self.receive(at, key, what, insist, cx);
                let fetched = what == What::Get && reply == Reply::Done;
                let value = if fetched { self.rules.value } else { 0 };
                self.send(at, from, Body::Delivered { call, reply, value }, cx);
            }
            Body::Stabilize { call } => self.on_stabilize(at, from, call, cx),
            Body::Notify => self.on_notify(at, from, cx),
            Body::Ping { call } => self.send(at, from, Body::Pong { call }, cx),
            Body::Copies { keys, .. } => self.node(at).values.extend(keys),
            Body::Leave {
                predecessor,
                successors,
            } => self.on_farewell(at, from, predecessor, &successors),
            _ => {}
        }
    }
}

impl Protocol for Peer {
    type Message = Wire;
    type Timer = Timer;
    type Command = Command;
    type Event = Event;

    fn on_start(&mut self, cx: &mut Cx<'_>) {
        let life = self.lives;
        self.lives += 1;
        self.busy = None;
        let born = life == 0 && !self.nodes.is_empty();
        if !born {
            let ids = Arc::clone(&self.rules.ids);
            let own = ids.contacts(cx.me(), life);
            self.nodes = own.map(|me| Node::new(me, &ids)).collect();
        }
        for at in 0..self.nodes.len() as u8 {
            if born {
                self.enter(at, cx);
                continue;
            }
            let founder = self.rules.founder == Some(cx.me());
            match self.rules.start {
                // All nodes of the founder but the first join it like others.
                Start::Join(_) if cx.now() == Instant::ZERO && founder && at == 0 => {
                    self.enter(at, cx);
                }
                Start::Join(join) if cx.now() == Instant::ZERO && !join.over.is_zero() => {
                    let after = cx.rng().between(Duration::ZERO, join.over);
                    cx.arm(after, Timer::Join(at));
                }
                _ => self.join(at, cx),
            }
        }
    }

    fn on_message(&mut self, from: PeerId, message: Wire, cx: &mut Cx<'_>) {
        let sender = Contact::new(from, message.from);
        match message.body {
            Body::Next { call, .. }
            | Body::Found { call, .. }
            | Body::Accept { call, .. }
            | Body::Delivered { call, .. }
            | Body::State { call, .. }
            | Body::Pong { call } => self.on_answer(call, from, message.body, cx),
            body => self.on_request(message.to, sender, body, cx),
        }
        self.rest();
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_>) {
        match timer {
            Timer::Late(call) => self.late(call, cx),
            Timer::GiveUp(lookup) => self.give_up(lookup, cx),
            Timer::Stabilize(at) => self.on_stabilize_timer(at, cx),
            Timer::Fingers(at) => self.on_fingers_timer(at, cx),
            Timer::Check(at) => self.on_check_timer(at, cx),
            Timer::Join(at) => self.join(at, cx),
        }
        self.rest();
    }

    fn on_command(&mut self, command: Command, cx: &mut Cx<'_>) {
        cx.emit(Event::Began(command));
        match self.nearest(command.key) {
            Some(at) => self.begin(at, Purpose::Asked(command), command.key, cx),
            None => cx.emit(Event::Ended(Ended {
                number: command.number,
                outcome: Outcome::Failed,
                hops: 0,
                messages: 0,
                timeouts: 0,
                closest: Box::default(),
            })),
        }
        self.rest();
    }

    /// The tables are behind two pointers.
    #[inline]
    fn touch(&self, _me: PeerId) -> u32 {
        let Some(node) = self.nodes.first() else {
            return 0;
        };
        let Tables {
            fingers,
            successors,
            ..
        } = &node.tables;
        let lines = [fingers.first(), fingers.last(), successors.first()];
        lines
            .into_iter()
            .flatten()
            .fold(0, |seen, contact| seen ^ contact.peer().0)
    }

    fn on_leave(&mut self, cx: &mut Cx<'_>) {
        for at in 0..self.nodes.len() as u8 {
            self.say_farewell(at, cx);
        }
    }
}

impl Dht for Peer {
    const LOOKUP: &'static [&'static str] = &["find", "next", "found", "deliver", "delivered"];

    fn table(&self, mut see: impl FnMut(Contact)) {
        for node in &self.nodes {
            node.tables.each(&mut see);
        }
    }

    fn values(&self, mut see: impl FnMut(Id)) {
        for node in &self.nodes {
            node.values.iter().for_each(|&key| see(key));
        }
    }
}
