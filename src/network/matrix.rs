//! The reader of dense delay matrices.

use crate::input::{TextError, fields, lines};
use crate::network::config::{MatrixConfig, MatrixValues};
use crate::network::latency::{LONGEST, Table};
use crate::time::Duration;

/// The largest matrix: a gigabyte of table.
const MOST_ROWS: usize = 16_384;

/// The one-way delays of a matrix file. The diagonal is ignored.
pub(super) fn read(text: &str, config: &MatrixConfig) -> Result<Table, TextError> {
    let halves = match config.values {
        MatrixValues::RoundTrip => 0.5,
        MatrixValues::OneWay => 1.0,
    };
    let factor = config.unit.seconds() * halves;
    let mut side = 0;
    let mut delays = Vec::new();
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
            let message = format!("{} numbers where the first row has {side}", row.len());
            return Err(TextError::new(line, column, message));
        }
        if rows == side {
            let message = format!("a row too many: each row has {side} numbers");
            return Err(TextError::new(line, 1, message));
        }
        for (place, &(column, number)) in row.iter().enumerate() {
            let delay = delay(number, factor, place == rows)
                .map_err(|message| TextError::new(line, column, message))?;
            delays.push(delay);
        }
        rows += 1;
    }
    if rows == 0 || rows != side {
        let message = format!("{rows} rows of {side} numbers: not square");
        return Err(TextError::new(last, 1, message));
    }
    Ok(Table { side, delays })
}

/// The delay a number means; `own` is on the diagonal.
fn delay(number: &str, factor: f64, own: bool) -> Result<Duration, String> {
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
    if own {
        return Ok(Duration::ZERO);
    }
    let delay = Duration::from_secs_f64(value * factor);
    if delay.is_zero() {
        return Err(format!(
            "{number} between two hosts: a missing measurement?"
        ));
    }
    if delay > LONGEST {
        return Err(format!("{number} is longer than {LONGEST}: another unit?"));
    }
    Ok(delay)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::config::TimeUnit;
    use proptest::prelude::*;

    fn config() -> MatrixConfig {
        MatrixConfig {
            file: "m".to_owned(),
            unit: TimeUnit::Milliseconds,
            values: MatrixValues::RoundTrip,
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
        assert!(error("").2.contains("not square"));
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
