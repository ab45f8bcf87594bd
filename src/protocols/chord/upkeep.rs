//! Joining, stabilization, fingers, predecessors, leaving: what keeps the ring (sections IV-E and
//! IV-E.4 of the paper).

use super::config::{Fingers, Handover};
use super::message::{Body, Purpose};
use super::peer::{Cx, Peer, Timer, Waiting};
use super::ring::in_half_open;
use crate::protocols::dht::{Contact, Event, Id};
use crate::random::Draw;
use crate::time::Duration;
use std::sync::Arc;

impl Peer {
    /// Asks for a place in the ring.
    pub(super) fn join(&mut self, at: u8, cx: &mut Cx<'_>) {
        let key = self.node(at).tables.id;
        self.begin(at, Purpose::Join, key, cx);
    }

    /// Somebody has told who comes after this node, or nobody has.
    pub(super) fn on_place(&mut self, at: u8, list: &[Contact], cx: &mut Cx<'_>) {
        let r = self.rules.successors();
        let node = self.node(at);
        // In the ring its own former life may still be known.
        let others: Vec<_> = list
            .iter()
            .copied()
            .filter(|&c| c != node.tables.me)
            .collect();
        if let Some((&first, behind)) = others.split_first() {
            node.tables.adopt(first, behind, r);
            if !node.joined {
                self.enter(at, cx);
                self.stabilize(at, true, cx);
                self.fill(at, cx);
            }
        } else if !node.joined {
            let again = self.rules.numbers.timeout;
            cx.arm(again, Timer::Join(at));
        }
    }

    /// The node is part of the ring from now on.
    pub(super) fn enter(&mut self, at: u8, cx: &mut Cx<'_>) {
        let node = self.node(at);
        node.joined = true;
        cx.emit(Event::Joined(node.tables.me));
        if self.rules.maintenance {
            let numbers = self.rules.numbers;
            for (mean, timer) in [
                (numbers.stabilize, Timer::Stabilize(at)),
                (numbers.fix_fingers, Timer::Fingers(at)),
                (numbers.check_predecessor, Timer::Check(at)),
            ] {
                let phase = cx.rng().between(Duration::ZERO, mean);
                cx.arm(phase, timer);
            }
        }
    }

    /// The time to the next round.
    fn period(&self, mean: Duration, cx: &mut Cx<'_>) -> Duration {
        let spread = self.rules.numbers.spread;
        if spread <= 0.0 {
            return mean;
        }
        let share = 1.0 + spread * (2.0 * cx.rng().unit() - 1.0);
        Duration::from_secs_f64(mean.as_secs_f64() * share)
    }

    pub(super) fn on_stabilize_timer(&mut self, at: u8, cx: &mut Cx<'_>) {
        let next = self.period(self.rules.numbers.stabilize, cx);
        cx.arm(next, Timer::Stabilize(at));
        self.stabilize(at, true, cx);
    }

    /// Asks the successor who is before it, and so on to that one if it is between and `chase`. A node
    /// that has lost all successors takes the nearest it knows, or joins anew.
    fn stabilize(&mut self, at: u8, chase: bool, cx: &mut Cx<'_>) {
        let tables = &mut self.node(at).tables;
        if tables.successors.is_empty() {
            let known = tables.fingers.last().copied().or(tables.predecessor);
            tables.successors.extend(known);
        }
        match tables.successor() {
            Some(successor) => {
                let stabilize = |call| Body::Stabilize { call };
                self.call(at, successor, Waiting::Stabilize { chase }, stabilize, cx);
            }
            None => self.join(at, cx),
        }
    }

    pub(super) fn on_stabilize(&mut self, at: u8, from: Contact, call: u32, cx: &mut Cx<'_>) {
        let tables = &self.nodes[usize::from(at)].tables;
        let state = Body::State {
            call,
            predecessor: tables.predecessor.unwrap_or(tables.me),
            successors: tables.successors.as_slice().into(),
        };
        self.send(at, from, state, cx);
    }

    /// The successor has answered.
    pub(super) fn on_state(
        &mut self,
        at: u8,
        (successor, chase): (Contact, bool),
        predecessor: Contact,
        successors: &[Contact],
        cx: &mut Cx<'_>,
    ) {
        let (r, copies) = (self.rules.successors(), self.rules.replicas - 1);
        let rules = Arc::clone(&self.rules);
        let tables = &mut self.node(at).tables;
        if tables.successor() != Some(successor) {
            // It was replaced while it answered.
            return;
        }
        let before: Vec<_> = tables.successors.iter().take(copies).copied().collect();
        tables.adopt(successor, successors, r);
        if predecessor != successor && tables.is_before_successor(predecessor, &rules.ids) {
            tables.insert(predecessor, r);
        }
        let wanted = tables.fingers_wanted(&rules.ids);
        tables.fingers.truncate(wanted);
        let first = tables.successor();
        let keepers = tables.successors.iter().take(copies).copied();
        let new: Vec<_> = keepers.filter(|keeper| !before.contains(keeper)).collect();
        self.copy_to(at, &new, cx);
        if chase && first != Some(successor) {
            self.stabilize(at, true, cx);
        } else if let Some(first) = first {
            self.send(at, first, Body::Notify, cx);
        }
    }

    pub(super) fn successor_is_late(&mut self, at: u8, gone: Contact, cx: &mut Cx<'_>) {
        self.node(at).tables.forget(gone);
        // Who is gone may be named again, until its successor has noticed: no chase.
        self.stabilize(at, false, cx);
    }

