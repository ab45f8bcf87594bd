//! [`Port`]: the engine's side of a handler. Effects become events.

mod flows;

use crate::engine::connections::{State, Table, UNKNOWN};
use crate::engine::context::{Outbox, Which};
use crate::engine::counts::{Counts, DATAGRAM_HEADER, SEGMENT, SEGMENT_HEADER, Traffic, Use};
use crate::engine::event::{Event, Kind};
use crate::engine::key::Key;
use crate::engine::link::{LinkState, SMALL, unstretch};
use crate::engine::observer::Notice;
use crate::engine::protocol::{Conn, Message, TimerId};
use crate::engine::queue::Queue;
use crate::engine::timers::Timers;
use crate::network::reach::Holes;
use crate::network::tcp::Flight;
use crate::network::{Network, Transit};
use crate::peer::PeerId;
use crate::quantity::Bandwidth;
use crate::time::{Duration, Instant};
use flows::Flows;
use std::sync::Arc;

/// Arguments of events on connections: receiver's place (14 bits), tag (11), and for bulk how much
/// the transfer was stretched (10).
pub(crate) const fn end_arg(slot: u16, tag: u16) -> u64 {
    slot as u64 | (tag as u64) << 14
}
pub(crate) const fn end_of(arg: u64) -> (u16, u16) {
    (arg as u16 & UNKNOWN, (arg >> 14) as u16 & 0x7FF)
}
/// An acknowledgement names both places and seven bits of the tag.
pub(crate) const fn ack_arg(opener: u16, acceptor: u16, tag: u16) -> u64 {
    opener as u64 | (acceptor as u64) << 14 | (tag as u64 & 0x7F) << 28
}

/// An attempt to connect also says at which of the other's addresses.
const fn syn_arg(end: u64, lease: u8) -> u64 {
    end | (lease as u64) << 25
}
const fn lease_of(arg: u64) -> u8 {
    (arg >> 25) as u8
}

/// A message that waits for the uplink: the event with its delay in the place of its time, and the
/// earliest arrival that keeps the order of its connection.
#[derive(Debug)]
pub(crate) struct Waiting<M> {
    pub(crate) event: Event<M>,
    pub(crate) not_before: u64,
    /// The sender's end, if it goes over a connection.
    pub(crate) conn: Option<Conn>,
    /// When it was handed over.
    pub(crate) since: u64,
}

/// What is sent over one connection queues for the uplink together: its name there.
pub(crate) fn flow_of(conn: Conn, to: PeerId) -> u64 {
    1 << 63 | u64::from(to.0) << 32 | u64::from(conn.slot) << 16 | u64::from(conn.tag)
}

/// A notice on its way to the observer.
pub(crate) type Noticed<E> = (Key, PeerId, Notice<E>);

/// What one shard's handlers share.
pub(crate) struct Port<M: Message, T, E, Q> {
    pub(crate) queue: Q,
    pub(crate) timers: Timers<T>,
    pub(crate) network: Arc<Network>,
    /// The first peer of the shard, and how many peers the run has.
    pub(crate) low: u32,
    pub(crate) peers: u32,
    in_shard: usize,
    /// Tables of connections; empty until the first is opened.
    pub(crate) tables: Vec<Table>,
    /// The sending sides of connections, by peer and place; empty without TCP.
    pub(crate) flights: Vec<Vec<Flight>>,
    /// Access links; empty without the model.
    pub(crate) links: Vec<LinkState<Waiting<M>>>,
    /// What is on its way over links that are shared by max-min fairness; nothing if they are not.
    flows: Option<Box<Flows<M>>>,
    /// Until when each peer's processor is busy; empty if messages cost nothing.
    pub(crate) busy: Vec<u64>,
    /// What the gates of peers have let out; empty if everybody can be reached.
    pub(crate) holes: Vec<Holes>,
    /// The number of the address each peer has; empty if none ever changes.
    pub(crate) leases: Vec<u8>,
    /// Whether a message waits between its arrival and its handler.
    pub(crate) waits: bool,
    /// Key of the event being handled, and whose it is.
    pub(crate) current: Key,
    pub(crate) handling: PeerId,
    pub(crate) watched: bool,
    pub(crate) notices: Vec<Noticed<E>>,
    pub(crate) counts: Counts,
}

