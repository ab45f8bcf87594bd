//! What an experiment hands to the report: every run's record, by point of the plan.

use crate::observe::record::{MetricDef, Record};
use std::cmp::Ordering;

/// All runs of one scenario.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Results {
    /// The scenario's name, and that of its results folder.
    pub name: String,
    /// The question the scenario asks, one line.
    pub about: String,
    /// Version of the program that ran it.
    pub version: String,
    /// Key paths of the sweep, in the order of the scenario.
    pub axes: Vec<String>,
    /// One entry per variant and sweep point, in any order.
    pub points: Vec<PointResult>,
    /// What the protocol family measures, in its order.
    pub metric_defs: Vec<MetricDef>,
}

/// The runs of one variant at one point of the sweep.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct PointResult {
    /// Name of the variant; empty if the scenario has none.
    pub variant: String,
    /// One value per axis of [`Results::axes`], in that order.
    pub axes: Vec<AxisValue>,
    /// (seed, record) of each run, in any order.
    pub runs: Vec<(u64, Record)>,
}

/// One coordinate of a sweep point.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct AxisValue {
    /// Key path, such as `attack.eclipse.groups`.
    pub path: String,
    /// The value as written in the scenario: `32`, `5 %`, `flood`.
    pub text: String,
    /// The value as a number in its base unit (seconds, bytes, share), if it is one.
    pub number: Option<f64>,
}

impl AxisValue {
    /// Numbers by size, then text.
    fn order(&self, other: &Self) -> Ordering {
        match (self.number, other.number) {
            (Some(a), Some(b)) => a.total_cmp(&b).then_with(|| self.text.cmp(&other.text)),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => self.text.cmp(&other.text),
        }
    }
}

impl PointResult {
    /// The canonical order of points: variant, then axes one by one.
    fn order(&self, other: &Self) -> Ordering {
        let axes = || {
            let pairs = self.axes.iter().zip(&other.axes);
            pairs
                .map(|(a, b)| a.order(b))
                .find(|o| o.is_ne())
                .unwrap_or(Ordering::Equal)
        };
        self.variant.cmp(&other.variant).then_with(axes)
    }

    /// The runs by seed.
    pub fn sorted_runs(&self) -> Vec<&(u64, Record)> {
        let mut runs: Vec<_> = self.runs.iter().collect();
        runs.sort_by_key(|(seed, _)| *seed);
        runs
    }

    /// `hardened, groups 32`: what tells this point from the others; the scenario's one point has
    /// the empty label.
    pub fn label(&self) -> String {
        let axes = self.axes.iter().filter(|axis| !axis.text.is_empty());
        let axes = axes.map(|axis| {
            let key = axis.path.rsplit('.').next().unwrap_or(&axis.path);
            format!("{key} {}", axis.text)
        });
        let variant = Some(self.variant.clone()).filter(|variant| !variant.is_empty());
        variant
            .into_iter()
            .chain(axes)
            .collect::<Vec<_>>()
            .join(", ")
    }
}

impl Results {
    /// The points in canonical order: by variant, then by the axes' numbers or texts.
    pub fn sorted_points(&self) -> Vec<&PointResult> {
        let mut points: Vec<_> = self.points.iter().collect();
        points.sort_by(|a, b| a.order(b));
        points
    }

    /// The names of the variants, in canonical order.
    pub fn variants(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.points.iter().map(|p| p.variant.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Every metric's name and unit: the family's, in its order, then what else the records hold,
    /// by name and without a unit.
    pub fn metrics(&self) -> Vec<(&str, &'static str)> {
        let known: Vec<_> = self.metric_defs.iter().map(|d| (d.name, d.unit)).collect();
        let records = self
            .points
            .iter()
            .flat_map(|p| &p.runs)
            .map(|(_, record)| record);
        let mut others: Vec<&str> = records
            .flat_map(|r| &r.observations)
            .map(|o| o.metric.as_str())
            .filter(|name| known.iter().all(|(known, _)| known != name))
            .collect();
        others.sort_unstable();
        others.dedup();
        known
            .into_iter()
            .chain(others.into_iter().map(|name| (name, "")))
            .collect()
    }
}

#[cfg(test)]
pub(crate) mod examples {
    use super::*;
    use crate::observe::record::{Better, Observation, Samples, Series};
    use crate::random::{Draw, Purpose, Streams};

    /// Made-up results: two variants, three attacker strengths, `seeds` runs each, handed over in
    /// an order that no plan would have.
    pub(crate) fn eclipse(seeds: u64) -> Results {
        let def = |name, unit| MetricDef {
            name,
            unit,
            meaning: "made up",
            better: Better::Lower,
        };
        let mut points = Vec::new();
        for (variant, strength) in [("hardened", 0.25), ("classic", 0.8)] {
            for groups in [32u32, 8, 16] {
                let runs = (1..=seeds)
                    .rev()
                    .map(|seed| (seed, run(strength, groups, seed)))
                    .collect();
                let axis = AxisValue {
                    path: "attack.eclipse.groups".into(),
                    text: groups.to_string(),
                    number: Some(f64::from(groups)),
                };
                points.push(PointResult {
                    variant: variant.into(),
                    axes: vec![axis],
                    runs,
                });
            }
        }
        Results {
            name: "eclipse".into(),
            about: "How many addresses cut one node off?".into(),
            version: "0.1.0".into(),
            axes: vec!["attack.eclipse.groups".into()],
            points,
            metric_defs: vec![
                def("eclipse.success", "share"),
                def("lookup.delay.p95", "s"),
            ],
        }
    }

    fn run(strength: f64, groups: u32, seed: u64) -> Record {
        let index = u64::from(groups) << 20 | seed << 4 | u64::from(strength > 0.5);
        let mut rng = Streams::new(7).chacha(Purpose::Analysis, index);
        let truth = (strength * f64::from(groups) / 32.0 + 0.05 * rng.normal()).clamp(0.0, 1.0);
        let wins = (0..20).filter(|_| rng.chance(truth)).count();
        let mut values: Vec<f64> = (0..200).map(|_| 0.2 * rng.exp1() + 0.05).collect();
        values.sort_unstable_by(f64::total_cmp);
        let observation = |metric: &str, value, trials| Observation {
            metric: metric.into(),
            value,
            trials,
        };
        Record {
            observations: vec![
                observation("eclipse.success", wins as f64 / 20.0, 20),
                observation("lookup.delay.p95", 0.2 + 0.01 * rng.normal(), 0),
            ],
            series: vec![Series {
                name: "eclipse.poisoned".into(),
                unit: "share".into(),
                points: (0..=60u32)
                    .map(|t| (f64::from(t) * 60.0, truth * f64::from(t) / 60.0))
                    .collect(),
            }],
            samples: vec![Samples {
                name: "lookup.delay".into(),
                unit: "s".into(),
                values,
                censored: 6,
            }],
            digest: index.wrapping_mul(0x9E37_79B9_7F4A_7C15),
            events: 1000 + seed,
            notes: Vec::new(),
        }
    }

    #[test]
    fn order_is_canonical_and_numeric() {
        let results = eclipse(2);
        let labels: Vec<String> = results.sorted_points().iter().map(|p| p.label()).collect();
        let expected = [
            "classic, groups 8",
            "classic, groups 16",
            "classic, groups 32",
        ];
        assert_eq!(labels[..3], expected);
        assert_eq!(results.variants(), ["classic", "hardened"]);
        assert_eq!(results.metrics()[0], ("eclipse.success", "share"));
    }
}
