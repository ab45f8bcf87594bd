//! Quantities by the name of their schema `format`: how the shape check, the sweeps and the
//! expectations read `"50 ms"` without knowing the field's type.

use crate::quantity::{Bandwidth, Bytes, Quantity, QuantityError, Rate, Share};
use crate::time::Duration;

/// A kind of quantity, as a schema's `format` names it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Measure {
    /// [`Duration`], counted in seconds.
    Duration,
    /// [`Bytes`].
    Bytes,
    /// [`Bandwidth`], in bit/s.
    Bandwidth,
    /// [`Rate`], counted per second.
    Rate,
    /// [`Share`], from 0 to 1.
    Share,
}

impl Measure {
    /// The measure a `format` keyword names.
    pub fn from_format(format: &str) -> Option<Self> {
        [
            Self::Duration,
            Self::Bytes,
            Self::Bandwidth,
            Self::Rate,
            Self::Share,
        ]
        .into_iter()
        .find(|measure| measure.format() == format)
    }

    /// The measure that goes with the unit of a metric: `"s"`, `"B"`, `"bit/s"`, `"/s"`, `"share"`.
    pub fn from_unit(unit: &str) -> Option<Self> {
        [
            Self::Duration,
            Self::Bytes,
            Self::Bandwidth,
            Self::Rate,
            Self::Share,
        ]
        .into_iter()
        .find(|measure| measure.unit() == unit)
    }

    fn format(self) -> &'static str {
        match self {
            Self::Duration => Duration::FORMAT,
            Self::Bytes => Bytes::FORMAT,
            Self::Bandwidth => Bandwidth::FORMAT,
            Self::Rate => Rate::FORMAT,
            Self::Share => Share::FORMAT,
        }
    }

    /// The unit that [`Measure::read`] counts in.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Duration => "s",
            Self::Bytes => "B",
            Self::Bandwidth => "bit/s",
            Self::Rate => "/s",
            Self::Share => "share",
        }
    }

    /// What it is called, with its article: "a time".
    pub fn called(self) -> &'static str {
        match self {
            Self::Duration => Duration::CALLED,
            Self::Bytes => Bytes::CALLED,
            Self::Bandwidth => Bandwidth::CALLED,
            Self::Rate => Rate::CALLED,
            Self::Share => Share::CALLED,
        }
    }

    /// An example: "50 ms".
    pub fn example(self) -> &'static str {
        match self {
            Self::Duration => Duration::EXAMPLE,
            Self::Bytes => Bytes::EXAMPLE,
            Self::Bandwidth => Bandwidth::EXAMPLE,
            Self::Rate => Rate::EXAMPLE,
            Self::Share => Share::EXAMPLE,
        }
    }

    /// The names of its units, smallest first.
    pub fn units(self) -> Vec<&'static str> {
        let units = match self {
            Self::Duration => Duration::units(),
            Self::Bytes => Bytes::units(),
            Self::Bandwidth => Bandwidth::units(),
            Self::Rate => Rate::units(),
            Self::Share => Share::units(),
        };
        units.iter().rev().map(|&(name, _)| name).collect()
    }

    /// The number a text stands for, in [`Measure::unit`].
    ///
    /// # Errors
    /// If the text is not such a quantity.
    pub fn read(self, text: &str) -> Result<f64, QuantityError> {
        Ok(match self {
            Self::Duration => Duration::parse(text)?.as_nanos() as f64 / 1e9,
            Self::Bytes => Bytes::parse(text)?.0 as f64,
            Self::Bandwidth => Bandwidth::parse(text)?.0 as f64,
            Self::Rate => Rate::parse(text)?.per_second(),
            Self::Share => Share::parse(text)?.0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_in_the_unit_of_metrics() {
        for (unit, text, number) in [
            ("s", "50 ms", 0.05),
            ("B", "2 KiB", 2048.0),
            ("bit/s", "1 MB/s", 8e6),
            ("/s", "30 /min", 0.5),
            ("share", "5 %", 0.05),
        ] {
            let measure = Measure::from_unit(unit).expect("a unit of metrics");
            assert_eq!(measure.read(text), Ok(number), "{text}");
            assert_eq!(measure.unit(), unit);
            assert!(measure.read(measure.example()).is_ok());
        }
        assert_eq!(Measure::from_format("uint32"), None);
        assert_eq!(Measure::from_unit(""), None);
    }
}
