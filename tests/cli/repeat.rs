//! `[repeat]`: as many seeds as it takes, the same ones every time.

use super::{Place, SMALL, assert_same, contents, text};
use std::fs;

fn repeating(within: &str, at_most: u32) -> String {
    let begins = SMALL.replace("seeds = { count = 3 }", "seeds = { count = 10 }");
    let push = "where = { variant = \"push\" }";
    format!(
        "{begins}\n[repeat]\nmetric = \"broadcast.reliability\"\n{push}\nwithin = \"{within}\"\n\
         at_most = {at_most}\n"
    )
}

#[test]
fn seeds_are_added_until_the_mean_is_known() {
    let place = Place::new("repeat");
    place.write("small.toml", &repeating("0.5 %", 60));
    let first = place.results(&[]);
    let notes = fs::read_to_string(place.0.join("results/small/notes.txt")).expect("notes");
    let line = notes.lines().nth(1).expect("a line");
    let count = line
        .strip_prefix("- repeated to ")
        .and_then(|rest| rest.split_once(' '));
    let (count, rest) = count.unwrap_or_else(|| panic!("{notes}"));
    let count: usize = count.parse().expect("a number");
    assert!((11..60).contains(&count), "{line}");
    assert!(
        rest.starts_with("seeds: broadcast.reliability is known to within 0."),
        "{line}"
    );
    let runs = fs::read_to_string(place.0.join("results/small/runs.csv")).expect("runs");
    assert_eq!(runs.lines().count(), 1 + 3 * count);
    assert_same(&first, &place.results(&["--jobs", "1"]));
    assert_eq!(
        place.entries("results"),
        ["small"],
        "nothing is left beside"
    );
    // The folder is read as it was run, and the same number in one go gives the same runs.
    let compare = place.sim(&["compare", "results/small"]);
    assert!(
        text(&compare.stdout).contains("runs bit-identical"),
        "{}",
        text(&compare.stderr)
    );
    let seeds = count.to_string();
    let at_once = place.results(&["--seeds", &seeds]);
    let of = |files: &[(String, Vec<u8>)], name: &str| {
        let file = files.iter().find(|(path, _)| path == name);
        file.expect("a file of results").1.clone()
    };
    for name in ["runs.csv", "metrics.csv", "summary.csv"] {
        assert!(of(&first, name) == of(&at_once, name), "{name} differs");
    }
    assert_ne!(
        of(&contents(&place.0.join("results/small")), "notes.txt"),
        of(&first, "notes.txt")
    );
}

#[test]
fn it_ends_at_the_most() {
    let place = Place::new("repeat-most");
    place.write("small.toml", &repeating("0.01 %", 12));
    let output = place.sim(&["run", "small.toml"]);
    let said = text(&output.stdout);
    assert!(
        said.contains("note: repeated to 12 seeds: broadcast.reliability is known"),
        "{said}"
    );
    assert!(said.contains("0.010 % was wanted"), "{said}");
    let more = place.sim(&["run", "small.toml", "--quiet", "--seeds", "13"]);
    assert!(
        text(&more.stdout).contains("39 runs, digest"),
        "{}",
        text(&more.stderr)
    );
    let remarks = text(&output.stderr);
    assert!(
        remarks.contains("10 seeds do not tell yet, going on to 12"),
        "{remarks}"
    );
}
