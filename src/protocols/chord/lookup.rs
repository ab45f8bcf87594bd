//! [`Lookup`]: from node to node to the key's predecessor, and what is done there.

use super::config::Routing;
use super::message::{Body, Cause, Forward, Purpose, Reply};
use super::peer::{Busy, Cx, Peer, Waiting};
use super::tables::Step;
use crate::engine::TimerId;
use crate::peer::PeerId;
use crate::protocols::dht::{Contact, Ended, Event, Id, Outcome, What};
use crate::random::Draw;

/// A lookup under way, kept by the node that began it.
#[derive(Debug)]
pub(super) struct Lookup {
    pub(super) number: u32,
    pub(super) node: u8,
    pub(super) purpose: Purpose,
    pub(super) key: Id,
    /// Who has answered so far, in order (iterative).
    path: Vec<Contact>,
    /// Who has not.
    dead: Vec<Contact>,
    pub(super) hops: u16,
    pub(super) messages: u16,
    pub(super) timeouts: u16,
    /// Who may have the key, best first, once its predecessor has spoken.
    list: Vec<Contact>,
    /// Whether somebody who should have the value has not.
    missing: bool,
    /// Whether the first of the list is to do it though it thinks that the key is another's.
    insist: bool,
    /// When the answer of a recursive lookup is given up.
    pub(super) patience: Option<TimerId>,
}

/// More hops or time-outs than any lookup needs: it goes round in circles.
const MOST: u16 = 128;

impl Peer {
    pub(super) fn take(&mut self, number: u32) -> Option<Lookup> {
        let lookups = &mut self.busy.as_mut()?.lookups;
        let at = lookups.iter().position(|lookup| lookup.number == number)?;
        Some(lookups.swap_remove(at))
    }

    pub(super) fn keep(&mut self, lookup: Lookup) {
        let busy: &mut Busy = self.busy.get_or_insert_default();
        busy.lookups.push(lookup);
    }

    /// Begins a lookup at one of the own nodes.
    pub(super) fn begin(&mut self, node: u8, purpose: Purpose, key: Id, cx: &mut Cx<'_>) {
        let lookup = Lookup {
            number: self.next_lookup(),
            node,
            purpose,
            key,
            path: Vec::new(),
            dead: Vec::new(),
            hops: 0,
            messages: 0,
            timeouts: 0,
            list: Vec::new(),
            missing: false,
            insist: false,
            patience: None,
        };
        match (purpose, self.rules.routing) {
            (Purpose::Join, _) => self.ask_somebody(lookup, cx),
            (_, Routing::Iterative {}) => self.advance(lookup, cx),
            (_, Routing::Recursive(recursive)) => self.hand_out(lookup, recursive.patience, cx),
        }
    }

    /// Asks a random peer, up or down, for a place in the ring.
    fn ask_somebody(&mut self, lookup: Lookup, cx: &mut Cx<'_>) {
        let others = u64::from(self.rules.peers).saturating_sub(1);
        if others == 0 {
            return self.fail(lookup, cx);
        }
        let other = cx.rng().below(others) as u32;
        let peer = other + u32::from(other >= cx.me().0);
        self.ask(lookup, Contact::new(PeerId(peer), 0), cx);
    }

    /// The first step, from the own tables.
    fn advance(&mut self, lookup: Lookup, cx: &mut Cx<'_>) {
        match self.step(lookup.node, lookup.key, &lookup.dead) {
            Step::To(next) => self.ask(lookup, next, cx),
            Step::Here => {
                let list = self.owners(lookup.node, &lookup.dead);
                self.arrive(lookup, list.into(), cx);
            }
        }
    }

    /// The successors of a node but for those who do not answer; itself if it knows nobody.
    pub(super) fn owners(&self, node: u8, avoid: &[Contact]) -> Box<[Contact]> {
        let tables = &self.nodes[usize::from(node)].tables;
        if tables.successors.is_empty() {
            return Box::new([tables.me]);
        }
        let successors = tables.successors.iter().copied();
        successors
            .filter(|contact| !avoid.contains(contact))
            .collect()
    }

