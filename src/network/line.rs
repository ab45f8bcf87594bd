//! [`Line`]: what bytes take at a fixed rate, without a division per message.

use crate::quantity::Bandwidth;

/// A rate that is not zero. The quotient is exact: a product with the reciprocal in 128 bits (Lemire,
/// Kaser & Kurz, "Faster remainder by direct computation", Software: Practice and Experience 49, 2019).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Line {
    rate: Bandwidth,
    /// 2^128 / rate, rounded up; zero stands for 2^128.
    reciprocal: u128,
}

impl Line {
    /// A line of this rate.
    ///
    /// # Panics
    /// If the rate is zero.
    pub(super) fn new(rate: Bandwidth) -> Self {
        Self {
            rate,
            reciprocal: (u128::MAX / u128::from(rate.0)).wrapping_add(1),
        }
    }

    /// What so many bytes take, in nanoseconds, rounded up.
    ///
    /// # Panics
    /// If it is more than 584 years.
    #[inline]
    pub(super) fn nanos(self, bytes: u64) -> u64 {
        let bits = bytes.checked_mul(8_000_000_000);
        let Some(dividend) = bits.and_then(|bits| bits.checked_add(self.rate.0 - 1)) else {
            return self.rate.time_for(bytes).as_nanos();
        };
        if self.reciprocal == 0 {
            return dividend;
        }
        let (high, low) = (
            self.reciprocal >> 64,
            self.reciprocal & u128::from(u64::MAX),
        );
        let dividend = u128::from(dividend);
        ((dividend * high + ((dividend * low) >> 64)) >> 64) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_the_quotient_rounded_up(
            rate in prop_oneof![1u64..5000, 1u64..u64::MAX, (0u32..64).prop_map(|bit| 1 << bit)],
            bytes in prop_oneof![0u64..100_000, 0u64..(1 << 31)],
        ) {
            let exact = (u128::from(bytes) * 8_000_000_000).div_ceil(u128::from(rate));
            if let Ok(exact) = u64::try_from(exact) {
                prop_assert_eq!(Line::new(Bandwidth(rate)).nanos(bytes), exact);
            }
        }
    }
}
