//! Maximum likelihood: the parameters under which positive values are likeliest, law by law.
//!
//! Each function wants finite values above zero and at least two that differ; otherwise what it
//! returns is not a number or arbitrary. Logarithms of likelihoods are natural.

use super::{exp, ln, pow};

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

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Exponential: the mean.
pub fn exponential(values: &[f64]) -> Likeliest<1> {
    let mean = mean(values);
    Likeliest {
        parameters: [mean],
        log_likelihood: -(values.len() as f64) * (ln(mean) + 1.0),
    }
}

/// Log-normal: the median, and the standard deviation of the logarithm.
pub fn log_normal(values: &[f64]) -> Likeliest<2> {
    let n = values.len() as f64;
    let logs: Vec<f64> = values.iter().map(|&x| ln(x)).collect();
    let middle = mean(&logs);
    let variance = logs
        .iter()
        .map(|x| (x - middle) * (x - middle))
        .sum::<f64>()
        / n;
    let log_likelihood = -n * (middle + 0.5 * ln(2.0 * std::f64::consts::PI * variance) + 0.5);
    Likeliest {
        parameters: [exp(middle), variance.sqrt()],
        log_likelihood,
    }
}

/// Weibull: shape (from 0.01 to 100) and scale. The shape is the root of
/// sum x^k ln x / sum x^k - 1 / k - mean ln x, which rises in k.
pub fn weibull(values: &[f64]) -> Likeliest<2> {
    let n = values.len() as f64;
    let largest = values.iter().copied().fold(0.0, f64::max);
    // Over the largest, so that no power overflows.
    let logs: Vec<f64> = values.iter().map(|&x| ln(x / largest)).collect();
    let middle = mean(&logs);
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
    let scale = pow(powers / n, 1.0 / shape);
    let log_likelihood =
        n * (ln(shape) - shape * ln(scale) - ln(largest)) + (shape - 1.0) * n * middle - n;
    Likeliest {
        parameters: [shape, scale * largest],
        log_likelihood,
    }
}

/// Pareto shifted to begin at zero: shape and scale. For each scale the likeliest shape is
/// n / sum ln (1 + x / scale); the scale is looked for on a grid from mean / 1000 to 1000 means and
/// refined by golden section. Values with a lighter tail than exponential ones end at the grid's
/// upper end, where the law is all but exponential.
pub fn pareto(values: &[f64]) -> Likeliest<2> {
    let n = values.len() as f64;
    let middle = ln(mean(values));
    let at = |log_scale: f64| {
        let scale = exp(log_scale);
        let sum: f64 = values.iter().map(|x| ln(1.0 + x / scale)).sum();
        let shape = n / sum;
        let log_likelihood = n * (ln(shape) - log_scale) - (shape + 1.0) * sum;
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

/// A mixture of two exponentials: share of the first, its mean (the shorter), mean of the second; by
/// expectation and maximisation (Dempster, Laird & Rubin, JRSS B 1977) from halves about the mean.
pub fn mixture(values: &[f64]) -> Likeliest<3> {
    let n = values.len() as f64;
    let middle = mean(values);
    let (mut share, mut first, mut second) = (0.5, middle / 3.0, middle * 5.0 / 3.0);
    let mut log_likelihood = f64::NEG_INFINITY;
    for _ in 0..2_000 {
        let (mut ours, mut lengths, mut theirs, mut likelihood) = (0.0, 0.0, 0.0, 0.0);
        for &x in values {
            let a = share / first * exp(-x / first);
            let b = (1.0 - share) / second * exp(-x / second);
            // Beyond both laws' smallest numbers it is the longer's.
            let part = if a + b > 0.0 { a / (a + b) } else { 0.0 };
            likelihood += if a + b > 0.0 {
                ln(a + b)
            } else {
                ln((1.0 - share) / second) - x / second
            };
            ours += part;
            lengths += part * x;
            theirs += (1.0 - part) * x;
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

    /// The logarithm of a density summed over the values, which shares nothing with the short forms.
    fn check(found: f64, values: &[f64], density: impl Fn(f64) -> f64) {
        let sum: f64 = values.iter().map(|&x| ln(density(x))).sum();
        assert!((found - sum).abs() < 1e-6 * sum.abs(), "{found} {sum}");
    }

    #[test]
    fn likelihoods_are_those_of_the_densities() {
        let values = [0.5, 1.0, 2.0, 8.0, 30.0, 0.1];
        let fit = exponential(&values);
        let [m] = fit.parameters;
        check(fit.log_likelihood, &values, |x| exp(-x / m) / m);
        assert!((fit.aic() - 2.0 + 2.0 * fit.log_likelihood).abs() < 1e-12);
        let fit = weibull(&values);
        let [k, s] = fit.parameters;
        check(fit.log_likelihood, &values, |x| {
            k / s * pow(x / s, k - 1.0) * exp(-pow(x / s, k))
        });
        let fit = log_normal(&values);
        let [m, s] = fit.parameters;
        let root = (2.0 * std::f64::consts::PI).sqrt();
        check(fit.log_likelihood, &values, |x| {
            let z = ln(x / m) / s;
            exp(-z * z / 2.0) / (x * s * root)
        });
        let fit = pareto(&values);
        let [a, s] = fit.parameters;
        check(fit.log_likelihood, &values, |x| {
            a / s * pow(1.0 + x / s, -a - 1.0)
        });
        let fit = mixture(&values);
        let [w, a, b] = fit.parameters;
        check(fit.log_likelihood, &values, |x| {
            w / a * exp(-x / a) + (1.0 - w) / b * exp(-x / b)
        });
    }
}
