//! Pings, and bonds: both sides have answered one (`bond`, `pingpong`).

use super::{Cx, Node};
use crate::protocols::ethereum::enode::Enode;
use crate::protocols::ethereum::message::{Keys, Timer, Wire};
use crate::random::Draw;
use crate::time::Duration;
use std::collections::VecDeque;

/// How long a node waits for an answer (`respTimeout`).
pub(super) const ANSWER: Duration = Duration::from_millis(500);
/// Bonds that are made at a time (`maxBondingPingPongs`).
const SLOTS: usize = 16;

/// What a ping is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Why {
    /// To bond.
    Bond,
    /// If there is no answer, this one has its place.
    Contest(Enode),
    /// To see whether it is still there.
    Check,
}

/// A bond in the making.
#[derive(Clone, Copy, Debug)]
struct Bond {
    node: Enode,
    /// Whether the other side began.
    was_pinged: bool,
    has_answered: bool,
}

/// Nodes that have to bond before something goes on.
#[derive(Debug)]
struct Wait {
    open: Vec<Enode>,
    bonded: Vec<Enode>,
    then: Then,
}

/// What goes on when nodes have bonded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Then {
    /// They are the seeds of a refresh.
    Seeded,
    /// A lookup: that of a refresh, or for nodes to dial.
    Answered(super::discovery::For),
}

/// Pings and bonds under way.
#[derive(Default, Debug)]
pub(super) struct Bonds {
    pings: Vec<(u32, Enode, Why)>,
    next: u32,
    making: Vec<Bond>,
    queue: VecDeque<Bond>,
    waits: Vec<Wait>,
}

impl Bonds {
    fn is_making(&self, node: Enode) -> bool {
        let mut all = self.making.iter().chain(&self.queue);
        all.any(|bond| bond.node == node)
    }
}

impl Node {
    fn ping(&mut self, node: Enode, why: Why, cx: Cx<'_, '_>) {
        let number = self.bonds.next;
        self.bonds.next = number.wrapping_add(1);
        self.bonds.pings.push((number, node, why));
        cx.send(node.host, Wire::Ping(Keys::to(node)));
        cx.arm(ANSWER, Timer::Pong(number));
    }

    /// The last of a full bucket is asked whether it is still there.
    pub(super) fn contest(&mut self, oldest: Enode, new: Enode, cx: Cx<'_, '_>) {
        let pings = &self.bonds.pings;
        let is_contested =
            |&(_, node, why): &(u32, Enode, Why)| node == oldest && matches!(why, Why::Contest(_));
        if !pings.iter().any(is_contested) {
            self.ping(oldest, Why::Contest(new), cx);
        }
    }

    /// Checks an entry of the table, and again a little later.
    pub(super) fn revalidate(&mut self, cx: Cx<'_, '_>) {
        let Some(most) = self.shared.profile.revalidate else {
            return;
        };
        let after = cx.rng().between(Duration::ZERO, most);
        cx.arm(after, Timer::Revalidate);
        if let Some(node) = self.table.to_check(cx.rng()) {
            self.ping(node, Why::Check, cx);
        }
    }

    pub(super) fn on_ping(&mut self, node: Enode, cx: Cx<'_, '_>) {
        cx.send(node.host, Wire::Pong(Keys::to(node)));
        let mut making = self.bonds.making.iter();
        let waits = making.any(|bond| bond.node == node && bond.has_answered && !bond.was_pinged);
        if waits {
            self.bonded(node, cx);
        } else if !self.shared.profile.quiet_start || self.discovery.has_begun() {
            self.bond(node, true, cx);
        }
    }

