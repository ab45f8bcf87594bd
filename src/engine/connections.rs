//! [`Table`]: a peer's ends of connections.
//!
//! A message on a connection carries the receiver's place in its table and a tag, so that the
//! receiver finds its end in one step and knows a stale message when it sees one.

use crate::engine::protocol::Conn;

/// Places per peer.
pub(crate) const PLACES: usize = (1 << 14) - 1;
/// No place: of an end whose other side is not known yet.
pub(crate) const UNKNOWN: u16 = PLACES as u16;
/// A tag is ten bits, and the eleventh says whether its peer opened the connection.
const TAGS: u16 = 1 << 10;
const MINE: u16 = 1 << 10;

/// How a goodbye names the end it means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Named {
    /// By the receiver's place and the whole tag.
    Place,
    /// By the receiver's place and seven bits of the tag.
    ShortTag,
    /// By the sender's own place and the whole tag: it never knew the receiver's.
    SendersPlace,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum State {
    Free,
    Connecting,
    Open,
    /// The path was cut; waiting for the time-out.
    Broken,
}

/// Where the state stands in the word it shares with the tag.
const STATE_AT: u16 = 11;

/// One end of a connection: 24 bytes, since a peer's ends are what a message over a connection
/// costs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct End {
    /// When the last message sent arrives: the next one not before.
    pub(crate) last: u64,
    /// When the last message received was delivered: the next one not before.
    pub(crate) heard: u64,
    /// The other side.
    pub(crate) peer: u32,
    /// The other side's place; of a free end, the next free place.
    pub(crate) remote: u16,
    /// The opener's tag, whether that is this side, and the state.
    word: u16,
}

impl End {
    fn new(peer: u32, remote: u16, tag: u16, last: u64, state: State) -> Self {
        Self {
            last,
            heard: 0,
            peer,
            remote,
            word: tag | (state as u16) << STATE_AT,
        }
    }

    #[inline]
    pub(crate) fn tag(&self) -> u16 {
        self.word & (MINE | (TAGS - 1))
    }

    #[inline]
    pub(crate) fn state(&self) -> State {
        match self.word >> STATE_AT {
            0 => State::Free,
            1 => State::Connecting,
            2 => State::Open,
            _ => State::Broken,
        }
    }

    #[inline]
    pub(crate) fn set_state(&mut self, state: State) {
        self.word = self.tag() | (state as u16) << STATE_AT;
    }
}

/// All ends of one peer: 32 bytes, two to a line.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    ends: Vec<End>,
    /// The first free place; each free end names the next.
    free: u16,
    opened: u16,
}

impl Default for Table {
    fn default() -> Self {
        Self {
            ends: Vec::new(),
            free: UNKNOWN,
            opened: 0,
        }
    }
}

impl Table {
    fn add(&mut self, end: End) -> Conn {
        let slot = if self.free == UNKNOWN {
            assert!(
                self.ends.len() < PLACES,
                "a peer has more than {PLACES} connections"
            );
            self.ends.push(end);
            self.ends.len() as u16 - 1
        } else {
            let slot = self.free;
            let place = &mut self.ends[usize::from(slot)];
            self.free = place.remote;
            *place = end;
            slot
        };
        let tag = end.tag();
        Conn { slot, tag }
    }

    /// This peer opens a connection.
    pub(crate) fn open(&mut self, peer: u32) -> Conn {
        let tag = (self.opened % TAGS) | MINE;
        self.opened = self.opened.wrapping_add(1);
        self.add(End::new(peer, UNKNOWN, tag, 0, State::Connecting))
    }

    /// This peer accepts one.
    pub(crate) fn accept(&mut self, peer: u32, remote: u16, tag: u16, last: u64) -> Conn {
        self.add(End::new(peer, remote, tag & !MINE, last, State::Open))
    }

    /// The end that its own peer calls `conn`.
    #[inline]
    pub(crate) fn own(&mut self, conn: Conn) -> Option<&mut End> {
        let end = self.ends.get_mut(usize::from(conn.slot))?;
        (end.tag() == conn.tag && end.state() != State::Free).then_some(end)
    }

    /// The end that a message from `peer` with the sender's `tag` means: a tag that is the sender's
    /// own is not this side's, and the other way round.
    #[inline]
    pub(crate) fn find(&mut self, slot: u16, peer: u32, tag: u16) -> Option<Conn> {
        let tag = tag ^ MINE;
        let fits = |end: &End| end.peer == peer && end.tag() == tag && end.state() != State::Free;
        self.ends
            .get(usize::from(slot))
            .filter(|end| fits(end))
            .map(|_| Conn { slot, tag })
    }

