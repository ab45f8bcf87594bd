//! How well a sample fits a law: for validation rows.

use super::exp;
use super::special::gamma_q;
use super::survival::Survival;

/// A test statistic and how likely so large a one is if the law holds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Fit {
    /// The Kolmogorov-Smirnov distance, or chi-square.
    pub statistic: f64,
    /// Its p value; not a number where the test says nothing (no data).
    pub p: f64,
}

/// The largest distance between the empirical law of ascending `sorted` values and a continuous
/// cumulative function. The p value is asymptotic with Stephens' correction for small samples
/// (Stephens, JRSS B 1970): good to some per cent from n = 5 up.
pub fn kolmogorov_smirnov(sorted: &[f64], cdf: impl Fn(f64) -> f64) -> Fit {
    let n = sorted.len() as f64;
    let mut distance = 0.0f64;
    for (index, &value) in sorted.iter().enumerate() {
        let expected = cdf(value);
        let (before, after) = (index as f64 / n, (index + 1) as f64 / n);
        distance = distance.max(expected - before).max(after - expected);
    }
    Fit {
        statistic: distance,
        p: kolmogorov_p(distance, n),
    }
}

/// The same distance of lives some of which were `cut` short (both ascending): from the estimate of
/// Kaplan & Meier (JASA 1958), at the ends of the others. Without cut ones it is that of
/// [`kolmogorov_smirnov`].
pub fn kaplan_meier_distance(ended: &[f64], cut: &[f64], cdf: impl Fn(f64) -> f64) -> f64 {
    let mut before = 1.0;
    let survival = Survival::of(ended, cut);
    let apart = survival.steps().iter().map(|&(age, after)| {
        let expected = cdf(age);
        let apart = (expected - (1.0 - before)).max(1.0 - after - expected);
        before = after;
        apart
    });
    apart.fold(0.0, f64::max)
}

/// The largest distance between the empirical laws of two ascending samples, with the asymptotic p
/// value at the effective size `n m / (n + m)`.
pub fn kolmogorov_smirnov_two(a: &[f64], b: &[f64]) -> Fit {
    let (n, m) = (a.len() as f64, b.len() as f64);
    let (mut i, mut j, mut distance) = (0, 0, 0.0f64);
    while i < a.len() && j < b.len() {
        let value = a[i].min(b[j]);
        while i < a.len() && a[i] <= value {
            i += 1;
        }
        while j < b.len() && b[j] <= value {
            j += 1;
        }
        distance = distance.max((i as f64 / n - j as f64 / m).abs());
    }
    Fit {
        statistic: distance,
        p: kolmogorov_p(distance, n * m / (n + m)),
    }
}

/// Kolmogorov's survival function 2 sum (-1)^(j-1) exp(-2 j^2 l^2) at Stephens' l.
fn kolmogorov_p(distance: f64, n: f64) -> f64 {
    if n.is_nan() || n <= 0.0 {
        return f64::NAN;
    }
    let root = n.sqrt();
    let lambda = (root + 0.12 + 0.11 / root) * distance;
    // Below this the series is 1 to nine digits and converges too slowly to say so.
    if lambda < 0.2 {
        return 1.0;
    }
    let (mut sum, mut sign) = (0.0, 1.0);
    for j in 1..=100 {
        let j = f64::from(j);
        let term = exp(-2.0 * j * j * lambda * lambda);
        sum += sign * term;
        if term < 1e-18 {
            break;
        }
        sign = -sign;
    }
    (2.0 * sum).clamp(0.0, 1.0)
}