    /// Somebody thinks that it is this node's predecessor.
    pub(super) fn on_notify(&mut self, at: u8, from: Contact, cx: &mut Cx<'_>) {
        let rules = Arc::clone(&self.rules);
        let node = self.node(at);
        if !node.tables.is_after_predecessor(from, &rules.ids) {
            return;
        }
        let old = node.tables.predecessor.replace(from);
        if node.tables.successors.is_empty() {
            node.tables.successors.push(from);
        }
        let (from_id, me) = (rules.ids.id(from), node.tables.id);
        // What is the new predecessor's now: not this node's, and not another one's before it.
        let theirs = |key: Id| {
            !in_half_open(key, from_id, me)
                && old.is_none_or(|old| in_half_open(key, rules.ids.id(old), from_id))
        };
        let keys: Box<[Id]> = node
            .values
            .iter()
            .copied()
            .filter(|&key| theirs(key))
            .collect();
        if rules.replicas == 1 {
            node.values.retain(|&key| !theirs(key));
        }
        self.send_values(at, from, keys, cx);
    }

    pub(super) fn on_check_timer(&mut self, at: u8, cx: &mut Cx<'_>) {
        let next = self.period(self.rules.numbers.check_predecessor, cx);
        cx.arm(next, Timer::Check(at));
        if let Some(predecessor) = self.node(at).tables.predecessor {
            self.call(
                at,
                predecessor,
                Waiting::Ping,
                |call| Body::Ping { call },
                cx,
            );
        }
    }

    pub(super) fn predecessor_is_late(&mut self, at: u8, gone: Contact) {
        let predecessor = &mut self.node(at).tables.predecessor;
        if *predecessor == Some(gone) {
            *predecessor = None;
        }
    }

    pub(super) fn on_fingers_timer(&mut self, at: u8, cx: &mut Cx<'_>) {
        let next = self.period(self.rules.numbers.fix_fingers, cx);
        cx.arm(next, Timer::Fingers(at));
        match self.rules.numbers.fingers {
            Fingers::All => self.fill(at, cx),
            Fingers::Next => self.next_finger(at, cx),
            Fingers::Random => {
                let wanted = u64::from(self.fingers_wanted(at));
                if wanted > 0 {
                    let index = cx.rng().below(wanted) as u8;
                    self.look_up_finger(at, index, cx);
                }
            }
        }
    }

    /// Looks all fingers up, one after the other.
    fn fill(&mut self, at: u8, cx: &mut Cx<'_>) {
        let node = self.node(at);
        if !node.filling {
            node.filling = true;
            node.next = 0;
            self.next_finger(at, cx);
        }
    }

    fn next_finger(&mut self, at: u8, cx: &mut Cx<'_>) {
        let wanted = self.fingers_wanted(at);
        let node = self.node(at);
        if wanted == 0 {
            node.filling = false;
            return;
        }
        let index = node.next % wanted;
        node.next = index + 1;
        self.look_up_finger(at, index, cx);
    }

    fn look_up_finger(&mut self, at: u8, index: u8, cx: &mut Cx<'_>) {
        let start = self.node(at).tables.finger_start(usize::from(index));
        self.begin(at, Purpose::Finger(index), start, cx);
    }

    fn fingers_wanted(&self, at: u8) -> u8 {
        let tables = &self.nodes[usize::from(at)].tables;
        tables.fingers_wanted(&self.rules.ids) as u8
    }

    /// A finger has been looked up, or could not be.
    pub(super) fn on_finger(
        &mut self,
        at: u8,
        index: u8,
        finger: Option<&Contact>,
        cx: &mut Cx<'_>,
    ) {
        let rules = Arc::clone(&self.rules);
        let node = self.node(at);
        if let Some(&finger) = finger {
            node.tables
                .set_finger(usize::from(index), finger, &rules.ids);
        }
        // Others may be looked up meanwhile: only its own next one carries the row on.
        if node.filling && node.next == index + 1 {
            node.filling = usize::from(node.next) < node.tables.fingers_wanted(&rules.ids);
            if node.filling {
                self.next_finger(at, cx);
            }
        }
    }

    /// Tells the neighbours, and hands the keys over.
    pub(super) fn say_farewell(&mut self, at: u8, cx: &mut Cx<'_>) {
        let node = &self.nodes[usize::from(at)];
        let tables = &node.tables;
        let Some(successor) = tables.successor().filter(|_| node.joined) else {
            return;
        };
        let before = tables.predecessor.unwrap_or(tables.me);
        let ids = &self.rules.ids;
        let nearer = |predecessor: Contact| {
            ids.id(predecessor).ahead(tables.id) < tables.id.ahead(ids.id(successor))
        };
        let heir = match (self.rules.handover, tables.predecessor) {
            (Handover::Nearer, Some(predecessor)) if nearer(predecessor) => predecessor,
            _ => successor,
        };
        let keys: Box<[Id]> = node.values.iter().copied().collect();
        let farewell = || Body::Leave {
            predecessor: before,
            successors: tables.successors.as_slice().into(),
        };
        self.send(at, successor, farewell(), cx);
        if before != tables.me && before != successor {
            self.send(at, before, farewell(), cx);
        }
        self.send_values(at, heir, keys, cx);
    }

    /// A neighbour leaves.
    pub(super) fn on_farewell(
        &mut self,
        at: u8,
        from: Contact,
        predecessor: Contact,
        successors: &[Contact],
    ) {
        let r = self.rules.successors();
        let tables = &mut self.node(at).tables;
        if tables.successor() == Some(from)
            && let Some((&first, behind)) = successors.split_first()
        {
            tables.adopt(first, behind, r);
        }
        let was_before = tables.predecessor == Some(from);
        tables.forget(from);
        if was_before && predecessor != from && predecessor != tables.me {
            tables.predecessor = Some(predecessor);
        }
    }
}
