//! The JSON schema of a scenario file, and reading it: the one source of the shape check, of
//! `sim explain` and of `sim schema`.

use super::body::Body;
use super::file::Header;
use super::measure::Measure;
use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

/// Chains of references longer than this are taken for a circle.
const HOPS: usize = 16;

/// The schema of scenario files with the body `B` (draft 2020-12, self-contained).
///
/// The keys of the header and of the body stand side by side at the top level.
pub fn file_schema<B: Body>() -> Value {
    let mut generator = SchemaGenerator::default();
    let header = generator.subschema_for::<Header>().to_value();
    let body = generator.subschema_for::<B>().to_value();
    let defs = Value::Object(generator.take_definitions(true));
    let resolve = |part: &Value| -> Value {
        let name = part["$ref"].as_str().unwrap_or_default().to_owned();
        let pointer = name.strip_prefix("#/$defs").unwrap_or_default();
        let found = if pointer.is_empty() {
            None
        } else {
            defs.pointer(pointer)
        };
        found.unwrap_or(part).clone()
    };
    let mut properties = Map::new();
    let mut required = Vec::new();
    for part in [resolve(&header), resolve(&body)] {
        if let Some(Value::Object(keys)) = part.get("properties") {
            properties.extend(keys.clone());
        }
        if let Some(Value::Array(keys)) = part.get("required") {
            required.extend(keys.iter().cloned());
        }
    }
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "peerlab scenario",
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
        "$defs": defs,
    });
    shares_may_be_numbers(&mut schema);
    schema
}

/// A share is written `"5 %"` or 0.05; its type alone would say that it is a text.
fn shares_may_be_numbers(schema: &mut Value) {
    match schema {
        Value::Object(keys) => {
            if keys.get("format").is_some_and(|format| format == "share") {
                let optional = keys.get("type").is_some_and(Value::is_array);
                let types = if optional {
                    json!(["string", "number", "null"])
                } else {
                    json!(["string", "number"])
                };
                keys.insert("type".to_owned(), types);
            }
            keys.values_mut().for_each(shares_may_be_numbers);
        }
        Value::Array(items) => items.iter_mut().for_each(shares_may_be_numbers),
        _ => {}
    }
}

/// The schema of one value, with the references it goes through.
#[derive(Clone, Debug)]
pub struct Schema<'s> {
    root: &'s Value,
    /// The schema and what it refers to, nearest first: a doc comment on a field goes before the one
    /// on its type.
    chain: Vec<&'s Value>,
    optional: bool,
}

/// What a schema allows.
#[derive(Clone, Debug)]
pub enum Form<'s> {
    /// A table with known keys.
    Table(Vec<Key<'s>>),
    /// A table with keys of the user's, all of one shape.
    Map(Box<Schema<'s>>),
    /// One of several names, or one of several families of settings.
    Choice(Vec<Family<'s>>),
    /// A list.
    List {
        /// The shape of each item; of the first, second, … if there are several.
        items: Vec<Schema<'s>>,
        /// The least number of items.
        least: u64,
        /// The greatest number of items.
        most: u64,
    },
    /// A text with a unit.
    Quantity(Measure),
    /// Any text.
    Text,
    /// A whole number in a range.
    Integer(f64, f64),
    /// A number in a range.
    Number(f64, f64),
    /// True or false.
    Boolean,
    /// Anything.
    Any,
}

/// A key of a table.
#[derive(Clone, Debug)]
pub struct Key<'s> {
    /// Its name.
    pub name: &'s str,
    /// Whether it must be there.
    pub required: bool,
    /// Its value.
    pub schema: Schema<'s>,
}

/// One alternative of a choice.
#[derive(Clone, Debug)]
pub struct Family<'s> {
    /// Its name.
    pub name: &'s str,
    /// What it is.
    pub about: &'s str,
    /// The shape of its settings; `None` if it is a name only.
    pub settings: Option<Schema<'s>>,
}

impl<'s> Schema<'s> {
    /// The schema of a whole file.
    pub fn root(root: &'s Value) -> Self {
        Self::new(root, root)
    }

