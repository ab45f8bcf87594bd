//! Expectations judged.

use super::compare::{Pair, is_same_place};
use super::number::{decimals, fixed, shown_unit, with_interval};
use super::results::{PointResult, Results};
use super::summary::summarise;
use crate::math::paired::seeds_to_decide;
use crate::math::stats::{CONFIDENCE, paired_difference};
use crate::scenario::{Bound, Estimate, Expect, Stat, Verdict};
use serde_json::{Value, json};

/// One expectation at one point.
#[derive(Clone, PartialEq, Debug)]
pub struct Judgement<'a> {
    /// What should be.
    pub expect: &'a Expect,
    /// Where.
    pub point: &'a PointResult,
    /// The point whose values are taken off, if a difference is judged.
    pub against: Option<&'a PointResult>,
    /// What is, with its interval.
    pub estimate: Estimate,
    /// The verdict.
    pub verdict: Verdict,
    /// About how many seeds would decide, if it is unsure and that is known.
    pub seeds: Option<usize>,
}

/// Judges every expectation at each of its points; points of `results` have the positions of the
/// scenario's.
pub fn judge<'a>(expects: &'a [Expect], results: &'a Results) -> Vec<Judgement<'a>> {
    let points = expects
        .iter()
        .flat_map(|expect| expect.points.iter().map(move |&at| (expect, at)));
    let mut judged = Vec::new();
    for (expect, at) in points {
        let Some(point) = results.points.get(at) else {
            continue;
        };
        let Some(against) = &expect.against else {
            judged.push(Judgement::new(expect, point, None, estimate(expect, point)));
            continue;
        };
        let others = results.points.iter();
        let others = others.filter(|other| other.variant == *against);
        for before in others.filter(|other| is_same_place(other, point)) {
            let estimate = difference(expect, before, point);
            judged.push(Judgement::new(expect, point, Some(before), estimate));
        }
    }
    judged
}

/// The mean difference over runs with the same seed.
fn difference(expect: &Expect, before: &PointResult, after: &PointResult) -> Estimate {
    let pair = Pair {
        before,
        after,
        at: 0,
    };
    let runs = pair.runs().into_iter();
    let values = runs.filter_map(|(_, before, after)| {
        Some((before.get(&expect.metric)?, after.get(&expect.metric)?))
    });
    let summary = paired_difference(&values.collect::<Vec<_>>());
    Estimate {
        mean: summary.mean,
        low: summary.low,
        high: summary.high,
        n: summary.n as u32,
    }
}

/// The statistic over the seeds. The smallest and the largest are facts about these seeds, without
/// an interval.
fn estimate(expect: &Expect, point: &PointResult) -> Estimate {
    let summary = summarise(point, &expect.metric, expect.unit).over_runs;
    let n = summary.n as u32;
    let exactly = |mean| Estimate {
        mean,
        low: mean,
        high: mean,
        n,
    };
    match expect.stat {
        Stat::Mean => Estimate {
            mean: summary.mean,
            low: summary.low,
            high: summary.high,
            n,
        },
        Stat::Median => {
            let runs = point.sorted_runs();
            let values = runs
                .iter()
                .filter_map(|(_, record)| record.get(&expect.metric));
            let mut values: Vec<f64> = values.filter(|value| !value.is_nan()).collect();
            values.sort_unstable_by(f64::total_cmp);
            let (low, high) = median_interval(&values).unwrap_or((f64::NAN, f64::NAN));
            Estimate {
                mean: summary.p50,
                low,
                high,
                n,
            }
        }
        Stat::Min => exactly(summary.min),
        Stat::Max => exactly(summary.max),
    }
}

/// The interval of the median from order statistics, free of any distribution: from the k-th
/// smallest to the k-th largest value, with the largest k at which the binomial tails keep 95 %
/// (David & Nagaraja, Order Statistics, section 7.1). Below 6 values there is none.
pub fn median_interval(sorted: &[f64]) -> Option<(f64, f64)> {
    let n = sorted.len();
    // P[Binomial(n, 1/2) <= k], term by term; n is a number of seeds, so the first does not vanish
    // before n is far beyond what is run.
    let mut term = (0..n).fold(1.0, |term: f64, _| term / 2.0);
    let mut tail = term;
    let mut k = 0;
    while 2.0 * tail <= 1.0 - CONFIDENCE && k < n / 2 {
        k += 1;
        term *= (n - k + 1) as f64 / k as f64;
        tail += term;
    }
    let last = k.checked_sub(1)?;
    Some((sorted[last], sorted[n - 1 - last]))
}

