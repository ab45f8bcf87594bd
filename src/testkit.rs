//! For tests of protocols: one peer with its effects as data.
//!
//! [`Bench`] holds one peer without a network: give it an input, look at exactly what it did.
//! For a few peers together, run a small [`World`](crate::engine::World) over
//! [`Network::constant`](crate::network::Network::constant).

use crate::engine::{Conn, Context, Head, Key, Link, Outbox, Protocol, TimerId, Which};
use crate::peer::PeerId;
use crate::quantity::Bandwidth;
use crate::random::PeerRng;
use crate::time::{Duration, Instant};

/// One thing a peer did.
#[derive(Clone, PartialEq, Debug)]
pub enum Effect<M, T, E> {
    /// Sent a datagram.
    Send(PeerId, M),
    /// Armed a timer.
    Arm(Duration, T),
    /// Cancelled a timer.
    Cancel(TimerId),
    /// Asked for a connection.
    Connect(PeerId, Conn),
    /// Sent on a connection.
    SendOn(Conn, M),
    /// Closed a connection.
    Close(Conn),
    /// Took back what a connection had not begun to send.
    Withdraw(Conn),
    /// Held back what it sends on a connection, or let it go.
    Limit(Conn, Option<Bandwidth>),
    /// Reported an event.
    Emit(E),
}

/// The effects of one handler of `P`, in order.
pub type Effects<P> =
    Vec<Effect<<P as Protocol>::Message, <P as Protocol>::Timer, <P as Protocol>::Event>>;

/// One peer on the bench: no network, no clock but yours.
pub struct Bench<P: Protocol> {
    /// The peer's state.
    pub peer: P,
    /// Its name.
    pub me: PeerId,
    now: Instant,
    head: Head,
    next_slot: u16,
}

impl<P: Protocol> Bench<P> {
    /// A peer that is up, at time zero, with a stream from `seed`.
    pub fn new(peer: P, me: PeerId, seed: u64) -> Self {
        let mut head = Head::new(PeerRng::from_state(seed));
        head.life = 1;
        Self {
            peer,
            me,
            now: Instant::ZERO,
            head,
            next_slot: 0,
        }
    }

    /// The current time.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// Lets time pass.
    pub fn advance(&mut self, span: Duration) {
        self.now += span;
    }

    /// A connection that the other side opened; hand it to [`Bench::connection`] as accepted.
    pub fn incoming(&mut self) -> Conn {
        self.next_slot += 1;
        Conn {
            slot: self.next_slot - 1,
            tag: 0,
        }
    }

    /// Runs any handler and returns what it did.
    pub fn run(&mut self, handler: impl FnOnce(&mut P, &mut Context<'_, P>)) -> Effects<P> {
        let mut out = Recorder {
            effects: Vec::new(),
            next_slot: &mut self.next_slot,
        };
        let mut cx = Context::new(self.now, self.me, &mut self.head, &mut out);
        handler(&mut self.peer, &mut cx);
        out.effects
    }

    /// The peer comes up.
    pub fn start(&mut self) -> Effects<P> {
        self.run(P::on_start)
    }

    /// A datagram arrives.
    pub fn message(&mut self, from: PeerId, message: P::Message) -> Effects<P> {
        self.run(|peer, cx| peer.on_message(from, message, cx))
    }

    /// Something arrives on a connection.
    pub fn data(&mut self, conn: Conn, from: PeerId, message: P::Message) -> Effects<P> {
        self.run(|peer, cx| peer.on_data(conn, from, message, cx))
    }

    /// A timer is due.
    pub fn timer(&mut self, timer: P::Timer) -> Effects<P> {
        self.run(|peer, cx| peer.on_timer(timer, cx))
    }

    /// A command comes.
    pub fn command(&mut self, command: P::Command) -> Effects<P> {
        self.run(|peer, cx| peer.on_command(command, cx))
    }

    /// A connection changes.
    pub fn connection(&mut self, conn: Conn, what: Link) -> Effects<P> {
        self.run(|peer, cx| peer.on_connection(conn, what, cx))
    }
}

/// An outbox that keeps everything.
struct Recorder<'a, M, T, E> {
    effects: Vec<Effect<M, T, E>>,
    next_slot: &'a mut u16,
}

impl<M, T, E> Outbox<M, T, E> for Recorder<'_, M, T, E> {
    fn send(&mut self, _key: Key, to: PeerId, message: M) {
        self.effects.push(Effect::Send(to, message));
    }
    fn arm(&mut self, key: Key, _life: u32, after: Duration, timer: T) -> TimerId {
        self.effects.push(Effect::Arm(after, timer));
        TimerId {
            slot: 0,
            seq: key.seq,
        }
    }
    fn cancel(&mut self, _me: PeerId, id: TimerId) -> bool {
        self.effects.push(Effect::Cancel(id));
        true
    }
    fn lease(&self, _me: PeerId) -> u8 {
        0
    }
    fn connect(&mut self, _key: Key, to: PeerId, _lease: u8) -> Conn {
        let conn = Conn {
            slot: *self.next_slot,
            tag: 0,
        };
        *self.next_slot += 1;
        self.effects.push(Effect::Connect(to, conn));
        conn
    }
    fn send_on(&mut self, _key: Key, conn: Conn, message: M) -> bool {
        self.effects.push(Effect::SendOn(conn, message));
        true
    }
    fn close(&mut self, _key: Key, conn: Conn) {
        self.effects.push(Effect::Close(conn));
    }
    fn withdraw(&mut self, _: PeerId, conn: Conn, _: Which<'_, M>) -> usize {
        self.effects.push(Effect::Withdraw(conn));
        0
    }
    fn limit(&mut self, _: PeerId, conn: Conn, most: Option<Bandwidth>) {
        self.effects.push(Effect::Limit(conn, most));
    }
    fn emit(&mut self, event: E) {
        self.effects.push(Effect::Emit(event));
    }
}
