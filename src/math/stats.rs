//! Descriptive statistics of one value over several runs.

use super::special::student_quantile;

/// The confidence level of every interval in tables and charts.
pub const CONFIDENCE: f64 = 0.95;

/// What a table says about one metric at one point: over runs, never over messages within a run.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Summary {
    /// Values counted.
    pub n: usize,
    /// Values that were not a number: nothing to measure in that run. Left out of all the rest.
    pub missing: usize,
    /// Arithmetic mean; not a number if `n` is 0.
    pub mean: f64,
    /// Sample standard deviation (divisor n - 1); not a number if `n` is below 2.
    pub sd: f64,
    /// Lower end of the 95 % interval of the mean; not a number if there is none (`n` below 2).
    pub low: f64,
    /// Upper end of the 95 % interval of the mean; not a number if there is none.
    pub high: f64,
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
    /// 5 % quantile, type 7 (see [`quantile`]).
    pub p5: f64,
    /// Median.
    pub p50: f64,
    /// 95 % quantile.
    pub p95: f64,
}

impl Summary {
    /// Summarises values in their order (Welford, Technometrics 1962). The interval is Student's
    /// t: mean ± t(n - 1) sd / sqrt(n).
    pub fn of(values: &[f64]) -> Self {
        let mut kept: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
        let missing = values.len() - kept.len();
        let (mut mean, mut squares) = (0.0, 0.0);
        for (count, &value) in (1u32..).zip(&kept) {
            let step = value - mean;
            mean += step / f64::from(count);
            squares += step * (value - mean);
        }
        let n = kept.len();
        kept.sort_unstable_by(f64::total_cmp);
        let sd = if n > 1 {
            (squares / (n - 1) as f64).sqrt()
        } else {
            f64::NAN
        };
        let half = if n > 1 { half_width(n, sd) } else { f64::NAN };
        let mean = if n > 0 { mean } else { f64::NAN };
        Self {
            n,
            missing,
            mean,
            sd,
            low: mean - half,
            high: mean + half,
            min: kept.first().copied().unwrap_or(f64::NAN),
            max: kept.last().copied().unwrap_or(f64::NAN),
            p5: quantile(&kept, 0.05),
            p50: quantile(&kept, 0.5),
            p95: quantile(&kept, 0.95),
        }
    }

    /// The interval of the mean, if there is one.
    pub fn interval(&self) -> Option<(f64, f64)> {
        (self.low.is_finite() && self.high.is_finite()).then_some((self.low, self.high))
    }
}

/// Half the width of the t interval of a mean over `n` values.
fn half_width(n: usize, sd: f64) -> f64 {
    let t = student_quantile(0.5 + CONFIDENCE / 2.0, (n - 1) as f64);
    t * sd / (n as f64).sqrt()
}

/// The quantile of ascending values, type 7 of Hyndman & Fan (The American Statistician 1996), the
/// default of R and `numpy`: linear between the order statistics, `(n - 1) q` steps from the first.
/// Not a number without values.
pub fn quantile(sorted: &[f64], q: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let place = last as f64 * q.clamp(0.0, 1.0);
    let below = place.floor();
    let (low, high) = (
        sorted[below as usize],
        sorted[(below as usize + 1).min(last)],
    );
    let part = place - below;
    // Equal neighbours stay exact, infinities too.
    if part == 0.0 || low >= high {
        low
    } else {
        low + part * (high - low)
    }
}

/// The difference `after - before` of two variants over the same seeds, pair by pair, with its t
/// interval. Common random numbers make pairs alike, which is what narrows the interval (Law,
/// Simulation Modeling and Analysis, section 10.2.1). A pair with a value that is not a number
/// counts as missing.
pub fn paired_difference(pairs: &[(f64, f64)]) -> Summary {
    let differences: Vec<f64> = pairs.iter().map(|(before, after)| after - before).collect();
    Summary::of(&differences)
}

