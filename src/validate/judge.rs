//! The rules by which a claim passes.

use crate::math::interval::wilson;
use crate::math::stats::Summary;
use serde::Serialize;

/// The fewest runs that a closed form is judged by.
const SEEDS: usize = 30;
/// Rounding noise, relative.
const NOISE: f64 = 1e-9;

/// What became of a claim.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It comes out.
    Pass,
    /// It does not.
    Fail,
    /// Not decided: the data it needs are not here, or so few runs cannot tell.
    Skipped,
    /// It comes out or not, but nobody has read the source.
    Unverified,
    /// It does not come out, for a reason that is known and stated.
    Deviates,
}

/// How far a measured value may be from the published one.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Rule {
    /// Every run gives exactly the value.
    Exact,
    /// A closed form whose assumptions hold: within three standard errors of the mean of at least 30
    /// runs, *and* within this relative error.
    ClosedForm(f64),
    /// The same with an absolute error, such as in points of a share.
    Points(f64),
    /// The probability of a yes, in runs that say 0 or 1: within three standard errors of a
    /// proportion.
    Probability,
    /// Somebody else's simulation or measurement: within this relative error. If three standard errors
    /// of the mean are more than that, so few runs cannot tell.
    Reported(f64),
    /// An upper bound: no run is above, and the largest is at most this below, relatively.
    Bound(f64),
    /// Every run is below the value.
    Below,
}

/// One published value beside ours.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Row {
    /// The claim, such as `F1`.
    pub id: &'static str,
    /// Where it was published.
    pub source: &'static str,
    /// What is measured, under which conditions.
    pub what: String,
    /// The published value, or that of the published formula.
    pub expected: f64,
    /// If the published value is a limit: what it comes to at the size measured, computed. Standard
    /// errors are counted from here, the relative error from `expected`.
    pub finite: Option<f64>,
    /// Ours: the mean over the runs (for a bound the largest). Not a number if nothing was measured.
    pub measured: f64,
    /// Lower end of the 95 % interval of the measured value; not a number if there is none.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Independent runs.
    pub n: usize,
    /// How far the two may be apart.
    pub tolerance: String,
    /// What became of it.
    pub verdict: Verdict,
    /// What a reader has to know.
    pub note: Option<String>,
}

/// How many rows have this verdict.
pub fn count(rows: &[Row], verdict: Verdict) -> usize {
    rows.iter().filter(|row| row.verdict == verdict).count()
}

/// A deviation that is known.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Known {
    /// What comes out instead, as somebody else has found independently.
    pub value: f64,
    /// In so many runs, of the same scatter as ours; `None` if `value` is no estimate.
    pub runs: Option<usize>,
    /// Why.
    pub why: &'static str,
}

/// A published value.
#[derive(Clone, PartialEq, Debug)]
pub struct Target {
    /// See [`Row::id`].
    pub id: &'static str,
    /// See [`Row::source`].
    pub source: &'static str,
    /// See [`Row::what`].
    pub what: String,
    /// See [`Row::expected`].
    pub expected: f64,
    /// See [`Row::finite`].
    pub finite: Option<f64>,
    /// What is known to come out instead.
    pub known: Option<Known>,
}

impl Rule {
    /// In words.
    pub fn words(self) -> String {
        let percent = |share: f64| (share * 1e4).round() / 100.0;
        match self {
            Self::Exact => "exact".to_owned(),
            Self::ClosedForm(by) => format!("{} %, 3 s.e.", percent(by)),
            Self::Points(by) => format!("±{by}, 3 s.e."),
            Self::Probability => "3 s.e.".to_owned(),
            Self::Reported(by) => format!("{} %", percent(by)),
            Self::Bound(by) => format!("0 to −{} %", percent(by)),
            Self::Below => "below".to_owned(),
        }
    }