    fn ask(&mut self, mut lookup: Lookup, to: Contact, cx: &mut Cx<'_>) {
        lookup.messages += 1;
        let avoid = (!lookup.dead.is_empty()).then(|| lookup.dead.as_slice().into());
        let (key, cause) = (lookup.key, lookup.purpose.cause());
        let waiting = Waiting::Step(lookup.number);
        let find = |call| Body::Find {
            call,
            key,
            cause,
            avoid,
        };
        self.call(lookup.node, to, waiting, find, cx);
        self.keep(lookup);
    }

    /// Another node asks for the next step.
    pub(super) fn on_find(
        &mut self,
        at: u8,
        from: Contact,
        (call, cause): (u32, Cause),
        key: Id,
        avoid: &[Contact],
        cx: &mut Cx<'_>,
    ) {
        if self.rules.forget && cause != Cause::Join {
            for &gone in avoid {
                self.node(at).tables.forget(gone);
            }
        }
        let step = self.step(at, key, avoid);
        let answer = match step {
            Step::To(next) => Body::Next { call, cause, next },
            Step::Here => Body::Found {
                call,
                cause,
                successors: self.owners(at, avoid),
            },
        };
        self.send(at, from, answer, cx);
    }

    /// A node has named one that is closer.
    pub(super) fn closer(&mut self, number: u32, by: Contact, next: Contact, cx: &mut Cx<'_>) {
        let Some(mut lookup) = self.take(number) else {
            return;
        };
        lookup.answered(by);
        if lookup.hops > MOST || lookup.dead.contains(&next) {
            return self.fail(lookup, cx);
        }
        self.ask(lookup, next, cx);
    }

    /// The key's predecessor has spoken.
    pub(super) fn found(
        &mut self,
        number: u32,
        by: Contact,
        successors: Box<[Contact]>,
        cx: &mut Cx<'_>,
    ) {
        if let Some(mut lookup) = self.take(number) {
            lookup.answered(by);
            self.arrive(lookup, successors.into(), cx);
        }
    }

    /// Somebody has not answered: back to the last one who did, or to the own tables.
    pub(super) fn step_is_late(&mut self, number: u32, gone: Contact, cx: &mut Cx<'_>) {
        let Some(mut lookup) = self.take(number) else {
            return;
        };
        lookup.timeouts += 1;
        lookup.dead.push(gone);
        if self.rules.forget && lookup.purpose != Purpose::Join {
            self.node(lookup.node).tables.forget(gone);
        }
        if lookup.timeouts > MOST {
            return self.fail(lookup, cx);
        }
        while let Some(&last) = lookup.path.last() {
            if !lookup.dead.contains(&last) {
                return self.ask(lookup, last, cx);
            }
            lookup.path.pop();
        }
        if lookup.purpose == Purpose::Join {
            // One of a great many addresses: nobody has to be told.
            lookup.dead.clear();
            self.ask_somebody(lookup, cx);
        } else {
            self.advance(lookup, cx);
        }
    }

    /// The key belongs to the first of the list that is there.
    pub(super) fn arrive(&mut self, mut lookup: Lookup, list: Vec<Contact>, cx: &mut Cx<'_>) {
        match lookup.purpose {
            Purpose::Join => self.on_place(lookup.node, &list, cx),
            Purpose::Finger(index) => self.on_finger(lookup.node, index, list.first(), cx),
            Purpose::Asked(command) => {
                lookup.list = list;
                if command.what == What::Find && !self.rules.confirm {
                    end(lookup, Outcome::Done, cx);
                } else {
                    self.deliver(lookup, cx);
                }
            }
        }
    }

