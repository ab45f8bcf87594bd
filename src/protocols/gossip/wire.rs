//! What travels, what is asked and what is reported.

use crate::engine::Message;

/// Bytes in front of everything: a Gnutella descriptor header of 16 B identifier, 1 B type, 1 B TTL,
/// 1 B hops and 4 B length (The Gnutella Protocol Specification v0.4, "Protocol Definition").
pub const HEADER: u32 = 23;

/// The largest payload: what fits into a UDP datagram over IPv4 (65 507 B, RFC 768 and RFC 791)
/// beside the [`HEADER`].
pub const LARGEST_PAYLOAD: u64 = 65_507 - HEADER as u64;

/// The TTL of a message that may travel any number of hops.
pub const UNLIMITED: u8 = u8::MAX;

/// What flooding, push and rumor mongering send: 8 bytes inline, so that an event has 32.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wire {
    /// The broadcast itself.
    Payload {
        /// Which broadcast.
        id: u32,
        /// Bytes of content.
        size: u16,
        /// Hops it may still travel, this one included; [`UNLIMITED`] for any number.
        ttl: u8,
    },
    /// A payload has arrived (only with `ack`).
    Ack {
        /// Which broadcast.
        id: u32,
    },
    /// "What is hot with you?" (rumor mongering by pull.)
    Request,
    /// What the receiver of a rumor thinks of it (rumor mongering with feedback).
    Feedback {
        /// Which broadcast.
        id: u32,
        /// Whether the receiver needed it.
        needed: bool,
    },
}

impl Message for Wire {
    const KINDS: &'static [&'static str] = &["payload", "ack", "request", "feedback"];

    fn kind(&self) -> u8 {
        match self {
            Self::Payload { .. } => 0,
            Self::Ack { .. } => 1,
            Self::Request => 2,
            Self::Feedback { .. } => 3,
        }
    }

    fn bytes(&self) -> u32 {
        match self {
            Self::Payload { size, .. } => HEADER + u32::from(*size),
            Self::Ack { .. } | Self::Request => HEADER,
            Self::Feedback { .. } => HEADER + 1,
        }
    }
}

/// What anti-entropy sends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Sync {
    /// A broadcast that the other did not have.
    Payload {
        /// Which broadcast.
        id: u32,
        /// Bytes of content.
        size: u16,
    },
    /// "This is what I have."
    Digest {
        /// One bit per broadcast, 64 to a word, lowest first.
        have: Box<[u64]>,
        /// Whether to say what the other has, if that would be of use.
        answer: bool,
    },
}

impl Message for Sync {
    const KINDS: &'static [&'static str] = &["payload", "digest"];

    fn kind(&self) -> u8 {
        match self {
            Self::Payload { .. } => 0,
            Self::Digest { .. } => 1,
        }
    }

    fn bytes(&self) -> u32 {
        match self {
            Self::Payload { size, .. } => HEADER + u32::from(*size),
            Self::Digest { have, .. } => HEADER + 8 * have.len() as u32,
        }
    }
}

/// The command: broadcast this number. The workload counts from 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Publish(pub u32);

/// What a peer reports. Each at most once per peer and broadcast.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// It has started this broadcast.
    Sent(u32),
    /// It has received this broadcast for the first time.
    Delivered(u32),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_stay_small_enough_to_travel_inline() {
        assert_eq!(size_of::<Option<Wire>>(), 8);
        assert!(size_of::<Option<Sync>>() <= 32);
    }

    #[test]
    fn sizes_are_header_and_content() {
        let payload = Wire::Payload {
            id: 1,
            size: 1024,
            ttl: 7,
        };
        assert_eq!(payload.bytes(), 1047);
        let have = vec![1, 2].into();
        assert_eq!(Sync::Digest { have, answer: true }.bytes(), 39);
        assert_eq!(Wire::KINDS[usize::from(Wire::Request.kind())], "request");
    }
}
