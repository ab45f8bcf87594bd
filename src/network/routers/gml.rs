//! GML, as Shadow writes it (Himsolt, "GML: A portable Graph File Format", 1997; Shadow's "Network
//! Graph Specification").
//!
//! A node has an `id`, and here also `label`, `host_bandwidth_up` and `host_bandwidth_down` (older
//! files: `bandwidth_up`, `bandwidth_down`), `Latitude` and `Longitude`; an edge has `source`,
//! `target`, `latency`, `packet_loss` and `jitter`. A link from a node to itself is the way between
//! two hosts of that node. Latencies are one-way. Everything else is skipped.

use super::{At, Link, Position, Router, RouterGraph, numbers};
use crate::input::TextError;

/// How deep lists may be in lists.
const DEEPEST: usize = 32;

#[derive(Debug)]
enum Value<'a> {
    Number(&'a str),
    Text(&'a str),
    List(List<'a>),
}

impl<'a> Value<'a> {
    /// A number or a text.
    fn word(&self) -> Option<&'a str> {
        match self {
            Self::Number(word) | Self::Text(word) => Some(word),
            Self::List(_) => None,
        }
    }
}

#[derive(Debug)]
struct Entry<'a> {
    key: &'a str,
    at: At,
    value_at: At,
    value: Value<'a>,
}

#[derive(Debug)]
struct List<'a> {
    entries: Vec<Entry<'a>>,
}

impl<'a> List<'a> {
    fn get(&self, key: &str) -> Option<&Entry<'a>> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// The value of a key, read by `read`.
    fn read<T>(
        &self,
        key: &str,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, TextError> {
        let Some(entry) = self.get(key) else {
            return Ok(None);
        };
        let wrong = |message: String| entry.value_at.wrong(format!("`{key}`: {message}"));
        let Some(word) = entry.value.word() else {
            return Err(wrong("a list where a value should be".to_owned()));
        };
        read(word).map(Some).map_err(wrong)
    }
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Token<'a> {
    Key(&'a str),
    Number(&'a str),
    Text(&'a str),
    Open,
    Close,
}

struct Tokens<'a> {
    rest: &'a str,
    at: At,
}

impl<'a> Tokens<'a> {
    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(bytes);
        for c in taken.chars() {
            if c == '\n' {
                self.at.line += 1;
                self.at.column = 1;
            } else {
                self.at.column += 1;
            }
        }
        self.rest = rest;
        taken
    }

    fn skip_blanks(&mut self) {
        loop {
            let blank = self.rest.len() - self.rest.trim_start().len();
            self.take(blank);
            if !self.rest.starts_with('#') {
                return;
            }
            let line = self.rest.find('\n').unwrap_or(self.rest.len());
            self.take(line);
        }
    }

    fn next(&mut self) -> Result<Option<(At, Token<'a>)>, TextError> {
        self.skip_blanks();
        let at = self.at;
        let Some(first) = self.rest.chars().next() else {
            return Ok(None);
        };
        let token = match first {
            '[' => {
                self.take(1);
                Token::Open
            }
            ']' => {
                self.take(1);
                Token::Close
            }
            '"' => {
                let Some(end) = self.rest[1..].find('"') else {
                    return Err(at.wrong("a text without its closing `\"`"));
                };
                let taken = self.take(end + 2);
                Token::Text(&taken[1..=end])
            }
            c if c.is_ascii_alphabetic() || c == '_' => {
                let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
                let end = self.rest.find(|c| !word(c)).unwrap_or(self.rest.len());
                Token::Key(self.take(end))
            }
            c if c.is_ascii_digit() || matches!(c, '+' | '-' | '.') => {
                let ends = |c: char| c.is_whitespace() || matches!(c, '[' | ']' | '"' | '#');
                let end = self.rest.find(ends).unwrap_or(self.rest.len());
                let taken = self.take(end);
                if numbers::number(taken).is_none() {
                    let message = format!("`{taken}` is not a number; a text stands in quotes");
                    return Err(at.wrong(message));
                }
                Token::Number(taken)
            }
            other => {
                let message = format!("`{other}` where a key or a value should be");
                return Err(at.wrong(message));
            }
        };
        Ok(Some((at, token)))
    }
}

/// The entries of a list up to its `]` (of the whole text: up to its end).
fn list<'a>(
    tokens: &mut Tokens<'a>,
    open: Option<At>,
    depth: usize,
) -> Result<List<'a>, TextError> {
    let mut entries = Vec::new();
    loop {
        let (at, key) = match (tokens.next()?, open) {
            (None, None) | (Some((_, Token::Close)), Some(_)) => return Ok(List { entries }),
            (None, Some(open)) => return Err(open.wrong("a `[` without its `]`")),
            (Some((at, Token::Close)), None) => return Err(at.wrong("a `]` without its `[`")),
            (Some((at, Token::Key(key))), _) => (at, key),
            (Some((at, _)), _) => {
                let message = "a value without its key: entries are `key value` or `key [ ... ]`";
                return Err(at.wrong(message));
            }
        };
        let missing = || at.wrong(format!("`{key}` without a value"));
        let (value_at, value) = match tokens.next()?.ok_or_else(missing)? {
            (value_at, Token::Number(number)) => (value_at, Value::Number(number)),
            (value_at, Token::Text(text)) => (value_at, Value::Text(text)),
            (value_at, Token::Open) if depth == DEEPEST => {
                let message = format!("more than {DEEPEST} lists within each other");
                return Err(value_at.wrong(message));
            }
            (value_at, Token::Open) => {
                let list = list(tokens, Some(value_at), depth + 1)?;
                (value_at, Value::List(list))
            }
            (_, Token::Key(_) | Token::Close) => return Err(missing()),
        };
        entries.push(Entry {
            key,
            at,
            value_at,
            value,
        });
    }
}

