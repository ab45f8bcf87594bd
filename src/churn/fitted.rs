//! Lives fitted to measured ones.

use super::empirical::read_values;
use super::lifetime::{
    ExponentialLife, Lifetime, LogNormalLife, MixtureLife, ParetoLife, WeibullLife,
};
use super::trace::Trace;
use crate::input::{TextError, fields, lines};
use crate::math::fit::kaplan_meier_distance;
use crate::math::likelihood::{self, Lives};
use crate::quantity::Share;
use crate::random::{Draw, Purpose, Streams};
use crate::time::Duration;
use rand::Rng;

/// A law fitted to measured lives by maximum likelihood.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct FittedLife {
    /// The law.
    pub life: Lifetime,
    /// Akaike's criterion: smaller is better.
    pub aic: f64,
    /// The largest distance between the shares of lives that are over, measured (by Kaplan & Meier)
    /// and fitted.
    pub distance: f64,
    /// How often lives drawn from the law, and fitted again, are as far from their own fit: see
    /// [`SAMPLES`].
    pub p: f64,
    /// Why a scenario cannot have it, such as an infinite mean.
    pub wrong: Option<&'static str>,
}

/// Measured lives of one kind.
#[derive(Clone, PartialEq, Debug)]
pub struct MeasuredLives {
    /// `session` or `absence`: the key of `[churn]` they are for.
    pub key: &'static str,
    /// The lives.
    pub lives: Vec<MeasuredLife>,
}

/// A measured life.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct MeasuredLife {
    /// How long it was seen, in seconds.
    pub seconds: f64,
    /// Whether it ended; otherwise it was still under way.
    pub ended: bool,
    /// How long it could have been seen at most, in seconds: until the end of the trace.
    pub limit: f64,
}

/// How many samples the p values are from (a parametric bootstrap, Efron & Tibshirani 1993, chapter
/// 6), and of how many lives each is at most. The distance times the root of the number of lives has a
/// limiting law, so that samples need not be as large as the data; beyond this size p is approximate.
pub const SAMPLES: (u32, usize) = (199, 500);

/// Reads measured lives: a column of numbers of seconds (a heading is skipped), or a trace in CSV or
/// AVT. Of a trace, what was under way at its start is left out, as nobody knows since when; what is
/// under way at its end is cut there.
///
/// # Errors
/// At the first place that is neither, or if there are fewer than two different lives that ended.
pub fn read_lives(text: &str) -> Result<Vec<MeasuredLives>, TextError> {
    let column = lines(text)
        .next()
        .is_none_or(|(_, line)| fields(line).len() == 1);
    let kinds = if column {
        let life = |seconds| MeasuredLife {
            seconds,
            ended: true,
            limit: f64::INFINITY,
        };
        let lives = read_values(text)?.into_iter().map(life).collect();
        vec![("session", lives)]
    } else {
        let [sessions, absences] = Trace::read(text)?.lives();
        vec![("session", sessions), ("absence", absences)]
    };
    let enough = |lives: &[MeasuredLife]| {
        let mut ended = lives.iter().filter(|life| life.ended);
        let first = ended.next();
        ended.any(|life| first.is_some_and(|first| first.seconds.total_cmp(&life.seconds).is_ne()))
    };
    let kinds: Vec<MeasuredLives> = kinds
        .into_iter()
        .filter(|(_, lives)| enough(lives))
        .map(|(key, lives)| MeasuredLives { key, lives })
        .collect();
    if kinds.is_empty() {
        let message = "fewer than two different lives that begin and end here";
        return Err(TextError::new(1, 1, message));
    }
    Ok(kinds)
}

/// Every law fitted to these lives, best (least AIC) first.
pub fn fit_lives(lives: &[MeasuredLife]) -> Vec<FittedLife> {
    let sorted = Sorted::of(lives);
    let mut fitted: Vec<FittedLife> = KINDS
        .into_iter()
        .enumerate()
        .map(|(number, fit)| {
            let (life, aic) = fit(sorted.lives());
            let distance = sorted.distance(life);
            let p = if distance.is_finite() {
                bootstrap(lives, life, fit, distance, number as u64)
            } else {
                f64::NAN
            };
            FittedLife {
                life,
                aic,
                distance,
                p,
                wrong: life.wrong(),
            }
        })
        .collect();
    fitted.sort_by(|a, b| a.aic.total_cmp(&b.aic));
    fitted
}

