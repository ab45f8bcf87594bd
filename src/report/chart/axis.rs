//! From numbers to places: ranges, ticks and their labels.

use super::Axis;
use crate::math::{log10, pow};
use crate::report::number::{Shown, fixed, shown_unit};

/// How values become places.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Linear,
    Log,
}

/// A scale that is ready to draw: values in base units.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Scale {
    kind: Kind,
    low: f64,
    high: f64,
    /// Value and label, ascending.
    pub(super) ticks: Vec<(f64, String)>,
    /// Whether the labels are names: none of them may be missing.
    pub(super) named: bool,
    /// Values of the short marks between.
    pub(super) minor: Vec<f64>,
    /// The axis label with its unit.
    pub(super) label: String,
}

/// Whether a range is widened to the ticks around it (vertical axes) or kept (horizontal).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ends {
    AtTicks,
    /// At ticks, and zero is in it.
    FromZero,
    AtData,
}

impl Scale {
    /// A scale over all finite `values`, which have to hold at least one.
    pub(super) fn over(axis: &Axis, values: impl Iterator<Item = f64>, ends: Ends) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        // Sizes that no run can mean must not overflow the arithmetic of ticks.
        let sane = |v: f64| {
            if v.abs() < 1e-100 {
                0.0
            } else {
                v.clamp(-1e100, 1e100)
            }
        };
        for value in values.filter(|v| v.is_finite()).map(sane) {
            low = low.min(value);
            high = high.max(value);
        }
        let shown = shown_unit(&axis.unit, low.abs().max(high.abs()));
        let label = match (axis.label.as_str(), shown.name) {
            (label, "" | "%") => label.to_owned(),
            ("", unit) => unit.to_owned(),
            (label, unit) => format!("{label} ({unit})"),
        };
        let mut scale = if axis.log && low > 0.0 {
            Self::log(low, high, shown, ends)
        } else {
            Self::linear(low, high, shown, ends, axis.unit == "share")
        };
        scale.label = label;
        scale
    }

    /// One place for each name: 0, 1, 2 …
    pub(super) fn categories(label: &str, names: &[String]) -> Self {
        let ticks = names
            .iter()
            .enumerate()
            .map(|(i, name)| (i as f64, name.clone()));
        Self {
            kind: Kind::Linear,
            low: -0.5,
            high: names.len() as f64 - 0.5,
            ticks: ticks.collect(),
            named: true,
            minor: Vec::new(),
            label: label.to_owned(),
        }
    }

    fn linear(low: f64, high: f64, shown: Shown<'_>, ends: Ends, share: bool) -> Self {
        let (mut low, mut high) = (low / shown.divisor, high / shown.divisor);
        let size = high.abs().max(low.abs());
        // No room above 100 % for shares that are shares.
        let share = share && ends != Ends::AtData && low >= 0.0 && high <= 100.0 + 1e-9;
        if ends == Ends::FromZero || (ends == Ends::AtTicks && low >= 0.0 && low < 0.6 * high) {
            low = low.min(0.0);
            high = high.max(0.0);
        }
        if high - low <= 1e-9 * size || size == 0.0 {
            // One level only: leave room on both sides.
            let room = if size == 0.0 { 1.0 } else { 0.1 * size };
            low = if low == 0.0 || ends == Ends::FromZero {
                low
            } else {
                low - room
            };
            high += room;
        }
        if share {
            high = high.min(100.0);
        }
        let intervals = if ends == Ends::AtData { 7.0 } else { 5.0 };
        let step = nice_step((high - low) / intervals, shown.name);
        if ends == Ends::AtData {
            let room = 0.03 * (high - low);
            low = if low == 0.0 { 0.0 } else { low - room };
            high += room;
        } else {
            low = (low / step + 1e-9).floor() * step;
            high = (high / step - 1e-9).ceil() * step;
        }
        let first = (low / step - 1e-9).ceil() as i64;
        let last = (high / step + 1e-9).floor() as i64;
        let unit = if shown.name == "%" { "\u{a0}%" } else { "" };
        let largest = low.abs().max(high.abs());
        let ticks = (first..=last)
            .map(|i| i as f64 * step)
            .map(|tick| (tick * shown.divisor, tick_label(tick, step, largest) + unit))
            .collect();
        let (low, high) = (low * shown.divisor, high * shown.divisor);
        Self {
            named: false,
            kind: Kind::Linear,
            low,
            high,
            ticks,
            minor: Vec::new(),
            label: String::new(),
        }
    }

    fn log(low: f64, high: f64, shown: Shown<'_>, ends: Ends) -> Self {
        let (low, high) = (low / shown.divisor, high / shown.divisor);
        let decade = |exponent: i32| pow(10.0, f64::from(exponent));
        let (first, last) = (log10(low).floor() as i32, log10(high).ceil() as i32);
        let (mut from, mut until) = (low, high);
        if ends == Ends::AtData {
            let room = pow(high / low, 0.03).max(1.02);
            from /= room;
            until *= room;
        } else {
            // To the next tick at 1, 2 or 5.
            let steps = |e: i32| [1.0, 2.0, 5.0].map(|m| m * decade(e));
            let all: Vec<f64> = (first - 1..=last).flat_map(steps).collect();
            from = all
                .iter()
                .copied()
                .rfind(|v| *v <= low * (1.0 + 1e-9))
                .unwrap_or(low);
            until = all
                .iter()
                .copied()
                .find(|v| *v >= high * (1.0 - 1e-9))
                .unwrap_or(high);
            if from >= until {
                (from, until) = (low / 2.0, high * 2.0);
            }
        }
        let inside = |v: &f64| *v >= from * (1.0 - 1e-9) && *v <= until * (1.0 + 1e-9);
        // Few decades get labels between them, many only every second or third.
        let span = log10(until / from);
        let marks: &[f64] = if span < 2.2 { &[1.0, 2.0, 5.0] } else { &[1.0] };
        let every = ((span / 7.0).ceil() as i32).max(1);
        let unit = if shown.name == "%" { "\u{a0}%" } else { "" };
        // One way of writing for the whole axis.
        let plain = from >= 0.000_999 && until < 9.9e6;
        let ticks: Vec<(f64, String)> = (first - 1..=last)
            .filter(|e| e % every == 0)
            .flat_map(|e| marks.iter().map(move |m| (m * decade(e), e)))
            .filter(|(v, _)| inside(v))
            .map(|(v, e)| {
                (
                    v * shown.divisor,
                    format!("{}{unit}", log_label(v, e, plain)),
                )
            })
            .collect();
        let minor = (first - 1..=last)
            .flat_map(|e| (1..10).map(move |m| f64::from(m) * decade(e)))
            .filter(inside)
            .map(|v| v * shown.divisor)
            .filter(|v| ticks.iter().all(|(tick, _)| (tick / v - 1.0).abs() > 1e-6))
            .collect();
        let (low, high) = (from * shown.divisor, until * shown.divisor);
        Self {
            named: false,
            kind: Kind::Log,
            low,
            high,
            ticks,
            minor,
            label: String::new(),
        }
    }

    /// Where a value is: 0 at the lower end, 1 at the upper, never outside.
    pub(super) fn place(&self, value: f64) -> f64 {
        let part = match self.kind {
            Kind::Linear => (value - self.low) / (self.high - self.low),
            Kind::Log if value <= 0.0 => 0.0,
            Kind::Log => log10(value / self.low) / log10(self.high / self.low),
        };
        part.clamp(0.0, 1.0)
    }

    /// Ticks at these values with these labels, instead of the round ones.
    pub(super) fn with_ticks(mut self, ticks: Vec<(f64, String)>) -> Self {
        self.ticks = ticks;
        self
    }
}

