//! What comes on connections: messages, openings and ends.

use super::Core;
use crate::engine::connections::{End, Named, State, UNKNOWN};
use crate::engine::event::{Event, Kind};
use crate::engine::key::Key;
use crate::engine::port::{ack_arg, end_arg, end_of};
use crate::engine::protocol::{Conn, Link, Protocol};
use crate::engine::queue::Queue;
use crate::peer::PeerId;
use crate::time::Instant;

/// The tag's bit that says its peer opened the connection.
const OPENER: u16 = 1 << 10;
/// In a reset: how it names the end it means, see [`Named`].
const SHORT_TAG: u64 = 1 << 30;
const SENDERS_PLACE: u64 = 1 << 31;

impl<P: Protocol, Q: Queue<P::Message>> Core<P, Q> {
    pub(super) fn on_data(&mut self, index: usize, event: &mut Event<P::Message>) {
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
            counts.count_lost(event.body.as_ref());
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

    /// Nobody answers an attempt to connect; the other side gives up after its time-out.
    fn stay_silent(&mut self, index: usize, key: Key, from: PeerId, arg: u64) {
        let reply = self.next_key(index, key.time);
        let me = PeerId(reply.source);
        let network = &self.port.network;
        let wait = network.patience().connect.max(network.delay(me, from));
        let at = key.time + wait;
        let id = (at.as_nanos(), reply.source, reply.seq);
        self.port
            .queue
            .push(Event::new(id, from, Kind::Refused, arg, None));
    }

    /// Connections come and go.
    pub(super) fn on_signal(&mut self, index: usize, event: &mut Event<P::Message>) {
        let key = event.key();
        let (me, from, arg) = (event.to(), PeerId(event.source), event.arg());
        let (slot, tag) = end_of(arg);
        let up = self.peers[index].head.is_up();
        match event.kind() {
            Kind::Syn if up && self.port.reaches(event) => {
                let reply = self.next_key(index, key.time);
                let conn = self.port.table(me).accept(from.0, slot, tag, 0);
                self.port.takes_off(me, conn);
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
            Kind::Syn => self.stay_silent(index, key, from, arg),
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
            // Own, or from the silent side: names this side's place.
            Kind::Refused if up => self.give_up(index, key, me, Conn { slot, tag }),
            Kind::Refused => {}
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
                self.port.cut_flow(event.time, me, from, conn);
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

    /// A connection has been waited for in vain, or its path has been cut for too long.
    fn give_up(&mut self, index: usize, key: Key, me: PeerId, conn: Conn) {
        let waiting = |end: &mut End| {
            matches!(end.state(), State::Connecting | State::Broken).then_some(end.peer)
        };
        let Some(other) = self.port.table(me).own(conn).and_then(waiting) else {
            return;
        };
        let other = PeerId(other);
        let was = self.port.table(me).remove(conn);
        self.port.cut_flow(key.time.as_nanos(), me, other, conn);
        let counts = &mut self.port.counts;
        let what = if was.is_some_and(|end| end.state() == State::Broken) {
            counts.resets += 1;
            Link::Reset(other)
        } else {
            counts.refused += 1;
            Link::Refused(other)
        };
        self.tell(index, key, Kind::Refused, conn, what);
    }

    pub(super) fn on_idle(&mut self, index: usize, event: &Event<P::Message>) {
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
}
