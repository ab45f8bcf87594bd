//! The readers of measured delays between hosts: dense matrices, lists of pairs, JSON.

mod pairs;

use crate::input::{TextError, fields, lines};
use crate::network::config::{MatrixConfig, MatrixFormat, MatrixValues, MissingDelays};
use crate::network::latency::{LONGEST, Table};
use crate::time::Duration;

/// The largest matrix: a gigabyte of table.
const MOST_ROWS: usize = 16_384;

/// The most hosts whose missing delays are filled in.
const MOST_FILLED: usize = 1024;

/// A delay, or none where there is no measurement.
type Cell = Option<Duration>;

/// The one-way delays of a file with measurements.
pub(super) fn read(text: &str, config: &MatrixConfig) -> Result<Table, TextError> {
    let halves = match config.values {
        MatrixValues::RoundTrip => 0.5,
        MatrixValues::OneWay => 1.0,
    };
    let factor = config.unit.seconds() * halves;
    let zeros = config.missing == MissingDelays::ShortestPath;
    match config.format {
        MatrixFormat::Dense => {
            let (side, mut cells) = dense(text, factor, zeros)?;
            if zeros {
                fill(side, &mut cells)?;
            }
            let delays = cells.into_iter().map(Option::unwrap_or_default).collect();
            Ok(Table { side, delays })
        }
        MatrixFormat::Pairs => pairs::lines_of(text, config.column.as_deref(), factor, zeros),
        MatrixFormat::Json => pairs::json(text, factor, zeros),
    }
}

/// A row per line. The diagonal is ignored.
fn dense(text: &str, factor: f64, zeros: bool) -> Result<(usize, Vec<Cell>), TextError> {
    let mut side = 0;
    let mut cells = Vec::new();
    let mut rows = 0;
    let mut last = 1;
    for (line, row) in lines(text) {
        last = line;
        let row = fields(row);
        if rows == 0 {
            side = row.len();
            if side > MOST_ROWS {
                let message = format!("{side} columns are more than {MOST_ROWS}");
                return Err(TextError::new(line, 1, message));
            }
        }
        if row.len() != side {
            let column = row.last().map_or(1, |field| field.0);
            let message = format!(
                "{} numbers where the first row has {side}: a matrix is square",
                row.len()
            );
            return Err(TextError::new(line, column, message));
        }
        if rows == side {
            let message = format!("a row too many: each row has {side} numbers, not square");
            return Err(TextError::new(line, 1, message));
        }
        for (place, &(column, number)) in row.iter().enumerate() {
            let cell = cell(number, factor, place == rows, zeros)
                .map_err(|message| TextError::new(line, column, message))?;
            cells.push(if place == rows {
                Some(Duration::ZERO)
            } else {
                cell
            });
        }
        rows += 1;
    }
    if rows == 0 {
        let message = "no numbers: a line is a row of the matrix";
        return Err(TextError::new(last, 1, message));
    }
    if rows != side {
        let message = format!("{rows} rows of {side} numbers: not square");
        return Err(TextError::new(last, 1, message));
    }
    Ok((side, cells))
}

/// The delay a number means; `own` is of a host with itself, `zeros` are missing measurements.
fn cell(number: &str, factor: f64, own: bool, zeros: bool) -> Result<Cell, String> {
    if number.is_empty() {
        return Err("a number is missing".to_owned());
    }
    let value = number.parse::<f64>().ok().filter(|value| value.is_finite());
    let Some(value) = value else {
        return Err(format!("`{number}` is not a number"));
    };
    if value < 0.0 {
        return Err(format!("{number} is negative: a missing measurement?"));
    }
    let delay = Duration::from_secs_f64(value * factor);
    if delay.is_zero() && !own {
        if zeros {
            return Ok(None);
        }
        return Err(format!(
            "{number} between two hosts: a missing measurement? `missing = \"shortest-path\"` \
             fills it"
        ));
    }
    if delay > LONGEST && !own {
        return Err(format!("{number} is longer than {LONGEST}: another unit?"));
    }
    Ok(Some(delay.min(LONGEST)))
}

