//! The quick set of published claims: none fails, none vanishes, and a wrong one is caught.

use peerlab::math::stats::Summary;
use peerlab::validate::{Rule, Target, Verdict, WIDTH, count, gossip, json, run, table};

/// Rows that pass without any data beside the project. More is fine; fewer is a loss.
const VALIDATED: usize = 185;

#[test]
fn published_results_come_out() {
    let rows = run(true, &mut |_| {});
    let text = table(&rows);
    assert_eq!(count(&rows, Verdict::Fail), 0, "{text}");
    assert!(count(&rows, Verdict::Pass) >= VALIDATED, "{text}");
    let widest = text.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(WIDTH), "{text}");
    let parsed: serde_json::Value = serde_json::from_str(&json(&rows)).expect("JSON");
    assert_eq!(parsed.as_array().map(Vec::len), Some(rows.len()));
    // A reason stands beside whatever is not validated.
    for row in &rows {
        assert_eq!(row.note.is_none(), row.verdict == Verdict::Pass, "{row:?}");
    }
}

/// The rule that judges F1 turns down the value of another fanout, of another formula, and a right
/// value from too few seeds.
#[test]
fn a_wrong_claim_fails() {
    let values: Vec<f64> = (1..=300)
        .map(|seed| gossip::f1_coverage(1000, 4, seed))
        .collect();
    let verdict = |expected, values: &[f64]| {
        let target = Target {
            id: "F1",
            source: "a test",
            what: "coverage".to_owned(),
            expected,
            finite: None,
            known: None,
        };
        target.judge(values, Rule::ClosedForm(0.005)).verdict
    };
    let right = 0.9802;
    assert_eq!(verdict(right, &values), Verdict::Pass);
    assert_eq!(verdict(0.9930, &values), Verdict::Fail, "f = 5");
    let without_feedback = 0.9817;
    assert_eq!(
        verdict(without_feedback, &values),
        Verdict::Fail,
        "1 - exp(-4)"
    );
    assert_eq!(verdict(right, &values[..20]), Verdict::Fail, "20 seeds");
    // Inside the tolerance, but not within three standard errors.
    let summary = Summary::of(&values);
    let off = summary.mean + 4.0 * summary.sd / (values.len() as f64).sqrt();
    assert!((off / right - 1.0).abs() < 0.005, "{off}");
    assert_eq!(verdict(off, &values), Verdict::Fail);
}
