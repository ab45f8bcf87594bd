//! `--shard auto`: which part this is, by what a cluster or a service has put into the environment.

use crate::experiment::Shard;

/// What is read; `None` if a variable is not there. Empty ones count as not there.
pub(super) type Variable<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Part and parts as `--shard` has them, for any service that can put two numbers into one word.
const OWN: &str = "SIM_SHARD";

/// The number of this task in an array of Slurm, and what tells where in the array that is.
const SLURM: [&str; 4] = [
    "SLURM_ARRAY_TASK_ID",
    "SLURM_ARRAY_TASK_MIN",
    "SLURM_ARRAY_TASK_MAX",
    "SLURM_ARRAY_TASK_COUNT",
];

/// The number of this pod in an indexed job of Kubernetes, from 0; how many there are is said nowhere, so
/// the manifest says it in a variable of ours.
const KUBERNETES: [&str; 2] = ["JOB_COMPLETION_INDEX", "SIM_SHARDS"];

/// The part that the environment names.
///
/// # Errors
/// If it names none or several, or says what makes no sense: what was looked for, and what is there.
pub(super) fn find(variable: Variable<'_>) -> Result<Shard, String> {
    let parts = [own(variable), slurm(variable), kubernetes(variable)];
    let wrong = |error| format!("{error}\n{}", there(variable));
    let mut found = Vec::new();
    for part in parts {
        found.extend(part.map_err(wrong)?);
    }
    let Some(&first) = found.first() else {
        let text = "nothing in the environment says which part this is";
        return Err(wrong(text.to_owned()));
    };
    if let Some(other) = found.iter().find(|&&other| other != first) {
        let (Shard { part, of }, other) = (first, other);
        let text = format!(
            "the environment says part {part} of {of}, and part {} of {}",
            other.part, other.of
        );
        return Err(wrong(text));
    }
    Ok(first)
}

/// Part `part` of `of`, if there is such a one.
fn shard(part: usize, of: usize) -> Option<Shard> {
    (1..=of).contains(&part).then_some(Shard { part, of })
}

/// `K/N`.
pub(super) fn explicit(text: &str) -> Option<Shard> {
    let (part, of) = text.split_once('/')?;
    shard(part.parse().ok()?, of.parse().ok()?)
}

fn own(variable: Variable<'_>) -> Result<Option<Shard>, String> {
    let Some(text) = value(variable, OWN) else {
        return Ok(None);
    };
    let shard = explicit(&text);
    let wrong = || format!("{OWN} is not like 1/4, the first of four parts");
    shard.map(Some).ok_or_else(wrong)
}

/// Tasks of an array may begin at any number, but not leave one out: the place of a task among the others is
/// then its number less the first.
fn slurm(variable: Variable<'_>) -> Result<Option<Shard>, String> {
    if value(variable, SLURM[0]).is_none() {
        return Ok(None);
    }
    let [id, min, max, count] = SLURM.map(|name| number(variable, name));
    let (id, min, max, count) = (id?, min?, max?, count?);
    if max.checked_sub(min).and_then(|rest| rest.checked_add(1)) != Some(count) {
        let text =
            "an array with gaps or steps; parts are dealt to one without, such as --array=1-4";
        return Err(text.to_owned());
    }
    let part = id.checked_sub(min).and_then(|before| before.checked_add(1));
    let shard = part.and_then(|part| shard(part, count));
    let wrong = || format!("{} is not one of the array", SLURM[0]);
    shard.map(Some).ok_or_else(wrong)
}

fn kubernetes(variable: Variable<'_>) -> Result<Option<Shard>, String> {
    if value(variable, KUBERNETES[0]).is_none() {
        return Ok(None);
    }
    let [index, of] = KUBERNETES.map(|name| number(variable, name));
    let (index, of) = (index?, of?);
    let shard = index.checked_add(1).and_then(|part| shard(part, of));
    let wrong = || {
        format!(
            "{} counts from 0 to {} less 1",
            KUBERNETES[0], KUBERNETES[1]
        )
    };
    shard.map(Some).ok_or_else(wrong)
}

fn value(variable: Variable<'_>, name: &str) -> Option<String> {
    variable(name).filter(|value| !value.is_empty())
}

fn number(variable: Variable<'_>, name: &str) -> Result<usize, String> {
    let text = value(variable, name).ok_or_else(|| format!("{name} is missing"))?;
    let wrong = |_| format!("{name} is not a number");
    text.parse().map_err(wrong)
}

