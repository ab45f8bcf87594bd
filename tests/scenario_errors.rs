//! The text of every error of a scenario file, in `tests/errors`: `NAME.toml` is the file (its lines
//! may hold `#set: key=value` for `--set` arguments), `NAME.stderr` what is said about it. The folder
//! `tests/errors/files` holds scenarios that are right but name files that are not; they go through
//! the program.
//!
//! `SNAPSHOTS=overwrite cargo test --test scenario_errors` writes the texts anew.

use peerlab::scenario::{Settings, load};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors")
}

fn scenarios(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("the folder of bad files")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .collect();
    files.sort();
    files
}

fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// Compares with the golden text beside `path`, or writes it.
fn golden(path: &Path, said: &str, wrong: &mut Vec<String>) {
    let expected = path.with_extension("stderr");
    if std::env::var("SNAPSHOTS").is_ok_and(|value| value == "overwrite") {
        fs::write(&expected, said).expect("a writable folder");
    } else if fs::read_to_string(&expected).unwrap_or_default() != said {
        wrong.push(format!("--- {} says now:\n{said}", name(path)));
    }
}

#[test]
fn every_bad_file_is_explained() {
    let files = scenarios(&folder());
    assert!(files.len() >= 60, "only {} bad files", files.len());
    let mut wrong = Vec::new();
    for path in files {
        let name = name(&path);
        let text = fs::read_to_string(&path).expect("a readable file");
        let sets: Vec<_> = text
            .lines()
            .filter_map(|line| line.strip_prefix("#set: "))
            .map(str::to_owned)
            .collect();
        let said = match load::<Settings>(&name, &text, &sets) {
            Ok(_) => {
                wrong.push(format!("--- {name} has no problem"));
                continue;
            }
            Err(problems) => problems.to_string(),
        };
        golden(&path, &said, &mut wrong);
        // What every text owes its reader: a place, and no Rust.
        assert!(
            said.contains(&format!("--> {name}")) || said.contains("--> --set:"),
            "{said}"
        );
        for inside in [
            "peerlab::",
            "Some(",
            "serde",
            "expected struct",
            "missing field",
        ] {
            assert!(!said.contains(inside), "{name} says `{inside}`:\n{said}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_text_has_its_file() {
    for folder in [folder(), folder().join("files")] {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|end| end == "stderr") {
                assert!(
                    path.with_extension("toml").exists(),
                    "{} is left over",
                    name(&path)
                );
            }
        }
    }
}

#[test]
fn files_that_a_scenario_names_are_explained_too() {
    let folder = folder().join("files");
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("errors-files");
    let files = scenarios(&folder);
    assert!(!files.is_empty(), "no bad files found");
    let mut wrong = Vec::new();
    for path in files {
        let name = name(&path);
        for verb in ["check", "run"] {
            let mut command = Command::new(env!("CARGO_BIN_EXE_sim"));
            command.arg(verb).arg(&name).current_dir(&folder);
            if verb == "run" {
                command.args(["--quiet", "--jobs", "1", "--out"]).arg(&out);
            }
            let output = command.output().expect("the program starts");
            let said = String::from_utf8(output.stderr).expect("text");
            assert_eq!(output.status.code(), Some(2), "sim {verb} {name}:\n{said}");
            assert!(output.stdout.is_empty(), "sim {verb} {name}");
            if verb == "check" {
                golden(&path, &said, &mut wrong);
            } else {
                // The same text, whoever says it.
                let text = fs::read_to_string(path.with_extension("stderr")).unwrap_or_default();
                assert_eq!(said, text, "sim run {name}");
            }
        }
    }
    assert!(!out.exists(), "results of a scenario that cannot run");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn any_bytes_are_a_problem_and_not_a_panic() {
    let mut texts = vec![
        "\u{0}\u{1}\u{2}\u{7f}\u{feff}".to_owned(),
        "[".repeat(100_000),
        format!("a = {}1{}", "[".repeat(10_000), "]".repeat(10_000)),
        format!("a = {}1{}", "{ b = ".repeat(5_000), " }".repeat(5_000)),
        format!("{} = 1", vec!["a"; 20_000].join(".")),
        format!("[{}]", vec!["variants"; 5_000].join(".")),
        format!("name = \"{}\"", "x".repeat(1_000_000)),
        "name = '''\r\n\r\n".to_owned(),
        "\u{feff}name = 5".to_owned(),
    ];
    // A right file, cut at every byte and with every line left out.
    let whole = include_str!("../scenarios/hello.toml");
    texts.extend(
        (1..whole.len())
            .filter(|&at| whole.is_char_boundary(at))
            .map(|at| whole[..at].to_owned()),
    );
    let lines: Vec<_> = whole.lines().collect();
    texts.extend((0..lines.len()).map(|left_out| {
        let mut lines = lines.clone();
        lines.remove(left_out);
        lines.join("\n")
    }));
    let mut problems = 0;
    for text in texts {
        // Some of the cut files are right; none may panic.
        if let Err(found) = load::<Settings>("t.toml", &text, &[]) {
            assert!(found.to_string().contains("error"));
            problems += 1;
        }
    }
    assert!(problems > 500, "only {problems}");
}

#[test]
fn any_set_argument_is_a_problem_and_not_a_panic() {
    let whole = include_str!("../scenarios/hello.toml");
    for set in [
        "",
        "=",
        "=5",
        "peers",
        "peers=",
        "peers==5",
        "peers=5 5",
        "peers=[",
        "a.b.=3",
        ".=1",
        "peers.x=1",
        "protocol=1",
        "protocol.gossip.strategy=\"flood\"",
        "fault.0.at=\"1 s\"",
        "chart=1",
        "sweep.peers=[1]",
        "variants.push-3=1",
        "peers=\n5",
        "peers=5\nname=\"x\"",
        "\"peers=5",
        "[peers]=5",
        "peers=5#",
        "network=5",
        "seeds=3",
        "\u{0}=1",
    ] {
        if let Err(found) = load::<Settings>("t.toml", whole, &[set.to_owned()]) {
            assert!(found.to_string().contains("error"), "{set}");
        } else {
            assert!(["peers=5#"].contains(&set), "`{set}` was taken");
        }
    }
}
