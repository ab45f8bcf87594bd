//! The test of Fisher (The Design of Experiments, 1935, section 21) and Pitman: under "no difference"
//! each pair's difference might as well have the other sign.
//!
//! A choice of signs that gives a sum as large as the observed one is a set of pairs whose differences,
//! less the limit, sum to zero at most: so the means of all sets of pairs are all the test needs. They
//! are the "typical values" of Hartigan (JASA 1969), and between the k-th smallest and the k-th largest
//! of them lies an interval whose coverage is exact.

use crate::math::stats::CONFIDENCE;
use rand::Rng;

/// Up to so many pairs all choices of signs are taken: a million.
pub const EXACT_PAIRS: usize = 20;
/// Beyond [`EXACT_PAIRS`], so many are drawn.
pub const SAMPLED_FLIPS: usize = 19_999;

/// The mean differences of sets of pairs.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Flips {
    /// Of all sets but the empty one, or of drawn ones, in no order.
    means: Vec<f64>,
    /// Means this close to a limit are as good as equal to it.
    tie: f64,
}

impl Flips {
    pub(super) fn of(differences: &[f64], random: &mut impl Rng) -> Self {
        if differences.len() <= EXACT_PAIRS {
            Self::new(all(differences), differences)
        } else {
            Self::sampled(differences, SAMPLED_FLIPS, random)
        }
    }

    /// From so many drawn sets: the test stays valid (Phipson & Smyth, 2010), it only loses power.
    pub(super) fn sampled(differences: &[f64], draws: usize, random: &mut impl Rng) -> Self {
        let means = (0..draws).map(|_| drawn(differences, random));
        Self::new(means.collect(), differences)
    }

    fn new(means: Vec<f64>, differences: &[f64]) -> Self {
        let sizes = differences.iter().map(|difference| difference.abs());
        let tie = 1e-12 * sizes.fold(0.0, f64::max);
        Self { means, tie }
    }

    /// The observed signs are one choice of them, always as extreme as observed.
    fn p(&self, extreme: usize) -> f64 {
        (extreme + 1) as f64 / (self.means.len() + 1) as f64
    }

    pub(super) fn p_above(&self, limit: f64) -> f64 {
        let limit = limit + self.tie;
        self.p(self.means.iter().filter(|&&mean| mean <= limit).count())
    }

    pub(super) fn p_below(&self, limit: f64) -> f64 {
        let limit = limit - self.tie;
        self.p(self.means.iter().filter(|&&mean| mean >= limit).count())
    }

    pub(super) fn interval(&self) -> Option<(f64, f64)> {
        let tail = (1.0 - CONFIDENCE) / 2.0;
        let rank = (tail * (self.means.len() + 1) as f64).floor() as usize;
        let place = rank.checked_sub(1)?;
        let mut means = self.means.clone();
        let last = means.len() - 1 - place;
        let (_, &mut low, _) = means.select_nth_unstable_by(place, f64::total_cmp);
        let (_, &mut high, _) = means.select_nth_unstable_by(last, f64::total_cmp);
        Some((low, high))
    }
}

/// The mean of every set but the empty one.
fn all(differences: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0];
    for &difference in differences {
        for at in 0..sums.len() {
            sums.push(sums[at] + difference);
        }
    }
    // The bits of a sum's place say which differences are in it.
    let places = sums.iter().enumerate().skip(1);
    places
        .map(|(set, sum)| sum / f64::from(set.count_ones()))
        .collect()
}

/// The mean of a set that each difference is in with one half.
fn drawn(differences: &[f64], random: &mut impl Rng) -> f64 {
    loop {
        let (mut sum, mut count) = (0.0, 0.0);
        for chunk in differences.chunks(64) {
            let bits = random.next_u64();
            for (place, &difference) in chunk.iter().enumerate() {
                if bits >> place & 1 == 1 {
                    sum += difference;
                    count += 1.0;
                }
            }
        }
        if count > 0.0 {
            return sum / count;
        }
    }
}