/// Pearson's chi-square of observed counts against expected ones, with `fitted` parameters
/// estimated from the same data (degrees of freedom: cells - 1 - fitted). Cells should expect at
/// least five (Cochran, Biometrics 1954): join sparse ones before.
///
/// # Panics
/// If the two have different lengths.
pub fn chi_square(observed: &[u64], expected: &[f64], fitted: usize) -> Fit {
    assert_eq!(observed.len(), expected.len(), "one expectation per cell");
    let statistic = observed
        .iter()
        .zip(expected)
        .map(|(&o, &e)| (o as f64 - e) * (o as f64 - e) / e)
        .sum();
    let df = observed.len().saturating_sub(1 + fitted);
    let p = if df == 0 {
        f64::NAN
    } else {
        gamma_q(df as f64 / 2.0, statistic / 2.0)
    };
    Fit { statistic, p }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values come out exactly")]
mod tests {
    use super::*;
    use crate::random::{Draw, Purpose, Streams};

    /// Tables of the limiting law: 5 % at 1.3581, 1 % at 1.6276 (n large).
    #[test]
    fn the_kolmogorov_law_is_that_of_the_tables() {
        let n = 1e12;
        assert!((kolmogorov_p(1.3581e-6, n) - 0.05).abs() < 1e-5);
        assert!((kolmogorov_p(1.6276e-6, n) - 0.01).abs() < 1e-5);
        assert_eq!(kolmogorov_p(0.0, n), 1.0);
        // Table of exact critical values: n = 20, 5 % at D = 0.294.
        assert!((kolmogorov_p(0.294, 20.0) - 0.05).abs() < 0.002);
    }

    #[test]
    fn distances_by_hand() {
        let fit = kolmogorov_smirnov(&[0.1, 0.2, 0.9], |x| x);
        assert!((fit.statistic - (2.0 / 3.0 - 0.2)).abs() < 1e-15);
        let two = kolmogorov_smirnov_two(&[1.0, 2.0, 3.0], &[2.0, 2.0, 5.0]);
        assert!((two.statistic - 1.0 / 3.0).abs() < 1e-15);
        assert!(kolmogorov_smirnov(&[], |x| x).p.is_nan());
    }

    /// Under the law itself p is uniform: one in twenty tests rejects at 5 %. Three standard errors
    /// of 4 000 tests are 1.03 points.
    /// Ends at 1, 3 and 4, one cut at 2: survival 3/4, then 3/8, then 0.
    #[test]
    fn lives_cut_short_weigh_on_later_ones() {
        let uniform = |x: f64| x / 8.0;
        let distance = kaplan_meier_distance(&[1.0, 3.0, 4.0], &[2.0], uniform);
        assert!((distance - 0.5).abs() < 1e-12, "{distance}");
        let distance = kaplan_meier_distance(&[1.0, 3.0], &[2.0, 4.0], uniform);
        assert!((distance - (0.625 - 0.375)).abs() < 1e-12, "{distance}");
        let (values, cdf) = ([0.1, 0.5, 0.6], |x: f64| x);
        let whole = kolmogorov_smirnov(&values, cdf).statistic;
        assert!((kaplan_meier_distance(&values, &[], cdf) - whole).abs() < 1e-12);
    }

    #[test]
    fn true_laws_are_rejected_as_often_as_stated() {
        let mut rng = Streams::new(4).chacha(Purpose::Analysis, 20);
        let (mut ks, mut chi, tests) = (0u32, 0u32, 4_000);
        for _ in 0..tests {
            let mut values: Vec<f64> = (0..50).map(|_| rng.unit()).collect();
            values.sort_unstable_by(f64::total_cmp);
            ks += u32::from(kolmogorov_smirnov(&values, |x| x).p < 0.05);
            let mut cells = [0u64; 5];
            for value in values {
                cells[(value * 5.0) as usize] += 1;
            }
            chi += u32::from(chi_square(&cells, &[10.0; 5], 0).p < 0.05);
        }
        for rejected in [ks, chi] {
            let share = f64::from(rejected) / f64::from(tests);
            assert!((share - 0.05).abs() < 0.0104, "{share}");
        }
    }

    #[test]
    fn a_wrong_law_is_rejected() {
        let values: Vec<f64> = (0..200).map(|i| f64::from(i) / 200.0).collect();
        assert!(kolmogorov_smirnov(&values, |x| x * x).p < 1e-6);
        // Mendel's peas (315, 108, 101, 32 of 9:3:3:1): chi-square 0.470, p 0.925.
        let mendel = chi_square(&[315, 108, 101, 32], &[312.75, 104.25, 104.25, 34.75], 0);
        assert!(
            (mendel.statistic - 0.470).abs() < 5e-4 && (mendel.p - 0.9254).abs() < 5e-4,
            "{mendel:?}"
        );
    }
}
