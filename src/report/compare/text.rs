//! Answers as text: for a terminal, for Markdown, in a sentence, as JSON.

use super::{Change, Row, Sameness};
use crate::math::stats::CONFIDENCE;
use crate::report::number::{Shown, decimals, fixed, shown_unit, with_interval};
use crate::report::results::PointResult;
use crate::report::table::{Cell, Grid, draw, in_markdown};
use crate::scenario::{Direction, Size};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The word for a verdict.
pub fn word(change: Change) -> &'static str {
    match change {
        Change::Better => "better",
        Change::Worse => "worse",
        Change::Same => "same",
        Change::Unsure => "unsure",
    }
}

impl Row<'_> {
    /// `worse`, and `unsure, not worse` where that much is sure.
    pub fn verdict(&self) -> String {
        let word = word(self.change);
        if self.change == Change::Unsure && self.not_worse {
            format!("{word}, not worse")
        } else {
            word.to_owned()
        }
    }

    /// Why the pairs cannot tell, or what else a reader has to know.
    pub fn remark(&self) -> Option<String> {
        let fewest = self.method.fewest();
        let missing = match self.missing {
            0 => String::new(),
            missing => format!("; {missing} pairs without a value"),
        };
        if self.change == Change::Unsure {
            let said = match (self.interval, self.seeds) {
                _ if self.pairs < fewest => {
                    let pairs = self.pairs;
                    format!(
                        "{pairs} of the {fewest} pairs that {} needs",
                        self.method.name()
                    )
                }
                (None, _) => "all differences are the same: 6 pairs would tell".to_owned(),
                (_, Some(seeds)) => format!("about {seeds} seeds would decide"),
                (_, None) => "no number of seeds would decide: it needs a larger `margin` or \
                              `min_effect`"
                    .to_owned(),
            };
            return Some(said + &missing);
        }
        let significant = |p: Option<f64>| p.is_some_and(|p| p <= 1.0 - CONFIDENCE);
        if let Some(flip) = self.p_flip
            && significant(self.p_none) != significant(self.p_flip)
        {
            let said = format!(
                "by flipped signs {}: the differences are far from normal",
                p_is(flip)
            );
            return Some(said + &missing);
        }
        (self.missing > 0).then(|| missing.trim_start_matches("; ").to_owned())
    }

    fn shown(&self) -> Shown<'static> {
        let largest = self.before.abs().max(self.after.abs());
        let largest = if largest.is_finite() { largest } else { 0.0 };
        shown_unit(self.question.unit, largest)
    }

    fn numbers(&self) -> Numbers {
        let shown = self.shown();
        let scaled = |value: f64| value / shown.divisor;
        let interval = self.interval.map(|(low, high)| (scaled(low), scaled(high)));
        let half = interval.map_or(0.0, |(low, high)| (high - low) / 2.0);
        let most = decimals(scaled(self.after).abs(), 4).max(1);
        let places = if half > 0.0 {
            decimals(half, 2).min(most.max(3))
        } else {
            most
        };
        let size = self.before.abs();
        let percent = 100.0 * self.difference / size;
        Numbers {
            unit: shown.name,
            before: fixed(scaled(self.before), places),
            after: fixed(scaled(self.after), places),
            difference: with_interval(scaled(self.difference), interval),
            relative: if percent.is_finite() {
                format!("{} %", fixed(percent, decimals(percent.abs(), 2).min(2)))
            } else {
                "–".to_owned()
            },
        }
    }
}

struct Numbers {
    unit: &'static str,
    before: String,
    after: String,
    difference: String,
    relative: String,
}

/// `broadcast.reliability went from 100.0 to 94.6 %, by −5.4 [−5.8, −5.1]: worse (paired t, 10 pairs,
/// p < 0.0001)`.
pub fn sentence(row: &Row<'_>) -> String {
    let Numbers {
        unit,
        before,
        after,
        difference,
        ..
    } = row.numbers();
    let metric = row.question.metric;
    let (method, pairs) = (row.method.name(), row.pairs);
    let how = match row.p {
        Some(p) => format!("{method}, {pairs} pairs, {}", p_is(p)),
        None if row.change == Change::Same => format!("equal in all {pairs} pairs"),
        None => format!("{pairs} pairs"),
    };
    let remark = row
        .remark()
        .map_or_else(String::new, |remark| format!("; {remark}"));
    let verdict = row.verdict();
    let moved = format!("{metric} went from {before} to {after} {unit}");
    let moved = moved.trim_end();
    format!("{moved}, by {difference}: {verdict} ({how}{remark})")
}

