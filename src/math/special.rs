//! Special functions behind intervals and tests: the same bits on every machine.
//!
//! Everything is built on `libm` and `+ - * /`. Quantiles are found by bisection of the cumulative
//! function down to neighbouring floating-point numbers: slower than rational approximations, and
//! as exact as the function itself.

use super::{exp, ln, ln_gamma};

/// Relative change below which a series or continued fraction has converged.
const PRECISION: f64 = 1e-16;
/// Stands for zero in a denominator of Lentz's method.
const TINY: f64 = 1e-300;
/// No series or fraction here needs more terms for arguments up to some 10^7.
const TERMS: u32 = 20_000;

/// The regularised incomplete beta function `I_x(a, b)`, for `a, b > 0`.
///
/// Source: continued fraction DLMF 8.17.22, evaluated by the modified Lentz method (Press et al.,
/// Numerical Recipes, 3rd ed., section 6.4). Not a number outside 0 <= x <= 1.
pub fn beta_inc(a: f64, b: f64, x: f64) -> f64 {
    if !(a > 0.0 && b > 0.0 && (0.0..=1.0).contains(&x)) {
        return f64::NAN;
    }
    if x <= 0.0 || x >= 1.0 {
        return x;
    }
    let ln_front = ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * ln(x) + b * ln(1.0 - x);
    // The fraction converges fast below the mean; the other side follows by symmetry.
    if x < (a + 1.0) / (a + b + 2.0) {
        exp(ln_front) * beta_fraction(a, b, x) / a
    } else {
        1.0 - exp(ln_front) * beta_fraction(b, a, 1.0 - x) / b
    }
}

fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let not_zero = |v: f64| if v.abs() < TINY { TINY } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / not_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    for term in 1..TERMS {
        let m = f64::from(term);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / not_zero(1.0 + even * d);
        c = not_zero(1.0 + even / c);
        value *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / not_zero(1.0 + odd * d);
        c = not_zero(1.0 + odd / c);
        let step = d * c;
        value *= step;
        if (step - 1.0).abs() <= PRECISION {
            break;
        }
    }
    value
}

/// The regularised upper incomplete gamma function Q(a, x), for `a > 0` and `x >= 0`.
///
/// Source: series DLMF 8.7.1 below `a + 1`, continued fraction DLMF 8.9.2 above (Press et al.,
/// section 6.2). Not a number for other arguments.
pub fn gamma_q(a: f64, x: f64) -> f64 {
    if !(a > 0.0 && x >= 0.0) {
        return f64::NAN;
    }
    if x == 0.0 {
        return 1.0;
    }
    if x.is_infinite() {
        return 0.0;
    }
    let front = exp(a * ln(x) - x - ln_gamma(a));
    if x < a + 1.0 {
        let (mut term, mut sum, mut n) = (1.0 / a, 1.0 / a, a);
        for _ in 0..TERMS {
            n += 1.0;
            term *= x / n;
            sum += term;
            if term <= sum * PRECISION {
                break;
            }
        }
        1.0 - front * sum
    } else {
        let mut b = x + 1.0 - a;
        let mut c = 1.0 / TINY;
        let mut d = 1.0 / b;
        let mut value = d;
        for i in 1..TERMS {
            let i = f64::from(i);
            let an = -i * (i - a);
            b += 2.0;
            d = an * d + b;
            d = 1.0 / if d.abs() < TINY { TINY } else { d };
            c = b + an / c;
            c = if c.abs() < TINY { TINY } else { c };
            value *= d * c;
            if (d * c - 1.0).abs() <= PRECISION {
                break;
            }
        }
        front * value
    }
}

/// The regularised lower incomplete gamma function P(a, x) = 1 - Q(a, x).
pub fn gamma_p(a: f64, x: f64) -> f64 {
    1.0 - gamma_q(a, x)
}

/// The probability that a standard normal variable is at most `x`.
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x / std::f64::consts::SQRT_2)
}

/// The value a standard normal variable stays below with probability `p`; infinite at 0 and 1, not
/// a number outside.
pub fn normal_quantile(p: f64) -> f64 {
    symmetric_quantile(p, normal_cdf)
}

/// The probability that Student's t with `df > 0` degrees of freedom is at most `t`.
///
/// Source: Abramowitz & Stegun 26.7.1 through the incomplete beta function.
pub fn student_cdf(t: f64, df: f64) -> f64 {
    let tail = 0.5 * beta_inc(df / 2.0, 0.5, df / (df + t * t));
    if t > 0.0 { 1.0 - tail } else { tail }
}

/// The value Student's t with `df > 0` degrees of freedom stays below with probability `p`;
/// infinite at 0 and 1, not a number outside.
pub fn student_quantile(p: f64, df: f64) -> f64 {
    if df > 0.0 {
        symmetric_quantile(p, |t| student_cdf(t, df))
    } else {
        f64::NAN
    }
}

