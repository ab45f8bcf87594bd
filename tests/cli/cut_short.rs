//! Experiments that are cut short, by a kill, an interrupt, a full disk or a folder that is not
//! theirs: nothing half-written, and they go on where they were.

use super::{Place, assert_same, contents, text};
use std::fs;
use std::io::{BufRead, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Killed without warning at twenty moments, each time going on where it was: the same bytes as
/// without.
#[cfg(unix)]
#[test]
fn a_killed_experiment_is_resumed_to_the_same_bytes() {
    let place = Place::new("killed");
    // 480 runs: what is done between two kills is a part of them, and the last run does the rest.
    let many = ["--seeds", "160", "--jobs", "1"];
    let whole = place.results(&many);
    fs::remove_dir_all(place.0.join("results")).expect("results to remove");
    let mut word = 7_u64;
    let mut killed = 0;
    for _ in 0..20 {
        // A moment below a fifth of a second, from a linear congruential generator.
        word = word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let moment = Duration::from_millis((word >> 33) % 200);
        let all = [&["run", "small.toml", "--quiet"], &many[..]].concat();
        let mut child = place
            .command(&all)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        std::thread::sleep(moment);
        // SIGKILL; that it may have ended already is part of the test.
        let _ = child.kill();
        killed += u32::from(child.wait().expect("it ends").code().is_none());
        let folder = place.0.join("results/small");
        assert!(
            !folder.exists() || folder.join("summary.csv").exists(),
            "half a folder"
        );
    }
    assert!(killed > 0, "no kill came before the end");
    assert_same(&whole, &place.results(&many));
    assert_eq!(place.entries("results"), ["small"]);
}

/// A disk that takes no more, as a limit on the size of files: nothing half-written, and once there
/// is room the experiment goes on.
#[cfg(unix)]
#[test]
fn a_full_disk_is_said_and_leaves_nothing_half_written() {
    let place = Place::new("full");
    let limited = |blocks: u32| {
        let program = env!("CARGO_BIN_EXE_sim");
        // Without the trap the limit kills the program instead of failing the write.
        let line = format!(
            "trap '' XFSZ; ulimit -f {blocks} && exec '{program}' run small.toml --quiet --seeds 40"
        );
        let mut command = Command::new("sh");
        command.args(["-c", &line]).current_dir(&place.0);
        command.output().expect("a shell")
    };
    let refused = |blocks: u32| {
        let output = limited(blocks);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.starts_with("error: cannot write"), "{said}");
        assert!(said.contains("\nresume: "), "{said}");
        assert_eq!(output.stdout, b"", "no verdict on what was not kept");
    };
    // Not even one complete run fits, and no part of one stays.
    refused(0);
    assert!(place.entries("results").is_empty());
    // Runs of some 20 KiB fit; the table of all their metrics, 100 KiB, does not.
    refused(64);
    assert_eq!(place.entries("results"), [".small.partial-runs"]);
    let kept = place.entries("results/.small.partial-runs");
    assert_eq!(kept.len(), 120);
    let whole = |name: &String| Path::new(name).extension().is_some_and(|end| end == "json");
    assert!(kept.iter().all(whole), "{kept:?}");
    // Room again.
    assert!(!place.results(&["--seeds", "40"]).is_empty());
    assert_eq!(place.entries("results"), ["small"]);
}

