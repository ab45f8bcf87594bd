//! Measured lives as a law of their own.

use crate::input::{Field, TextError, fields, lines};
use crate::random::Draw;
use crate::time::Duration;
use rand::Rng;

/// The longest life in seconds: a century.
const LONGEST: f64 = 100.0 * 365.25 * 86_400.0;

/// The law of measured lives: each value as likely as any other, or evenly between the points of a
/// table of quantiles.
#[derive(Clone, PartialEq, Debug)]
pub struct Empirical {
    pieces: Vec<Piece>,
    mean: f64,
    mean_residual: f64,
}

/// Lives spread evenly from `low` to `high` seconds.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Piece {
    low: f64,
    high: f64,
    /// The share of lives in this piece and those before.
    lives: f64,
    /// The share of the time that they make up.
    time: f64,
}

impl Empirical {
    /// Reads lives in seconds: a column of values, or the table `share,seconds` of quantiles, with
    /// shares from 0 to 1, both columns ascending, the last share 1; a table that does not begin at the
    /// share 0 begins there with 0 s. A heading is skipped, `#` begins a comment.
    ///
    /// # Errors
    /// At the first place that is not so.
    pub fn read(text: &str) -> Result<Self, TextError> {
        let columns = lines(text).next().map_or(1, |(_, line)| fields(line).len());
        if columns == 1 {
            let values = read_values(text)?;
            let weight = 1.0 / values.len() as f64;
            return Ok(Self::of(values.into_iter().map(|x| (weight, x, x))));
        }
        let points = read_quantiles(text)?;
        let pairs = points.windows(2);
        Ok(Self::of(pairs.map(|pair| {
            let [(from, low), (to, high)] = [pair[0], pair[1]];
            (to - from, low, high)
        })))
    }

    /// Of pieces of this weight, from low to high.
    fn of(pieces: impl Iterator<Item = (f64, f64, f64)>) -> Self {
        let (mut lives, mut time, mut squares) = (0.0, 0.0, 0.0);
        let mut pieces: Vec<Piece> = pieces
            .map(|(weight, low, high)| {
                lives += weight;
                time += weight * f64::midpoint(low, high);
                squares += weight * (low * low + low * high + high * high) / 3.0;
                Piece {
                    low,
                    high,
                    lives,
                    time,
                }
            })
            .collect();
        for piece in &mut pieces {
            piece.lives /= lives;
            piece.time /= time;
        }
        let mean = time / lives;
        Self {
            pieces,
            mean,
            mean_residual: squares / lives / (2.0 * mean),
        }
    }

    /// The mean, in seconds.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The mean of what remains of a life under way at a random time, in seconds.
    pub fn mean_residual(&self) -> f64 {
        self.mean_residual
    }

    /// A whole life.
    pub fn sample(&self, rng: &mut impl Rng) -> Duration {
        let piece = self.piece(rng.unit(), |piece| piece.lives);
        Duration::from_secs_f64(piece.low + rng.unit() * (piece.high - piece.low))
    }

    /// What remains of a life under way at a random time: one drawn in proportion to its length, from a
    /// uniform place in it.
    pub fn residual(&self, rng: &mut impl Rng) -> Duration {
        let piece = self.piece(rng.unit(), |piece| piece.time);
        let (low, high) = (piece.low * piece.low, piece.high * piece.high);
        let whole = (low + rng.unit() * (high - low)).sqrt();
        Duration::from_secs_f64(rng.unit() * whole)
    }

    fn piece(&self, u: f64, upto: impl Fn(&Piece) -> f64) -> Piece {
        let at = self.pieces.partition_point(|piece| upto(piece) <= u);
        self.pieces[at.min(self.pieces.len() - 1)]
    }
}

/// A column of lives in seconds; a heading is skipped.
pub(super) fn read_values(text: &str) -> Result<Vec<f64>, TextError> {
    let mut values = Vec::new();
    let mut last = 1;
    for (index, (line, content)) in lines(text).enumerate() {
        last = line;
        let fields = fields(content);
        let [field] = fields[..] else {
            let message = format!("{} columns, where the first line has one", fields.len());
            return Err(TextError::new(line, 1, message));
        };
        match seconds(line, field) {
            Ok(value) => values.push(value),
            Err(_) if index == 0 && is_heading(field) => {}
            Err(error) => return Err(error),
        }
    }
    if values.is_empty() {
        return Err(TextError::new(last, 1, "no lives"));
    }
    Ok(values)
}