/// The Gini coefficient of values that are not negative, ascending: 0 if all are the same, near 1 if a few have
/// all (Gini 1912; the sum of `(2 i - n - 1) x_i` over n times their sum, i from 1). Not a number if there are
/// none, or all are zero.
pub fn gini(sorted: &[f64]) -> f64 {
    let n = sorted.len() as f64;
    let (mut weighted, mut sum) = (0.0, 0.0);
    for (rank, value) in (1u32..).zip(sorted) {
        weighted += (2.0 * f64::from(rank) - n - 1.0) * value;
        sum += value;
    }
    weighted / (n * sum)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values come out exactly")]
mod tests {
    use super::*;
    use crate::random::{Draw, Purpose, Streams};

    #[test]
    fn a_small_sample_by_hand() {
        let summary = Summary::of(&[2.0, 4.0, f64::NAN, 4.0, 6.0]);
        assert_eq!((summary.n, summary.missing), (4, 1));
        assert_eq!((summary.mean, summary.min, summary.max), (4.0, 2.0, 6.0));
        assert!((summary.sd - (8.0f64 / 3.0).sqrt()).abs() < 1e-15);
        // t(3) at 97.5 % is 3.18245.
        let half = 3.182_446_305 * summary.sd / 2.0;
        assert!((summary.high - 4.0 - half).abs() < 1e-8);
        assert!((summary.p5 - 2.3).abs() < 1e-12 && (summary.p95 - 5.7).abs() < 1e-12);
        assert_eq!(summary.p50, 4.0);
    }

    /// Half the mean difference of two drawn with replacement, over the mean.
    #[test]
    fn gini_is_half_the_relative_mean_difference() {
        let values = [0.0, 1.0, 1.0, 4.0, 10.0];
        let differences = values
            .iter()
            .flat_map(|a: &f64| values.iter().map(move |b| (a - b).abs()));
        let slow = differences.sum::<f64>() / 25.0 / 2.0 / 3.2;
        assert!((gini(&values) - slow).abs() < 1e-12);
        assert_eq!(gini(&[3.0; 7]), 0.0);
        assert_eq!(gini(&[0.0, 0.0, 0.0, 5.0]), 0.75);
        assert!(gini(&[]).is_nan() && gini(&[0.0]).is_nan());
    }

    #[test]
    fn one_value_has_no_interval_and_none_has_nothing() {
        let one = Summary::of(&[7.5]);
        assert_eq!(
            (one.n, one.mean, one.p95, one.interval()),
            (1, 7.5, 7.5, None)
        );
        let none = Summary::of(&[f64::NAN]);
        assert_eq!((none.n, none.missing, none.interval()), (0, 1, None));
        assert!(none.mean.is_nan() && none.p50.is_nan());
        let same = Summary::of(&[3.0; 5]);
        assert_eq!(same.interval(), Some((3.0, 3.0)));
    }

    /// `numpy.percentile([1, 2, 4, 8], [25, 50, 90])` is 1.75, 3.0, 6.8.
    #[test]
    fn quantiles_are_type_seven() {
        let values = [1.0, 2.0, 4.0, 8.0];
        assert_eq!(quantile(&values, 0.25), 1.75);
        assert_eq!(quantile(&values, 0.5), 3.0);
        assert!((quantile(&values, 0.9) - 6.8).abs() < 1e-12);
        assert_eq!((quantile(&values, 0.0), quantile(&values, 1.0)), (1.0, 8.0));
    }

    #[test]
    fn pairs_cancel_what_they_share() {
        let mut rng = Streams::new(1).chacha(Purpose::Analysis, 1);
        let pairs: Vec<(f64, f64)> = (0..20)
            .map(|_| {
                let shared = 100.0 * rng.normal();
                (shared + rng.normal(), shared + 3.0 + rng.normal())
            })
            .collect();
        let paired = paired_difference(&pairs);
        assert!((paired.mean - 3.0).abs() < 1.5, "{}", paired.mean);
        assert!(paired.high - paired.low < 2.0, "the shared part is gone");
        let after: Vec<f64> = pairs.iter().map(|p| p.1).collect();
        let alone = Summary::of(&after);
        assert!(alone.high - alone.low > 50.0, "unpaired it drowns");
    }

    /// 10 000 samples of 5 normal values: the interval must cover the mean in 95 % of them. Three
    /// standard errors of the coverage are 0.0065.
    #[test]
    fn the_t_interval_covers_as_it_says() {
        let mut rng = Streams::new(2).chacha(Purpose::Analysis, 2);
        let trials = 10_000;
        let covered = (0..trials)
            .filter(|_| {
                let values: [f64; 5] = std::array::from_fn(|_| 10.0 + 2.0 * rng.normal());
                let summary = Summary::of(&values);
                summary.low <= 10.0 && 10.0 <= summary.high
            })
            .count();
        let share = covered as f64 / f64::from(trials);
        assert!((share - 0.95).abs() < 0.0066, "{share}");
    }
}
