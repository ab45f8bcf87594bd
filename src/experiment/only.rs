//! A part of an experiment: `--only variant=NAME`, `--only swept.key=VALUE`.

use crate::scenario::{AxisValue, Scenario, Settings};

/// One condition on points, as it was written: `KEY=VALUE`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Filter {
    key: String,
    value: String,
}

/// What is wrong with a filter.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("--only {filter}: {message}")]
pub struct FilterError {
    filter: String,
    message: String,
}

impl Filter {
    /// Reads `KEY=VALUE`.
    ///
    /// # Errors
    /// If there is no `=` in it.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        match text.split_once('=') {
            Some((key, value)) => Ok(Self {
                key: key.trim().to_owned(),
                value: value.trim().trim_matches('"').to_owned(),
            }),
            None => Err(FilterError {
                filter: text.to_owned(),
                message: "write it like --only variant=NAME or --only swept.key=VALUE".to_owned(),
            }),
        }
    }

    /// Leaves the points that meet the condition, and what is expected of them and compared.
    ///
    /// # Errors
    /// If the key is neither `variant` nor swept, or no point has the value.
    pub fn apply(&self, scenario: &mut Scenario<Settings>) -> Result<(), FilterError> {
        let wrong = |message: String| FilterError {
            filter: format!("{}={}", self.key, self.value),
            message,
        };
        let axis = scenario.axes.iter().position(|axis| axis.path == self.key);
        let mut values: Vec<&str> = match axis {
            _ if self.key == "variant" => scenario.variants.iter().map(String::as_str).collect(),
            Some(axis) => {
                let values = scenario.axes[axis].values.iter();
                values.map(|value| value.text.as_str()).collect()
            }
            None => {
                let axes = scenario
                    .axes
                    .iter()
                    .map(|axis| format!(", `{}`", axis.path));
                let axes: String = axes.collect();
                return Err(wrong(format!("one can choose by `variant`{axes}")));
            }
        };
        let text = |value: &Option<AxisValue>| value.as_ref().map(|value| value.text.clone());
        let keep: Vec<bool> = scenario
            .points
            .iter()
            .map(|point| match axis {
                Some(axis) => text(&point.values[axis]).as_ref() == Some(&self.value),
                None => point.variant == self.value,
            })
            .collect();
        if !keep.contains(&true) {
            values.dedup();
            return Err(wrong(format!("the values are {}", values.join(", "))));
        }
        let place = |at: usize| keep[..at].iter().filter(|kept| **kept).count();
        // Whether anything is left of a list of points, which now are others.
        let leaves = |points: &mut Vec<usize>| {
            points.retain(|&at| keep[at]);
            for at in points.iter_mut() {
                *at = place(*at);
            }
            !points.is_empty()
        };
        scenario.expects.retain_mut(|one| leaves(&mut one.points));
        scenario.compares.retain_mut(|one| leaves(&mut one.points));
        if let Some(mut repeat) = scenario.repeat.take() {
            scenario.repeat = leaves(&mut repeat.points).then_some(repeat);
        }
        let mut kept = keep.iter();
        scenario.points.retain(|_| kept.next() == Some(&true));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::load;

    fn scenario() -> Scenario<Settings> {
        let text = r#"
            name = "t"
            peers = 10
            duration = "1 s"
            network.constant.latency = "50 ms"
            topology.regular.degree = 4
            protocol.gossip.strategy.push.fanout = 3
            variants.flood.protocol.gossip.strategy.flood = {}
            sweep."protocol.gossip.strategy.push.fanout" = [2, 4]
            [[expect]]
            metric = "broadcast.reliability"
            where = { variant = "flood" }
            above = 0.5
        "#;
        load::<Settings>("t.toml", text, &[]).unwrap_or_else(|problems| panic!("{problems}"))
    }

    #[test]
    fn points_and_expectations_are_left() {
        let mut flood = scenario();
        Filter::parse("variant=flood")
            .unwrap()
            .apply(&mut flood)
            .unwrap();
        assert_eq!(
            (flood.points.len(), &flood.expects[0].points[..]),
            (1, &[0][..])
        );
        let mut four = scenario();
        let filter = Filter::parse("protocol.gossip.strategy.push.fanout = 4").unwrap();
        filter.apply(&mut four).unwrap();
        assert_eq!((four.points.len(), four.expects.len()), (1, 0));
    }

    #[test]
    fn wrong_filters_name_what_is_right() {
        let error = |text: &str| {
            let filter = Filter::parse(text);
            filter
                .and_then(|filter| filter.apply(&mut scenario()))
                .unwrap_err()
                .to_string()
        };
        assert!(error("variant").contains("variant=NAME"));
        assert!(
            error("variant=x").contains("base, flood"),
            "{}",
            error("variant=x")
        );
        assert!(error("peers=10").contains("fanout"));
    }
}
