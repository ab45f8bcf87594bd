//! The claims, one file per family. Each row states its rule; nothing is judged elsewhere.

mod bitcoin;
mod chord;
mod churn;
mod data;
mod demers;
mod eclipse;
mod ethereum;
mod files;
mod floods;
mod generators;
mod graphs;
mod kademlia;
mod measured;
mod neighbours;
mod network;
mod overnet;
mod push;
mod sessions;
mod swarms;
mod transactions;
mod transfers;
mod transport;

use super::judge::{Row, Rule, Target, Verdict};
use rayon::prelude::*;

/// Where the rows are collected.
pub(super) struct Room<'a> {
    pub(super) rows: Vec<Row>,
    quick: bool,
    progress: &'a mut dyn FnMut(&str),
}

/// Measures some claims.
type Part = fn(&mut Room<'_>);

/// The parts in their order, each with the families of its claims.
const PARTS: [(&str, Part); 21] = [
    ("B", floods::claims),
    ("F", push::claims),
    ("F", demers::claims),
    ("GI", bitcoin::claims),
    ("I", eclipse::claims),
    ("I", ethereum::claims),
    ("G", transactions::claims),
    ("C", chord::claims),
    ("N", graphs::claims),
    ("N", generators::claims),
    ("M", network::claims),
    ("M", measured::claims),
    ("M", transfers::claims),
    ("AE", files::claims),
    ("E", swarms::claims),
    ("M", transport::claims),
    ("L", churn::claims),
    ("L", neighbours::claims),
    ("DL", sessions::claims),
    ("L", overnet::claims),
    ("D", kademlia::claims),
];

/// Measures every part that has claims of these families; all parts if none is named.
pub(super) fn all(room: &mut Room<'_>, families: &[String]) {
    for (own, claims) in PARTS {
        let is_asked = |family: &String| own.contains(family.as_str());
        if families.is_empty() || families.iter().any(is_asked) {
            claims(room);
        }
    }
}

impl<'a> Room<'a> {
    pub(super) fn new(quick: bool, progress: &'a mut dyn FnMut(&str)) -> Self {
        let rows = Vec::new();
        Self {
            rows,
            quick,
            progress,
        }
    }

    /// Says what is being measured.
    fn say(&mut self, what: &str) {
        (self.progress)(what);
    }

    /// How many seeds: in the quick set, and in the full one.
    fn seeds(&self, quick: u64, full: u64) -> u64 {
        if self.quick { quick } else { full }
    }

    /// Judges one value of each run.
    fn judge(&mut self, target: Target, values: &[f64], rule: Rule) {
        self.rows.push(target.judge(values, rule));
    }

    /// The same for a claim whose source nobody has read: shown, never counted.
    fn unverified(&mut self, target: Target, values: &[f64], rule: Rule, why: &str) {
        let row = target.judge(values, rule);
        self.rows.push(Row {
            verdict: Verdict::Unverified,
            note: Some(why.to_owned()),
            ..row
        });
    }

    /// A claim whose data are not here.
    fn skip(&mut self, target: Target, rule: Rule, why: &str) {
        self.rows.push(target.unmeasured(rule, why));
    }
}

/// Where claims come from.
#[derive(Clone, Copy, Debug)]
struct Source {
    id: &'static str,
    text: &'static str,
}

impl Source {
    fn claim(self, what: impl Into<String>, expected: f64) -> Target {
        Target {
            id: self.id,
            source: self.text,
            what: what.into(),
            expected,
            finite: None,
            known: None,
        }
    }
}

/// One value of each seed from 1 on, in their order.
fn per_seed<T: Send>(seeds: u64, one: impl Fn(u64) -> T + Sync + Send) -> Vec<T> {
    (1..=seeds).into_par_iter().map(one).collect()
}

/// One component of each value.
fn column<T>(runs: &[T], get: impl Fn(&T) -> f64) -> Vec<f64> {
    runs.iter().map(get).collect()
}
