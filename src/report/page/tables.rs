//! Verdicts and numbers as rows.

use crate::observe::record::{Better, MetricDef};
use crate::report::compare::{self, Change, Row};
use crate::report::csv::shortest;
use crate::report::results::Results;
use crate::report::table;
use crate::report::verdict::{self, Judgement};
use crate::scenario::Verdict;
use serde::Serialize;

/// So many have this verdict.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Count {
    /// The verdict.
    pub word: &'static str,
    /// How many.
    pub count: usize,
}

/// One expectation at one point.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Expectation {
    /// `pass`, `fail` or `unsure`.
    pub verdict: &'static str,
    /// Variant and values of the sweep; empty if there is one point.
    pub point: String,
    /// What is, and what should be.
    pub said: String,
    /// Why it is unsure, and how many seeds would decide; empty if it is not.
    pub doubt: String,
    /// The line of the scenario.
    pub line: usize,
}

/// One metric of a variant beside that of the base variant.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Comparison {
    /// `better`, `worse`, `same` or `unsure`.
    pub verdict: &'static str,
    /// The verdict in full: `unsure, not worse`.
    pub verdict_in_full: String,
    /// What is compared with what.
    pub points: String,
    /// The metric with the unit of its numbers.
    pub metric: String,
    /// The mean of the base variant.
    pub before: Cell,
    /// The mean of this one.
    pub after: Cell,
    /// The mean difference with its interval.
    pub difference: Cell,
    /// The same in percent.
    pub relative: Cell,
    /// In standard deviations of the pairs.
    pub effect: Cell,
    /// Worse against not worse, corrected for the number of questions.
    pub p: Cell,
    /// What else has to be known; may be empty.
    pub remark: String,
}

/// A metric.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Metric {
    /// Its name.
    pub name: String,
    /// Its base unit, as in the CSV files; empty for pure numbers.
    pub unit: &'static str,
    /// What is counted, and over what.
    pub meaning: &'static str,
    /// `lower is better`, `higher is better`, or nothing.
    pub better: &'static str,
}

/// A table of texts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Table {
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows, as long as the columns each.
    pub rows: Vec<Vec<Cell>>,
}

/// A column.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Column {
    /// Its name, with the unit of its numbers.
    pub name: String,
    /// Whether there are numbers in it.
    pub is_number: bool,
}

/// A text, and what it is sorted by.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Cell {
    /// What is read.
    pub text: String,
    /// The number in its base unit; empty for words, which are sorted as such.
    pub sort: String,
}

impl From<table::Cell> for Cell {
    fn from(cell: table::Cell) -> Self {
        let sort = shortest(cell.number);
        Self {
            text: cell.text,
            sort,
        }
    }
}

impl Table {
    /// The chosen metrics at each point.
    pub(super) fn of(results: &Results, chosen: &[&str]) -> Self {
        let (grid, _) = table::grid(results, chosen);
        let rows = grid.rows.into_iter();
        let rows: Vec<Vec<Cell>> = rows
            .map(|row| row.into_iter().map(Cell::from).collect())
            .collect();
        let columns = grid.head.into_iter().enumerate();
        let columns = columns.map(|(at, name)| Column {
            name,
            is_number: rows.iter().any(|row| !row[at].sort.is_empty()),
        });
        Self {
            columns: columns.collect(),
            rows,
        }
    }
}

impl Metric {
    pub(super) fn new(def: &MetricDef) -> Self {
        Self {
            name: def.name.to_string(),
            unit: def.unit,
            meaning: def.meaning,
            better: match def.better {
                Better::Lower => "lower is better",
                Better::Higher => "higher is better",
                Better::Neither => "",
            },
        }
    }
}

impl Expectation {
    pub(super) fn new(judgement: &Judgement<'_>) -> Self {
        Self {
            verdict: verdict::word(judgement.verdict),
            point: judgement.point.label(),
            said: judgement.sentence(),
            doubt: judgement.doubt().unwrap_or_default(),
            line: judgement.expect.line,
        }
    }
}

impl Comparison {
    pub(super) fn new(row: &Row<'_>) -> Self {
        let [before, after, difference, relative, effect, p, verdict] =
            compare::cells(row).map(Cell::from);
        Self {
            verdict: compare::word(row.change),
            verdict_in_full: verdict.text,
            points: compare::title(row),
            metric: compare::with_unit(row.question.metric, row),
            before,
            after,
            difference,
            relative,
            effect,
            p,
            remark: row.remark().unwrap_or_default(),
        }
    }
}

/// How many of each verdict there are, what is wrong first.
pub(super) fn verdicts(judgements: &[Judgement<'_>]) -> Vec<Count> {
    let all = [Verdict::Fail, Verdict::Unsure, Verdict::Pass];
    let counts = all.map(|verdict| Count {
        word: verdict::word(verdict),
        count: judgements
            .iter()
            .filter(|one| one.verdict == verdict)
            .count(),
    });
    counts.into_iter().filter(|count| count.count > 0).collect()
}

/// The same of comparisons.
pub(super) fn changes(rows: &[Row<'_>]) -> Vec<Count> {
    let all = [Change::Worse, Change::Unsure, Change::Same, Change::Better];
    let counts = all.map(|change| Count {
        word: compare::word(change),
        count: rows.iter().filter(|row| row.change == change).count(),
    });
    counts.into_iter().filter(|count| count.count > 0).collect()
}