    fn new(root: &'s Value, here: &'s Value) -> Self {
        let mut schema = Self {
            root,
            chain: vec![here],
            optional: false,
        };
        let mut here = here;
        while schema.chain.len() < HOPS {
            schema.optional |= has_type(here, "null");
            let next = if let Some(name) = here["$ref"].as_str() {
                root.pointer(name.trim_start_matches('#'))
            } else if let Some([only]) = here["allOf"].as_array().map(Vec::as_slice) {
                Some(only)
            } else if let Some(any) = here["anyOf"].as_array() {
                let mut real = any
                    .iter()
                    .filter(|part| !has_type(part, "null") || part["type"].is_array());
                schema.optional |= any.iter().any(|part| has_type(part, "null"));
                real.next().filter(|_| real.next().is_none())
            } else {
                None
            };
            let Some(next) = next else { break };
            schema.chain.push(next);
            here = next;
        }
        schema
    }

    /// The value of a keyword, from the nearest schema of the chain that has it.
    fn keyword(&self, name: &str) -> Option<&'s Value> {
        self.chain.iter().find_map(|schema| schema.get(name))
    }

    /// The doc comment.
    pub fn about(&self) -> &'s str {
        self.keyword("description")
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// The value if the key is not written; `None` also where leaving it out means "none".
    pub fn default(&self) -> Option<&'s Value> {
        self.keyword("default").filter(|value| !value.is_null())
    }

    /// A value to show in messages, from `#[schemars(example = …)]` on the field or from its type.
    pub(super) fn example(&self) -> Option<&'s str> {
        self.keyword("examples")?.get(0)?.as_str()
    }

    /// Whether leaving it out means "none".
    pub fn optional(&self) -> bool {
        self.optional
    }

    /// What it allows.
    pub fn form(&self) -> Form<'s> {
        if let Some(choices) = self.keyword("oneOf").and_then(Value::as_array) {
            return Form::Choice(
                choices
                    .iter()
                    .flat_map(|choice| self.families(choice))
                    .collect(),
            );
        }
        if self.keyword("enum").or(self.keyword("const")).is_some() {
            return Form::Choice(
                self.chain
                    .iter()
                    .flat_map(|part| self.families(part))
                    .collect(),
            );
        }
        let format = self
            .keyword("format")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if let Some(measure) = Measure::from_format(format) {
            return Form::Quantity(measure);
        }
        match self.kind() {
            "object" => self.table(),
            "array" => self.list(),
            "string" => Form::Text,
            "integer" => {
                let (low, high) = integer_range(format);
                let (least, most) = self.range();
                Form::Integer(least.max(low), most.min(high))
            }
            "number" => {
                let (least, most) = self.range();
                Form::Number(least, most)
            }
            "boolean" => Form::Boolean,
            _ => Form::Any,
        }
    }

    /// The type that is not "null", if there is just one.
    fn kind(&self) -> &'s str {
        match self.keyword("type") {
            Some(Value::String(kind)) => kind,
            Some(Value::Array(kinds)) => {
                let mut kinds = kinds
                    .iter()
                    .filter_map(Value::as_str)
                    .filter(|&kind| kind != "null");
                kinds
                    .next()
                    .filter(|_| kinds.next().is_none())
                    .unwrap_or("")
            }
            _ => "",
        }
    }

    fn range(&self) -> (f64, f64) {
        let number = |name: &str| self.keyword(name).and_then(Value::as_f64);
        (
            number("minimum").unwrap_or(f64::NEG_INFINITY),
            number("maximum").unwrap_or(f64::INFINITY),
        )
    }

    fn table(&self) -> Form<'s> {
        let Some(properties) = self.keyword("properties").and_then(Value::as_object) else {
            return match self.keyword("additionalProperties") {
                Some(value @ (Value::Object(_) | Value::Bool(true))) => {
                    Form::Map(Box::new(Self::new(self.root, value)))
                }
                Some(Value::Bool(false)) => Form::Table(Vec::new()),
                _ => Form::Any,
            };
        };
        let required = self.keyword("required").and_then(Value::as_array);
        let keys = properties.iter().map(|(name, schema)| Key {
            name,
            required: required.is_some_and(|required| required.iter().any(|key| key == name)),
            schema: Self::new(self.root, schema),
        });
        Form::Table(keys.collect())
    }

    fn list(&self) -> Form<'s> {
        let count = |name: &str| self.keyword(name).and_then(Value::as_u64);
        let items = match self.keyword("prefixItems").and_then(Value::as_array) {
            Some(items) => items
                .iter()
                .map(|item| Self::new(self.root, item))
                .collect(),
            None => self
                .keyword("items")
                .map(|item| Self::new(self.root, item))
                .into_iter()
                .collect(),
        };
        Form::List {
            items,
            least: count("minItems").unwrap_or(0),
            most: count("maxItems").unwrap_or(u64::MAX),
        }
    }

    /// The alternatives that one member of `oneOf` stands for.
    fn families(&self, choice: &'s Value) -> Vec<Family<'s>> {
        let about = choice["description"].as_str().unwrap_or_default();
        let named = |name| Family {
            name,
            about,
            settings: None,
        };
        if let Some(properties) = choice["properties"].as_object() {
            return properties
                .iter()
                .map(|(name, settings)| Family {
                    settings: Some(Self::new(self.root, settings)),
                    ..named(name)
                })
                .collect();
        }
        let names = choice["enum"].as_array().map_or(&[][..], Vec::as_slice);
        names
            .iter()
            .chain(choice.get("const"))
            .filter_map(Value::as_str)
            .map(named)
            .collect()
    }

    /// The schema of what stands under a key (of a table, a map or a choice), looking through lists.
    pub fn child(&self, step: &str) -> Option<Self> {
        match self.form() {
            Form::Table(keys) => keys
                .into_iter()
                .find(|key| key.name == step)
                .map(|key| key.schema),
            Form::Map(value) => Some(*value),
            Form::Choice(families) => families
                .into_iter()
                .find(|family| family.name == step)
                .and_then(|family| family.settings),
            Form::List { items, .. } => {
                let at = step.parse::<usize>().ok();
                let item = at.map_or(0, |at| at.min(items.len().saturating_sub(1)));
                let item = items.into_iter().nth(item)?;
                if at.is_some() {
                    Some(item)
                } else {
                    item.child(step)
                }
            }
            _ => None,
        }
    }

    /// The schema at a dotted path.
    pub fn at(&self, path: &str) -> Option<Self> {
        path.split('.')
            .try_fold(self.clone(), |schema, step| schema.child(step))
    }

    /// Every dotted path below this one, in the schema's order, tables before their keys.
    pub fn paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        self.collect_paths("", 0, &mut paths);
        paths
    }

    fn collect_paths(&self, above: &str, depth: usize, paths: &mut Vec<String>) {
        if depth == HOPS {
            return;
        }
        let below = |name: &str| {
            if above.is_empty() {
                name.to_owned()
            } else {
                format!("{above}.{name}")
            }
        };
        let mut visit = |name: &str, schema: Option<Self>| {
            let path = below(name);
            paths.push(path.clone());
            if let Some(schema) = schema {
                schema.collect_paths(&path, depth + 1, paths);
            }
        };
        match self.form() {
            Form::Table(keys) => keys
                .into_iter()
                .for_each(|key| visit(key.name, Some(key.schema))),
            Form::Choice(families) => {
                for family in families {
                    visit(family.name, family.settings);
                }
            }
            Form::List { items, .. } => {
                if let [item] = &items[..] {
                    item.collect_paths(above, depth + 1, paths);
                }
            }
            _ => {}
        }
    }
}

fn has_type(schema: &Value, name: &str) -> bool {
    match &schema["type"] {
        Value::String(kind) => kind == name,
        Value::Array(kinds) => kinds.iter().any(|kind| kind == name),
        _ => false,
    }
}

/// What the integer types of Rust hold.
fn integer_range(format: &str) -> (f64, f64) {
    match format {
        "uint8" => (0.0, f64::from(u8::MAX)),
        "uint16" => (0.0, f64::from(u16::MAX)),
        "uint32" => (0.0, f64::from(u32::MAX)),
        "uint64" | "uint" => (0.0, f64::INFINITY),
        "int8" => (f64::from(i8::MIN), f64::from(i8::MAX)),
        "int16" => (f64::from(i16::MIN), f64::from(i16::MAX)),
        "int32" => (f64::from(i32::MIN), f64::from(i32::MAX)),
        _ => (f64::NEG_INFINITY, f64::INFINITY),
    }
}