impl<M: Message, T, E, Q: Queue<M>> Port<M, T, E, Q> {
    pub(crate) fn new(
        queue: Q,
        network: Arc<Network>,
        peers: u32,
        shard: std::ops::Range<u32>,
        watched: bool,
    ) -> Self {
        let in_shard = shard.len();
        let links = if network.access().is_some() {
            in_shard
        } else {
            0
        };
        let flows = Flows::of(&network, peers).map(Box::new);
        let classes = network.access().map_or(0, |access| access.classes().len());
        let flights = if network.has_tcp() { in_shard } else { 0 };
        let processors = network.processors().map_or(0, |_| in_shard);
        let gated = network.reach().map_or(0, |_| in_shard);
        let holes = vec![Holes::default(); gated];
        let sent = vec![Traffic::default(); M::KINDS.len()];
        Self {
            queue,
            timers: Timers::new(),
            network,
            low: shard.start,
            peers,
            in_shard,
            tables: Vec::new(),
            flights: vec![Vec::new(); flights],
            links: (0..links).map(|_| LinkState::default()).collect(),
            flows,
            busy: vec![0; processors],
            holes,
            leases: Vec::new(),
            waits: links + processors > 0,
            current: Key {
                time: Instant::ZERO,
                source: 0,
                seq: 0,
            },
            handling: PeerId(0),
            watched,
            notices: Vec::new(),
            counts: Counts {
                sent,
                uplinks: vec![Use::default(); classes],
                downlinks: vec![Use::default(); classes],
                ..Counts::default()
            },
        }
    }

    /// The table of a peer of this shard.
    #[inline]
    pub(crate) fn table(&mut self, peer: PeerId) -> &mut Table {
        if self.tables.is_empty() {
            self.tables.resize_with(self.in_shard, Table::default);
        }
        &mut self.tables[(peer.0 - self.low) as usize]
    }

    #[inline]
    fn count(&mut self, message: &M, wire: u64) {
        let traffic = &mut self.counts.sent[usize::from(message.kind())];
        traffic.messages += 1;
        traffic.app_bytes += u64::from(message.bytes());
        traffic.wire_bytes += wire;
    }

    /// Reports what the engine itself did.
    pub(crate) fn notice(&mut self, notice: Notice<E>) {
        if self.watched {
            self.notices.push((self.current, self.handling, notice));
        }
    }

    /// An event of the engine's own to another peer's end of a connection: it crosses the network
    /// like a segment without a body. When it arrives; nothing if the path is cut, or if too many first
    /// segments were lost.
    pub(crate) fn signal(
        &mut self,
        key: Key,
        to: PeerId,
        kind: Kind,
        arg: u64,
        not_before: u64,
    ) -> Option<u64> {
        let from = PeerId(key.source);
        let Transit::Arrives(delay) = self.network.segment(key.time, from, to, key.seq) else {
            self.counts.lost += 1;
            return None;
        };
        let again = if kind == Kind::Syn {
            self.network.set_up_delay(key.time, from, to, key.seq)
        } else {
            Duration::ZERO
        };
        if again > self.network.patience().connect {
            return None;
        }
        let time = (key.time + delay + again).as_nanos().max(not_before);
        self.queue
            .push(Event::new((time, key.source, key.seq), to, kind, arg, None));
        Some(time)
    }

    /// The path of a connection is cut: it breaks when the peer's patience is at its end.
    fn lose(&mut self, key: Key, conn: Conn) {
        if let Some(end) = self.table(PeerId(key.source)).own(conn) {
            end.set_state(State::Broken);
        }
        let wait = self.network.patience().cut;
        self.later(key, wait, Kind::Refused, end_arg(conn.slot, conn.tag));
    }

    /// Plans to ask whether the other side of a new or idle connection is there.
    pub(crate) fn watch(&mut self, key: Key, conn: Conn) {
        if let Some(idle) = self.network.patience().idle {
            self.later(key, idle, Kind::Idle, end_arg(conn.slot, conn.tag));
        }
    }

    /// Whether idle connections are looked after.
    pub(crate) fn watches(&self) -> bool {
        self.network.patience().idle.is_some()
    }

