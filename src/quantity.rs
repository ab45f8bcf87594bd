//! Quantities with units, as scenario files write them: `"50 ms"`, `"10 Mbit/s"`, `"256 KiB"`,
//! `"30 /min"`, `"5 %"`.
//!
//! Parsing is exact: decimal digits times the unit in whole numbers, never through a float; what is
//! finer than the base unit is an error. A bare number where a unit is needed is an error that
//! shows the fix.

use crate::time::{self, Duration};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;

/// Why a text is not the quantity it should be.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{found}")]
pub struct QuantityError {
    /// What is wrong, as it stands beside the caret.
    pub found: String,
    /// What would be right.
    pub help: String,
}

/// A kind of quantity: its units, and the `format` that marks it in the schema.
pub trait Quantity: Sized {
    /// The `format` keyword in the JSON schema.
    const FORMAT: &'static str;
    /// What it is called in messages, with its article: "a time".
    const CALLED: &'static str;
    /// Units and their sizes in the base unit, for help texts and parsing.
    fn units() -> &'static [(&'static str, u64)];
    /// An example for help texts.
    const EXAMPLE: &'static str;
    /// Reads the text a scenario file holds.
    fn parse(text: &str) -> Result<Self, QuantityError>;
}

/// A number of bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Bytes(pub u64);

/// A bit rate, in bits per second.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Bandwidth(pub u64);

/// A share of a whole, between 0 and 1.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug)]
pub struct Share(pub f64);

/// How often something happens, per day (whole numbers keep it exact).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Rate {
    /// Events per day times 10^9.
    nano_per_day: u64,
}

impl Rate {
    /// Events per second.
    pub fn per_second(self) -> f64 {
        self.nano_per_day as f64 / 1e9 / 86_400.0
    }

    /// The mean time between two events; [`Duration::MAX`] for a rate of zero.
    pub fn mean_interval(self) -> Duration {
        if self.nano_per_day == 0 {
            Duration::MAX
        } else {
            Duration::from_secs_f64(1.0 / self.per_second())
        }
    }
}

const BYTE_UNITS: [(&str, u64); 7] = [
    ("GiB", 1 << 30),
    ("GB", 1_000_000_000),
    ("MiB", 1 << 20),
    ("MB", 1_000_000),
    ("KiB", 1 << 10),
    ("kB", 1_000),
    ("B", 1),
];
const BANDWIDTH_UNITS: [(&str, u64); 8] = [
    ("Gbit/s", 1_000_000_000),
    ("Mbit/s", 1_000_000),
    ("kbit/s", 1_000),
    ("bit/s", 1),
    ("MB/s", 8_000_000),
    ("MiB/s", 8 << 20),
    ("kB/s", 8_000),
    ("B/s", 8),
];
const RATE_UNITS: [(&str, u64); 4] = [
    ("/s", 86_400_000_000_000),
    ("/min", 1_440_000_000_000),
    ("/h", 24_000_000_000),
    ("/d", 1_000_000_000),
];

/// Splits `"1.5 h"` into digits, number of decimals and unit.
fn split(text: &str) -> Option<(u128, u32, &str)> {
    let text = text.trim();
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.' && c != '_')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let number = number.replace('_', "");
    let (whole, fraction) = number.split_once('.').unwrap_or((&number, ""));
    if whole.is_empty() || fraction.contains('.') || whole.len() + fraction.len() > 30 {
        return None;
    }
    if number.ends_with('.') {
        return None;
    }
    Some((
        format!("{whole}{fraction}").parse().ok()?,
        fraction.len() as u32,
        unit.trim(),
    ))
}

fn parse_units<Q: Quantity>(text: &str) -> Result<u64, QuantityError> {
    let names = || {
        let names: Vec<_> = Q::units().iter().rev().map(|&(name, _)| name).collect();
        format!("units: {}", names.join(", "))
    };
    let example = || format!("write it like \"{}\"", Q::EXAMPLE);
    let fail = |found: String, help: String| Err(QuantityError { found, help });
    let Some((digits, decimals, unit)) = split(text) else {
        return fail(format!("not {}", Q::CALLED), example());
    };
    if unit.is_empty() {
        return fail(format!("{} needs a unit", Q::CALLED), example());
    }
    let Some(&(_, size)) = Q::units().iter().find(|&&(name, _)| name == unit) else {
        return fail(format!("unknown unit `{unit}`"), names());
    };
    let scaled = digits.checked_mul(u128::from(size));
    let divisor = 10u128.pow(decimals);
    match scaled {
        Some(scaled) if !scaled.is_multiple_of(divisor) => {
            fail(format!("finer than one {}", base_unit::<Q>()), example())
        }
        Some(scaled) if scaled / divisor <= u128::from(u64::MAX) => Ok((scaled / divisor) as u64),
        _ => fail(format!("too large for {}", Q::CALLED), example()),
    }
}

