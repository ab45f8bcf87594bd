//! What peers and the tracker say.

use super::bits::Bits;
use super::picker::Block;
use crate::engine::Message;
use crate::peer::PeerId;

/// Why a peer tells the tracker (BEP 3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why {
    /// It begins.
    Started,
    /// It is still there, or wants more neighbours.
    Regular,
    /// It has the file.
    Completed,
    /// It goes.
    Stopped,
}

/// A message. Sizes are those of BEP 3, and of BEP 15 for what goes to the tracker and back.
#[derive(Clone, Debug)]
pub enum Wire {
    /// To the tracker: 98 B.
    Announce(Why),
    /// The tracker's answer: 20 B, and 6 B for each peer.
    Peers(Box<[PeerId]>),
    /// The handshake (68 B) and what the peer has (5 B, and a bit for each piece), which follows it at
    /// once.
    Handshake(Box<Bits>),
    /// "I send you nothing": 5 B.
    Choke,
    /// "Ask me": 5 B.
    Unchoke,
    /// "You have something I want": 5 B.
    Interested,
    /// "You have nothing I want": 5 B.
    NotInterested,
    /// "I have this piece": 9 B.
    Have(u32),
    /// "Send me this block": 17 B.
    Request(Block),
    /// "No longer": 17 B.
    Cancel(Block),
    /// A block of so many bytes: 13 B, and the block.
    Piece(Block, u32),
}

impl Message for Wire {
    const KINDS: &'static [&'static str] = &[
        "announce",
        "peers",
        "handshake",
        "choke",
        "unchoke",
        "interested",
        "not-interested",
        "have",
        "request",
        "cancel",
        "piece",
    ];

    fn kind(&self) -> u8 {
        match self {
            Self::Announce(_) => 0,
            Self::Peers(_) => 1,
            Self::Handshake(_) => 2,
            Self::Choke => 3,
            Self::Unchoke => 4,
            Self::Interested => 5,
            Self::NotInterested => 6,
            Self::Have(_) => 7,
            Self::Request(_) => 8,
            Self::Cancel(_) => 9,
            Self::Piece(..) => 10,
        }
    }

    fn bytes(&self) -> u32 {
        match self {
            Self::Announce(_) => 98,
            Self::Peers(peers) => 20 + 6 * peers.len() as u32,
            Self::Handshake(bits) => 68 + 5 + bits.pieces().div_ceil(8),
            Self::Choke | Self::Unchoke | Self::Interested | Self::NotInterested => 5,
            Self::Have(_) => 9,
            Self::Request(_) | Self::Cancel(_) => 17,
            Self::Piece(_, bytes) => 13 + bytes,
        }
    }
}

/// What a peer sets for itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Timer {
    /// To choose anew whom to send to.
    Rechoke,
    /// To report to the tracker.
    Announce,
    /// To ask the tracker for more neighbours.
    Lonely,
    /// To go, having the file.
    Go,
    /// To go without it.
    GiveUp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_no_larger_than_three_words() {
        assert!(size_of::<Wire>() <= 24, "{}", size_of::<Wire>());
    }

    #[test]
    fn sizes_are_those_of_the_specification() {
        let block = Block { piece: 0, block: 0 };
        assert_eq!(Wire::Piece(block, 16_384).bytes(), 16_397);
        assert_eq!(
            Wire::Handshake(Box::new(Bits::none(382))).bytes(),
            68 + 5 + 48
        );
        assert_eq!(Wire::Peers(vec![PeerId(1); 50].into()).bytes(), 320);
        assert_eq!(Wire::Have(1).kind(), 7);
        assert_eq!(Wire::KINDS[10], "piece");
    }
}
