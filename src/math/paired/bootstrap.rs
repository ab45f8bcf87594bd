//! The studentised bootstrap (Efron & Tibshirani, An Introduction to the Bootstrap, 1993, section
//! 12.5): how far resampled means lie from the observed one, in their own standard errors. The
//! percentiles of the means themselves would be too narrow for twenty pairs.

use crate::math::stats::CONFIDENCE;
use rand::Rng;

/// What the resamples came to.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Resamples {
    mean: f64,
    error: f64,
    /// Distances of the resampled means in their own standard errors, ascending.
    distances: Vec<f64>,
}

impl Resamples {
    /// Resamples differences that are not all the same.
    pub(super) fn of(differences: &[f64], resamples: usize, random: &mut impl Rng) -> Self {
        let (mean, error) = mean_and_error(differences);
        let mut resample = vec![0.0; differences.len()];
        let mut distances: Vec<f64> = (0..resamples)
            .map(|_| {
                for value in &mut resample {
                    let place = u128::from(random.next_u64()) * differences.len() as u128;
                    *value = differences[(place >> 64) as usize];
                }
                let (again, error) = mean_and_error(&resample);
                let away = again - mean;
                // A resample of equal values is infinitely far away.
                if away == 0.0 { 0.0 } else { away / error }
            })
            .collect();
        distances.sort_unstable_by(f64::total_cmp);
        Self {
            mean,
            error,
            distances,
        }
    }

    fn p(&self, extreme: usize) -> f64 {
        (extreme + 1) as f64 / (self.distances.len() + 1) as f64
    }

    pub(super) fn p_above(&self, limit: f64) -> f64 {
        let seen = (self.mean - limit) / self.error;
        let below = self.distances.partition_point(|&distance| distance < seen);
        self.p(self.distances.len() - below)
    }

    pub(super) fn p_below(&self, limit: f64) -> f64 {
        let seen = (self.mean - limit) / self.error;
        self.p(self.distances.partition_point(|&distance| distance <= seen))
    }

    /// `None` if so many resamples have no spread that there is no end to it.
    pub(super) fn interval(&self) -> Option<(f64, f64)> {
        let tail = (1.0 - CONFIDENCE) / 2.0;
        let rank = (tail * (self.distances.len() + 1) as f64).floor() as usize;
        let place = rank.checked_sub(1)?;
        let last = self.distances.len() - 1 - place;
        let low = self.mean - self.distances[last] * self.error;
        let high = self.mean - self.distances[place] * self.error;
        (low.is_finite() && high.is_finite()).then_some((low, high))
    }
}

fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values
        .iter()
        .map(|value| (value - mean) * (value - mean))
        .sum();
    (mean, (squares / (n - 1.0) / n).sqrt())
}
