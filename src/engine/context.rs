//! [`Context`]: everything a handler can reach, and [`Outbox`], where its effects go.
//!
//! Effects leave through one virtual call, which costs nothing measurable; a vector of effects
//! would cost 22 to 30 ns an event. The engine's port implements [`Outbox`], a [layer] maps it, a
//! filtering attacker wraps it, the test kit records it.
//!
//! [layer]: Context::layer

use crate::engine::key::Key;
use crate::engine::protocol::{Conn, Message, Protocol, TimerId};
use crate::peer::PeerId;
use crate::quantity::Bandwidth;
use crate::random::PeerRng;
use crate::time::{Duration, Instant};

/// The engine's share of a peer's state: 24 bytes. What is read ahead comes first.
#[derive(Clone, Debug)]
#[repr(C)]
pub struct Head {
    /// The peer's next sequence number; survives its lives.
    pub(crate) seq: u32,
    /// Number of the life times two, plus one while up.
    pub(crate) life: u32,
    /// The peer's own stream.
    pub(crate) rng: PeerRng,
    /// Hash of everything delivered to the peer so far.
    pub(crate) digest: u64,
}

impl Head {
    /// A peer that is down and has never lived.
    pub(crate) fn new(rng: PeerRng) -> Self {
        Self {
            rng,
            digest: 0,
            seq: 0,
            life: 0,
        }
    }

    pub(crate) fn is_up(&self) -> bool {
        self.life & 1 == 1
    }
}

/// Which messages are meant, given whether part of them has left.
pub type Which<'a, M> = &'a mut dyn FnMut(&M, bool) -> bool;

/// Where effects go. The key is made by the [`Context`].
pub trait Outbox<M, T, E> {
    /// A datagram leaves.
    fn send(&mut self, key: Key, to: PeerId, message: M);
    /// A timer is armed for this life of the peer.
    fn arm(&mut self, key: Key, life: u32, after: Duration, timer: T) -> TimerId;
    /// A timer is cancelled; `false` if it had fired or was cancelled before.
    fn cancel(&mut self, me: PeerId, id: TimerId) -> bool;
    /// A connection is asked for, with a peer at the address of this number.
    fn connect(&mut self, key: Key, to: PeerId, lease: u8) -> Conn;
    /// The number of the address a peer has now.
    fn lease(&self, me: PeerId) -> u8;
    /// Something leaves on a connection; `false` if it does not stand.
    fn send_on(&mut self, key: Key, conn: Conn, message: M) -> bool;
    /// A connection is closed, if it stands.
    fn close(&mut self, key: Key, conn: Conn);
    /// Some of what a connection has not sent yet is taken back; how many messages that was.
    fn withdraw(&mut self, me: PeerId, conn: Conn, which: Which<'_, M>) -> usize;
    /// A connection carries at most so much of this side's bulk from now on.
    fn limit(&mut self, me: PeerId, conn: Conn, most: Option<Bandwidth>);
    /// An event is reported.
    fn emit(&mut self, event: E);
}

/// What a handler works with: the time, its name, its stream, and its effects.
pub struct Context<'a, P: Protocol> {
    now: Instant,
    me: PeerId,
    head: &'a mut Head,
    out: &'a mut dyn Outbox<P::Message, P::Timer, P::Event>,
}

impl<'a, P: Protocol> Context<'a, P> {
    pub(crate) fn new(
        now: Instant,
        me: PeerId,
        head: &'a mut Head,
        out: &'a mut dyn Outbox<P::Message, P::Timer, P::Event>,
    ) -> Self {
        Self { now, me, head, out }
    }

    /// The current time.
    #[inline]
    pub fn now(&self) -> Instant {
        self.now
    }

    /// The peer's own name.
    #[inline]
    pub fn me(&self) -> PeerId {
        self.me
    }

    /// The peer's own stream of randomness.
    #[inline]
    pub fn rng(&mut self) -> &mut PeerRng {
        &mut self.head.rng
    }

    #[inline]
    fn key(&mut self) -> Key {
        let seq = self.head.seq;
        self.head.seq = seq
            .checked_add(1)
            .expect("a peer has used 2^32 sequence numbers");
        Key {
            time: self.now,
            source: self.me.0,
            seq,
        }
    }

