//! `[[bandwidth.*.group]]`: links of a whole class of the population.

use super::{Access, AccessLink};
use crate::input::BuildError;
use crate::network::config::{Problem, problem};
use crate::network::line::Line;
use crate::peer::Population;
use crate::quantity::Bandwidth;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The link of all of a group that is not ordinary peers. What the other keys of the table say holds for all
/// others.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct GroupLink {
    /// Who: `"seeds"` of families that bring a file to many, the `"tracker"`, `"attackers"`, `"dns-seeds"`.
    pub name: String,
    /// The uplink.
    pub up: Bandwidth,
    /// The downlink.
    pub down: Bandwidth,
}

/// The names of all classes of links; those that belong to no group are `"peers"` if they are all alike.
pub(super) fn with_names(mut names: Vec<String>, groups: &[GroupLink]) -> Vec<String> {
    if !groups.is_empty() {
        if names.is_empty() {
            names.push("peers".to_owned());
        }
        names.extend(groups.iter().map(|group| group.name.clone()));
    }
    names
}

/// Adds what is wrong, keyed relative to the table.
pub(super) fn validate(groups: &[GroupLink], problems: &mut Vec<Problem>) {
    for (at, group) in groups.iter().enumerate() {
        for (key, rate) in [("up", group.up), ("down", group.down)] {
            if rate == Bandwidth(0) {
                let key = format!("group.{at}.{key}");
                problem(problems, &key, "a rate of zero", "a link needs some rate");
            }
        }
        if groups[..at].iter().any(|other| other.name == group.name) {
            let message = format!("`{}` have a link already", group.name);
            problem(problems, &format!("group.{at}.name"), &message, "keep one");
        }
    }
}

impl Access {
    /// The same links but for those of groups.
    pub(super) fn with_groups(
        mut self,
        table: &str,
        groups: &[GroupLink],
        population: &Population,
    ) -> Result<Self, BuildError> {
        if groups.is_empty() {
            return Ok(self);
        }
        self.at.resize(population.len() as usize, 0);
        if self.names == [""] {
            self.names.clear();
        }
        self.names = with_names(self.names, groups);
        for (number, group) in groups.iter().enumerate() {
            let classes = population.classes();
            let Some(class) = classes.iter().position(|class| class.name == group.name) else {
                let known: Vec<&str> = classes.iter().map(|class| class.name.as_str()).collect();
                let message = format!("no group `{}`; there are {}", group.name, known.join(", "));
                let key = format!("bandwidth.{table}.group.{number}.name");
                return Err(BuildError::config(&key, message));
            };
            let row = self.links.len() as u16;
            self.links.push(AccessLink {
                up: group.up,
                down: group.down,
            });
            self.lines
                .push([Line::new(group.up), Line::new(group.down)]);
            for (peer, of, _) in population.iter() {
                if usize::from(of) == class {
                    self.at[peer.index()] = row;
                }
            }
        }
        Ok(self)
    }
}