/// The smallest round step that is at least `rough`: 1, 2, 2.5, 5 times a power of ten, and for
/// hours and minutes what divides a day and an hour.
fn nice_step(rough: f64, unit: &str) -> f64 {
    let clock: &[f64] = match unit {
        "h" => &[1.0, 2.0, 3.0, 6.0, 12.0, 24.0, 48.0],
        "min" => &[1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 60.0],
        _ => &[],
    };
    let fits = |step: &f64| *step >= rough * (1.0 - 1e-9);
    if let Some(&step) = clock.iter().find(|s| fits(s)).filter(|_| rough > 0.5) {
        return step;
    }
    let power = pow(10.0, log10(rough).floor());
    let steps = [1.0, 2.0, 2.5, 5.0, 10.0].map(|step| step * power);
    steps.into_iter().find(fits).unwrap_or(10.0 * power)
}

/// A tick of a linear axis with the decimals of its step; axes that only hold very large or very
/// small numbers get powers of ten.
fn tick_label(tick: f64, step: f64, largest: f64) -> String {
    if (1e-3..1e7).contains(&largest) || largest == 0.0 {
        return fixed(tick, step_decimals(step));
    }
    if tick == 0.0 {
        return "0".into();
    }
    let exponent = log10(largest * (1.0 + 1e-9)).floor();
    let power = pow(10.0, exponent);
    let factor = fixed(tick / power, step_decimals(step / power));
    format!("{factor}×10{}", raised(exponent as i32))
}

