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
    /// One entry per variant and sweep point, the variants in the order of the scenario.
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

/// What a key path is called where there is little room: its last part, with the one before if it
/// could be anything's.
pub fn short_name(path: &str) -> String {
    const VAGUE: [&str; 8] = [
        "at", "count", "file", "mean", "preset", "scale", "shape", "share",
    ];
    let mut parts = path.rsplit('.');
    let last = parts.next().unwrap_or(path);
    match parts.next() {
        Some(before) if VAGUE.contains(&last) => format!("{before} {last}"),
        _ => last.to_owned(),
    }
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
    /// By the axes, one by one.
    fn order(&self, other: &Self) -> Ordering {
        let pairs = self.axes.iter().zip(&other.axes);
        let mut orders = pairs.map(|(a, b)| a.order(b));
        orders.find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
    }

    /// Whether it is the same variant at the same place of the sweep, whoever ran it.
    pub fn is_at(&self, other: &Self) -> bool {
        let texts = |point: &Self| -> Vec<String> {
            point.axes.iter().map(|axis| axis.text.clone()).collect()
        };
        self.variant == other.variant && texts(self) == texts(other)
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
        let axes = axes.map(|axis| format!("{} {}", short_name(&axis.path), axis.text));
        let variant = Some(self.variant.clone()).filter(|variant| !variant.is_empty());
        variant
            .into_iter()
            .chain(axes)
            .collect::<Vec<_>>()
            .join(", ")
    }
}

impl Results {
    /// The points as a reader expects them: the variants as they come in [`Results::points`], each by
    /// the axes' numbers or texts.
    pub fn sorted_points(&self) -> Vec<&PointResult> {
        let variants = self.variants();
        let place = |point: &PointResult| variants.iter().position(|v| *v == point.variant);
        let mut points: Vec<_> = self.points.iter().collect();
        points.sort_by(|a, b| place(a).cmp(&place(b)).then_with(|| a.order(b)));
        points
    }

    /// The points by the names of their variants, and by the axes: an order that does not depend on
    /// how a file is written, for the digest.
    pub fn canonical_points(&self) -> Vec<&PointResult> {
        let mut points: Vec<_> = self.points.iter().collect();
        points.sort_by(|a, b| a.variant.cmp(&b.variant).then_with(|| a.order(b)));
        points
    }

    /// The names of the variants, as they come: the scenario's own first.
    pub fn variants(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for point in &self.points {
            if !names.contains(&point.variant.as_str()) {
                names.push(&point.variant);
            }
        }
        names
    }

    /// The unit of a metric; none if nobody knows it.
    pub fn unit(&self, metric: &str) -> &'static str {
        let mut known = self.metric_defs.iter();
        known
            .find(|known| known.name == metric)
            .map_or("", |known| known.unit)
    }

    /// Every metric's name and unit: the family's, in its order, then what else the records hold,
    /// by name and without a unit.
    pub fn metrics(&self) -> Vec<(&str, &'static str)> {
        let known: Vec<_> = self
            .metric_defs
            .iter()
            .map(|d| (&*d.name, d.unit))
            .collect();
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
        let def = |name, unit| MetricDef::new(name, unit, "made up", Better::Lower);
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
            halves: Vec::new(),
            digest: index.wrapping_mul(0x9E37_79B9_7F4A_7C15),
            events: 1000 + seed,
            notes: Vec::new(),
        }
    }

    #[test]
    fn a_vague_name_says_whose() {
        assert_eq!(short_name("attack.eclipse.groups"), "groups");
        assert_eq!(
            short_name("churn.session.exponential.mean"),
            "exponential mean"
        );
        assert_eq!(short_name("peers"), "peers");
    }

    #[test]
    fn variants_come_as_in_the_file_and_numbers_by_size() {
        let results = eclipse(2);
        let labels = |points: Vec<&PointResult>| -> Vec<String> {
            points.iter().map(|p| p.label()).collect()
        };
        let of = |variant: &str| [8, 16, 32].map(|groups| format!("{variant}, groups {groups}"));
        assert_eq!(labels(results.sorted_points())[..3], of("hardened"));
        assert_eq!(labels(results.canonical_points())[..3], of("classic"));
        assert_eq!(results.variants(), ["hardened", "classic"]);
        assert_eq!(results.metrics()[0], ("eclipse.success", "share"));
    }
}