/// What is looked for, each with its value.
fn there(variable: Variable<'_>) -> String {
    let one = |name: &&str| {
        let value = value(variable, name);
        let value = value.map_or_else(|| "not set".to_owned(), |value| format!("{value:?}"));
        format!("{name} ({value})")
    };
    let row = |what: &str, names: &[&str]| {
        let names: Vec<String> = names.iter().map(one).collect();
        format!("  {what}: {}", names.join(", "))
    };
    let rows = [
        "looked for:".to_owned(),
        row("as K/N", &[OWN]),
        row("array of Slurm", &SLURM),
        row("indexed job of Kubernetes", &KUBERNETES),
    ];
    rows.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks for a part in an environment of `NAME=VALUE`.
    fn given(environment: &str) -> Result<Shard, String> {
        find(&|name| {
            let mut words = environment.split(' ');
            let value = words.find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
            value.map(str::to_owned)
        })
    }

    fn part(environment: &str) -> (usize, usize) {
        let shard = given(environment).unwrap_or_else(|error| panic!("{environment}: {error}"));
        (shard.part, shard.of)
    }

    fn array(id: &str, min: &str, max: &str, count: &str) -> String {
        let values = [id, min, max, count];
        let words = SLURM.iter().zip(values);
        let words = words.map(|(name, value)| format!("{name}={value}"));
        words.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn every_service_names_all_parts_once() {
        for of in 1..=5 {
            let all: Vec<_> = (1..=of).map(|part| (part, of)).collect();
            let own = (1..=of).map(|part| part_of_own(part, of));
            assert_eq!(own.collect::<Vec<_>>(), all);
            // Arrays count from where their user wants.
            for first in [0, 1, 7] {
                let last = first + of - 1;
                let [min, max, count] = [first, last, of].map(|number| number.to_string());
                let tasks = first..=last;
                let slurm = tasks.map(|id| part(&array(&id.to_string(), &min, &max, &count)));
                assert_eq!(slurm.collect::<Vec<_>>(), all);
            }
            let index = |index| part(&format!("JOB_COMPLETION_INDEX={index} SIM_SHARDS={of}"));
            assert_eq!((0..of).map(index).collect::<Vec<_>>(), all);
        }
    }

    fn part_of_own(one: usize, of: usize) -> (usize, usize) {
        part(&format!("SIM_SHARD={one}/{of}"))
    }

    #[test]
    fn where_nothing_is_said_it_is_said_what_was_looked_for() {
        for environment in ["", "SIM_SHARD= JOB_COMPLETION_INDEX=", "SIM_SHARDS=4"] {
            let error = given(environment).expect_err("nothing is named");
            assert!(error.starts_with("nothing in the environment"), "{error}");
            for name in [&[OWN], &SLURM[..], &KUBERNETES].concat() {
                assert!(error.contains(&format!("{name} (")), "{error}");
            }
        }
        let alone = given("SIM_SHARDS=4").expect_err("no index");
        assert!(alone.contains("SIM_SHARDS (\"4\")"), "{alone}");
        assert!(alone.contains("JOB_COMPLETION_INDEX (not set)"), "{alone}");
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let step = array("3", "1", "7", "4");
        let outside = array("5", "1", "4", "4");
        let backwards = array("1", "4", "1", "4");
        let word = array("one", "1", "4", "4");
        let huge = array("0", "0", "18446744073709551615", "0");
        for (environment, expected) in [
            (&*step, "an array with gaps or steps"),
            (&*backwards, "an array with gaps or steps"),
            (&*huge, "an array with gaps or steps"),
            (&*outside, "SLURM_ARRAY_TASK_ID is not one of the array"),
            (&*word, "SLURM_ARRAY_TASK_ID is not a number"),
            ("SLURM_ARRAY_TASK_ID=1", "SLURM_ARRAY_TASK_MIN is missing"),
            ("JOB_COMPLETION_INDEX=0", "SIM_SHARDS is missing"),
            (
                "JOB_COMPLETION_INDEX=4 SIM_SHARDS=4",
                "counts from 0 to SIM_SHARDS less 1",
            ),
            (
                "JOB_COMPLETION_INDEX=-1 SIM_SHARDS=4",
                "JOB_COMPLETION_INDEX is not a number",
            ),
            (
                "JOB_COMPLETION_INDEX=0 SIM_SHARDS=0",
                "counts from 0 to SIM_SHARDS less 1",
            ),
            ("SIM_SHARD=0/4", "SIM_SHARD is not like 1/4"),
            ("SIM_SHARD=5/4", "SIM_SHARD is not like 1/4"),
            ("SIM_SHARD=auto", "SIM_SHARD is not like 1/4"),
        ] {
            let error = given(environment).expect_err(environment);
            let first = error.lines().next().unwrap_or_default();
            assert!(first.contains(expected), "{environment}: {error}");
            assert!(error.contains("looked for:"), "{error}");
        }
    }

    #[test]
    fn two_that_say_the_same_are_one_and_others_contradict() {
        let slurm = array("2", "1", "4", "4");
        assert_eq!(part(&format!("{slurm} SIM_SHARD=2/4")), (2, 4));
        for other in ["SIM_SHARD=1/4", "JOB_COMPLETION_INDEX=1 SIM_SHARDS=3"] {
            let error = given(&format!("{slurm} {other}")).expect_err(other);
            assert!(error.contains("part 2 of 4"), "{error}");
            assert!(error.starts_with("the environment says part "), "{error}");
        }
    }
}
