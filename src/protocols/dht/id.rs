//! [`Id`]: a place among all keys and peers.

use rand::Rng;

/// An identifier of a peer or a key: 64 bits, or fewer, which are then the upper ones, so that the
/// arithmetic of a ring of 2^64 places holds for all lengths.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Id(pub u64);

impl Id {
    /// How long an identifier can be, in bits.
    pub const MOST_BITS: u8 = 64;

    /// The identifier of `bits` bits made of the upper bits of a word.
    ///
    /// # Panics
    /// If `bits` is not from 1 to 64 (scenarios are checked before).
    #[inline]
    pub const fn cut(word: u64, bits: u8) -> Self {
        assert!(
            0 < bits && bits <= Self::MOST_BITS,
            "ids have from 1 to 64 bits"
        );
        Self(word & !0 << (Self::MOST_BITS - bits))
    }

    /// A uniform identifier of `bits` bits.
    pub fn random(bits: u8, rng: &mut impl Rng) -> Self {
        Self::cut(rng.next_u64(), bits)
    }

    /// How far `to` is ahead on the ring, walking clockwise (Chord).
    #[inline]
    pub const fn ahead(self, to: Self) -> u64 {
        to.0.wrapping_sub(self.0)
    }

    /// The distance by exclusive or (Kademlia).
    #[inline]
    pub const fn xor(self, other: Self) -> u64 {
        self.0 ^ other.0
    }

    /// The identifier so far ahead on the ring.
    #[inline]
    #[must_use]
    pub const fn plus(self, distance: u64) -> Self {
        Self(self.0.wrapping_add(distance))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_id_is_the_upper_bits_of_a_long_one() {
        assert_eq!(Id::cut(0xFFFF_0000_1234_5678, 16), Id(0xFFFF << 48));
        assert_eq!(Id::cut(7, 64), Id(7));
        assert_eq!(Id::cut(u64::MAX, 1), Id(1 << 63));
    }

    #[test]
    fn the_ring_closes_and_xor_is_symmetric() {
        let (low, high) = (Id(5), Id(u64::MAX - 4));
        assert_eq!((high.ahead(low), low.ahead(high)), (10, u64::MAX - 9));
        assert_eq!(high.plus(10), low);
        assert_eq!((low.xor(high), low.xor(low)), (high.xor(low), 0));
    }
}
