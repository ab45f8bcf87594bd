//! What nodes say to one another, and how long it is.

use super::enode::Enode;
use crate::engine::{Conn, Message};
use crate::protocols::dht::Id;

/// A message. Who sends it is told by its signature: one of the keys of the host it comes from; which of
/// the keys there it is for, by the port.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Wire {
    /// "Are you there?"
    Ping(Keys),
    /// The answer to it.
    Pong(Keys),
    /// "Whom do you know that is close to this?"
    FindNode(Keys, Id),
    /// The answer to it.
    Neighbors(Keys, Box<[Enode]>),
    /// The first message on a connection, both ways: the hand-shake of encryption and protocol.
    Hello(Keys),
    /// "I have no room for you", then the connection ends.
    TooManyPeers,
}

/// The sender's key and the receiver's, numbers of theirs.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Keys {
    /// Who signs.
    pub from: u16,
    /// Whose port.
    pub to: u16,
}

impl Keys {
    /// From the only key of an honest node.
    pub const fn to(to: Enode) -> Self {
        Self {
            from: 0,
            to: to.key,
        }
    }
}

/// Node Discovery v4 ("wire protocol"): hash, signature, type; then RLP of the fields.
const PACKET: u32 = 32 + 65 + 1;
/// A node: address and ports (11), public key (66), a list (2); 12 to a packet.
const NODE: u32 = 79;
const NODES: u32 = 12;
/// A list and an expiration, in every packet of neighbours.
const LIST: u32 = 11;
/// `p2p/rlpx.go`: `encAuthMsgLen`, `encAuthRespLen`.
const AUTH: u32 = 307;
const AUTH_ANSWER: u32 = 210;
/// A frame is a header of 16 bytes, its code of 16, data in blocks of 16 and their code of 16. A hello has
/// the name of the program, capabilities and the public key, some 130 bytes.
const FRAME: u32 = 48;
const HELLO: u32 = FRAME + 144;
const DISCONNECT: u32 = FRAME + 16;

impl Message for Wire {
    const KINDS: &'static [&'static str] = &[
        "ping",
        "pong",
        "findnode",
        "neighbors",
        "hello",
        "too_many_peers",
    ];

    fn kind(&self) -> u8 {
        match self {
            Self::Ping(_) => 0,
            Self::Pong(_) => 1,
            Self::FindNode(..) => 2,
            Self::Neighbors(..) => 3,
            Self::Hello(_) => 4,
            Self::TooManyPeers => 5,
        }
    }

    fn bytes(&self) -> u32 {
        match self {
            Self::Ping(_) => PACKET + 31,
            Self::Pong(_) => PACKET + 51,
            Self::FindNode(..) => PACKET + 73,
            Self::Neighbors(_, nodes) => {
                let count = nodes.len() as u32;
                count.div_ceil(NODES).max(1) * (PACKET + LIST) + NODE * count
            }
            // One way each of two hand-shakes: the mean of who begins and who answers.
            Self::Hello(_) => (AUTH + AUTH_ANSWER).div_ceil(2) + HELLO,
            Self::TooManyPeers => DISCONNECT,
        }
    }
}

/// What a node waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Timer {
    /// An answer to the ping with this number.
    Pong(u32),
    /// The other side's ping, after its pong.
    TheirPing(Enode),
    /// An answer to the request with this number.
    Neighbors(u32),
    /// To refresh the table.
    Refresh,
    /// To check an entry of the table.
    Revalidate,
    /// To store who has been in the table for long.
    Store,
    /// A lookup for nodes to dial may begin.
    Lookup,
    /// To look whether somebody can be dialled again.
    Dial,
    /// A hand-shake has lasted too long.
    HandShake(Conn),
    /// The attacker's next ping is due.
    Attack,
    /// The attacker looks after its connections to this victim.
    Hold(u8),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_fits_into_24_bytes() {
        assert!(size_of::<Option<Wire>>() <= 24);
    }

    /// As in the table of the `kademlia` family.
    #[test]
    fn sizes_are_those_of_the_wire() {
        let keys = Keys::default();
        let sixteen = vec![Enode::of(crate::peer::PeerId(0)); 16];
        let all = [
            Wire::Ping(keys),
            Wire::Pong(keys),
            Wire::FindNode(keys, Id(0)),
            Wire::Neighbors(keys, sixteen.into()),
        ];
        assert_eq!(all.map(|message| message.bytes()), [129, 149, 171, 1482]);
    }
}
