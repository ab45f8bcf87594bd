//! An experiment in parts: together the bytes of one in one go, whatever happened on the way.

use super::{Place, SMALL, assert_same, contents, text};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

fn said(place: &Place, arguments: &[&str], code: i32) -> String {
    let output = place.sim(arguments);
    let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
    said
}

/// Runs part `part` of four into a folder of its own.
fn part(place: &Place, part: usize) -> String {
    let (shard, folder) = (format!("{part}/4"), format!("part-{part}"));
    let run = [
        "run",
        "small.toml",
        "--quiet",
        "--shard",
        &shard,
        "--out",
        &folder,
    ];
    said(place, &run, 0)
}

const MERGE: [&str; 6] = [
    "merge",
    "small.toml",
    "part-1",
    "part-2",
    "part-3",
    "part-4",
];

/// A file of a part.
fn file(place: &Place, part: &str) -> PathBuf {
    place.0.join(part).join(&place.entries(part)[0])
}

#[test]
fn four_parts_are_the_whole_though_one_was_killed() {
    let place = Place::new("shards");
    let whole = place.results(&[]);
    fs::rename(place.0.join("results"), place.0.join("at-once")).expect("a folder");
    assert_eq!(part(&place, 1), "3 runs in part-1, 3 of them new\n");
    for one in 2..=4 {
        assert_eq!(
            part(&place, one),
            format!("2 runs in part-{one}, 2 of them new\n")
        );
    }
    assert_eq!(part(&place, 1), "3 runs in part-1, 0 of them new\n");
    // Killed: one run is gone, another was being written.
    let lost = file(&place, "part-1");
    let name = lost
        .file_name()
        .expect("a name")
        .to_string_lossy()
        .into_owned();
    fs::rename(&lost, place.0.join(format!("part-1/{name}.77"))).expect("a file");
    let missing = said(&place, &MERGE, 12);
    assert!(
        missing.contains("incomplete: 1 of 9 runs in no folder"),
        "{missing}"
    );
    assert!(missing.contains("seed "), "{missing}");
    assert!(!missing.contains("another scenario"), "{missing}");
    assert!(!place.0.join("results").exists(), "nothing is written");
    assert_eq!(part(&place, 1), "3 runs in part-1, 1 of them new\n");
    let merged = said(&place, &MERGE, 0);
    assert!(
        merged.contains("✓ pass") && merged.contains("9 runs, digest"),
        "{merged}"
    );
    assert_same(&whole, &contents(&place.0.join("results/small")));
}

/// Killed without warning in its middle, a part goes on from what it has complete. All four write into one
/// folder, as on a cluster.
#[cfg(unix)]
#[test]
fn a_part_that_is_killed_goes_on_where_it_was() {
    let place = Place::new("shards-killed");
    let whole = place.results(&["--seeds", "60"]);
    fs::remove_dir_all(place.0.join("results")).expect("results to remove");
    let arguments = |part: &'static str| {
        let run = [
            "run",
            "small.toml",
            "--seeds",
            "60",
            "--jobs",
            "1",
            "--quiet",
        ];
        [&run[..], &["--shard", part]].concat()
    };
    let mut child = place.command(&arguments("1/4"));
    let child = child.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = child.spawn().expect("the program starts");
    let folder = place.0.join("results/small.parts");
    let complete = || {
        let names = fs::read_dir(&folder).into_iter().flatten().flatten();
        names
            .filter(|entry| entry.path().extension().is_some_and(|end| end == "json"))
            .count()
    };
    while complete() < 3 && child.try_wait().expect("a child").is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
    // SIGKILL.
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    let before = complete();
    assert!(
        (3..45).contains(&before),
        "{before} of 45 runs before the kill"
    );
    for part in ["2/4", "3/4", "4/4"] {
        let made = said(&place, &arguments(part), 0);
        assert_eq!(made, "45 runs in results/small.parts, 45 of them new\n");
    }
    let merge = [
        "merge",
        "small.toml",
        "results/small.parts",
        "--seeds",
        "60",
    ];
    let missing = said(&place, &merge, 12);
    let short = format!("incomplete: {} of 180 runs", 45 - before);
    assert!(missing.contains(&short), "{missing}");
    let again = said(&place, &arguments("1/4"), 0);
    let new = 45 - before;
    assert_eq!(
        again,
        format!("45 runs in results/small.parts, {new} of them new\n")
    );
    said(&place, &merge, 0);
    assert_same(&whole, &contents(&place.0.join("results/small")));
}

