//! [`Wire`]: what travels between nodes.
#![expect(
    missing_docs,
    reason = "the fields of a message are explained with the message"
)]

use crate::engine::Message;
use crate::protocols::dht::{Command, Contact, Id, What};

/// A message from one node to another; a peer may have several nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wire {
    /// For which of the peer's nodes, by the number of its contact.
    pub to: u8,
    /// From which node of its sender.
    pub from: u8,
    /// What it says.
    pub body: Body,
}

/// What a message says. `call` is the number of a request, and its answer has the same; `value` is how
/// many bytes of content travel along (each value's, where there are several).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// Who is the closest to this key that you know of, but for those who do not answer?
    Find {
        call: u32,
        key: Id,
        cause: Cause,
        avoid: Option<Box<[Contact]>>,
    },
    /// This node is closer to the key.
    Next {
        call: u32,
        cause: Cause,
        next: Contact,
    },
    /// The key belongs to the first of these, my successors.
    Found {
        call: u32,
        cause: Cause,
        successors: Box<[Contact]>,
    },
    /// Find out whose key this is and tell the origin.
    Forward(Forward),
    /// I have what you handed on.
    Accept { call: u32, cause: Cause },
    /// The key you were looking for belongs to the first of these.
    Answer {
        lookup: u32,
        cause: Cause,
        hops: u8,
        timeouts: u8,
        successors: Box<[Contact]>,
    },
    /// What is to be done with the key, which should be yours; even if you know somebody before you
    /// whose it is, if I insist.
    Deliver {
        call: u32,
        key: Id,
        what: What,
        insist: bool,
        value: u16,
    },
    /// What you asked for is done; or the node that should be asked instead; or the value is not there.
    Delivered { call: u32, reply: Reply, value: u16 },
    /// Who is before you, and who after?
    Stabilize { call: u32 },
    /// Before me is this node (I myself if I know nobody), and after me these.
    State {
        call: u32,
        predecessor: Contact,
        successors: Box<[Contact]>,
    },
    /// I think I am your predecessor.
    Notify,
    /// Are you there?
    Ping { call: u32 },
    /// Yes.
    Pong { call: u32 },
    /// Values that are yours from now on, or that you keep a copy of.
    Copies { keys: Box<[Id]>, value: u16 },
    /// I leave; before me is this node (I myself if I know nobody), and after me these.
    Leave {
        predecessor: Contact,
        successors: Box<[Contact]>,
    },
}

/// A question that is handed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forward {
    pub key: Id,
    pub origin: Contact,
    /// The origin's number of the lookup.
    pub lookup: u32,
    /// The number under which the last hop waits to hear that it has arrived.
    pub call: u32,
    pub hops: u8,
    pub timeouts: u8,
    pub cause: Cause,
}

/// What a question is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A lookup, a put or a get.
    Lookup,
    /// A finger.
    Finger,
    /// Joining. Whoever is at the address answers, whatever its number.
    Join,
}

/// What became of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Done: stored, fetched, or simply mine.
    Done,
    /// The key is not mine but this node's, as far as I know.
    Instead(Contact),
    /// I have no such value.
    Missing,
}

/// What a lookup is for, as its own node keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Somebody asks.
    Asked(Command),
    /// The finger at this index.
    Finger(u8),
    /// A place in the ring.
    Join,
}

impl Purpose {
    /// As messages say it.
    pub fn cause(self) -> Cause {
        match self {
            Self::Asked(_) => Cause::Lookup,
            Self::Finger(_) => Cause::Finger,
            Self::Join => Cause::Join,
        }
    }
}

/// 1 B type, 4 B number of the call, 20 B the sender's identifier (SHA-1): our own choice, for the
/// paper gives no sizes.
const HEADER: u32 = 25;
/// An identifier (SHA-1).
const ID: u32 = 20;
/// An identifier, 4 B address and 2 B port, as BEP 5 packs a contact.
const CONTACT: u32 = 26;

impl Message for Wire {
    const KINDS: &'static [&'static str] = &[
        "find",
        "find_finger",
        "find_join",
        "next",
        "next_finger",
        "next_join",
        "found",
        "found_finger",
        "found_join",
        "deliver",
        "delivered",
        "stabilize",
        "state",
        "notify",
        "ping",
        "pong",
        "copies",
        "leave",
    ];

    fn kind(&self) -> u8 {
        match &self.body {
            Body::Find { cause, .. } => *cause as u8,
            Body::Forward(forward) => forward.cause as u8,
            Body::Next { cause, .. } | Body::Accept { cause, .. } => 3 + *cause as u8,
            Body::Found { cause, .. } | Body::Answer { cause, .. } => 6 + *cause as u8,
            Body::Deliver { .. } => 9,
            Body::Delivered { .. } => 10,
            Body::Stabilize { .. } => 11,
            Body::State { .. } => 12,
            Body::Notify => 13,
            Body::Ping { .. } => 14,
            Body::Pong { .. } => 15,
            Body::Copies { .. } => 16,
            Body::Leave { .. } => 17,
        }
    }

    fn bytes(&self) -> u32 {
        let contacts = |list: &[Contact]| CONTACT * list.len() as u32;
        HEADER
            + match &self.body {
                Body::Find { avoid, .. } => ID + avoid.as_deref().map_or(0, contacts),
                Body::Forward(_) => ID + CONTACT + 2,
                Body::Next { .. } => CONTACT,
                Body::Found { successors, .. } => contacts(successors),
                Body::Answer { successors, .. } => contacts(successors) + 2,
                Body::Deliver { value, .. } => ID + 1 + u32::from(*value),
                Body::Delivered { reply, value, .. } => match reply {
                    Reply::Instead(_) => 1 + CONTACT,
                    Reply::Done | Reply::Missing => 1 + u32::from(*value),
                },
                Body::State { successors, .. } | Body::Leave { successors, .. } => {
                    CONTACT + contacts(successors)
                }
                Body::Copies { keys, value } => (ID + u32::from(*value)) * keys.len() as u32,
                Body::Accept { .. }
                | Body::Stabilize { .. }
                | Body::Notify
                | Body::Ping { .. }
                | Body::Pong { .. } => 0,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::PeerId;

    #[test]
    fn a_message_is_small_in_memory_and_as_long_as_what_it_says() {
        assert!(size_of::<Wire>() <= 40, "{}", size_of::<Wire>());
        let contact = Contact::new(PeerId(1), 0);
        let bytes = |body| {
            Wire {
                to: 0,
                from: 0,
                body,
            }
            .bytes()
        };
        let (call, key, cause) = (1, Id(1), Cause::Lookup);
        let successors: Box<[_]> = Box::new([contact; 3]);
        assert_eq!(
            bytes(Body::Find {
                call,
                key,
                cause,
                avoid: None
            }),
            45
        );
        assert_eq!(
            bytes(Body::Found {
                call,
                cause,
                successors
            }),
            25 + 78
        );
        assert_eq!(bytes(Body::Notify), 25);
    }

    #[test]
    fn kinds_tell_lookups_from_maintenance() {
        let kind = |cause| {
            let next = Contact::new(PeerId(1), 0);
            let body = Body::Next {
                call: 1,
                cause,
                next,
            };
            Wire::KINDS[usize::from(
                Wire {
                    to: 0,
                    from: 0,
                    body,
                }
                .kind(),
            )]
        };
        let kinds = [Cause::Lookup, Cause::Finger, Cause::Join].map(kind);
        assert_eq!(kinds, ["next", "next_finger", "next_join"]);
    }
}
