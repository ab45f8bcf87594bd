//! Intervals of proportions: successes among trials, alone or in clusters.

use super::special::{beta_quantile, normal_quantile, student_quantile};
use super::stats::CONFIDENCE;

/// A share with its interval.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Proportion {
    /// Successes over trials; not a number without trials.
    pub share: f64,
    /// Lower end of the 95 % interval; not a number if there is none.
    pub low: f64,
    /// Upper end of the 95 % interval; not a number if there is none.
    pub high: f64,
    /// Clusters with at least one trial.
    pub clusters: usize,
    /// Trials in all clusters.
    pub trials: u64,
    /// The number of independent trials that would be worth as much.
    pub effective: f64,
}

/// Wilson's score interval for `successes` of `trials`, which may be an effective, fractional
/// number (Wilson, JASA 1927; recommended by Brown, Cai & `DasGupta`, Statistical Science 2001).
/// Without trials it is 0 to 1.
pub fn wilson(successes: f64, trials: f64) -> (f64, f64) {
    if trials <= 0.0 {
        return (0.0, 1.0);
    }
    let z = normal_quantile(0.5 + CONFIDENCE / 2.0);
    let share = successes / trials;
    let scale = 1.0 + z * z / trials;
    let centre = share + z * z / (2.0 * trials);
    let half = z * (share * (1.0 - share) / trials + z * z / (4.0 * trials * trials)).sqrt();
    // Rounding must not put 0 of n or n of n outside its own interval.
    let low = if successes <= 0.0 {
        0.0
    } else {
        ((centre - half) / scale).max(0.0)
    };
    let high = if successes >= trials {
        1.0
    } else {
        ((centre + half) / scale).min(1.0)
    };
    (low, high)
}

/// The exact interval of Clopper & Pearson (Biometrika 1934), which covers at least 95 % whatever
/// the true share. Without trials it is 0 to 1.
pub fn clopper_pearson(successes: u64, trials: u64) -> (f64, f64) {
    let (k, n) = (successes.min(trials) as f64, trials as f64);
    let tail = (1.0 - CONFIDENCE) / 2.0;
    let low = if k == 0.0 {
        0.0
    } else {
        beta_quantile(tail, k, n - k + 1.0)
    };
    let high = if successes >= trials {
        1.0
    } else {
        beta_quantile(1.0 - tail, k + 1.0, n - k)
    };
    (low, high)
}

