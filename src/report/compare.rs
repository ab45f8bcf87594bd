//! Two settings compared, run by run: which metrics became better, which worse.
//!
//! Runs are paired by their seed, and every question (a metric at a point) has one verdict. The sizes of
//! `[[compare]]` divide all differences into three parts, *worse* by more than the margin, *same*, and
//! *better* by more than the smallest effect; a verdict is given where the pairs leave only one part,
//! else it is *unsure*. What decides first is whether it is worse or not: those p-values are corrected
//! for their number by Holm's rule, and what is said beyond that of one question is corrected as it was.

mod pairs;
mod questions;
mod text;

pub use pairs::{Pair, Sameness, is_same_place, sameness, with_baseline, with_variants};
pub use questions::{Question, questions};
pub(super) use text::{cells, with_unit};
pub use text::{footnote, markdown, sentence, terminal, title, to_json, word};

use crate::math::paired::{EXACT_PAIRS, Evidence, Method, holm, seeds_to_decide};
use crate::math::stats::{CONFIDENCE, Summary};
use crate::random::{Purpose, Streams};
use crate::scenario::Direction;
use pairs::Values;

/// What became of a metric.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// Better by more than the smallest effect.
    Better,
    /// Worse by more than the margin.
    Worse,
    /// Neither: the whole interval is between the two, or the metric is equal in every pair.
    Same,
    /// The pairs cannot tell.
    Unsure,
}

/// One question with its answer.
#[derive(Clone, PartialEq, Debug)]
pub struct Row<'a> {
    /// What was asked.
    pub question: Question<'a>,
    /// Of which runs.
    pub pair: Pair<'a>,
    /// How the pairs were judged.
    pub method: Method,
    /// Pairs that have the metric.
    pub pairs: usize,
    /// Pairs in which one run had nothing to measure it on.
    pub missing: usize,
    /// Its mean in the runs before.
    pub before: f64,
    /// Its mean in the runs after.
    pub after: f64,
    /// The mean of the differences `after - before`.
    pub difference: f64,
    /// The 95 % interval of that mean, of this question alone; none if the method is refused.
    pub interval: Option<(f64, f64)>,
    /// The mean difference in standard deviations of the differences (Cohen's d for pairs); for yes and
    /// no, the share of the changes that are gains, less one half (Cohen's g).
    pub effect: Option<f64>,
    /// The p-value of worse against not worse, after Holm's correction.
    pub p: Option<f64>,
    /// The p-value of "no difference" by flipped signs, to hold beside that of [`Row::p_none`].
    pub p_flip: Option<f64>,
    /// The p-value of "no difference", uncorrected.
    pub p_none: Option<f64>,
    /// The verdict.
    pub change: Change,
    /// Whether it is at least sure that it is not worse.
    pub not_worse: bool,
    /// About how many seeds would decide, if it is unsure and that is known.
    pub seeds: Option<usize>,
}

/// Answers every question for every pair of points that it is about.
pub fn compare<'a>(questions: &[Question<'a>], pairs: &[Pair<'a>]) -> Vec<Row<'a>> {
    let asked = questions.iter().flat_map(|question| {
        let about = pairs.iter().filter(|pair| question.is_about(pair));
        about.map(|pair| Draft::new(*question, *pair))
    });
    let drafts: Vec<Draft<'a>> = asked.collect();
    let values: Vec<f64> = drafts.iter().filter_map(Draft::p).collect();
    let mut stepped = holm(&values).into_iter();
    let rows = drafts.into_iter().map(|draft| {
        let stepped = draft.p().and_then(|_| stepped.next());
        match stepped {
            Some(stepped) => draft.judged(stepped.p, stepped.factor),
            None => draft.row,
        }
    });
    rows.collect()
}

/// A row before the correction for the number of rows.
struct Draft<'a> {
    row: Row<'a>,
    asked: Option<Asked>,
}

/// The p-values of the claims about one row, each one-sided.
#[derive(Clone, Copy)]
struct Asked {
    worse: f64,
    not_worse: f64,
    better: f64,
    same: f64,
    /// The limits of what is the same.
    limits: (f64, f64),
}

