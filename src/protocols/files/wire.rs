//! What travels, and what peers set for themselves.

use crate::engine::Message;
use crate::peer::PeerId;
use crate::protocols::dht::Dht;

/// A message: the table's own, or about files, which go by number.
pub enum Wire<D: Dht> {
    /// One of the table below.
    Dht(D::Message),
    /// I have this file.
    Has(u32),
    /// Who has this file?
    Who {
        /// The number of the question.
        call: u32,
        /// The file.
        file: u32,
    },
    /// These have it.
    These {
        /// The number of the question.
        call: u32,
        /// Their addresses.
        peers: Box<[PeerId]>,
    },
    /// Keep a copy of this file, which I have.
    Copy(u32),
    /// Give me this file.
    Fetch(u32),
    /// Here it is.
    File {
        /// Which.
        file: u32,
        /// Its size.
        size: u32,
    },
    /// I have it no longer.
    NotHere(u32),
}

/// What a peer sets for itself.
pub enum Timer<D: Dht> {
    /// One of the table below.
    Dht(D::Timer),
    /// The question with this number has not been answered.
    Late(u32),
    /// It is time to say again that this file is here.
    Announce(u32),
}

/// 1 B type, 4 B number.
const HEADER: u32 = 5;
/// SHA-1.
const KEY: u32 = 20;
/// 4 B address, 2 B port.
const ADDRESS: u32 = 6;

/// The kinds that are about who has what, and those that carry files.
pub(super) const INDEX: &[&str] = &["has", "who", "these", "copy"];
pub(super) const CONTENT: &[&str] = &["fetch", "file", "not_here"];

impl<D: Dht> Message for Wire<D> {
    const KINDS: &'static [&'static str] = &[
        "lookup",
        "maintenance",
        "has",
        "who",
        "these",
        "copy",
        "fetch",
        "file",
        "not_here",
    ];

    fn kind(&self) -> u8 {
        match self {
            Self::Dht(message) => {
                let kind = D::Message::KINDS[usize::from(message.kind())];
                u8::from(!D::LOOKUP.contains(&kind))
            }
            Self::Has(_) => 2,
            Self::Who { .. } => 3,
            Self::These { .. } => 4,
            Self::Copy(_) => 5,
            Self::Fetch(_) => 6,
            Self::File { .. } => 7,
            Self::NotHere(_) => 8,
        }
    }

    fn bytes(&self) -> u32 {
        match self {
            Self::Dht(message) => message.bytes(),
            Self::These { peers, .. } => HEADER + ADDRESS * peers.len() as u32,
            Self::File { size, .. } => (HEADER + KEY).saturating_add(*size),
            Self::Has(_) | Self::Who { .. } | Self::Copy(_) | Self::Fetch(_) | Self::NotHere(_) => {
                HEADER + KEY
            }
        }
    }
}