/// The share of successes when trials come in clusters `(successes, trials)`: restarts of a victim
/// inside a run are alike, so a run is one cluster.
///
/// The share is the ratio estimator `sum k / sum m`; its variance between clusters is that of
/// Cochran (Sampling Techniques, 3rd ed., eq. 6.13, without finite correction), and the design
/// effect is that variance over the binomial one (Rao & Scott, Biometrics 1992). The interval is
/// Wilson's with the effective number of trials `m / deff`, times `(z / t)^2` with t at
/// `clusters - 1` degrees of freedom because the variance is itself estimated (Korn & Graubard,
/// Survey Methodology 1998).
///
/// The effective number is kept between the number of clusters and the number of trials. Where the
/// clusters show no variance at all it is the number of clusters: 0 of 1000 restarts in 20 runs
/// says no more than 0 of 20, and 0 of 20 is not "below 5 %".
///
/// One cluster has no interval; clusters without trials are left out.
pub fn clustered(clusters: &[(u64, u64)]) -> Proportion {
    let used = || clusters.iter().filter(|(_, m)| *m > 0);
    let (mut successes, mut trials, mut count) = (0u64, 0u64, 0usize);
    for (k, m) in used() {
        successes += k;
        trials += m;
        count += 1;
    }
    let (n, total) = (count as f64, trials as f64);
    let share = successes as f64 / total;
    if count < 2 {
        let (low, high) = (f64::NAN, f64::NAN);
        return Proportion {
            share,
            low,
            high,
            clusters: count,
            trials,
            effective: n,
        };
    }
    let squares: f64 = used()
        .map(|&(k, m)| {
            let residual = k as f64 - share * m as f64;
            residual * residual
        })
        .sum();
    let variance = n / (n - 1.0) * squares / (total * total);
    // Residuals of an exactly common share are rounding noise.
    let effective = if variance <= 1e-24 {
        n
    } else {
        let deff = variance / (share * (1.0 - share) / total);
        let upper = 0.5 + CONFIDENCE / 2.0;
        let ratio = normal_quantile(upper) / student_quantile(upper, n - 1.0);
        (total / deff * ratio * ratio).clamp(n, total)
    };
    let (low, high) = wilson(share * effective, effective);
    let (low, high) = (
        if successes == 0 { 0.0 } else { low },
        if successes == trials { 1.0 } else { high },
    );
    Proportion {
        share,
        low,
        high,
        clusters: count,
        trials,
        effective,
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values come out exactly")]
mod tests {
    use super::*;
    use crate::random::{Draw, Purpose, Streams};

    fn close(actual: (f64, f64), expected: (f64, f64)) {
        let error = (actual.0 - expected.0)
            .abs()
            .max((actual.1 - expected.1).abs());
        assert!(error < 5e-5, "{actual:?} is not {expected:?}");
    }

    /// Newcombe (Statistics in Medicine 1998), table I: 81/263, 15/148, 0/20, 1/29.
    #[test]
    fn published_intervals_come_out() {
        close(wilson(81.0, 263.0), (0.2553, 0.3662));
        close(wilson(15.0, 148.0), (0.0624, 0.1605));
        close(wilson(0.0, 20.0), (0.0, 0.1611));
        close(wilson(1.0, 29.0), (0.0061, 0.1718));
        close(clopper_pearson(81, 263), (0.2527, 0.3676));
        close(clopper_pearson(15, 148), (0.0578, 0.1617));
        close(clopper_pearson(0, 20), (0.0, 0.1684));
        close(clopper_pearson(1, 29), (0.0009, 0.1776));
    }

    #[test]
    fn all_or_nothing_reaches_the_end() {
        assert_eq!(wilson(0.0, 7.0).0, 0.0);
        assert_eq!(wilson(7.0, 7.0).1, 1.0);
        assert_eq!(wilson(0.0, 0.0), (0.0, 1.0));
        assert_eq!(clopper_pearson(0, 0), (0.0, 1.0));
        assert_eq!(clopper_pearson(9, 9).1, 1.0);
    }

    #[test]
    fn zero_of_twenty_runs_does_not_show_below_five_percent() {
        let result = clustered(&[(0, 50); 20]);
        assert_eq!(
            (result.clusters, result.trials, result.effective),
            (20, 1000, 20.0)
        );
        assert_eq!(result.low, 0.0);
        assert!(result.high > 0.16, "{}", result.high);
        let all = clustered(&[(50, 50); 20]);
        assert!(all.high == 1.0 && all.low < 0.84, "{all:?}");
    }

    #[test]
    fn single_trials_are_plain_wilson() {
        let clusters: Vec<(u64, u64)> = (0..40).map(|i| (u64::from(i % 4 == 0), 1)).collect();
        let result = clustered(&clusters);
        assert_eq!(result.effective, 40.0);
        assert_eq!((result.low, result.high), wilson(10.0, 40.0));
    }

    #[test]
    fn runs_that_go_all_one_way_count_once_each() {
        let clusters: Vec<(u64, u64)> = (0..30)
            .map(|i| (if i % 3 == 0 { 50 } else { 0 }, 50))
            .collect();
        let result = clustered(&clusters);
        assert_eq!(result.effective, 30.0);
        let one = clustered(&[(3, 50), (0, 0)]);
        assert!(one.share == 0.06 && one.low.is_nan() && one.clusters == 1);
        assert!(clustered(&[]).share.is_nan());
    }

    /// 3 000 made-up experiments each: run shares from a beta-like law around the mean (uniform
    /// mixed), 50 restarts a run. Coverage must be near 95 %; treating restarts as independent would
    /// cover far less, which the last line shows.
    #[test]
    fn clustered_intervals_cover() {
        let (mut naive_worst, experiments) = (1.0f64, 3_000);
        for (index, (runs, spread)) in [(20, 0.0), (20, 0.3), (10, 0.3), (40, 0.1)]
            .into_iter()
            .enumerate()
        {
            let mut rng = Streams::new(3).chacha(Purpose::Analysis, 10 + index as u64);
            let truth = 0.4;
            let (mut covered, mut naive) = (0u32, 0u32);
            for _ in 0..experiments {
                let clusters: Vec<(u64, u64)> = (0..runs)
                    .map(|_| {
                        let share = truth + spread * (2.0 * rng.unit() - 1.0);
                        ((0..50).filter(|_| rng.chance(share)).count() as u64, 50)
                    })
                    .collect();
                let result = clustered(&clusters);
                covered += u32::from(result.low <= truth && truth <= result.high);
                let plain = wilson(result.share * result.trials as f64, result.trials as f64);
                naive += u32::from(plain.0 <= truth && truth <= plain.1);
            }
            let share = f64::from(covered) / f64::from(experiments);
            assert!(
                (0.935..0.985).contains(&share),
                "{runs} runs, spread {spread}: {share}"
            );
            naive_worst = naive_worst.min(f64::from(naive) / f64::from(experiments));
        }
        assert!(
            naive_worst < 0.75,
            "independent restarts would cover {naive_worst}"
        );
    }
}