/// About how many seeds would bring the interval to one side of the bound: of every end that it
/// lies across.
fn seeds(bound: &Bound, estimate: &Estimate) -> Option<usize> {
    let Estimate { mean, low, high, n } = *estimate;
    let ends = match *bound {
        Bound::Below(end) | Bound::Above(end) => vec![end],
        Bound::Between(least, most) => vec![least, most],
    };
    let across = ends.into_iter().filter(|end| low <= *end && *end <= high);
    let wanted = across.map(|end| {
        let reach = if end < mean { mean - low } else { high - mean };
        seeds_to_decide(n as usize, reach, (mean - end).abs())
    });
    // Every end has to be decided; one that no number decides leaves it open.
    wanted.reduce(|one, other| Some(one?.max(other?))).flatten()
}

/// The word for a verdict.
pub fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "fail",
        Verdict::Unsure => "unsure",
    }
}

impl<'a> Judgement<'a> {
    fn new(
        expect: &'a Expect,
        point: &'a PointResult,
        against: Option<&'a PointResult>,
        estimate: Estimate,
    ) -> Self {
        let verdict = expect.bound.verdict(&estimate);
        let seeds = (verdict == Verdict::Unsure)
            .then(|| seeds(&expect.bound, &estimate))
            .flatten();
        Self {
            expect,
            point,
            against,
            estimate,
            verdict,
            seeds,
        }
    }

    /// Why it is unsure: `about 45 seeds would decide`.
    pub fn doubt(&self) -> Option<String> {
        let Estimate { low, high, .. } = self.estimate;
        let said = match self.seeds {
            _ if self.verdict != Verdict::Unsure => return None,
            Some(seeds) => format!("about {seeds} seeds would decide"),
            None if low.is_finite() && high.is_finite() => {
                "the interval is on both sides, and no number of seeds would tell".to_owned()
            }
            None => "too few runs to tell".to_owned(),
        };
        Some(said)
    }

    /// `mean of broadcast.reliability is 99.8 % [99.7, 99.9], expected above 99 %`.
    pub fn sentence(&self) -> String {
        let Estimate { mean, low, high, n } = self.estimate;
        let stat = match self.expect.stat {
            Stat::Mean => "",
            Stat::Median => "median ",
            Stat::Min => "smallest ",
            Stat::Max => "largest ",
        };
        let ends = match self.expect.bound {
            Bound::Below(end) | Bound::Above(end) => vec![end],
            Bound::Between(least, most) => vec![least, most],
        };
        let sizes = ends.iter().chain([&mean]).filter(|size| size.is_finite());
        let unit = shown_unit(
            self.expect.unit,
            sizes.fold(0.0, |most, size| size.abs().max(most)),
        );
        let named = |text: String| format!("{text} {}", unit.name).trim_end().to_owned();
        let plain = |value: f64| {
            let value = value / unit.divisor;
            let text = fixed(value, decimals(value.abs(), 6));
            let text = if text.contains('.') {
                text.trim_end_matches('0').trim_end_matches('.').to_owned()
            } else {
                text
            };
            named(text)
        };
        let expected = match (self.expect.bound, &ends[..]) {
            (Bound::Below(end), _) => format!("below {}", plain(end)),
            (Bound::Above(end), _) => format!("above {}", plain(end)),
            (Bound::Between(least, most), _) => format!("{} to {}", plain(least), plain(most)),
        };
        let interval = (low.is_finite() && high.is_finite() && low < high)
            .then_some((low / unit.divisor, high / unit.divisor));
        let runs = self.point.runs.len();
        let seen = match n as usize {
            0 => format!("no value in {runs} runs"),
            n if n < runs => {
                let value = named(with_interval(mean / unit.divisor, interval));
                format!("{value} in {n} of {runs} runs")
            }
            _ => named(with_interval(mean / unit.divisor, interval)),
        };
        let metric = &self.expect.metric;
        match self.against {
            Some(before) => {
                let before = before.label();
                format!("{metric} less that of {before} is {seen}, expected {expected}")
            }
            None => format!("{stat}{metric} is {seen}, expected {expected}"),
        }
    }
}