/// An interrupted experiment says how to go on, with every switch it was given; typed into a shell,
/// that does.
#[cfg(unix)]
#[test]
fn an_interrupted_experiment_says_the_command_that_goes_on() {
    let place = Place::new("interrupted");
    let switches = [
        &["run", "small.toml", "--set", "about=\"it's two words\""][..],
        &["--seeds", "400", "--jobs", "1", "--shards", "1"],
        &["--strict", "--png", "--json"],
    ];
    let switches = switches.concat();
    let mut child = place
        .command(&[&switches[..], &["--out", "my results"]].concat())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let store = place.0.join(".my results.partial-runs");
    let kept = || fs::read_dir(&store).map_or(0, Iterator::count);
    while kept() <= 3 && child.try_wait().expect("a child").is_none() {
        std::thread::sleep(Duration::from_millis(2));
    }
    let interrupt = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(interrupt.expect("kill is there").success());
    let mut said = String::new();
    let mut pipe = child.stderr.take().expect("a pipe");
    pipe.read_to_string(&mut said).expect("text");
    assert_eq!(child.wait().expect("it ends").code(), Some(130), "{said}");
    assert!(kept() > 3 && !place.0.join("my results").exists());
    let line = |start: &str| {
        let line = said.lines().find_map(|line| line.strip_prefix(start));
        line.unwrap_or_else(|| panic!("no `{start}` in:\n{said}"))
    };
    assert!(line("interrupted: ").ends_with("kept in .my results.partial-runs"));
    let resume = line("resume: ");
    let mut shell = Command::new("sh");
    let resumed = shell.args(["-c", resume]).current_dir(&place.0).output();
    let resumed = resumed.expect("a shell");
    let words = text(&resumed.stderr);
    assert_eq!(resumed.status.code(), Some(0), "{resume}\n{words}");
    assert!(words.contains("complete already"), "{words}");
    let document: serde_json::Value = serde_json::from_slice(&resumed.stdout).expect("JSON");
    assert_eq!(document["about"], "it's two words");
    assert!(
        place
            .0
            .join("my results/charts/broadcast.delay.png")
            .exists()
    );
    // The same as without an interrupt.
    let whole = place.sim(&[&switches[..], &["--out", "whole"]].concat());
    assert_eq!(whole.status.code(), Some(0), "{}", text(&whole.stderr));
    let folder = |name: &str| contents(&place.0.join(name));
    assert_same(&folder("whole"), &folder("my results"));
    assert_eq!(place.entries("."), ["my results", "small.toml", "whole"]);
}

/// A check keeps nothing, and does not say it does.
#[cfg(unix)]
#[test]
fn an_interrupted_check_keeps_nothing() {
    let place = Place::new("check");
    let mut child = place
        .command(&[
            "run",
            "small.toml",
            "--seeds",
            "2000",
            "--check-determinism",
        ])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // It listens once it has said what it will run.
    let mut pipe = std::io::BufReader::new(child.stderr.take().expect("a pipe"));
    let mut said = String::new();
    pipe.read_line(&mut said).expect("text");
    std::thread::sleep(Duration::from_millis(100));
    let interrupt = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(interrupt.expect("kill is there").success());
    pipe.read_to_string(&mut said).expect("text");
    assert_eq!(child.wait().expect("it ends").code(), Some(130), "{said}");
    assert!(
        said.contains("none kept") && !said.contains("resume"),
        "{said}"
    );
}

#[test]
fn a_folder_one_may_not_write_is_said_before_anything_runs() {
    let place = Place::new("unwritable");
    place.write("taken", "a file");
    let output = place.sim(&["run", "small.toml", "--out", "taken/small"]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(
        said.contains("error: cannot") && said.contains("taken"),
        "{said}"
    );
    assert_eq!(output.stdout, b"");
    let refused = |why: &str| {
        let output = place.sim(&["run", "small.toml", "--out", "thesis"]);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        // What is to be run is said before it is, and it was not.
        assert!(said.starts_with("error: cannot write thesis"), "{said}");
        assert!(said.contains(why) && said.contains("--out"), "{said}");
        assert_eq!(output.stdout, b"");
        assert_eq!(place.entries("."), ["small.toml", "taken", "thesis"]);
    };
    fs::create_dir(place.0.join("thesis")).expect("a folder");
    place.write("thesis/chapter.tex", "years of work");
    refused("not a results folder");
    assert_eq!(place.entries("thesis"), ["chapter.tex"]);
    // Results with something of the user's beside them are not ours alone.
    place.write("thesis/runs.csv", "");
    refused("it holds `chapter.tex`");
    assert_eq!(place.entries("thesis"), ["chapter.tex", "runs.csv"]);
    fs::remove_file(place.0.join("thesis/chapter.tex")).expect("a file to remove");
    let output = place.sim(&["run", "small.toml", "--out", "thesis"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}