    /// Goes to the first of the list with what is asked.
    fn deliver(&mut self, mut lookup: Lookup, cx: &mut Cx<'_>) {
        let Purpose::Asked(command) = lookup.purpose else {
            return;
        };
        let Some(&to) = lookup.list.first() else {
            let outcome = if lookup.missing {
                Outcome::Missing
            } else {
                Outcome::Failed
            };
            return end(lookup, outcome, cx);
        };
        let (key, what, insist) = (lookup.key, command.what, lookup.insist);
        if let Some(own) = self.nodes.iter().position(|node| node.tables.me == to) {
            let reply = self.receive(own as u8, key, what, insist, cx);
            return self.after_delivery(lookup, reply, cx);
        }
        lookup.messages += 1;
        let waiting = Waiting::Deliver(lookup.number);
        let value = if what == What::Put {
            self.rules.value
        } else {
            0
        };
        let deliver = |call| Body::Deliver {
            call,
            key,
            what,
            insist,
            value,
        };
        self.call(lookup.node, to, waiting, deliver, cx);
        self.keep(lookup);
    }

    pub(super) fn delivered(&mut self, number: u32, reply: Reply, cx: &mut Cx<'_>) {
        if let Some(mut lookup) = self.take(number) {
            lookup.messages += 1;
            self.after_delivery(lookup, reply, cx);
        }
    }

    fn after_delivery(&mut self, mut lookup: Lookup, reply: Reply, cx: &mut Cx<'_>) {
        match reply {
            Reply::Done => return end(lookup, Outcome::Done, cx),
            // Somebody has come in between, unless that one is gone again.
            Reply::Instead(other)
                if !lookup.dead.contains(&other)
                    && !lookup.list.contains(&other)
                    && lookup.hops < MOST =>
            {
                lookup.list.insert(0, other);
                lookup.hops += 1;
            }
            Reply::Instead(_) => lookup.insist = true,
            Reply::Missing => {
                lookup.missing = true;
                let gone = lookup.list.remove(0);
                lookup.dead.push(gone);
                // Copies are with the owner and the next few behind it.
                let left = self.rules.replicas.saturating_sub(lookup.dead.len());
                lookup.list.truncate(left);
            }
        }
        self.deliver(lookup, cx);
    }

    pub(super) fn delivery_is_late(&mut self, number: u32, gone: Contact, cx: &mut Cx<'_>) {
        let Some(mut lookup) = self.take(number) else {
            return;
        };
        lookup.timeouts += 1;
        lookup.dead.push(gone);
        lookup.list.retain(|&contact| contact != gone);
        if self.rules.forget {
            self.node(lookup.node).tables.forget(gone);
        }
        self.deliver(lookup, cx);
    }

    /// There is nobody left to ask.
    pub(super) fn fail(&mut self, lookup: Lookup, cx: &mut Cx<'_>) {
        match lookup.purpose {
            Purpose::Asked(_) => end(lookup, Outcome::Failed, cx),
            Purpose::Finger(index) => self.on_finger(lookup.node, index, None, cx),
            Purpose::Join => self.on_place(lookup.node, &[], cx),
        }
    }
}

/// Reports how it ended.
fn end(lookup: Lookup, outcome: Outcome, cx: &mut Cx<'_>) {
    if let Purpose::Asked(command) = lookup.purpose {
        cx.emit(Event::Ended(Ended {
            number: command.number,
            outcome,
            hops: lookup.hops,
            messages: lookup.messages,
            timeouts: lookup.timeouts,
            closest: lookup.list.into(),
        }));
    }
}

impl Lookup {
    /// The question as nodes hand it on.
    pub(super) fn forward(&self, origin: Contact) -> Forward {
        Forward {
            key: self.key,
            origin,
            lookup: self.number,
            call: 0,
            hops: 0,
            timeouts: 0,
            cause: self.purpose.cause(),
        }
    }

    /// Counts an answer; asked again, a node is no new hop.
    fn answered(&mut self, by: Contact) {
        self.messages += 1;
        if self.path.last() != Some(&by) {
            self.path.push(by);
            self.hops += 1;
        }
    }
}
