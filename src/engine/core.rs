//! [`Core`]: one shard's peers and what happens to them. Written once, run over the slot ring and
//! over the reference heap.

mod commands;
mod presence;
mod signals;

use self::commands::Commands;
use self::presence::{Presence, change};
use crate::churn::Churn;
use crate::engine::context::{Context, Head};
use crate::engine::event::{Event, Kind};
use crate::engine::key::Key;
use crate::engine::observer::Workload;
use crate::engine::port::Port;
use crate::engine::protocol::Protocol;
use crate::engine::queue::Queue;
use crate::engine::setup::Setup;
use crate::engine::trace::Traced;
use crate::network::Crash;
use crate::peer::PeerId;
use crate::random::hash;
use crate::time::Instant;
use std::ops::Range;
use std::sync::Arc;

/// A peer: the engine's share of it, and its state, in this order: reading the heads of a peer and
/// of the next one reads both lines of a state that has two.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Slot<P> {
    pub(crate) head: Head,
    pub(crate) state: P,
}

pub(crate) type PortOf<P, Q> =
    Port<<P as Protocol>::Message, <P as Protocol>::Timer, <P as Protocol>::Event, Q>;

/// One shard.
pub(crate) struct Core<P: Protocol, Q> {
    pub(crate) low: u32,
    pub(crate) peers: Vec<Slot<P>>,
    pub(crate) port: PortOf<P, Q>,
    commands: Commands<P::Command>,
    churn: Arc<Churn>,
    presence: Vec<Presence>,
    outages: Vec<Crash>,
    pub(crate) trace: Option<Vec<Traced>>,
}

impl<P: Protocol, Q: Queue<P::Message>> Core<P, Q> {
    pub(crate) fn new(
        setup: &Setup,
        shard: &Range<u32>,
        queue: Q,
        peers: Vec<Slot<P>>,
        workload: Box<dyn Workload<P::Command>>,
        watched: bool,
    ) -> Self {
        let population = setup.population.len();
        let network = Arc::clone(&setup.network);
        let mut port = Port::new(queue, network, population, shard.clone(), watched);
        if setup.churn.moves() {
            port.leases = vec![0; shard.len()];
        }
        let outages = setup.network.crashes().iter().chain(&setup.outages);
        let outages: Vec<_> = outages.copied().collect();
        let comes_and_goes = !setup.churn.is_none() || !outages.is_empty();
        let presence = if comes_and_goes {
            Self::presence(setup, shard)
        } else {
            Vec::new()
        };
        let commands = Commands::of(workload);
        let churn = Arc::clone(&setup.churn);
        let trace = setup.trace.as_ref().map(|_| Vec::new());
        Self {
            low: shard.start,
            peers,
            port,
            commands,
            churn,
            presence,
            outages,
            trace,
        }
    }

    /// Time zero: whoever is up starts, in order of number; everybody's first change is planned.
    pub(crate) fn start(&mut self) {
        self.pull_command();
        for index in 0..self.peers.len() {
            let peer = PeerId(self.low + index as u32);
            let mut up = true;
            let mut first = None;
            if let Some(presence) = self.presence.get_mut(index) {
                (up, first) = self.churn.initial(peer, &mut presence.rng);
                presence.up = up;
            }
            let key = self.next_key(index, Instant::ZERO);
            self.handle_as(key, peer);
            if let Some(at) = first {
                let arg = if up { change::DOWN } else { change::UP };
                self.plan_change(index, key, at, arg);
            }
            if up {
                self.come_up(index);
            }
        }
        for Crash { peer, down, up } in std::mem::take(&mut self.outages) {
            let Some(index) = self.index_here(peer) else {
                continue;
            };
            let key = self.next_key(index, Instant::ZERO);
            self.plan_change(index, key, down, change::STRIKE);
            if let Some(up) = up {
                let key = self.next_key(index, Instant::ZERO);
                self.plan_change(index, key, up, change::RECOVER);
            }
        }
    }

    fn index_here(&self, peer: PeerId) -> Option<usize> {
        let index = peer.0.checked_sub(self.low)? as usize;
        (index < self.peers.len()).then_some(index)
    }

    /// The peer's next key.
    fn next_key(&mut self, index: usize, time: Instant) -> Key {
        let head = &mut self.peers[index].head;
        let seq = head.seq;
        head.seq = seq
            .checked_add(1)
            .expect("a peer has used 2^32 sequence numbers");
        Key {
            time,
            source: self.low + index as u32,
            seq,
        }
    }

