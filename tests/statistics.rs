//! Our distributions and tests against those of another library, statrs.

use peerlab::math::interval::clopper_pearson;
use peerlab::math::paired::{Evidence, Method};
use peerlab::math::special::{
    beta_inc, beta_quantile, gamma_p, gamma_q, normal_cdf, normal_quantile, student_cdf,
    student_quantile,
};
use peerlab::random::{Purpose, Streams};
use proptest::prelude::*;
use statrs::distribution::{Beta, Binomial, ContinuousCDF, DiscreteCDF, Gamma, Normal, StudentsT};

fn close(ours: f64, theirs: f64, tolerance: f64) -> Result<(), TestCaseError> {
    let error = (ours - theirs).abs();
    prop_assert!(error <= tolerance, "{ours} is not {theirs}: off by {error}");
    Ok(())
}

proptest! {
    #[test]
    fn distributions_agree(
        a in 0.3..60.0f64,
        b in 0.3..60.0f64,
        x in 0.0..1.0f64,
        z in -6.0..6.0f64,
    ) {
        let beta = Beta::new(a, b).expect("a and b are positive");
        close(beta_inc(a, b, x), beta.cdf(x), 1e-11)?;
        let gamma = Gamma::new(a, 1.0).expect("a is positive");
        close(gamma_p(a, b), gamma.cdf(b), 1e-11)?;
        close(gamma_q(a, b), gamma.sf(b), 1e-11)?;
        let student = StudentsT::new(0.0, 1.0, a).expect("a is positive");
        close(student_cdf(z, a), student.cdf(z), 1e-11)?;
        // Theirs has ten digits here (SciPy has ours).
        close(normal_cdf(z), Normal::standard().cdf(z), 1e-10)?;
    }

    #[test]
    fn quantiles_are_where_the_other_library_has_the_share(
        a in 0.5..60.0f64,
        b in 0.5..60.0f64,
        share in 0.001..0.999f64,
    ) {
        let beta = Beta::new(a, b).expect("a and b are positive");
        close(beta.cdf(beta_quantile(share, a, b)), share, 1e-10)?;
        let student = StudentsT::new(0.0, 1.0, a).expect("a is positive");
        close(student.cdf(student_quantile(share, a)), share, 1e-10)?;
        close(Normal::standard().cdf(normal_quantile(share)), share, 1e-10)?;
    }

    /// The exact interval of a share: at either end the outcome, or a more extreme one, has 2.5 %.
    #[test]
    fn exact_intervals_end_where_a_tail_has_its_share(trials in 1..400u64, part in 0.0..=1.0f64) {
        let successes = (part * trials as f64) as u64;
        let (low, high) = clopper_pearson(successes, trials);
        let at = |share| Binomial::new(share, trials).expect("a share");
        if successes > 0 {
            close(at(low).sf(successes - 1), 0.025, 1e-9)?;
        } else {
            close(low, 0.0, 0.0)?;
        }
        if successes < trials {
            close(at(high).cdf(successes), 0.025, 1e-9)?;
        } else {
            close(high, 1.0, 0.0)?;
        }
    }

    #[test]
    fn paired_tests_agree(
        differences in proptest::collection::vec(-1.0..2.0f64, 3..40),
        gained in 0..30u32,
        lost in 0..30u32,
        same in 6..40u32,
    ) {
        let mut random = Streams::new(1).chacha(Purpose::Analysis, 0);
        let found = Evidence::of(&differences, Method::T, &mut random).expect("enough pairs");
        let n = differences.len() as f64;
        let mean = differences.iter().sum::<f64>() / n;
        let squares = differences.iter().map(|one| (one - mean) * (one - mean));
        let error = (squares.sum::<f64>() / (n - 1.0) / n).sqrt();
        let student = StudentsT::new(mean, error, n - 1.0).expect("a spread");
        close(found.p_above(0.0), student.cdf(0.0), 1e-9)?;
        close(found.p_below(0.5), student.sf(0.5), 1e-9)?;
        // McNemar's exact test: of those that changed, as many by heads or tails.
        let pairs = gained + lost + same;
        let found = Evidence::of_outcomes(gained, lost, pairs).expect("enough pairs");
        let coins = Binomial::new(0.5, u64::from(gained + lost)).expect("a coin");
        let fewer = coins.cdf(u64::from(gained.min(lost)));
        close(found.p_none(), (2.0 * fewer).min(1.0), 1e-11)?;
    }
}
