//! `sim bench`.

use super::arguments::Bench;
use super::exit::{Ended, Exit, Stop};
use super::terminal::Terminal;
use crate::bench::{Row, growth, report, run};
use crate::report::chart::{Axis, Caption, Chart, ChartError, Line, Lines, Point};
use std::path::Path;

pub(super) fn bench(command: &Bench, terminal: &mut Terminal) -> Ended {
    let rows = run(!command.full, command.only.as_deref(), &mut |part| {
        if !command.quiet {
            terminal.say(&format!("measuring {part} ..."));
        }
    });
    if let Some(file) = &command.chart {
        let chart = chart(&rows).map_err(|error| Stop::error(Exit::Unexpected, error))?;
        if file.extension().is_some_and(|end| end == "png") {
            let png = chart.png();
            write(
                file,
                &png.map_err(|error| Stop::error(Exit::Unexpected, error))?,
            )?;
        } else {
            write(file, chart.svg.as_bytes())?;
        }
        write(&file.with_extension("csv"), chart.csv.as_bytes())?;
    }
    if command.json {
        let text = serde_json::to_string_pretty(&rows);
        let text = text.map_err(|error| Stop::error(Exit::Unexpected, error))?;
        terminal.line(&text)?;
    } else {
        terminal.line(report(&rows).trim_end())?;
    }
    Ok(Exit::Fine)
}

fn write(file: &Path, contents: &[u8]) -> Result<(), Stop> {
    std::fs::write(file, contents).map_err(|error| {
        let message = format!("cannot write {}: {error}", file.display());
        Stop::error(Exit::Unexpected, message)
    })
}

/// How the cost of an event grows with the peers.
fn chart(rows: &[Row]) -> Result<Chart, ChartError> {
    let curves = growth(rows).into_iter().filter(|c| !c.points.is_empty());
    let lines = curves.map(|curve| Line {
        name: curve.name.to_owned(),
        points: curve
            .points
            .iter()
            .map(|&(peers, nanos)| Point {
                x: f64::from(peers),
                y: nanos / 1e9,
                low: f64::NAN,
                high: f64::NAN,
            })
            .collect(),
    });
    Lines {
        caption: Caption {
            title: "Cost of an event by the number of peers".to_owned(),
            note: "one core, median of three runs".to_owned(),
        },
        x: Axis {
            label: "peers".to_owned(),
            unit: String::new(),
            log: true,
        },
        y: Axis {
            label: "time per event".to_owned(),
            unit: "s".to_owned(),
            log: true,
        },
        lines: lines.collect(),
        ..Lines::default()
    }
    .draw()
}