/// `0.0123`; below a ten-thousandth not by how much.
fn p_text(p: f64) -> String {
    if p < 1e-4 {
        "<0.0001".to_owned()
    } else {
        format!("{p:.4}")
    }
}

/// What is compared with what: `push-3 against flood, fanout 2`.
pub fn title(row: &Row<'_>) -> String {
    let (before, after) = (row.pair.before, row.pair.after);
    let named = |point: &PointResult| match point.label() {
        label if label.is_empty() => "before".to_owned(),
        label => label,
    };
    if row.pair.is_before_and_after() {
        return match after.label() {
            label if label.is_empty() => "before and after".to_owned(),
            label => format!("{label}, before and after"),
        };
    }
    let label = named(after);
    match label.strip_prefix(&after.variant) {
        Some(place) if named(before) == format!("{}{place}", before.variant) => {
            format!("{} against {}{place}", after.variant, before.variant)
        }
        _ => format!("{label} against {}", named(before)),
    }
}

/// The rows in tables: of what is compared with what, each with its metrics; or of metrics, each with
/// what is compared, if those are fewer.
fn blocks<'r, 'a>(rows: &'r [Row<'a>]) -> Vec<Block<'r, 'a>> {
    let count = |key: &dyn Fn(&Row<'a>) -> String| -> usize {
        let keys: BTreeSet<String> = rows.iter().map(key).collect();
        keys.len()
    };
    let metric = |row: &Row<'a>| row.question.metric.to_owned();
    let by_metric = count(&metric) < count(&|row| title(row));
    let mut blocks: Vec<Block<'r, 'a>> = Vec::new();
    for row in rows {
        let (head, name) = if by_metric {
            (metric(row), title(row))
        } else {
            (title(row), metric(row))
        };
        let row = (name, row);
        match blocks.iter_mut().find(|block| block.head == head) {
            Some(block) => block.rows.push(row),
            None => blocks.push(Block {
                head,
                rows: vec![row],
            }),
        }
    }
    blocks
}

/// The columns of an answer after its name.
const COLUMNS: [&str; 7] = [
    "before",
    "after",
    "difference",
    "relative",
    "effect",
    "p",
    "verdict",
];

/// A name with the unit of a row's numbers.
pub(in crate::report) fn with_unit(name: &str, row: &Row<'_>) -> String {
    match row.shown().name {
        "" => name.to_owned(),
        unit => format!("{name} ({unit})"),
    }
}

/// What stands in [`COLUMNS`].
pub(in crate::report) fn cells(row: &Row<'_>) -> [Cell; COLUMNS.len()] {
    let numbers = row.numbers();
    let cell = |text, number| Cell { text, number };
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
    let or_nan = |number: Option<f64>| number.unwrap_or(f64::NAN);
    [
        cell(numbers.before, row.before),
        cell(numbers.after, row.after),
        cell(numbers.difference, row.difference),
        cell(numbers.relative, row.difference / row.before.abs()),
        cell(
            or_dash(row.effect.map(|effect| fixed(effect, 2))),
            or_nan(row.effect),
        ),
        cell(or_dash(row.p.map(p_text)), or_nan(row.p)),
        Cell::from(row.verdict()),
    ]
}

/// Rows that have the same metric, or the same pair of points.
struct Block<'r, 'a> {
    /// What they share.
    head: String,
    /// What tells each from the others.
    rows: Vec<(String, &'r Row<'a>)>,
}

impl Block<'_, '_> {
    fn grid(&self) -> Grid {
        let rows = self.rows.iter().map(|(name, row)| {
            let name = Cell::from(with_unit(name, row));
            std::iter::once(name).chain(cells(row)).collect()
        });
        Grid {
            rows: rows.collect(),
            head: std::iter::once("")
                .chain(COLUMNS)
                .map(str::to_owned)
                .collect(),
        }
    }

