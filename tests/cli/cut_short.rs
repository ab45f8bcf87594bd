//! Experiments that are cut short, by a kill, an interrupt, a full disk or a folder that is not
//! theirs: nothing half-written, and they go on where they were.

use super::{Place, assert_same, text};
use std::fs;
use std::io::Read;
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
            "trap '' XFSZ; ulimit -f {blocks} && exec '{program}' run small.toml --quiet --jobs 1"
        );
        let mut command = Command::new("sh");
        command.args(["-c", &line]).current_dir(&place.0);
        command.output().expect("a shell")
    };
    // Not even one complete run fits.
    let output = limited(0);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.starts_with("error: cannot write"), "{said}");
    assert!(!place.0.join("results/small").exists());
    // Runs fit, the folder does not: a chart is larger than 4 KiB.
    let output = limited(8);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.starts_with("error: cannot write"), "{said}");
    assert!(!place.0.join("results/small").exists());
    assert_eq!(output.stdout, b"", "no verdict on what was not kept");
    // Room again.
    assert!(!place.results(&[]).is_empty());
    assert_eq!(place.entries("results"), ["small"]);
}

/// An interrupted experiment says how to go on, and does.
#[cfg(unix)]
#[test]
fn ctrl_c_keeps_what_is_complete() {
    let place = Place::new("interrupted");
    let arguments = ["run", "small.toml", "--seeds", "2000", "--jobs", "1"];
    let mut child = place
        .command(&arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let store = place.0.join("results/.small.partial-runs");
    let begun = || fs::read_dir(&store).is_ok_and(|entries| entries.count() > 3);
    while !begun() && child.try_wait().expect("a child").is_none() {
        std::thread::sleep(Duration::from_millis(2));
    }
    let interrupt = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(interrupt.expect("kill is there").success());
    let mut said = String::new();
    child
        .stderr
        .take()
        .expect("a pipe")
        .read_to_string(&mut said)
        .expect("text");
    assert_eq!(child.wait().expect("it ends").code(), Some(130), "{said}");
    assert!(
        said.contains("resume: sim run small.toml --seeds 2000 --jobs 1"),
        "{said}"
    );
    let kept = fs::read_dir(&store).expect("the complete runs").count();
    assert!(kept > 3 && !place.0.join("results/small").exists());
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
    fs::create_dir(place.0.join("thesis")).expect("a folder");
    place.write("thesis/chapter.tex", "years of work");
    let output = place.sim(&["run", "small.toml", "--out", "thesis"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("not a results folder"));
    assert_eq!(place.entries("thesis"), ["chapter.tex"]);
    assert_eq!(place.entries("."), ["small.toml", "taken", "thesis"]);
}