/// The points of a table of quantiles.
fn read_quantiles(text: &str) -> Result<Vec<(f64, f64)>, TextError> {
    let mut points: Vec<(f64, f64)> = Vec::new();
    let mut last = 1;
    for (index, (line, content)) in lines(text).enumerate() {
        last = line;
        let fields = fields(content);
        let [share, life] = fields[..] else {
            let message = format!("{} columns; two are `share,seconds`", fields.len());
            return Err(TextError::new(line, 1, message));
        };
        if index == 0 && is_heading(share) && is_heading(life) {
            continue;
        }
        let part = share.1.parse::<f64>().ok();
        let Some(part) = part.filter(|part| (0.0..=1.0).contains(part)) else {
            let message = format!("`{}` is not a share from 0 to 1", share.1);
            return Err(TextError::new(line, share.0, message));
        };
        // At the share 0 a life may be nothing.
        let nothing = part == 0.0 && life.1.parse() == Ok(0.0);
        let value = if nothing { 0.0 } else { seconds(line, life)? };
        if points.is_empty() && part > 0.0 {
            points.push((0.0, 0.0));
        }
        if let Some(&(before, shorter)) = points.last() {
            if part <= before {
                let message = format!("the share {} is not above the one before", share.1);
                return Err(TextError::new(line, share.0, message));
            }
            if value < shorter {
                let message = format!("{} s is below the quantile before", life.1);
                return Err(TextError::new(line, life.0, message));
            }
        }
        points.push((part, value));
    }
    match points[..] {
        [] => Err(TextError::new(last, 1, "no quantiles")),
        [.., (part, _)] if part < 1.0 => {
            let message =
                format!("the table ends at the share {part}, not 1: the longest life is missing");
            Err(TextError::new(last, 1, message))
        }
        _ => Ok(points),
    }
}

/// Whether this is a word and not a number.
fn is_heading((_, word): Field<'_>) -> bool {
    word.parse::<f64>().is_err() && word.chars().next().is_some_and(char::is_alphabetic)
}

/// A life from a nanosecond to a century.
fn seconds(line: usize, (column, word): Field<'_>) -> Result<f64, TextError> {
    let value = word.parse::<f64>().ok();
    value
        .filter(|value| (1e-9..=LONGEST).contains(value))
        .ok_or_else(|| {
            let message = format!("`{word}` is not a number of seconds above 0, up to a century");
            TextError::new(line, column, message)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::PeerRng;

    fn means(law: &Empirical) -> [f64; 2] {
        let mut rng = PeerRng::from_state(8);
        let n = 200_000;
        let mut mean = |draw: &mut dyn FnMut(&mut PeerRng) -> Duration| {
            (0..n).map(|_| draw(&mut rng).as_secs_f64()).sum::<f64>() / f64::from(n)
        };
        [
            mean(&mut |rng| law.sample(rng)),
            mean(&mut |rng| law.residual(rng)),
        ]
    }

    /// Means in closed form, and of samples within four standard errors (below 1 %).
    #[test]
    fn values_and_quantiles_have_their_means() {
        let cases = [
            // 10, 20, 60: mean 30, squares 4100 / 3.
            ("seconds\n60\n10 # ten\n20\n", 30.0, 4100.0 / 180.0),
            // Even from 0 to 100 s.
            ("share,seconds\n1,100\n", 50.0, 100.0 / 3.0),
            // Half below 10 s, half from there to 110: mean 32.5; squares 1/6 100 + 1/6 13300.
            ("0 0\n0.5 10\n1 110\n", 32.5, 13_400.0 / 6.0 / 65.0),
        ];
        for (text, mean, residual) in cases {
            let law = Empirical::read(text).expect("a law");
            assert!((law.mean() - mean).abs() < 1e-9, "{text}: {law:?}");
            assert!((law.mean_residual() - residual).abs() < 1e-9, "{text}");
            let [sampled, left] = means(&law);
            assert!((sampled / mean - 1.0).abs() < 0.01, "{text}: {sampled}");
            assert!((left / residual - 1.0).abs() < 0.01, "{text}: {left}");
        }
    }

    #[test]
    fn draws_stay_within_the_table() {
        let law = Empirical::read("0,5\n0.9,6\n1,7\n").expect("a law");
        let mut rng = PeerRng::from_state(9);
        let draws: Vec<f64> = (0..10_000)
            .map(|_| law.sample(&mut rng).as_secs_f64())
            .collect();
        assert!(draws.iter().all(|life| (5.0..=7.0).contains(life)));
        // 90 % below 6 s; four standard errors are 120.
        let below = draws.iter().filter(|&&life| life < 6.0).count();
        assert!(below.abs_diff(9000) < 120, "{below}");
    }
}
