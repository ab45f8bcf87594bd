//! [`Fluid`]: transfers that share access links by max-min fairness, in time. Pure; knows no events.
//!
//! What is sent from one peer to another over one connection is a *pipe*: its messages go one after
//! the other, and as long as there is one the pipe is one flow of the solver ([`MaxMin`]), whatever
//! the number of messages. Between two changes of its rate a pipe flows evenly.
//!
//! All is in whole numbers: rates in 2^-20 bit/s, what is left of a message in such rates times
//! nanoseconds, so that rates over times add up exactly and a message ends at the first nanosecond at
//! which it is through. What a pipe could have sent beyond that goes to the message behind it. So it is
//! of no account in how many steps time has passed, or for which reasons links were solved anew.

mod deadlines;

use crate::network::fair_share::{FlowId, MaxMin};
use crate::peer::PeerId;
use crate::quantity::Bandwidth;
use deadlines::Deadlines;
use std::collections::{BTreeMap, VecDeque};

/// Binary digits of a bit per second.
const FRACTION: u32 = 20;
/// The largest rate: 16 Tbit/s. Links that are faster count as that fast.
const FASTEST: u64 = 1 << 44;

/// A rate in the solver's unit.
fn units(rate: Bandwidth) -> u64 {
    rate.0.min(FASTEST) << FRACTION
}

/// What so many bytes are: rate times nanoseconds.
fn work(bytes: u64) -> u128 {
    (u128::from(bytes) * 8_000_000_000) << FRACTION
}

/// A message that is through.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Departure<T> {
    /// Who has sent it.
    pub sender: PeerId,
    /// What was sent.
    pub item: T,
}

/// One connection's messages.
#[derive(Clone, Debug)]
struct Pipe<T> {
    sender: u32,
    id: u64,
    /// What is left of the first message at `at`, and how fast it goes.
    left: u128,
    at: u64,
    rate: u64,
    /// When the last message that is through arrives.
    last: u64,
    messages: VecDeque<(u64, T)>,
}

impl<T> Pipe<T> {
    /// When the first message is through, if nothing changes.
    fn end(&self) -> u64 {
        if self.left == 0 {
            return self.at;
        }
        let rate = u128::from(self.rate);
        if rate == 0 {
            return u64::MAX;
        }
        let nanos = u64::try_from(self.left.div_ceil(rate));
        nanos.map_or(u64::MAX, |nanos| self.at.saturating_add(nanos))
    }

    /// What flows from `at` until `now`.
    fn flown(&self, now: u64) -> u128 {
        u128::from(self.rate) * u128::from(now - self.at)
    }
}

/// Transfers between peers over their access links.
#[derive(Clone, Debug)]
pub struct Fluid<T> {
    solver: MaxMin,
    cap: Option<u64>,
    /// By number of the solver's flow.
    pipes: Vec<Pipe<T>>,
    deadlines: Deadlines,
    /// Sender and number of a pipe.
    index: BTreeMap<(u32, u64), FlowId>,
    /// What single pipes carry at most, where their senders hold them back.
    limits: BTreeMap<(u32, u64), u64>,
    ledger: Ledger,
}

/// Bytes of all messages so far.
#[derive(Clone, Copy, Default, Debug)]
struct Ledger {
    pushed: u64,
    departed: u64,
    /// Taken back, or cut.
    undone: u64,
}

impl<T> Fluid<T> {
    /// Nothing on the way; `links` are the rates up and down of all peers, `cap` the most that one
    /// pipe carries.
    pub fn new(
        links: impl IntoIterator<Item = (Bandwidth, Bandwidth)>,
        cap: Option<Bandwidth>,
    ) -> Self {
        let capacities = links
            .into_iter()
            .flat_map(|(up, down)| [units(up), units(down)]);
        Self {
            solver: MaxMin::new(capacities),
            cap: cap.map(units),
            pipes: Vec::new(),
            deadlines: Deadlines::default(),
            index: BTreeMap::new(),
            limits: BTreeMap::new(),
            ledger: Ledger::default(),
        }
    }

