//! [`World`]: a run.

use crate::engine::barrier::Barrier;
use crate::engine::context::Head;
use crate::engine::core::{Core, Slot};
use crate::engine::counts::{Counts, Traffic};
use crate::engine::event::Event;
use crate::engine::observer::{Flow, Observer, Workload};
use crate::engine::port::Noticed;
use crate::engine::protocol::{Message, Protocol};
use crate::engine::queue::{Heap, Queue, Ring, Split};
use crate::engine::setup::Setup;
use crate::engine::shard::Shard;
use crate::engine::trace::Trace;
use crate::engine::wheel::Bag;
use crate::peer::PeerId;
use crate::random::Purpose;
use crate::time::{Duration, Instant};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// How time is cut: windows no longer than the lookahead, slots within them.
#[derive(Clone, Copy, Debug)]
struct Cut {
    window_bits: u32,
    slot_bits: u32,
}

impl Cut {
    /// A slot of at most a millisecond keeps a batch in the cache of the core.
    const SLOT_BITS_MAX: u32 = 20;

    fn new(lookahead: Duration, shards: u32) -> Self {
        let window_bits = lookahead.as_nanos().max(1).ilog2().min(33);
        if lookahead.is_zero() {
            return Self {
                window_bits: Self::SLOT_BITS_MAX,
                slot_bits: Self::SLOT_BITS_MAX,
            };
        }
        let slot_bits = window_bits.saturating_sub(3).min(Self::SLOT_BITS_MAX);
        // One shard needs no windows, and slots that are not too thin.
        let slot_bits = if shards == 1 {
            slot_bits.max(16)
        } else {
            slot_bits
        };
        Self {
            window_bits,
            slot_bits,
        }
    }

    /// How long the run goes on after an observer has said stop: fixed by the network, so that the
    /// same events are run on any number of shards.
    fn grace(self) -> Duration {
        Duration::from_nanos(2 << self.window_bits)
    }
}

/// What a run came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// Hash of every delivered event, the fingerprint of the run.
    pub digest: u64,
    /// What happened, counted.
    pub counts: Counts,
    /// Names of the message kinds, in the order of `counts.sent`.
    pub kinds: &'static [&'static str],
    /// When the run ended: as planned, or after an observer stopped it.
    pub end: Instant,
    /// On how many shards it ran: one where there is no lookahead or links are shared by max-min
    /// fairness, whatever was asked.
    pub shards: u32,
}

impl Report {
    /// The traffic of each kind of message.
    pub fn traffic(&self) -> impl Iterator<Item = (&'static str, Traffic)> + '_ {
        self.kinds
            .iter()
            .copied()
            .zip(self.counts.sent.iter().copied())
    }
}

/// A run of one protocol: compiled once per protocol, run on one shard or many with one result.
pub struct World<P: Protocol> {
    shards: Vec<Shard<P>>,
    split: Split,
    cut: Cut,
    peers: u32,
    /// As planned, or brought forward by a stop.
    end: u64,
    started: bool,
    trace: Option<Trace>,
}

impl<P: Protocol> World<P> {
    /// Makes every peer by `spawn`, in order of number.
    pub fn new(
        setup: &Setup,
        mut spawn: impl FnMut(PeerId) -> P,
        workload: &dyn Workload<P::Command>,
    ) -> Self {
        let peers = setup.population.len();
        let lookahead = setup.network.lookahead();
        let alone = lookahead.is_zero() || setup.network.fair_share().is_some();
        let shards = if alone { 1 } else { setup.shards };
        let split = Split::new(peers, shards);
        let cut = Cut::new(lookahead, split.shards);
        let shards = (0..split.shards as usize).map(|shard| {
            let range = split.range(shard, peers);
            let slots = spawn_range(setup, &range, &mut spawn);
            let queue = Ring::new(cut.slot_bits, shard, split);
            Shard::new(Core::new(
                setup,
                &range,
                queue,
                slots,
                workload.copy(),
                false,
            ))
        });
        let shards = shards.collect();
        Self {
            shards,
            split,
            cut,
            peers,
            end: setup.phases.end().as_nanos(),
            started: false,
            trace: setup.trace.clone(),
        }
    }

