//! Recursive lookups: each node hands the question on, and the last one answers the origin.

use super::config::Routing;
use super::lookup::Lookup;
use super::message::{Body, Forward};
use super::peer::{Cx, Peer, Timer, Waiting};
use super::tables::Step;
use crate::protocols::dht::Contact;
use crate::time::Duration;

impl Peer {
    fn acknowledges(&self) -> bool {
        matches!(self.rules.routing, Routing::Recursive(recursive) if recursive.ack)
    }

    /// Begins a lookup and waits for the answer of whoever is last.
    pub(super) fn hand_out(&mut self, mut lookup: Lookup, patience: Duration, cx: &mut Cx<'_>) {
        let node = lookup.node;
        let tables = &self.nodes[usize::from(node)].tables;
        let forward = lookup.forward(tables.me);
        match self.step(node, lookup.key, &[]) {
            Step::Here => {
                let list = self.owners(node, &[]);
                self.arrive(lookup, list.into(), cx);
            }
            Step::To(next) => {
                lookup.patience = Some(cx.arm(patience, Timer::GiveUp(lookup.number)));
                self.keep(lookup);
                self.hand_on(node, forward, next, Vec::new(), cx);
            }
        }
    }

    fn hand_on(
        &mut self,
        node: u8,
        mut forward: Forward,
        to: Contact,
        avoid: Vec<Contact>,
        cx: &mut Cx<'_>,
    ) {
        let before = forward;
        forward.hops = forward.hops.saturating_add(1);
        if self.acknowledges() {
            let waiting = Waiting::Relay(before, avoid);
            let body = |call| Body::Forward(Forward { call, ..forward });
            self.call(node, to, waiting, body, cx);
        } else {
            self.send(node, to, Body::Forward(forward), cx);
        }
    }

    /// A question comes by.
    pub(super) fn on_forward(&mut self, at: u8, from: Contact, forward: Forward, cx: &mut Cx<'_>) {
        let Forward { call, cause, .. } = forward;
        if self.acknowledges() {
            self.send(at, from, Body::Accept { call, cause }, cx);
        }
        self.pass(at, forward, Vec::new(), cx);
    }

    fn pass(&mut self, at: u8, forward: Forward, avoid: Vec<Contact>, cx: &mut Cx<'_>) {
        let step = self.step(at, forward.key, &avoid);
        match step {
            // More hops than that is going round in circles: the origin will give up.
            Step::To(next) if forward.hops < u8::MAX => {
                self.hand_on(at, forward, next, avoid, cx);
            }
            Step::To(_) => {}
            Step::Here => {
                let successors = self.owners(at, &avoid);
                let Forward {
                    lookup,
                    cause,
                    hops,
                    timeouts,
                    origin,
                    ..
                } = forward;
                if self.node(at).tables.me == origin {
                    return self.on_end_of_relay(lookup, (hops, timeouts), successors, cx);
                }
                let answer = Body::Answer {
                    lookup,
                    cause,
                    hops,
                    timeouts,
                    successors,
                };
                self.send(at, origin, answer, cx);
            }
        }
    }

    /// The next node has not acknowledged: another one.
    pub(super) fn relay_is_late(
        &mut self,
        at: u8,
        mut forward: Forward,
        mut avoid: Vec<Contact>,
        gone: Contact,
        cx: &mut Cx<'_>,
    ) {
        forward.timeouts = forward.timeouts.saturating_add(1);
        avoid.push(gone);
        if self.rules.forget {
            self.node(at).tables.forget(gone);
        }
        self.pass(at, forward, avoid, cx);
    }

    /// The answer has come.
    pub(super) fn on_end_of_relay(
        &mut self,
        number: u32,
        (hops, timeouts): (u8, u8),
        successors: Box<[Contact]>,
        cx: &mut Cx<'_>,
    ) {
        let Some(mut lookup) = self.take(number) else {
            return;
        };
        if let Some(patience) = lookup.patience.take() {
            cx.cancel(patience);
        }
        lookup.hops = u16::from(hops);
        lookup.timeouts = u16::from(timeouts);
        let each = 1 + u16::from(self.acknowledges());
        // Every hop, its acknowledgement, and the answer, unless that was no message.
        lookup.messages = lookup.hops * each + lookup.timeouts + u16::from(hops > 0);
        self.arrive(lookup, successors.into(), cx);
    }

    /// No answer has come.
    pub(super) fn give_up(&mut self, number: u32, cx: &mut Cx<'_>) {
        if let Some(mut lookup) = self.take(number) {
            lookup.timeouts += 1;
            self.fail(lookup, cx);
        }
    }
}
