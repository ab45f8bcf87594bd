//! [`MaxMin`]: who gets how much of links that many share. Pure; knows no time.
//!
//! Max-min fairness (Bertsekas & Gallager, *Data Networks*, 2nd ed. 1992, section 6.5.2): no flow can
//! have more without another one, that has no more than it, having less. Every flow crosses two
//! links, the uplink of its sender and the downlink of its receiver, and may have a cap of its own.
//!
//! # How it is computed
//!
//! Each link has a *level*: what it gives to those of its flows that are not held back elsewhere. The
//! rate of a flow is the lowest of its two levels and its cap. A link whose flows are limited elsewhere
//! to `r1 <= r2 <= ...` takes these off as long as they are below an equal share of what is left, and
//! that share is its level. A change makes the links it concerns *dirty*; a dirty link is solved anew,
//! and makes dirty only those links whose own level depends on the change. Ten to thirty links are
//! solved for each flow that comes or goes, however many there are.
//!
//! # Why the result does not depend on what was before
//!
//! Levels are whole numbers, shares are rounded down, and equal levels are ordered by the numbers of
//! their links: every link has a key `(level, number)`, and takes off what has a smaller key than its
//! own share. Taking off never lowers a share, not even a rounded one; so the link with the smallest
//! `(capacity / flows, number)` has that level in any solution, those of its flows count as taken off
//! everywhere else, and so on: there is exactly one solution, that of progressive filling in the
//! order of keys, and the changes die out from any state to begin with. What rounding leaves unused
//! is less than a unit for each flow of a link.

use std::collections::VecDeque;

/// The level of a link that holds nobody back.
const UNLIMITED: u64 = u64::MAX;

/// A flow, as [`MaxMin::add`] has named it: a small number, reused after [`MaxMin::remove`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct FlowId(u32);

impl FlowId {
    /// An index for a table beside the solver's.
    #[inline]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A flow as one of its links sees it.
#[derive(Clone, Copy, Debug)]
struct Sharer {
    cap: u64,
    other: u32,
    flow: u32,
}

#[derive(Clone, Debug)]
struct Link {
    capacity: u64,
    sharers: Vec<Sharer>,
    /// Whether it waits to be solved.
    dirty: bool,
    /// Whether its level has changed since the rates were taken.
    moved: bool,
}

#[derive(Clone, Copy, Debug)]
struct Flow {
    /// Uplink and downlink.
    ends: [u32; 2],
    /// Its places in their lists.
    at: [u32; 2],
    cap: u64,
    rate: u64,
    alive: bool,
}

/// Max-min fair rates of flows over two links each, kept up to date as flows come and go.
#[derive(Clone, Debug)]
pub struct MaxMin {
    levels: Vec<u64>,
    links: Vec<Link>,
    flows: Vec<Flow>,
    free: Vec<u32>,
    dirty: VecDeque<u32>,
    moved: Vec<u32>,
    fresh: Vec<u32>,
    /// Of the link being solved: what holds its flows back elsewhere, and which link does.
    limits: Vec<(u64, u32)>,
    changed: Vec<FlowId>,
    solved: u64,
}

impl MaxMin {
    /// Links of these capacities, without flows. The unit is the caller's; rates are whole numbers of
    /// it.
    pub fn new(capacities: impl IntoIterator<Item = u64>) -> Self {
        let link = |capacity| Link {
            capacity,
            sharers: Vec::new(),
            dirty: false,
            moved: false,
        };
        let links: Vec<Link> = capacities.into_iter().map(link).collect();
        Self {
            levels: vec![UNLIMITED; links.len()],
            links,
            flows: Vec::new(),
            free: Vec::new(),
            dirty: VecDeque::new(),
            moved: Vec::new(),
            fresh: Vec::new(),
            limits: Vec::new(),
            changed: Vec::new(),
            solved: 0,
        }
    }

