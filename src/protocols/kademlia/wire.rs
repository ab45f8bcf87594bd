//! What travels, and how large it is.

use crate::engine::Message;
use crate::protocols::dht::{Contact, Id};

/// How messages are written, for their sizes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Framing {
    /// Bencoded KRPC with the field names of BEP 5; the paper gives no format.
    Krpc,
    /// Protocol buffers of libp2p's Kademlia specification, one address a peer.
    Libp2p,
    /// RLP in signed packets, Ethereum's Node Discovery v4.
    Discv4,
}

/// What a request or an answer says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Body {
    /// PING: "are you there?"
    Ping,
    /// The answer to it.
    Pong,
    /// `FIND_NODE`: "whom do you know that is close to this?"
    FindNode(Id),
    /// `FIND_VALUE`: the same, unless the value itself is there.
    FindValue(Id),
    /// The answer to both: the closest contacts.
    Nodes(Box<[Contact]>),
    /// The answer to `FIND_VALUE`: bytes of a value.
    Value(u16),
    /// STORE.
    Store {
        /// The key.
        key: Id,
        /// Bytes of the value.
        size: u16,
        /// Seconds until it expires.
        left: u32,
    },
    /// The answer to it.
    Stored,
}

/// A message: 32 bytes inline.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wire {
    /// The number of the request, which its answer repeats.
    pub rpc: u32,
    /// Which of its identifiers the sender has now.
    pub number: u8,
    /// How it is written.
    pub framing: Framing,
    /// Whether it keeps tables and values in order and nobody waits for it. Takes no room in a
    /// packet: it is there for the accounts.
    pub upkeep: bool,
    /// What it says.
    pub body: Body,
}

/// Messages of lookups, puts and gets.
pub const LOOKUP: &[&str] = &[
    "find_node",
    "nodes",
    "find_value",
    "value",
    "store",
    "stored",
];

impl Message for Wire {
    const KINDS: &'static [&'static str] = &[
        "ping",
        "pong",
        "find_node",
        "nodes",
        "find_value",
        "value",
        "store",
        "stored",
        "refresh",
        "refreshed",
        "republish",
        "republished",
    ];

    fn kind(&self) -> u8 {
        match (&self.body, self.upkeep) {
            (Body::Ping, _) => 0,
            (Body::Pong, _) => 1,
            (Body::FindNode(_), false) => 2,
            (Body::Nodes(_), false) => 3,
            (Body::FindValue(_), _) => 4,
            (Body::Value(_), _) => 5,
            (Body::Store { .. }, false) => 6,
            (Body::Stored, false) => 7,
            (Body::FindNode(_), true) => 8,
            (Body::Nodes(_), true) => 9,
            (Body::Store { .. }, true) => 10,
            (Body::Stored, true) => 11,
        }
    }

    fn bytes(&self) -> u32 {
        let named = |contacts: &[Contact]| contacts.len() as u32;
        match self.framing {
            Framing::Krpc => match &self.body {
                Body::Ping => krpc::PING,
                Body::Pong | Body::Stored => krpc::PONG,
                Body::FindNode(_) => krpc::FIND_NODE,
                Body::FindValue(_) => krpc::GET_PEERS,
                Body::Nodes(contacts) => krpc::nodes(named(contacts)),
                Body::Value(size) => krpc::VALUE + u32::from(*size),
                Body::Store { size, .. } => krpc::ANNOUNCE + u32::from(*size),
            },
            Framing::Libp2p => match &self.body {
                Body::Ping | Body::Pong | Body::Stored => libp2p::TYPE,
                Body::FindNode(_) | Body::FindValue(_) => libp2p::TYPE + libp2p::KEY,
                Body::Nodes(contacts) => libp2p::TYPE + libp2p::PEER * named(contacts),
                Body::Value(size) => libp2p::TYPE + u32::from(*size),
                Body::Store { size, .. } => libp2p::TYPE + libp2p::KEY + u32::from(*size),
            },
            Framing::Discv4 => match &self.body {
                Body::Ping => discv4::PACKET + discv4::PING,
                Body::Pong => discv4::PACKET + discv4::PONG,
                Body::FindNode(_) | Body::FindValue(_) => discv4::PACKET + discv4::FIND_NODE,
                Body::Nodes(contacts) => discv4::neighbors(named(contacts)),
                // It stores nothing.
                Body::Value(size) | Body::Store { size, .. } => discv4::PACKET + u32::from(*size),
                Body::Stored => discv4::PACKET,
            },
        }
    }
}

