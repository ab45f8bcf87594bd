//! [`Picker`]: which block to ask a neighbour for. Pure; knows neither neighbours nor time.
//!
//! The rules of Cohen, "Incentives build robustness in BitTorrent" (P2PEcon 2003), section 2.4, in their
//! order: what has been begun is finished first, the rarest of it before the others (*strict priority*; at
//! who has the whole file only what was begun there, as Cohen's client has it, so that its uplink goes into what
//! nobody else has); a new piece is the one that fewest
//! neighbours have (*rarest first*), but a random one as long as the peer has nothing to give (*random
//! first piece*); when every block has been asked for, all that have what is missing are asked (*endgame*).

use super::bits::Bits;
use super::config::Selection;
use crate::random::Draw;

/// A block: piece, and number within the piece.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Block {
    /// Which piece.
    pub piece: u32,
    /// Which block of the piece.
    pub block: u8,
}

/// How a file is cut.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cut {
    /// Bytes of the file.
    pub file: u64,
    /// Bytes of a piece.
    pub piece: u32,
    /// Bytes of a block.
    pub block: u32,
}

impl Cut {
    /// How many pieces there are.
    pub fn pieces(&self) -> u32 {
        self.file.div_ceil(self.piece.into()) as u32
    }

    /// Bytes of a piece: the last one may be shorter.
    pub fn piece_bytes(&self, piece: u32) -> u32 {
        let left = self.file - u64::from(piece) * u64::from(self.piece);
        left.min(self.piece.into()) as u32
    }

    /// Blocks of a piece.
    pub fn blocks(&self, piece: u32) -> u8 {
        self.piece_bytes(piece).div_ceil(self.block) as u8
    }

    /// Bytes of a block: the last one of a piece may be shorter.
    pub fn block_bytes(&self, at: Block) -> u32 {
        let left = self.piece_bytes(at.piece) - u32::from(at.block) * self.block;
        left.min(self.block)
    }
}

/// What became of a block that has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Got {
    /// It was there already.
    Twice,
    /// It is new.
    Block,
    /// It is new, and the last one of its piece.
    Piece,
    /// It is new, and the last one of all.
    File,
}

/// A piece of which some blocks have been asked for.
#[derive(Clone, Copy, Debug)]
struct Begun {
    piece: u32,
    /// Whether it was begun at somebody who has the whole file.
    at_seed: bool,
    /// Blocks that have been asked for or have come.
    asked: u64,
    /// Blocks that have come.
    here: u64,
    /// All blocks.
    all: u64,
}

impl Begun {
    /// The first block that has not been asked for; it is from now on.
    fn next(&mut self) -> Block {
        let block = self.asked.trailing_ones() as u8;
        self.asked |= 1 << block;
        Block {
            piece: self.piece,
            block,
        }
    }
}

/// What a peer has, what it has asked for, and how many of its neighbours have each piece.
#[derive(Clone, Debug)]
pub struct Picker {
    cut: Cut,
    selection: Selection,
    random_first: u32,
    have: Bits,
    missing: u32,
    begun: Vec<Begun>,
    /// The pieces of `begun`.
    in_work: Bits,
    copies: Box<[u16]>,
}

impl Picker {
    /// Nothing yet; the first `random_first` pieces are picked at random.
    pub fn new(cut: Cut, selection: Selection, random_first: u32) -> Self {
        let pieces = cut.pieces();
        Self {
            cut,
            selection,
            random_first,
            have: Bits::none(pieces),
            missing: pieces,
            begun: Vec::new(),
            in_work: Bits::none(pieces),
            copies: vec![0; pieces as usize].into(),
        }
    }

    /// All of the file.
    pub fn full(cut: Cut, selection: Selection) -> Self {
        let pieces = cut.pieces();
        Self {
            have: Bits::all(pieces),
            missing: 0,
            ..Self::new(cut, selection, 0)
        }
    }

    /// The pieces that are there.
    pub fn have(&self) -> &Bits {
        &self.have
    }

    /// How many pieces are not there.
    pub fn missing(&self) -> u32 {
        self.missing
    }

    /// Whether the file is there.
    pub fn is_complete(&self) -> bool {
        self.missing == 0
    }