    /// A connection may have been idle: asks, and plans to ask again.
    pub(crate) fn ask(&mut self, key: Key, conn: Conn) {
        let me = PeerId(key.source);
        let own = self.table(me).own(conn).copied();
        let Some(end) = own.filter(|end| end.state() == State::Open) else {
            return;
        };
        let idle = self.network.patience().idle.unwrap_or_default();
        if end.last + idle.as_nanos() <= key.time.as_nanos() {
            self.counts.keep_alives += 1;
            if self.network.is_cut(key.time, me, PeerId(end.peer)) {
                self.lose(key, conn);
                return;
            }
        }
        self.watch(key, conn);
    }

    /// An own event of the peer after `span`.
    fn later(&mut self, key: Key, span: Duration, kind: Kind, arg: u64) {
        let time = (key.time + span).as_nanos();
        let me = PeerId(key.source);
        self.queue
            .push(Event::new((time, me.0, key.seq), me, kind, arg, None));
    }

    /// A connection has this place of a peer's from now on: it has sent nothing yet.
    pub(crate) fn takes_off(&mut self, me: PeerId, conn: Conn) {
        if let Some(flights) = self.flights.get_mut((me.0 - self.low) as usize) {
            let slot = usize::from(conn.slot);
            if flights.len() <= slot {
                flights.resize(slot + 1, Flight::default());
            }
            flights[slot] = Flight::default();
        }
    }

    /// What TCP adds to a message over a connection.
    fn tcp_delay(&mut self, key: Key, conn: Conn, to: PeerId, bytes: u64) -> Duration {
        if !self.network.has_tcp() {
            return Duration::ZERO;
        }
        let me = PeerId(key.source);
        let pair = (me, to);
        let flights = &mut self.flights[(me.0 - self.low) as usize];
        let flight = &mut flights[usize::from(conn.slot)];
        self.network
            .tcp_delay(flight, key.time, pair, key.seq, bytes)
    }

    /// Puts an event on the sender's uplink. Its time holds the delay behind the uplink.
    fn transmit(&mut self, now: u64, flow: u64, bytes: u64, waiting: Waiting<M>) -> u64 {
        let shared = self.flows.is_some();
        if shared && self.is_flow(&waiting.event, flow, bytes) {
            self.join_flow(now, flow, bytes, waiting);
            return 0;
        }
        let Some(access) = self.network.access().filter(|_| !shared) else {
            let Waiting {
                mut event,
                not_before,
                ..
            } = waiting;
            event.time = (now + event.time).max(not_before);
            let arrival = event.time;
            self.queue.push(event);
            return arrival;
        };
        let me = PeerId(waiting.event.source);
        let line = access.up_nanos(me, bytes);
        let pace = self.network.pace(me);
        let link = &mut self.links[(me.0 - self.low) as usize];
        if link.is_bulk(bytes, flow, access.fifo()) {
            let look = link.send_bulk(now, pace, flow, line, waiting);
            self.look_at_uplink(me, look);
            return 0;
        }
        let Waiting {
            mut event,
            not_before,
            ..
        } = waiting;
        let out = link.send_small(now, pace, line);
        self.counts.uplinks[access.class(me)].count(line, out - now - line);
        event.time = (out + event.time).max(not_before);
        let arrival = event.time;
        self.queue.push(event);
        arrival
    }

    /// Plans a look at the uplink. Its source is not the peer but the peer's uplink, which has
    /// numbers of its own.
    fn look_at_uplink(&mut self, me: PeerId, (time, generation): (u64, u32)) {
        let source = me.0 | PeerId::LIMIT;
        let look = Event::new(
            (time, source, generation),
            me,
            Kind::Uplink,
            generation.into(),
            None,
        );
        self.queue.push(look);
    }

    /// The uplink may be through with something.
    pub(crate) fn on_uplink(&mut self, now: u64, me: PeerId, generation: u32) {
        let pace = self.network.pace(me);
        let link = &mut self.links[(me.0 - self.low) as usize];
        let finished = link.finished(now, pace, generation, |waiting, last| {
            let event = &mut waiting.event;
            event.time = (now + event.time).max(waiting.not_before).max(last);
            event.time
        });
        if let Some(look) = finished.next {
            self.look_at_uplink(me, look);
        }
        for (
            stretch,
            Waiting {
                mut event,
                conn,
                since,
                ..
            },
        ) in finished.through
        {
            self.count_uplink(me, now - since, &event);
            if let Some(end) = conn.and_then(|conn| self.table(me).own(conn)) {
                end.last = end.last.max(event.time);
            }
            event.set_stretch(stretch);
            self.queue.push(event);
        }
    }