fn base_unit<Q: Quantity>() -> &'static str {
    Q::units()
        .iter()
        .min_by_key(|&&(_, size)| size)
        .map_or("unit", |&(name, _)| name)
}

/// The shortest exact form in one unit.
fn print_units(f: &mut fmt::Formatter<'_>, value: u64, units: &[(&str, u64)]) -> fmt::Result {
    let exact = units
        .iter()
        .filter(|&&(_, size)| value.is_multiple_of(size));
    let (unit, size) = exact
        .max_by_key(|&&(_, size)| size)
        .copied()
        .unwrap_or(("", 1));
    write!(f, "{} {unit}", value / size)
}

impl Quantity for Duration {
    const FORMAT: &'static str = "duration";
    const CALLED: &'static str = "a time";
    const EXAMPLE: &'static str = "50 ms";
    fn units() -> &'static [(&'static str, u64)] {
        &time::UNITS
    }
    fn parse(text: &str) -> Result<Self, QuantityError> {
        parse_units::<Self>(text).map(Self::from_nanos)
    }
}

impl Quantity for Bytes {
    const FORMAT: &'static str = "bytes";
    const CALLED: &'static str = "a size";
    const EXAMPLE: &'static str = "256 KiB";
    fn units() -> &'static [(&'static str, u64)] {
        &BYTE_UNITS
    }
    fn parse(text: &str) -> Result<Self, QuantityError> {
        parse_units::<Self>(text).map(Self)
    }
}

impl Quantity for Bandwidth {
    const FORMAT: &'static str = "bandwidth";
    const CALLED: &'static str = "a bandwidth";
    const EXAMPLE: &'static str = "10 Mbit/s";
    fn units() -> &'static [(&'static str, u64)] {
        &BANDWIDTH_UNITS
    }
    fn parse(text: &str) -> Result<Self, QuantityError> {
        parse_units::<Self>(text).map(Self)
    }
}

impl Quantity for Rate {
    const FORMAT: &'static str = "rate";
    const CALLED: &'static str = "a rate";
    const EXAMPLE: &'static str = "30 /min";
    fn units() -> &'static [(&'static str, u64)] {
        &RATE_UNITS
    }
    fn parse(text: &str) -> Result<Self, QuantityError> {
        parse_units::<Self>(text).map(|nano_per_day| Self { nano_per_day })
    }
}

impl Quantity for Share {
    const FORMAT: &'static str = "share";
    const CALLED: &'static str = "a share";
    const EXAMPLE: &'static str = "5 %";
    fn units() -> &'static [(&'static str, u64)] {
        &[("%", 1)]
    }
    /// Accepts `"5 %"`; a bare number from 0 to 1 comes through [`Share::from_number`].
    fn parse(text: &str) -> Result<Self, QuantityError> {
        let help = || "write it like \"5 %\" or 0.05".to_owned();
        let number = text.trim().strip_suffix('%').map(str::trim);
        let plain = |n: &&str| n.chars().all(|c| c.is_ascii_digit() || ".-".contains(c));
        // The shift by two digits is in the decimal text, so that 99.9 % is 0.999 and not the
        // 0.9990000000000001 that a division of floats gives.
        let share = number
            .filter(plain)
            .and_then(|n| format!("{n}e-2").parse::<f64>().ok());
        match share {
            Some(share) if (0.0..=1.0).contains(&share) => Ok(Self(share)),
            Some(_) => Err(QuantityError {
                found: "not between 0 % and 100 %".to_owned(),
                help: help(),
            }),
            None => Err(QuantityError {
                found: "not a share".to_owned(),
                help: help(),
            }),
        }
    }
}

impl Share {
    /// A share given as a number, which must be from 0 to 1.
    pub fn from_number(number: f64) -> Result<Self, QuantityError> {
        if (0.0..=1.0).contains(&number) {
            Ok(Self(number))
        } else {
            let help = format!("write \"{number} %\" if a percentage is meant");
            Err(QuantityError {
                found: "not between 0 and 1".to_owned(),
                help,
            })
        }
    }
}

impl Bandwidth {
    /// The time `bytes` take at this rate, rounded up to a nanosecond.
    ///
    /// # Panics
    /// If the rate is zero.
    pub fn time_for(self, bytes: u64) -> Duration {
        let nanos = (u128::from(bytes) * 8_000_000_000).div_ceil(u128::from(self.0));
        Duration::from_nanos(u64::try_from(nanos).expect("a transfer longer than 584 years"))
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print_units(f, self.0, &BYTE_UNITS)
    }
}

