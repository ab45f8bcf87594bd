//! Blocks: asking for them, sending them, getting them.

use super::{Cx, Manner, Peer};
use crate::protocols::bittorrent::config::Detail;
use crate::protocols::bittorrent::picker::{Block, Got};
use crate::protocols::bittorrent::wire::Wire;

impl Peer {
    /// Asks a neighbour that sends for as many blocks as may be under way.
    pub(super) fn fill(&mut self, at: usize, cx: Cx<'_, '_>) {
        let most = self.rules.config.requests();
        let Some(picker) = &mut self.picker else {
            return;
        };
        let neighbour = &mut self.neighbours[at];
        let Some(theirs) = &neighbour.theirs else {
            return;
        };
        if !neighbour.unchokes || neighbour.news == 0 {
            return;
        }
        if neighbour.asked.is_empty() {
            neighbour.heard = cx.now();
        }
        while neighbour.asked.len() < most {
            let Some(block) = picker.pick(theirs, &neighbour.asked, cx.rng()) else {
                break;
            };
            neighbour.asked.push(block);
            cx.send_on(neighbour.conn, Wire::Request(block));
        }
    }

    /// A neighbour has a piece.
    pub(super) fn on_have(&mut self, at: usize, piece: u32, cx: Cx<'_, '_>) {
        let Some(picker) = &mut self.picker else {
            return;
        };
        let neighbour = &mut self.neighbours[at];
        let Some(theirs) = &mut neighbour.theirs else {
            return;
        };
        if !theirs.insert(piece) {
            return;
        }
        picker.one_more(piece);
        if let Some(dossier) = &mut neighbour.dossier {
            let cut = self.rules.cut;
            dossier.announced(cut.piece_bytes(piece), (picker.missing(), cut.pieces()));
        }
        if picker.have().has(piece) {
            if picker.is_complete() && theirs.is_full() {
                self.part(at, cx);
            }
            return;
        }
        neighbour.news += 1;
        if neighbour.news == 1 {
            self.tell_interest(at, cx);
        }
        let neighbour = &self.neighbours[at];
        if neighbour.unchokes && neighbour.asked.len() < self.rules.config.requests() {
            self.fill(at, cx);
        }
    }

    /// A neighbour sends no more: what it has not begun to send may be asked of others. What it was asked
    /// for first is on its way and will come.
    pub(super) fn on_choke(&mut self, at: usize, cx: Cx<'_, '_>) {
        let neighbour = &mut self.neighbours[at];
        neighbour.unchokes = false;
        let expected = neighbour.asked.len().min(1);
        let asked = neighbour.asked.split_off(expected);
        self.ask_elsewhere(&asked, cx);
    }

    /// Expects no more of those who owe a block for long, and do not send.
    pub(super) fn give_up_waiting(&mut self, cx: Cx<'_, '_>) {
        let (now, patience) = (cx.now(), self.rules.config.snub);
        for at in 0..self.neighbours.len() {
            let one = &mut self.neighbours[at];
            if !one.unchokes && !one.asked.is_empty() && now - one.heard > patience {
                let asked = std::mem::take(&mut one.asked);
                self.ask_elsewhere(&asked, cx);
            }
        }
    }

    /// What a neighbour was asked for may be asked of others.
    fn ask_elsewhere(&mut self, asked: &[Block], cx: Cx<'_, '_>) {
        let Some(picker) = &mut self.picker else {
            return;
        };
        for &block in asked {
            if !self.neighbours.iter().any(|one| one.asked.contains(&block)) {
                picker.give_up(block);
            }
        }
        if !asked.is_empty() {
            self.fill_all(cx);
        }
    }

    /// Asks all who send and have not enough to do.
    fn fill_all(&mut self, cx: Cx<'_, '_>) {
        let most = self.rules.config.requests();
        for at in 0..self.neighbours.len() {
            let neighbour = &self.neighbours[at];
            if neighbour.unchokes && neighbour.asked.len() < most {
                self.fill(at, cx);
            }
        }
    }

