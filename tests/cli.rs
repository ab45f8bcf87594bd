//! The program as its users meet it: what it writes, what it says, how it ends.

#[path = "cli/ci.rs"]
mod ci;
#[path = "cli/compare.rs"]
mod compare;
#[path = "cli/cut_short.rs"]
mod cut_short;
#[path = "cli/fit.rs"]
mod fit;
#[path = "cli/guide.rs"]
mod guide;
#[path = "cli/repeat.rs"]
mod repeat;
#[path = "cli/report.rs"]
mod report;
#[path = "cli/same_bytes.rs"]
mod same_bytes;
#[path = "cli/shards.rs"]
mod shards;
#[path = "cli/slurm.rs"]
mod slurm;
#[path = "cli/submit.rs"]
mod submit;
#[path = "cli/topology.rs"]
mod topology;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Two variants, a sweep that means something to one of them, three seeds: nine runs.
const SMALL: &str = r#"
name = "small"
about = "Does everybody hear it?"
base_variant = "push"
peers = 100
duration = "10 s"
drain = "10 s"
seeds = { count = 3 }
network.regions.preset = "bitcoin-2019"
topology.regular.degree = 8
protocol.gossip.strategy.push.fanout = 3
variants.flood.protocol.gossip.strategy.flood = {}
sweep."protocol.gossip.strategy.push.fanout" = [2, 5]

[[expect]]
metric = "broadcast.reliability"
where = { variant = "flood" }
above = "99 %"

[[chart]]
kind = "lines"
metric = "broadcast.reliability"

[[chart]]
kind = "ecdf"
samples = "broadcast.delay"
"#;

/// A folder of this test's own, which goes when the test is over.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("peerlab-cli-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a writable temporary folder");
        let place = Self(path);
        place.write("small.toml", SMALL);
        place
    }

    fn write(&self, file: &str, text: &str) {
        fs::write(self.0.join(file), text).expect("a writable folder");
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sim"));
        command
            .args(arguments)
            .current_dir(&self.0)
            .env_remove("NO_COLOR")
            .env_remove("GITHUB_ACTIONS")
            .env_remove("GITHUB_STEP_SUMMARY");
        command
    }

    fn sim(&self, arguments: &[&str]) -> Output {
        self.command(arguments)
            .output()
            .expect("the program starts")
    }

    /// Runs `small.toml` and gives back what is in its folder of results.
    fn results(&self, arguments: &[&str]) -> Vec<(String, Vec<u8>)> {
        let all = [&["run", "small.toml", "--quiet"], arguments].concat();
        let output = self.sim(&all);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        contents(&self.0.join("results/small"))
    }

    fn entries(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.0.join(folder)).expect("a folder");
        let mut names: Vec<String> = entries
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        names.sort();
        names
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Every file below a folder but `host.json`, by path.
fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    fn collect(folder: &Path, root: &Path, files: &mut Vec<(String, Vec<u8>)>) {
        for entry in fs::read_dir(folder).expect("a folder of results") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                collect(&path, root, files);
            } else if path.file_name().is_some_and(|name| name != "host.json") {
                let name = path
                    .strip_prefix(root)
                    .expect("below")
                    .display()
                    .to_string();
                files.push((name, fs::read(&path).expect("a readable file")));
            }
        }
    }
    let mut files = Vec::new();
    collect(folder, folder, &mut files);
    files.sort();
    files
}

fn assert_same(one: &[(String, Vec<u8>)], other: &[(String, Vec<u8>)]) {
    let names = |files: &[(String, Vec<u8>)]| -> Vec<String> {
        files.iter().map(|(name, _)| name.clone()).collect()
    };
    assert_eq!(names(one), names(other));
    for ((name, left), (_, right)) in one.iter().zip(other) {
        assert!(left == right, "{name} differs");
    }
}

#[test]
fn verdicts_are_exit_codes() {
    let place = Place::new("verdicts");
    let with = |above: &str| SMALL.replace("above = \"99 %\"", above);
    place.write("fails.toml", &with("below = \"99 %\""));
    let output = place.sim(&["run", "fails.toml"]);
    assert_eq!(output.status.code(), Some(10));
    let said = text(&output.stdout);
    assert!(
        said.contains("✗ fail") && said.contains("(fails.toml:15)"),
        "{said}"
    );
    assert!(place.0.join("results/small/expectations.json").exists());
    // One seed cannot tell: no failure, unless asked to be strict.
    let one = |more: &[&str]| {
        let all = [&["run", "small.toml", "--seeds", "1", "--quiet"], more].concat();
        place.sim(&all).status.code()
    };
    assert_eq!((one(&[]), one(&["--strict"])), (Some(0), Some(10)));
}

