//! The values of a scenario, each with the place it was written at.
//!
//! It is read from `toml`'s recovering parser, so that all errors of syntax are found in one go, and
//! it is what patches, sweeps and `--set` work on: a value that is moved keeps its place, so that an
//! error in a swept value points into the sweep's list.

use super::problem::{Found, Place, Problem, SourceId};
use super::syntax;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value and where it was written.
#[derive(Clone, PartialEq, Debug)]
pub struct Node {
    /// What.
    pub value: Value,
    /// Where: the value itself, or the header of a table.
    pub place: Place,
}

/// A TOML value.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// `"text"`.
    Text(String),
    /// `42`.
    Integer(i64),
    /// `4.2`.
    Float(f64),
    /// `true`.
    Boolean(bool),
    /// `1979-05-27`, which no scenario needs.
    Date(toml::value::Datetime),
    /// `[1, 2]` and `[[table]]`.
    List(Vec<Node>),
    /// `{ a = 1 }` and `[table]`.
    Table(Table),
}

/// A table: its entries in the order they were written.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Table {
    /// The entries; no name twice.
    pub entries: Vec<Entry>,
}

/// One `key = value`.
#[derive(Clone, PartialEq, Debug)]
pub struct Entry {
    /// The key's name.
    pub key: String,
    /// Where the key is written.
    pub place: Place,
    /// Its value.
    pub node: Node,
}

impl Table {
    /// The entry called `key`.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// The entry called `key`, to change.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.key == key)
    }

    /// Adds an entry or replaces the one of the same name.
    pub fn put(&mut self, entry: Entry) {
        match self.get_mut(&entry.key) {
            Some(old) => *old = entry,
            None => self.entries.push(entry),
        }
    }

    /// Takes an entry out.
    pub fn remove(&mut self, key: &str) -> Option<Entry> {
        let at = self.entries.iter().position(|entry| entry.key == key)?;
        Some(self.entries.remove(at))
    }
}

impl Node {
    /// An empty table at `place`.
    pub fn table(place: Place) -> Self {
        let value = Value::Table(Table::default());
        Self { value, place }
    }

    /// The table, if it is one.
    pub fn as_table(&self) -> Option<&Table> {
        match &self.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value under a key of a table, or at a position of a list.
    pub fn get(&self, step: &str) -> Option<&Self> {
        match &self.value {
            Value::Table(table) => table.get(step).map(|entry| &entry.node),
            Value::List(nodes) => nodes.get(step.parse::<usize>().ok()?),
            _ => None,
        }
    }

    /// The place of what a dotted path names, or of the nearest table above it.
    pub fn nearest_place(&self, path: &str) -> Place {
        let mut here = self;
        for step in path.split('.') {
            match here.get(step) {
                Some(node) => here = node,
                None => break,
            }
        }
        here.place
    }

    /// Puts a node at a path of keys (and positions in lists), making the tables on the way; what is
    /// in the way is replaced.
    pub fn put(&mut self, path: &[&str], place: Place, node: Self) {
        let Some((first, rest)) = path.split_first() else {
            *self = node;
            return;
        };
        if let Value::List(nodes) = &mut self.value
            && let Some(item) = first.parse().ok().and_then(|at: usize| nodes.get_mut(at))
        {
            item.put(rest, place, node);
            return;
        }
        if self.as_table().is_none() {
            *self = Self::table(place);
        }
        let Value::Table(table) = &mut self.value else {
            return;
        };
        if table.get(first).is_none() {
            table.entries.push(Entry {
                key: (*first).to_owned(),
                place,
                node: Self::table(place),
            });
        }
        if let Some(entry) = table.get_mut(first) {
            if rest.is_empty() {
                entry.place = place;
            }
            entry.node.put(rest, place, node);
        }
    }

    /// The same as a value for serde, without places.
    pub fn to_toml(&self) -> toml::Value {
        match &self.value {
            Value::Text(text) => toml::Value::String(text.clone()),
            Value::Integer(number) => toml::Value::Integer(*number),
            Value::Float(number) => toml::Value::Float(*number),
            Value::Boolean(flag) => toml::Value::Boolean(*flag),
            Value::Date(date) => toml::Value::Datetime(*date),
            Value::List(nodes) => toml::Value::Array(nodes.iter().map(Self::to_toml).collect()),
            Value::Table(table) => toml::Value::Table(
                table
                    .entries
                    .iter()
                    .map(|entry| (entry.key.clone(), entry.node.to_toml()))
                    .collect(),
            ),
        }
    }

    /// What kind of value it is, with its article.
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Text(_) => "a text",
            Value::Integer(_) => "a whole number",
            Value::Float(_) => "a number",
            Value::Boolean(_) => "true or false",
            Value::Date(_) => "a date",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
        }
    }
}

/// Reads a whole file. The tree holds what could be read; all errors of syntax go to `found`.
///
/// Returns whether the tree is worth checking further: duplicate keys do not keep it from that, other
/// errors of syntax do (what follows them may have been read into the wrong table).
pub(super) fn parse(text: &str, source: SourceId, found: &mut Found) -> (Node, bool) {
    let (table, errors) = DeTable::parse_recoverable(text);
    let sound = errors.iter().all(|error| error.message() == DUPLICATE);
    syntax::explain(text, source, &errors, found);
    let before = found.len();
    let mut reader = Reader { source, found };
    let value = Value::Table(reader.table(table.into_inner()));
    let place = Place::whole(source);
    (Node { value, place }, sound && found.len() == before)
}

/// What `toml` says of a key that is there already.
pub(super) const DUPLICATE: &str = "duplicate key";

struct Reader<'f> {
    source: SourceId,
    found: &'f mut Found,
}

impl Reader<'_> {
    fn table(&mut self, table: DeTable<'_>) -> Table {
        let mut entries: Vec<_> = table
            .into_iter()
            .map(|(key, value)| Entry {
                place: Place::new(self.source, key.span()),
                key: key.into_inner().into_owned(),
                node: self.node(value),
            })
            .collect();
        entries.sort_by_key(|entry| entry.place);
        Table { entries }
    }

    fn node(&mut self, value: Spanned<DeValue<'_>>) -> Node {
        let place = Place::new(self.source, value.span());
        let value = match value.into_inner() {
            DeValue::String(text) => Value::Text(text.into_owned()),
            DeValue::Integer(number) => {
                if let Ok(number) = i64::from_str_radix(number.as_str(), number.radix()) {
                    Value::Integer(number)
                } else {
                    self.too_large(place);
                    Value::Integer(0)
                }
            }
            DeValue::Float(number) => match number.as_str().parse::<f64>() {
                Ok(value) if value.is_finite() || number.as_str().contains(['n', 'i']) => {
                    Value::Float(value)
                }
                _ => {
                    self.too_large(place);
                    Value::Float(0.0)
                }
            },
            DeValue::Boolean(flag) => Value::Boolean(flag),
            DeValue::Datetime(date) => Value::Date(date),
            DeValue::Array(items) => {
                Value::List(items.into_iter().map(|item| self.node(item)).collect())
            }
            DeValue::Table(table) => Value::Table(self.table(table)),
        };
        Node { value, place }
    }

    fn too_large(&mut self, place: Place) {
        let label = "not a number this program can hold";
        let problem = Problem::at(place, "a number is too large", label);
        self.found
            .insert(problem.help("whole numbers reach from -2^63 to 2^63 - 1"));
    }
}