    /// Runs to the end, telling `observer` everything in order.
    pub fn run(&mut self, observer: &mut dyn Observer<P::Event>) -> Report {
        self.advance(Instant::MAX, observer);
        self.report()
    }

    /// Runs to the end with nobody watching; the digest is the same.
    pub fn run_unwatched(&mut self) -> Report {
        self.advance_all(u64::MAX, &mut ());
        self.report()
    }

    /// Runs until `to`, exclusive, or to the end if that is earlier: to look at the peers in
    /// between. In how many steps a run is made changes nothing.
    pub fn advance(&mut self, to: Instant, observer: &mut dyn Observer<P::Event>) {
        for shard in &mut self.shards {
            shard.core.port.watched = true;
        }
        self.advance_all(to.as_nanos(), observer);
    }

    fn advance_all(&mut self, to: u64, observer: &mut dyn Observer<P::Event>) {
        if !self.started {
            self.started = true;
            for shard in &mut self.shards {
                shard.core.start();
            }
            let starts = self
                .shards
                .iter_mut()
                .map(|shard| &mut shard.core.port.notices);
            let mut starts = starts.flat_map(std::mem::take).collect();
            tell(&mut starts, observer, self.cut.grace(), &mut self.end);
        }
        if self.shards.len() == 1 {
            self.advance_one(to, observer);
        } else {
            self.advance_many(to, observer);
        }
    }

    /// What the run has come to so far.
    pub fn report(&mut self) -> Report {
        let mut counts = Counts::default();
        let mut digest = 0u64;
        let mut trace = Vec::new();
        for shard in &mut self.shards {
            let core = &mut shard.core;
            core.port.counts.dead_timers = core.port.timers.dead;
            counts.add(&core.port.counts);
            digest = digest.wrapping_add(core.digest());
            trace.extend(core.trace.iter().flatten().copied());
        }
        if let Some(kept) = &self.trace {
            kept.keep(trace);
        }
        let kinds = <P::Message as Message>::KINDS;
        let shards = self.shards.len() as u32;
        Report {
            digest,
            counts,
            kinds,
            end: Instant::from_nanos(self.end),
            shards,
        }
    }

    fn advance_one(&mut self, to: u64, observer: &mut dyn Observer<P::Event>) {
        let grace = self.cut.grace();
        let shard = &mut self.shards[0];
        loop {
            let until = self.end.min(to);
            let Some(slot) = shard.next_slot(until) else {
                break;
            };
            if slot << self.cut.slot_bits >= until {
                break;
            }
            shard.run_slot(slot, std::iter::empty(), until);
            tell(&mut shard.core.port.notices, observer, grace, &mut self.end);
        }
    }

    fn advance_many(&mut self, to: u64, observer: &mut dyn Observer<P::Event>) {
        let parties = self.shards.len();
        let shared = Shared {
            cut: self.cut,
            to,
            barrier: Barrier::new(parties),
            next: (0..parties).map(|_| AtomicU64::new(0)).collect(),
            mail: (0..parties * parties)
                .map(|_| Mutex::new(Vec::new()))
                .collect(),
            notices: (0..parties).map(|_| Mutex::new(Vec::new())).collect(),
            end: AtomicU64::new(self.end),
        };
        std::thread::scope(|scope| {
            let (first, others) = self.shards.split_at_mut(1);
            let shared = &shared;
            let others = others.iter_mut().zip(1..);
            let threads: Vec<_> = others
                .map(|(shard, me)| scope.spawn(move || shared.run_shard(shard, me, None)))
                .collect();
            shared.run_shard(&mut first[0], 0, Some(observer));
            for thread in threads {
                // A panic there is the run's, with its own words.
                if let Err(payload) = thread.join() {
                    std::panic::resume_unwind(payload);
                }
            }
        });
        self.end = shared.end.into_inner();
    }

    /// Every peer's state, in order of number: for what is measured at the end.
    pub fn peers(&self) -> impl Iterator<Item = (PeerId, &P)> + '_ {
        let slots = self.shards.iter().flat_map(|shard| &shard.core.peers);
        slots
            .enumerate()
            .map(|(id, slot)| (PeerId(id as u32), &slot.state))
    }

