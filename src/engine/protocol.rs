//! [`Protocol`]: what a peer is. The page to read before writing one.
//!
//! What a protocol may rely on, and what a test of ours holds each to:
//!
//! 1. *Own state only.* A handler gets its peer's state, one input and a [`Context`]. It never sees
//!    another peer, the topology or the engine.
//! 2. *Own stream only.* [`Context::rng`] is the peer's own stream; nobody else's draws shift it.
//! 3. *Total order.* Inputs come in the order of `(time, source, sequence number of the source)`,
//!    whatever the number of threads.
//! 4. *Lives.* A timer belongs to the life that armed it; what arrives while a peer is down is lost.
//!    After a crash or a leave the same state gets [`Protocol::on_start`] again: what a real peer
//!    keeps on disk it still has, what it held in memory it must drop itself.
//! 5. *Messages are moved*, never copied by the engine. Above some 32 bytes let a message hold an
//!    `Arc` of what is shared or a `Box` of what is not.

use crate::engine::context::Context;
use crate::peer::PeerId;

/// One peer: its state, one input, and effects through the [`Context`].
pub trait Protocol: Sized + Send + 'static {
    /// What travels between peers.
    type Message: Message;
    /// What a peer sets for itself.
    type Timer: Send + 'static;
    /// What a workload, or the layer above, asks of a peer.
    type Command: Send + 'static;
    /// What a peer reports to the layer above, or to observers.
    type Event: Send + 'static;

    /// The peer comes up: at the start of the run, or again after it was down.
    fn on_start(&mut self, _cx: &mut Context<'_, Self>) {}

    /// A datagram has arrived.
    fn on_message(&mut self, from: PeerId, message: Self::Message, cx: &mut Context<'_, Self>);

    /// Something has arrived on a connection. Without a handler of its own it is a message.
    fn on_data(
        &mut self,
        _conn: Conn,
        from: PeerId,
        message: Self::Message,
        cx: &mut Context<'_, Self>,
    ) {
        self.on_message(from, message, cx);
    }

    /// A timer is due.
    fn on_timer(&mut self, _timer: Self::Timer, _cx: &mut Context<'_, Self>) {}

    /// The workload, or the layer above, asks for something.
    fn on_command(&mut self, _command: Self::Command, _cx: &mut Context<'_, Self>) {}

    /// A connection has changed.
    fn on_connection(&mut self, _conn: Conn, _what: Link, _cx: &mut Context<'_, Self>) {}

    /// The peer leaves in good order and may still say goodbye. A crash calls nothing.
    fn on_leave(&mut self, _cx: &mut Context<'_, Self>) {}

    /// Reads what the handler of a message will need that is not in the peer's own state: a line of a
    /// table all peers share, say. The engine asks the next peers to do so together, so that they wait
    /// for memory at the same time and not one after the other. Any value made of what was read will
    /// do; nothing depends on it.
    #[inline]
    fn touch(&self, _me: PeerId) -> u32 {
        0
    }
}

/// What the engine may know about a message.
pub trait Message: Send + 'static {
    /// The names of the kinds, for metrics.
    const KINDS: &'static [&'static str];

    /// Which of [`Message::KINDS`] this is.
    fn kind(&self) -> u8;

    /// Its size in the protocol's own framing, without IP, UDP or TCP headers. Pure: asked at the
    /// uplink and again at the downlink.
    fn bytes(&self) -> u32;
}

/// One end of a connection, as its peer names it. Never reused while anything of it is on the way.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Conn {
    pub(crate) slot: u16,
    pub(crate) tag: u16,
}

impl Conn {
    /// A small dense number that no other *open* connection of this peer has: an index for the
    /// protocol's own table.
    pub fn index(self) -> usize {
        usize::from(self.slot)
    }
}

/// A name for an armed timer, good for cancelling it and nothing else.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TimerId {
    pub(crate) slot: u32,
    pub(crate) seq: u32,
}

impl std::fmt::Debug for TimerId {
    // The numbers depend on shards and must not leak into a result.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TimerId")
    }
}

/// What happened to a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Link {
    /// Somebody has connected to this peer, which may close it at once.
    Accepted(PeerId),
    /// The connection this peer asked for stands.
    Opened(PeerId),
    /// Nobody answered the attempt in time: the other is down or cut off.
    Refused(PeerId),
    /// The other side crashed, or the path was cut for too long.
    Reset(PeerId),
    /// The other side has closed it.
    Closed(PeerId),
}
