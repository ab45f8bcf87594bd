//! [`Plan`]: the canonical list of runs.

use crate::random::hash;
use crate::scenario::{Point, Scenario, Settings};

/// One run: a point of the sweep with a seed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Run {
    /// Position of its point in [`Scenario::points`].
    pub point: usize,
    /// Its seed.
    pub seed: u64,
}

/// Every run of a scenario, in canonical order.
#[derive(Clone, Debug)]
pub struct Plan<'s> {
    /// The scenario.
    pub scenario: &'s Scenario<Settings>,
    /// Its runs.
    pub runs: Vec<Run>,
}

impl<'s> Plan<'s> {
    /// All runs of the scenario.
    pub fn new(scenario: &'s Scenario<Settings>) -> Self {
        let runs = scenario
            .runs()
            .map(|(point, seed)| Run { point, seed })
            .collect();
        Self { scenario, runs }
    }

    /// The settings of a run's point.
    pub fn point(&self, run: Run) -> &'s Point<Settings> {
        &self.scenario.points[run.point]
    }

    /// A name from the run's content: version, settings with every default, seed. Two runs of one
    /// name have the same bytes.
    pub fn id(&self, run: Run) -> String {
        let settings = serde_json::to_string(&self.point(run).body).unwrap_or_default();
        let content = format!("{}\n{settings}\n{}", super::VERSION, run.seed);
        format!("{:016x}", hash::bytes(0, content.as_bytes()))
    }

    /// `variant, attack.eclipse.groups = 8`: what a reader calls a point.
    pub fn label(&self, run: Run) -> String {
        let point = self.point(run);
        let axes = self.scenario.axes.iter().zip(&point.values);
        let axes = axes.filter_map(|(axis, value)| {
            value
                .as_ref()
                .map(|value| format!("{} = {}", axis.path, value.text))
        });
        let parts: Vec<_> = std::iter::once(point.variant.clone()).chain(axes).collect();
        parts.join(", ")
    }
}
