//! [`Core`]: one shard's peers and what happens to them. Written once, run over the slot ring and
//! over the reference heap.

use crate::churn::Churn;
use crate::engine::connections::{Named, State, UNKNOWN};
use crate::engine::context::{Context, Head};
use crate::engine::event::{Event, Kind};
use crate::engine::key::Key;
use crate::engine::observer::{Notice, Workload};
use crate::engine::port::{Port, ack_arg, end_arg, end_of};
use crate::engine::protocol::{Conn, Link, Protocol};
use crate::engine::queue::Queue;
use crate::engine::setup::Setup;
use crate::engine::trace::Traced;
use crate::network::Crash;
use crate::peer::PeerId;
use crate::random::{PeerRng, Purpose, hash};
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

/// Why and when a peer comes and goes; only kept where anybody does.
#[derive(Clone, Debug)]
struct Presence {
    rng: PeerRng,
    changes: u32,
    /// What churn wants.
    up: bool,
    /// How many faults keep it down.
    struck: u32,
}

/// What a churn event asks for.
mod change {
    pub(super) const DOWN: u64 = 0;
    pub(super) const UP: u64 = 1;
    pub(super) const STRIKE: u64 = 2;
    pub(super) const RECOVER: u64 = 3;
}

/// Commands of the workload that concern this shard.
struct Commands<C> {
    workload: Box<dyn Workload<C>>,
    /// How many commands the workload has given so far, to whomever.
    seq: u32,
    ahead: Option<(u64, u32, PeerId, C)>,
    pending: Vec<Option<C>>,
    free: Vec<u32>,
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
        let port = Port::new(queue, network, population, shard.clone(), watched);
        let outages = setup.network.crashes().iter().chain(&setup.outages);
        let outages: Vec<_> = outages.copied().collect();
        let comes_and_goes = !setup.churn.is_none() || !outages.is_empty();
        let presence = if comes_and_goes {
            Self::presence(setup, shard)
        } else {
            Vec::new()
        };
        let commands = Commands {
            workload,
            seq: 0,
            ahead: None,
            pending: Vec::new(),
            free: Vec::new(),
        };
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