/// `expectations.json`: every expectation at every point with its verdict.
pub fn to_json(judgements: &[Judgement<'_>]) -> Value {
    let number = |value: f64| {
        if value.is_finite() {
            json!(value)
        } else {
            Value::Null
        }
    };
    let list = judgements.iter().map(|judgement| {
        let Expect {
            metric,
            unit,
            stat,
            bound,
            line,
            ..
        } = judgement.expect;
        let (kind, value) = match *bound {
            Bound::Below(end) => ("below", json!(end)),
            Bound::Above(end) => ("above", json!(end)),
            Bound::Between(least, most) => ("between", json!([least, most])),
        };
        let axes = judgement.point.axes.iter();
        let axes = axes.map(|axis| (axis.path.clone(), json!(axis.text)));
        let mut entry = json!({
            "verdict": word(judgement.verdict),
            "metric": metric,
            "unit": unit,
            "stat": stat,
            "variant": judgement.point.variant,
            "axes": axes.collect::<serde_json::Map<_, _>>(),
            kind: value,
            "value": number(judgement.estimate.mean),
            "low": number(judgement.estimate.low),
            "high": number(judgement.estimate.high),
            "n": judgement.estimate.n,
            "line": line,
        });
        if let Some(before) = judgement.against {
            entry["against"] = json!(before.variant);
        }
        if judgement.verdict == Verdict::Unsure {
            entry["seeds_to_decide"] = json!(judgement.seeds);
        }
        entry
    });
    list.collect()
}

#[cfg(test)]
mod tests {
    use super::super::results::examples::eclipse;
    use super::*;

    fn expect(stat: Stat, bound: Bound) -> Expect {
        Expect {
            metric: "eclipse.success".to_owned(),
            unit: "share",
            stat,
            against: None,
            bound,
            points: vec![0],
            line: 7,
        }
    }

    /// Ranks from tables of the sign test: n = 6 takes the extremes, n = 20 the 6th and the 15th.
    #[test]
    fn the_median_interval_has_its_tabled_ranks() {
        let ranks = |n: u32| {
            let values: Vec<f64> = (1..=n).map(f64::from).collect();
            median_interval(&values)
        };
        assert_eq!((ranks(0), ranks(5)), (None, None));
        assert_eq!(ranks(6), Some((1.0, 6.0)));
        assert_eq!(ranks(9), Some((2.0, 8.0)));
        assert_eq!(ranks(20), Some((6.0, 15.0)));
        assert_eq!(ranks(100), Some((40.0, 61.0)));
    }

    #[test]
    fn verdicts_follow_the_statistic() {
        let results = eclipse(20);
        let all = [
            expect(Stat::Mean, Bound::Above(0.9)),
            expect(Stat::Min, Bound::Below(0.5)),
            expect(Stat::Median, Bound::Between(0.0, 1.0)),
        ];
        let judged = judge(&all, &results);
        let verdicts: Vec<_> = judged.iter().map(|judgement| judgement.verdict).collect();
        assert_eq!(verdicts, [Verdict::Fail, Verdict::Pass, Verdict::Pass]);
        let sentence = judged[0].sentence();
        assert!(
            sentence.contains("] %") && sentence.ends_with("expected above 90 %"),
            "{sentence}"
        );
        assert!(judged[1].sentence().starts_with("smallest "));
    }

    /// What is open says how many seeds would close it, and with so many it is closed, if the spread is
    /// the same.
    #[test]
    fn the_unsure_says_how_many_seeds() {
        let few = eclipse(20);
        let summary = summarise(&few.points[0], "eclipse.success", "share").over_runs;
        let near = summary.mean - 0.7 * (summary.mean - summary.low);
        let all = [expect(Stat::Mean, Bound::Above(near))];
        let judged = judge(&all, &few);
        assert_eq!(judged[0].verdict, Verdict::Unsure);
        let seeds = judged[0].seeds.expect("a number");
        assert!((30..60).contains(&seeds), "{seeds}");
        let said = judged[0].doubt().expect("a word");
        assert_eq!(said, format!("about {seeds} seeds would decide"));
        let exact = [expect(Stat::Mean, Bound::Above(summary.mean))];
        assert!(
            judge(&exact, &few)[0]
                .doubt()
                .expect("a word")
                .contains("no number")
        );
        let wide = [expect(Stat::Mean, Bound::Between(0.0, 1.0))];
        assert_eq!(judge(&wide, &few)[0].doubt(), None);
    }

    /// The difference of two variants is one of pairs: both runs of a seed share their luck.
    #[test]
    fn a_difference_is_judged_by_pairs() {
        let results = eclipse(20);
        let less = |bound| Expect {
            against: Some("classic".to_owned()),
            ..expect(Stat::Mean, bound)
        };
        let all = [less(Bound::Below(-0.4)), less(Bound::Above(-0.4))];
        let judged = judge(&all, &results);
        assert_eq!(judged.len(), 2, "at the same place alone");
        let verdicts = [judged[0].verdict, judged[1].verdict];
        assert_eq!(verdicts, [Verdict::Pass, Verdict::Fail]);
        let sentence = judged[0].sentence();
        let start = "eclipse.success less that of classic, groups 32 is −";
        assert!(sentence.starts_with(start), "{sentence}");
        assert!(sentence.ends_with("expected below −40 %"), "{sentence}");
        assert_eq!(to_json(&judged)[0]["against"], "classic");
    }

    #[test]
    fn one_run_is_unsure_about_a_mean_and_sure_about_a_minimum() {
        let results = eclipse(1);
        let all = [
            expect(Stat::Mean, Bound::Above(0.0)),
            expect(Stat::Min, Bound::Below(2.0)),
        ];
        let verdicts: Vec<_> = judge(&all, &results)
            .iter()
            .map(|one| one.verdict)
            .collect();
        assert_eq!(verdicts, [Verdict::Unsure, Verdict::Pass]);
    }
}
