//! The rule by which a claim passes.

use crate::math::stats::Summary;
use serde::Serialize;

/// What became of a claim.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It comes out.
    Pass,
    /// It does not.
    Fail,
    /// The data it needs are not here.
    Skipped,
    /// It comes out or not, but nobody has read the source.
    Unverified,
    /// It does not come out, for a reason that is known and stated.
    Deviates,
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
    /// The published value.
    pub expected: f64,
    /// Ours.
    pub measured: f64,
    /// Lower end of the 95 % interval of the measured value; not a number if it is exact.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Seeds, or samples.
    pub n: usize,
    /// How far the two may be apart.
    pub tolerance: String,
    /// What became of it.
    pub verdict: Verdict,
    /// What a reader has to know.
    pub note: Option<String>,
}

/// Rows of one claim.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim {
    pub(super) id: &'static str,
    pub(super) source: &'static str,
}

impl Claim {
    fn row(self, what: String, expected: f64) -> Row {
        Row {
            id: self.id,
            source: self.source,
            what,
            expected,
            measured: f64::NAN,
            low: f64::NAN,
            high: f64::NAN,
            n: 0,
            tolerance: String::new(),
            verdict: Verdict::Fail,
            note: None,
        }
    }

    /// A mean over seeds: within three standard errors and within `relative` of the expected value.
    pub(super) fn mean(self, what: String, expected: f64, values: &[f64], relative: f64) -> Row {
        let summary = Summary::of(values);
        let error = summary.sd / (summary.n as f64).sqrt();
        let off = (summary.mean - expected).abs();
        let passes = summary.n >= 2 && off <= 3.0 * error && off <= relative * expected.abs();
        // A claim without any scatter has no standard error to hide in.
        let passes = passes || (summary.n >= 1 && off <= 1e-9 * expected.abs());
        let (low, high) = summary.interval().unwrap_or((f64::NAN, f64::NAN));
        Row {
            measured: summary.mean,
            low,
            high,
            n: summary.n,
            tolerance: format!("3 s.e. and {} %", percent(relative)),
            verdict: if passes { Verdict::Pass } else { Verdict::Fail },
            ..self.row(what, expected)
        }
    }

    /// A mean over seeds against another simulator's value: within `relative` of it.
    pub(super) fn near(self, what: String, expected: f64, values: &[f64], relative: f64) -> Row {
        let row = self.mean(what, expected, values, relative);
        let passes = (row.measured - expected).abs() <= relative * expected.abs();
        let verdict = if passes { Verdict::Pass } else { Verdict::Fail };
        Row {
            tolerance: format!("{} %", percent(relative)),
            verdict,
            ..row
        }
    }

    /// A share of trials: within three standard errors of a proportion.
    pub(super) fn share(self, what: String, expected: f64, yes: usize, trials: usize) -> Row {
        let n = trials as f64;
        let measured = yes as f64 / n;
        let error = (expected * (1.0 - expected) / n).sqrt();
        let (low, high) = crate::math::interval::wilson(yes as f64, n);
        let passes = (measured - expected).abs() <= 3.0 * error;
        Row {
            measured,
            low,
            high,
            n: trials,
            tolerance: "3 s.e.".to_owned(),
            verdict: if passes { Verdict::Pass } else { Verdict::Fail },
            ..self.row(what, expected)
        }
    }

    /// A value that must come out to the last digit.
    pub(super) fn exact(self, what: String, expected: f64, measured: f64) -> Row {
        let passes = (expected - measured).abs() <= f64::EPSILON * expected.abs();
        let verdict = if passes { Verdict::Pass } else { Verdict::Fail };
        Row {
            measured,
            n: 1,
            tolerance: "exact".to_owned(),
            verdict,
            ..self.row(what, expected)
        }
    }

    /// A single value within an absolute distance.
    pub(super) fn within(self, what: String, expected: f64, measured: f64, distance: f64) -> Row {
        let passes = (expected - measured).abs() <= distance;
        let verdict = if passes { Verdict::Pass } else { Verdict::Fail };
        let tolerance = format!("+-{}", crate::report::number::fixed(distance, 4));
        Row {
            measured,
            n: 1,
            tolerance,
            verdict,
            ..self.row(what, expected)
        }
    }

    /// A claim that cannot be measured here.
    pub(super) fn skipped(self, what: String, expected: f64, why: &str) -> Row {
        let note = Some(why.to_owned());
        Row {
            verdict: Verdict::Skipped,
            note,
            ..self.row(what, expected)
        }
    }
}

impl Row {
    /// The same row, whose source nobody has read.
    pub(super) fn unverified(self) -> Self {
        Self {
            verdict: Verdict::Unverified,
            ..self
        }
    }

    /// If it fails, it is for this reason.
    pub(super) fn known_to_deviate(self, why: &str) -> Self {
        if self.verdict != Verdict::Fail {
            return self;
        }
        Self {
            verdict: Verdict::Deviates,
            note: Some(why.to_owned()),
            ..self
        }
    }
}

fn percent(share: f64) -> String {
    let rounded = (share * 1000.0).round() / 10.0;
    rounded.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLAIM: Claim = Claim {
        id: "T",
        source: "a test",
    };

    #[test]
    fn a_wrong_expectation_fails() {
        let values = [0.9, 1.0, 1.1, 1.0, 0.95, 1.05];
        let right = CLAIM.mean("right".to_owned(), 1.0, &values, 0.01);
        assert_eq!(right.verdict, Verdict::Pass);
        let far = CLAIM.mean("three standard errors off".to_owned(), 1.3, &values, 0.5);
        assert_eq!(far.verdict, Verdict::Fail);
        let wide = CLAIM.mean("relative tolerance missed".to_owned(), 1.02, &values, 0.01);
        assert_eq!(wide.verdict, Verdict::Fail);
        assert_eq!(
            CLAIM.share("share".to_owned(), 0.5, 900, 1000).verdict,
            Verdict::Fail
        );
        assert_eq!(
            CLAIM.exact("exact".to_owned(), 3.0, 4.0).verdict,
            Verdict::Fail
        );
        assert_eq!(
            CLAIM.near("near".to_owned(), 2.0, &values, 0.25).verdict,
            Verdict::Fail
        );
        assert_eq!(
            CLAIM.mean("nothing".to_owned(), 1.0, &[], 1.0).verdict,
            Verdict::Fail
        );
    }

    #[test]
    fn what_is_not_read_or_not_there_does_not_pass() {
        let row = CLAIM.exact("x".to_owned(), 1.0, 1.0).unverified();
        assert_eq!(row.verdict, Verdict::Unverified);
        let row = CLAIM
            .exact("x".to_owned(), 1.0, 2.0)
            .known_to_deviate("because");
        assert_eq!(row.verdict, Verdict::Deviates);
        let row = CLAIM
            .exact("x".to_owned(), 1.0, 1.0)
            .known_to_deviate("because");
        assert_eq!(row.verdict, Verdict::Pass);
    }
}
