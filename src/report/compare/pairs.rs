//! Which runs stand beside which.

use crate::observe::record::{Observation, Record};
use crate::report::results::{PointResult, Results};
use std::cmp::Ordering;

/// Two points whose runs are compared seed by seed.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Pair<'a> {
    /// The runs that were there before, or those of the base variant.
    pub before: &'a PointResult,
    /// The runs that are judged.
    pub after: &'a PointResult,
    /// The position of `after` among the scenario's points.
    pub at: usize,
}

impl<'a> Pair<'a> {
    /// Whether it is the same point twice, run by two programs.
    pub fn is_before_and_after(&self) -> bool {
        self.before.is_at(self.after)
    }

    /// The runs with the same seed, by the seed.
    pub fn runs(&self) -> Vec<(u64, &'a Record, &'a Record)> {
        let after = self.after.sorted_runs();
        let both = self.before.sorted_runs().into_iter();
        both.filter_map(|(seed, before)| {
            let place = after.binary_search_by_key(seed, |(other, _)| *other).ok()?;
            let (_, record) = after[place];
            Some((*seed, before, record))
        })
        .collect()
    }
}

/// Every point of another variant beside that of the base, the first, at the same place of the sweep. A
/// point to which an axis means nothing stands beside every value of it.
pub fn with_variants(results: &Results) -> Vec<Pair<'_>> {
    let variants = results.variants();
    let base = variants.first().copied().unwrap_or_default();
    let bases = || results.points.iter().filter(|point| point.variant == base);
    let others = results.points.iter().enumerate();
    let others = others.filter(|(_, point)| point.variant != base);
    others
        .flat_map(|(at, after)| {
            let before = bases().filter(|before| is_same_place(before, after));
            before.map(move |before| Pair { before, after, at })
        })
        .collect()
}

/// Whether two points are at the same place of the sweep; an axis that means nothing to one of them is
/// no difference.
pub fn is_same_place(one: &PointResult, other: &PointResult) -> bool {
    let mut axes = one.axes.iter().zip(&other.axes);
    axes.all(|(a, b)| a.text == b.text || a.text.is_empty() || b.text.is_empty())
}

/// Every point beside the one of the same variant and the same place in the baseline; those that it does
/// not have are left out.
pub fn with_baseline<'a>(baseline: &'a Results, results: &'a Results) -> Vec<Pair<'a>> {
    let points = results.points.iter().enumerate();
    points
        .filter_map(|(at, after)| {
            let before = baseline.points.iter().find(|before| before.is_at(after))?;
            Some(Pair { before, after, at })
        })
        .collect()
}

/// How alike the runs of pairs are to the bit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sameness {
    /// Runs that have a partner.
    pub runs: usize,
    /// Those that delivered the same events at the same times.
    pub identical: usize,
    /// Of the identical ones, those that were measured differently.
    pub remeasured: usize,
}

/// Counts the runs that are the same to the bit.
pub fn sameness(pairs: &[Pair<'_>]) -> Sameness {
    let mut seen = Sameness::default();
    for (_, before, after) in pairs.iter().flat_map(Pair::runs) {
        let same = before.digest == after.digest;
        seen.runs += 1;
        seen.identical += usize::from(same);
        seen.remeasured += usize::from(same && !is_measured_alike(before, after));
    }
    seen
}

/// Whether what both runs measured is equal to the bit; "not a number" is equal to itself.
fn is_measured_alike(before: &Record, after: &Record) -> bool {
    let mut both = before.observations.iter().filter_map(|one| {
        let other = seen(after, &one.metric)?;
        Some((one, other))
    });
    let alike = |one: f64, other: f64| {
        one.partial_cmp(&other) == Some(Ordering::Equal) || (one.is_nan() && other.is_nan())
    };
    both.all(|(one, other)| alike(one.value, other.value))
}

fn seen<'r>(record: &'r Record, metric: &str) -> Option<&'r Observation> {
    record
        .observations
        .iter()
        .find(|seen| seen.metric == metric)
}

/// A metric in the runs of a pair.
pub(super) struct Values {
    /// Before and after, by the seed.
    pub(super) pairs: Vec<(f64, f64)>,
    /// Pairs without a number on one side.
    pub(super) missing: usize,
    /// Whether each run tried just once: a yes or a no.
    pub(super) yes_or_no: bool,
}

impl Values {
    pub(super) fn of(pair: &Pair<'_>, metric: &str) -> Self {
        let runs = pair.runs();
        let both: Vec<(&Observation, &Observation)> = runs
            .iter()
            .filter_map(|(_, before, after)| Some((seen(before, metric)?, seen(after, metric)?)))
            .filter(|(before, after)| before.value.is_finite() && after.value.is_finite())
            .collect();
        let once = |one: &Observation| one.trials == 1;
        Self {
            missing: runs.len() - both.len(),
            yes_or_no: !both.is_empty() && both.iter().all(|(b, a)| once(b) && once(a)),
            pairs: both.iter().map(|(b, a)| (b.value, a.value)).collect(),
        }
    }

    /// How many went up, and how many down.
    pub(super) fn changes(&self) -> (u32, u32) {
        let count = |is: fn(&(f64, f64)) -> bool| self.pairs.iter().filter(|pair| is(pair)).count();
        (
            count(|(before, after)| after > before) as u32,
            count(|(before, after)| after < before) as u32,
        )
    }
}