/// Gives pairs without a measurement the shortest path over other hosts.
fn fill(side: usize, cells: &mut [Cell]) -> Result<(), TextError> {
    let start = |message: String| TextError::new(1, 1, message);
    let gaps: Vec<usize> = (0..side)
        .filter(|row| cells[row * side..][..side].contains(&None))
        .collect();
    if gaps.is_empty() {
        return Ok(());
    }
    if side > MOST_FILLED {
        let message = format!("gaps among {side} hosts; {MOST_FILLED} at most are filled");
        return Err(start(message));
    }
    let known = cells.to_vec();
    for from in gaps {
        // Dijkstra's algorithm on a dense graph: the nearest open host, again and again.
        let mut far: Vec<Cell> = known[from * side..][..side].to_vec();
        let mut open: Vec<usize> = (0..side).filter(|&to| to != from).collect();
        let near = |far: &[Cell], open: &[usize]| {
            let known = (0..open.len()).filter_map(|i| far[open[i]].map(|far| (far, i)));
            known.min()
        };
        while let Some((here, i)) = near(&far, &open) {
            let at = open.swap_remove(i);
            for to in 0..side {
                if let Some(step) = known[at * side + to] {
                    let over = here.saturating_add(step);
                    far[to] = Some(far[to].map_or(over, |far| far.min(over)));
                }
            }
        }
        for to in 0..side {
            let found = &mut cells[from * side + to];
            if found.is_none() {
                *found = far[to];
            }
        }
        if let Some(to) = (0..side).find(|to| cells[from * side + to].is_none()) {
            let message = format!(
                "no way from host {} to host {}: no measurement, nor a path of others",
                from + 1,
                to + 1
            );
            return Err(start(message));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::config::{MissingDelays, TimeUnit};
    use proptest::prelude::*;

    fn config() -> MatrixConfig {
        MatrixConfig {
            file: "m".to_owned(),
            unit: TimeUnit::Milliseconds,
            values: MatrixValues::RoundTrip,
            format: MatrixFormat::Dense,
            column: None,
            missing: MissingDelays::Error,
        }
    }

    fn error(text: &str) -> (usize, usize, String) {
        let error = read(text, &config()).err().expect("an error");
        (error.line, error.column, error.message)
    }

    #[test]
    fn round_trips_are_halved_and_the_diagonal_is_ignored() {
        let table = read("# hosts\n0 10.5\t3\n7,  0.0 ,1\n1 2 9\n", &config()).expect("fine");
        let expected = [0, 5250, 1500, 3500, 0, 500, 500, 1000, 0];
        assert_eq!(table.side, 3);
        assert_eq!(table.delays, expected.map(Duration::from_micros));
    }

    #[test]
    fn errors_name_line_and_column() {
        assert_eq!(
            error("0 1\n1 zero\n"),
            (2, 3, "`zero` is not a number".to_owned())
        );
        assert_eq!((error("0 1\n\n0 0").0, error("0 1\n\n0 0").1), (3, 1));
        assert!(error("0 -1\n1 0").2.contains("negative"));
        assert!(error("0 nan\n1 0").2.contains("not a number"));
        assert!(error("0 1\n1 0 2").2.contains("first row has 2"));
        assert!(error("0,1\n1,").2.contains("missing"));
        assert!(error("0 1").2.contains("not square"));
        assert!(error("0 1\n1 0\n1 1").2.contains("a row too many"));
        assert!(error("").2.contains("no numbers"));
        assert!(error("0 1e30\n1 0").2.contains("another unit"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_table_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let text = String::from_utf8_lossy(&bytes);
            if let Ok(table) = read(&text, &config()) {
                prop_assert_eq!(table.delays.len(), table.side * table.side);
            }
        }

        #[test]
        fn near_tables_are_a_table_or_an_error(text in "([0-9]{1,3}[ ,\t.]){0,6}\n([0-9-]{1,3}[ ,\t]){0,6}\n?") {
            if let Ok(table) = read(&text, &config()) {
                prop_assert_eq!(table.delays.len(), table.side * table.side);
            }
        }
    }
}
