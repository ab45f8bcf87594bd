//! The summary as a table: points down, metrics across, for the terminal and for Markdown.

use super::number::{shown_unit, with_interval};
use super::results::{Results, short_name};
use super::summary::{MetricSummary, summarise};
use crate::observe::record::Better;
use crate::scenario::{ChartKind, ChartSpec, Scenario, Settings};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

/// Columns of the terminal that a table may take.
pub const WIDTH: usize = 100;

/// Metrics in the table, if the scenario does not say what it is about.
const FEW: usize = 4;

/// One table: a head and rows of equal length.
pub(super) struct Grid {
    /// The names of the columns.
    pub(super) head: Vec<String>,
    /// As long as the head, each.
    pub(super) rows: Vec<Vec<Cell>>,
}

/// What stands in a table.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Cell {
    /// What is read.
    pub(super) text: String,
    /// What it is sorted by, in a base unit; not a number for words.
    pub(super) number: f64,
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        let number = f64::NAN;
        Self { text, number }
    }
}

impl Grid {
    fn width(&self, column: usize) -> usize {
        let texts = self.rows.iter().map(|row| &row[column].text);
        let lengths = texts.chain([&self.head[column]]);
        let lengths = lengths.map(|text| text.chars().count());
        lengths.max().unwrap_or(0)
    }
}

/// The chosen metrics (all if none are chosen) as `mean [low, high]`, as wide as [`WIDTH`] at most:
/// metrics that do not fit beside each other follow in further blocks. Unknown names are left out.
pub fn terminal(results: &Results, chosen: &[&str]) -> String {
    let (grid, fixed) = grid(results, chosen);
    let blocks = blocks(&grid, fixed);
    let texts: Vec<String> = blocks
        .iter()
        .map(|columns| draw(&grid, columns, fixed))
        .collect();
    let mut out = texts.join("\n\n");
    out.push_str("\n\n");
    out.push_str(&footnote(results));
    out.push('\n');
    out
}

/// The same as a Markdown table of any width.
pub fn markdown(results: &Results, chosen: &[&str]) -> String {
    let (grid, fixed) = grid(results, chosen);
    format!("{}\n{}\n", in_markdown(&grid, fixed), footnote(results))
}

/// A table in Markdown; what leads but for the last of it to the left.
pub(super) fn in_markdown(grid: &Grid, fixed: usize) -> String {
    let escape = |row: &mut dyn Iterator<Item = &String>| {
        let cells: Vec<String> = row.map(|text| text.replace('|', "\\|")).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let rules = (0..grid.head.len()).map(|i| if i + 1 < fixed { "---" } else { "---:" });
    let rules: Vec<&str> = rules.collect();
    let rows = grid.rows.iter();
    let rows: String = rows
        .map(|row| escape(&mut row.iter().map(|cell| &cell.text)))
        .collect();
    let (head, rules) = (escape(&mut grid.head.iter()), rules.join(" | "));
    format!("{head}| {rules} |\n{rows}")
}

pub(super) fn footnote(results: &Results) -> String {
    let one = results.points.iter().any(|p| p.runs.len() == 1);
    let few = results
        .points
        .iter()
        .any(|p| (2..5).contains(&p.runs.len()));
    let mut text = String::from("mean over n runs [95 % interval]");
    if results.points.iter().all(|p| p.runs.len() < 2) {
        return "n=1, no interval".into();
    }
    if one {
        text.push_str("; n=1, no interval");
    }
    if few {
        text.push_str("; fewer than 5 runs: wide intervals");
    }
    text
}

/// All texts, and how many leading columns (variant, axes, n) every block repeats.
pub(super) fn grid(results: &Results, chosen: &[&str]) -> (Grid, usize) {
    let points = results.sorted_points();
    let named = points.iter().any(|p| !p.variant.is_empty());
    let metrics: Vec<_> = results
        .metrics()
        .into_iter()
        .filter(|(name, _)| chosen.is_empty() || chosen.contains(name))
        .collect();
    let mut head: Vec<String> = Vec::new();
    if named {
        head.push("variant".into());
    }
    head.extend(results.axes.iter().map(|path| short_name(path)));
    head.push("n".into());
    let fixed = head.len();
    let mut rows: Vec<Vec<Cell>> = points
        .iter()
        .map(|point| {
            let variant = named.then(|| Cell::from(point.variant.clone()));
            let axes = (0..results.axes.len()).map(|i| {
                let axis = point.axes.get(i);
                Cell {
                    text: axis.map_or_else(String::new, |axis| axis.text.clone()),
                    number: axis.and_then(|axis| axis.number).unwrap_or(f64::NAN),
                }
            });
            let runs = point.runs.len();
            let runs = Cell {
                text: runs.to_string(),
                number: runs as f64,
            };
            variant.into_iter().chain(axes).chain([runs]).collect()
        })
        .collect();
    for (name, unit) in metrics {
        let column: Vec<MetricSummary<'_>> = points
            .iter()
            .map(|point| summarise(point, name, unit))
            .collect();
        let sizes = column
            .iter()
            .map(|s| s.over_runs.mean.abs())
            .filter(|v| v.is_finite());
        let shown = shown_unit(unit, sizes.fold(0.0, f64::max));
        head.push(if shown.name.is_empty() {
            name.into()
        } else {
            format!("{name} ({})", shown.name)
        });
        for (row, entry) in rows.iter_mut().zip(&column) {
            row.push(cell(entry, shown.divisor));
        }
    }
    (Grid { head, rows }, fixed)
}

fn cell(entry: &MetricSummary<'_>, divisor: f64) -> Cell {
    let s = &entry.over_runs;
    if s.n == 0 {
        return Cell::from("–".to_owned());
    }
    let interval = s
        .interval()
        .map(|(low, high)| (low / divisor, high / divisor));
    let text = with_interval(s.mean / divisor, interval);
    // The column n counts runs; say where fewer of them had something to measure.
    let text = if s.n < entry.point.runs.len() {
        format!("{text} n={}", s.n)
    } else {
        text
    };
    let number = s.mean;
    Cell { text, number }
}

/// Splits the metric columns into blocks that fit [`WIDTH`] (two columns of padding each).
fn blocks(grid: &Grid, fixed: usize) -> Vec<Vec<usize>> {
    let lead: usize = (0..fixed).map(|c| grid.width(c) + 2).sum();
    let mut blocks: Vec<Vec<usize>> = vec![Vec::new()];
    let mut used = lead;
    for column in fixed..grid.head.len() {
        let width = grid.width(column) + 2;
        let block = blocks.last_mut().expect("starts with one");
        if used + width > WIDTH && !block.is_empty() {
            blocks.push(vec![column]);
            used = lead + width;
        } else {
            block.push(column);
            used += width;
        }
    }
    blocks
}

/// The leading `fixed` columns and those of `columns`; what leads but for the last of it to the left.
pub(super) fn draw(grid: &Grid, columns: &[usize], fixed: usize) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled);
    let columns = || (0..fixed).chain(columns.iter().copied());
    table.add_row(columns().map(|at| &grid.head[at]));
    for row in &grid.rows {
        table.add_row(columns().map(|at| &row[at].text));
    }
    for (place, column) in table.column_iter_mut().enumerate() {
        // Texts to the left, numbers to the right.
        let alignment = if place + 1 < fixed {
            CellAlignment::Left
        } else {
            CellAlignment::Right
        };
        column.set_cell_alignment(alignment);
    }
    let text = table.to_string();
    let mut lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let widest = lines.iter().map(|line| line.chars().count()).max();
    let rule = format!(" {}", "─".repeat(widest.unwrap_or(1).max(1) - 1));
    lines.insert(1, &rule);
    lines.join("\n")
}

