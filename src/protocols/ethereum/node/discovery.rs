//! Lookups, and what keeps the table filled (`lookup`, `doRefresh`).

use super::bonds::{ANSWER, Then};
use super::{Cx, Node, since};
use crate::protocols::dht::Id;
use crate::protocols::ethereum::enode::Enode;
use crate::protocols::ethereum::lookup::Lookup;
use crate::protocols::ethereum::message::{Keys, Timer, Wire};
use crate::time::{Duration, Instant};
use rand::Rng;

/// Who has not answered so many requests in a row is removed (`maxFindnodeFailures`).
const FAILURES: u8 = 5;
/// Nodes in an answer (`bucketSize`).
const NAMED: usize = 16;
/// Time between two lookups for nodes to dial (`lookupInterval`).
const PAUSE: Duration = Duration::from_secs(4);

/// What a lookup is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum For {
    /// To refresh the table.
    Refresh,
    /// For nodes to dial.
    Dialling,
}

/// How far a refresh is.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
enum Stage {
    /// None is under way.
    #[default]
    Rest,
    /// A random target is looked up to see whether anybody is there.
    First,
    /// Nodes from the disk are asked.
    Seeds,
    /// The node looks for itself.
    Own,
    /// So many random targets are left.
    Random(u32),
}

/// How far the search for nodes to dial is.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
enum Search {
    #[default]
    Rest,
    /// It is too soon after the last.
    Pauses,
    /// The table is empty and has to be filled first.
    ForTable,
    Runs,
}

/// Lookups under way.
#[derive(Default, Debug)]
pub(super) struct Discovery {
    stage: Stage,
    has_begun: bool,
    search: Search,
    last: Option<Instant>,
    refreshing: Option<Lookup>,
    dialling: Option<Lookup>,
    /// Requests without an answer.
    asked: Vec<(u32, Enode, For)>,
    next: u32,
}

impl Discovery {
    /// Whether the first refresh has ended.
    pub(super) fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// Whether nodes to dial are looked for.
    pub(super) fn is_searching(&self) -> bool {
        self.search != Search::Rest
    }

    fn lookup(&mut self, what: For) -> &mut Option<Lookup> {
        match what {
            For::Refresh => &mut self.refreshing,
            For::Dialling => &mut self.dialling,
        }
    }
}

impl Node {
    fn look_up(&mut self, what: For, target: Id, cx: Cx<'_, '_>) {
        let known = self.table.closest(target, NAMED);
        *self.discovery.lookup(what) = Some(Lookup::new(target, known));
        self.ask_on(what, cx);
    }

    fn look_up_random(&mut self, what: For, cx: Cx<'_, '_>) {
        let target = Id(cx.rng().next_u64());
        self.look_up(what, target, cx);
    }

    fn ask_on(&mut self, what: For, cx: Cx<'_, '_>) {
        let Some(lookup) = self.discovery.lookup(what) else {
            return;
        };
        let target = lookup.target;
        let mut to_ask = Vec::new();
        while let Some(node) = lookup.ask() {
            to_ask.push(node);
        }
        if to_ask.is_empty() && lookup.is_done() {
            let found: Vec<Enode> = lookup.result().collect();
            *self.discovery.lookup(what) = None;
            match what {
                For::Refresh => self.looked_up(!found.is_empty(), cx),
                For::Dialling => self.found_to_dial(found, cx),
            }
            return;
        }
        for node in to_ask {
            let number = self.discovery.next;
            self.discovery.next = number.wrapping_add(1);
            self.discovery.asked.push((number, node, what));
            cx.send(node.host, Wire::FindNode(Keys::to(node), target));
            cx.arm(ANSWER, Timer::Neighbors(number));
        }
    }

    pub(super) fn on_find_node(&mut self, node: Enode, target: Id, cx: Cx<'_, '_>) {
        // Answers are longer than requests: only who has proved its address gets one.
        if self.database.is_bonded(node, cx.now()) {
            let nodes = self.table.closest(target, NAMED).into_iter();
            let nodes = nodes.map(|(node, _)| node).collect();
            cx.send(node.host, Wire::Neighbors(Keys::to(node), nodes));
        }
    }

