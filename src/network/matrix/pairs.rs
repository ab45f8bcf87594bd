//! Delays pair by pair: lines `a b 20.5`, CSV with a header, and JSON.

use super::{Cell, MOST_ROWS, cell, fill};
use crate::input::{TextError, counted, fields, lines};
use crate::network::latency::{LONGEST, Table};
use crate::time::Duration;
use serde::{Deserialize, Deserializer, de::Error};
use std::collections::BTreeMap;

/// Named hosts and the delays between them.
#[derive(Default)]
struct Pairs {
    numbers: BTreeMap<String, usize>,
    names: Vec<String>,
    /// From, to: the delay, and its line.
    delays: BTreeMap<(usize, usize), (Cell, usize)>,
}

impl Pairs {
    fn number(&mut self, name: &str) -> usize {
        if let Some(&number) = self.numbers.get(name) {
            return number;
        }
        let number = self.names.len();
        self.numbers.insert(name.to_owned(), number);
        self.names.push(name.to_owned());
        number
    }

    /// The table: a direction that is missing is as the other, and then `fill` decides.
    fn table(self, last: usize, filled: bool) -> Result<Table, TextError> {
        let side = self.names.len();
        if side == 0 {
            return Err(TextError::new(last, 1, "no pairs: a line is `a b 20.5`"));
        }
        let mut cells: Vec<Cell> = vec![None; side * side];
        for own in 0..side {
            cells[own * side + own] = Some(Duration::ZERO);
        }
        for (&(from, to), &(delay, _)) in &self.delays {
            cells[from * side + to] = delay;
            let back = &mut cells[to * side + from];
            if back.is_none() && !self.delays.contains_key(&(to, from)) {
                *back = delay;
            }
        }
        if filled {
            fill(side, &mut cells)?;
        }
        if let Some(gap) = cells.iter().position(Option::is_none) {
            let (from, to) = (&self.names[gap / side], &self.names[gap % side]);
            let message = format!(
                "no delay between `{from}` and `{to}`; add the pair, or let \
                 `missing = \"shortest-path\"` fill it"
            );
            return Err(TextError::new(last, 1, message));
        }
        let delays = cells.into_iter().map(Option::unwrap_or_default).collect();
        Ok(Table { side, delays })
    }
}

/// A pair per line; `named` is the column of a first line that names columns.
pub(super) fn lines_of(
    text: &str,
    named: Option<&str>,
    factor: f64,
    zeros: bool,
) -> Result<Table, TextError> {
    let mut lines = lines(text);
    let mut pairs = Pairs::default();
    let mut value = 2;
    let mut last = 1;
    if let Some(name) = named {
        let Some((line, head)) = lines.next() else {
            return Err(TextError::new(
                1,
                1,
                "empty: the first line names the columns",
            ));
        };
        let head = fields(head);
        let Some(found) = head.iter().position(|field| field.1 == name) else {
            let names: Vec<&str> = head.iter().map(|field| field.1).collect();
            let message = format!("no column `{name}`; there are {}", names.join(", "));
            return Err(TextError::new(line, 1, message));
        };
        if found < 2 {
            let message = format!("`{name}` is a name's column; the first two have the names");
            return Err(TextError::new(line, head[found].0, message));
        }
        value = found;
        last = line;
    }
    for (line, content) in lines {
        last = line;
        let fields = fields(content);
        let wrong = |column: usize, message: String| TextError::new(line, column, message);
        let Some(&(column, number)) = fields.get(value) else {
            let wanted = value + 1;
            let message = format!("{}; a pair has at least {wanted}", counted(fields.len()));
            return Err(wrong(fields[0].0, message));
        };
        for &(column, name) in &fields[..2] {
            if name.is_empty() {
                return Err(wrong(column, "a name is missing".to_owned()));
            }
        }
        let (a, b) = (pairs.number(fields[0].1), pairs.number(fields[1].1));
        if pairs.names.len() > MOST_ROWS {
            return Err(wrong(1, format!("more than {MOST_ROWS} hosts")));
        }
        let delay =
            cell(number, factor, a == b, zeros).map_err(|message| wrong(column, message))?;
        if let Some((_, before)) = pairs.delays.insert((a, b), (delay, line)) {
            let (a, b) = (fields[0].1, fields[1].1);
            let message =
                format!("a second delay from `{a}` to `{b}`; the first is in line {before}");
            return Err(wrong(fields[0].0, message));
        }
    }
    pairs.table(last, zeros)
}

/// A delay in JSON: a number that is not negative.
struct Number(f64);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = f64::deserialize(deserializer)?;
        if number < 0.0 {
            return Err(D::Error::custom(format!(
                "{number} is negative: a missing measurement?"
            )));
        }
        Ok(Self(number))
    }
}

/// Where in a document the delay from one to another is: line and column of the second name.
fn place(text: &str, from: &str, to: &str) -> (usize, usize) {
    let key = |name: &str| format!("{name:?}");
    let row = text.match_indices(&key(from)).find_map(|(at, name)| {
        let after = text[at + name.len()..].trim_start().strip_prefix(':')?;
        after
            .trim_start()
            .starts_with('{')
            .then_some(at + name.len())
    });
    let row = row.unwrap_or(0);
    let at = text[row..].find(&key(to)).map_or(0, |at| row + at);
    let line = text[..at].matches('\n').count() + 1;
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    (line, text[start..at].chars().count() + 1)
}

/// `{"data": {from: {to: number}}}`.
#[derive(Deserialize)]
struct Document {
    data: BTreeMap<String, BTreeMap<String, Number>>,
}

/// The delays of a JSON document; other keys beside `data` are skipped.
pub(super) fn json(text: &str, factor: f64, zeros: bool) -> Result<Table, TextError> {
    let document: Document = serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line().max(1), error.column().max(1));
        // The library's message ends with the place, which is said already.
        let said = error.to_string();
        let said = said
            .rsplit_once(" at line ")
            .map_or(said.as_str(), |(said, _)| said);
        TextError::new(
            line,
            column,
            format!("{said}; the shape is {{\"data\": {{FROM: {{TO: NUMBER}}}}}}"),
        )
    })?;
    let mut pairs = Pairs::default();
    let start = |message: String| TextError::new(1, 1, message);
    for (from, row) in &document.data {
        for (to, &Number(value)) in row {
            let (a, b) = (pairs.number(from), pairs.number(to));
            let said = |message: String| {
                let (line, column) = place(text, from, to);
                TextError::new(line, column, format!("from `{from}` to `{to}`: {message}"))
            };
            let delay = cell(&value.to_string(), factor, a == b, zeros).map_err(said)?;
            pairs.delays.insert((a, b), (delay, 1));
        }
    }
    if pairs.names.len() > MOST_ROWS {
        return Err(start(format!("more than {MOST_ROWS} hosts")));
    }
    debug_assert!(
        pairs
            .delays
            .values()
            .all(|(cell, _)| cell.is_none_or(|d| d <= LONGEST))
    );
    pairs.table(1, zeros)
}
