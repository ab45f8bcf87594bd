//! `sim run --json`: everything a program wants to know, in one document.

use crate::report::summary::summarise_all;
use crate::report::verdict::{Judgement, to_json};
use crate::report::{PointResult, Results, gather};
use serde_json::{Map, Value, json};

/// The document: points with their runs and metrics, expectations, the fingerprint.
pub(super) fn document(
    results: &Results,
    judgements: &[Judgement<'_>],
    folder: Option<&str>,
) -> Value {
    let points: Vec<Value> = results.sorted_points().into_iter().map(runs).collect();
    let metrics: Vec<Value> = summarise_all(results)
        .into_iter()
        .map(|entry| {
            let over = entry.over_runs;
            json!({
                "variant": entry.point.variant,
                "axes": axes(entry.point),
                "metric": entry.metric,
                "unit": entry.unit,
                "n": over.n,
                "missing": over.missing,
                "trials": entry.trials,
                "mean": number(over.mean),
                "low": number(over.low),
                "high": number(over.high),
                "min": number(over.min),
                "median": number(over.p50),
                "max": number(over.max),
                "method": entry.method.name(),
            })
        })
        .collect();
    json!({
        "name": results.name,
        "about": results.about,
        "version": results.version,
        "digest": format!("{:016x}", gather::digest(results)),
        "folder": folder,
        "points": points,
        "metrics": metrics,
        "expectations": to_json(judgements),
        "notes": gather::notes(results),
    })
}

fn runs(point: &PointResult) -> Value {
    let runs = point.sorted_runs().into_iter().map(|(seed, record)| {
        let digest = format!("{:016x}", record.digest);
        json!({ "seed": seed, "digest": digest, "events": record.events })
    });
    let runs: Vec<Value> = runs.collect();
    json!({ "variant": point.variant, "axes": axes(point), "runs": runs })
}

fn axes(point: &PointResult) -> Map<String, Value> {
    let axes = point.axes.iter().filter(|axis| !axis.text.is_empty());
    axes.map(|axis| (axis.path.clone(), json!(axis.text)))
        .collect()
}

/// JSON has no "not a number".
fn number(value: f64) -> Value {
    if value.is_finite() {
        json!(value)
    } else {
        Value::Null
    }
}
