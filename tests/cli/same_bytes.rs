//! The same bytes: whatever the threads, on every build, as committed.

use super::{Place, assert_same, contents, text};
use std::fs;
use std::path::Path;

#[test]
fn results_do_not_depend_on_threads_or_repetition() {
    let place = Place::new("threads");
    let first = place.results(&["--jobs", "1"]);
    let names: Vec<&str> = first.iter().map(|(name, _)| name.as_str()).collect();
    let expected = [
        "charts/broadcast.delay.csv",
        "charts/broadcast.delay.svg",
        "charts/broadcast.reliability.csv",
        "charts/broadcast.reliability.svg",
        "expectations.json",
        "metrics.csv",
        "notes.txt",
        "report.html",
        "resolved/flood.toml",
        "resolved/push.toml",
        "runs.csv",
        "scenario.toml",
        "summary.csv",
    ];
    assert_eq!(names, expected);
    assert!(place.0.join("results/small/host.json").exists());
    for arguments in [
        &["--jobs", "2"][..],
        &["--shards", "3"],
        &["--check-determinism"],
    ] {
        assert_same(&first, &place.results(arguments));
    }
    assert_eq!(
        place.entries("results"),
        ["small"],
        "nothing is left beside"
    );
}

/// What is committed was made by the release build; the tests are built without its optimisation.
#[test]
fn the_committed_results_come_out_of_this_build_too() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let place = Place::new("committed");
    let scenario = fs::read_to_string(root.join("scenarios/hello.toml")).expect("a scenario");
    place.write("hello.toml", &scenario);
    let output = place.sim(&["run", "hello.toml", "--quiet"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    // The page is not committed, but may be there: `sim report` makes it again.
    let but_for_the_page = |folder: &Path| {
        let mut files = contents(folder);
        files.retain(|(name, _)| name != "report.html");
        files
    };
    let committed = but_for_the_page(&root.join("results/hello"));
    assert_same(
        &committed,
        &but_for_the_page(&place.0.join("results/hello")),
    );
}

/// A part of every shipped scenario: the same rows as in the committed results, which the release
/// build has written, on one shard and on several. Shards wait for one another all the
/// time, which takes long on a busy machine: few runs have several.
#[test]
fn the_first_seed_of_every_scenario_is_as_committed_on_any_number_of_shards() {
    const SESSION: &str = "churn.session.exponential.mean=5 min";
    const GROUPS: &str = "attack.eclipse.groups=4";
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let place = Place::new("first-seed");
    let several = |shards: &'static str, only: &[&'static str]| {
        let only = only.iter().flat_map(|only| ["--only", only]);
        [vec!["--shards", shards], only.collect()].concat()
    };
    for (name, arguments) in [
        ("hello", several("1", &[])),
        ("hello", several("3", &[])),
        ("broadcast", several("1", &[])),
        ("broadcast", several("2", &["variant=push-pull"])),
        ("churn", several("1", &[])),
        ("churn", several("2", &["variant=flood", SESSION])),
        ("eclipse", several("1", &[GROUPS])),
        ("eclipse", several("2", &[GROUPS, "variant=v0.9.3"])),
    ] {
        let file = root.join(format!("scenarios/{name}.toml"));
        let file = file.to_string_lossy();
        let committed = |csv| rows(&root.join("results").join(name).join(csv));
        let (runs, metrics) = (committed("runs.csv"), committed("metrics.csv"));
        let first = ["run", &file, "--seeds", "1", "--out", name, "--quiet"];
        let output = place.sim(&[&first[..], &arguments].concat());
        // Expectations cannot be decided by one seed.
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let folder = place.0.join(name);
        for (csv, whole) in [("runs.csv", &runs), ("metrics.csv", &metrics)] {
            let part = rows(&folder.join(csv));
            assert!(part.len() >= 2, "{name}: {part:?}");
            for row in part {
                assert!(
                    whole.contains(&row),
                    "{name} {arguments:?}: {row} is not in the committed {csv}"
                );
            }
        }
    }
}

/// The rows of a table of results without their first column, the number of the run.
fn rows(csv: &Path) -> std::collections::BTreeSet<String> {
    let text = fs::read_to_string(csv).expect("a table");
    let rows = text.lines().filter_map(|line| line.split_once(','));
    rows.map(|(_, row)| row.to_owned()).collect()
}