/// The value a beta(a, b) variable stays below with probability `p`.
pub fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    if !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    bisect(0.0, 1.0, |x| beta_inc(a, b, x) < p)
}

/// Inverts the cumulative function of a distribution that is symmetric about zero. The lower half
/// is used, where the function keeps its relative precision.
fn symmetric_quantile(p: f64, cdf: impl Fn(f64) -> f64) -> f64 {
    if !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    let tail = p.min(1.0 - p);
    if tail >= 0.5 {
        return 0.0;
    }
    if tail == 0.0 {
        return if p == 0.0 {
            f64::NEG_INFINITY
        } else {
            f64::INFINITY
        };
    }
    let mut far = 1.0;
    while cdf(-far) > tail && far < 1e300 {
        far *= 2.0;
    }
    let magnitude = bisect(0.0, far, |x| cdf(-x) > tail);
    if p < 0.5 { -magnitude } else { magnitude }
}

/// The point in [low, high] where `below` turns from true to false.
pub(super) fn bisect(mut low: f64, mut high: f64, below: impl Fn(f64) -> bool) -> f64 {
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            return middle;
        }
        if below(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values come out exactly")]
mod tests {
    use super::*;

    fn close(actual: f64, expected: f64, tolerance: f64) {
        let error = (actual - expected).abs();
        assert!(
            error <= tolerance,
            "{actual} is not {expected} (off by {error})"
        );
    }

    /// The two-sided 95 % column of any table of Student's t, six digits.
    #[test]
    fn student_quantiles_are_those_of_the_tables() {
        for (df, t) in [
            (1.0, 12.7062),
            (2.0, 4.30265),
            (4.0, 2.77645),
            (9.0, 2.26216),
            (29.0, 2.04523),
            (99.0, 1.98422),
        ] {
            close(student_quantile(0.975, df), t, 5e-5);
            close(student_quantile(0.025, df), -t, 5e-5);
            close(student_cdf(student_quantile(0.9, df), df), 0.9, 1e-12);
        }
    }

    /// With one degree of freedom t is Cauchy: F(x) = 1/2 + atan(x)/pi; with two it is algebraic.
    #[test]
    fn student_has_closed_forms_for_few_degrees_of_freedom() {
        close(student_cdf(1.0, 1.0), 0.75, 1e-14);
        for t in [-3.0f64, -0.5, 0.0, 0.25, 2.0, 40.0] {
            let expected = 0.5 + t / (2.0 * (2.0 + t * t).sqrt());
            close(student_cdf(t, 2.0), expected, 1e-13);
        }
    }

    #[test]
    fn normal_quantiles_are_those_of_the_tables() {
        close(normal_quantile(0.975), 1.959_963_984_540_054, 1e-12);
        close(normal_quantile(0.995), 2.575_829_303_548_901, 1e-12);
        close(normal_quantile(1e-9), -5.997_807_015_007_687, 1e-9);
        close(normal_quantile(0.5), 0.0, 0.0);
        assert_eq!(normal_quantile(1.0), f64::INFINITY);
        assert!(normal_quantile(1.5).is_nan());
    }

    /// `I_x(1, b) = 1 - (1 - x)^b`, `I_x(a, 1) = x^a`, and the binomial identity for whole numbers.
    #[test]
    fn the_incomplete_beta_has_closed_forms() {
        for x in [0.001, 0.2, 0.5, 0.9, 0.999] {
            close(
                beta_inc(1.0, 5.0, x),
                1.0 - crate::math::pow(1.0 - x, 5.0),
                1e-14,
            );
            close(beta_inc(3.5, 1.0, x), crate::math::pow(x, 3.5), 1e-14);
            close(
                beta_inc(2.5, 7.0, x),
                1.0 - beta_inc(7.0, 2.5, 1.0 - x),
                1e-14,
            );
        }
        // P(X >= 2) of five coins: 26/32.
        close(beta_inc(2.0, 4.0, 0.5), 26.0 / 32.0, 1e-14);
        assert!(beta_inc(0.0, 1.0, 0.5).is_nan());
        close(beta_inc(2.0, 4.0, beta_quantile(0.3, 2.0, 4.0)), 0.3, 1e-14);
    }

    /// Q(1, x) = e^-x; Q(1/2, x) = erfc(sqrt x); and the 95 % points of chi-square.
    #[test]
    fn the_incomplete_gamma_has_closed_forms() {
        for x in [0.01, 0.5, 1.0, 1.9, 2.1, 10.0, 50.0] {
            close(gamma_q(1.0, x), exp(-x), 1e-14);
            close(gamma_q(0.5, x), libm::erfc(x.sqrt()), 1e-14);
            close(gamma_p(3.0, x) + gamma_q(3.0, x), 1.0, 1e-15);
        }
        close(gamma_q(0.5, 3.841_458_820_694_124 / 2.0), 0.05, 1e-12);
        close(gamma_q(5.0, 18.307_038_053_275_146 / 2.0), 0.05, 1e-12);
    }
}
