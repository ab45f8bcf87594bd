use super::*;
use crate::math::fit::kolmogorov_smirnov;
use crate::random::PeerRng;

fn secs(secs: f64) -> Duration {
    Duration::from_secs_f64(secs)
}

/// One of each law, with finite variance, around minutes.
fn laws() -> [Lifetime; 8] {
    let pareto = |shape| {
        let scale = secs(600.0);
        Lifetime::Pareto(ParetoLife { shape, scale })
    };
    let log_normal = |sigma| {
        let median = secs(300.0);
        Lifetime::LogNormal(LogNormalLife { median, sigma })
    };
    let mixture = |share| {
        let (first, second) = (secs(60.0), secs(3600.0));
        let share = Share(share);
        Lifetime::Mixture(MixtureLife {
            share,
            first,
            second,
        })
    };
    [
        Lifetime::Exponential(ExponentialLife { mean: secs(100.0) }),
        Lifetime::Weibull(WeibullLife {
            shape: 0.6,
            scale: secs(100.0),
        }),
        pareto(5.0),
        pareto(2.5),
        log_normal(0.5),
        log_normal(1.2),
        mixture(0.7),
        mixture(0.0),
    ]
}

fn sorted(count: usize, mut draw: impl FnMut() -> Duration) -> Vec<f64> {
    let mut values: Vec<f64> = (0..count).map(|_| draw().as_secs_f64()).collect();
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// Samples and residual lives against their cumulative functions. 1.95 / sqrt(n) is the 99.9 % point
/// of the Kolmogorov distribution.
#[test]
fn samples_have_their_laws() {
    let n = 50_000;
    let far = 1.95 / (n as f64).sqrt();
    let mut rng = PeerRng::from_state(81);
    for life in laws() {
        let lives = sorted(n, || life.sample(&mut rng));
        let distance = kolmogorov_smirnov(&lives, |t| 1.0 - life.survival(secs(t))).statistic;
        assert!(distance < far, "{life:?}: {distance}");
        let rest = sorted(n, || life.residual(&mut rng));
        let distance = kolmogorov_smirnov(&rest, |t| life.residual_cdf(secs(t))).statistic;
        assert!(distance < far, "what remains of {life:?}: {distance}");
    }
}

/// The mean is the integral of the survival function, and the residual law that integral as far as
/// it goes: both by the trapezoid rule on a fine geometric grid, which shares nothing with the
/// formulas.
#[test]
fn means_and_residual_laws_are_integrals_of_survival() {
    for life in laws() {
        let grid = (0..=40_000).map(|i| 1e-3 * pow(1e13, f64::from(i) / 40_000.0));
        let (mut before, mut integral) = ((0.0, 1.0), 0.0);
        for (i, t) in grid.enumerate() {
            let survival = life.survival(secs(t));
            integral += (t - before.0) * f64::midpoint(survival, before.1);
            before = (t, survival);
            if i % 4_000 == 0 {
                let share = integral / life.mean();
                let formula = life.residual_cdf(secs(t));
                assert!(
                    (share - formula).abs() < 1e-5,
                    "{life:?} at {t}: {share} {formula}"
                );
            }
        }
        assert!((integral / life.mean() - 1.0).abs() < 1e-5, "{life:?}");
    }
}

/// The mean residual is the integral of what the residual law leaves over.
#[test]
fn mean_residuals_are_integrals() {
    for life in laws() {
        let (mut before, mut integral) = ((0.0, 1.0), 0.0);
        for i in 0..=40_000 {
            let t = 1e-3 * pow(1e13, f64::from(i) / 40_000.0);
            let left = 1.0 - life.residual_cdf(secs(t));
            integral += (t - before.0) * f64::midpoint(left, before.1);
            before = (t, left);
        }
        let formula = life.mean_residual();
        // The tail of Pareto's, of shape 2.5, goes as t^-0.5: 2.5e-4 of it lies beyond the grid.
        assert!(
            (integral / formula - 1.0).abs() < 4e-4,
            "{life:?}: {integral} {formula}"
        );
    }
}

#[test]
fn quantiles_invert_survival() {
    for life in laws() {
        for p in [0.001, 0.1, 0.5, 0.9, 0.999] {
            let survival = life.survival(secs(life.quantile(p)));
            // Times are whole nanoseconds.
            assert!(
                (1.0 - survival - p).abs() < 1e-8,
                "{life:?} at {p}: {survival}"
            );
        }
    }
}

#[test]
fn infinite_moments_are_known() {
    let pareto = |shape| {
        let scale = secs(1.0);
        Lifetime::Pareto(ParetoLife { shape, scale })
    };
    assert!(pareto(1.0).mean().is_infinite());
    assert_eq!(
        pareto(1.0).wrong(),
        Some("the mean is infinite: a Pareto shape has to be above 1")
    );
    assert!(pareto(2.0).mean_residual().is_infinite() && pareto(2.0).wrong().is_none());
    assert!(pareto(f64::NAN).wrong().is_some() && pareto(1e9).wrong().is_some());
    // Yet what remains of one under way has a law: of shape 0.5 its median is 3 scales.
    assert!((pareto(1.5).residual_cdf(secs(3.0)) - 0.5).abs() < 1e-12);
}

#[test]
fn a_pareto_of_large_shape_is_exponential() {
    let life = Lifetime::Pareto(ParetoLife {
        shape: 1000.0,
        scale: secs(100_000.0),
    });
    for t in [10.0, 100.0, 500.0] {
        assert!((life.survival(secs(t)) - exp(-t / 100.0)).abs() < 2e-3);
    }
}
