//! Verdicts on made-up runs whose truth is known.

use super::*;
use crate::observe::record::{Observation, Record};
use crate::random::Draw;
use crate::report::results::{AxisValue, PointResult, Results};
use crate::scenario::Size;

/// A point with a value a run, seeds from 1.
fn point(variant: &str, values: &[f64], trials: u32) -> PointResult {
    let runs = (1..).zip(values).map(|(seed, &value)| {
        let record = Record {
            observations: vec![Observation {
                metric: "m".into(),
                value,
                trials,
            }],
            digest: value.to_bits(),
            ..Record::default()
        };
        (seed, record)
    });
    PointResult {
        variant: variant.into(),
        runs: runs.collect(),
        ..PointResult::default()
    }
}

fn question(better: Direction, min_effect: f64, margin: f64) -> Question<'static> {
    Question {
        metric: "m",
        unit: "",
        better,
        min_effect: Size::Absolute(min_effect),
        margin: Size::Absolute(margin),
        method: Method::T,
        points: None,
        line: None,
    }
}

/// The answer about runs with these differences from runs around 100.
fn answer(differences: &[f64], question: Question<'static>) -> (Change, bool) {
    let before: Vec<f64> = (0..differences.len()).map(|i| 100.0 + i as f64).collect();
    let pairs = before.iter().zip(differences);
    let after: Vec<f64> = pairs
        .map(|(before, difference)| before + difference)
        .collect();
    let (before, after) = (point("old", &before, 0), point("new", &after, 0));
    let pair = Pair {
        before: &before,
        after: &after,
        at: 0,
    };
    let rows = compare(&[question], &[pair]);
    (rows[0].change, rows[0].not_worse)
}

/// The mean is 2, the interval 1.4 to 2.6.
const UP: [f64; 6] = [1.3, 1.6, 1.9, 2.1, 2.4, 2.7];

#[test]
fn verdicts_follow_the_interval_and_the_sizes() {
    use Change::{Better, Same, Unsure, Worse};
    let of = |better, min_effect, margin| answer(&UP, question(better, min_effect, margin));
    assert_eq!(of(Direction::Higher, 0.0, 0.0), (Better, true));
    assert_eq!(of(Direction::Lower, 0.0, 0.0), (Worse, false));
    // Better, but by how much?
    assert_eq!(of(Direction::Higher, 2.0, 0.0), (Unsure, true));
    assert_eq!(of(Direction::Higher, 3.0, 3.0), (Same, true));
    // Worse within the margin, beyond it, across it.
    assert_eq!(of(Direction::Lower, 3.0, 3.0), (Same, true));
    assert_eq!(of(Direction::Lower, 0.0, 3.0), (Same, true));
    assert_eq!(of(Direction::Lower, 0.0, 1.0), (Worse, false));
    assert_eq!(of(Direction::Lower, 2.0, 2.0), (Unsure, false));
    let down = UP.map(|difference| -difference);
    let of = |better, margin| answer(&down, question(better, 0.0, margin)).0;
    assert_eq!(
        [of(Direction::Lower, 0.0), of(Direction::Higher, 1.0)],
        [Better, Worse]
    );
}

#[test]
fn equal_runs_are_the_same_and_few_are_unsure() {
    let plain = question(Direction::Lower, 0.0, 0.0);
    assert_eq!(answer(&[0.0, 0.0], plain), (Change::Same, true));
    assert_eq!(answer(&[1.0], plain), (Change::Unsure, false));
    assert_eq!(answer(&[1.0; 5], plain), (Change::Unsure, false));
    assert_eq!(answer(&[1.0; 6], plain), (Change::Worse, false));
    let flips = Question {
        method: Method::SignFlip,
        ..plain
    };
    assert_eq!(answer(&UP[..5], flips), (Change::Unsure, false));
    assert_eq!(answer(&UP, flips), (Change::Worse, false));
}

#[test]
fn relative_sizes_are_of_the_mean_before() {
    let before = point("old", &[200.0; 6], 0);
    let after = point("new", &UP.map(|difference| 200.0 + difference), 0);
    let pair = Pair {
        before: &before,
        after: &after,
        at: 0,
    };
    let of = |share: f64| {
        let question = Question {
            margin: Size::Relative(share),
            ..question(Direction::Lower, 0.0, 0.0)
        };
        compare(&[question], &[pair])[0].change
    };
    // 0.5 % of 200 is 1, 1.5 % is 3.
    assert_eq!([of(0.005), of(0.015)], [Change::Worse, Change::Same]);
}

