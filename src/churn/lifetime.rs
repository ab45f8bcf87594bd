//! Distributions of session and absence times.

use crate::math::special::{gamma_p, normal_cdf, normal_quantile};
use crate::math::{exp, gamma, ln, pow};
use crate::quantity::Share;
use crate::random::Draw;
use crate::time::Duration;
use rand::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A law of lives in closed form; what it means is said in `LifeConfig`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Lifetime {
    /// Exponential.
    Exponential(ExponentialLife),
    /// Weibull.
    Weibull(WeibullLife),
    /// Pareto, shifted to begin at zero.
    Pareto(ParetoLife),
    /// Log-normal.
    LogNormal(LogNormalLife),
    /// A mixture of two exponentials.
    Mixture(MixtureLife),
}

/// An exponential lifetime.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct ExponentialLife {
    /// The mean.
    pub mean: Duration,
}

/// A Weibull lifetime: `P[life > t] = exp(-(t / scale)^shape)`.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct WeibullLife {
    /// The shape; below 1 is heavy-tailed, 1 is exponential.
    #[schemars(range(min = 0.1, max = 20.0))]
    pub shape: f64,
    /// The scale: 63 % of all lives are shorter. Not the mean.
    pub scale: Duration,
}

/// A shifted Pareto lifetime: `P[life > t] = (1 + t / scale)^-shape`.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct ParetoLife {
    /// The shape, above 1: at 1 the mean is infinite, and there is no stationary start.
    #[schemars(range(min = 1.0, max = 1000.0))]
    pub shape: f64,
    /// The scale; the mean is scale / (shape - 1).
    pub scale: Duration,
}

/// A log-normal lifetime.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct LogNormalLife {
    /// The median; the mean is median x exp(sigma^2 / 2).
    pub median: Duration,
    /// The standard deviation of the natural logarithm.
    #[schemars(range(min = 0.01, max = 5.0))]
    pub sigma: f64,
}

/// Two exponential lifetimes, one or the other for each life.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct MixtureLife {
    /// The share of lives that are of the first kind. Not the share of peers up at a time, of whom
    /// more are of the longer kind.
    pub share: Share,
    /// The mean of the first kind.
    pub first: Duration,
    /// The mean of the second kind.
    pub second: Duration,
}

/// A century: the longest mean.
const LONGEST_MEAN: f64 = 100.0 * 365.25 * 86_400.0;

impl Lifetime {
    /// The mean, in seconds; infinite for a Pareto shape of at most 1.
    pub fn mean(self) -> f64 {
        match self {
            Self::Exponential(life) => life.mean.as_secs_f64(),
            Self::Weibull(life) => life.scale.as_secs_f64() * gamma(1.0 + 1.0 / life.shape),
            Self::Pareto(life) if life.shape <= 1.0 => f64::INFINITY,
            Self::Pareto(life) => life.scale.as_secs_f64() / (life.shape - 1.0),
            Self::LogNormal(life) => life.median.as_secs_f64() * exp(life.sigma * life.sigma / 2.0),
            Self::Mixture(life) => life.parts().iter().map(|(w, mean)| w * mean).sum(),
        }
    }

    /// The mean of what remains of a life under way at a random time, `E[X^2] / (2 E[X])`, in
    /// seconds; infinite where the variance is.
    pub fn mean_residual(self) -> f64 {
        match self {
            Self::Exponential(life) => life.mean.as_secs_f64(),
            Self::Weibull(life) => {
                let shape = life.shape;
                let moments = gamma(1.0 + 2.0 / shape) / (2.0 * gamma(1.0 + 1.0 / shape));
                life.scale.as_secs_f64() * moments
            }
            Self::Pareto(life) if life.shape <= 2.0 => f64::INFINITY,
            Self::Pareto(life) => life.scale.as_secs_f64() / (life.shape - 2.0),
            Self::LogNormal(life) => {
                life.median.as_secs_f64() * exp(1.5 * life.sigma * life.sigma) / 2.0
            }
            Self::Mixture(life) => {
                let parts = life.parts();
                parts.iter().map(|(w, mean)| w * mean * mean).sum::<f64>() / self.mean()
            }
        }
    }

