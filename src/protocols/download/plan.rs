//! [`Node`]: a file by a plan that is made before the run: what goes straight to everybody, and what goes to
//! one who passes it on. Client-server is the plan in which nobody passes anything on.

use super::{Event, Join, Trader};
use crate::engine::{Conn, Context, Link, Message, Protocol};
use crate::peer::PeerId;
use std::sync::Arc;

/// How the file gets to everybody.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// Who has the file.
    pub server: PeerId,
    /// Bytes of the file.
    pub file: u64,
    /// What each peer passes on to all others, by number; empty if nobody does.
    pub passed_on: Vec<u64>,
    /// In how many chunks a peer gets each part.
    pub chunks: u64,
}

impl Plan {
    /// What a peer gets straight from the server, for itself: all that nobody passes on.
    fn straight(&self) -> u64 {
        self.file - self.passed_on.iter().sum::<u64>()
    }

    /// The chunks for a peer, in their order: what it is to pass on and what is its own in turns.
    fn chunks(&self, peer: PeerId) -> impl Iterator<Item = Chunk> + use<> {
        let to_pass_on = self.passed_on.get(peer.index()).copied().unwrap_or(0);
        let (straight, chunks) = (self.straight(), self.chunks);
        let part = move |bytes: u64, number: u64| {
            (bytes * (number + 1) / chunks - bytes * number / chunks) as u32
        };
        let both = move |number| {
            [(to_pass_on, true), (straight, false)].map(|(bytes, pass_on)| Chunk {
                bytes: part(bytes, number),
                pass_on,
            })
        };
        let all = (0..chunks).flat_map(both);
        all.filter(|chunk| chunk.bytes > 0)
    }
}

/// A part of the file, as large as it is: textbooks know no headers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Chunk {
    bytes: u32,
    /// Whether the receiver is to send it to all others.
    pass_on: bool,
}

impl Message for Chunk {
    const KINDS: &'static [&'static str] = &["chunk"];
    fn kind(&self) -> u8 {
        0
    }
    fn bytes(&self) -> u32 {
        self.bytes
    }
}

/// The server, or one who wants the file.
#[derive(Clone, Debug)]
pub struct Node {
    plan: Arc<Plan>,
    /// Connections to others that this one passes chunks on to, as far as they stand.
    open: Vec<Conn>,
    to_pass_on: Vec<Chunk>,
    sent: u64,
    received: u64,
}

impl Node {
    /// One of those of the plan.
    pub fn new(plan: Arc<Plan>) -> Self {
        Self {
            plan,
            open: Vec::new(),
            to_pass_on: Vec::new(),
            sent: 0,
            received: 0,
        }
    }

    fn send(&mut self, conn: Conn, chunk: Chunk, cx: &mut Context<'_, Self>) {
        if cx.send_on(conn, chunk) {
            self.sent += u64::from(chunk.bytes);
        }
    }
}

impl Protocol for Node {
    type Message = Chunk;
    type Timer = ();
    type Command = Join;
    type Event = Event;

    fn on_command(&mut self, Join: Join, cx: &mut Context<'_, Self>) {
        cx.emit(Event::Joined);
        cx.connect(self.plan.server);
        let me = cx.me();
        let others = (0..self.plan.passed_on.len() as u32).map(PeerId);
        for other in others.filter(|&other| other != me) {
            cx.connect(other);
        }
    }

    fn on_connection(&mut self, conn: Conn, what: Link, cx: &mut Context<'_, Self>) {
        match what {
            Link::Accepted(from) if cx.me() == self.plan.server => {
                for chunk in self.plan.chunks(from) {
                    self.send(conn, chunk, cx);
                }
            }
            Link::Opened(to) if to != self.plan.server => {
                self.open.push(conn);
                for chunk in self.to_pass_on.clone() {
                    self.send(conn, chunk, cx);
                }
            }
            _ => {}
        }
    }

    fn on_message(&mut self, _: PeerId, chunk: Chunk, cx: &mut Context<'_, Self>) {
        self.received += u64::from(chunk.bytes);
        if chunk.pass_on {
            let chunk = Chunk {
                pass_on: false,
                ..chunk
            };
            self.to_pass_on.push(chunk);
            for conn in self.open.clone() {
                self.send(conn, chunk, cx);
            }
        }
        if self.received == self.plan.file {
            cx.emit(Event::Completed);
        }
    }
}

impl Trader for Node {
    fn sent(&self) -> u64 {
        self.sent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_gets_every_byte_once() {
        let plan = Plan {
            server: PeerId(3),
            file: 1_000_003,
            passed_on: vec![100_001, 200_000, 7],
            chunks: 10,
        };
        let bytes = |pass_on: bool, peer: u32| -> u64 {
            let chunks = plan
                .chunks(PeerId(peer))
                .filter(|chunk| chunk.pass_on == pass_on);
            chunks.map(|chunk| u64::from(chunk.bytes)).sum()
        };
        let passed: u64 = (0..3).map(|peer| bytes(true, peer)).sum();
        for peer in 0..3 {
            assert_eq!(bytes(true, peer), plan.passed_on[peer as usize]);
            assert_eq!(passed + bytes(false, peer), plan.file);
        }
    }
}
