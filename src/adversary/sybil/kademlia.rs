//! Kademlia's language, for an attacker.

use super::overlay::{Answer, Ask, Overlay};
use crate::peer::PeerId;
use crate::protocols::kademlia::Node;
use crate::protocols::kademlia::wire::{Body, Wire};

impl Overlay for Node {
    fn asked(message: &Wire) -> Option<Ask> {
        match message.body {
            Body::FindNode(target) => Some(Ask::Closest(target)),
            Body::FindValue(key) => Some(Ask::Value(key)),
            Body::Store { key, .. } => Some(Ask::Store(key)),
            Body::Ping | Body::Pong | Body::Nodes(_) | Body::Value(_) | Body::Stored => None,
        }
    }

    fn say(from: PeerId, asked: &Wire, answer: Answer) -> Vec<(PeerId, Wire)> {
        let body = match (answer, &asked.body) {
            (Answer::Closest(named), _) => Body::Nodes(named.into()),
            (Answer::Closer(one), _) => Body::Nodes(Box::new([one])),
            (Answer::Missing, _) => Body::Nodes(Box::default()),
            (Answer::Done, Body::FindValue(_)) => Body::Value(FORGED),
            (Answer::Done, _) => Body::Stored,
        };
        let answer = Wire {
            // It has been the same peer from the beginning.
            number: 0,
            body,
            ..*asked
        };
        vec![(from, answer)]
    }
}

/// Bytes of a forged value: as many as the default.
const FORGED: u16 = 100;