    /// A flow over two different links, of at most `cap`. It has no rate before [`MaxMin::solve`].
    ///
    /// # Panics
    /// If there is no such link.
    pub fn add(&mut self, up: u32, down: u32, cap: Option<u64>) -> FlowId {
        let cap = cap.unwrap_or(UNLIMITED);
        let ends = [up, down];
        let at = ends.map(|end| self.links[end as usize].sharers.len() as u32);
        let flow = Flow {
            ends,
            at,
            cap,
            rate: 0,
            alive: true,
        };
        let id = if let Some(id) = self.free.pop() {
            self.flows[id as usize] = flow;
            id
        } else {
            self.flows.push(flow);
            self.flows.len() as u32 - 1
        };
        for (end, other) in [(up, down), (down, up)] {
            let sharer = Sharer {
                cap,
                other,
                flow: id,
            };
            self.links[end as usize].sharers.push(sharer);
            self.soil(end);
        }
        self.fresh.push(id);
        FlowId(id)
    }

    /// A flow is over.
    ///
    /// # Panics
    /// If it was over before.
    pub fn remove(&mut self, flow: FlowId) {
        let Flow {
            ends, at, alive, ..
        } = self.flows[flow.index()];
        assert!(alive, "the flow is over already");
        self.flows[flow.index()].alive = false;
        for (end, at) in ends.into_iter().zip(at) {
            let sharers = &mut self.links[end as usize].sharers;
            sharers.swap_remove(at as usize);
            if let Some(moved) = sharers.get(at as usize) {
                let moved = &mut self.flows[moved.flow as usize];
                let side = usize::from(moved.ends[0] != end);
                moved.at[side] = at;
            }
            self.soil(end);
        }
        self.free.push(flow.0);
    }

    /// A flow has another cap from now on.
    ///
    /// # Panics
    /// If it is over.
    pub fn set_cap(&mut self, flow: FlowId, cap: Option<u64>) {
        let cap = cap.unwrap_or(UNLIMITED);
        let known = &mut self.flows[flow.index()];
        assert!(known.alive, "the flow is over already");
        if known.cap == cap {
            return;
        }
        known.cap = cap;
        let Flow { ends, at, .. } = *known;
        for (end, at) in ends.into_iter().zip(at) {
            self.links[end as usize].sharers[at as usize].cap = cap;
            self.soil(end);
        }
        self.fresh.push(flow.0);
    }

    /// A link has another capacity from now on.
    ///
    /// # Panics
    /// If there is no such link.
    pub fn set_capacity(&mut self, link: u32, capacity: u64) {
        self.links[link as usize].capacity = capacity;
        self.soil(link);
    }

    /// Whether something has changed since [`MaxMin::solve`].
    pub fn is_dirty(&self) -> bool {
        !self.dirty.is_empty()
    }

    /// Computes all rates anew; the flows whose rates are not what they were.
    pub fn solve(&mut self) -> &[FlowId] {
        while let Some(link) = self.dirty.pop_front() {
            self.links[link as usize].dirty = false;
            self.solved += 1;
            let level = self.level_of(link);
            self.set_level(link, level);
        }
        self.changed.clear();
        for link in std::mem::take(&mut self.moved) {
            self.links[link as usize].moved = false;
            for at in 0..self.links[link as usize].sharers.len() {
                let flow = self.links[link as usize].sharers[at].flow;
                self.take_rate(flow);
            }
        }
        for flow in std::mem::take(&mut self.fresh) {
            self.take_rate(flow);
        }
        &self.changed
    }

    /// The flows whose rates the last [`MaxMin::solve`] has changed.
    pub fn changed(&self) -> &[FlowId] {
        &self.changed
    }

    /// What a flow may send, as of the last [`MaxMin::solve`].
    #[inline]
    pub fn rate(&self, flow: FlowId) -> u64 {
        self.flows[flow.index()].rate
    }