#[test]
fn wrong_scenarios_show_where() {
    let place = Place::new("wrong");
    place.write("typo.toml", &SMALL.replace("peers = 100", "peesr = 100"));
    let output = place.sim(&["run", "typo.toml"]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    let said = text(&output.stderr);
    assert!(
        said.contains("typo.toml:5:1") && said.contains("^^^^^"),
        "{said}"
    );
    assert!(said.contains("did you mean `peers`?"), "{said}");
    assert_eq!(place.sim(&["run", "nowhere.toml"]).status.code(), Some(2));
    assert_eq!(place.sim(&["run"]).status.code(), Some(2));
    assert!(!place.0.join("results").exists());
}

/// What shows only when the network is built is said in the same way.
#[test]
fn wrong_files_show_where() {
    let place = Place::new("files");
    let matrix = "network.matrix = { file = \"rtt.txt\", unit = \"ms\", values = \"round-trip\" }";
    let regions = "network.regions.preset = \"bitcoin-2019\"";
    place.write("matrix.toml", &SMALL.replace(regions, matrix));
    let said = |code| {
        let output = place.sim(&["check", "matrix.toml"]);
        assert_eq!(output.status.code(), Some(code), "{}", text(&output.stderr));
        text(&output.stderr)
    };
    let missing = said(2);
    assert!(missing.contains("matrix.toml:9:27"), "{missing}");
    assert!(missing.contains("cannot read `rtt.txt`"), "{missing}");
    place.write("rtt.txt", "0 20\n20 none\n");
    let wrong = said(2);
    assert!(
        wrong.contains("rtt.txt:2:4") && wrong.contains("20 none"),
        "{wrong}"
    );
    place.write("rtt.txt", "0 20\n20 0\n");
    said(0);
    place.write("degree.toml", &SMALL.replace("degree = 8", "degree = 200"));
    let output = place.sim(&["run", "degree.toml"]);
    assert_eq!(output.status.code(), Some(2));
    let degree = text(&output.stderr);
    assert!(degree.contains("degree.toml:10:27"), "{degree}");
    assert!(
        degree.contains("200 neighbours want more than 100 peers"),
        "{degree}"
    );
    assert!(!place.0.join("results/small").exists());
}

#[test]
fn more_memory_than_there_is_is_refused() {
    let place = Place::new("memory");
    // One link fewer for each than a graph can hold.
    let huge = SMALL
        .replace("degree = 8", "degree = 199")
        .replace("= 100\n", "= 10_000_000\n");
    place.write("huge.toml", &huge);
    let output = place.sim(&["run", "huge.toml"]);
    // Where memory is not known, or there are terabytes of it, this is a long run: not here.
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("a run needs about") && said.contains("GiB"),
        "{said}"
    );
    assert_eq!(place.entries("."), ["huge.toml", "small.toml"]);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let place = Place::new("pipe");
    let mut child = place
        .command(&["schema"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    let mut said = String::new();
    child
        .stderr
        .take()
        .expect("a pipe")
        .read_to_string(&mut said)
        .expect("text");
    assert_eq!(child.wait().expect("it ends").code(), Some(0), "{said}");
    assert_eq!(said, "");
}

#[test]
fn results_go_to_the_standard_output_alone() {
    let place = Place::new("streams");
    let output = place.sim(&["run", "small.toml", "--json"]);
    assert_eq!(output.status.code(), Some(0));
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(document["name"], "small");
    assert_eq!(document["points"].as_array().map(Vec::len), Some(3));
    assert_eq!(document["expectations"][0]["verdict"], "pass");
    let quiet = place.sim(&["run", "small.toml", "--quiet"]);
    assert_eq!(quiet.stderr, b"");
    let said = text(&quiet.stdout);
    let digest = document["digest"].as_str().expect("a digest");
    assert!(
        said.contains(digest) && said.contains("Does everybody hear it?"),
        "{said}"
    );
    assert!(!said.contains('\u{1b}'), "no colours into a pipe");
}

#[test]
fn a_part_can_be_run() {
    let place = Place::new("only");
    let only = "protocol.gossip.strategy.push.fanout=5";
    let output = place.sim(&["run", "small.toml", "--only", only, "--json", "--quiet"]);
    assert_eq!(output.status.code(), Some(0));
    let part: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert!(!place.0.join("results").exists(), "a part is not written");
    let output = place.sim(&["run", "small.toml", "--json", "--quiet"]);
    let whole: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let points = whole["points"].as_array().expect("points");
    assert!(
        points.contains(&part["points"][0]),
        "the same runs as in the whole"
    );
    assert_eq!(
        place
            .sim(&["run", "small.toml", "--only", "variant=x"])
            .status
            .code(),
        Some(2)
    );
}

#[test]
fn the_first_steps_work() {
    let place = Place::new("init");
    let output = place.sim(&["init", "study"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).contains("sim run study/scenario.toml"));
    assert_eq!(
        place.sim(&["check", "study/scenario.toml"]).status.code(),
        Some(0)
    );
    let run = place.sim(&["run", "study/scenario.toml"]);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stdout));
    let before = fs::read(place.0.join("study/scenario.toml")).expect("the scenario");
    assert_eq!(
        place.sim(&["init", "study"]).status.code(),
        Some(1),
        "nothing is overwritten"
    );
    assert_eq!(
        fs::read(place.0.join("study/scenario.toml")).expect("the scenario"),
        before
    );
    let list = text(&place.sim(&["list", "study"]).stdout);
    assert!(
        list.contains("study/scenario.toml") && list.contains("30"),
        "{list}"
    );
    for arguments in [
        &["completions", "bash"][..],
        &["man"],
        &["explain"],
        &["--help"],
    ] {
        let output = place.sim(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert!(output.stdout.len() > 200, "{arguments:?}");
    }
    assert_eq!(place.sim(&["explain", "peesr"]).status.code(), Some(2));
}

#[test]
fn wrong_usage_is_code_two() {
    let place = Place::new("usage");
    for arguments in [
        &[][..],
        &["rnu"],
        &["run"],
        &["run", "small.toml", "--jobs", "x"],
    ] {
        let output = place.sim(arguments);
        assert_eq!(
            (output.status.code(), output.stdout.len()),
            (Some(2), 0),
            "{arguments:?}"
        );
        assert!(text(&output.stderr).contains("--help"), "{arguments:?}");
    }
    assert!(text(&place.sim(&["--version"]).stdout).starts_with("sim "));
    let help = text(&place.sim(&["--help"]).stdout);
    assert!(
        help.contains("Exit codes:") && help.contains("130  interrupted"),
        "{help}"
    );
    fs::write(place.0.join("binary.toml"), [0xff, 0xfe, 0, 1]).expect("a writable folder");
    let output = place.sim(&["check", "binary.toml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).contains("UTF-8"),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn the_scenarios_of_the_project_are_fine_and_listed() {
    let place = Place::new("project");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sim = |arguments: &[&str]| {
        place
            .command(arguments)
            .current_dir(root)
            .output()
            .expect("the program starts")
    };
    let list = text(&sim(&["list"]).stdout);
    let mut files: Vec<String> = contents(&root.join("scenarios"))
        .into_iter()
        .map(|(name, _)| format!("scenarios/{name}"))
        .collect();
    files.retain(|name| Path::new(name).extension().is_some_and(|end| end == "toml"));
    assert!(!files.is_empty());
    for file in files {
        assert!(list.contains(&file), "{file} is not in:\n{list}");
        let check = sim(&["check", &file]);
        assert_eq!(check.status.code(), Some(0), "{}", text(&check.stderr));
    }
    assert_eq!(sim(&["list", "no-such-folder"]).status.code(), Some(2));
}

#[test]
fn keys_are_explained_and_the_schema_is_json() {
    let place = Place::new("explain");
    let groups = text(&place.sim(&["explain", "attack.eclipse.groups"]).stdout);
    for part in ["attack.eclipse.groups", "/16 groups", "32", "31744"] {
        assert!(groups.contains(part), "no `{part}` in:\n{groups}");
    }
    let near = place.sim(&["explain", "attack.eclipse.group"]);
    assert!(text(&near.stderr).contains("attack.eclipse.groups"));
    let schema = place.sim(&["schema"]).stdout;
    let schema: serde_json::Value = serde_json::from_slice(&schema).expect("JSON");
    assert!(schema["properties"]["peers"].is_object());
}