    /// What a pipe carries at most.
    fn cap_of(&self, pipe: (u32, u64)) -> Option<u64> {
        let own = self.limits.get(&pipe).copied();
        own.into_iter().chain(self.cap).min()
    }

    /// The most that the pipe `id` of `sender` carries from the next [`Fluid::settle`] on, now and
    /// whenever it flows again, besides what all pipes do; nothing: no more holds it back.
    pub fn limit(&mut self, (sender, id): (PeerId, u64), most: Option<Bandwidth>) {
        let pipe = (sender.0, id);
        match most {
            Some(most) => self.limits.insert(pipe, units(most)),
            None => self.limits.remove(&pipe),
        };
        if let Some(&flow) = self.index.get(&pipe) {
            self.solver.set_cap(flow, self.cap_of(pipe));
        }
    }

    /// Nothing new joins a pipe: its limit is forgotten, but for what is on its way.
    pub fn close(&mut self, sender: PeerId, id: u64) {
        self.limits.remove(&(sender.0, id));
    }

    /// A message joins the pipe `id` of `sender` to `to`. It moves from the next [`Fluid::settle`]
    /// on.
    ///
    /// # Panics
    /// If there are no such peers.
    pub fn push(&mut self, now: u64, (sender, id, to): (PeerId, u64, PeerId), bytes: u64, item: T) {
        self.ledger.pushed += bytes;
        if let Some(&flow) = self.index.get(&(sender.0, id)) {
            self.pipes[flow.index()].messages.push_back((bytes, item));
            return;
        }
        let cap = self.cap_of((sender.0, id));
        let flow = self.solver.add(sender.0 * 2, to.0 * 2 + 1, cap);
        self.index.insert((sender.0, id), flow);
        if let Some(pipe) = self.pipes.get_mut(flow.index()) {
            pipe.messages.push_back((bytes, item));
        } else {
            self.pipes.push(Pipe {
                sender: 0,
                id: 0,
                left: 0,
                at: 0,
                rate: 0,
                last: 0,
                messages: VecDeque::from([(bytes, item)]),
            });
        }
        let pipe = &mut self.pipes[flow.index()];
        (pipe.sender, pipe.id) = (sender.0, id);
        (pipe.left, pipe.rate) = (work(bytes), 0);
        (pipe.at, pipe.last) = (now, 0);
        self.deadlines.set(flow.index() as u32, pipe.end());
    }

    /// Whether something of a pipe is on its way, so that what follows has to queue.
    pub fn is_busy(&self, sender: PeerId, id: u64) -> bool {
        self.index.contains_key(&(sender.0, id))
    }

    /// When the next message is through, if nothing changes.
    pub fn next(&self) -> Option<u64> {
        self.deadlines.first().map(|(time, _)| time)
    }

    /// Whether rates have to be computed anew.
    pub fn is_unsettled(&self) -> bool {
        self.solver.is_dirty()
    }

    /// The next message that is through at `now`; to be called until there is none, and before
    /// [`Fluid::settle`]. A pipe whose last one it was has ended. `arrival` tells when it arrives,
    /// given when the one before it in its pipe does.
    pub fn depart(
        &mut self,
        now: u64,
        arrival: impl FnOnce(&mut T, u64) -> u64,
    ) -> Option<Departure<T>> {
        let (time, number) = self.deadlines.first()?;
        if time > now {
            return None;
        }
        let pipe = &mut self.pipes[number as usize];
        let (bytes, mut item) = pipe.messages.pop_front()?;
        self.ledger.departed += bytes;
        pipe.last = arrival(&mut item, pipe.last);
        let departure = Departure {
            sender: PeerId(pipe.sender),
            item,
        };
        if let Some(&(bytes, _)) = pipe.messages.front() {
            let beyond = pipe.flown(now) - pipe.left;
            pipe.left = work(bytes).saturating_sub(beyond);
            pipe.at = now;
            self.deadlines.set(number, pipe.end());
        } else if let Some(flow) = self.index.remove(&(pipe.sender, pipe.id)) {
            self.deadlines.remove(number);
            self.solver.remove(flow);
        }
        Some(departure)
    }