/// Lives of both sorts in seconds, ascending.
struct Sorted {
    ended: Vec<f64>,
    cut: Vec<f64>,
}

impl Sorted {
    fn of(lives: &[MeasuredLife]) -> Self {
        let sorted = |ended| {
            let of = lives.iter().filter(|life| life.ended == ended);
            let mut seconds: Vec<f64> = of.map(|life| life.seconds).collect();
            seconds.sort_unstable_by(f64::total_cmp);
            seconds
        };
        Self {
            ended: sorted(true),
            cut: sorted(false),
        }
    }

    fn lives(&self) -> Lives<'_> {
        Lives {
            ended: &self.ended,
            cut: &self.cut,
        }
    }

    fn distance(&self, life: Lifetime) -> f64 {
        let cdf = |t| 1.0 - life.survival(Duration::from_secs_f64(t));
        kaplan_meier_distance(&self.ended, &self.cut, cdf)
    }
}

/// A law and its AIC.
type Kind = fn(Lives<'_>) -> (Lifetime, f64);

const KINDS: [Kind; 5] = [exponential, weibull, pareto, log_normal, mixture];

fn exponential(lives: Lives<'_>) -> (Lifetime, f64) {
    let fit = likelihood::exponential(lives);
    let mean = Duration::from_secs_f64(fit.parameters[0]);
    (Lifetime::Exponential(ExponentialLife { mean }), fit.aic())
}

fn weibull(lives: Lives<'_>) -> (Lifetime, f64) {
    let fit = likelihood::weibull(lives);
    let [shape, scale] = fit.parameters;
    let scale = Duration::from_secs_f64(scale);
    (Lifetime::Weibull(WeibullLife { shape, scale }), fit.aic())
}

fn pareto(lives: Lives<'_>) -> (Lifetime, f64) {
    let fit = likelihood::pareto(lives);
    let [shape, scale] = fit.parameters;
    let scale = Duration::from_secs_f64(scale);
    (Lifetime::Pareto(ParetoLife { shape, scale }), fit.aic())
}

fn log_normal(lives: Lives<'_>) -> (Lifetime, f64) {
    let fit = likelihood::log_normal(lives);
    let [median, sigma] = fit.parameters;
    let median = Duration::from_secs_f64(median);
    let life = LogNormalLife { median, sigma };
    (Lifetime::LogNormal(life), fit.aic())
}

fn mixture(lives: Lives<'_>) -> (Lifetime, f64) {
    let fit = likelihood::mixture(lives);
    let [share, first, second] = fit.parameters;
    let life = MixtureLife {
        share: Share(share),
        first: Duration::from_secs_f64(first),
        second: Duration::from_secs_f64(second),
    };
    (Lifetime::Mixture(life), fit.aic())
}

/// The p value of a distance: how often that of lives drawn from `life`, each seen no longer than one
/// of the measured ones could have been, from their own fit is as large.
fn bootstrap(lives: &[MeasuredLife], life: Lifetime, fit: Kind, distance: f64, number: u64) -> f64 {
    let mut rng = Streams::new(1).chacha(Purpose::Analysis, number);
    let (samples, most) = SAMPLES;
    let size = lives.len().min(most);
    let observed = distance * (lives.len() as f64).sqrt();
    let mut farther = 1;
    for _ in 0..samples {
        let drawn: Vec<MeasuredLife> = (0..size)
            .map(|_| {
                let limit = lives[rng.below(lives.len() as u64) as usize].limit;
                seen(life, limit, &mut rng)
            })
            .collect();
        let sorted = Sorted::of(&drawn);
        // No two ends: nothing to fit, and nothing to be far from.
        if sorted.ended.len() < 2 {
            continue;
        }
        let (again, _) = fit(sorted.lives());
        let apart = sorted.distance(again) * (size as f64).sqrt();
        farther += u32::from(apart >= observed);
    }
    f64::from(farther) / f64::from(samples + 1)
}

/// A life that is seen until it ends, or for `limit` seconds.
fn seen(life: Lifetime, limit: f64, rng: &mut impl Rng) -> MeasuredLife {
    // As a nanosecond is the least that a measured life can be.
    let seconds = life.sample(rng).as_secs_f64().max(1e-9);
    MeasuredLife {
        seconds: seconds.min(limit),
        ended: seconds <= limit,
        limit,
    }
}

#[cfg(test)]
mod tests;
