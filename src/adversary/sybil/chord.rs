//! Chord's language, for an attacker.

use super::overlay::{Answer, Ask, Overlay};
use crate::peer::PeerId;
use crate::protocols::chord::Peer;
use crate::protocols::chord::message::{Body, Cause, Forward, Reply, Wire};
use crate::protocols::dht::{Contact, What};

impl Overlay for Peer {
    /// Whoever asks for a place in the ring gets an honest one: a newcomer is worth more as a victim.
    fn asked(message: &Wire) -> Option<Ask> {
        match message.body {
            Body::Find { key, cause, .. } if cause != Cause::Join => Some(Ask::Closest(key)),
            Body::Forward(forward) => Some(Ask::Closest(forward.key)),
            Body::Deliver { key, what, .. } => Some(match what {
                What::Find => Ask::Yours(key),
                What::Put => Ask::Store(key),
                What::Get => Ask::Value(key),
            }),
            Body::Stabilize { .. } => Some(Ask::Next),
            _ => None,
        }
    }

    fn say(from: PeerId, asked: &Wire, answer: Answer) -> Vec<(PeerId, Wire)> {
        let me = Contact::new(from, asked.from);
        let back = |to: Contact, body| {
            let wire = Wire {
                to: to.number(),
                from: asked.to,
                body,
            };
            (to.peer(), wire)
        };
        match &asked.body {
            &Body::Find { call, cause, .. } => {
                let body = match answer {
                    Answer::Closer(next) => Body::Next { call, cause, next },
                    Answer::Closest(named) => found(call, cause, named),
                    Answer::Done | Answer::Missing => found(call, cause, Vec::new()),
                };
                vec![back(me, body)]
            }
            Body::Forward(forward) => {
                let (call, cause) = (forward.call, forward.cause);
                let mut messages = vec![back(me, Body::Accept { call, cause })];
                messages.push(match answer {
                    Answer::Closer(next) => {
                        let hops = forward.hops.saturating_add(1);
                        // Nobody waits to hear that it has arrived.
                        let call = u32::MAX;
                        let forward = Forward {
                            call,
                            hops,
                            ..*forward
                        };
                        back(next, Body::Forward(forward))
                    }
                    Answer::Closest(named) => back(forward.origin, end(forward, named)),
                    Answer::Done | Answer::Missing => {
                        back(forward.origin, end(forward, Vec::new()))
                    }
                });
                messages
            }
            &Body::Deliver { call, what, .. } => {
                let reply = match answer {
                    Answer::Missing => Reply::Missing,
                    Answer::Closer(other) => Reply::Instead(other),
                    // Who asks for a value at this place has no use for others.
                    Answer::Closest(_) if what == What::Get => Reply::Missing,
                    Answer::Closest(_) | Answer::Done => Reply::Done,
                };
                let forged = what == What::Get && reply == Reply::Done;
                let value = if forged { FORGED } else { 0 };
                vec![back(me, Body::Delivered { call, reply, value })]
            }
            &Body::Stabilize { call } => match answer {
                Answer::Closest(named) => {
                    let predecessor = me;
                    let successors = named.into();
                    let state = Body::State {
                        call,
                        predecessor,
                        successors,
                    };
                    vec![back(me, state)]
                }
                Answer::Closer(_) | Answer::Done | Answer::Missing => Vec::new(),
            },
            _ => Vec::new(),
        }
    }
}

fn found(call: u32, cause: Cause, named: Vec<Contact>) -> Body {
    Body::Found {
        call,
        cause,
        successors: named.into(),
    }
}

/// The end of a recursive lookup, as its origin hears of it.
fn end(forward: &Forward, named: Vec<Contact>) -> Body {
    Body::Answer {
        lookup: forward.lookup,
        cause: forward.cause,
        hops: forward.hops,
        timeouts: forward.timeouts,
        successors: named.into(),
    }
}

/// Bytes of a forged value: as many as the default.
const FORGED: u16 = 1024;