    /// Everybody's rates after all that has happened at `now`.
    pub fn settle(&mut self, now: u64) {
        self.solver.solve();
        for &flow in self.solver.changed() {
            let pipe = &mut self.pipes[flow.index()];
            pipe.left = pipe.left.saturating_sub(pipe.flown(now));
            pipe.at = now;
            pipe.rate = self.solver.rate(flow);
            self.deadlines.set(flow.index() as u32, pipe.end());
        }
        debug_assert!(self.is_sound(), "a link or a ledger does not hold");
    }

    /// Whether no link of a flow whose rate has just changed carries more than it can, and every byte is
    /// through, on its way or given up.
    fn is_sound(&self) -> bool {
        let ends = (self.solver.changed().iter()).flat_map(|&flow| self.solver.ends(flow));
        let mut within = ends.map(|link| self.solver.load(link) <= self.solver.capacity(link));
        let flowing = self.index.values().map(|flow| &self.pipes[flow.index()]);
        let waiting = flowing.flat_map(|pipe| pipe.messages.iter().map(|&(bytes, _)| bytes));
        let Ledger {
            pushed,
            departed,
            undone,
        } = self.ledger;
        within.all(|is| is) && pushed == departed + undone + waiting.sum::<u64>()
    }

    /// Takes back those messages of a pipe that `which` names, given also whether part of the message has
    /// been sent: such a part is lost. A pipe of which nothing is left has ended.
    pub fn withdraw(
        &mut self,
        now: u64,
        (sender, id): (PeerId, u64),
        mut which: impl FnMut(&T, bool) -> bool,
    ) -> Vec<T> {
        let Some(&flow) = self.index.get(&(sender.0, id)) else {
            return Vec::new();
        };
        let pipe = &mut self.pipes[flow.index()];
        let cut = pipe
            .messages
            .front()
            .is_some_and(|(_, item)| which(item, true));
        let mut taken = Vec::new();
        let mut kept = VecDeque::new();
        for (place, (bytes, item)) in std::mem::take(&mut pipe.messages).into_iter().enumerate() {
            let take = if place == 0 { cut } else { which(&item, false) };
            if take {
                self.ledger.undone += bytes;
                taken.push(item);
            } else {
                kept.push_back((bytes, item));
            }
        }
        pipe.messages = kept;
        if cut {
            if let Some(&(bytes, _)) = pipe.messages.front() {
                (pipe.left, pipe.at) = (work(bytes), now);
                self.deadlines.set(flow.index() as u32, pipe.end());
            } else {
                self.end(sender, id);
            }
        }
        taken
    }

    /// A pipe is broken, and what was in it lost, which is given back.
    pub fn cut(&mut self, sender: PeerId, id: u64) -> Vec<T> {
        self.limits.remove(&(sender.0, id));
        self.end(sender, id)
    }

    /// A pipe does not flow any more.
    fn end(&mut self, sender: PeerId, id: u64) -> Vec<T> {
        let Some(flow) = self.index.remove(&(sender.0, id)) else {
            return Vec::new();
        };
        self.deadlines.remove(flow.index() as u32);
        self.solver.remove(flow);
        let messages = std::mem::take(&mut self.pipes[flow.index()].messages);
        self.ledger.undone += messages.iter().map(|&(bytes, _)| bytes).sum::<u64>();
        messages.into_iter().map(|(_, item)| item).collect()
    }

    /// A peer is gone, and with it what it had not sent yet, which is given back.
    pub fn cut_all(&mut self, sender: PeerId) -> Vec<T> {
        let all = (sender.0, 0)..=(sender.0, u64::MAX);
        self.limits.retain(|pipe, _| !all.contains(pipe));
        let own = self.index.range(all);
        let ids: Vec<u64> = own.map(|(&(_, id), _)| id).collect();
        ids.into_iter()
            .flat_map(|id| self.end(sender, id))
            .collect()
    }

    /// How many pipes flow.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether nothing flows.
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// How many links have been solved so far: what the work is counted in.
    pub fn links_solved(&self) -> u64 {
        self.solver.links_solved()
    }
}

#[cfg(test)]
mod tests;