    /// The end that an acknowledgement from `peer` answers; `bits` are the low seven of its tag.
    pub(crate) fn connecting(
        &mut self,
        slot: u16,
        peer: u32,
        bits: u16,
    ) -> Option<(Conn, &mut End)> {
        let end = self.ends.get_mut(usize::from(slot))?;
        let fits = end.peer == peer && end.tag() & 0x7F == bits && end.tag() & MINE != 0;
        (fits && end.state() == State::Connecting).then_some((
            Conn {
                slot,
                tag: end.tag(),
            },
            end,
        ))
    }

    /// The end that the other side's goodbye means.
    pub(crate) fn meant(&mut self, slot: u16, peer: u32, tag: u16, by: Named) -> Option<Conn> {
        match by {
            Named::Place => self.find(slot, peer, tag),
            Named::ShortTag => {
                let end = self.ends.get(usize::from(slot))?;
                let fits =
                    end.peer == peer && end.tag() & 0x7F == tag & 0x7F && end.tag() & MINE == 0;
                (fits && end.state() == State::Open).then_some(Conn {
                    slot,
                    tag: end.tag(),
                })
            }
            // The tag alone would not do: tags come round, and two peers may have many connections.
            Named::SendersPlace => {
                let tag = tag ^ MINE;
                let fits = |end: &End| {
                    (end.peer, end.remote, end.tag()) == (peer, slot, tag)
                        && end.state() == State::Open
                };
                let slot = self.ends.iter().position(fits)? as u16;
                Some(Conn { slot, tag })
            }
        }
    }

    /// Frees an end and returns what it was.
    pub(crate) fn remove(&mut self, conn: Conn) -> Option<End> {
        let free = self.free;
        let end = self.own(conn)?;
        let was = *end;
        end.set_state(State::Free);
        end.remote = free;
        self.free = conn.slot;
        Some(was)
    }

    /// Empties the table; returns the ends that stood.
    pub(crate) fn clear(&mut self) -> Vec<End> {
        self.free = UNKNOWN;
        let mut ends = std::mem::take(&mut self.ends);
        ends.retain(|end| end.state() != State::Free);
        ends
    }

    /// Reads the lines of the ends ahead of their use: of all, if they are few, since the answer to
    /// what came on one may go out on another.
    #[inline]
    pub(crate) fn touch(&self, slot: usize) -> u32 {
        const FEW: usize = 16;
        const PER_LINE: usize = 64 / size_of::<End>();
        if self.ends.len() > FEW {
            return self.ends.get(slot).map_or(0, |end| end.peer);
        }
        let lines = self.ends.iter().step_by(PER_LINE);
        lines.fold(0, |seen, end| seen ^ end.peer)
    }

    /// Reads the table's own line ahead of its use.
    #[inline]
    pub(crate) fn touch_self(&self) -> u32 {
        u32::from(self.opened)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_message_finds_nothing() {
        let mut table = Table::default();
        let conn = table.open(7);
        // The other side names our end by our tag, seen from its side.
        let seen = |conn: Conn| conn.tag ^ MINE;
        assert_eq!(table.find(conn.slot, 7, seen(conn)), Some(conn));
        assert_eq!(table.find(conn.slot, 8, seen(conn)), None, "somebody else");
        assert!(table.remove(conn).is_some());
        let next = table.open(7);
        assert_eq!(next.slot, conn.slot, "the place is reused");
        assert_eq!(table.find(conn.slot, 7, seen(conn)), None, "an old tag");
    }

    /// A sender that has forgotten a connection names it by its own place; another connection to the
    /// same peer, whose tag has come round to the same number, must not be hit.
    #[test]
    fn a_reset_by_the_senders_place_hits_only_that_connection() {
        let mut table = Table::default();
        let first = table.accept(7, 3, MINE | 5, 0);
        let second = table.accept(7, 4, MINE | 5, 0);
        assert_eq!(
            table.meant(4, 7, MINE | 5, Named::SendersPlace),
            Some(second)
        );
        assert_eq!(
            table.meant(3, 7, MINE | 5, Named::SendersPlace),
            Some(first)
        );
        assert_eq!(table.meant(9, 7, MINE | 5, Named::SendersPlace), None);
    }

    #[test]
    fn two_that_open_to_one_another_at_once_have_two_connections() {
        let mut table = Table::default();
        let mine = table.open(7);
        let theirs = table.accept(7, 0, MINE, 0);
        assert_ne!(mine.slot, theirs.slot);
        assert_eq!(table.find(theirs.slot, 7, MINE), Some(theirs));
        assert_eq!(table.find(mine.slot, 7, 0), Some(mine));
    }
}