    /// The probability that a life lasts longer than this.
    pub fn survival(self, time: Duration) -> f64 {
        let t = time.as_secs_f64();
        match self {
            Self::Exponential(life) => exp(-t / life.mean.as_secs_f64()),
            Self::Weibull(life) => exp(-pow(t / life.scale.as_secs_f64(), life.shape)),
            Self::Pareto(life) => pow(1.0 + t / life.scale.as_secs_f64(), -life.shape),
            Self::LogNormal(life) => normal_cdf(-life.deviations(t)),
            Self::Mixture(life) => {
                let parts = life.parts();
                parts.iter().map(|(w, mean)| w * exp(-t / mean)).sum()
            }
        }
    }

    /// The time, in seconds, within which a share `p` of all lives end. In closed form but for
    /// mixtures, which are bisected to the last bit.
    pub fn quantile(self, p: f64) -> f64 {
        match self {
            Self::Exponential(life) => -life.mean.as_secs_f64() * ln(1.0 - p),
            Self::Weibull(life) => life.scale.as_secs_f64() * pow(-ln(1.0 - p), 1.0 / life.shape),
            Self::Pareto(life) => {
                life.scale.as_secs_f64() * (pow(1.0 - p, -1.0 / life.shape) - 1.0)
            }
            Self::LogNormal(life) => {
                life.median.as_secs_f64() * exp(life.sigma * normal_quantile(p))
            }
            Self::Mixture(life) => {
                let parts = life.parts();
                // The quantile lies between those of the two kinds.
                let ends = parts.map(|(_, mean)| -mean * ln(1.0 - p));
                let (mut low, mut high) = (ends[0].min(ends[1]), ends[0].max(ends[1]));
                for _ in 0..100 {
                    let middle = f64::midpoint(low, high);
                    let survival: f64 = parts.iter().map(|(w, m)| w * exp(-middle / m)).sum();
                    if survival > 1.0 - p {
                        low = middle;
                    } else {
                        high = middle;
                    }
                }
                high
            }
        }
    }

    /// The probability that a life under way at a random time ends within `time`: the integral of
    /// [`Self::survival`] over the mean. Zero where the mean is infinite.
    pub fn residual_cdf(self, time: Duration) -> f64 {
        let t = time.as_secs_f64();
        match self {
            Self::Exponential(_) => 1.0 - self.survival(time),
            Self::Weibull(life) => gamma_p(
                1.0 / life.shape,
                pow(t / life.scale.as_secs_f64(), life.shape),
            ),
            Self::Pareto(life) if life.shape <= 1.0 => 0.0,
            Self::Pareto(life) => 1.0 - pow(1.0 + t / life.scale.as_secs_f64(), 1.0 - life.shape),
            // By parts: t P[X > t] and the mean of what is shorter, both over the mean.
            Self::LogNormal(life) => {
                let shorter = normal_cdf(life.deviations(t) - life.sigma);
                shorter + t * self.survival(time) / self.mean()
            }
            Self::Mixture(life) => {
                let under_way = life.under_way();
                1.0 - under_way.iter().map(|(w, m)| w * exp(-t / m)).sum::<f64>()
            }
        }
    }

    /// A whole life.
    pub fn sample(self, rng: &mut impl Rng) -> Duration {
        match self {
            Self::Exponential(life) => rng.exp(life.mean),
            Self::Weibull(life) => {
                Duration::from_secs_f64(rng.weibull(life.shape, life.scale.as_secs_f64()))
            }
            Self::Pareto(life) => lomax(life.shape, life.scale, rng),
            Self::LogNormal(life) => {
                Duration::from_secs_f64(life.median.as_secs_f64() * exp(life.sigma * rng.normal()))
            }
            Self::Mixture(life) => one_of(life.parts(), rng),
        }
    }

