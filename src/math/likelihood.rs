//! Maximum likelihood: the parameters under which measured lives are likeliest, law by law.
//!
//! Some lives were cut short: all that is known of them is that they lasted longer. Each adds the
//! logarithm of the law's survival where an ended life adds that of its density. Each function wants
//! finite values above zero and at least two that ended and differ; otherwise what it returns is not a
//! number or arbitrary. Logarithms of likelihoods are natural.

use super::special::normal_cdf;
use super::{exp, ln, pow};
use std::f64::consts::PI;

/// Measured lives.
#[derive(Clone, Copy, Debug)]
pub struct Lives<'a> {
    /// Those that ended.
    pub ended: &'a [f64],
    /// Those that were still under way when last seen.
    pub cut: &'a [f64],
}

impl Lives<'_> {
    fn all(&self) -> impl Iterator<Item = f64> {
        self.ended.iter().chain(self.cut).copied()
    }

    fn deaths(&self) -> f64 {
        self.ended.len() as f64
    }

    /// The likeliest mean if lives are exponential: all time over the number of ends.
    fn mean(&self) -> f64 {
        self.all().sum::<f64>() / self.deaths()
    }
}

/// The parameters of a law and the logarithm of the likelihood there.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Likeliest<const N: usize> {
    /// The parameters.
    pub parameters: [f64; N],
    /// The logarithm of the likelihood.
    pub log_likelihood: f64,
}

impl<const N: usize> Likeliest<N> {
    /// Akaike's criterion, 2 N - 2 ln L (Akaike, IEEE TAC 1974): smaller is better.
    pub fn aic(&self) -> f64 {
        2.0 * N as f64 - 2.0 * self.log_likelihood
    }
}

/// Exponential: the mean.
pub fn exponential(lives: Lives<'_>) -> Likeliest<1> {
    let mean = lives.mean();
    Likeliest {
        parameters: [mean],
        log_likelihood: -lives.deaths() * (ln(mean) + 1.0),
    }
}

/// Log-normal: the median, and the standard deviation of the logarithm. Lives that were cut are made
/// up for by expectation and maximisation: the logarithm of one, beyond where it was cut, has the mean
/// m + s h with h the hazard of the normal law there.
pub fn log_normal(lives: Lives<'_>) -> Likeliest<2> {
    let logs = |values: &[f64]| -> Vec<f64> { values.iter().map(|&x| ln(x)).collect() };
    let (ended, cut) = (logs(lives.ended), logs(lives.cut));
    let n = (ended.len() + cut.len()) as f64;
    let mut middle = ended.iter().chain(&cut).sum::<f64>() / n;
    let square = |middle: f64| move |x: &f64| (x - middle) * (x - middle);
    let spread: f64 = ended.iter().chain(&cut).map(square(middle)).sum();
    let mut sigma = (spread / n).sqrt();
    for _ in 0..STEPS {
        let mut firsts = ended.iter().sum::<f64>();
        let mut hazards = Vec::with_capacity(cut.len());
        for &x in &cut {
            let z = (x - middle) / sigma;
            let hazard = normal_hazard(z);
            hazards.push((z, hazard));
            firsts += middle + sigma * hazard;
        }
        let next = firsts / n;
        let shift = middle - next;
        let mut seconds: f64 = ended.iter().map(square(next)).sum();
        for (z, hazard) in hazards {
            // About the old mean, moved to the new one.
            let about = sigma * sigma * (1.0 + z * hazard);
            seconds += about + 2.0 * shift * sigma * hazard + shift * shift;
        }
        let wide = (seconds / n).sqrt();
        let done = shift.abs() + (wide - sigma).abs() < 1e-10 * wide;
        (middle, sigma) = (next, wide);
        if done {
            break;
        }
    }
    let density = |x: &f64| {
        let z = (x - middle) / sigma;
        -x - ln(sigma) - 0.5 * ln(2.0 * PI) - 0.5 * z * z
    };
    let survival = |x: &f64| {
        let z = (x - middle) / sigma;
        // ln (density / hazard), which does not run out of numbers far out.
        -0.5 * z * z - 0.5 * ln(2.0 * PI) - ln(normal_hazard(z))
    };
    Likeliest {
        parameters: [exp(middle), sigma],
        log_likelihood: ended.iter().map(density).sum::<f64>()
            + cut.iter().map(survival).sum::<f64>(),
    }
}

