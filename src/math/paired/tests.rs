//! Worked examples from books, whose figures `SciPy` 1.17 gives too (Tango's interval by maximising the
//! likelihood numerically), and what each method does on made-up differences whose truth is known.

use super::bootstrap::Resamples;
use super::flip::Flips;
use super::yes_no::Outcomes;
use super::*;
use crate::random::{Draw, Purpose, Streams};
use rand_chacha::ChaCha8Rng;

fn stream(index: u64) -> ChaCha8Rng {
    Streams::new(11).chacha(Purpose::Analysis, index)
}

fn evidence(differences: &[f64], method: Method) -> Evidence {
    Evidence::of(differences, method, &mut stream(0)).expect("enough pairs")
}

fn close(actual: f64, expected: f64, tolerance: f64) {
    let error = (actual - expected).abs();
    assert!(error <= tolerance, "{actual} is not {expected}");
}

/// Darwin's fifteen pairs of maize, crossed less selfed, in eighths of an inch, as Fisher gives them
/// (The Design of Experiments, 1935, sections 17 and 21).
const MAIZE: [f64; 15] = [
    49.0, -67.0, 8.0, 16.0, 6.0, 23.0, 28.0, 41.0, 14.0, 29.0, 56.0, 24.0, 75.0, 60.0, -48.0,
];

/// Fisher: t is 2.148 with 14 degrees of freedom; R's `t.test` on the same pairs, in inches, has
/// p = 0.0497 and the interval 0.0039 to 5.2294.
#[test]
fn fishers_t_comes_out() {
    let maize = evidence(&MAIZE, Method::T);
    close(maize.mean / (maize.sd / 15.0f64.sqrt()), 2.148, 5e-4);
    close(maize.p_none(), 0.0497, 5e-5);
    let (low, high) = maize.interval().expect("an interval");
    close(low / 8.0, 0.0039, 5e-5);
    close(high / 8.0, 5.2294, 5e-5);
}

/// Fisher: 863 of the 32 768 choices of signs have a sum of 314 or more.
#[test]
fn fishers_count_of_signs_comes_out() {
    let maize = evidence(&MAIZE, Method::SignFlip);
    close(maize.p_above(0.0), 863.0 / 32_768.0, 0.0);
    close(maize.p_none(), 2.0 * 863.0 / 32_768.0, 0.0);
    let (low, _) = maize.interval().expect("an interval");
    assert!(low < 0.0, "5.3 % leave zero inside, {low}");
}

/// Bentur et al. (2009), as in Fagerland, Lydersen & Laake (BMC Medical Research Methodology 2013):
/// of 21 children 1 changed one way and 7 the other. McNemar's exact test: p = 0.0703 = 18/256; Tango's
/// interval (the same authors, Statistics in Medicine 2014): -0.517 to -0.026.
#[test]
fn the_children_of_bentur_come_out() {
    let children = Evidence::of_outcomes(1, 7, 21).expect("enough");
    close(children.p_none(), 18.0 / 256.0, 1e-14);
    let (low, high) = children.interval().expect("an interval");
    close(low, -0.517, 5e-4);
    close(high, -0.026, 5e-4);
    close(children.mean, -6.0 / 21.0, 1e-15);
    // Approval of the prime minister (Agresti, Categorical Data Analysis, section 10.1): 150 and 86 of
    // 1600; difference 0.04, Wald interval 0.021 to 0.059.
    let many = Evidence::of_outcomes(150, 86, 1600).expect("enough");
    let (low, high) = many.interval().expect("an interval");
    close(low, 0.0214, 5e-4);
    close(high, 0.0590, 5e-4);
    // Nothing changed in 20 pairs: as Wilson's for 0 of 20, both ways.
    let none = Evidence::of_outcomes(0, 0, 20).expect("enough");
    let (low, high) = none.interval().expect("an interval");
    close(low, -0.1611, 5e-5);
    close(high, 0.1611, 5e-5);
    close(none.p_none(), 1.0, 0.0);
}

/// By hand, and as R's `p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")` has it.
#[test]
fn holm_steps_down() {
    let p: Vec<f64> = holm(&[0.01, 0.04, 0.03, 0.005])
        .iter()
        .map(|s| s.p)
        .collect();
    for (actual, expected) in p.iter().zip([0.03, 0.06, 0.06, 0.02]) {
        close(*actual, expected, 1e-15);
    }
    assert!(holm(&[]).is_empty());
    let one = holm(&[0.7]);
    assert_eq!(
        one,
        [Stepped {
            p: 0.7,
            factor: 1.0
        }]
    );
}