/// The part is told by the environment, or it is said what was looked for.
#[test]
fn a_part_is_told_by_the_environment() {
    let place = Place::new("shards-auto");
    let auto = |environment: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sim"));
        let run = [
            "run",
            "small.toml",
            "--quiet",
            "--shard",
            "auto",
            "--out",
            "parts",
        ];
        let command = command.args(run).current_dir(&place.0).env_clear();
        let output = command.envs(environment.iter().copied()).output();
        let output = output.expect("the program starts");
        let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
        (output.status.code(), said)
    };
    let (code, said) = auto(&[]);
    assert_eq!(code, Some(2), "{said}");
    for part in [
        "looked for:",
        "SIM_SHARD (not set)",
        "SLURM_ARRAY_TASK_ID (not set)",
    ] {
        assert!(said.contains(part), "{said}");
    }
    assert_eq!(place.entries("."), ["small.toml"]);
    // Nine runs: the first part of four has three of them, the others two.
    let slurm = [("ID", "0"), ("MIN", "0"), ("MAX", "3"), ("COUNT", "4")];
    let slurm = slurm.map(|(name, value)| (format!("SLURM_ARRAY_TASK_{name}"), value));
    let slurm = slurm
        .each_ref()
        .map(|(name, value)| (name.as_str(), *value));
    let made = |of: usize| format!("{of} runs in parts, {of} of them new\n");
    assert_eq!(auto(&slurm), (Some(0), made(3)));
    let pod = [("JOB_COMPLETION_INDEX", "1"), ("SIM_SHARDS", "4")];
    assert_eq!(auto(&pod), (Some(0), made(2)));
    assert_eq!(auto(&[("SIM_SHARD", "3/4")]), (Some(0), made(2)));
    assert_eq!(place.entries("parts").len(), 7);
}

#[test]
fn parts_that_do_not_fit_are_refused() {
    let place = Place::new("shards-refused");
    (1..=4).for_each(|one| drop(part(&place, one)));
    // Parts of another scenario have other ids.
    let other = ["merge", "small.toml", "part-1", "--set", "peers=90"];
    let other = said(&place, &other, 12);
    assert!(other.contains("9 of 9 runs"), "{other}");
    let strangers = "part-1 has 3 runs of another scenario";
    assert!(other.contains(strangers), "{other}");
    assert!(other.contains("... and 4 more"), "{other}");
    let path = file(&place, "part-2");
    let bytes = fs::read_to_string(&path).expect("a record");
    fs::write(&path, &bytes[..bytes.len() / 2]).expect("a writable folder");
    let damaged = said(&place, &MERGE, 2);
    assert!(damaged.contains("is damaged; remove it"), "{damaged}");
    fs::write(&path, &bytes).expect("a writable folder");
    // The same run with another number of events.
    fs::create_dir(place.0.join("again")).expect("a writable folder");
    let events = bytes.find("\"events\":").expect("events") + "\"events\":".len();
    let changed = format!("{}1{}", &bytes[..events], &bytes[events..]);
    let name = path.file_name().expect("a name");
    fs::write(place.0.join("again").join(name), changed).expect("a writable folder");
    let broken = said(&place, &[&MERGE[..], &["again"]].concat(), 20);
    assert!(broken.contains("not deterministic: part-2/"), "{broken}");
    assert!(said(&place, &["merge", "small.toml", "nowhere"], 2).contains("not a folder"));
    for shard in ["0/4", "5/4", "x", "1/0"] {
        let run = ["run", "small.toml", "--shard", shard];
        assert!(said(&place, &run, 2).contains("1/4"), "{shard}");
    }
    let repeat = "\n[repeat]\nmetric = \"broadcast.reliability\"\nwithin = 0.01\nat_most = 50\n";
    place.write("small.toml", &format!("{SMALL}{repeat}"));
    let open = ["run", "small.toml", "--shard", "1/2"];
    assert!(said(&place, &open, 2).contains("--seeds"));
}

#[test]
fn the_plan_names_the_runs_as_the_parts_do() {
    let place = Place::new("plan");
    part(&place, 2);
    let plan = said(&place, &["plan", "small.toml"], 0);
    let lines: Vec<&str> = plan.lines().collect();
    assert_eq!(lines.len(), 10, "{plan}");
    let head = "run,variant,protocol.gossip.strategy.push.fanout,seed,id";
    assert_eq!(lines[0], head);
    // Runs 2 and 6 are the second part of four.
    let id = |line: &str| format!("{}.json", line.rsplit(',').next().expect("an id"));
    let mut expected = [id(lines[2]), id(lines[6])];
    expected.sort();
    assert_eq!(place.entries("part-2"), expected);
    // More parts than runs: the last has none, and is a folder all the same.
    let last = [
        "run",
        "small.toml",
        "--quiet",
        "--shard",
        "12/12",
        "--out",
        "last",
    ];
    assert_eq!(said(&place, &last, 0), "0 runs in last, 0 of them new\n");
    assert!(place.entries("last").is_empty());
    let other = said(&place, &["plan", "small.toml", "--set", "peers=90"], 0);
    assert!(other.lines().nth(1).map(id) != lines.get(1).copied().map(id));
}