    /// Whether the values agree with the expected one, and how.
    fn judge(self, target: &Target, values: &[f64], summary: &Summary) -> Verdict {
        let expected = target.expected;
        if summary.n == 0 || summary.missing > 0 || !expected.is_finite() {
            return Verdict::Fail;
        }
        let off = (summary.mean - expected).abs();
        // Without scatter there is no standard error to hide in.
        let from = target.finite.unwrap_or(expected);
        let close = |error: f64| (summary.mean - from).abs() <= 3.0 * error + NOISE * from.abs();
        let runs = summary.n as f64;
        let error = summary.sd / runs.sqrt();
        let enough = summary.n >= SEEDS;
        let passes = match self {
            Self::Exact => values
                .iter()
                .all(|value| (value - expected).abs() <= NOISE * expected.abs()),
            Self::ClosedForm(by) => enough && close(error) && off <= by * expected.abs(),
            Self::Points(by) => enough && close(error) && off <= by,
            Self::Probability => enough && close((from * (1.0 - from) / runs).sqrt()),
            Self::Bound(by) => {
                summary.max <= expected * (1.0 + NOISE) && summary.max >= expected * (1.0 - by)
            }
            Self::Below => summary.max < expected,
            Self::Reported(by) => {
                let by = by * expected.abs();
                if 3.0 * error > by && off <= by + 3.0 * error {
                    return Verdict::Skipped;
                }
                off <= by
            }
        };
        if passes { Verdict::Pass } else { Verdict::Fail }
    }
}

impl Target {
    /// With what the limit comes to at the size measured.
    #[must_use]
    pub fn finite(self, value: f64) -> Self {
        let finite = Some(value);
        Self { finite, ..self }
    }

    /// With a deviation that is known.
    #[must_use]
    pub fn known(self, known: Known) -> Self {
        let known = Some(known);
        Self { known, ..self }
    }

    /// A row without a measurement.
    #[must_use]
    pub fn unmeasured(self, rule: Rule, why: &str) -> Row {
        Row {
            id: self.id,
            source: self.source,
            what: self.what,
            expected: self.expected,
            finite: self.finite,
            measured: f64::NAN,
            low: f64::NAN,
            high: f64::NAN,
            n: 0,
            tolerance: rule.words(),
            verdict: Verdict::Skipped,
            note: Some(why.to_owned()),
        }
    }

