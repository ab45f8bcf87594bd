//! [`Observer`]: sees the whole run in one order, and changes nothing.

use crate::peer::PeerId;
use crate::time::Instant;

/// One thing worth knowing about the run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Notice<E> {
    /// A peer reported this.
    Event(E),
    /// A peer came up.
    Up,
    /// A peer left in good order.
    Left,
    /// A peer crashed.
    Crashed,
}

/// Whether the run goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flow {
    /// It does.
    Continue,
    /// It ends one lookahead window after this notice, at the same simulated time on any number of
    /// shards (see [`World::run`](crate::engine::World::run)).
    Stop,
}

/// Sees every notice in global order of time, source and sequence number, on any number of shards.
pub trait Observer<E>: Send {
    /// `peer` did this at `at`.
    fn notice(&mut self, at: Instant, peer: PeerId, notice: Notice<E>) -> Flow;
}

/// Sees nothing.
impl<E> Observer<E> for () {
    fn notice(&mut self, _at: Instant, _peer: PeerId, _notice: Notice<E>) -> Flow {
        Flow::Continue
    }
}

/// A closure is an observer that never stops the run.
impl<E, F: FnMut(Instant, PeerId, Notice<E>) + Send> Observer<E> for F {
    fn notice(&mut self, at: Instant, peer: PeerId, notice: Notice<E>) -> Flow {
        self(at, peer, notice);
        Flow::Continue
    }
}

/// What is asked of peers, and when: lazy, in order of time, a pure function of the seed.
///
/// Every shard walks a copy of its own and keeps what concerns its peers.
pub trait Workload<C>: Send {
    /// The next command; times never decrease.
    fn next(&mut self) -> Option<(Instant, PeerId, C)>;
    /// The same workload from its beginning, for another shard.
    fn copy(&self) -> Box<dyn Workload<C>>;
}

/// Asks nothing.
#[derive(Clone, Copy, Debug)]
pub struct Idle;

impl<C> Workload<C> for Idle {
    fn next(&mut self) -> Option<(Instant, PeerId, C)> {
        None
    }
    fn copy(&self) -> Box<dyn Workload<C>> {
        Box::new(Self)
    }
}

/// A list of commands in order of time.
#[derive(Clone, Debug)]
pub struct Script<C> {
    commands: std::vec::IntoIter<(Instant, PeerId, C)>,
}

impl<C> Script<C> {
    /// These commands; sorted by time, in the given order at one time.
    pub fn new(mut commands: Vec<(Instant, PeerId, C)>) -> Self {
        commands.sort_by_key(|&(at, _, _)| at);
        Self {
            commands: commands.into_iter(),
        }
    }
}

impl<C: Clone + Send + 'static> Workload<C> for Script<C> {
    fn next(&mut self) -> Option<(Instant, PeerId, C)> {
        self.commands.next()
    }
    fn copy(&self) -> Box<dyn Workload<C>> {
        Box::new(self.clone())
    }
}
