//! Numbers for people: units that fit the size, and no more digits than the interval deserves.

use crate::math::log10;

/// A unit that values are shown in: divide by `divisor` and write `name` behind.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Shown<'a> {
    /// What one shown unit is worth in the base unit.
    pub divisor: f64,
    /// The shown unit; empty for pure numbers.
    pub name: &'a str,
}

/// The unit in which values up to `largest` of this base unit read well: shares as percent, times
/// from µs to days, bytes in powers of 1024. Other units stay as they are.
pub fn shown_unit(unit: &str, largest: f64) -> Shown<'_> {
    let steps: &[(f64, &'static str)] = match unit {
        "share" => &[(0.01, "%")],
        "s" => &[
            (86_400.0, "d"),
            (3_600.0, "h"),
            (60.0, "min"),
            (1.0, "s"),
            (1e-3, "ms"),
            (1e-6, "µs"),
        ],
        "B" => &[
            (1_073_741_824.0, "GiB"),
            (1_048_576.0, "MiB"),
            (1_024.0, "KiB"),
            (1.0, "B"),
        ],
        _ => &[(1.0, "")],
    };
    // Two of the larger unit are easier to read than 120 of the smaller; below that stay small.
    let fits = steps.iter().find(|(worth, name)| {
        let enough = if matches!(*name, "s" | "ms" | "µs") {
            1.0
        } else {
            2.0
        };
        largest.abs() >= enough * worth
    });
    let smallest = steps[steps.len() - 1];
    let base = steps
        .iter()
        .copied()
        .find(|(_, name)| matches!(*name, "s" | "B"))
        .unwrap_or(smallest);
    let (divisor, name) = match fits {
        Some(&found) => found,
        None if largest > 0.0 => smallest,
        None => base,
    };
    Shown {
        divisor,
        name: if name.is_empty() { unit } else { name },
    }
}

/// Decimals that show `digits` significant digits of `size`.
pub fn decimals(size: f64, digits: i32) -> usize {
    if size <= 0.0 || !size.is_finite() {
        return 0;
    }
    let magnitude = log10(size).floor() as i32;
    (digits - 1 - magnitude).clamp(0, 9) as usize
}

/// A number with this many decimals and a real minus sign; groups of three from 10 000 up.
pub fn fixed(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return if value.is_nan() {
            "–".into()
        } else {
            format!("{value}").replace('-', "−")
        };
    }
    let text = format!("{:.decimals$}", value.abs());
    let negative = value < 0.0 && text.bytes().any(|b| matches!(b, b'1'..=b'9'));
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut out = String::from(if negative { "−" } else { "" });
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && whole.len() > 4 && (whole.len() - place) % 3 == 0 {
            out.push('\u{a0}');
        }
        out.push(digit);
    }
    out + rest
}

/// `mean [low, high]` with two significant digits of the interval's half width; four of the mean
/// where there is no interval or no width.
pub fn with_interval(mean: f64, interval: Option<(f64, f64)>) -> String {
    let plain = decimals(mean.abs(), 4).min(6);
    let Some((low, high)) = interval else {
        return fixed(mean, plain);
    };
    let half = (high - low) / 2.0;
    let places = if half > 0.0 {
        decimals(half, 2).min(plain.max(1))
    } else {
        plain
    };
    format!(
        "{} [{}, {}]",
        fixed(mean, places),
        fixed(low, places),
        fixed(high, places)
    )
}

/// `1 run`, `2 runs`.
pub fn plural(number: usize, one: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {one}{ending}", fixed(number as f64, 0))
}

/// A word as a shell reads it back.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_fit_the_size() {
        let name = |unit, largest| shown_unit(unit, largest).name;
        assert_eq!(name("share", 0.3), "%");
        assert_eq!(
            [name("s", 0.25), name("s", 1.0), name("s", 90.0)],
            ["ms", "s", "s"]
        );
        assert_eq!(
            [name("s", 600.0), name("s", 36_000.0), name("s", 0.0)],
            ["min", "h", "s"]
        );
        assert_eq!(
            [name("B", 900.0), name("B", 4096.0), name("hops", 3.0)],
            ["B", "KiB", "hops"]
        );
        assert_eq!(
            shown_unit("", 3.0),
            Shown {
                divisor: 1.0,
                name: ""
            }
        );
    }

    #[test]
    fn digits_follow_the_interval() {
        assert_eq!(
            with_interval(17.834, Some((15.21, 20.44))),
            "17.8 [15.2, 20.4]"
        );
        assert_eq!(
            with_interval(1234.5, Some((1134.5, 1334.5))),
            "1234 [1134, 1334]"
        );
        assert_eq!(with_interval(0.012_345, None), "0.01235");
        assert_eq!(with_interval(3.0, Some((3.0, 3.0))), "3.000 [3.000, 3.000]");
        assert_eq!(with_interval(f64::NAN, None), "–");
        assert_eq!(fixed(-1_234_567.0, 0), "−1\u{a0}234\u{a0}567");
        assert_eq!(fixed(-0.001, 1), "0.0");
    }

    #[test]
    fn words_are_counted_and_quoted_for_a_shell() {
        assert_eq!([plural(1, "run"), plural(2, "seed")], ["1 run", "2 seeds"]);
        assert_eq!(quoted("peers=100"), "peers=100");
        assert_eq!(quoted("duration=\"10 min\""), "'duration=\"10 min\"'");
        assert_eq!(quoted("it's"), "'it'\\''s'");
    }
}