    pub(super) fn on_pong(&mut self, node: Enode, cx: Cx<'_, '_>) {
        let mut answered = Vec::new();
        self.bonds.pings.retain(|&(_, other, why)| {
            if other == node {
                answered.push(why);
            }
            other != node
        });
        if answered.is_empty() {
            return;
        }
        self.database.answered(node, cx.now());
        if answered.contains(&Why::Check) && self.table.nodes().any(|other| other == node) {
            self.add(node, cx);
        }
        let mut making = self.bonds.making.iter_mut();
        let Some(bond) = making.find(|bond| bond.node == node && !bond.has_answered) else {
            return;
        };
        bond.has_answered = true;
        if bond.was_pinged {
            self.bonded(node, cx);
        } else {
            // The other side may want an answer before it takes requests.
            cx.arm(ANSWER, Timer::TheirPing(node));
        }
    }

    pub(super) fn no_pong(&mut self, number: u32, cx: Cx<'_, '_>) {
        let mut pings = self.bonds.pings.iter();
        let Some(at) = pings.position(|&(other, ..)| other == number) else {
            return;
        };
        let (_, node, why) = self.bonds.pings.swap_remove(at);
        let id = self.id(node);
        match why {
            Why::Bond => self.bond_ended(node, false, cx),
            Why::Contest(new) => {
                let new = (new, self.id(new));
                self.table.replace((node, id), new, cx.now());
            }
            Why::Check => self.table.failed(node, id, cx.now(), cx.rng()),
        }
    }

    /// Both sides have answered, or the other did not have to be.
    pub(super) fn bonded(&mut self, node: Enode, cx: Cx<'_, '_>) {
        let mut making = self.bonds.making.iter();
        if making.any(|bond| bond.node == node && bond.has_answered) {
            self.bond_ended(node, true, cx);
        }
    }

    /// Sees to it that this node has a bond; whether it has one already.
    fn bond(&mut self, node: Enode, was_pinged: bool, cx: Cx<'_, '_>) -> bool {
        if !self.database.is_doubtful(node, cx.now()) {
            self.add(node, cx);
            return true;
        }
        if !self.bonds.is_making(node) {
            let bond = Bond {
                node,
                was_pinged,
                has_answered: false,
            };
            self.bonds.queue.push_back(bond);
            self.make_bonds(cx);
        }
        false
    }

    fn make_bonds(&mut self, cx: Cx<'_, '_>) {
        while self.bonds.making.len() < SLOTS {
            let Some(bond) = self.bonds.queue.pop_front() else {
                return;
            };
            self.bonds.making.push(bond);
            self.ping(bond.node, Why::Bond, cx);
        }
    }

    fn bond_ended(&mut self, node: Enode, well: bool, cx: Cx<'_, '_>) {
        self.bonds.making.retain(|bond| bond.node != node);
        if well && self.shared.profile.stored_after.is_none() {
            self.database.store(node);
        }
        // Whose address is on disk is taken even if it does not answer; it will be replaced soon.
        let is_taken = well || self.database.is_stored(node);
        if is_taken {
            self.add(node, cx);
            self.database.forgive(node);
        }
        for wait in &mut self.bonds.waits {
            let before = wait.open.len();
            wait.open.retain(|&other| other != node);
            if is_taken && wait.open.len() < before {
                wait.bonded.push(node);
            }
        }
        self.make_bonds(cx);
        self.go_on(cx);
    }

    /// Bonds with all of these; then goes on with those that have.
    pub(super) fn bond_all(&mut self, nodes: &[Enode], then: Then, cx: Cx<'_, '_>) {
        let (mut open, mut bonded) = (Vec::new(), Vec::new());
        let me = self.me;
        for &node in nodes.iter().filter(|&&node| node != me) {
            let side = if self.bond(node, false, cx) {
                &mut bonded
            } else {
                &mut open
            };
            side.push(node);
        }
        self.bonds.waits.push(Wait { open, bonded, then });
        self.go_on(cx);
    }

    fn go_on(&mut self, cx: Cx<'_, '_>) {
        while let Some(at) = self
            .bonds
            .waits
            .iter()
            .position(|wait| wait.open.is_empty())
        {
            let done = self.bonds.waits.remove(at);
            match done.then {
                Then::Seeded => self.seeded(cx),
                Then::Answered(what) => self.answered(what, &done.bonded, cx),
            }
        }
    }
}