/// BEP 5 ("DHT Protocol"): lengths of its own examples, with transaction ids of 2 bytes. A contact is
/// compact node info: 20 bytes of identifier, 4 of address, 2 of port.
mod krpc {
    pub(super) const PING: u32 = 56;
    pub(super) const PONG: u32 = 47;
    pub(super) const FIND_NODE: u32 = 92;
    pub(super) const GET_PEERS: u32 = 95;
    /// With a token of 8 bytes, without the values.
    pub(super) const VALUE: u32 = 74;
    /// With a token of 8 bytes.
    pub(super) const ANNOUNCE: u32 = 147;

    pub(super) fn nodes(count: u32) -> u32 {
        let bytes = 26 * count;
        PONG + 7 + bytes.checked_ilog10().unwrap_or(0) + 1 + 1 + bytes
    }
}

/// libp2p's Kademlia specification, messages in protocol buffers: a length, then fields with a tag of
/// one byte and, if they have no fixed size, a length of one.
mod libp2p {
    /// The length of the message and its type.
    pub(super) const TYPE: u32 = 1 + 2;
    /// A key: a SHA-256 multihash of 34 bytes.
    pub(super) const KEY: u32 = 2 + 34;
    /// A peer: its id (34 bytes), one address (IPv4 and TCP port as a multiaddr: 8 bytes), whether it
    /// is connected; all as one field.
    pub(super) const PEER: u32 = 2 + (2 + 34) + (2 + 8) + 2;
}

/// Ethereum's Node Discovery v4 ("wire protocol"): a packet has 32 bytes of hash, 65 of signature and
/// one of type before its data.
mod discv4 {
    pub(super) const PACKET: u32 = 98;
    /// RLP of version (1), two endpoints (IPv4 in 5, two ports in 3 each, a list in 1), expiration
    /// (5), and the list itself (1).
    pub(super) const PING: u32 = 1 + 1 + 2 * 12 + 5;
    /// An endpoint, the hash of the ping (33), expiration.
    pub(super) const PONG: u32 = 1 + 12 + 33 + 5;
    /// A public key of 64 bytes (66), expiration, the list (2).
    pub(super) const FIND_NODE: u32 = 66 + 5 + 2;
    /// An endpoint's fields (11) and a public key (66) in a list (2).
    pub(super) const NODE: u32 = 11 + 66 + 2;
    /// So many fit into the 1280 bytes of a packet (go-ethereum, `maxNeighbors`). What needs more is
    /// sent in several packets, here as one message with the bytes of all.
    pub(super) const MOST: u32 = 12;