#[test]
fn outcomes_are_judged_as_outcomes() {
    let row = |before: &[f64], after: &[f64]| {
        let (before, after) = (point("old", before, 1), point("new", after, 1));
        let pair = Pair {
            before: &before,
            after: &after,
            at: 0,
        };
        let rows = compare(&[question(Direction::Higher, 0.0, 0.0)], &[pair]);
        let row = &rows[0];
        (row.method, row.change, row.p_none.expect("a test"))
    };
    let mut after = [0.0; 20];
    after[..7].fill(1.0);
    let mut before = [0.0; 20];
    before[19] = 1.0;
    // 7 gained, 1 lost: the children of Bentur, p = 0.07.
    let (method, change, p) = row(&before, &after);
    assert_eq!((method, change), (Method::YesNo, Change::Unsure));
    assert!((p - 18.0 / 256.0).abs() < 1e-14);
    before[19] = 0.0;
    let (method, change, p) = row(&before, &after);
    assert_eq!((method, change), (Method::YesNo, Change::Better));
    assert!((p - 2.0 / 128.0).abs() < 1e-14);
}

/// Ten questions, and one of them is a little worse: alone it would be, among ten it is not sure.
#[test]
fn many_questions_want_more_evidence() {
    let differences = [0.8, 3.1, -0.2, 2.5, 1.0, 3.4, 1.7, 0.3];
    let before = point("old", &[10.0; 8], 0);
    let after = point("new", &differences.map(|difference| 10.0 + difference), 0);
    let pair = Pair {
        before: &before,
        after: &after,
        at: 0,
    };
    let one = question(Direction::Lower, 0.0, 0.0);
    let alone = compare(&[one], &[pair]);
    assert_eq!(alone[0].change, Change::Worse);
    let many = compare(&[one; 10], &[pair]);
    assert!(many.iter().all(|row| row.change == Change::Unsure));
    let ratio = many[0].p.expect("a test") / alone[0].p.expect("a test");
    assert!((ratio - 10.0).abs() < 1e-9, "{ratio}");
}

#[test]
fn pairs_are_of_one_seed_and_one_place() {
    let place = |mut point: PointResult, text: &str| {
        point.axes = vec![AxisValue {
            path: "fanout".into(),
            text: text.into(),
            number: None,
        }];
        point
    };
    let mut late = place(point("new", &[1.0, 2.0, 3.0], 0), "4");
    late.runs.remove(0);
    let results = Results {
        points: vec![
            place(point("old", &[1.0, 2.0], 0), "2"),
            place(point("old", &[1.0, 5.0], 0), "4"),
            late,
            place(point("any", &[7.0], 0), ""),
        ],
        ..Results::default()
    };
    let pairs = with_variants(&results);
    let labels = pairs
        .iter()
        .map(|pair| (pair.before.label(), pair.after.label()));
    let labels: Vec<_> = labels.collect();
    let expected = [
        ("old, fanout 4", "new, fanout 4"),
        ("old, fanout 2", "any"),
        ("old, fanout 4", "any"),
    ];
    assert_eq!(labels, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    assert_eq!((pairs[0].at, pairs[0].runs().len()), (2, 1));
    let same = with_baseline(&results, &results);
    let all = sameness(&same);
    assert_eq!(
        (same.len(), all.runs, all.identical, all.remeasured),
        (4, 7, 7, 0)
    );
    let mut other = results.clone();
    other.points[0].runs[0].1.digest = 0;
    other.points[3].runs[0].1.observations[0].value = 8.0;
    let some = sameness(&with_baseline(&results, &other));
    assert_eq!((some.runs, some.identical, some.remeasured), (7, 6, 1));
}

/// What a CI job asks: of 300 comparisons without a difference at most one in twenty may say "worse",
/// and of 300 with one of a standard deviation at 20 seeds nearly all have to.
#[test]
fn a_comparison_that_must_fail_does() {
    let mut random = Streams::new(5).chacha(Purpose::Analysis, 1);
    let mut worse = |shift: f64| {
        let jobs = (0..300).filter(|_| {
            let before: [f64; 20] = std::array::from_fn(|_| 50.0 + 5.0 * random.normal());
            let after = before.map(|value| value + shift + random.normal());
            let (before, after) = (point("", &before, 0), point("", &after, 0));
            let pair = Pair {
                before: &before,
                after: &after,
                at: 0,
            };
            let bootstrap = Question {
                method: Method::Bootstrap,
                ..question(Direction::Lower, 0.0, 0.0)
            };
            compare(&[bootstrap], &[pair])[0].change == Change::Worse
        });
        jobs.count()
    };
    // One-sided 2.5 %: 7.5, three standard errors are 8.
    assert!(worse(0.0) <= 15);
    assert!(worse(1.0) >= 290);
}