/// The density of the standard normal law at `z` over the probability beyond it.
fn normal_hazard(z: f64) -> f64 {
    if z > 30.0 {
        // Mills' ratio; the next term is below one in a million.
        return z + 1.0 / z;
    }
    exp(-0.5 * z * z) / (2.0 * PI).sqrt() / normal_cdf(-z)
}

/// Weibull: shape (from 0.01 to 100) and scale. With all lives in the sums of powers and only ended
/// ones in the mean of logarithms, the shape is the root of
/// sum x^k ln x / sum x^k - 1 / k - mean ln x, which rises in k.
pub fn weibull(lives: Lives<'_>) -> Likeliest<2> {
    let deaths = lives.deaths();
    let largest = lives.all().fold(0.0, f64::max);
    // Over the largest, so that no power overflows.
    let logs: Vec<f64> = lives.all().map(|x| ln(x / largest)).collect();
    let middle = logs[..lives.ended.len()].iter().sum::<f64>() / deaths;
    let (mut low, mut high) = (0.01, 100.0);
    for _ in 0..60 {
        let shape = f64::midpoint(low, high);
        let (mut powers, mut weighted) = (0.0, 0.0);
        for &log in &logs {
            let power = exp(shape * log);
            powers += power;
            weighted += power * log;
        }
        if weighted / powers - 1.0 / shape - middle < 0.0 {
            low = shape;
        } else {
            high = shape;
        }
    }
    let shape = f64::midpoint(low, high);
    let powers: f64 = logs.iter().map(|log| exp(shape * log)).sum();
    let scale = pow(powers / deaths, 1.0 / shape);
    let log_likelihood = deaths * (ln(shape) - shape * ln(scale) - ln(largest))
        + (shape - 1.0) * deaths * middle
        - deaths;
    Likeliest {
        parameters: [shape, scale * largest],
        log_likelihood,
    }
}

/// Pareto shifted to begin at zero: shape and scale. For each scale the likeliest shape is the number
/// of ends over the sum of ln (1 + x / scale); the scale is looked for on a grid from mean / 1000 to
/// 1000 means and refined by golden section. Values with a lighter tail than exponential ones end at
/// the grid's upper end, where the law is all but exponential.
pub fn pareto(lives: Lives<'_>) -> Likeliest<2> {
    let deaths = lives.deaths();
    let middle = ln(lives.mean());
    let at = |log_scale: f64| {
        let scale = exp(log_scale);
        let log = |x: f64| ln(1.0 + x / scale);
        let ended: f64 = lives.ended.iter().map(|&x| log(x)).sum();
        let sum = ended + lives.cut.iter().map(|&x| log(x)).sum::<f64>();
        let shape = deaths / sum;
        let log_likelihood = deaths * (ln(shape) - log_scale) - shape * sum - ended;
        Likeliest {
            parameters: [shape, scale],
            log_likelihood,
        }
    };
    let (far, steps) = (ln(1000.0), 40);
    let step = 2.0 * far / f64::from(steps);
    let grid = (0..=steps).map(|i| middle - far + step * f64::from(i));
    let best = grid
        .map(|scale| (at(scale).log_likelihood, scale))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map_or(middle, |(_, scale)| scale);
    let (mut low, mut high) = (best - step, (best + step).min(middle + far));
    let golden = 0.618_033_988_749_895;
    for _ in 0..50 {
        let (a, b) = (high - golden * (high - low), low + golden * (high - low));
        if at(a).log_likelihood < at(b).log_likelihood {
            low = a;
        } else {
            high = b;
        }
    }
    at(f64::midpoint(low, high))
}

/// The most steps of an expectation and maximisation.
const STEPS: u32 = 2_000;

