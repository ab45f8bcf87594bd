//! What pairs of runs say about the difference between two settings.
//!
//! Two variants run with the same seeds, on common random numbers: the differences of the pairs are
//! independent, and what both runs share is gone from them. Each method here turns the differences
//! into one-sided p-values for any limit and, by asking which limits those reject, into an interval
//! of 95 %:
//!
//! | method | assumes | pairs |
//! |---|---|---|
//! | [`Method::T`] | differences near normal; exact if they are | 2 |
//! | [`Method::SignFlip`] | differences symmetric about their mean; exact then | 6 |
//! | [`Method::Bootstrap`] | nothing but enough pairs to stand for all runs | 20 |
//! | [`Method::YesNo`] | each run says yes or no | 6 |
//!
//! Below its number of pairs a method is refused: with five pairs there are 32 ways to flip signs,
//! and even the most extreme is no rarer than 2 in 32. The numbers of pairs at which each interval
//! covers what it says are measured in this module's tests.

mod bootstrap;
mod flip;
mod yes_no;

use super::special::{student_cdf, student_quantile};
use super::stats::{CONFIDENCE, Summary};
use rand::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use flip::{EXACT_PAIRS, SAMPLED_FLIPS};

/// Resamples of [`Method::Bootstrap`].
pub const RESAMPLES: usize = 9_999;

/// A spread below this share of the values is rounding noise.
const NOISE: f64 = 1e-12;

/// How pairs are judged.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Student's t of the differences: exact if they are normal, and close to it for most of what
    /// averages over many messages. From 2 pairs on.
    #[default]
    T,
    /// The differences with every choice of signs: exact if they are symmetric about their mean. All
    /// choices up to 20 pairs, 19 999 drawn ones above. From 6 pairs on.
    SignFlip,
    /// The studentised bootstrap of the differences: for skewed ones. 9 999 resamples. From 20 pairs
    /// on.
    Bootstrap,
    /// McNemar's exact test and Tango's score interval, for metrics that say yes or no once in each
    /// run: those are judged so whatever the scenario says. From 6 pairs on.
    #[serde(skip)]
    YesNo,
}

impl Method {
    /// The fewest pairs it can judge.
    pub fn fewest(self) -> usize {
        match self {
            Self::T => 2,
            Self::SignFlip | Self::YesNo => 6,
            Self::Bootstrap => 20,
        }
    }

    /// What it is called in tables and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::T => "paired t",
            Self::SignFlip => "sign-flip",
            Self::Bootstrap => "bootstrap",
            Self::YesNo => "McNemar",
        }
    }
}

/// Differences that a method has looked at.
#[derive(Clone, PartialEq, Debug)]
pub struct Evidence {
    /// Pairs.
    pub pairs: usize,
    /// Mean difference, `after - before`.
    pub mean: f64,
    /// Standard deviation of the differences.
    pub sd: f64,
    seen: Seen,
}

#[derive(Clone, PartialEq, Debug)]
enum Seen {
    /// The standard error.
    Student(f64),
    /// All differences are the same number, so that there is no spread to go by: only how rarely so
    /// many signs agree by chance.
    Constant,
    Flips(flip::Flips),
    Resamples(bootstrap::Resamples),
    Outcomes(yes_no::Outcomes),
}

impl Evidence {
    /// Looks at differences by a method for numbers. `random` is drawn from for what is sampled.
    /// `None` if the method wants more pairs than there are.
    pub fn of(differences: &[f64], method: Method, random: &mut impl Rng) -> Option<Self> {
        let summary = Summary::of(differences);
        let (pairs, mean, sd) = (summary.n, summary.mean, summary.sd);
        if pairs < method.fewest() || pairs < differences.len() {
            return None;
        }
        let largest = summary.min.abs().max(summary.max.abs());
        let seen = if sd <= NOISE * largest {
            Seen::Constant
        } else {
            match method {
                Method::T => Seen::Student(sd / (pairs as f64).sqrt()),
                Method::SignFlip => Seen::Flips(flip::Flips::of(differences, random)),
                Method::Bootstrap => {
                    let resamples = bootstrap::Resamples::of(differences, RESAMPLES, random);
                    Seen::Resamples(resamples)
                }
                Method::YesNo => return None,
            }
        };
        Some(Self {
            pairs,
            mean,
            sd,
            seen,
        })
    }

