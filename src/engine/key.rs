//! [`Key`]: the total order of events.

use crate::time::Instant;

/// `(time, source, sequence number of the source)`. The sender knows it when it sends, so it depends
/// on neither insertion nor hashing nor threads. Two equal keys are a bug.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Key {
    /// When the event happens; for the key of a send, when it was sent.
    pub time: Instant,
    /// The peer that caused it, or [`Key::WORKLOAD`].
    pub source: u32,
    /// Running number of the source.
    pub seq: u32,
}

impl Key {
    /// The source of commands: after all peers at the same time.
    pub const WORKLOAD: u32 = u32::MAX;
    /// The source of looks at flows that share links: after all peers at the same time.
    pub(crate) const FLOWS: u32 = u32::MAX - 1;
}