#[test]
fn too_few_pairs_are_refused() {
    let differences: Vec<f64> = (0..20).map(f64::from).collect();
    let of = |n: usize, method| Evidence::of(&differences[..n], method, &mut stream(0)).is_some();
    assert_eq!([of(1, Method::T), of(2, Method::T)], [false, true]);
    assert_eq!(
        [of(5, Method::SignFlip), of(6, Method::SignFlip)],
        [false, true]
    );
    assert_eq!(
        [of(19, Method::Bootstrap), of(20, Method::Bootstrap)],
        [false, true]
    );
    assert!(Evidence::of_outcomes(2, 0, 5).is_none());
    assert!(Evidence::of(&[1.0, f64::NAN, 2.0], Method::T, &mut stream(0)).is_none());
}

/// Equal differences have no spread: t would be infinitely sure of two pairs.
#[test]
fn equal_differences_count_by_their_number() {
    let five = evidence(&[0.1 + 0.2; 5], Method::T);
    assert_eq!((five.p_above(0.0), five.interval()), (1.0 / 32.0, None));
    let ten = evidence(&[-2.0; 10], Method::T);
    assert_eq!((ten.p_none(), ten.p_above(0.0)), (2.0 / 1024.0, 1.0));
    assert_eq!(ten.interval(), Some((-2.0, -2.0)));
}

/// A million choices and twenty thousand drawn ones tell the same.
#[test]
fn drawn_signs_stand_for_all() {
    let mut random = stream(1);
    let differences: [f64; 20] = std::array::from_fn(|_| 0.4 + random.normal());
    let all = evidence(&differences, Method::SignFlip);
    let some = Flips::sampled(&differences, SAMPLED_FLIPS, &mut random);
    for limit in [-0.2, 0.0, 0.3, 0.9] {
        // Four standard errors of a share of 19 999.
        let p = all.p_above(limit);
        let error = 4.0 * (p * (1.0 - p) / SAMPLED_FLIPS as f64).sqrt() + 1e-4;
        close(some.p_above(limit), p, error);
        close(all.p_below(limit) + p, 1.0, 1e-5);
    }
}

/// The laws of made-up differences; the mean of each is zero.
#[derive(Clone, Copy, Debug)]
enum Law {
    Normal,
    Uniform,
    /// The difference of two exponential values: symmetric, with long tails.
    Laplace,
    /// Skewed.
    Exponential,
}

impl Law {
    fn draw(self, n: usize, random: &mut ChaCha8Rng) -> Vec<f64> {
        let mut one = || match self {
            Self::Normal => random.normal(),
            Self::Uniform => random.unit() - 0.5,
            Self::Laplace => random.exp1() - random.exp1(),
            Self::Exponential => random.exp1() - 1.0,
        };
        (0..n).map(|_| one()).collect()
    }
}

const TRIALS: u32 = 2_000;

/// In how many of the trials the interval has the truth in it, as a share.
fn coverage(law: Law, n: usize, interval: impl Fn(&[f64], &mut ChaCha8Rng) -> (f64, f64)) -> f64 {
    let mut random = stream(100 + n as u64);
    let covered = (0..TRIALS).filter(|_| {
        let differences = law.draw(n, &mut random);
        let (low, high) = interval(&differences, &mut random);
        low <= 0.0 && 0.0 <= high
    });
    covered.count() as f64 / f64::from(TRIALS)
}

fn covers(law: Law, n: usize, interval: impl Fn(&[f64], &mut ChaCha8Rng) -> (f64, f64)) {
    let share = coverage(law, n, interval);
    assert!((share - 0.95).abs() <= 0.02, "{law:?}, {n} pairs: {share}");
}

fn student(differences: &[f64], random: &mut ChaCha8Rng) -> (f64, f64) {
    let evidence = Evidence::of(differences, Method::T, random).expect("enough");
    evidence.interval().expect("an interval")
}

/// With fewer draws than a comparison takes, which costs nothing of the coverage.
fn flips(differences: &[f64], random: &mut ChaCha8Rng) -> (f64, f64) {
    let flips = if differences.len() <= 10 {
        Flips::of(differences, random)
    } else {
        Flips::sampled(differences, 999, random)
    };
    flips.interval().expect("an interval")
}

fn resamples(differences: &[f64], random: &mut ChaCha8Rng) -> (f64, f64) {
    let resamples = Resamples::of(differences, 999, random);
    resamples.interval().expect("an interval")
}

#[test]
fn student_covers() {
    for n in [5, 10, 20, 50] {
        covers(Law::Normal, n, student);
        covers(Law::Laplace, n, student);
    }
    for n in [10, 20, 50] {
        covers(Law::Uniform, n, student);
    }
    // What its assumption is about: the interval of skewed differences of few pairs is not one of 95 %.
    let skewed = coverage(Law::Exponential, 5, student);
    assert!((0.85..0.91).contains(&skewed), "{skewed}");
}

#[test]
fn flipped_signs_cover() {
    for law in [Law::Normal, Law::Uniform, Law::Laplace] {
        for n in [10, 20, 50] {
            covers(law, n, flips);
        }
    }
}

#[test]
fn the_bootstrap_covers() {
    for law in [Law::Normal, Law::Laplace, Law::Exponential] {
        for n in [20, 50] {
            covers(law, n, resamples);
        }
    }
}