    pub(super) fn on_neighbors(&mut self, node: Enode, nodes: &[Enode], cx: Cx<'_, '_>) {
        let mut asked = self.discovery.asked.iter();
        if let Some(at) = asked.position(|&(_, other, _)| other == node) {
            let (_, _, what) = self.discovery.asked.remove(at);
            let nodes = &nodes[..nodes.len().min(NAMED)];
            self.bond_all(nodes, Then::Answered(what), cx);
        }
    }

    pub(super) fn no_neighbors(&mut self, number: u32, cx: Cx<'_, '_>) {
        let mut asked = self.discovery.asked.iter();
        if let Some(at) = asked.position(|&(other, ..)| other == number) {
            let (_, node, what) = self.discovery.asked.remove(at);
            if self.database.failed(node) >= FAILURES {
                self.table.remove(node, self.id(node));
            }
            self.answered(what, &[], cx);
        }
    }

    /// A request has ended; these of the named nodes have bonded.
    pub(super) fn answered(&mut self, what: For, bonded: &[Enode], cx: Cx<'_, '_>) {
        let keys = &self.shared.keys;
        let nodes = bonded.iter().map(|&node| (node, keys.id(node)));
        if let Some(lookup) = self.discovery.lookup(what) {
            lookup.answered(nodes);
            self.ask_on(what, cx);
        }
    }

    /// Begins a refresh, unless one is under way.
    pub(super) fn refresh(&mut self, cx: Cx<'_, '_>) {
        if self.discovery.stage != Stage::Rest {
            return;
        }
        if self.shared.profile.always_seeds {
            self.seed(cx);
        } else {
            self.discovery.stage = Stage::First;
            self.look_up_random(For::Refresh, cx);
        }
    }

    fn seed(&mut self, cx: Cx<'_, '_>) {
        self.discovery.stage = Stage::Seeds;
        let public = |node| self.shared.keys.public(node);
        let mut seeds = self.database.seeds(cx.now(), public, cx.rng());
        seeds.extend_from_slice(&self.shared.boot_nodes);
        self.bond_all(&seeds, Then::Seeded, cx);
    }

    pub(super) fn seeded(&mut self, cx: Cx<'_, '_>) {
        self.discovery.stage = Stage::Own;
        self.look_up(For::Refresh, self.id(self.me), cx);
    }

    /// A lookup of a refresh has ended.
    fn looked_up(&mut self, found: bool, cx: Cx<'_, '_>) {
        let left = match self.discovery.stage {
            Stage::First if !found => return self.seed(cx),
            Stage::Own => self.shared.profile.random_lookups,
            Stage::Random(left) => left - 1,
            Stage::First | Stage::Rest | Stage::Seeds => 0,
        };
        if left > 0 {
            self.discovery.stage = Stage::Random(left);
            return self.look_up_random(For::Refresh, cx);
        }
        self.discovery.stage = Stage::Rest;
        self.discovery.has_begun = true;
        if self.discovery.search == Search::ForTable {
            self.discovery.search = Search::Runs;
            self.look_up_random(For::Dialling, cx);
        }
        self.dial(cx);
    }

    /// Looks for nodes to dial, but not too soon after the last time.
    pub(super) fn search(&mut self, cx: Cx<'_, '_>) {
        let last = self.discovery.last;
        let pause = last.map_or(Duration::ZERO, |last| PAUSE.saturating_sub(since(last, cx)));
        self.discovery.search = Search::Pauses;
        if pause.is_zero() {
            self.look_for_nodes(cx);
        } else {
            cx.arm(pause, Timer::Lookup);
        }
    }

    pub(super) fn look_for_nodes(&mut self, cx: Cx<'_, '_>) {
        self.discovery.last = Some(cx.now());
        if self.table.is_empty() {
            self.discovery.search = Search::ForTable;
            self.refresh(cx);
        } else {
            self.discovery.search = Search::Runs;
            self.look_up_random(For::Dialling, cx);
        }
    }

    fn found_to_dial(&mut self, found: Vec<Enode>, cx: Cx<'_, '_>) {
        self.discovery.search = Search::Rest;
        self.server.found = found;
        self.dial(cx);
    }
}
