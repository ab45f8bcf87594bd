//! The program as a user meets it: exit codes, the two streams, folders of results, and what is left
//! after it was killed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A small gossip scenario: three seeds, some hundredths of a second each.
const SMALL: &str = r#"
name = "small"
about = "Does it run?"
peers = 60
duration = "10 s"
drain = "5 s"
seeds = { first = 1, count = 3 }
base_variant = "flood"

[network.constant]
latency = "20 ms"

[topology.regular]
degree = 5

[protocol.gossip]
strategy = { flood = {} }
broadcasts = { count = 10 }

[variants.push.protocol.gossip]
strategy = { push = { fanout = 3 } }

[[expect]]
metric = "broadcast.reliability"
where = { variant = "flood" }
above = "99 %"

[[chart]]
kind = "ecdf"
samples = "broadcast.delay"
"#;

/// A fresh folder of a test's own with the small scenario in it.
fn place(test: &str) -> PathBuf {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    // It is there only if an earlier test run was stopped.
    let _ = fs::remove_dir_all(&place);
    fs::create_dir_all(&place).expect("a place to work in");
    fs::write(place.join("small.toml"), SMALL).expect("a writable place");
    place
}

fn command(place: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sim"));
    command.args(arguments).current_dir(place);
    command
}

fn sim(place: &Path, arguments: &[&str]) -> Output {
    let mut command = command(place, arguments);
    command.output().expect("the program starts")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("text")
}

/// Runs it and insists on the exit code.
#[track_caller]
fn expect(code: i32, place: &Path, arguments: &[&str]) -> Output {
    let output = sim(place, arguments);
    assert_eq!(
        output.status.code(),
        Some(code),
        "sim {}\n{}{}",
        arguments.join(" "),
        stdout(&output),
        stderr(&output)
    );
    output
}

/// Every file below a folder with its bytes, but for the one that tells of the host.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).expect("a folder of results") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|name| name != "host.json") {
                let bytes = fs::read(&path).expect("a readable file");
                let name = path.strip_prefix(folder).expect("below the folder");
                files.insert(name.to_owned(), bytes);
            }
        }
    }
    assert!(
        files.contains_key(Path::new("runs.csv")),
        "no results in {}",
        folder.display()
    );
    files
}

/// The same files with the same bytes; says which differ rather than all their bytes.
#[track_caller]
fn same(one: &BTreeMap<PathBuf, Vec<u8>>, other: &BTreeMap<PathBuf, Vec<u8>>, what: &str) {
    assert!(
        one.keys().eq(other.keys()),
        "{what}: {:?} and {:?}",
        one.keys(),
        other.keys()
    );
    for (name, bytes) in one {
        assert!(bytes == &other[name], "{what}: {} differs", name.display());
    }
}