/// Tango's interval, by all outcomes there can be: it covers 93 % at least wherever the shares are, and
/// more where changes are rare. With 5 pairs it does not, which are refused.
#[test]
fn the_interval_of_outcomes_covers() {
    let coverage = |pairs: u32, gains: f64, losses: f64| {
        let mut covered = 0.0;
        // The probability of (gained, lost), from its neighbours.
        let rest = 1.0 - gains - losses;
        let mut first = (0..pairs).fold(1.0, |p, _| p * rest);
        for gained in 0..=pairs {
            let mut p = first;
            for lost in 0..=pairs - gained {
                let outcomes = Outcomes {
                    gained,
                    lost,
                    pairs,
                };
                let (low, high) = outcomes.interval();
                let truth = gains - losses;
                if low <= truth && truth <= high {
                    covered += p;
                }
                let (left, more) = (f64::from(pairs - gained - lost), f64::from(lost + 1));
                p *= left / more * losses / rest;
            }
            let (left, more) = (f64::from(pairs - gained), f64::from(gained + 1));
            first *= left / more * gains / rest;
        }
        covered
    };
    let shares = [
        (0.1, 0.1),
        (0.3, 0.1),
        (0.2, 0.2),
        (0.4, 0.4),
        (0.5, 0.1),
        (0.25, 0.02),
    ];
    for pairs in [10, 20, 50] {
        for (gains, losses) in shares {
            let share = coverage(pairs, gains, losses);
            assert!(
                (0.93..=1.0).contains(&share),
                "{pairs}, {gains}, {losses}: {share}"
            );
        }
    }
    assert!(coverage(5, 0.4, 0.4) < 0.93);
}

/// How often "no difference" is rejected at 5 %, if the mean is `shift` standard deviations.
fn rejected(method: Method, n: usize, shift: f64) -> f64 {
    let mut random = stream(200 + n as u64);
    let rejected = (0..TRIALS).filter(|_| {
        let mut differences = Law::Normal.draw(n, &mut random);
        for value in &mut differences {
            *value += shift;
        }
        let evidence = Evidence::of(&differences, method, &mut random).expect("enough");
        evidence.p_none() <= 0.05
    });
    rejected.count() as f64 / f64::from(TRIALS)
}

/// The power of t at 10 pairs and one standard deviation is 0.803 (noncentral t with 9 degrees of
/// freedom, integrated numerically). Three standard errors of the shares are 0.015 and 0.027.
#[test]
fn tests_have_their_size_and_power() {
    for n in [5, 10, 20] {
        close(rejected(Method::T, n, 0.0), 0.05, 0.015);
    }
    close(rejected(Method::T, 10, 1.0), 0.803, 0.027);
    // 50 of the 1024 choices of signs are beyond; of 6 pairs' 64 only 2.
    close(rejected(Method::SignFlip, 10, 0.0), 50.0 / 1024.0, 0.015);
    close(rejected(Method::SignFlip, 6, 0.0), 2.0 / 64.0, 0.012);
    let power = rejected(Method::SignFlip, 10, 1.0);
    assert!(
        (0.75..0.803).contains(&power),
        "a little less than t: {power}"
    );
}

/// Ten metrics and no difference in any: some claim is made in 5 % of the comparisons at most, where
/// uncorrected ones would be made in 40 %.
#[test]
fn several_metrics_make_no_more_false_claims() {
    let mut random = stream(300);
    let (mut corrected, mut plain) = (0, 0);
    for _ in 0..TRIALS {
        let p: Vec<f64> = (0..10)
            .map(|_| {
                let differences = Law::Normal.draw(10, &mut random);
                evidence(&differences, Method::T).p_none()
            })
            .collect();
        plain += u32::from(p.iter().any(|&p| p <= 0.05));
        corrected += u32::from(holm(&p).iter().any(|stepped| stepped.p <= 0.05));
    }
    let share = |count: u32| f64::from(count) / f64::from(TRIALS);
    close(share(corrected), 0.05, 0.015);
    close(share(plain), 0.401, 0.033);
}

/// From 10 seeds 0.9 around the mean; how many for 0.5? The t interval of 25 seeds is 0.519, that of
/// 27 is 0.498 (t(24) = 2.0639, t(25) = 2.0595, t(26) = 2.0555; sd = 0.9 sqrt(10) / 2.2622).
#[test]
fn more_seeds_are_counted_by_t() {
    assert_eq!(seeds_to_decide(10, 0.9, 0.5), Some(27));
    assert_eq!(seeds_to_decide(10, 0.9, 0.9), Some(11));
    assert_eq!(seeds_to_decide(10, 0.9, 0.0), None);
    assert_eq!(seeds_to_decide(1, 0.9, 0.5), None);
    assert_eq!(seeds_to_decide(10, 0.9, 1e-4), None);
}