    /// Something goes out through the gate of its sender.
    #[inline]
    fn let_out(&mut self, key: Key, to: PeerId) {
        if let Some(reach) = self.network.reach() {
            let me = PeerId(key.source);
            let holes = &mut self.holes[(me.0 - self.low) as usize];
            reach.let_out(holes, me, to, key.time.as_nanos());
        }
    }

    /// Whether the gate of the receiver lets an event in.
    #[inline]
    pub(crate) fn lets_in(&mut self, event: &Event<M>) -> bool {
        let Some(reach) = self.network.reach() else {
            return true;
        };
        let (me, from) = (event.to(), PeerId(event.source));
        let holes = &self.holes[(me.0 - self.low) as usize];
        let new = event.kind() == Kind::Syn;
        let inside = reach.lets_in(holes, me, from, event.time, new);
        self.counts.blocked += u64::from(!inside);
        inside
    }

    /// Whether an attempt to connect comes to where the receiver is now, and through its gate.
    pub(crate) fn reaches(&mut self, event: &Event<M>) -> bool {
        self.lease(event.to()) == lease_of(event.arg()) && self.lets_in(event)
    }

    /// When the processor of the receiver is through with a message it gets now.
    pub(crate) fn process(&mut self, event: &Event<M>) -> u64 {
        let (Some(processors), Some(message)) = (self.network.processors(), &event.body) else {
            return event.time;
        };
        let to = event.to();
        let cost = processors.cost(to, message.kind(), u64::from(message.bytes()));
        let busy = &mut self.busy[(to.0 - self.low) as usize];
        let begin = event.time.max(*busy);
        self.counts.processors.count(cost, begin - event.time);
        *busy = begin + cost;
        *busy
    }

    /// When a message that arrives now has passed the receiver's downlink.
    pub(crate) fn downlink(&mut self, event: &Event<M>) -> u64 {
        let Some(access) = self.network.access() else {
            return event.time;
        };
        let to = event.to();
        let bytes = event
            .body
            .as_ref()
            .map_or(0, |message| u64::from(message.bytes()));
        if self.flows.is_some() {
            if bytes > SMALL {
                let line = access.down_nanos(to, bytes);
                self.counts.downlinks[access.class(to)].count(line, 0);
            }
            return event.time;
        }
        let line_up = access.up_nanos(PeerId(event.source), bytes);
        let line_down = access.down_nanos(to, bytes);
        let pace = self.network.pace(to);
        let link = &mut self.links[(to.0 - self.low) as usize];
        let now = event.time;
        let (took, done) = if access.fifo() || bytes <= SMALL {
            (line_up, link.receive_small(now, pace, line_up, line_down))
        } else {
            let took = unstretch(event.stretch(), line_up);
            (took, link.receive_bulk(now, pace, took, line_down))
        };
        let alone = now.max(now.saturating_sub(took) + line_down);
        self.counts.downlinks[access.class(to)].count(line_down, done - alone);
        done
    }
}

impl<M: Message, T, E, Q: Queue<M>> Outbox<M, T, E> for Port<M, T, E, Q> {
    #[inline]
    fn send(&mut self, key: Key, to: PeerId, message: M) {
        let from = PeerId(key.source);
        let bytes = u64::from(message.bytes());
        self.count(&message, bytes + DATAGRAM_HEADER);
        self.let_out(key, to);
        let transit = if to.0 < self.peers {
            self.network.datagram(key.time, from, to, key.seq)
        } else {
            Transit::Lost
        };
        let Transit::Arrives(delay) = transit else {
            self.counts.lost += 1;
            return;
        };
        if self.links.is_empty() {
            let id = ((key.time + delay).as_nanos(), key.source, key.seq);
            self.queue
                .push(Event::new(id, to, Kind::Message, 0, Some(message)));
            return;
        }
        let id = (delay.as_nanos(), key.source, key.seq);
        let event = Event::new(id, to, Kind::Message, 0, Some(message));
        let waiting = Waiting {
            event,
            not_before: 0,
            conn: None,
            since: key.time.as_nanos(),
        };
        self.transmit(key.time.as_nanos(), u64::from(to.0), bytes, waiting);
    }