    pub(super) fn neighbors(count: u32) -> u32 {
        // Expiration, and two lists with lengths of two bytes.
        let packet = PACKET + 5 + 3 + 3;
        packet * count.div_ceil(MOST).max(1) + NODE * count
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::PeerId;

    fn bytes(framing: Framing, body: Body) -> u32 {
        let wire = Wire {
            rpc: 1,
            number: 0,
            framing,
            upkeep: false,
            body,
        };
        wire.bytes()
    }
    fn nodes(count: u32) -> Body {
        Body::Nodes((0..count).map(|n| Contact::new(PeerId(n), 0)).collect())
    }

    #[test]
    fn messages_stay_small_enough_to_travel_inline() {
        assert_eq!(size_of::<Option<Wire>>(), 32);
    }

    /// The examples of BEP 5, as printed there.
    #[test]
    fn krpc_is_as_long_as_in_its_specification() {
        let krpc = |body| bytes(Framing::Krpc, body) as usize;
        let ping = "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe";
        assert_eq!(krpc(Body::Ping), ping.len());
        let pong = "d1:rd2:id20:mnopqrstuvwxyz123456e1:t2:aa1:y1:re";
        assert_eq!(krpc(Body::Pong), pong.len());
        let find = "d1:ad2:id20:abcdefghij01234567896:target20:mnopqrstuvwxyz123456e\
                    1:q9:find_node1:t2:aa1:y1:qe";
        assert_eq!(krpc(Body::FindNode(Id(0))), find.len());
        let get = "d1:ad2:id20:abcdefghij01234567899:info_hash20:mnopqrstuvwxyz123456e\
                   1:q9:get_peers1:t2:aa1:y1:qe";
        assert_eq!(krpc(Body::FindValue(Id(0))), get.len());
        // "def456..." stands for the nodes.
        let found = "d1:rd2:id20:0123456789abcdefghij5:nodes208:e1:t2:aa1:y1:re";
        assert_eq!(krpc(nodes(8)), found.len() + 8 * 26);
        assert_eq!(krpc(nodes(0)), found.len() - 2);
        let values = "d1:rd2:id20:abcdefghij01234567895:token8:aoeusnth6:valuesl\
                      6:axje.u6:idhtnmee1:t2:aa1:y1:re";
        assert_eq!(krpc(Body::Value(16)), values.len());
        let announce = "d1:ad2:id20:abcdefghij012345678912:implied_porti1e9:info_hash\
                        20:mnopqrstuvwxyz1234564:porti6881e5:token8:aoeusnthe\
                        1:q13:announce_peer1:t2:aa1:y1:qe";
        let store = Body::Store {
            key: Id(0),
            size: 0,
            left: 0,
        };
        assert_eq!(krpc(store), announce.len());
    }

    /// The table of the module's documentation.
    #[test]
    fn other_formats_are_as_long_as_their_fields() {
        let sizes = |framing, named| {
            [Body::Ping, Body::Pong, Body::FindNode(Id(0)), nodes(named)].map(|b| bytes(framing, b))
        };
        assert_eq!(sizes(Framing::Krpc, 20), [56, 47, 92, 578]);
        assert_eq!(sizes(Framing::Libp2p, 20), [3, 3, 39, 1003]);
        assert_eq!(sizes(Framing::Discv4, 16), [129, 149, 171, 1482]);
    }

    #[test]
    fn sixteen_neighbours_need_two_packets() {
        let bytes = |count| bytes(Framing::Discv4, nodes(count));
        // With addresses of IPv6, for which there has to be room: 12 bytes longer.
        let longest = |count| discv4::PACKET + 5 + 3 + 3 + (discv4::NODE + 12) * count;
        assert!(longest(discv4::MOST) <= 1280 && longest(discv4::MOST + 1) > 1280);
        assert_eq!(bytes(16) - bytes(12), 4 * 79 + 109);
    }

    #[test]
    fn upkeep_has_names_of_its_own() {
        let kind = |body, upkeep| {
            let framing = Framing::Krpc;
            let wire = Wire {
                rpc: 1,
                number: 0,
                framing,
                upkeep,
                body,
            };
            Wire::KINDS[usize::from(wire.kind())]
        };
        assert_eq!(kind(Body::FindNode(Id(1)), false), "find_node");
        assert_eq!(kind(nodes(1), true), "refreshed");
        assert_eq!(kind(Body::Stored, true), "republished");
        assert!(LOOKUP.iter().all(|name| Wire::KINDS.contains(name)));
        assert!(!LOOKUP.contains(&kind(Body::FindNode(Id(1)), true)));
    }
}
