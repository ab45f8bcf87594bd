//! Attackers: what they may do, and what they may not.
//!
//! An attacker is a peer. It has the messages of the protocol, addresses of its own that it cannot
//! forge, a plan fixed before the run, and no look into anybody's state. Colluding machines share
//! the plan, not memory.

pub mod eclipse;
pub mod ethereum;
pub mod surrounded;
pub mod sybil;
