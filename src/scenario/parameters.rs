//! The settings of an experiment one by one: what they are, who set them, what they mean.

use super::Scenario;
use super::body::Body;
use super::file::HEADER_KEYS;
use super::merge::parse_set;
use super::problem::{Found, SourceId};
use super::schema::{Form, Schema, file_schema};
use super::tree::{Node, Value, parse};

/// One key of a scenario's settings, with its values in all variants.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parameter {
    /// The dotted path, as `sim explain` takes it.
    pub key: String,
    /// What `sim explain` says of it: meaning, unit, source.
    pub about: String,
    /// Its values: one if all variants have the same.
    pub values: Vec<Given>,
}

/// A value and who set it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Given {
    /// As TOML writes it; of a swept key the list of all its values.
    pub value: String,
    /// Who set it.
    pub by: Setter,
    /// The variants that have it.
    pub variants: Vec<String>,
}

/// Who set a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Setter {
    /// Nobody: it is the default.
    Default,
    /// The scenario.
    Scenario,
    /// `--set` on the command line.
    CommandLine,
    /// The patch of the variant.
    Variant,
    /// The sweep.
    Sweep,
}

impl Setter {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Scenario => "scenario",
            Self::CommandLine => "command line",
            Self::Variant => "variant",
            Self::Sweep => "sweep",
        }
    }
}

/// Every setting of every variant, as [`Scenario::resolved`] writes them; `sets` are the `--set`
/// arguments that a person gave.
pub(super) fn list<B: Body>(scenario: &Scenario<B>, sets: &[String]) -> Vec<Parameter> {
    let root_schema = file_schema::<B>();
    let schema = Schema::root(&root_schema);
    let mut unsaid = Found::new();
    let (file, _) = parse(&scenario.text, SourceId::FILE, &mut unsaid);
    let sets = sets.iter();
    let sets = sets.filter_map(|set| parse_set(set, SourceId::FILE, &mut Found::new()));
    let sets: Vec<Node> = sets.collect();
    let mut parameters: Vec<Parameter> = Vec::new();
    for variant in &scenario.variants {
        let text = scenario.resolved(variant).unwrap_or_default();
        let (resolved, _) = parse(&text, SourceId::FILE, &mut unsaid);
        let sweep = resolved.get("sweep");
        let patch = file.get("variants").and_then(|all| all.get(variant));
        for (key, mut value) in leaves(&resolved, &schema) {
            let swept = sweep.and_then(|sweep| sweep.get(&key));
            let by = if let Some(values) = swept {
                value = written(values);
                Setter::Sweep
            } else if patch.is_some_and(|patch| has(patch, &key)) {
                Setter::Variant
            } else if sets.iter().any(|set| has(set, &key)) {
                Setter::CommandLine
            } else if has(&file, &key) {
                Setter::Scenario
            } else {
                Setter::Default
            };
            let known = parameters.iter().position(|one| one.key == key);
            let at = known.unwrap_or(parameters.len());
            if known.is_none() {
                let about = meaning(&schema, &key).to_owned();
                let values = Vec::new();
                parameters.push(Parameter { key, about, values });
            }
            let values = &mut parameters[at].values;
            let same = |given: &&mut Given| given.value == value && given.by == by;
            match values.iter_mut().find(same) {
                Some(given) => given.variants.push(variant.clone()),
                None => values.push(Given {
                    value,
                    by,
                    variants: vec![variant.clone()],
                }),
            }
        }
    }
    parameters
}

/// Keys and values of resolved settings in their order, without those of the header but the seeds. A
/// choice without settings is the value of its key; a table without any is left out.
fn leaves(resolved: &Node, schema: &Schema<'_>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in resolved
        .as_table()
        .into_iter()
        .flat_map(|table| &table.entries)
    {
        if entry.key == "seeds" || !HEADER_KEYS.contains(&entry.key.as_str()) {
            collect(&entry.key, &entry.node, schema, &mut found);
        }
    }
    found
}

fn collect(path: &str, node: &Node, schema: &Schema<'_>, found: &mut Vec<(String, String)>) {
    let Value::Table(table) = &node.value else {
        found.push((path.to_owned(), written(node)));
        return;
    };
    for entry in &table.entries {
        let below = format!("{path}.{}", entry.key);
        let bare = entry
            .node
            .as_table()
            .is_some_and(|table| table.entries.is_empty());
        if !bare {
            collect(&below, &entry.node, schema, found);
        } else if matches!(
            schema.at(path).map(|here| here.form()),
            Some(Form::Choice(_))
        ) {
            found.push((path.to_owned(), entry.key.clone()));
        }
    }
}

/// What a key means; of a choice that has no words of its own, those that it is offered with.
fn meaning<'s>(schema: &Schema<'s>, key: &str) -> &'s str {
    let own = schema.at(key).map_or("", |here| here.about());
    let Some((above, last)) = key.rsplit_once('.').filter(|_| own.is_empty()) else {
        return own;
    };
    let above = schema.at(above);
    match above.as_ref().map(Schema::form) {
        Some(Form::Choice(families)) => {
            let mut families = families.iter();
            let family = families.find(|family| family.name == last);
            family.map_or("", |family| family.about)
        }
        _ => "",
    }
}

/// Texts as they are, all else as TOML writes it.
fn written(node: &Node) -> String {
    match node.as_text() {
        Some(text) => text.to_owned(),
        None => node.to_toml().to_string(),
    }
}

/// Whether there is something at a dotted path.
fn has(node: &Node, path: &str) -> bool {
    let mut steps = path.split('.');
    steps.try_fold(node, |node, step| node.get(step)).is_some()
}

#[cfg(test)]
mod tests {
    use super::super::{Settings, load};

    #[test]
    fn every_setting_says_who_set_it_and_what_it_means() {
        let text = r#"
            name = "t"
            base_variant = "push"
            duration = "1 s"
            network.constant.latency = "50 ms"
            topology.regular.degree = 4
            protocol.gossip.strategy.push.fanout = 3
            variants.flood.protocol.gossip.strategy.flood = {}
            variants.slow.duration = "2 s"
            sweep."protocol.gossip.strategy.push.fanout" = [2, 4]
        "#;
        let sets = vec!["peers=20".to_owned()];
        let scenario = load::<Settings>("t.toml", text, &sets);
        let scenario = scenario.unwrap_or_else(|problems| panic!("{problems}"));
        let all = scenario.parameters(&sets);
        let of = |key: &str| {
            let mut all = all.iter();
            let parameter = all.find(|one| one.key == key);
            parameter.unwrap_or_else(|| panic!("no {key}"))
        };
        let said = |key: &str| -> Vec<String> {
            let values = of(key).values.iter();
            let said = values.map(|given| {
                let (word, variants) = (given.by.word(), given.variants.join(" "));
                format!("{} by {word} in {variants}", given.value)
            });
            said.collect()
        };
        assert_eq!(said("peers"), ["20 by command line in push flood slow"]);
        assert_eq!(
            said("duration"),
            ["1 s by scenario in push flood", "2 s by variant in slow"]
        );
        assert_eq!(
            said("protocol.gossip.strategy.push.fanout"),
            ["[2, 4] by sweep in push slow"]
        );
        assert_eq!(
            said("bandwidth"),
            ["unlimited by default in push flood slow"]
        );
        assert_eq!(said("seeds.count"), ["20 by default in push flood slow"]);
        assert!(of("peers").about.contains("peers"), "{:?}", of("peers"));
        assert!(all.iter().all(|one| !one.about.is_empty()), "{all:?}");
    }
}