/// The metrics that a scenario is about: those of its expectations and charts; else the first that judge.
pub fn chosen<'a>(scenario: &'a Scenario<Settings>, results: &'a Results) -> Vec<&'a str> {
    let known = results.metrics();
    let expected = scenario.expects.iter().map(|expect| expect.metric.as_str());
    let drawn = scenario.charts.iter();
    let drawn = drawn.filter(|chart| matches!(chart.kind, ChartKind::Lines | ChartKind::Bars));
    let named: Vec<&str> = expected.chain(drawn.map(ChartSpec::subject)).collect();
    let judging = results
        .metric_defs
        .iter()
        .filter(|metric| metric.better != Better::Neither);
    let mut chosen: Vec<&str> = if named.is_empty() {
        judging.map(|metric| &*metric.name).take(FEW).collect()
    } else {
        known
            .iter()
            .map(|(name, _)| *name)
            .filter(|name| named.contains(name))
            .collect()
    };
    if chosen.is_empty() {
        chosen = known.iter().map(|(name, _)| *name).take(FEW).collect();
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::super::results::examples::eclipse;
    use super::*;
    use crate::observe::record::MetricDef;

    #[test]
    fn a_table_reads_well() {
        let text = terminal(&eclipse(20), &[]);
        assert!(
            text.contains("eclipse.success (%)") && text.contains("lookup.delay.p95 (ms)"),
            "{text}"
        );
        assert!(text.contains("classic") && text.contains("mean over n runs [95 % interval]"));
        assert_eq!(
            text.lines().filter(|l| l.contains('[')).count(),
            7,
            "{text}"
        );
        let one = terminal(&eclipse(1), &["eclipse.success"]);
        assert!(
            one.contains("n=1, no interval") && !one.contains("lookup"),
            "{one}"
        );
    }

    #[test]
    fn many_metrics_go_below_each_other() {
        let mut results = eclipse(3);
        for name in [
            "a.rather.long.metric.name",
            "another.rather.long.metric.name",
            "third.long.metric",
        ] {
            let def = MetricDef::new(name, "s", "", Better::Lower);
            results.metric_defs.push(def);
        }
        let text = terminal(&results, &[]);
        assert!(
            text.lines().all(|line| line.chars().count() <= WIDTH),
            "{text}"
        );
        assert_eq!(text.matches("variant").count(), 2, "{text}");
        assert!(text.contains('–'), "nothing measured shows as a dash");
    }

    #[test]
    fn markdown_has_one_line_per_point() {
        let text = markdown(&eclipse(2), &["eclipse.success"]);
        assert_eq!(text.lines().filter(|l| l.starts_with('|')).count(), 2 + 6);
        assert!(text.starts_with(
            "| variant | groups | n | eclipse.success (%) |\n| --- | --- | ---: | ---: |"
        ));
    }
}