    fn presence(setup: &Setup, shard: &Range<u32>) -> Vec<Presence> {
        let located = setup
            .population
            .iter()
            .filter(|(peer, ..)| shard.contains(&peer.0));
        let presence = located.map(|(_, class, index)| Presence {
            rng: setup.streams.peer(Purpose::Churn, class, index),
            changes: 0,
            up: true,
            struck: 0,
        });
        presence.collect()
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

    fn plan_change(&mut self, index: usize, key: Key, at: Instant, arg: u64) {
        let peer = PeerId(self.low + index as u32);
        let id = (at.as_nanos(), key.source, key.seq);
        self.port
            .queue
            .push(Event::new(id, peer, Kind::Churn, arg, None));
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

    fn on_data(&mut self, index: usize, event: &mut Event<P::Message>) {
        let key = event.key();
        let (me, from) = (event.to(), PeerId(event.source));
        let (slot, tag) = end_of(event.arg());
        let up = self.peers[index].head.is_up();
        let conn = if up {
            self.port.table(me).find(slot, from.0, tag)
        } else {
            None
        };
        let Some(conn) = conn else {
            let counts = &mut self.port.counts;
            *(if up {
                &mut counts.stale
            } else {
                &mut counts.to_the_dead
            }) += 1;
            // Whoever still believes in the connection is told.
            self.answer(
                index,
                key.time,
                from,
                Kind::Rst,
                end_arg(slot, tag ^ OPENER) | SENDERS_PLACE,
            );
            return;
        };
        if self.port.waits && !self.has_come(event, conn) {
            return;
        }
        let Some(message) = event.body.take() else {
            return;
        };
        self.deliver(index, key, Kind::Data);
        self.port.counts.messages_delivered += 1;
        self.with(index, key.time, |peer, cx| {
            peer.on_data(conn, from, message, cx);
        });
    }

    /// Passes the downlink and the processor in the order of its connection.
    fn has_come(&mut self, event: &mut Event<P::Message>, conn: Conn) -> bool {
        let me = event.to();
        if !event.is_received() {
            let mut done = self.port.downlink(event);
            if let Some(end) = self.port.table(me).own(conn) {
                done = done.max(end.heard);
                end.heard = done;
            }
            if !self.is_due(event, done) {
                return false;
            }
        }
        if event.is_processed() {
            return true;
        }
        let done = self.port.process(event);
        if let Some(end) = self.port.table(me).own(conn) {
            end.heard = end.heard.max(done);
        }
        if done <= event.time {
            return true;
        }
        event.set_processed();
        self.is_due(event, done)
    }

    /// The engine answers for a peer, up or not.
    fn answer(&mut self, index: usize, now: Instant, to: PeerId, kind: Kind, arg: u64) {
        let key = self.next_key(index, now);
        self.port.signal(key, to, kind, arg, 0);
    }

    /// Connections come and go.
    fn on_signal(&mut self, index: usize, event: &mut Event<P::Message>) {
        let key = event.key();
        let (me, from, arg) = (event.to(), PeerId(event.source), event.arg());
        let (slot, tag) = end_of(arg);
        let up = self.peers[index].head.is_up();
        match event.kind() {
            Kind::Syn if up && self.port.lets_in(event) => {
                let reply = self.next_key(index, key.time);
                let conn = self.port.table(me).accept(from.0, slot, tag, 0);
                let ack = ack_arg(slot, conn.slot, tag);
                let Some(arrival) = self.port.signal(reply, from, Kind::Ack, ack, 0) else {
                    self.port.table(me).remove(conn);
                    return;
                };
                if let Some(end) = self.port.table(me).own(conn) {
                    end.last = arrival;
                }
                self.port.counts.connections += 1;
                self.tell(index, key, Kind::Syn, conn, Link::Accepted(from));
            }
            Kind::Syn => {
                // Nobody answers; the other side gives up after its time-out.
                let reply = self.next_key(index, key.time);
                let network = &self.port.network;
                let wait = network.patience().connect.max(network.delay(me, from));
                let at = key.time + wait;
                let id = (at.as_nanos(), reply.source, reply.seq);
                self.port
                    .queue
                    .push(Event::new(id, from, Kind::Refused, arg, None));
            }
            Kind::Ack => {
                let acceptor = (arg >> 14) as u16 & UNKNOWN;
                let bits = (arg >> 28) as u16 & 0x7F;
                let fits = up
                    .then(|| self.port.table(me).connecting(slot, from.0, bits))
                    .flatten();
                let Some((conn, end)) = fits else {
                    // Gave up or died meanwhile: the acceptor is told by its own place.
                    let tag = OPENER | bits;
                    self.answer(
                        index,
                        key.time,
                        from,
                        Kind::Rst,
                        end_arg(acceptor, tag) | SHORT_TAG,
                    );
                    return;
                };
                end.remote = acceptor;
                end.set_state(State::Open);
                self.tell(index, key, Kind::Ack, conn, Link::Opened(from));
            }
            Kind::Refused => {
                // Own, or from the silent side: names this side's place.
                let conn = Conn { slot, tag };
                let waiting = |end: &mut crate::engine::connections::End| {
                    matches!(end.state(), State::Connecting | State::Broken).then_some(end.peer)
                };
                let other = if up {
                    self.port.table(me).own(conn).and_then(waiting)
                } else {
                    None
                };
                let Some(other) = other else { return };
                let was = self.port.table(me).remove(conn);
                let broken = was.is_some_and(|end| end.state() == State::Broken);
                let counts = &mut self.port.counts;
                *(if broken {
                    &mut counts.resets
                } else {
                    &mut counts.refused
                }) += 1;
                let other = PeerId(other);
                let what = if broken {
                    Link::Reset(other)
                } else {
                    Link::Refused(other)
                };
                self.tell(index, key, Kind::Refused, conn, what);
            }
            kind => {
                let by = match arg & (SHORT_TAG | SENDERS_PLACE) {
                    0 => Named::Place,
                    SHORT_TAG => Named::ShortTag,
                    _ => Named::SendersPlace,
                };
                let found = up.then(|| self.port.table(me).meant(slot, from.0, tag, by));
                let Some(conn) = found.flatten() else { return };
                let heard = self.port.table(me).own(conn).map_or(0, |end| end.heard);
                if kind == Kind::Fin && !self.is_due(event, heard) {
                    return;
                }
                self.port.table(me).remove(conn);
                let what = if kind == Kind::Fin {
                    Link::Closed(from)
                } else {
                    self.port.counts.resets += 1;
                    Link::Reset(from)
                };
                self.tell(index, key, kind, conn, what);
            }
        }
    }

    fn on_idle(&mut self, index: usize, event: &Event<P::Message>) {
        let (slot, tag) = end_of(event.arg());
        let conn = Conn { slot, tag };
        let own = self.port.table(event.to()).own(conn);
        if own.is_some() {
            let key = self.next_key(index, event.key().time);
            self.port.ask(key, conn);
        }
    }

    fn tell(&mut self, index: usize, key: Key, kind: Kind, conn: Conn, what: Link) {
        if matches!(what, Link::Accepted(_) | Link::Opened(_)) && self.port.watches() {
            let next = self.next_key(index, key.time);
            self.port.watch(next, conn);
        }
        self.deliver(index, key, kind);
        self.with(index, key.time, |peer, cx| {
            peer.on_connection(conn, what, cx);
        });
    }

    fn on_change(&mut self, index: usize, key: Key, arg: u64) {
        let peer = PeerId(self.low + index as u32);
        let presence = &mut self.presence[index];
        let mut planned = None;
        match arg {
            change::STRIKE => presence.struck += 1,
            change::RECOVER => presence.struck -= 1,
            _ => {
                presence.up = arg == change::UP;
                presence.changes += 1;
                let Presence {
                    up, changes, rng, ..
                } = presence;
                planned = self.churn.next(peer, key.time, *up, *changes, rng);
            }
        }
        let wanted = presence.up && presence.struck == 0;
        if let Some(at) = planned {
            let next = self.next_key(index, key.time);
            let arg = if self.presence[index].up {
                change::DOWN
            } else {
                change::UP
            };
            self.plan_change(index, next, at, arg);
        }
        if wanted != self.peers[index].head.is_up() {
            self.deliver(index, key, Kind::Churn);
            if wanted {
                self.come_up(index);
            } else {
                self.go_down(
                    index,
                    key.time,
                    arg == change::DOWN && self.churn.graceful(),
                );
            }
        }
    }

    fn come_up(&mut self, index: usize) {
        self.peers[index].head.life += 1;
        self.port.notice(Notice::Up);
        let now = self.port.current.time;
        self.with(index, now, P::on_start);
    }

    /// The peer's connections end with it: in good order they are closed, in a crash the kernel of
    /// its machine resets them.
    fn go_down(&mut self, index: usize, now: Instant, graceful: bool) {
        let me = PeerId(self.low + index as u32);
        if graceful {
            self.with(index, now, P::on_leave);
        }
        if !self.port.tables.is_empty() {
            for end in self.port.table(me).clear() {
                if end.state() == State::Open {
                    let kind = if graceful { Kind::Fin } else { Kind::Rst };
                    let key = self.next_key(index, now);
                    let arg = end_arg(end.remote, end.tag());
                    self.port.signal(key, PeerId(end.peer), kind, arg, end.last);
                }
            }
        }
        if let Some(busy) = self.port.busy.get_mut(index) {
            *busy = 0;
        }
        if let Some(link) = self.port.links.get_mut(index) {
            link.clear();
        }
        self.peers[index].head.life += 1;
        self.port.notice(if graceful {
            Notice::Left
        } else {
            Notice::Crashed
        });
    }

    fn on_command(&mut self, index: usize, event: &Event<P::Message>) {
        let at = event.arg() as u32;
        self.commands.free.push(at);
        let Some(command) = self.commands.pending[at as usize].take() else {
            return;
        };
        if !self.peers[index].head.is_up() {
            self.port.counts.commands_to_the_dead += 1;
            return;
        }
        let key = event.key();
        self.deliver(index, key, Kind::Command);
        self.with(index, key.time, |peer, cx| peer.on_command(command, cx));
    }

    /// Looks one command of this shard ahead.
    fn pull_command(&mut self) {
        while self.commands.ahead.is_none() {
            let Some((at, peer, command)) = self.commands.workload.next() else {
                return;
            };
            let seq = self.commands.seq;
            self.commands.seq = seq.checked_add(1).expect("a workload of 2^32 commands");
            if self.index_here(peer).is_some() {
                self.commands.ahead = Some((at.as_nanos(), seq, peer, command));
            }
        }
    }

    /// When the next command is due.
    pub(crate) fn next_command(&self) -> Option<u64> {
        self.commands.ahead.as_ref().map(|&(time, ..)| time)
    }

    /// Puts the commands before `time` into the queue.
    pub(crate) fn queue_commands(&mut self, before: u64) {
        while self.next_command().is_some_and(|time| time < before) {
            let Some((time, seq, peer, command)) = self.commands.ahead.take() else {
                return;
            };
            let slot = if let Some(slot) = self.commands.free.pop() {
                self.commands.pending[slot as usize] = Some(command);
                slot
            } else {
                self.commands.pending.push(Some(command));
                self.commands.pending.len() as u32 - 1
            };
            let id = (time, Key::WORKLOAD, seq);
            self.port
                .queue
                .push(Event::new(id, peer, Kind::Command, u64::from(slot), None));
            self.pull_command();
        }
    }
}

/// The tag's bit that says its peer opened the connection.
const OPENER: u16 = 1 << 10;
/// In a reset: how it names the end it means, see [`Named`].
const SHORT_TAG: u64 = 1 << 30;
const SENDERS_PLACE: u64 = 1 << 31;
