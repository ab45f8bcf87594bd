//! The engine: a slot ring that is one engine for one thread and for many.
//!
//! What it guarantees, each held by a test:
//!
//! 1. Events come in the total order of [`Key`]: `(time, source, sequence number of the source)`.
//! 2. The digest, the counts and the ordered stream of notices do not depend on the number of
//!    shards, and are those of a plain heap ([`Reference`]).
//! 3. A delay below the lookahead between two peers of different shards is a panic, never clamped.
//! 4. Observers change nothing; a stop takes effect at a time that the network fixes.
//!
//! How it works: pending events lie in slots of time (at most a millisecond), each sorted once when
//! it becomes current, with the state of the coming events' peers read ahead. A peer's own events
//! that fall into the current slot wait in a small late queue. Shards run windows no longer than the
//! smallest latency and hand slots over at a barrier by moving vectors.

mod barrier;
mod connections;
mod context;
mod core;
mod counts;
mod event;
mod key;
mod late;
mod link;
mod mixed;
mod observer;
mod port;
mod protocol;
mod queue;
mod setup;
mod shard;
mod timers;
mod trace;
mod wheel;
mod world;

pub use context::{Context, Filter, Head, Outbox, Which};
pub use counts::{Counts, Traffic, Use};
pub use key::Key;
pub use mixed::Mixed;
pub use observer::{Flow, Idle, Notice, Observer, Script, Workload};
pub use protocol::{Conn, Link, Message, Protocol, TimerId};
pub use setup::{Phases, Setup};
pub use trace::{Difference, Trace};
pub use world::{Reference, Report, World};