    /// A neighbour has a piece.
    pub fn one_more(&mut self, piece: u32) {
        self.copies[piece as usize] += 1;
    }

    /// A neighbour has come with these pieces.
    pub fn come(&mut self, theirs: &Bits) {
        theirs
            .iter()
            .for_each(|piece| self.copies[piece as usize] += 1);
    }

    /// A neighbour has gone with these pieces.
    pub fn gone(&mut self, theirs: &Bits) {
        theirs
            .iter()
            .for_each(|piece| self.copies[piece as usize] -= 1);
    }

    /// How many neighbours have each piece.
    pub fn copies(&self) -> &[u16] {
        &self.copies
    }

    /// The next block to ask a neighbour for that has `theirs` and has been asked for `asked`; it counts as
    /// asked for from now on.
    pub fn pick(&mut self, theirs: &Bits, asked: &[Block], rng: &mut impl Draw) -> Option<Block> {
        let at_seed = theirs.is_full();
        let open = |begun: &&mut Begun| {
            begun.asked != begun.all && theirs.has(begun.piece) && begun.at_seed >= at_seed
        };
        let copies = &self.copies;
        let begun = self.begun.iter_mut().filter(open);
        if let Some(begun) = begun.min_by_key(|begun| copies[begun.piece as usize]) {
            return Some(begun.next());
        }
        if let Some(piece) = self.new_piece(theirs, rng) {
            let blocks = self.cut.blocks(piece);
            self.in_work.insert(piece);
            self.begun.push(Begun {
                piece,
                at_seed,
                asked: 1,
                here: 0,
                all: u64::MAX >> (64 - blocks),
            });
            return Some(Block { piece, block: 0 });
        }
        // A seed is for what nobody else has begun to give, but better that than nothing.
        let open = |begun: &&mut Begun| begun.asked != begun.all;
        if at_seed && let Some(begun) = self.begun.iter_mut().find(open) {
            return Some(begun.next());
        }
        self.is_endgame()
            .then(|| self.once_more(theirs, asked, rng))
            .flatten()
    }

    /// A piece that is not there and not begun, by the rules.
    fn new_piece(&self, theirs: &Bits, rng: &mut impl Draw) -> Option<u32> {
        let new = || theirs.without(&self.have, &self.in_work);
        let got = self.cut.pieces() - self.missing;
        let random = self.selection == Selection::Random || got < self.random_first;
        if self.selection == Selection::InOrder {
            return new().next();
        }
        let (mut fewest, mut count) = (u16::MAX, 0);
        for piece in new() {
            let copies = if random {
                0
            } else {
                self.copies[piece as usize]
            };
            if copies < fewest {
                (fewest, count) = (copies, 0);
            }
            count += u64::from(copies == fewest);
        }
        if count == 0 {
            return None;
        }
        let which = rng.below(count) as usize;
        new()
            .filter(|&piece| random || self.copies[piece as usize] == fewest)
            .nth(which)
    }

    /// Whether everything that is missing has been asked for.
    pub fn is_endgame(&self) -> bool {
        self.begun.len() as u32 == self.missing
            && self.begun.iter().all(|begun| begun.asked == begun.all)
    }

    /// A random block that has not come and that this neighbour has not been asked for.
    fn once_more(&self, theirs: &Bits, asked: &[Block], rng: &mut impl Draw) -> Option<Block> {
        let begun = self.begun.iter().filter(|begun| theirs.has(begun.piece));
        let blocks = begun.flat_map(|begun| {
            let missing = (0..64u8).filter(|&block| begun.all & !begun.here & 1 << block != 0);
            missing.map(|block| Block {
                piece: begun.piece,
                block,
            })
        });
        let open: Vec<Block> = blocks.filter(|block| !asked.contains(block)).collect();
        rng.choose(&open).copied()
    }

    /// A block that was asked for will not come.
    pub fn give_up(&mut self, block: Block) {
        if let Some(at) = self.at(block.piece) {
            let begun = &mut self.begun[at];
            begun.asked &= !(1 << block.block) | begun.here;
        }
    }