/// What is in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<_> = entries
        .map(|entry| entry.expect("an entry").file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn results_depend_on_nothing_but_the_scenario() {
    let place = place("same");
    let first = expect(0, &place, &["run", "small.toml"]);
    let expected = contents(&place.join("results/small"));
    for (what, more) in [
        ("again", &[][..]),
        ("one job", &["--jobs", "1"]),
        ("two jobs", &["--jobs", "2"]),
        ("three shards", &["--shards", "3"]),
        ("checked", &["--check-determinism"]),
    ] {
        let arguments = [&["run", "small.toml", "--quiet"], more].concat();
        let output = expect(0, &place, &arguments);
        same(&expected, &contents(&place.join("results/small")), what);
        assert_eq!(stdout(&output), stdout(&first), "{what}");
        assert_eq!(stderr(&output), "", "{what} is not quiet");
    }
    // Another seed is another result: the comparison above can fail.
    let other = [
        "run",
        "small.toml",
        "--set",
        "seeds.first=9",
        "--out",
        "other",
    ];
    expect(0, &place, &other);
    assert_ne!(
        contents(&place.join("other"))[Path::new("runs.csv")],
        expected[Path::new("runs.csv")]
    );
    assert_eq!(names(&place.join("results")), ["small"]);
}

#[test]
fn a_killed_experiment_goes_on_to_the_same_results() {
    let place = place("killed");
    let base = ["run", "small.toml", "--seeds", "10", "--set", "peers=2000"];
    expect(0, &place, &[&base[..], &["--out", "calm"]].concat());
    let expected = contents(&place.join("calm"));
    let disturbed = [&base[..], &["--out", "disturbed", "--jobs", "2"]].concat();
    // Moments from a fixed sequence; when they fall does not matter to the outcome.
    let mut state = 12345_u64;
    for _ in 0..8 {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        let mut child = command(&place, &disturbed)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        std::thread::sleep(std::time::Duration::from_millis(5 + (state >> 33) % 400));
        // It may have ended by itself.
        let _ = child.kill();
        child.wait().expect("it ends");
    }
    expect(0, &place, &disturbed);
    same(
        &expected,
        &contents(&place.join("disturbed")),
        "after eight kills",
    );
    assert_eq!(names(&place), ["calm", "disturbed", "small.toml"]);
}

#[cfg(unix)]
#[test]
fn an_interrupted_experiment_says_how_to_go_on() {
    let place = place("interrupted");
    let arguments = [
        "run",
        "small.toml",
        "--seeds",
        "200",
        "--set",
        "peers=500",
        "--jobs",
        "1",
    ];
    let child = command(&place, &arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let store = place.join("results/.small.runs");
    while !fs::read_dir(&store).is_ok_and(|entries| entries.count() > 0) {
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    let kill = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(kill.expect("`kill` is there").success());
    let output = child.wait_with_output().expect("it ends");
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert_eq!(stdout(&output), "");
    assert!(said.contains(" of 400 runs are kept"), "{said}");
    let resume = said
        .lines()
        .find_map(|line| line.strip_prefix("resume: sim "));
    let resume = resume.expect("a line that says how to resume");
    assert_eq!(resume, "run small.toml --set 'peers=500' --seeds 200");
    assert!(!place.join("results/small").exists(), "half of the results");
    assert!(!names(&store).is_empty(), "nothing was kept");
    let words: Vec<_> = resume
        .split(' ')
        .map(|word| word.trim_matches('\''))
        .collect();
    expect(0, &place, &words);
    assert_eq!(names(&place.join("results")), ["small"]);
}

#[test]
fn results_that_cannot_be_written_are_an_error_before_anything_is() {
    let place = place("unwritable");
    fs::write(place.join("file"), "mine").expect("a writable place");
    let output = expect(1, &place, &["run", "small.toml", "--out", "file/results"]);
    assert!(
        stderr(&output).contains("error: cannot create `file/"),
        "{}",
        stderr(&output)
    );
    assert_eq!(stdout(&output), "");
    assert_eq!(names(&place), ["file", "small.toml"]);
    assert_eq!(fs::read(place.join("file")).expect("still there"), b"mine");
}

#[test]
fn a_failed_expectation_has_its_own_code_and_the_results_all_the_same() {
    let place = place("expectation");
    let wrong = SMALL.replace("above = \"99 %\"", "below = \"10 %\"");
    fs::write(place.join("wrong.toml"), wrong).expect("a writable place");
    let output = expect(10, &place, &["run", "wrong.toml"]);
    assert!(
        stdout(&output).contains("✗ broadcast.reliability"),
        "{}",
        stdout(&output)
    );
    let files = contents(&place.join("results/small"));
    let verdicts = String::from_utf8_lossy(&files[Path::new("expectations.json")]).into_owned();
    assert!(verdicts.contains("\"fail\""), "{verdicts}");
}

#[test]
fn one_seed_is_unsure_and_strictness_makes_that_a_failure() {
    let place = place("strict");
    let arguments = ["run", "small.toml", "--seeds", "1"];
    let output = expect(0, &place, &arguments);
    assert!(
        stdout(&output).contains("? broadcast.reliability"),
        "{}",
        stdout(&output)
    );
    expect(10, &place, &[&arguments[..], &["--strict"]].concat());
}

#[test]
fn a_bad_scenario_is_explained_on_the_other_stream() {
    let place = place("bad");
    let bad = SMALL.replace("degree = 5", "degre = 5");
    fs::write(place.join("bad.toml"), bad).expect("a writable place");
    for verb in ["run", "check"] {
        let output = expect(2, &place, &[verb, "bad.toml"]);
        let said = stderr(&output);
        assert_eq!(stdout(&output), "", "{verb}");
        assert!(said.contains("--> bad.toml:14:1"), "{said}");
        assert!(said.contains("^^^^^"), "{said}");
        assert!(said.contains("did you mean `degree`?"), "{said}");
    }
    let output = expect(2, &place, &["run", "small.toml", "--set", "peeers=5"]);
    assert!(
        stderr(&output).contains("did you mean `peers`?"),
        "{}",
        stderr(&output)
    );
    let output = expect(2, &place, &["run", "absent.toml"]);
    assert!(
        stderr(&output).contains("cannot read `absent.toml`"),
        "{}",
        stderr(&output)
    );
    fs::write(place.join("binary.toml"), [0xff, 0xfe, 0, 1]).expect("a writable place");
    let output = expect(2, &place, &["check", "binary.toml"]);
    assert!(
        stderr(&output).contains("not text in UTF-8"),
        "{}",
        stderr(&output)
    );
    assert!(!place.join("results").exists());
}

#[test]
fn wrong_usage_is_code_two() {
    let place = place("usage");
    for arguments in [
        &[][..],
        &["rnu"],
        &["run"],
        &["run", "small.toml", "--job", "x"],
    ] {
        let output = expect(2, &place, arguments);
        assert_eq!(stdout(&output), "", "{arguments:?}");
        assert!(
            stderr(&output).contains("Usage: sim"),
            "{}",
            stderr(&output)
        );
    }
    assert!(stdout(&expect(0, &place, &["--version"])).starts_with("sim "));
    let help = stdout(&expect(0, &place, &["--help"]));
    assert!(help.contains("Exit codes: 0 fine"), "{help}");
}

/// The machine's memory is known from `/proc`.
#[cfg(target_os = "linux")]
#[test]
fn more_peers_than_memory_are_refused_before_the_start() {
    let place = place("memory");
    let huge = r#"
        name = "huge"
        peers = 10_000_000
        duration = "1 h"
        network.constant.latency = "50 ms"
        protocol.bitcoin = {}
    "#;
    fs::write(place.join("huge.toml"), huge).expect("a writable place");
    let output = expect(2, &place, &["run", "huge.toml"]);
    let said = stderr(&output);
    assert!(said.contains("a run needs about "), "{said}");
    assert!(
        said.contains("MiB are free; use fewer `--jobs` or fewer peers"),
        "{said}"
    );
    assert!(
        !place.join("results/.huge.runs").exists(),
        "an empty store is left"
    );
}

#[test]
fn the_scenarios_of_the_project_are_fine_and_listed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = expect(0, root, &["list", "scenarios"]);
    assert!(
        stdout(&output).contains("scenarios/hello.toml"),
        "{}",
        stdout(&output)
    );
    let output = expect(
        0,
        root,
        &["check", "scenarios/hello.toml", "scenarios/eclipse.toml"],
    );
    assert_eq!(stdout(&output).lines().count(), 2, "{}", stdout(&output));
    assert!(stdout(&output).contains("scenarios/hello.toml: fine, 2 points, 20 runs"));
    expect(2, root, &["list", "no-such-folder"]);
}

#[test]
fn keys_are_explained() {
    let place = place("explain");
    let groups = stdout(&expect(0, &place, &["explain", "attack.eclipse.groups"]));
    for part in ["attack.eclipse.groups", "/16 groups", "32", "31744"] {
        assert!(groups.contains(part), "no `{part}` in:\n{groups}");
    }
    let all = stdout(&expect(0, &place, &["explain"]));
    for key in ["peers", "duration", "network", "protocol", "expect"] {
        assert!(all.contains(key), "no `{key}` in:\n{all}");
    }
    let output = expect(2, &place, &["explain", "attack.eclipse.group"]);
    assert!(
        stderr(&output).contains("attack.eclipse.groups"),
        "{}",
        stderr(&output)
    );
    assert_eq!(stdout(&output), "");
}

#[test]
fn the_schema_the_completions_and_the_manual_are_printed() {
    let place = place("printed");
    let schema = stdout(&expect(0, &place, &["schema"]));
    let schema: serde_json::Value = serde_json::from_str(&schema).expect("JSON");
    assert!(schema["properties"]["peers"].is_object(), "{schema}");
    let script = stdout(&expect(0, &place, &["completions", "bash"]));
    assert!(
        script.contains("_sim()") && script.contains("complete "),
        "{script}"
    );
    let page = stdout(&expect(0, &place, &["man"]));
    assert!(page.contains(".TH sim 1"), "{page}");
}

#[test]
fn a_started_folder_runs() {
    let place = place("init");
    let output = expect(0, &place, &["init", "mine"]);
    assert_eq!(stdout(&output), "mine/scenarios/hello.toml\n");
    expect(2, &place, &["init", "mine"]);
    let mine = place.join("mine");
    let output = expect(
        0,
        &mine,
        &["run", "scenarios/hello.toml", "--json", "--quiet"],
    );
    let document: serde_json::Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    assert_eq!(document["name"], "hello");
    assert!(
        document["summary"]
            .as_array()
            .is_some_and(|rows| !rows.is_empty())
    );
    assert!(mine.join("results/hello/runs.csv").exists());
}

/// `sim schema | head -1`.
#[test]
fn a_reader_that_goes_away_is_no_error() {
    let place = place("pipe");
    for arguments in [&["schema"][..], &["explain"], &["run", "small.toml"]] {
        let mut child = command(&place, arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert!(!stderr(&output).contains("panicked"), "{}", stderr(&output));
    }
    contents(&place.join("results/small"));
}