/// The graph of a GML text.
pub(super) fn read(text: &str) -> Result<RouterGraph, TextError> {
    let at = At { line: 1, column: 1 };
    let mut tokens = Tokens { rest: text, at };
    let whole = list(&mut tokens, None, 0)?;
    let Some(entry) = whole.get("graph") else {
        return Err(at.wrong("no `graph [ ... ]`"));
    };
    let Value::List(parts) = &entry.value else {
        return Err(entry.value_at.wrong("`graph` is a list: `graph [ ... ]`"));
    };
    let directed = parts.read("directed", |word| match word {
        "0" => Ok(false),
        "1" => Ok(true),
        _ => Err(format!(
            "`{word}`; 0 for links both ways or 1 for links one way"
        )),
    })?;
    let mut graph = RouterGraph {
        directed: directed.unwrap_or(false),
        one_way: true,
        ..RouterGraph::default()
    };
    let lists = |kind: &'static str| {
        let of_kind = parts.entries.iter().filter(move |entry| entry.key == kind);
        of_kind.map(move |entry| match &entry.value {
            Value::List(list) => Ok((entry.at, list)),
            _ => Err(entry
                .value_at
                .wrong(format!("`{kind}` is a list: `{kind} [ ... ]`"))),
        })
    };
    for entry in lists("node") {
        let (at, node) = entry?;
        graph.add(router(at, node)?)?;
    }
    for entry in lists("edge") {
        let (at, edge) = entry?;
        let end = |key: &str| -> Result<_, TextError> {
            let id = identifier(at, edge, key)?;
            let place = edge.get(key).map_or(at, |entry| entry.value_at);
            graph.find(&id, place)
        };
        let (a, b) = (end("source")?, end("target")?);
        let link = Link {
            delay: edge.read("latency", numbers::delay)?,
            loss: edge.read("packet_loss", numbers::loss)?.unwrap_or(0.0),
            jitter: edge.read("jitter", numbers::jitter)?.unwrap_or_default(),
            at,
        };
        graph.link(a, b, link)?;
    }
    Ok(graph)
}

/// A whole number that names a node.
fn identifier(at: At, list: &List<'_>, key: &str) -> Result<String, TextError> {
    let whole = |word: &str| {
        let number = word.parse::<i64>().map(|number| number.to_string());
        number.map_err(|_| format!("`{word}` is not a whole number"))
    };
    list.read(key, whole)?
        .ok_or_else(|| at.wrong(format!("no `{key}`: a whole number")))
}

fn router(at: At, node: &List<'_>) -> Result<Router, TextError> {
    let rate = |new: &str, old: &str| match node.read(new, numbers::bandwidth)? {
        None => node.read(old, numbers::bandwidth),
        some => Ok(some),
    };
    let degrees = |key: &str, most: f64| {
        node.read(key, |word| {
            let degrees = numbers::number(word).filter(|degrees| degrees.abs() <= most);
            degrees.ok_or_else(|| format!("`{word}`; degrees from -{most} to {most}"))
        })
    };
    let place = degrees("Latitude", 90.0)?.zip(degrees("Longitude", 180.0)?);
    Ok(Router {
        name: identifier(at, node, "id")?,
        label: node.read("label", |word| Ok(word.to_owned()))?,
        up: rate("host_bandwidth_up", "bandwidth_up")?,
        down: rate("host_bandwidth_down", "bandwidth_down")?,
        position: place.map(|(latitude, longitude)| Position::Earth {
            latitude,
            longitude,
        }),
        own: None,
        at,
    })
}
