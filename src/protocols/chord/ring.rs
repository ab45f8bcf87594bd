//! Intervals of the ring, clockwise; from a place to itself is all the way round.

use crate::protocols::dht::Id;

/// Whether `id` is in (from, to].
#[inline]
pub fn in_half_open(id: Id, from: Id, to: Id) -> bool {
    from.ahead(id).wrapping_sub(1) <= from.ahead(to).wrapping_sub(1)
}

/// Whether `id` is in (from, to).
#[inline]
pub fn in_open(id: Id, from: Id, to: Id) -> bool {
    from.ahead(id).wrapping_sub(1) < from.ahead(to).wrapping_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Walks a small ring place by place.
    fn walk(id: u8, from: u8, to: u8, with_end: bool) -> bool {
        let mut place = from;
        loop {
            place = place.wrapping_add(1);
            if place == to {
                return with_end && id == to;
            }
            if place == id {
                return true;
            }
        }
    }

    proptest! {
        #[test]
        fn intervals_are_what_a_walk_comes_by(id: u8, from: u8, to: u8) {
            // The upper bits of a long ring are a small one.
            let [a, b, c] = [id, from, to].map(|place| Id(u64::from(place) << 56));
            prop_assert_eq!(in_half_open(a, b, c), walk(id, from, to, true));
            prop_assert_eq!(in_open(a, b, c), walk(id, from, to, false));
        }
    }
}
