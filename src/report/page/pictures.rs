//! The charts of a page.

use crate::observe::record::Better;
use crate::report::chart::ChartError;
use crate::report::compare::Row;
use crate::report::results::Results;
use crate::report::summary::summarise;
use crate::report::{drawn, figures, table};
use crate::scenario::{ChartKind, ChartSpec, Scenario, Settings};
use roxmltree::Document;
use serde::Serialize;
use thiserror::Error;

/// What our charts are made of; nothing in it can load, link or run.
const ELEMENTS: [&str; 7] = [
    "svg", "title", "desc", "rect", "text", "polyline", "polygon",
];

/// Forests that a page adds.
const FORESTS: usize = 2;
/// Metrics that a page draws if the scenario does not.
const FEW: usize = 4;
/// Rows of a forest, and points of a frontier, that can be told apart.
const MOST: usize = 24;

/// A chart.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Picture {
    /// What is shown.
    pub title: String,
    /// How to read it.
    pub note: String,
    /// The picture as an `svg` element. It is no plain text: a template writes `{{ chart.svg|safe }}`.
    pub svg: String,
    /// The file with the plotted numbers, relative to the folder; empty for a chart that the page adds.
    pub numbers: String,
}

/// A file in the folder of charts that this program has not drawn.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("charts/{stem}.svg:{line}: {message}")]
pub struct PictureError {
    /// The name of the file without its ending.
    pub stem: String,
    /// The line, from 1.
    pub line: u32,
    /// What is wrong there.
    pub message: String,
}

impl Picture {
    /// A chart from its file.
    pub(super) fn from_folder(stem: &str, svg: &str) -> Result<Self, PictureError> {
        let picture = Self::new(stem, svg)?;
        Ok(Self {
            numbers: format!("charts/{stem}.csv"),
            ..picture
        })
    }

    fn new(stem: &str, svg: &str) -> Result<Self, PictureError> {
        let wrong = |line, message: String| PictureError {
            stem: stem.to_owned(),
            line,
            message,
        };
        let document =
            Document::parse(svg).map_err(|error| wrong(error.pos().row, error.to_string()))?;
        let foreign = document
            .descendants()
            .filter(roxmltree::Node::is_element)
            .find(|node| {
                let mut attributes = node.attributes();
                !ELEMENTS.contains(&node.tag_name().name())
                    || attributes.any(|one| is_active(one.name()))
            });
        if let Some(node) = foreign {
            let line = document.text_pos_at(node.range().start).row;
            let name = node.tag_name().name();
            let message = format!("<{name}> is not of a chart that this program draws");
            return Err(wrong(line, message));
        }
        let text = |name: &str| {
            let mut nodes = document.root_element().children();
            let node = nodes.find(|node| node.has_tag_name(("http://www.w3.org/2000/svg", name)));
            node.and_then(|node| node.text()).unwrap_or_default()
        };
        let (title, note) = (text("title").to_owned(), text("desc").to_owned());
        // A name for those who cannot see it, without an id that another picture could have.
        let label = format!("{title}. {note}").replace('&', "&amp;");
        let label = label.replace('"', "&quot;").replace('<', "&lt;");
        let label = format!("<svg aria-label=\"{label}\" ");
        Ok(Self {
            title,
            note,
            svg: svg.trim().replacen("<svg ", &label, 1),
            numbers: String::new(),
        })
    }
}

/// Whether an attribute may run or fetch something.
fn is_active(name: &str) -> bool {
    name.starts_with("on") || matches!(name, "href" | "style" | "src" | "id" | "class")
}

/// The charts as the scenario asks for them, whatever order they come in: by the first wish for what
/// they show, a second chart of it after the first.
pub(super) fn order<'a>(
    charts: &'a [(String, String)],
    wishes: &[ChartSpec],
) -> Vec<(&'a str, &'a str)> {
    let names: Vec<String> = wishes.iter().map(drawn::name).collect();
    let place = |stem: &str| {
        let numbered = stem.rsplit_once('-').and_then(|(name, number)| {
            let number: usize = number.parse().ok()?;
            Some((names.iter().position(|known| known == name)?, number))
        });
        let first = names.iter().position(|known| known == stem);
        first
            .map(|at| (at, 1))
            .or(numbered)
            .unwrap_or((names.len(), 0))
    };
    let mut charts: Vec<_> = charts
        .iter()
        .map(|(stem, svg)| (stem.as_str(), svg.as_str()))
        .collect();
    charts.sort_by_key(|(stem, _)| (place(stem), *stem));
    charts
}