    #[inline]
    fn arm(&mut self, key: Key, life: u32, after: Duration, timer: T) -> TimerId {
        let time = (key.time + after).as_nanos();
        let (at, id) = self.timers.arm(time, (key.source, key.seq), life, timer);
        self.queue
            .push_timer((time, PeerId(key.source), key.seq), at);
        id
    }

    #[inline]
    fn cancel(&mut self, me: PeerId, id: TimerId) -> bool {
        self.timers.cancel(me.0, id)
    }

    fn lease(&self, me: PeerId) -> u8 {
        let index = (me.0 - self.low) as usize;
        self.leases.get(index).copied().unwrap_or_default()
    }

    fn connect(&mut self, key: Key, to: PeerId, lease: u8) -> Conn {
        let me = PeerId(key.source);
        let conn = self.table(me).open(to.0);
        self.takes_off(me, conn);
        let arg = end_arg(conn.slot, conn.tag);
        self.let_out(key, to);
        let syn = syn_arg(arg, lease);
        if to.0 >= self.peers || self.signal(key, to, Kind::Syn, syn, 0).is_none() {
            let wait = self.network.patience().connect;
            self.later(key, wait, Kind::Refused, arg);
        }
        conn
    }

    fn send_on(&mut self, key: Key, conn: Conn, message: M) -> bool {
        let me = PeerId(key.source);
        let Some(end) = self
            .table(me)
            .own(conn)
            .filter(|end| end.state() == State::Open)
        else {
            return false;
        };
        let (to, arg, last) = (PeerId(end.peer), end_arg(end.remote, end.tag()), end.last);
        let bytes = u64::from(message.bytes());
        self.count(
            &message,
            bytes + SEGMENT_HEADER * bytes.div_ceil(SEGMENT).max(1),
        );
        let Transit::Arrives(delay) = self.network.segment(key.time, me, to, key.seq) else {
            self.counts.lost += 1;
            self.counts.count_lost(Some(&message));
            self.lose(key, conn);
            return true;
        };
        let delay = delay + self.tcp_delay(key, conn, to, bytes);
        let flow = flow_of(conn, to);
        let id = (delay.as_nanos(), key.source, key.seq);
        let event = Event::new(id, to, Kind::Data, arg, Some(message));
        let now = key.time.as_nanos();
        let arrival = self.transmit(
            now,
            flow,
            bytes,
            Waiting {
                event,
                not_before: last,
                conn: Some(conn),
                since: now,
            },
        );
        if let Some(end) = self.table(me).own(conn) {
            end.last = end.last.max(arrival);
        }
        true
    }

    fn close(&mut self, key: Key, conn: Conn) {
        let me = PeerId(key.source);
        let Some(end) = self.table(me).remove(conn) else {
            return;
        };
        if end.state() != State::Open {
            // An answer that is still on the way will find nobody.
            return;
        }
        let Transit::Arrives(delay) = self
            .network
            .segment(key.time, me, PeerId(end.peer), key.seq)
        else {
            self.counts.lost += 1;
            return;
        };
        let id = (delay.as_nanos(), key.source, key.seq);
        let arg = end_arg(end.remote, end.tag());
        let event = Event::new(id, PeerId(end.peer), Kind::Fin, arg, None);
        let flow = flow_of(conn, PeerId(end.peer));
        self.close_flow(me, flow);
        self.transmit(
            key.time.as_nanos(),
            flow,
            0,
            Waiting {
                event,
                not_before: end.last,
                conn: None,
                since: key.time.as_nanos(),
            },
        );
    }

    fn withdraw(&mut self, me: PeerId, conn: Conn, which: Which<'_, M>) -> usize {
        self.take_back(me, conn, which)
    }

    fn limit(&mut self, me: PeerId, conn: Conn, most: Option<Bandwidth>) {
        self.limit_flow(me, conn, most);
    }

    #[inline]
    fn emit(&mut self, event: E) {
        if self.watched {
            self.notices
                .push((self.current, self.handling, Notice::Event(event)));
        }
    }
}