    /// Sends a datagram: it may be lost, and two may overtake one another.
    #[inline]
    pub fn send(&mut self, to: PeerId, message: P::Message) {
        let key = self.key();
        self.out.send(key, to, message);
    }

    /// Asks for a connection. [`Protocol::on_connection`] tells what became of it.
    pub fn connect(&mut self, to: PeerId) -> Conn {
        self.connect_at(to, 0)
    }

    /// The same, with a peer that has several addresses one after the other
    /// ([`Addressing::New`](crate::churn::Addressing::New)): nobody answers at one that it has no more.
    pub fn connect_at(&mut self, to: PeerId, lease: u8) -> Conn {
        let key = self.key();
        self.out.connect(key, to, lease)
    }

    /// The number of the address the peer has now: 0, and one more, modulo 256, with each return under
    /// another address.
    pub fn lease(&self) -> u8 {
        self.out.lease(self.me)
    }

    /// Sends on a connection: nothing is lost or reordered while it stands (but that small messages
    /// overtake bulk where links are shared by max-min fairness). `false` if it does not.
    #[inline]
    pub fn send_on(&mut self, conn: Conn, message: P::Message) -> bool {
        let key = self.key();
        self.out.send_on(key, conn, message)
    }

    /// Closes a connection; what was sent before still arrives. The peer itself hears no more of it.
    pub fn close(&mut self, conn: Conn) {
        let key = self.key();
        self.out.close(key, conn);
    }

    /// Takes back bulk of this connection that has not left and is named by `which`, which is also told
    /// whether part of it has: such a part is lost. How many messages that was. Only links that are shared
    /// by max-min fairness give anything back, and nothing to a protocol below another: elsewhere what was
    /// sent is gone.
    pub fn withdraw(
        &mut self,
        conn: Conn,
        mut which: impl FnMut(&P::Message, bool) -> bool,
    ) -> usize {
        self.out.withdraw(self.me, conn, &mut which)
    }

    /// Holds back what this peer sends in bulk on a connection, from now on and to at most this rate, as a
    /// client does that shares out its own uplink; nothing: lets it go. Only links that are shared by max-min
    /// fairness know of it.
    pub fn limit(&mut self, conn: Conn, most: Option<Bandwidth>) {
        self.out.limit(self.me, conn, most);
    }

    /// Sets a timer. It dies with this life of the peer.
    #[inline]
    pub fn arm(&mut self, after: Duration, timer: P::Timer) -> TimerId {
        let key = self.key();
        self.out.arm(key, self.head.life, after, timer)
    }

    /// Cancels a timer; `false` if it had fired or was cancelled before.
    #[inline]
    pub fn cancel(&mut self, id: TimerId) -> bool {
        self.out.cancel(self.me, id)
    }

    /// Reports an event to the layer above, or to observers.
    #[inline]
    pub fn emit(&mut self, event: P::Event) {
        self.out.emit(event);
    }

    /// The same words for another protocol: what [`Mixed`](crate::engine::Mixed) needs.
    pub fn role<Q>(&mut self) -> Context<'_, Q>
    where
        Q: Protocol<Message = P::Message, Timer = P::Timer, Event = P::Event>,
    {
        Context {
            now: self.now,
            me: self.me,
            head: self.head,
            out: self.out,
        }
    }

