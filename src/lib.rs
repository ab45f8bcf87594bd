//! peerlab: a deterministic discrete-event simulator of peer-to-peer networks.

pub mod math;
pub mod observe;
pub mod peer;
pub mod quantity;
pub mod random;
pub mod report;
pub mod time;