    fn remarks(&self) -> Vec<(&str, String)> {
        let remarks = self.rows.iter();
        let remarks = remarks.filter_map(|(name, row)| Some((name.as_str(), row.remark()?)));
        remarks.collect()
    }
}

/// `p = 0.0123`, `p < 0.0001`.
fn p_is(p: f64) -> String {
    let text = p_text(p);
    match text.strip_prefix('<') {
        Some(bound) => format!("p < {bound}"),
        None => format!("p = {text}"),
    }
}

/// The answers as tables with remarks below.
pub fn terminal(rows: &[Row<'_>]) -> String {
    let blocks = blocks(rows).into_iter().map(|block| {
        let columns: Vec<usize> = (2..8).collect();
        let mut lines = vec![block.head.clone(), draw(&block.grid(), &columns, 2)];
        let remarks = block.remarks().into_iter();
        lines.extend(remarks.map(|(name, remark)| format!(" {name}: {remark}")));
        lines.join("\n")
    });
    blocks.collect::<Vec<_>>().join("\n\n")
}

/// The same in Markdown.
pub fn markdown(rows: &[Row<'_>]) -> String {
    let blocks = blocks(rows).into_iter().map(|block| {
        let table = in_markdown(&block.grid(), 2);
        let mut lines = vec![format!("**{}**\n\n{table}", block.head)];
        let remarks = block.remarks().into_iter();
        lines.extend(remarks.map(|(name, remark)| format!("- {name}: {remark}")));
        lines.join("\n")
    });
    blocks.collect::<Vec<_>>().join("\n\n")
}

/// How the numbers came about: `95 % intervals by paired t over 10 pairs of runs; p by Holm over 4
/// questions`.
pub fn footnote(rows: &[Row<'_>]) -> String {
    let mut methods: Vec<&str> = rows.iter().map(|row| row.method.name()).collect();
    methods.dedup();
    let most = rows.iter().map(|row| row.pairs).max().unwrap_or(0);
    let asked = rows.iter().filter(|row| row.p.is_some()).count();
    let holm = if asked > 1 {
        format!(", by Holm over {asked} questions")
    } else {
        String::new()
    };
    format!(
        "95 % intervals by {} over {most} pairs of runs with the same seed\np: worse against not worse{holm}; \
         effect: difference in standard deviations of the pairs",
        methods.join(" and ")
    )
}

/// The answers for a program.
pub fn to_json(rows: &[Row<'_>], sameness: Sameness) -> Value {
    let number = |value: f64| value.is_finite().then_some(value);
    let list = rows.iter().map(|row| {
        let place = |point: &PointResult| {
            let axes = point.axes.iter().filter(|axis| !axis.text.is_empty());
            let axes = axes.map(|axis| (axis.path.clone(), json!(axis.text)));
            json!({
            "variant": point.variant,
            "axes": axes.collect::<serde_json::Map<_, _>>(),
            })
        };
        let amount = |size: Size| number(size.amount(row.before));
        json!({
            "verdict": word(row.change),
            "not_worse": row.not_worse,
            "metric": row.question.metric,
            "unit": row.question.unit,
            "better": match row.question.better {
                Direction::Lower => "lower",
                Direction::Higher => "higher",
            },
            "min_effect": amount(row.question.min_effect),
            "margin": amount(row.question.margin),
            "of": place(row.pair.after),
            "against": place(row.pair.before),
            "pairs": row.pairs,
            "missing": row.missing,
            "before": number(row.before),
            "after": number(row.after),
            "difference": number(row.difference),
            "low": row.interval.map(|(low, _)| low),
            "high": row.interval.map(|(_, high)| high),
            "effect": row.effect,
            "method": row.method.name(),
            "p": row.p,
            "p_no_difference": row.p_none,
            "p_sign_flip": row.p_flip,
            "seeds_to_decide": row.seeds,
            "line": row.question.line,
        })
    });
    json!({
        "runs": sameness.runs,
        "identical": sameness.identical,
        "measured_differently": sameness.remeasured,
        "comparisons": list.collect::<Vec<_>>(),
    })
}