/// A mixture of two exponentials: share of the first, its mean (the shorter), mean of the second; by
/// expectation and maximisation (Dempster, Laird & Rubin, JRSS B 1977) from halves about the mean. A
/// life that was cut goes on for the mean of its kind.
pub fn mixture(lives: Lives<'_>) -> Likeliest<3> {
    let n = (lives.ended.len() + lives.cut.len()) as f64;
    let middle = lives.mean();
    let (mut share, mut first, mut second) = (0.5, middle / 3.0, middle * 5.0 / 3.0);
    let mut log_likelihood = f64::NEG_INFINITY;
    for _ in 0..STEPS {
        let (mut ours, mut lengths, mut theirs, mut likelihood) = (0.0, 0.0, 0.0, 0.0);
        for (at, x) in lives.all().enumerate() {
            let cut = at >= lives.ended.len();
            let (a, b) = if cut {
                (share, 1.0 - share)
            } else {
                (share / first, (1.0 - share) / second)
            };
            let (near, far) = (a * exp(-x / first), b * exp(-x / second));
            // Beyond both laws' smallest numbers it is the longer's.
            let there = near + far > 0.0;
            let part = if there { near / (near + far) } else { 0.0 };
            likelihood += if there {
                ln(near + far)
            } else {
                ln(b) - x / second
            };
            let goes_on = f64::from(u8::from(cut));
            ours += part;
            lengths += part * (x + goes_on * first);
            theirs += (1.0 - part) * (x + goes_on * second);
        }
        let done = likelihood - log_likelihood < 1e-10 * likelihood.abs();
        log_likelihood = likelihood;
        if done || ours <= 0.0 || ours >= n || lengths <= 0.0 {
            break;
        }
        (share, first, second) = (ours / n, lengths / ours, theirs / (n - ours));
    }
    Likeliest {
        parameters: [share, first, second],
        log_likelihood,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENDED: [f64; 6] = [0.5, 1.0, 2.0, 8.0, 30.0, 0.1];
    const CUT: [f64; 3] = [3.0, 12.0, 40.0];

    /// The logarithms of density and survival summed, which share nothing with the short forms, here
    /// and at parameters nearby, which are less likely.
    fn check<const N: usize>(
        fit: impl Fn(Lives<'_>) -> Likeliest<N>,
        density: impl Fn([f64; N], f64) -> f64,
        survival: impl Fn([f64; N], f64) -> f64,
    ) {
        for cut in [&CUT[..0], &CUT] {
            let lives = Lives { ended: &ENDED, cut };
            let found = fit(lives);
            let sum = |p: [f64; N]| -> f64 {
                let ended: f64 = ENDED.iter().map(|&x| ln(density(p, x))).sum();
                ended + cut.iter().map(|&x| ln(survival(p, x))).sum::<f64>()
            };
            let there = sum(found.parameters);
            assert!((found.log_likelihood - there).abs() < 1e-6 * there.abs());
            assert!((found.aic() - 2.0 * N as f64 + 2.0 * there).abs() < 1e-5);
            for at in 0..N {
                for by in [0.98, 1.02] {
                    let mut near = found.parameters;
                    near[at] *= by;
                    assert!(sum(near) < there, "{:?} {near:?}", found.parameters);
                }
            }
        }
    }

    #[test]
    fn no_parameters_nearby_are_likelier() {
        check(exponential, |[m], x| exp(-x / m) / m, |[m], x| exp(-x / m));
        check(
            weibull,
            |[k, s], x| k / s * pow(x / s, k - 1.0) * exp(-pow(x / s, k)),
            |[k, s], x| exp(-pow(x / s, k)),
        );
        check(
            log_normal,
            |[m, s], x| {
                let z = ln(x / m) / s;
                exp(-z * z / 2.0) / (x * s * (2.0 * PI).sqrt())
            },
            |[m, s], x| normal_cdf(-ln(x / m) / s),
        );
        check(
            pareto,
            |[a, s], x| a / s * pow(1.0 + x / s, -a - 1.0),
            |[a, s], x| pow(1.0 + x / s, -a),
        );
        check(
            mixture,
            |[w, a, b], x| w / a * exp(-x / a) + (1.0 - w) / b * exp(-x / b),
            |[w, a, b], x| w * exp(-x / a) + (1.0 - w) * exp(-x / b),
        );
    }

    #[test]
    fn the_hazard_goes_on_far_out() {
        assert!((normal_hazard(0.0) - (2.0 / PI).sqrt()).abs() < 1e-12);
        let (below, above) = (normal_hazard(30.0), normal_hazard(30.0 + 1e-9));
        assert!((below - above).abs() < 1e-4, "{below} {above}");
        assert!(normal_hazard(1e6).is_finite());
    }
}