    /// Judges `values`, one of each run. What is known to deviate is looked at only if the rule does
    /// not hold, and holds only within three standard errors (of both estimates) of the value that is
    /// known.
    #[must_use]
    pub fn judge(self, values: &[f64], rule: Rule) -> Row {
        let summary = Summary::of(values);
        let (measured, (low, high)) = match rule {
            Rule::Probability => {
                let n = summary.n as f64;
                (summary.mean, wilson(summary.mean * n, n))
            }
            Rule::Bound(_) => (summary.max, (f64::NAN, f64::NAN)),
            _ => (summary.mean, (summary.low, summary.high)),
        };
        let mut verdict = rule.judge(&self, values, &summary);
        let mut note = None;
        if verdict == Verdict::Skipped {
            note = Some(
                "so few runs cannot tell: three standard errors are more than the tolerance"
                    .to_owned(),
            );
        }
        if let Some(known) = self.known.filter(|_| verdict == Verdict::Fail) {
            let share = |runs: usize| 1.0 / runs as f64;
            let error = summary.sd * (share(summary.n) + known.runs.map_or(0.0, share)).sqrt();
            let error = if error.is_finite() { error } else { 0.0 };
            let off = (measured - known.value).abs();
            if off <= 3.0 * error + NOISE * known.value.abs() {
                verdict = Verdict::Deviates;
                note = Some(known.why.to_owned());
            }
        }
        Row {
            measured,
            low,
            high,
            n: summary.n,
            verdict,
            note,
            ..self.unmeasured(rule, "")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(expected: f64) -> Target {
        Target {
            id: "T",
            source: "a test",
            what: String::new(),
            expected,
            finite: None,
            known: None,
        }
    }

    fn verdict(expected: f64, values: &[f64], rule: Rule) -> Verdict {
        target(expected).judge(values, rule).verdict
    }

    /// Mean 10, standard error 0.18.
    fn around_ten() -> Vec<f64> {
        (0..32)
            .map(|i| if i % 2 == 0 { 9.0 } else { 11.0 })
            .collect()
    }

    #[test]
    fn a_closed_form_needs_the_error_the_tolerance_and_the_seeds() {
        let values = around_ten();
        let five = Rule::ClosedForm(0.05);
        assert_eq!(verdict(10.4, &values, five), Verdict::Pass);
        assert_eq!(verdict(10.55, &values, five), Verdict::Fail, "3 s.e.");
        let one = Rule::ClosedForm(0.01);
        assert_eq!(verdict(10.4, &values, one), Verdict::Fail, "tolerance");
        assert_eq!(verdict(10.0, &values[..28], one), Verdict::Fail, "seeds");
        assert_eq!(verdict(10.4, &values, Rule::Points(0.5)), Verdict::Pass);
        assert_eq!(verdict(10.4, &values, Rule::Points(0.3)), Verdict::Fail);
        // What does not vary must be met exactly.
        assert_eq!(verdict(10.01, &[10.0; 40], five), Verdict::Fail);
        assert_eq!(verdict(10.0, &[10.0; 40], five), Verdict::Pass);
        assert_eq!(verdict(10.0, &[], five), Verdict::Fail);
        assert_eq!(verdict(10.0, &[f64::NAN; 40], five), Verdict::Fail);
    }

    #[test]
    fn standard_errors_are_counted_from_the_finite_value_and_the_tolerance_from_the_limit() {
        let values = around_ten();
        let judge = |limit, finite| {
            let target = target(limit).finite(finite);
            target.judge(&values, Rule::ClosedForm(0.1)).verdict
        };
        assert_eq!(judge(10.9, 10.2), Verdict::Pass);
        assert_eq!(judge(10.2, 10.9), Verdict::Fail);
        assert_eq!(judge(12.0, 10.2), Verdict::Fail);
    }

    #[test]
    fn probabilities_bounds_and_exact_values() {
        let mut values = vec![0.0; 500];
        values.extend([1.0; 500]);
        assert_eq!(verdict(0.53, &values, Rule::Probability), Verdict::Pass);
        assert_eq!(verdict(0.56, &values, Rule::Probability), Verdict::Fail);
        assert_eq!(verdict(3.0, &[3.0, 3.0], Rule::Exact), Verdict::Pass);
        assert_eq!(verdict(3.0, &[3.0, 3.1], Rule::Exact), Verdict::Fail);
        assert_eq!(verdict(3.0, &[2.0, 2.9], Rule::Bound(0.1)), Verdict::Pass);
        assert_eq!(verdict(3.0, &[2.9, 3.1], Rule::Bound(0.1)), Verdict::Fail);
        assert_eq!(verdict(3.0, &[2.0, 2.5], Rule::Bound(0.1)), Verdict::Fail);
        assert_eq!(verdict(1.0, &[0.9], Rule::Below), Verdict::Pass);
        assert_eq!(verdict(1.0, &[0.9, 1.0], Rule::Below), Verdict::Fail);
    }

    #[test]
    fn noise_does_not_pass() {
        let values = around_ten();
        assert_eq!(verdict(10.1, &values, Rule::Reported(0.06)), Verdict::Pass);
        let one = Rule::Reported(0.01);
        assert_eq!(verdict(10.1, &values, one), Verdict::Skipped, "0.18 s.e.");
        assert_eq!(verdict(12.0, &values, one), Verdict::Fail, "far away");
        assert_eq!(verdict(12.0, &[12.1], one), Verdict::Pass, "no scatter");
    }

    #[test]
    fn a_known_deviation_holds_at_its_value_only() {
        let values = around_ten();
        let judge = |expected, value, runs| {
            let why = "because";
            let known = Known { value, runs, why };
            let target = target(expected).known(known);
            target.judge(&values, Rule::Reported(0.06)).verdict
        };
        assert_eq!(judge(12.0, 10.4, None), Verdict::Deviates);
        assert_eq!(judge(12.0, 10.6, None), Verdict::Fail);
        assert_eq!(judge(12.0, 10.6, Some(32)), Verdict::Deviates);
        assert_eq!(judge(10.1, 20.0, None), Verdict::Pass);
    }
}
