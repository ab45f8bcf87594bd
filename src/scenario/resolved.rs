//! A scenario with every default written out.

use super::Scenario;
use super::body::Body;
use super::tree::Node;

/// The text of a variant as a scenario of its own: header, settings of its first point, sweep.
pub(super) fn write<B: Body>(scenario: &Scenario<B>, variant: &str) -> Option<String> {
    let point = scenario
        .points
        .iter()
        .find(|point| point.variant == variant)?;
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let seeds = scenario.seeds;
    let mut text = format!(
        "name = {}\nabout = {}\nbase_variant = {}\nseeds = {{ first = {}, count = {} }}\n",
        quoted(&scenario.name),
        quoted(&scenario.about),
        quoted(variant),
        seeds.first,
        seeds.count,
    );
    let body = toml::to_string(&point.body)
        .unwrap_or_else(|error| format!("# the settings cannot be written as TOML: {error}\n"));
    text.push_str(&body);
    let swept = scenario.axes.iter().zip(&point.values);
    let swept: Vec<_> = swept.filter(|(_, value)| value.is_some()).collect();
    if !swept.is_empty() {
        text.push_str("\n[sweep]\n");
    }
    for (axis, _) in swept {
        let values: Vec<_> = axis.nodes.iter().map(Node::to_toml).collect();
        let values = toml::Value::Array(values);
        let line = format!("{} = {values}\n", quoted(&axis.path));
        text.push_str(&line);
    }
    Some(text)
}