/// What a reader wants to see and the scenario does not draw: what it is about by variant or along the
/// sweep, what the variants change by pairs of runs, what is got for what is paid.
pub(super) fn others(
    scenario: &Scenario<Settings>,
    results: &Results,
    rows: &[Row<'_>],
) -> Result<Vec<Picture>, ChartError> {
    let spec = |kind, metric: &str| ChartSpec {
        metric: Some(metric.to_owned()),
        x: results.axes.first().cloned(),
        ..ChartSpec::new(kind)
    };
    // Without wishes there is a chart of the first metric already.
    let wishes = &scenario.charts;
    let drawn_of = |kinds: &[ChartKind], metric: &str| {
        let mut of = wishes.iter().filter(|wish| kinds.contains(&wish.kind));
        of.any(|wish| wish.subject() == metric)
    };
    let chosen = table::chosen(scenario, results);
    let mut specs = Vec::new();
    if !wishes.is_empty() {
        let plain = [ChartKind::Lines, ChartKind::Bars];
        let open = chosen.iter();
        let open = open.filter(|metric| !drawn_of(&plain, metric) && varies(results, metric));
        specs.extend(open.take(FEW).map(|metric| spec(ChartKind::Lines, metric)));
    }
    let mut compared: Vec<&str> = rows.iter().map(|row| row.question.metric).collect();
    compared.dedup();
    for metric in compared.into_iter().take(FORESTS) {
        let of = || rows.iter().filter(|row| row.question.metric == metric);
        let moved = of().any(|row| row.pairs > 1 && row.difference != 0.0);
        let is_drawn = drawn_of(&[ChartKind::Forest], metric);
        if moved && (2..=MOST).contains(&of().count()) && !is_drawn {
            specs.push(ChartSpec {
                title: Some(format!("Change of {}", figures::words(metric))),
                ..spec(ChartKind::Forest, metric)
            });
        }
    }
    let is_there = wishes.iter().any(|wish| wish.kind == ChartKind::Frontier);
    if !is_there && (3..=MOST).contains(&results.points.len()) {
        let expected = scenario.expects.iter().map(|expect| &expect.metric);
        let judged: Vec<&String> = expected
            .chain(scenario.compares.iter().map(|compare| &compare.metric))
            .collect();
        let first = |better| {
            let defs = results.metric_defs.iter();
            let mut defs = defs.filter(|def| def.better == better && varies(results, &def.name));
            let def = defs.find(|def| judged.iter().any(|name| def.name == **name))?;
            Some(def.name.to_string())
        };
        // Gain over cost, where the scenario judges both.
        if let (Some(gain), Some(cost)) = (first(Better::Higher), first(Better::Lower)) {
            let words = [&gain, &cost].map(|metric| figures::words(metric));
            specs.push(ChartSpec {
                title: Some(figures::capital(&words.join(" against "))),
                against: Some(cost),
                ..spec(ChartKind::Frontier, &gain)
            });
        }
    }
    if specs.is_empty() {
        return Ok(Vec::new());
    }
    let charts = drawn::draw(results, &specs, &scenario.expects)?;
    let pictures = charts.iter().map(|(stem, chart)| {
        Picture::new(stem, &chart.svg).map_err(|error| ChartError::Backend {
            title: stem.clone(),
            reason: error.message,
        })
    });
    pictures.collect()
}

/// Whether the points differ in the mean of a metric.
fn varies(results: &Results, metric: &str) -> bool {
    let points = results.points.iter();
    let mut means = points.map(|point| summarise(point, metric, "").over_runs.mean);
    means
        .next()
        .is_some_and(|first| means.any(|mean| (mean - first).abs() > 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\">\n\
        <title>A &amp; \"B\"</title>\n<desc>&lt;c></desc><text x=\"1\">t</text></svg>\n";

    #[test]
    fn a_chart_is_named_for_those_who_cannot_see_it() {
        let picture = Picture::from_folder("a", GOOD).expect("a chart");
        assert_eq!((&*picture.title, &*picture.note), ("A & \"B\"", "<c>"));
        let label = "<svg aria-label=\"A &amp; &quot;B&quot;. &lt;c>\" xmlns";
        assert!(picture.svg.starts_with(label), "{}", picture.svg);
        assert_eq!(picture.numbers, "charts/a.csv");
        assert!(Document::parse(&picture.svg).is_ok());
    }

    #[test]
    fn what_is_not_a_chart_is_refused_with_its_line() {
        let said = |svg: &str| {
            let refused = Picture::from_folder("a", svg);
            refused.expect_err("not a chart").to_string()
        };
        let script = GOOD.replace("<text x=\"1\">t</text>", "\n<script>x()</script>");
        let expected = "charts/a.svg:4: <script> is not of a chart that this program draws";
        assert_eq!(said(&script), expected);
        assert!(said(&GOOD.replace("x=\"1\"", "onclick=\"x()\"")).contains("<text> is not"));
        assert!(said(&GOOD[..60]).starts_with("charts/a.svg:"));
        assert!(said("").starts_with("charts/a.svg:1: "));
    }

    #[test]
    fn charts_come_in_the_order_of_the_wishes() {
        let wish = |kind, name: &str| ChartSpec {
            metric: Some(name.to_owned()),
            samples: Some(name.to_owned()),
            ..ChartSpec::new(kind)
        };
        let wishes = [
            wish(ChartKind::Ecdf, "z-9"),
            wish(ChartKind::Lines, "b"),
            wish(ChartKind::Frontier, "b"),
            wish(ChartKind::Bars, "b"),
        ];
        let files = ["a", "b", "b-2", "b-10", "b-frontier", "z-9"];
        let files = files.map(|stem| (stem.to_owned(), String::new()));
        let ordered = order(&files, &wishes).into_iter();
        let stems: Vec<&str> = ordered.map(|(stem, _)| stem).collect();
        assert_eq!(stems, ["z-9", "b", "b-2", "b-10", "b-frontier", "a"]);
    }
}
