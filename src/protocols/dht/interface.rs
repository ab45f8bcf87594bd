//! [`Dht`]: what is asked of a peer of any distributed hash table, and what it answers.

use super::id::Id;
use super::ids::Contact;
use crate::engine::Protocol;

/// A distributed hash table: commands come from a workload or from an application above, events go
/// there and to observers. The functions are for observers between two steps of a run.
pub trait Dht: Protocol<Command = Command, Event = Event> {
    /// The kinds of messages that belong to lookups, puts and gets; all others are maintenance.
    const LOOKUP: &'static [&'static str];

    /// Shows every contact in the peer's routing tables, each once.
    fn table(&self, see: impl FnMut(Contact));

    /// Shows the key of every value the peer holds at present.
    fn values(&self, see: impl FnMut(Id));
}

/// Something to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Command {
    /// Its number: events speak of it.
    pub number: u32,
    /// What to do with the key.
    pub what: What,
    /// The key.
    pub key: Id,
}

/// What can be done with a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum What {
    /// Find who is closest to it.
    Find,
    /// Store its value with those who are closest.
    Put,
    /// Fetch its value.
    Get,
}

/// What a peer reports.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// One of the peer's identifiers is part of the network from now on.
    Joined(Contact),
    /// The peer has begun with a command.
    Began(Command),
    /// A command has ended.
    Ended(Ended),
}

/// How a command ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ended {
    /// Which.
    pub number: u32,
    /// How.
    pub outcome: Outcome,
    /// Forwarding hops, as the family counts them.
    pub hops: u16,
    /// Messages sent for it, by whomever the peer could hear of.
    pub messages: u16,
    /// Requests that nobody answered in time.
    pub timeouts: u16,
    /// Whom the peer takes for the closest to the key, nearest first. After a get: who had the
    /// value.
    pub closest: Box<[Contact]>,
}

/// How a command can end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The closest were found, or the value was stored or fetched.
    Done,
    /// Those who were asked have no such value.
    Missing,
    /// There was nobody left to ask.
    Failed,
}
