//! The three tidy tables of a results folder. Lines end in a line feed; a value that is not a
//! number is an empty field.

use super::results::{PointResult, Results};
use super::summary::summarise_all;

/// The columns of `runs.csv` after the axes.
pub(super) const RUN_COLUMNS: [&str; 3] = ["seed", "digest", "events"];
/// The columns of `metrics.csv` after the axes.
pub(super) const VALUE_COLUMNS: [&str; 5] = ["seed", "metric", "unit", "value", "trials"];

/// A number in the shortest form that reads back to the same bits; empty if it is not a number.
pub fn shortest(value: f64) -> String {
    let size = value.abs();
    if value.is_nan() {
        String::new()
    } else if value == 0.0 {
        "0".into()
    } else if value.is_finite() && !(1e-5..1e16).contains(&size) {
        format!("{value:e}")
    } else {
        format!("{value}")
    }
}

/// A table in CSV, quoted only where it must be.
pub(crate) fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut writer = ::csv::WriterBuilder::new().from_writer(Vec::new());
    let written = writer.write_record(header).and_then(|()| {
        rows.into_iter()
            .try_for_each(|row| writer.write_record(row))
    });
    written.expect("memory takes every row, and all rows are as long as the header");
    let bytes = writer.into_inner().expect("memory needs no flushing");
    String::from_utf8(bytes).expect("text in, text out")
}

fn point_fields<'a>(results: &'a Results, point: &'a PointResult) -> Vec<String> {
    let axes = (0..results.axes.len()).map(|i| point.axes.get(i).map_or("", |a| a.text.as_str()));
    std::iter::once(point.variant.as_str())
        .chain(axes)
        .map(str::to_owned)
        .collect()
}

fn header<'a>(results: &'a Results, before: &[&'a str], after: &[&'a str]) -> Vec<&'a str> {
    let axes = results.axes.iter().map(String::as_str);
    before
        .iter()
        .copied()
        .chain(axes)
        .chain(after.iter().copied())
        .collect()
}

/// `runs.csv`: run, variant, axes, seed, digest (16 hex digits) and events, a run a row. Runs are
/// numbered from 1 in canonical order.
pub fn runs(results: &Results) -> String {
    let header = header(results, &["run", "variant"], &RUN_COLUMNS);
    let mut rows = Vec::new();
    for point in results.sorted_points() {
        for (seed, record) in point.sorted_runs() {
            let mut row = vec![(rows.len() + 1).to_string()];
            row.extend(point_fields(results, point));
            row.extend([
                seed.to_string(),
                format!("{:016x}", record.digest),
                record.events.to_string(),
            ]);
            rows.push(row);
        }
    }
    table(&header, rows)
}

/// `metrics.csv`: one observation a row, with its unit and, for a share of repeated trials inside
/// the run, their number (else 0).
pub fn metrics(results: &Results) -> String {
    let header = header(results, &["run", "variant"], &VALUE_COLUMNS);
    let metrics = results.metrics();
    let mut rows = Vec::new();
    let mut run = 0;
    for point in results.sorted_points() {
        for (seed, record) in point.sorted_runs() {
            run += 1;
            for (name, unit) in &metrics {
                for seen in record.observations.iter().filter(|o| o.metric == *name) {
                    let mut row = vec![run.to_string()];
                    row.extend(point_fields(results, point));
                    row.extend([seed.to_string(), (*name).into(), (*unit).into()]);
                    row.extend([shortest(seen.value), seen.trials.to_string()]);
                    rows.push(row);
                }
            }
        }
    }
    table(&header, rows)
}

/// `summary.csv`: every metric at every point over its runs; `method` says where the interval
/// comes from (`t`, `wilson-clustered`, or `none`).
pub fn summary(results: &Results) -> String {
    let columns = [
        "metric", "unit", "n", "missing", "trials", "mean", "sd", "low", "high", "min", "p5",
        "p50", "p95", "max", "method",
    ];
    let header = header(results, &["variant"], &columns);
    let rows = summarise_all(results).into_iter().map(|entry| {
        let s = &entry.over_runs;
        let mut row = point_fields(results, entry.point);
        row.extend([
            entry.metric.into(),
            entry.unit.into(),
            s.n.to_string(),
            s.missing.to_string(),
        ]);
        row.push(entry.trials.to_string());
        let numbers = [
            s.mean, s.sd, s.low, s.high, s.min, s.p5, s.p50, s.p95, s.max,
        ];
        row.extend(numbers.map(shortest));
        row.push(entry.method.name().into());
        row
    });
    table(&header, rows)
}

#[cfg(test)]
mod tests {
    use super::super::results::examples::eclipse;
    use super::*;

    #[test]
    fn numbers_read_back_to_the_same_bits() {
        for value in [
            0.1,
            1.0,
            -3.25,
            1e-300,
            2.5e17,
            1.0 / 3.0,
            f64::INFINITY,
            123_456_789.0,
        ] {
            let text = shortest(value);
            assert!(text.len() < 25, "{text}");
            assert_eq!(text.parse::<f64>().unwrap().to_bits(), value.to_bits());
        }
        assert_eq!(
            (shortest(f64::NAN), shortest(5.0), shortest(-0.0)),
            (String::new(), "5".into(), "0".into())
        );
    }

    #[test]
    fn order_of_the_input_does_not_show() {
        let results = eclipse(3);
        let mut shuffled = results.clone();
        // Variants come as they are written; their points and runs in any order.
        shuffled.points[..3].reverse();
        shuffled.points[3..].reverse();
        shuffled.points.iter_mut().for_each(|p| p.runs.reverse());
        assert_eq!(runs(&results), runs(&shuffled));
        assert_eq!(metrics(&results), metrics(&shuffled));
        assert_eq!(summary(&results), summary(&shuffled));
    }

    #[test]
    fn the_tables_say_what_they_should() {
        let results = eclipse(3);
        let runs = runs(&results);
        let mut lines = runs.lines();
        assert_eq!(
            lines.next(),
            Some("run,variant,attack.eclipse.groups,seed,digest,events")
        );
        let first = lines.next().unwrap();
        assert!(
            first.starts_with("1,hardened,8,1,") && first.ends_with(",1001"),
            "{first}"
        );
        assert_eq!(first.split(',').nth(4).unwrap().len(), 16);
        assert_eq!(runs.lines().count(), 1 + 2 * 3 * 3);
        assert_eq!(metrics(&results).lines().count(), 1 + 2 * 3 * 3 * 2);
        let summary = summary(&results);
        assert_eq!(summary.lines().count(), 1 + 2 * 3 * 2);
        assert!(
            summary
                .lines()
                .nth(1)
                .unwrap()
                .ends_with(",wilson-clustered")
        );
        assert!(summary.lines().nth(2).unwrap().ends_with(",t"));
        assert!(!summary.contains('\r'));
    }

    #[test]
    fn an_axis_text_with_a_comma_is_quoted() {
        let mut results = eclipse(1);
        results.points[0].axes[0].text = "a, \"b\"".into();
        assert!(runs(&results).contains("\"a, \"\"b\"\"\""));
    }
}