    /// Looks at `pairs` of outcomes of which `gained` went from no to yes and `lost` from yes to no.
    /// `None` if there are too few.
    ///
    /// # Panics
    /// If more went either way than there are pairs.
    pub fn of_outcomes(gained: u32, lost: u32, pairs: u32) -> Option<Self> {
        assert!(gained + lost <= pairs, "more changes than pairs");
        let n = f64::from(pairs);
        let mean = (f64::from(gained) - f64::from(lost)) / n;
        let squares = f64::from(gained + lost) - n * mean * mean;
        (pairs as usize >= Method::YesNo.fewest()).then(|| Self {
            pairs: pairs as usize,
            mean,
            sd: (squares / (n - 1.0)).max(0.0).sqrt(),
            seen: Seen::Outcomes(yes_no::Outcomes {
                gained,
                lost,
                pairs,
            }),
        })
    }

    /// The p-value of "the mean difference is at most `limit`": small if it is surely above.
    pub fn p_above(&self, limit: f64) -> f64 {
        match &self.seen {
            Seen::Student(error) => student_cdf((limit - self.mean) / error, self.freedom()),
            Seen::Constant => self.p_constant(self.mean > limit),
            Seen::Flips(flips) => flips.p_above(limit),
            Seen::Resamples(resamples) => resamples.p_above(limit),
            Seen::Outcomes(outcomes) => outcomes.p_above(limit),
        }
    }

    /// The p-value of "the mean difference is at least `limit`": small if it is surely below.
    pub fn p_below(&self, limit: f64) -> f64 {
        match &self.seen {
            Seen::Student(error) => student_cdf((self.mean - limit) / error, self.freedom()),
            Seen::Constant => self.p_constant(self.mean < limit),
            Seen::Flips(flips) => flips.p_below(limit),
            Seen::Resamples(resamples) => resamples.p_below(limit),
            Seen::Outcomes(outcomes) => outcomes.p_below(limit),
        }
    }

    /// The p-value of "there is no difference", two-sided.
    pub fn p_none(&self) -> f64 {
        (2.0 * self.p_above(0.0).min(self.p_below(0.0))).min(1.0)
    }

    /// The interval of the mean difference: the limits that neither side rejects at 2.5 %. `None` if
    /// there is none, as for equal differences of fewer than 6 pairs.
    pub fn interval(&self) -> Option<(f64, f64)> {
        match &self.seen {
            Seen::Student(error) => {
                let half = student_quantile(0.5 + CONFIDENCE / 2.0, self.freedom()) * error;
                Some((self.mean - half, self.mean + half))
            }
            Seen::Constant => {
                let sure = 2.0 * self.p_constant(true) <= 1.0 - CONFIDENCE;
                sure.then_some((self.mean, self.mean))
            }
            Seen::Flips(flips) => flips.interval(),
            Seen::Resamples(resamples) => resamples.interval(),
            Seen::Outcomes(outcomes) => Some(outcomes.interval()),
        }
    }

    fn freedom(&self) -> f64 {
        (self.pairs - 1) as f64
    }

    /// So many signs that all agree.
    fn p_constant(&self, beyond: bool) -> f64 {
        if beyond {
            (0..self.pairs).fold(1.0, |p, _| p / 2.0)
        } else {
            1.0
        }
    }
}

/// A p-value among several, by the step-down rule of Holm (Scandinavian Journal of Statistics 1979):
/// whatever is true, some false claim is made with 5 % at most.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Stepped {
    /// The p-value to hold against 5 %.
    pub p: f64,
    /// What it was multiplied with: as many as were still to be judged.
    pub factor: f64,
}

/// Corrects p-values for their number; in the order they came.
pub fn holm(values: &[f64]) -> Vec<Stepped> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let nothing = Stepped {
        p: 1.0,
        factor: 1.0,
    };
    let mut stepped = vec![nothing; values.len()];
    let mut before = 0.0;
    for (place, at) in order.into_iter().enumerate() {
        let factor = (values.len() - place) as f64;
        // One that is not rejected keeps all after it.
        before = (values[at] * factor).clamp(before, 1.0);
        stepped[at] = Stepped { p: before, factor };
    }
    stepped
}

/// How many seeds would decide, if the spread stayed as it is: an estimate from `n` seeds is
/// `distance` away from the limit, and its interval reaches `reach` towards it. At least one more than
/// `n`; `None` if no number up to 100 000 would.
pub fn seeds_to_decide(n: usize, reach: f64, distance: f64) -> Option<usize> {
    const MOST: usize = 100_000;
    let width = |n: usize| {
        let t = student_quantile(0.5 + CONFIDENCE / 2.0, (n - 1) as f64);
        t / (n as f64).sqrt()
    };
    if n < 2 || !(reach.is_finite() && distance > 0.0) {
        return None;
    }
    let wanted = width(n) * distance / reach;
    let (mut low, mut high) = (n, MOST);
    if width(high) >= wanted {
        return None;
    }
    while low + 1 < high {
        let middle = low.midpoint(high);
        if width(middle) < wanted {
            high = middle;
        } else {
            low = middle;
        }
    }
    Some(high)
}

#[cfg(test)]
mod tests;
