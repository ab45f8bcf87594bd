//! [`Counts`]: what happened, in whole numbers. Kept per shard and added up at the end.

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

/// Everything the engine counts.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Counts {
    /// Events delivered to peers: messages, timers, commands, changes of connections and lives.
    pub delivered: u64,
    /// Messages by kind, in the order of [`Message::KINDS`](crate::engine::Message::KINDS).
    pub sent: Vec<Traffic>,
    /// Messages delivered.
    pub messages_delivered: u64,
    /// Messages the network lost: loss, cuts, nobody at that address.
    pub lost: u64,
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
    /// Timers that were cancelled or died with their peer.
    pub dead_timers: u64,
    /// Commands to peers that were down.
    pub commands_to_the_dead: u64,
}

impl Counts {
    /// Adds another shard's.
    pub(crate) fn add(&mut self, other: &Self) {
        let Self {
            delivered,
            sent,
            messages_delivered,
            lost,
            to_the_dead,
            blocked,
            stale,
            connections,
            refused,
            resets,
            dead_timers,
            commands_to_the_dead,
        } = other;
        self.delivered += delivered;
        self.messages_delivered += messages_delivered;
        self.lost += lost;
        self.to_the_dead += to_the_dead;
        self.blocked += blocked;
        self.stale += stale;
        self.connections += connections;
        self.refused += refused;
        self.resets += resets;
        self.dead_timers += dead_timers;
        self.commands_to_the_dead += commands_to_the_dead;
        self.sent
            .resize(self.sent.len().max(sent.len()), Traffic::default());
        for (mine, theirs) in self.sent.iter_mut().zip(sent) {
            mine.messages += theirs.messages;
            mine.app_bytes += theirs.app_bytes;
            mine.wire_bytes += theirs.wire_bytes;
        }
    }

    /// All kinds together, connection set-ups (three headers each) included.
    pub fn traffic(&self) -> Traffic {
        let mut total = Traffic {
            wire_bytes: self.connections * 3 * SEGMENT_HEADER,
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