    /// One peer's state.
    ///
    /// # Panics
    /// If there is no such peer.
    pub fn peer(&self, peer: PeerId) -> &P {
        let core = &self.shards[self.split.shard_of(peer)].core;
        &core.peers[(peer.0 - core.low) as usize].state
    }

    /// Whether a peer is up.
    ///
    /// # Panics
    /// If there is no such peer.
    pub fn is_up(&self, peer: PeerId) -> bool {
        let core = &self.shards[self.split.shard_of(peer)].core;
        core.peers[(peer.0 - core.low) as usize].head.is_up()
    }

    /// When the run ends: as planned, or earlier if an observer has stopped it.
    pub fn end(&self) -> Instant {
        Instant::from_nanos(self.end)
    }

    /// How many peers there are.
    pub fn len(&self) -> u32 {
        self.peers
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.peers == 0
    }

    /// Bytes of the engine's own per peer, without the protocol's state.
    pub const fn bytes_per_peer() -> usize {
        size_of::<Slot<P>>() - size_of::<P>()
    }

    /// Bytes of memory that pending events and timers hold at present, the memory kept for reuse and
    /// for sorting included; without the states of armed timers.
    pub fn queue_bytes(&self) -> usize {
        self.shards.iter().map(Shard::queue_bytes).sum()
    }

    /// Bytes of a pending event of this protocol.
    pub const fn bytes_per_event() -> usize {
        size_of::<Event<P::Message>>()
    }
}

fn spawn_range<P: Protocol>(
    setup: &Setup,
    range: &std::ops::Range<u32>,
    spawn: &mut impl FnMut(PeerId) -> P,
) -> Vec<Slot<P>> {
    let mut slots = Vec::with_capacity(range.len());
    let located = setup
        .population
        .iter()
        .skip(range.start as usize)
        .take(range.len());
    for (peer, class, index) in located {
        let rng = setup.streams.peer(Purpose::Protocol, class, index);
        slots.push(Slot {
            head: Head::new(rng),
            state: spawn(peer),
        });
    }
    slots
}

/// Tells the observer what happened since; brings the end forward if it says stop.
fn tell<E>(
    notices: &mut Vec<Noticed<E>>,
    observer: &mut dyn Observer<E>,
    grace: Duration,
    end: &mut u64,
) {
    for (key, peer, notice) in notices.drain(..) {
        // What an earlier stop has cut off did not happen.
        if key.time.as_nanos() < *end && observer.notice(key.time, peer, notice) == Flow::Stop {
            *end = (*end).min(key.time.saturating_add(grace).as_nanos());
        }
    }
}

