//! Pairs of outcomes: the exact test of McNemar (Psychometrika 1947) for "no difference", the score
//! test and interval of Tango (Statistics in Medicine 1998) for any other limit.

use crate::math::special::{beta_inc, bisect, normal_cdf, normal_quantile};
use crate::math::stats::CONFIDENCE;

/// How many pairs changed, and which way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Outcomes {
    /// From no to yes.
    pub(super) gained: u32,
    /// From yes to no.
    pub(super) lost: u32,
    /// All pairs.
    pub(super) pairs: u32,
}

impl Outcomes {
    pub(super) fn p_above(&self, limit: f64) -> f64 {
        if limit == 0.0 {
            coins(self.gained, self.lost)
        } else {
            normal_cdf(-self.score(limit))
        }
    }

    pub(super) fn p_below(&self, limit: f64) -> f64 {
        if limit == 0.0 {
            coins(self.lost, self.gained)
        } else {
            normal_cdf(self.score(limit))
        }
    }

    pub(super) fn interval(&self) -> (f64, f64) {
        let z = normal_quantile(0.5 + CONFIDENCE / 2.0);
        let end = |z: f64| bisect(-1.0, 1.0, |limit| self.score(limit) > z);
        (end(z), end(-z))
    }

    /// Tango's eq. 11: how many standard errors the difference is above `limit`, with the share of lost
    /// pairs that is likeliest under that limit.
    fn score(&self, limit: f64) -> f64 {
        let (gained, lost) = (f64::from(self.gained), f64::from(self.lost));
        let n = f64::from(self.pairs);
        let above = gained - lost - n * limit;
        let a = 2.0 * n;
        let b = -gained - lost + (2.0 * n - gained + lost) * limit;
        let c = -lost * limit * (1.0 - limit);
        let likeliest = ((b * b - 4.0 * a * c).max(0.0).sqrt() - b) / (2.0 * a);
        let variance = n * (2.0 * likeliest + limit * (1.0 - limit));
        if variance > 0.0 {
            above / variance.sqrt()
        } else if above == 0.0 {
            0.0
        } else {
            f64::INFINITY.copysign(above)
        }
    }
}

/// The probability that `more + fewer` fair coins show heads `more` times or oftener.
fn coins(more: u32, fewer: u32) -> f64 {
    if more == 0 {
        return 1.0;
    }
    beta_inc(f64::from(more), f64::from(fewer) + 1.0, 0.5)
}
