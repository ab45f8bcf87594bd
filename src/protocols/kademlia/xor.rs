//! The XOR metric (Maymounkov & Mazières 2002, section 2.1), and the order in which it sorts buckets.
//!
//! Identifiers stand in the *high* bits of 64, so that the first bit of an identifier is the first bit
//! of the word whatever their length. The bucket of a contact is the number of leading bits it shares
//! with the own identifier: bucket 0 holds the far half of the space, and each next one half of what
//! is left.

/// The distance between two identifiers.
#[inline]
pub fn distance(a: u64, b: u64) -> u64 {
    a ^ b
}

/// The bucket of a contact at this distance from the own identifier, in a table of so many buckets.
/// The last one takes all that would be in later ones.
#[inline]
pub fn bucket(distance: u64, buckets: usize) -> usize {
    (distance.leading_zeros() as usize).min(buckets - 1)
}

/// The buckets from the one closest to a target to the farthest, where `distance` is that of the
/// target from the own identifier: every contact of one is closer to the target than every contact of
/// the next.
///
/// A contact of a bucket at whose bit the target differs from us shares that bit with the target, and
/// the earlier the bit the longer the prefix they share; then come those that are on our side of the
/// first bit at which the target differs, from the nearest to us to the farthest.
#[inline]
pub fn walk(distance: u64, buckets: usize) -> Walk {
    let present = match buckets {
        0 => 0,
        64.. => u64::MAX,
        some => !(u64::MAX >> some),
    };
    Walk {
        towards: distance & present,
        away: !distance & present,
    }
}

/// See [`walk`].
#[derive(Clone, Debug)]
pub struct Walk {
    towards: u64,
    away: u64,
}

impl Iterator for Walk {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        if self.towards != 0 {
            let bit = self.towards.leading_zeros();
            self.towards &= !(1 << (63 - bit));
            Some(bit as usize)
        } else if self.away != 0 {
            let bit = 63 - self.away.trailing_zeros();
            self.away &= self.away - 1;
            Some(bit as usize)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_bucket_is_a_common_prefix() {
        assert_eq!(bucket(u64::MAX, 64), 0);
        assert_eq!(bucket(1 << 62, 64), 1);
        assert_eq!(bucket(1, 64), 63);
        assert_eq!(bucket(1, 17), 16);
    }

    /// Section 2.1: an identity, symmetry, the triangle, and one point at each distance.
    #[test]
    fn the_metric_is_one() {
        proptest!(|(a: u64, b: u64, c: u64)| {
            prop_assert_eq!(distance(a, b) == 0, a == b);
            prop_assert_eq!(distance(a, b), distance(b, a));
            let (ab, bc) = (u128::from(distance(a, b)), u128::from(distance(b, c)));
            prop_assert!(u128::from(distance(a, c)) <= ab + bc);
            prop_assert_eq!(a ^ distance(a, b), b);
        });
    }

    #[test]
    fn every_contact_of_a_bucket_is_closer_than_those_of_the_next() {
        // Few leading bits that differ, so that all buckets have somebody.
        let strategy = (
            any::<u64>(),
            prop::collection::vec((0u32..10, any::<u64>()), 1..60),
            1usize..12,
        );
        proptest!(|((target, contacts, buckets) in strategy)| {
            // The own identifier is zero: a contact's identifier is its distance.
            let mut held = vec![Vec::new(); buckets];
            for (shift, id) in contacts {
                let id = (id | 1 << 63) >> shift;
                held[bucket(id, buckets)].push(id);
            }
            let order: Vec<usize> = walk(target, buckets).collect();
            let mut sorted = order.clone();
            sorted.sort_unstable();
            prop_assert_eq!(sorted, (0..buckets).collect::<Vec<_>>());
            let mut farthest = None;
            for bucket in order {
                let mut ranks: Vec<u64> = held[bucket].iter().map(|id| id ^ target).collect();
                ranks.sort_unstable();
                prop_assert!(ranks.first().is_none_or(|&first| Some(first) >= farthest));
                farthest = ranks.last().copied().or(farthest);
            }
        });
    }
}
