//! The engine: a slot ring that is one engine for one thread and for many.

mod context;
mod key;
mod mixed;
mod observer;
mod protocol;

pub use context::{Context, Filter, Head, Outbox};
pub use key::Key;
pub use mixed::Mixed;
pub use observer::{Flow, Idle, Notice, Observer, Script, Workload};
pub use protocol::{Conn, Link, Message, Protocol, TimerId};