    /// What remains of a life under way at a random time: the equilibrium distribution, with
    /// density `P[X > t] / E[X]`.
    ///
    /// A life that is met at a random time is drawn in proportion to its length, and is met at a
    /// uniform place in it (Cox, Renewal Theory, 1962, section 5.2). A Weibull life is
    /// scale E^(1/shape) with E exponential, so in proportion to its length E^(1/shape) that E is
    /// Gamma(1 + 1/shape). A log-normal life in proportion to its length has its median at
    /// exp(sigma^2) times the median. What remains of a shifted Pareto life is one of a shape less
    /// by 1, and of a mixture an exponential of either kind in proportion to share x mean.
    pub fn residual(self, rng: &mut impl Rng) -> Duration {
        match self {
            Self::Exponential(_) => self.sample(rng),
            Self::Weibull(life) => {
                let whole = pow(gamma_variate(1.0 + 1.0 / life.shape, rng), 1.0 / life.shape);
                Duration::from_secs_f64(rng.unit() * whole * life.scale.as_secs_f64())
            }
            Self::Pareto(life) => lomax(life.shape - 1.0, life.scale, rng),
            Self::LogNormal(life) => {
                let whole = exp(life.sigma * (rng.normal() + life.sigma));
                Duration::from_secs_f64(rng.unit() * whole * life.median.as_secs_f64())
            }
            Self::Mixture(life) => one_of(life.under_way(), rng),
        }
    }

    /// What is wrong with the parameters.
    pub(super) fn wrong(self) -> Option<&'static str> {
        match self {
            Self::Weibull(life) if !(0.1..=20.0).contains(&life.shape) => {
                return Some("a Weibull shape is from 0.1 to 20");
            }
            Self::Pareto(life) if life.shape <= 1.0 => {
                return Some("the mean is infinite: a Pareto shape has to be above 1");
            }
            Self::Pareto(life) if life.shape.is_nan() || life.shape > 1000.0 => {
                return Some("a Pareto shape is above 1 and at most 1000");
            }
            Self::LogNormal(life) if !(0.01..=5.0).contains(&life.sigma) => {
                return Some("a log-normal sigma is from 0.01 to 5");
            }
            Self::Mixture(life) if life.first.is_zero() || life.second.is_zero() => {
                return Some("a mean of the mixture is zero");
            }
            _ => {}
        }
        let mean = self.mean();
        if mean <= 0.0 {
            Some("the mean is zero")
        } else if mean > LONGEST_MEAN {
            Some("the mean is above a century")
        } else {
            None
        }
    }
}

impl LogNormalLife {
    /// How many standard deviations the logarithm of `t` seconds is above its mean.
    fn deviations(self, t: f64) -> f64 {
        ln(t / self.median.as_secs_f64()) / self.sigma
    }
}

impl MixtureLife {
    /// Weights and means in seconds.
    fn parts(self) -> [(f64, f64); 2] {
        let (first, second) = (self.first.as_secs_f64(), self.second.as_secs_f64());
        [(self.share.0, first), (1.0 - self.share.0, second)]
    }

    /// The same of the lives under way at a random time.
    fn under_way(self) -> [(f64, f64); 2] {
        let [(w, first), (v, second)] = self.parts();
        let mean = w * first + v * second;
        [(w * first / mean, first), (v * second / mean, second)]
    }
}

/// A shifted Pareto life.
fn lomax(shape: f64, scale: Duration, rng: &mut impl Rng) -> Duration {
    let times = pow(1.0 - rng.unit(), -1.0 / shape) - 1.0;
    Duration::from_secs_f64(scale.as_secs_f64() * times)
}

/// An exponential life of either mean, by weight.
fn one_of(parts: [(f64, f64); 2], rng: &mut impl Rng) -> Duration {
    let [(weight, first), (_, second)] = parts;
    let mean = if rng.unit() < weight { first } else { second };
    Duration::from_secs_f64(mean * rng.exp1())
}

/// A Gamma variate of this shape (at least 1) and scale 1 (Marsaglia & Tsang, ACM TOMS 26, 2000).
fn gamma_variate(shape: f64, rng: &mut impl Rng) -> f64 {
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let x = rng.normal();
        let root = 1.0 + c * x;
        let v = root * root * root;
        if root > 0.0 && ln(1.0 - rng.unit()) < 0.5 * x * x + d - d * v + d * ln(v) {
            return d * v;
        }
    }
}

/// The share of contacts that are dead at a random time if they are checked every `refresh` and
/// their lives are exponential: 1 - (1 - e^-r) / r with r = refresh / mean life.
pub fn stale_share(refresh: Duration, mean_life: Duration) -> f64 {
    let r = refresh.as_secs_f64() / mean_life.as_secs_f64();
    if r == 0.0 {
        0.0
    } else {
        1.0 - (1.0 - exp(-r)) / r
    }
}

#[cfg(test)]
mod tests;
