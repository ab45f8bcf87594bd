//! [`Row`]: one measured figure, and the table of them.

use serde::Serialize;
use std::fmt::Write;

/// What a figure should be.
#[derive(Serialize, Clone, Copy, PartialEq, Debug)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// This or more.
    AtLeast(f64),
    /// This or less.
    AtMost(f64),
}

impl Target {
    /// Whether a value is what it should be.
    pub fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtLeast(bound) => value >= bound,
            Self::AtMost(bound) => value <= bound,
        }
    }
}

/// What another simulator does on the same work, on a machine of the same class.
#[derive(Serialize, Clone, Copy, PartialEq, Debug)]
pub struct Beside {
    /// Its name and version.
    pub simulator: &'static str,
    /// Its figure, in the row's unit.
    pub value: f64,
}

/// One measured figure.
#[derive(Serialize, Clone, PartialEq, Debug)]
pub struct Row {
    /// Which workload.
    pub name: &'static str,
    /// How many peers.
    pub peers: u32,
    /// Over what network, or what is compared.
    pub what: String,
    /// The figure, in `unit`.
    pub value: f64,
    /// The unit of the figure.
    pub unit: &'static str,
    /// What the project has set itself, for the machine it was measured on: a core of an AMD EPYC
    /// (Zen 4) at about 3 GHz. Nothing where the figure only explains another.
    pub target: Option<Target>,
    /// Another simulator on the same work.
    pub beside: Option<Beside>,
}

impl Row {
    /// Whether the figure misses its target.
    pub fn is_missed(&self) -> bool {
        self.target.is_some_and(|target| !target.is_met(self.value))
    }
}

/// A number with three or four digits.
fn number(value: f64) -> String {
    let decimals = match value.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        _ => 2,
    };
    format!("{value:.decimals$}")
}

/// The table of all rows; a figure that misses its target says so.
pub fn report(rows: &[Row]) -> String {
    let name = rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
    let what = rows.iter().map(|row| row.what.len()).max().unwrap_or(0);
    let mut text = format!(
        "{:name$}  {:>7}  {:what$}  {:>8} {:10} target\n",
        "workload", "peers", "", "figure", ""
    );
    for row in rows {
        let target = match row.target {
            None => String::new(),
            Some(Target::AtLeast(bound)) => format!(">= {}", number(bound)),
            Some(Target::AtMost(bound)) => format!("<= {}", number(bound)),
        };
        let missed = if row.is_missed() { "  MISSED" } else { "" };
        let beside = row.beside.map_or_else(String::new, |other| {
            format!("  ({}: {})", other.simulator, number(other.value))
        });
        let line = format!(
            "{:name$}  {:>7}  {:what$}  {:>8} {:10} {target:8}{missed}{beside}",
            row.name,
            row.peers,
            row.what,
            number(row.value),
            row.unit
        );
        let _ = writeln!(text, "{}", line.trim_end());
    }
    let aims = rows.iter().filter(|row| row.target.is_some()).count();
    let missed = rows.iter().filter(|row| row.is_missed()).count();
    let _ = writeln!(text, "{} of {aims} targets met", aims - missed);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missed_target_is_said() {
        let row = |value, target| Row {
            name: "phold",
            peers: 1000,
            what: "constant latency".to_owned(),
            value,
            unit: "M events/s",
            target,
            beside: None,
        };
        let rows = [
            row(30.04, Some(Target::AtLeast(28.0))),
            row(151.2, Some(Target::AtMost(150.0))),
            row(1.234, None),
            Row {
                beside: Some(Beside {
                    simulator: "PeerSim 1.0.5",
                    value: 0.587,
                }),
                ..row(12.0, Some(Target::AtLeast(6.0)))
            },
        ];
        let text = report(&rows);
        let lines: Vec<_> = text.lines().collect();
        assert!(lines[1].ends_with("30.0 M events/s >= 28.0"), "{text}");
        assert!(lines[2].ends_with("<= 150    MISSED"), "{text}");
        assert!(lines[3].ends_with("1.23 M events/s"), "{text}");
        assert!(
            lines[4].ends_with("12.0 M events/s >= 6.00   (PeerSim 1.0.5: 0.59)"),
            "{text}"
        );
        assert_eq!(lines[5], "2 of 3 targets met");
    }
}
