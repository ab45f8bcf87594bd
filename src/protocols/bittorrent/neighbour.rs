//! [`Neighbour`]: what a peer knows of another one it is connected to.

use super::bits::Bits;
use super::peer::Dossier;
use super::picker::Block;
use crate::engine::Conn;
use crate::peer::PeerId;
use crate::time::Instant;

/// Bytes of the present and of the last turn of the choker: a rolling rate over two turns.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Rolling([u64; 2]);

impl Rolling {
    /// So many more.
    pub(super) fn add(&mut self, bytes: u64) {
        self.0[0] += bytes;
    }

    /// So many fewer: they were not sent after all.
    pub(super) fn take_back(&mut self, bytes: u64) {
        self.0[0] = self.0[0].saturating_sub(bytes);
    }

    /// What came in the present turn.
    pub(super) fn this_turn(self) -> u64 {
        self.0[0]
    }

    /// What came in both turns.
    pub(super) fn sum(self) -> u64 {
        self.0[0] + self.0[1]
    }

    /// A turn is over.
    pub(super) fn turn(&mut self) {
        self.0 = [0, self.0[0]];
    }
}

/// Another peer at the other end of a connection.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "BEP 3 has four bits of state at each end of a connection"
)]
pub(super) struct Neighbour {
    pub(super) peer: PeerId,
    pub(super) conn: Conn,
    /// What it has; nothing before its handshake.
    pub(super) theirs: Option<Box<Bits>>,
    /// How many pieces it has that this peer has not.
    pub(super) news: u32,
    /// Whether this peer sends to it.
    pub(super) unchoked: bool,
    /// Since when, or when last.
    pub(super) since: Instant,
    /// Whether it wants something of this peer.
    pub(super) interested: bool,
    /// Whether it sends to this peer.
    pub(super) unchokes: bool,
    /// Whether it has been told that this peer wants something.
    pub(super) wanted: bool,
    /// Whether it has come since the last turn of the optimistic unchoke.
    pub(super) new: bool,
    /// Blocks it has been asked for.
    pub(super) asked: Vec<Block>,
    /// Since when it owes blocks, or the last one came.
    pub(super) heard: Instant,
    pub(super) received: Rolling,
    pub(super) sent: Rolling,
    /// What a strategic peer knows of it.
    pub(super) dossier: Option<Box<Dossier>>,
}

impl Neighbour {
    pub(super) fn new(peer: PeerId, conn: Conn) -> Self {
        Self {
            peer,
            conn,
            theirs: None,
            news: 0,
            unchoked: false,
            since: Instant::ZERO,
            interested: false,
            unchokes: false,
            wanted: false,
            new: true,
            asked: Vec::new(),
            heard: Instant::ZERO,
            received: Rolling::default(),
            sent: Rolling::default(),
            dossier: None,
        }
    }
}
