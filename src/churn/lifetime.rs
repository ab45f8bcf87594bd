//! Distributions of session and absence times.

use crate::math::{exp, gamma, ln, pow};
use crate::random::Draw;
use crate::time::Duration;
use rand::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How long a session or an absence lasts.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Lifetime {
    /// Exponential: what remains of a life does not depend on its age.
    Exponential(ExponentialLife),
    /// Weibull: with a shape below 1, the longer a peer has been up, the longer it stays, as
    /// measured in Gnutella, KAD and `BitTorrent` (Stutzbach & Rejaie, IMC 2006).
    Weibull(WeibullLife),
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

/// A century: the longest mean.
const LONGEST_MEAN: f64 = 100.0 * 365.25 * 86_400.0;

impl Lifetime {
    /// The mean, in seconds.
    pub fn mean(self) -> f64 {
        match self {
            Self::Exponential(life) => life.mean.as_secs_f64(),
            Self::Weibull(life) => life.scale.as_secs_f64() * gamma(1.0 + 1.0 / life.shape),
        }
    }

    /// The mean of what remains of a life under way at a random time, `E[X^2] / (2 E[X])`, in
    /// seconds.
    pub fn mean_residual(self) -> f64 {
        match self {
            Self::Exponential(life) => life.mean.as_secs_f64(),
            Self::Weibull(life) => {
                let shape = life.shape;
                let moments = gamma(1.0 + 2.0 / shape) / (2.0 * gamma(1.0 + 1.0 / shape));
                life.scale.as_secs_f64() * moments
            }
        }
    }

    /// The probability that a life lasts longer than this.
    pub fn survival(self, time: Duration) -> f64 {
        let time = time.as_secs_f64();
        match self {
            Self::Exponential(life) => exp(-time / life.mean.as_secs_f64()),
            Self::Weibull(life) => exp(-pow(time / life.scale.as_secs_f64(), life.shape)),
        }
    }

    /// A whole life.
    pub fn sample(self, rng: &mut impl Rng) -> Duration {
        match self {
            Self::Exponential(life) => rng.exp(life.mean),
            Self::Weibull(life) => {
                Duration::from_secs_f64(rng.weibull(life.shape, life.scale.as_secs_f64()))
            }
        }
    }

    /// What remains of a life under way at a random time: the equilibrium distribution, with
    /// density `P[X > t] / E[X]`.
    ///
    /// A life that is met at a random time is drawn in proportion to its length, and is met at a
    /// uniform place in it (Cox, Renewal Theory, 1962, section 5.2). A Weibull life is
    /// scale E^(1/shape) with E exponential, so in proportion to its length E^(1/shape) that E is
    /// Gamma(1 + 1/shape).
    pub fn residual(self, rng: &mut impl Rng) -> Duration {
        match self {
            Self::Exponential(_) => self.sample(rng),
            Self::Weibull(life) => {
                let whole = pow(gamma_variate(1.0 + 1.0 / life.shape, rng), 1.0 / life.shape);
                Duration::from_secs_f64(rng.unit() * whole * life.scale.as_secs_f64())
            }
        }
    }

    /// What is wrong with the parameters.
    pub(super) fn wrong(self) -> Option<&'static str> {
        if let Self::Weibull(life) = self
            && !(0.1..=20.0).contains(&life.shape)
        {
            return Some("a Weibull shape is from 0.1 to 20");
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
