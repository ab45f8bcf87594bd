//! A protocol that does everything the engine offers, at random: datagrams and connections, bulk and
//! small, time-outs that are cancelled, events, commands. For the tests that compare engines.

use crate::engine::{Conn, Context, Link, Message, Protocol, TimerId};
use crate::peer::PeerId;
use crate::random::Draw;
use crate::time::Duration;

/// A message of some size.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Parcel {
    bytes: u32,
    /// How often it is passed on.
    hops: u8,
}

impl Message for Parcel {
    const KINDS: &'static [&'static str] = &["small", "bulk"];
    fn kind(&self) -> u8 {
        u8::from(self.bytes > 1500)
    }
    fn bytes(&self) -> u32 {
        self.bytes
    }
}

/// What a peer waits for.
#[derive(Clone, Copy, Debug)]
pub enum Timer {
    /// Do something.
    Act,
    /// No answer came.
    TimeOut,
}

/// What a peer reports.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// Got a parcel from a peer, with so many hops left.
    Got(PeerId, u8),
    /// A time-out fired.
    TimedOut,
    /// A connection changed.
    Changed(Link),
    /// Was asked to do something.
    Asked(u32),
}

/// A peer of the stress test.
#[derive(Clone, Debug)]
pub struct Stress {
    peers: u32,
    conns: Vec<Conn>,
    waiting: Vec<TimerId>,
}

impl Stress {
    /// A peer among `peers`.
    pub fn new(peers: u32) -> Self {
        Self {
            peers,
            conns: Vec::new(),
            waiting: Vec::new(),
        }
    }

    fn anybody(&self, cx: &mut Context<'_, Self>) -> PeerId {
        let other = cx.rng().below(u64::from(self.peers) - 1) as u32;
        PeerId(if other >= cx.me().0 { other + 1 } else { other })
    }

    fn parcel(cx: &mut Context<'_, Self>, hops: u8) -> Parcel {
        let bytes = if cx.rng().chance(0.3) {
            2_000 + cx.rng().below(30_000) as u32
        } else {
            80
        };
        Parcel { bytes, hops }
    }

    fn act(&mut self, cx: &mut Context<'_, Self>) {
        match cx.rng().below(10) {
            0 | 1 => {
                let to = self.anybody(cx);
                let conn = cx.connect(to);
                self.conns.push(conn);
            }
            2 if !self.conns.is_empty() => {
                let at = cx.rng().index(self.conns.len());
                let conn = self.conns.swap_remove(at);
                cx.close(conn);
            }
            3..=6 if !self.conns.is_empty() => {
                let at = cx.rng().index(self.conns.len());
                let parcel = Self::parcel(cx, 2);
                cx.send_on(self.conns[at], parcel);
            }
            _ => {
                let to = self.anybody(cx);
                let parcel = Self::parcel(cx, 3);
                cx.send(to, parcel);
                let id = cx.arm(Duration::from_secs(2), Timer::TimeOut);
                self.waiting.push(id);
            }
        }
    }
}

impl Protocol for Stress {
    type Message = Parcel;
    type Timer = Timer;
    type Command = u32;
    type Event = Event;

    fn on_start(&mut self, cx: &mut Context<'_, Self>) {
        self.conns.clear();
        self.waiting.clear();
        let after = cx.rng().between(Duration::ZERO, Duration::from_millis(300));
        cx.arm(after, Timer::Act);
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Context<'_, Self>) {
        match timer {
            Timer::Act => {
                self.act(cx);
                // Now and then at once: an own event without any delay.
                let span = if cx.rng().chance(0.1) { 0 } else { 250 };
                let after = Duration::from_millis(cx.rng().below(span + 1));
                cx.arm(after, Timer::Act);
            }
            Timer::TimeOut => {
                self.waiting.clear();
                cx.emit(Event::TimedOut);
            }
        }
    }

    fn on_message(&mut self, from: PeerId, parcel: Parcel, cx: &mut Context<'_, Self>) {
        cx.emit(Event::Got(from, parcel.hops));
        if let Some(id) = self.waiting.pop() {
            cx.cancel(id);
        }
        if let Some(hops) = parcel.hops.checked_sub(1) {
            let to = if cx.rng().chance(0.5) {
                from
            } else {
                self.anybody(cx)
            };
            cx.send(to, Parcel { hops, ..parcel });
        }
    }

    fn on_data(&mut self, conn: Conn, from: PeerId, parcel: Parcel, cx: &mut Context<'_, Self>) {
        cx.emit(Event::Got(from, parcel.hops));
        if let Some(hops) = parcel.hops.checked_sub(1) {
            cx.send_on(conn, Parcel { hops, ..parcel });
        }
    }

    fn on_command(&mut self, number: u32, cx: &mut Context<'_, Self>) {
        cx.emit(Event::Asked(number));
        self.act(cx);
    }

    fn on_connection(&mut self, conn: Conn, what: Link, cx: &mut Context<'_, Self>) {
        cx.emit(Event::Changed(what));
        match what {
            Link::Accepted(_) => self.conns.push(conn),
            Link::Opened(_) => {
                let parcel = Self::parcel(cx, 1);
                cx.send_on(conn, parcel);
            }
            Link::Refused(_) | Link::Reset(_) | Link::Closed(_) => {
                self.conns.retain(|&c| c != conn);
            }
        }
    }

    fn on_leave(&mut self, cx: &mut Context<'_, Self>) {
        let to = self.anybody(cx);
        cx.send(to, Parcel { bytes: 10, hops: 0 });
    }
}