    /// A neighbour wants a block: it goes behind those it was sent before.
    pub(super) fn on_request(&mut self, at: usize, block: Block, cx: Cx<'_, '_>) {
        let has = |picker: &super::Picker| picker.have().has(block.piece);
        let neighbour = &mut self.neighbours[at];
        if !neighbour.unchoked || !self.picker.as_deref().is_some_and(has) {
            return;
        }
        let bytes = self.rules.cut.block_bytes(block);
        if cx.send_on(neighbour.conn, Wire::Piece(block, bytes)) {
            neighbour.sent.add(bytes.into());
            self.tally.sent += u64::from(bytes);
        }
    }

    /// Takes back what has been handed to the network for a neighbour and has not begun to leave: one
    /// block that it no longer wants, or all. Of a piece that stands for its blocks, and is no longer wanted,
    /// the blocks that are to come are not sent.
    pub(super) fn take_back(&mut self, at: usize, only: Option<Block>, cx: Cx<'_, '_>) {
        let neighbour = &mut self.neighbours[at];
        let mut taken = 0;
        let in_blocks = self.rules.config.detail == Detail::Block;
        cx.withdraw(neighbour.conn, |wire, begun| {
            let Wire::Piece(block, bytes) = wire else {
                return false;
            };
            let may_be = !begun || (only.is_some() && !in_blocks);
            let is_meant = may_be && only.is_none_or(|only| only == *block);
            taken += if is_meant { u64::from(*bytes) } else { 0 };
            is_meant
        });
        neighbour.sent.take_back(taken);
        self.tally.sent -= taken;
    }

    /// A block has come.
    pub(super) fn on_piece(&mut self, at: usize, block: Block, bytes: u32, cx: Cx<'_, '_>) {
        let Some(picker) = &mut self.picker else {
            return;
        };
        let neighbour = &mut self.neighbours[at];
        debug_assert!(
            (neighbour.theirs.as_ref()).is_some_and(|theirs| theirs.has(block.piece)),
            "a block from who has not said that it has it"
        );
        // A connection keeps the order of what is not small: what was asked for before was dropped by a choke,
        // and will not come.
        let place = neighbour.asked.iter().position(|&asked| asked == block);
        let whole = bytes >= self.rules.cut.block;
        let first = place.map_or(0, |place| if whole { 0 } else { place });
        let passed = neighbour
            .asked
            .drain(first..place.map_or(0, |place| place + 1));
        let passed: Vec<Block> = passed.filter(|&asked| asked != block).collect();
        neighbour.heard = cx.now();
        neighbour.received.add(bytes.into());
        self.tally.received += u64::from(bytes);
        let was_endgame = picker.is_endgame();
        let got = picker.got(block);
        if got == Got::Twice {
            self.tally.twice += u64::from(bytes);
        } else if was_endgame {
            for other in &mut self.neighbours {
                let before = other.asked.len();
                other.asked.retain(|&asked| asked != block);
                if other.asked.len() < before {
                    cx.send_on(other.conn, Wire::Cancel(block));
                }
            }
        }
        if matches!(got, Got::Piece | Got::File) {
            self.have_piece(block.piece, cx);
        }
        self.ask_elsewhere(&passed, cx);
        if got == Got::File {
            self.complete(cx);
        } else {
            self.fill(at, cx);
        }
    }

    /// A piece is whole: tells those who lack it, and who has nothing else to offer.
    fn have_piece(&mut self, piece: u32, cx: Cx<'_, '_>) {
        for at in 0..self.neighbours.len() {
            let neighbour = &mut self.neighbours[at];
            let Some(theirs) = &neighbour.theirs else {
                // It has been told of all but this piece.
                if self.manner != Manner::FreeRider {
                    cx.send_on(neighbour.conn, Wire::Have(piece));
                }
                continue;
            };
            if theirs.has(piece) {
                neighbour.news -= 1;
                if neighbour.news == 0 {
                    self.tell_interest(at, cx);
                }
            } else if self.manner != Manner::FreeRider {
                cx.send_on(neighbour.conn, Wire::Have(piece));
            }
        }
    }
}