impl fmt::Display for Bandwidth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print_units(f, self.0, &BANDWIDTH_UNITS[..4])
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, size) = RATE_UNITS
            .into_iter()
            .filter(|&(_, size)| self.nano_per_day.is_multiple_of(size))
            .max_by_key(|&(_, size)| size)
            .unwrap_or(("/d", 1_000_000_000));
        if self.nano_per_day.is_multiple_of(size) {
            write!(f, "{} {unit}", self.nano_per_day / size)
        } else {
            write!(f, "{} {unit}", self.nano_per_day as f64 / size as f64)
        }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Rounded at 10^-10 so that 0.07 prints as 7 and not as 7.000000000000001.
        write!(f, "{} %", (self.0 * 1e12).round() / 1e10)
    }
}

macro_rules! through_text {
    ($($quantity:ty),*) => {$(
        impl Serialize for $quantity {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl JsonSchema for $quantity {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                <$quantity as Quantity>::FORMAT.into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string",
                    "format": <$quantity as Quantity>::FORMAT,
                    "examples": [<$quantity as Quantity>::EXAMPLE],
                })
            }
        }
    )*};
}
through_text!(Duration, Bytes, Bandwidth, Rate, Share);

macro_rules! from_text {
    ($($quantity:ty),*) => {$(
        impl<'de> Deserialize<'de> for $quantity {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = Cow::<'de, str>::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
    )*};
}
from_text!(Duration, Bytes, Bandwidth, Rate);

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Share;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a share such as \"5 %\" or 0.05")
            }
            fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Share, E> {
                Share::from_number(number).map_err(E::custom)
            }
            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Share, E> {
                self.visit_f64(number as f64)
            }
            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Share, E> {
                self.visit_f64(number as f64)
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Share, E> {
                Share::parse(text).map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_exact() {
        assert_eq!(Duration::parse("1.5 h"), Ok(Duration::from_mins(90)));
        assert_eq!(Duration::parse("50ms"), Ok(Duration::from_millis(50)));
        assert_eq!(Bytes::parse("256 KiB"), Ok(Bytes(262_144)));
        assert_eq!(Bandwidth::parse("2.5 Mbit/s"), Ok(Bandwidth(2_500_000)));
        assert_eq!(Bandwidth::parse("1 MB/s"), Ok(Bandwidth(8_000_000)));
        assert_eq!(Rate::parse("30 /min").map(Rate::per_second), Ok(0.5));
        assert_eq!(Share::parse("5 %"), Ok(Share(0.05)));
    }

    #[test]
    fn a_percentage_is_the_nearest_number_to_its_hundredth() {
        for thousandth in 0..=1000_u32 {
            let text = format!("{}.{} %", thousandth / 10, thousandth % 10);
            let nearest = format!("{}.{:03}", thousandth / 1000, thousandth % 1000);
            assert_eq!(
                Share::parse(&text).map(|s| s.0),
                Ok(nearest.parse().unwrap())
            );
        }
        for text in ["", "%", ". %", "1e1 %", "nan %", "inf %", "1.2.3 %", "5"] {
            assert_eq!(
                Share::parse(text).unwrap_err().found,
                "not a share",
                "{text}"
            );
        }
        for text in ["-5 %", "100.1 %"] {
            assert!(
                Share::parse(text)
                    .unwrap_err()
                    .found
                    .starts_with("not between")
            );
        }
    }

    #[test]
    fn what_is_wrong_says_what_would_be_right() {
        let error = Duration::parse("50").unwrap_err();
        assert_eq!(
            (error.found.as_str(), error.help.as_str()),
            ("a time needs a unit", "write it like \"50 ms\"")
        );
        let error = Duration::parse("50 msec").unwrap_err();
        assert_eq!(
            (error.found.as_str(), error.help.as_str()),
            ("unknown unit `msec`", "units: ns, us, ms, s, min, h, d")
        );
        assert_eq!(
            Duration::parse("0.5 ns").unwrap_err().found,
            "finer than one ns"
        );
        assert_eq!(
            Duration::parse("999999999 d").unwrap_err().found,
            "too large for a time"
        );
        assert!(Duration::parse("-5 s").is_err());
        assert!(Share::from_number(5.0).unwrap_err().help.contains("5 %"));
    }

    #[test]
    fn printing_and_parsing_agree() {
        for text in ["50 ms", "2 h", "1500 ms", "7 d"] {
            assert_eq!(Duration::parse(text).unwrap().to_string(), text);
        }
        for text in ["256 KiB", "1 MB", "535 kB"] {
            assert_eq!(Bytes::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Rate::parse("30 /min").unwrap().to_string(), "30 /min");
        assert_eq!(Share::parse("7 %").unwrap().to_string(), "7 %");
        assert_eq!(
            Bandwidth::parse("10 Mbit/s").unwrap().to_string(),
            "10 Mbit/s"
        );
    }

    #[test]
    fn a_transfer_takes_bytes_over_rate() {
        assert_eq!(
            Bandwidth(8_000_000).time_for(1_000_000),
            Duration::from_secs(1)
        );
        assert_eq!(
            Bandwidth(3).time_for(1),
            Duration::from_nanos(2_666_666_667)
        );
    }
}