impl<'a> Draft<'a> {
    fn new(question: Question<'a>, pair: Pair<'a>) -> Self {
        let values = Values::of(&pair, question.metric);
        let mean =
            |values: &mut dyn Iterator<Item = f64>| Summary::of(&values.collect::<Vec<_>>()).mean;
        let before = mean(&mut values.pairs.iter().map(|pair| pair.0));
        let after = mean(&mut values.pairs.iter().map(|pair| pair.1));
        let differences: Vec<f64> = values.pairs.iter().map(|(b, a)| a - b).collect();
        let equal = !differences.is_empty() && differences.iter().all(|d| *d == 0.0);
        let method = if values.yes_or_no {
            Method::YesNo
        } else {
            question.method
        };
        let mut random = Streams::new(0).chacha(Purpose::Analysis, 7);
        let (gained, lost) = values.changes();
        let evidence = match method {
            _ if equal => None,
            Method::YesNo => Evidence::of_outcomes(gained, lost, differences.len() as u32),
            _ => Evidence::of(&differences, method, &mut random),
        };
        let flips = (Method::SignFlip.fewest()..=EXACT_PAIRS).contains(&differences.len());
        let flipped = (method == Method::T && flips && !equal)
            .then(|| Evidence::of(&differences, Method::SignFlip, &mut random));
        let effect = evidence.as_ref().map(|evidence| match method {
            Method::YesNo => f64::from(gained) / f64::from(gained + lost) - 0.5,
            _ => evidence.mean / evidence.sd,
        });
        let row = Row {
            question,
            pair,
            method,
            pairs: differences.len(),
            missing: values.missing,
            before,
            after,
            difference: Summary::of(&differences).mean,
            interval: match &evidence {
                Some(evidence) => evidence.interval(),
                None => equal.then_some((0.0, 0.0)),
            },
            effect: effect.filter(|effect| effect.is_finite()),
            p: None,
            p_flip: flipped.flatten().map(|evidence| evidence.p_none()),
            p_none: evidence.as_ref().map(Evidence::p_none),
            change: if equal { Change::Same } else { Change::Unsure },
            not_worse: equal,
            seeds: None,
        };
        let asked = evidence.map(|evidence| Asked::of(&evidence, &question, before));
        Self { row, asked }
    }

    /// The p-value of worse against not worse, two-sided.
    fn p(&self) -> Option<f64> {
        let asked = self.asked?;
        Some((2.0 * asked.worse.min(asked.not_worse)).min(1.0))
    }

    /// The row with its verdict; claims beyond "worse" and "not worse" are held against the same
    /// `factor`.
    fn judged(self, p: f64, factor: f64) -> Row<'a> {
        let Self { mut row, asked } = self;
        let Some(asked) = asked else {
            return row;
        };
        let level = 1.0 - CONFIDENCE;
        let holds = |claim: f64| p <= level && 2.0 * claim * factor <= level;
        row.p = Some(p);
        row.not_worse = holds(asked.not_worse);
        row.change = if holds(asked.worse) {
            Change::Worse
        } else if holds(asked.better) {
            Change::Better
        } else if holds(asked.same) {
            Change::Same
        } else {
            Change::Unsure
        };
        if row.change == Change::Unsure {
            row.seeds = asked.seeds(&row);
        }
        row
    }
}

impl Asked {
    fn of(evidence: &Evidence, question: &Question<'_>, before: f64) -> Self {
        let effect = question.min_effect.amount(before);
        let margin = question.margin.amount(before);
        match question.better {
            Direction::Higher => Self {
                worse: evidence.p_below(-margin),
                not_worse: evidence.p_above(-margin),
                better: evidence.p_above(effect),
                same: evidence.p_above(-margin).max(evidence.p_below(effect)),
                limits: (-margin, effect),
            },
            Direction::Lower => Self {
                worse: evidence.p_above(margin),
                not_worse: evidence.p_below(margin),
                better: evidence.p_below(-effect),
                same: evidence.p_below(margin).max(evidence.p_above(-effect)),
                limits: (margin, -effect),
            },
        }
    }

    /// About how many seeds would decide what is open: on which side of the margin, or of the smallest
    /// effect, the difference lies.
    fn seeds(&self, row: &Row<'_>) -> Option<usize> {
        let limit = if row.not_worse {
            self.limits.1
        } else {
            self.limits.0
        };
        let (low, high) = row.interval?;
        let reach = if limit < row.difference {
            row.difference - low
        } else {
            high - row.difference
        };
        seeds_to_decide(row.pairs, reach, (row.difference - limit).abs())
    }
}

#[cfg(test)]
mod tests;