    #[inline]
    fn handle_as(&mut self, key: Key, peer: PeerId) {
        self.port.current = key;
        self.port.handling = peer;
    }

    /// The context of a peer.
    #[inline]
    fn with<R>(
        &mut self,
        index: usize,
        now: Instant,
        run: impl FnOnce(&mut P, &mut Context<'_, P>) -> R,
    ) -> R {
        let Slot { head, state } = &mut self.peers[index];
        let me = PeerId(self.low + index as u32);
        run(state, &mut Context::new(now, me, head, &mut self.port))
    }

    /// Enters an event into the peer's digest and the counts.
    #[inline]
    fn deliver(&mut self, index: usize, key: Key, kind: Kind) {
        let head = &mut self.peers[index].head;
        head.digest = hash::finish(head.digest ^ key.time.as_nanos())
            .wrapping_add(u64::from(key.source) << 32 | u64::from(key.seq));
        self.port.counts.delivered += 1;
        let to = PeerId(self.low + index as u32);
        self.handle_as(key, to);
        if let Some(trace) = &mut self.trace {
            trace.push(Traced {
                key,
                to,
                kind: kind as u8,
            });
        }
    }

    /// Hash of everything that was delivered in this shard: add up, wrapping, over shards.
    pub(crate) fn digest(&self) -> u64 {
        let peers = self.peers.iter().zip(self.low..);
        peers.fold(0u64, |sum, (slot, id)| {
            sum.wrapping_add(hash::mix2(slot.head.digest, u64::from(id)))
        })
    }

    /// Handles one event. Datagrams, the most of them, go first and straight.
    #[inline]
    pub(crate) fn handle(&mut self, event: &mut Event<P::Message>) {
        let index = (event.to().0 - self.low) as usize;
        if event.kind() != Kind::Message {
            self.handle_other(index, event);
            return;
        }
        if !self.peers[index].head.is_up() {
            self.port.counts.to_the_dead += 1;
            return;
        }
        if !event.is_received() && !self.port.lets_in(event) {
            return;
        }
        if self.port.waits && !self.has_arrived(event) {
            return;
        }
        let Some(message) = event.body.take() else {
            return;
        };
        let key = event.key();
        self.deliver(index, key, Kind::Message);
        self.port.counts.messages_delivered += 1;
        let from = PeerId(event.source);
        self.with(index, key.time, |peer, cx| {
            peer.on_message(from, message, cx);
        });
    }

    #[inline(never)]
    fn handle_other(&mut self, index: usize, event: &mut Event<P::Message>) {
        let key = event.key();
        match event.kind() {
            Kind::Data => self.on_data(index, event),
            Kind::Timer => self.fire(event.arg() as u32, index, key),
            Kind::Uplink => self
                .port
                .on_uplink(event.time, event.to(), event.arg() as u32),
            Kind::Command => self.on_command(index, event),
            Kind::Churn => self.on_change(index, key, event.arg()),
            Kind::Idle => self.on_idle(index, event),
            Kind::Flows => self.port.on_flows(event.time),
            _ => self.on_signal(index, event),
        }
    }

    /// Passes the downlink and the processor; `false` if the message has to wait and was put back.
    #[inline(never)]
    fn has_arrived(&mut self, event: &mut Event<P::Message>) -> bool {
        if !event.is_received() {
            let done = self.port.downlink(event);
            if !self.is_due(event, done) {
                return false;
            }
        }
        self.is_processed(event)
    }

    /// Passes the processor.
    fn is_processed(&mut self, event: &mut Event<P::Message>) -> bool {
        if event.is_processed() {
            return true;
        }
        let done = self.port.process(event);
        if done <= event.time {
            return true;
        }
        event.set_processed();
        self.is_due(event, done)
    }

    /// Puts an event back that is not due before `time`: the same key, a later time.
    fn is_due(&mut self, event: &mut Event<P::Message>, time: u64) -> bool {
        if time <= event.time {
            return true;
        }
        let mut event = event.take();
        event.time = time;
        event.set_received();
        self.port.queue.push(event);
        false
    }

    /// A timer is due.
    #[inline]
    pub(crate) fn fire(&mut self, slot: u32, index: usize, key: Key) {
        let fired = self.port.timers.fire(slot, key.source, key.seq);
        let Some((life, timer)) = fired else { return };
        if self.peers[index].head.life != life {
            self.port.timers.dead += 1;
            return;
        }
        self.deliver(index, key, Kind::Timer);
        self.with(index, key.time, |peer, cx| peer.on_timer(timer, cx));
    }
}