    /// Whether a block is still missing.
    pub fn wants(&self, block: Block) -> bool {
        !self.have.has(block.piece)
            && self
                .at(block.piece)
                .is_none_or(|at| self.begun[at].here >> block.block & 1 == 0)
    }

    /// A block has come.
    pub fn got(&mut self, block: Block) -> Got {
        if !self.wants(block) {
            return Got::Twice;
        }
        let at = self.at(block.piece).unwrap_or_else(|| {
            // It was given up, and comes all the same.
            let blocks = self.cut.blocks(block.piece);
            self.in_work.insert(block.piece);
            self.begun.push(Begun {
                piece: block.piece,
                at_seed: false,
                asked: 0,
                here: 0,
                all: u64::MAX >> (64 - blocks),
            });
            self.begun.len() - 1
        });
        let begun = &mut self.begun[at];
        begun.asked |= 1 << block.block;
        begun.here |= 1 << block.block;
        if begun.here != begun.all {
            return Got::Block;
        }
        self.begun.remove(at);
        self.in_work.remove(block.piece);
        self.have.insert(block.piece);
        self.missing -= 1;
        if self.missing == 0 {
            Got::File
        } else {
            Got::Piece
        }
    }

    fn at(&self, piece: u32) -> Option<usize> {
        self.begun.iter().position(|begun| begun.piece == piece)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::PeerRng;
    use proptest::prelude::*;

    const CUT: Cut = Cut {
        file: 1000,
        piece: 100,
        block: 30,
    };

    fn picker(selection: Selection, random_first: u32) -> (Picker, PeerRng) {
        let picker = Picker::new(CUT, selection, random_first);
        (picker, PeerRng::from_state(7))
    }

    fn take(picker: &mut Picker, piece: u32) {
        for block in 0..CUT.blocks(piece) {
            picker.got(Block { piece, block });
        }
    }

    #[test]
    fn the_last_block_and_the_last_piece_are_shorter() {
        let cut = Cut { file: 950, ..CUT };
        assert_eq!((cut.pieces(), cut.blocks(0), cut.blocks(9)), (10, 4, 2));
        assert_eq!(cut.block_bytes(Block { piece: 0, block: 3 }), 10);
        assert_eq!(cut.block_bytes(Block { piece: 9, block: 1 }), 20);
        let all = (0..10).flat_map(|piece| {
            (0..cut.blocks(piece)).map(move |block| cut.block_bytes(Block { piece, block }))
        });
        assert_eq!(all.sum::<u32>(), 950);
    }

    #[test]
    fn a_piece_that_is_begun_is_finished_first() {
        let (mut picker, mut rng) = picker(Selection::RarestFirst, 0);
        let all = Bits::all(10);
        let picked: Vec<Block> = (0..8)
            .filter_map(|_| picker.pick(&all, &[], &mut rng))
            .collect();
        for (first, piece) in [(0, picked[0].piece), (4, picked[4].piece)] {
            let blocks = (0..4).map(|block| Block { piece, block });
            assert!(picked[first..first + 4].iter().copied().eq(blocks));
        }
        assert_ne!(picked[0].piece, picked[4].piece);
    }

    #[test]
    fn a_seed_is_not_asked_for_what_others_have_begun_to_give() {
        let (mut picker, mut rng) = picker(Selection::InOrder, 0);
        let mut some = Bits::all(10);
        some.remove(9);
        let at_other = picker.pick(&some, &[], &mut rng);
        assert_eq!(at_other, Some(Block { piece: 0, block: 0 }));
        let at_seed = picker.pick(&Bits::all(10), &[], &mut rng);
        assert_eq!(at_seed, Some(Block { piece: 1, block: 0 }));
        // Others are asked for both, the one that is rarer first.
        picker.one_more(0);
        let next = picker.pick(&some, &[], &mut rng);
        assert_eq!(next, Some(Block { piece: 1, block: 1 }));
        (1..10).for_each(|piece| take(&mut picker, piece));
        let last = picker.pick(&Bits::all(10), &[], &mut rng);
        assert_eq!(
            last,
            Some(Block { piece: 0, block: 1 }),
            "there is nothing else"
        );
    }

    #[test]
    fn the_rarest_comes_first_and_chance_decides_among_equals() {
        let mut seen = [0; 10];
        for seed in 0..1000 {
            let (mut picker, _) = picker(Selection::RarestFirst, 0);
            let mut common = Bits::all(10);
            picker.come(&common);
            common.remove(3);
            common.remove(8);
            picker.come(&common);
            let mut rng = PeerRng::from_state(seed);
            let block = picker.pick(&Bits::all(10), &[], &mut rng);
            seen[block.expect("something is missing").piece as usize] += 1;
        }
        assert_eq!(seen[3] + seen[8], 1000);
        // Four standard deviations of 1000 throws of a coin.
        assert!((437..=563).contains(&seen[3]), "{seen:?}");
    }

    #[test]
    fn the_first_pieces_are_random_ones() {
        let (mut picker, _) = picker(Selection::RarestFirst, 1);
        let mut common = Bits::all(10);
        common.remove(3);
        picker.come(&common);
        let mut rng = PeerRng::from_state(1);
        let mut clone = picker.clone();
        let any = (0..100).any(|_| {
            let block = picker.clone().pick(&Bits::all(10), &[], &mut rng);
            block.is_some_and(|block| block.piece != 3)
        });
        assert!(any, "not always the rarest");
        take(&mut clone, 0);
        let block = clone.pick(&Bits::all(10), &[], &mut rng);
        assert_eq!(block.map(|block| block.piece), Some(3), "then the rarest");
    }

    #[test]
    fn in_the_endgame_everybody_is_asked_for_what_is_missing() {
        let (mut picker, mut rng) = picker(Selection::InOrder, 0);
        (0..9).for_each(|piece| take(&mut picker, piece));
        let all = Bits::all(10);
        let first: Vec<Block> = (0..4)
            .filter_map(|_| picker.pick(&all, &[], &mut rng))
            .collect();
        assert!(picker.is_endgame());
        // Who has been asked for all is asked no more, another one for any of them.
        assert_eq!(picker.pick(&all, &first, &mut rng), None);
        let again = picker.pick(&all, &first[1..], &mut rng);
        assert_eq!(again, Some(first[0]));
        assert_eq!(picker.pick(&Bits::none(10), &[], &mut rng), None);
        assert_eq!(picker.got(first[0]), Got::Block);
        assert_eq!(picker.got(first[0]), Got::Twice);
        picker.give_up(first[1]);
        assert_eq!(picker.pick(&all, &[], &mut rng), Some(first[1]));
        assert_eq!(picker.got(first[2]), Got::Block);
        assert_eq!(picker.got(first[3]), Got::Block);
        assert_eq!(picker.got(first[1]), Got::File);
        assert!(picker.is_complete());
    }

    proptest! {
        /// Whatever is given up, comes twice or comes late: each block is wanted until it has come once,
        /// and the file is complete when all have.
        #[test]
        fn it_ends_with_the_file(seed in any::<u64>(), selection in 0..3usize) {
            let selection =
                [Selection::RarestFirst, Selection::Random, Selection::InOrder][selection];
            let (mut picker, _) = picker(selection, 2);
            let mut rng = PeerRng::from_state(seed);
            let mut asked: Vec<Block> = Vec::new();
            let (mut new, mut steps) = (0, 0);
            while !picker.is_complete() {
                steps += 1;
                prop_assert!(steps < 10_000, "it does not end");
                let mut theirs = Bits::all(10);
                theirs.remove(rng.below(10) as u32);
                if let Some(block) = picker.pick(&theirs, &asked, &mut rng) {
                    prop_assert!(theirs.has(block.piece) && picker.wants(block));
                    asked.push(block);
                }
                if asked.is_empty() || rng.chance(0.3) {
                    continue;
                }
                let block = asked.swap_remove(rng.index(asked.len()));
                if rng.chance(0.3) {
                    picker.give_up(block);
                } else {
                    let wanted = picker.wants(block);
                    prop_assert_eq!(picker.got(block) != Got::Twice, wanted);
                    new += u32::from(wanted);
                }
            }
            prop_assert_eq!(new, 40);
            prop_assert!(picker.have().is_full());
        }
    }
}
