//! [`Counts`]: what happened, in whole numbers. Kept per shard and added up at the end.

use crate::engine::link::SMALL;
use crate::engine::protocol::Message;

/// How often one kind of message was sent.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Traffic {
    /// Messages sent.
    pub messages: u64,
    /// Bytes in the protocol's own framing.
    pub app_bytes: u64,
    /// Bytes with IP, UDP and TCP headers: 28 per datagram, 40 per 1460 bytes of a connection.
    pub wire_bytes: u64,
}

/// What went through the links or processors of a class of peers.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Use {
    /// Messages.
    pub messages: u64,
    /// What they took alone, at the link's own rate, in nanoseconds.
    pub busy: u64,
    /// What they took beyond that, in nanoseconds.
    pub waited: u64,
}

impl Use {
    /// One message more, that took `busy` alone and `waited` in addition, both in nanoseconds.
    #[inline]
    pub(crate) fn count(&mut self, busy: u64, waited: u64) {
        self.messages += 1;
        self.busy = self.busy.saturating_add(busy);
        self.waited = self.waited.saturating_add(waited);
    }

    /// Adds another one's.
    pub fn add(&mut self, other: Self) {
        self.messages += other.messages;
        self.busy = self.busy.saturating_add(other.busy);
        self.waited = self.waited.saturating_add(other.waited);
    }
}

/// Everything the engine counts.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Counts {
    /// Events delivered to peers: messages, timers, commands, changes of connections and lives.
    pub delivered: u64,
    /// Messages by kind, in the order of [`Message::KINDS`].
    pub sent: Vec<Traffic>,
    /// Messages delivered.
    pub messages_delivered: u64,
    /// Messages the network lost: loss, cuts, nobody at that address.
    pub lost: u64,
    /// Bytes, in the protocol's own framing, of bulk (above 1500 B) that went over a connection and was not
    /// delivered, or the rest of which was not sent: of `lost`, `to_the_dead` and `stale`.
    pub lost_bytes: u64,
    /// Messages that arrived at a peer that was down.
    pub to_the_dead: u64,
    /// Datagrams and attempts to connect that a gate did not let in.
    pub blocked: u64,
    /// Messages that arrived on a connection that no longer stood.
    pub stale: u64,
    /// Connections that were accepted.
    pub connections: u64,
    /// Attempts to connect that nobody answered.
    pub refused: u64,
    /// Connections that ended by a crash or a cut.
    pub resets: u64,
    /// Times that an end of an idle connection has asked whether the other is there.
    pub keep_alives: u64,
    /// Timers that were cancelled or died with their peer.
    pub dead_timers: u64,
    /// Commands to peers that were down.
    pub commands_to_the_dead: u64,
    /// Uplinks by class of links, in the order of
    /// [`Access::classes`](crate::network::Access::classes); empty if bandwidth is unlimited.
    pub uplinks: Vec<Use>,
    /// Downlinks by class.
    pub downlinks: Vec<Use>,
    /// Processors.
    pub processors: Use,
}

impl Counts {
    /// A message that went over a connection is not delivered.
    pub(crate) fn count_lost<M: Message>(&mut self, message: Option<&M>) {
        let bytes = message.map_or(0, |message| u64::from(message.bytes()));
        self.lost_bytes += if bytes > SMALL { bytes } else { 0 };
    }

    /// Adds another shard's.
    pub(crate) fn add(&mut self, other: &Self) {
        let Self {
            delivered,
            sent,
            messages_delivered,
            lost,
            lost_bytes,
            to_the_dead,
            blocked,
            stale,
            connections,
            refused,
            resets,
            keep_alives,
            dead_timers,
            commands_to_the_dead,
            uplinks,
            downlinks,
            processors,
        } = other;
        self.delivered += delivered;
        self.messages_delivered += messages_delivered;
        self.lost += lost;
        self.lost_bytes += lost_bytes;
        self.to_the_dead += to_the_dead;
        self.blocked += blocked;
        self.stale += stale;
        self.connections += connections;
        self.refused += refused;
        self.resets += resets;
        self.keep_alives += keep_alives;
        self.dead_timers += dead_timers;
        self.commands_to_the_dead += commands_to_the_dead;
        self.processors.add(*processors);
        for (mine, theirs) in [
            (&mut self.uplinks, uplinks),
            (&mut self.downlinks, downlinks),
        ] {
            mine.resize(mine.len().max(theirs.len()), Use::default());
            for (mine, theirs) in mine.iter_mut().zip(theirs) {
                mine.add(*theirs);
            }
        }
        self.sent
            .resize(self.sent.len().max(sent.len()), Traffic::default());
        for (mine, theirs) in self.sent.iter_mut().zip(sent) {
            mine.messages += theirs.messages;
            mine.app_bytes += theirs.app_bytes;
            mine.wire_bytes += theirs.wire_bytes;
        }
    }

    /// All kinds together, connection set-ups (three headers each) and keep-alives (two) included.
    pub fn traffic(&self) -> Traffic {
        let mut total = Traffic {
            wire_bytes: (self.connections * 3 + self.keep_alives * 2) * SEGMENT_HEADER,
            ..Traffic::default()
        };
        for kind in &self.sent {
            total.messages += kind.messages;
            total.app_bytes += kind.app_bytes;
            total.wire_bytes += kind.wire_bytes;
        }
        total
    }
}

/// IPv4 and UDP headers.
pub(crate) const DATAGRAM_HEADER: u64 = 28;
/// IPv4 and TCP headers.
pub(crate) const SEGMENT_HEADER: u64 = 40;
/// Payload of a TCP segment.
pub(crate) const SEGMENT: u64 = 1460;