/// What the shards of one run share.
struct Shared<M, E> {
    cut: Cut,
    /// Up to where this step goes.
    to: u64,
    barrier: Barrier,
    /// Each shard's next busy window.
    next: Vec<AtomicU64>,
    /// From shard to shard, at `from * parties + to`: a bag per slot of the window.
    mail: Vec<Mutex<Vec<Bag<Event<M>>>>>,
    notices: Vec<Mutex<Vec<Noticed<E>>>>,
    end: AtomicU64,
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<M: Message, E: Send> Shared<M, E> {
    /// One shard's thread: agree on the next busy window, hand over what is due in it, run it. It ends
    /// early if another one has panicked.
    fn run_shard<P: Protocol<Message = M, Event = E>>(
        &self,
        shard: &mut Shard<P>,
        me: usize,
        mut observer: Option<&mut dyn Observer<E>>,
    ) {
        let _guard = self.barrier.guard();
        let parties = self.next.len();
        let slots_per_window_bits = self.cut.window_bits - self.cut.slot_bits;
        loop {
            let until = self.end.load(Ordering::Acquire).min(self.to);
            let next = shard
                .next_slot(until)
                .filter(|slot| slot << self.cut.slot_bits < until);
            let next = next.map_or(u64::MAX, |slot| slot >> slots_per_window_bits);
            self.next[me].store(next, Ordering::Release);
            lock(&self.notices[me]).append(&mut shard.core.port.notices);
            if !self.barrier.wait() {
                return;
            }
            let next = self.next.iter().map(|next| next.load(Ordering::Acquire));
            let window = next.min().unwrap_or(u64::MAX);
            let slots = window.checked_mul(1 << slots_per_window_bits);
            let slots = slots.map(|first| first..first + (1 << slots_per_window_bits));
            if let Some(slots) = slots.clone() {
                let ring = &mut shard.core.port.queue;
                for to in (0..parties).filter(|&to| to != me) {
                    ring.hand_over(to, slots.clone(), &mut lock(&self.mail[me * parties + to]));
                }
            }
            if let Some(observer) = observer.as_deref_mut() {
                self.tell(observer);
            }
            if !self.barrier.wait() {
                return;
            }
            let end = self.end.load(Ordering::Acquire).min(self.to);
            let Some(slots) = slots.filter(|slots| slots.start << self.cut.slot_bits < end) else {
                return;
            };
            let mut mail: Vec<_> = (0..parties)
                .filter(|&from| from != me)
                .map(|from| std::mem::take(&mut *lock(&self.mail[from * parties + me])).into_iter())
                .collect();
            shard.core.port.queue.horizon = slots.end << self.cut.slot_bits;
            for slot in slots {
                let letters: Vec<_> = mail.iter_mut().filter_map(Iterator::next).collect();
                if slot << self.cut.slot_bits >= end {
                    // A step ends within the window: what has come is kept for the next one.
                    let events = letters.into_iter().flat_map(Bag::into_chunks).flatten();
                    events.for_each(|event| shard.core.port.queue.push(event));
                    continue;
                }
                if letters.iter().all(Bag::is_empty) && shard.next_slot(end) != Some(slot) {
                    continue;
                }
                shard.run_slot(slot, letters.into_iter(), end);
            }
        }
    }

    /// Merges what the shards saw in the last window, in order, for the observer.
    fn tell(&self, observer: &mut dyn Observer<E>) {
        let mut all: Vec<_> = self
            .notices
            .iter()
            .flat_map(|n| std::mem::take(&mut *lock(n)))
            .collect();
        // Within a shard the list is in order; a key belongs to one event of one shard.
        all.sort_by_key(|&(key, ..)| key);
        let mut end = self.end.load(Ordering::Acquire);
        tell(&mut all, observer, self.cut.grace(), &mut end);
        self.end.store(end, Ordering::Release);
    }
}

/// The reference: the same peers over a plain binary heap, one event after the other. For tests and
/// for the ratio that `sim bench` prints.
pub struct Reference<P: Protocol> {
    core: Core<P, Heap<P::Message>>,
    cut: Cut,
    end: Instant,
}

impl<P: Protocol> Reference<P> {
    /// Makes every peer by `spawn`, in order of number.
    pub fn new(
        setup: &Setup,
        mut spawn: impl FnMut(PeerId) -> P,
        workload: &dyn Workload<P::Command>,
    ) -> Self {
        let range = 0..setup.population.len();
        let slots = spawn_range(setup, &range, &mut spawn);
        let queue = Heap {
            events: std::collections::BinaryHeap::new(),
        };
        let core = Core::new(setup, &range, queue, slots, workload.copy(), true);
        let cut = Cut::new(setup.network.lookahead(), 1);
        Self {
            core,
            cut,
            end: setup.phases.end(),
        }
    }

    /// Runs to the end, telling `observer` everything in order.
    pub fn run(&mut self, observer: &mut dyn Observer<P::Event>) -> Report {
        let core = &mut self.core;
        let grace = self.cut.grace();
        let mut end = self.end.as_nanos();
        core.start();
        loop {
            tell(&mut core.port.notices, observer, grace, &mut end);
            let first = core.port.queue.events.peek().map(|event| event.0.time);
            if let Some(command) = core.next_command()
                && first.is_none_or(|time| command <= time)
            {
                core.queue_commands(command + 1);
            }
            let Some(mut event) = core.port.queue.events.pop() else {
                break;
            };
            if event.0.time >= end {
                break;
            }
            core.handle(&mut event.0);
        }
        core.port.counts.dead_timers = core.port.timers.dead;
        let mut counts = Counts::default();
        counts.add(&core.port.counts);
        let digest = core.digest();
        let kinds = <P::Message as Message>::KINDS;
        Report {
            digest,
            counts,
            kinds,
            end: Instant::from_nanos(end),
            shards: 1,
        }
    }
}