/// The decimals that tell multiples of a round step apart.
fn step_decimals(step: f64) -> usize {
    let whole = |scaled: f64| (scaled - scaled.round()).abs() < 1e-6 * scaled.max(1e-3);
    let places = (0..9u8).find(|&p| whole(step * pow(10.0, f64::from(p))));
    usize::from(places.unwrap_or(9))
}

/// A tick of a logarithmic axis: plain, or from 10 000 up and below 0.01 as a power of ten.
fn log_label(value: f64, exponent: i32, plain: bool) -> String {
    if plain || (-2..=3).contains(&exponent) {
        return fixed(value, (-exponent).max(0) as usize);
    }
    let factor = (value / pow(10.0, f64::from(exponent))).round();
    if factor > 1.0 {
        format!("{factor}×10{}", raised(exponent))
    } else {
        format!("10{}", raised(exponent))
    }
}

/// A number in superscript.
fn raised(exponent: i32) -> String {
    let digits = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let letters = exponent.to_string();
    letters
        .chars()
        .map(|c| c.to_digit(10).map_or('⁻', |d| digits[d as usize]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(scale: &Scale) -> Vec<&str> {
        scale
            .ticks
            .iter()
            .map(|(_, label)| label.as_str())
            .collect()
    }

    fn axis(unit: &str, log: bool) -> Axis {
        Axis {
            label: "delay".into(),
            unit: unit.into(),
            log,
        }
    }

    #[test]
    fn ticks_are_round_numbers_with_units() {
        let share = Scale::over(
            &axis("share", false),
            [0.02, 0.97].into_iter(),
            Ends::AtTicks,
        );
        assert_eq!(
            labels(&share),
            [
                "0\u{a0}%",
                "20\u{a0}%",
                "40\u{a0}%",
                "60\u{a0}%",
                "80\u{a0}%",
                "100\u{a0}%"
            ]
        );
        assert_eq!(share.label, "delay");
        let time = Scale::over(&axis("s", false), [0.2, 0.241].into_iter(), Ends::AtTicks);
        assert_eq!(
            (labels(&time)[0], time.label.as_str()),
            ("200", "delay (ms)")
        );
        let high = Scale::over(
            &axis("share", false),
            [0.991, 0.9997].into_iter(),
            Ends::AtTicks,
        );
        assert_eq!(
            labels(&high).last(),
            Some(&"100.0\u{a0}%").or(Some(&"100\u{a0}%"))
        );
        let zero = Scale::over(&axis("", false), [0.0, 0.0].into_iter(), Ends::AtTicks);
        assert_eq!(labels(&zero).first(), Some(&"0.0"));
    }

    #[test]
    fn log_axes_have_decades_and_minor_marks() {
        let wide = Scale::over(&axis("", true), [1.0, 1e8].into_iter(), Ends::AtTicks);
        assert!(
            labels(&wide).contains(&"10⁶") && labels(&wide).contains(&"100"),
            "{:?}",
            wide.ticks
        );
        let narrow = Scale::over(&axis("", true), [8.0, 64.0].into_iter(), Ends::AtData);
        assert_eq!(labels(&narrow), ["10", "20", "50"]);
        assert_eq!(narrow.minor.len(), 5, "8 9 30 40 60: {:?}", narrow.minor);
        assert!((narrow.place(22.627) - 0.5).abs() < 0.01);
        let not = Scale::over(&axis("", true), [0.0, 64.0].into_iter(), Ends::AtData);
        assert_eq!(not.kind, Kind::Linear);
    }
}