    /// Runs an inner protocol: its messages and timers are wrapped, its events come back.
    ///
    /// `wrap` and `tag` are the constructors of the outer enums: `cx.layer(Msg::Dht, Timer::Dht,
    /// |inner| self.dht.on_start(inner))`. Whoever opened a connection is told of it: only one of
    /// the two may use connections, or the outer forwards `on_connection`.
    pub fn layer<Q: Protocol>(
        &mut self,
        wrap: fn(Q::Message) -> P::Message,
        tag: fn(Q::Timer) -> P::Timer,
        run: impl FnOnce(&mut Context<'_, Q>),
    ) -> Vec<Q::Event> {
        let mut layer = Layer::<P, Q> {
            out: self.out,
            wrap,
            tag,
            events: Vec::new(),
        };
        run(&mut Context {
            now: self.now,
            me: self.me,
            head: self.head,
            out: &mut layer,
        });
        layer.events
    }

    /// Runs the same protocol with its effects passing through `filter`: an attacker that drops or
    /// replaces what an honest peer would do.
    pub fn filtered<F>(&mut self, filter: &mut F, run: impl FnOnce(&mut Context<'_, P>))
    where
        F: Filter<P::Message>,
    {
        let mut filtered = Filtered {
            out: self.out,
            filter,
        };
        run(&mut Context {
            now: self.now,
            me: self.me,
            head: self.head,
            out: &mut filtered,
        });
    }
}

/// The outbox of an inner protocol.
struct Layer<'a, P: Protocol, Q: Protocol> {
    out: &'a mut dyn Outbox<P::Message, P::Timer, P::Event>,
    wrap: fn(Q::Message) -> P::Message,
    tag: fn(Q::Timer) -> P::Timer,
    events: Vec<Q::Event>,
}

impl<P: Protocol, Q: Protocol> Outbox<Q::Message, Q::Timer, Q::Event> for Layer<'_, P, Q> {
    fn send(&mut self, key: Key, to: PeerId, message: Q::Message) {
        self.out.send(key, to, (self.wrap)(message));
    }
    fn arm(&mut self, key: Key, life: u32, after: Duration, timer: Q::Timer) -> TimerId {
        self.out.arm(key, life, after, (self.tag)(timer))
    }
    fn cancel(&mut self, me: PeerId, id: TimerId) -> bool {
        self.out.cancel(me, id)
    }
    fn connect(&mut self, key: Key, to: PeerId, lease: u8) -> Conn {
        self.out.connect(key, to, lease)
    }
    fn lease(&self, me: PeerId) -> u8 {
        self.out.lease(me)
    }
    fn send_on(&mut self, key: Key, conn: Conn, message: Q::Message) -> bool {
        self.out.send_on(key, conn, (self.wrap)(message))
    }
    fn close(&mut self, key: Key, conn: Conn) {
        self.out.close(key, conn);
    }
    fn withdraw(&mut self, _: PeerId, _: Conn, _: Which<'_, Q::Message>) -> usize {
        // What is below cannot tell its messages from the outer ones.
        0
    }
    fn limit(&mut self, me: PeerId, conn: Conn, most: Option<Bandwidth>) {
        self.out.limit(me, conn, most);
    }
    fn emit(&mut self, event: Q::Event) {
        self.events.push(event);
    }
}

/// What a filtering attacker lets an honest peer send.
pub trait Filter<M: Message> {
    /// The message to send instead, or nothing to drop it.
    fn pass(&mut self, to: Option<PeerId>, message: M) -> Option<M>;
}

struct Filtered<'a, F, M, T, E> {
    out: &'a mut dyn Outbox<M, T, E>,
    filter: &'a mut F,
}

impl<F: Filter<M>, M: Message, T, E> Outbox<M, T, E> for Filtered<'_, F, M, T, E> {
    fn send(&mut self, key: Key, to: PeerId, message: M) {
        if let Some(message) = self.filter.pass(Some(to), message) {
            self.out.send(key, to, message);
        }
    }
    fn arm(&mut self, key: Key, life: u32, after: Duration, timer: T) -> TimerId {
        self.out.arm(key, life, after, timer)
    }
    fn cancel(&mut self, me: PeerId, id: TimerId) -> bool {
        self.out.cancel(me, id)
    }
    fn connect(&mut self, key: Key, to: PeerId, lease: u8) -> Conn {
        self.out.connect(key, to, lease)
    }
    fn lease(&self, me: PeerId) -> u8 {
        self.out.lease(me)
    }
    fn send_on(&mut self, key: Key, conn: Conn, message: M) -> bool {
        // A dropped message looks sent to the honest code.
        self.filter
            .pass(None, message)
            .is_none_or(|message| self.out.send_on(key, conn, message))
    }
    fn close(&mut self, key: Key, conn: Conn) {
        self.out.close(key, conn);
    }
    fn withdraw(&mut self, me: PeerId, conn: Conn, which: Which<'_, M>) -> usize {
        self.out.withdraw(me, conn, which)
    }
    fn limit(&mut self, me: PeerId, conn: Conn, most: Option<Bandwidth>) {
        self.out.limit(me, conn, most);
    }
    fn emit(&mut self, event: E) {
        self.out.emit(event);
    }
}
