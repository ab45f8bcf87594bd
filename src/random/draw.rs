//! Our own samplers over any `rand` generator. Each is pinned by a golden vector.

use crate::math::{ln, pow};
use crate::random::hash::unit_f64;
use crate::time::Duration;
use rand::Rng;

/// Portable samplers, in terms of [`Rng::next_u64`] alone. Blanket-implemented.
pub trait Draw: Rng {
    /// A number in [0, 1) with 53 random bits.
    #[inline]
    fn unit(&mut self) -> f64 {
        unit_f64(self.next_u64())
    }

    /// A whole number below `n`, without bias (Lemire, ACM TOMACS 2019).
    ///
    /// # Panics
    /// If `n` is zero.
    #[inline]
    fn below(&mut self, n: u64) -> u64 {
        assert!(n > 0, "below(0) has no answer");
        let mut wide = u128::from(self.next_u64()) * u128::from(n);
        if (wide as u64) < n {
            let threshold = n.wrapping_neg() % n;
            while (wide as u64) < threshold {
                wide = u128::from(self.next_u64()) * u128::from(n);
            }
        }
        (wide >> 64) as u64
    }

    /// An index into something of length `len`.
    ///
    /// # Panics
    /// If `len` is zero.
    #[inline]
    fn index(&mut self, len: usize) -> usize {
        self.below(len as u64) as usize
    }

    /// `true` with probability `p`.
    #[inline]
    fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// Exponential with mean 1, by inversion.
    #[inline]
    fn exp1(&mut self) -> f64 {
        -ln(1.0 - self.unit())
    }

    /// An exponential time with this mean.
    #[inline]
    fn exp(&mut self, mean: Duration) -> Duration {
        Duration::from_secs_f64(self.exp1() * mean.as_secs_f64())
    }

    /// A uniform time in [low, high).
    ///
    /// # Panics
    /// If `high <= low`.
    #[inline]
    fn between(&mut self, low: Duration, high: Duration) -> Duration {
        low + Duration::from_nanos(self.below((high - low).as_nanos()))
    }

    /// Weibull with this shape and scale, by inversion.
    fn weibull(&mut self, shape: f64, scale: f64) -> f64 {
        scale * pow(self.exp1(), 1.0 / shape)
    }

    /// Standard normal (Marsaglia's polar method, one of the pair).
    fn normal(&mut self) -> f64 {
        loop {
            let (x, y) = (2.0 * self.unit() - 1.0, 2.0 * self.unit() - 1.0);
            let s = x * x + y * y;
            if s > 0.0 && s < 1.0 {
                return x * (-2.0 * ln(s) / s).sqrt();
            }
        }
    }

    /// Shuffles in place (Fisher & Yates, from the end).
    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.index(last + 1));
        }
    }

    /// One of the items, or nothing if there are none.
    fn choose<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        if items.is_empty() {
            None
        } else {
            Some(&items[self.index(items.len())])
        }
    }

    /// `count` different indices below `len` (all of them if `count >= len`), in random order
    /// (Floyd's method below half of `len`, a partial shuffle above).
    fn sample_indices(&mut self, len: usize, count: usize) -> Vec<usize> {
        let count = count.min(len);
        if count * 2 >= len || len <= 16 {
            let mut all: Vec<usize> = (0..len).collect();
            for i in 0..count {
                let j = i + self.index(len - i);
                all.swap(i, j);
            }
            all.truncate(count);
            return all;
        }
        let mut chosen = Vec::with_capacity(count);
        let mut seen = std::collections::BTreeSet::new();
        for high in len - count..len {
            let pick = self.index(high + 1);
            let pick = if seen.insert(pick) { pick } else { high };
            seen.insert(pick);
            chosen.push(pick);
        }
        self.shuffle(&mut chosen);
        chosen
    }
}

impl<R: Rng + ?Sized> Draw for R {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::PeerRng;

    #[test]
    fn below_is_uniform() {
        let mut rng = PeerRng::from_state(3);
        let mut counts = [0u32; 7];
        for _ in 0..70_000 {
            counts[rng.below(7) as usize] += 1;
        }
        // Chi-square with 6 degrees of freedom: 22.46 is the 99.9 % point.
        let chi2: f64 = counts
            .iter()
            .map(|&c| pow(f64::from(c) - 10_000.0, 2.0) / 10_000.0)
            .sum();
        assert!(chi2 < 22.46, "chi-square {chi2}");
    }

    #[test]
    fn samples_are_distinct_and_complete() {
        let mut rng = PeerRng::from_state(4);
        for (len, count) in [(10, 10), (100, 7), (1000, 400), (5, 9), (1, 0)] {
            let mut picked = rng.sample_indices(len, count);
            assert_eq!(picked.len(), count.min(len));
            picked.sort_unstable();
            picked.dedup();
            assert_eq!(picked.len(), count.min(len));
            assert!(picked.iter().all(|&i| i < len));
        }
    }

    #[test]
    fn means_and_variances_come_out() {
        let mut rng = PeerRng::from_state(5);
        let n = 200_000;
        let mean = |f: &mut dyn FnMut() -> f64| (0..n).map(|_| f()).sum::<f64>() / f64::from(n);
        let exp = mean(&mut || rng.exp1());
        assert!((exp - 1.0).abs() < 0.01, "{exp}");
        let normal = mean(&mut || rng.normal());
        assert!(normal.abs() < 0.01, "{normal}");
        let square = mean(&mut || {
            let x = rng.normal();
            x * x
        });
        assert!((square - 1.0).abs() < 0.02, "{square}");
        // Weibull with shape 2 and scale 1 has mean gamma(1.5) = 0.886227.
        let weibull = mean(&mut || rng.weibull(2.0, 1.0));
        assert!((weibull - 0.886_227).abs() < 0.005, "{weibull}");
    }
}
