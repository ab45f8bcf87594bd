//! Lives in a scenario, and as a run draws them.

use super::empirical::Empirical;
use super::lifetime::{
    ExponentialLife, Lifetime, LogNormalLife, MixtureLife, ParetoLife, WeibullLife,
};
use super::published::PublishedSessions;
use crate::input::{BuildError, Files};
use crate::time::Duration;
use rand::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How long a session or an absence lasts.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum LifeConfig {
    /// Exponential: what remains of a life does not depend on its age.
    Exponential(ExponentialLife),
    /// Weibull: with a shape below 1, the longer a peer has been up, the longer it stays, as
    /// measured in Gnutella, KAD and `BitTorrent` (Stutzbach & Rejaie, IMC 2006).
    Weibull(WeibullLife),
    /// Pareto shifted to begin at zero (Lomax): a power-law tail. With a shape of at most 2 the
    /// variance is infinite, and means over peers settle slowly.
    Pareto(ParetoLife),
    /// Log-normal: the logarithm of a life is normal.
    LogNormal(LogNormalLife),
    /// A mixture of two exponentials: visitors and residents.
    Mixture(MixtureLife),
    /// The sessions of a measured network.
    Published(PublishedSessions),
    /// Measured lives, from a file.
    Empirical(EmpiricalLife),
}

/// Measured lives.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct EmpiricalLife {
    /// A file with a column of lives in seconds, each as likely as any other; or with a table
    /// `share,seconds` of quantiles from the share 0 to 1, even in between. Relative to the scenario.
    pub file: String,
}

impl LifeConfig {
    /// The law, if it is not in a file.
    pub fn closed(&self) -> Option<Lifetime> {
        Some(match self {
            &Self::Exponential(life) => Lifetime::Exponential(life),
            &Self::Weibull(life) => Lifetime::Weibull(life),
            &Self::Pareto(life) => Lifetime::Pareto(life),
            &Self::LogNormal(life) => Lifetime::LogNormal(life),
            &Self::Mixture(life) => Lifetime::Mixture(life),
            &Self::Published(sessions) => sessions.life(),
            Self::Empirical(_) => return None,
        })
    }

    /// The file, if the law is in one.
    pub(super) fn file(&self) -> Option<&str> {
        match self {
            Self::Empirical(life) => Some(&life.file),
            _ => None,
        }
    }

    /// The law; `key` is whose it is.
    pub(super) fn law(&self, key: &str, files: &Files) -> Result<Law, BuildError> {
        if let Some(law) = self.closed() {
            return Ok(Law::Closed(law));
        }
        let file = self.file().unwrap_or_default();
        let text = files.get(&format!("churn.{key}.empirical.file"), file)?;
        let law = Empirical::read(text).map_err(|error| error.in_file(file))?;
        Ok(Law::Empirical(Arc::new(law)))
    }
}

impl From<Lifetime> for LifeConfig {
    fn from(life: Lifetime) -> Self {
        match life {
            Lifetime::Exponential(life) => Self::Exponential(life),
            Lifetime::Weibull(life) => Self::Weibull(life),
            Lifetime::Pareto(life) => Self::Pareto(life),
            Lifetime::LogNormal(life) => Self::LogNormal(life),
            Lifetime::Mixture(life) => Self::Mixture(life),
        }
    }
}

/// The lives of a run.
#[derive(Clone, Debug)]
pub(super) enum Law {
    Closed(Lifetime),
    Empirical(Arc<Empirical>),
}

impl Law {
    /// In seconds.
    pub(super) fn mean(&self) -> f64 {
        match self {
            Self::Closed(life) => life.mean(),
            Self::Empirical(life) => life.mean(),
        }
    }

    /// In seconds.
    pub(super) fn mean_residual(&self) -> f64 {
        match self {
            Self::Closed(life) => life.mean_residual(),
            Self::Empirical(life) => life.mean_residual(),
        }
    }

    /// A whole life.
    pub(super) fn sample(&self, rng: &mut impl Rng) -> Duration {
        match self {
            Self::Closed(life) => life.sample(rng),
            Self::Empirical(life) => life.sample(rng),
        }
    }

    /// What remains of one under way at a random time.
    pub(super) fn residual(&self, rng: &mut impl Rng) -> Duration {
        match self {
            Self::Closed(life) => life.residual(rng),
            Self::Empirical(life) => life.residual(rng),
        }
    }
}
