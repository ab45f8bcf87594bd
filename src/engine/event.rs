//! [`Event`]: one pending event, 24 bytes plus the message.

use crate::engine::key::Key;
use crate::peer::PeerId;
use crate::time::Instant;
use std::cmp::Ordering;

/// What an event is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Kind {
    /// A datagram.
    Message = 0,
    /// A message on a connection.
    Data = 1,
    /// Somebody asks for a connection.
    Syn = 2,
    /// The other side has accepted.
    Ack = 3,
    /// The other side has closed.
    Fin = 4,
    /// The other side knows nothing of this connection, or crashed.
    Rst = 5,
    /// Own: an attempt to connect has timed out.
    Refused = 6,
    /// Own: a timer, when it is not in the timer wheel.
    Timer = 7,
    /// Own: the peer comes up or goes down.
    Churn = 8,
    /// From the workload.
    Command = 9,
    /// Own: the uplink has finished a bulk transfer.
    Uplink = 10,
    /// Own: a connection may have been idle for long.
    Idle = 11,
    /// Of nobody: flows that share links have changed, or one of them is through with a message.
    Flows = 12,
}

const KINDS: [Kind; 13] = [
    Kind::Message,
    Kind::Data,
    Kind::Syn,
    Kind::Ack,
    Kind::Fin,
    Kind::Rst,
    Kind::Refused,
    Kind::Timer,
    Kind::Churn,
    Kind::Command,
    Kind::Uplink,
    Kind::Idle,
    Kind::Flows,
];

impl Kind {
    /// The kind with this number.
    pub(crate) fn from_number(number: u8) -> Self {
        KINDS[usize::from(number)]
    }

    /// In words.
    pub(crate) fn about(self) -> &'static str {
        match self {
            Self::Message => "a datagram",
            Self::Data => "a message on a connection",
            Self::Syn => "an attempt to connect",
            Self::Ack => "an accepted connection",
            Self::Fin => "a closed connection",
            Self::Rst => "a reset connection",
            Self::Refused => "a connection that came to nothing",
            Self::Timer => "a timer",
            Self::Churn => "a coming or going",
            Self::Command => "a command",
            Self::Uplink => "a look at the uplink",
            Self::Idle => "a look at an idle connection",
            Self::Flows => "a look at the flows",
        }
    }
}

const KIND_AT: u32 = 24;
const STAGE_AT: u32 = 28;
const ARG_AT: u32 = 29;
/// Where in the argument of a message the stretch of its transfer stands (10 bits).
const STRETCH_AT: u32 = 25;
const PROCESSED: u32 = (1 << 10) - 1;

/// A pending event. The message sits inline and is moved, never copied.
#[derive(Debug)]
pub(crate) struct Event<M> {
    /// When, in nanoseconds.
    pub(crate) time: u64,
    /// Who caused it.
    pub(crate) source: u32,
    /// Running number of the source.
    pub(crate) seq: u32,
    /// Target (24 bits), kind (4), whether past the downlink (1), argument (35).
    bits: u64,
    /// The message, of those that carry one.
    pub(crate) body: Option<M>,
}

impl<M> Event<M> {
    #[inline]
    pub(crate) fn new(
        (time, source, seq): (u64, u32, u32),
        to: PeerId,
        kind: Kind,
        arg: u64,
        body: Option<M>,
    ) -> Self {
        debug_assert!(arg < 1 << 35 && to.0 < PeerId::LIMIT);
        let bits = u64::from(to.0) | (kind as u64) << KIND_AT | arg << ARG_AT;
        Self {
            time,
            source,
            seq,
            bits,
            body,
        }
    }

    /// Whom it is for.
    #[inline]
    pub(crate) fn to(&self) -> PeerId {
        PeerId(self.bits as u32 & (PeerId::LIMIT - 1))
    }

    #[inline]
    pub(crate) fn kind(&self) -> Kind {
        KINDS[(self.bits >> KIND_AT & 15) as usize]
    }

    #[inline]
    pub(crate) fn arg(&self) -> u64 {
        self.bits >> ARG_AT
    }

    /// Whether the message has passed the receiver's downlink.
    #[inline]
    pub(crate) fn is_received(&self) -> bool {
        self.bits >> STAGE_AT & 1 == 1
    }

    #[inline]
    pub(crate) fn set_received(&mut self) {
        self.bits |= 1 << STAGE_AT;
    }

    /// Whether the receiver's processor is through with the message.
    #[inline]
    pub(crate) fn is_processed(&self) -> bool {
        self.is_received() && self.stretch() == PROCESSED
    }

    /// Behind the downlink the stretch of a transfer is of no more use; its place marks what the
    /// processor is through with.
    #[inline]
    pub(crate) fn set_processed(&mut self) {
        self.set_received();
        self.bits |= u64::from(PROCESSED) << (ARG_AT + STRETCH_AT);
    }

    /// How much longer than alone its transfer took, on the scale of the uplink.
    #[inline]
    pub(crate) fn stretch(&self) -> u32 {
        (self.arg() >> STRETCH_AT) as u32
    }

    #[inline]
    pub(crate) fn set_stretch(&mut self, steps: u32) {
        let kept = self.bits & !(u64::from(PROCESSED) << (ARG_AT + STRETCH_AT));
        self.bits = kept | u64::from(steps.min(PROCESSED - 1)) << (ARG_AT + STRETCH_AT);
    }

    #[inline]
    pub(crate) fn key(&self) -> Key {
        Key {
            time: Instant::from_nanos(self.time),
            source: self.source,
            seq: self.seq,
        }
    }

    /// The same event without its body, which is moved out.
    #[inline]
    pub(crate) fn take(&mut self) -> Self {
        Self {
            body: self.body.take(),
            ..*self
        }
    }
}

/// An event ordered by its key, the earliest greatest: for binary heaps.
#[derive(Debug)]
pub(crate) struct Earliest<M>(pub(crate) Event<M>);

impl<M> PartialEq for Earliest<M> {
    fn eq(&self, other: &Self) -> bool {
        self.0.key() == other.0.key()
    }
}
impl<M> Eq for Earliest<M> {}
impl<M> PartialOrd for Earliest<M> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<M> Ord for Earliest<M> {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        other.0.key().cmp(&self.0.key())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_24_bytes_plus_the_message() {
        assert_eq!(size_of::<Event<u32>>(), 32);
        assert_eq!(size_of::<Event<std::sync::Arc<()>>>(), 32);
    }

    #[test]
    fn the_fields_do_not_touch_one_another() {
        let mut event: Event<u32> = Event::new(
            (1, 2, 3),
            PeerId(0xFF_FFFF),
            Kind::Uplink,
            (1 << 35) - 1,
            None,
        );
        assert!(!event.is_received());
        event.set_received();
        assert_eq!(event.to(), PeerId(0xFF_FFFF));
        assert_eq!(event.kind(), Kind::Uplink);
        assert_eq!(event.arg(), (1 << 35) - 1);
        assert!(event.is_received());
    }

    #[test]
    fn a_stretch_is_not_taken_for_processed() {
        let mut event: Event<u32> = Event::new((1, 2, 3), PeerId(4), Kind::Data, 5, None);
        event.set_stretch(5000);
        event.set_received();
        assert_eq!((event.stretch(), event.is_processed()), (1022, false));
        event.set_processed();
        assert!(event.is_processed());
        assert_eq!(event.arg() & 0xFF, 5);
    }
}