    /// How many links have been solved so far: what the work is counted in.
    pub fn links_solved(&self) -> u64 {
        self.solved
    }

    /// What a link carries at most.
    ///
    /// # Panics
    /// If there is no such link.
    pub fn capacity(&self, link: u32) -> u64 {
        self.links[link as usize].capacity
    }

    /// The uplink and the downlink that a flow crosses.
    pub fn ends(&self, flow: FlowId) -> [u32; 2] {
        self.flows[flow.index()].ends
    }

    /// What all flows of a link send together, as of the last [`MaxMin::solve`].
    ///
    /// # Panics
    /// If there is no such link.
    pub fn load(&self, link: u32) -> u64 {
        let sharers = &self.links[link as usize].sharers;
        let rates = sharers
            .iter()
            .map(|sharer| self.flows[sharer.flow as usize].rate);
        rates.sum()
    }

    fn soil(&mut self, link: u32) {
        let dirty = &mut self.links[link as usize].dirty;
        if !*dirty {
            *dirty = true;
            self.dirty.push_back(link);
        }
    }

    /// What holds a sharer back elsewhere: how much, and which link (zero is its own cap).
    #[inline]
    fn limit(levels: &[u64], sharer: Sharer) -> (u64, u32) {
        let level = levels[sharer.other as usize];
        if sharer.cap <= level {
            (sharer.cap, 0)
        } else {
            (level, sharer.other + 1)
        }
    }

    /// The level that a link has if all others keep theirs. The order in which limits are taken off
    /// is of no account: a share never falls, so what may be taken off may be so later as well.
    fn level_of(&mut self, link: u32) -> u64 {
        let Link {
            capacity, sharers, ..
        } = &self.links[link as usize];
        let me = link + 1;
        let mut left = *capacity;
        let mut rest = sharers.len() as u64;
        if rest == 0 {
            return UNLIMITED;
        }
        let share = left / rest;
        self.limits.clear();
        for &sharer in sharers {
            let limit = Self::limit(&self.levels, sharer);
            if limit < (share, me) {
                left -= limit.0;
                rest -= 1;
            } else if limit.0 < UNLIMITED {
                self.limits.push(limit);
            }
        }
        let mut taken = sharers.len() as u64 - rest;
        while taken > 0 && rest > 0 {
            let share = left / rest;
            let before = rest;
            self.limits.retain(|&limit| {
                let taken = limit < (share, me);
                if taken {
                    left -= limit.0;
                    rest -= 1;
                }
                !taken
            });
            taken = before - rest;
        }
        left.checked_div(rest).unwrap_or(UNLIMITED)
    }

    /// A link's level; whom it concerns becomes dirty: the links that have taken off what this one
    /// allowed before, or would what it allows now.
    fn set_level(&mut self, link: u32, level: u64) {
        let before = std::mem::replace(&mut self.levels[link as usize], level);
        if before == level {
            return;
        }
        let Link { sharers, moved, .. } = &mut self.links[link as usize];
        if !*moved {
            *moved = true;
            self.moved.push(link);
        }
        let lower = level.min(before);
        let sharers = std::mem::take(sharers);
        for sharer in &sharers {
            let other = (self.levels[sharer.other as usize], sharer.other);
            if lower < sharer.cap && (lower, link) < other {
                self.soil(sharer.other);
            }
        }
        self.links[link as usize].sharers = sharers;
    }

    /// Takes over the rate that follows from the levels.
    #[inline]
    fn take_rate(&mut self, id: u32) {
        let flow = &mut self.flows[id as usize];
        let [up, down] = flow.ends.map(|end| self.levels[end as usize]);
        let rate = up.min(down).min(flow.cap);
        if flow.alive && flow.rate != rate {
            flow.rate = rate;
            self.changed.push(FlowId(id));
        }
    }
}

#[cfg(test)]
mod filling;
#[cfg(test)]
mod tests;
