//! The script for a cluster: what it says, and that it does the whole experiment, wherever it lies.

use super::{Place, SMALL, assert_same, contents, text};
use std::fs;
use std::process::Command;

/// What a command says, and how it ends.
fn said(place: &Place, arguments: &[&str], code: i32) -> String {
    let output = place.sim(arguments);
    let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
    said
}

/// Gives a script to bash.
fn bash(place: &Place, arguments: &[&str], script: &str, path: &str) {
    place.write("script.sh", script);
    let script = fs::File::open(place.0.join("script.sh")).expect("the script");
    let mut bash = Command::new("bash");
    let bash = bash.args(arguments).env("PATH", path).stdin(script);
    let output = bash.current_dir(&place.0).output().expect("bash");
    assert!(output.status.success(), "{}", text(&output.stderr));
}

/// Stands in for Slurm: runs what it is given at once, task by task, and notes its options.
const SBATCH: &str = r#"#!/bin/bash
set -eu
printf '%s\n' "$@" >>options
job=job-$(date +%N)
cat >"$job"
last=$(sed -n 's/^#SBATCH --array=1-//p' "$job")
export SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=$last SLURM_ARRAY_TASK_COUNT=$last
for task in $(seq "${last:-1}"); do
    SLURM_ARRAY_TASK_ID=${last:+$task} bash "$job" >>log
done
echo 42
"#;

#[cfg(unix)]
#[test]
fn the_script_does_it_all_from_a_folder_of_any_name() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new("submit");
    let whole = place.results(&["--seeds", "2"]);
    let hostile = "it's $(touch pwned) `touch pwned`; touch pwned # \\ \"é\"";
    fs::create_dir(place.0.join(hostile)).expect("any name");
    place.write(&format!("{hostile}/small.toml"), SMALL);
    place.write("sbatch", SBATCH);
    let sbatch = place.0.join("sbatch");
    fs::set_permissions(&sbatch, fs::Permissions::from_mode(0o755)).expect("mine");
    let (file, out) = (format!("{hostile}/small.toml"), format!("{hostile}/out"));
    let comment = "--comment=$(touch pwned)";
    let arguments = [
        &["submit", "slurm", &file, "--out", &out, "--parts", "4"][..],
        &["--seeds", "2", "--set", "about=\"Does everybody hear it?\""],
        &["--", "--time=2:00:00", comment],
    ];
    let output = place.sim(&arguments.concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let script = text(&output.stdout);
    let path = std::env::var("PATH").expect("a path");
    bash(&place, &["-n"], &script, &path);
    bash(
        &place,
        &[],
        &script,
        &format!("{}:{path}", place.0.display()),
    );
    assert!(!place.0.join("pwned").exists());
    let options = fs::read_to_string(place.0.join("options")).expect("the options");
    let parts = ["--parsable", "--time=2:00:00", comment];
    let last = ["--dependency=afterok:42", "--kill-on-invalid-dep=yes"];
    let expected = [&parts[..], &parts, &last].concat();
    assert_eq!(options.lines().collect::<Vec<_>>(), expected);
    assert_eq!(place.entries(&format!("{hostile}/out.parts")).len(), 6);
    // But for what was laid over the file, which the results tell of.
    let mut made = contents(&place.0.join(out));
    let mut whole = whole;
    for files in [&mut made, &mut whole] {
        files.retain(|(name, _)| name != "notes.txt" && name != "report.html");
    }
    assert_same(&whole, &made);
}

#[test]
fn the_script_asks_for_as_many_processors_as_it_uses() {
    let place = Place::new("submit-options");
    let script = |more: &[&str]| {
        said(
            &place,
            &[&["submit", "slurm", "small.toml"], more].concat(),
            0,
        )
    };
    let has = |script: &str, lines: &[&str]| {
        for line in lines {
            assert!(script.contains(line), "no {line} in {script}");
        }
    };
    let plain = script(&["--parts", "5"]);
    has(
        &plain,
        &[
            "#SBATCH --array=1-5\n",
            "#SBATCH --cpus-per-task=1\n",
            "#SBATCH --requeue\n",
        ],
    );
    has(
        &plain,
        &["run small.toml --shard auto --jobs 1 --out results/small.parts\n"],
    );
    has(
        &plain,
        &["merge small.toml results/small.parts --out results/small\n"],
    );
    let wide = script(&["--parts", "2", "--jobs", "3", "--shards", "2", "--strict"]);
    has(
        &wide,
        &[
            "#SBATCH --cpus-per-task=6\n",
            "--shard auto --jobs 3 --shards 2 --out",
        ],
    );
    has(
        &wide,
        &["merge small.toml results/small.parts --strict --out"],
    );
    // No more parts than runs, and a word where Slurm might not take so many.
    let few = script(&[]);
    has(
        &few,
        &[
            "--array=1-9\n",
            "note: 9 runs, so no more than 9 of 16 parts",
        ],
    );
    let many = script(&["--parts", "2000", "--seeds", "1000"]);
    has(&many, &["--array=1-2000\n", "MaxArraySize"]);
    assert_eq!(place.entries("."), ["small.toml"], "nothing is written");
}

#[test]
fn what_cannot_be_submitted_is_refused() {
    let place = Place::new("submit-refused");
    let refused = |more: &[&str], why: &str| {
        let all = [&["submit", "slurm"], more].concat();
        let output = place.sim(&all);
        let words = text(&output.stderr);
        assert_ne!(output.status.code(), Some(0), "{words}");
        assert!(words.contains(why), "{words}");
        assert_eq!(output.stdout, b"", "{more:?}: no half of a script");
    };
    refused(&["nowhere.toml"], "cannot read nowhere.toml");
    refused(&["small.toml", "--set", "seeds.count=0"], "seeds.count");
    refused(&["small.toml", "--set", "sweep.peers=[]"], "sweep");
    refused(&["small.toml", "--parts", "0"], "--parts");
    refused(&["small.toml", "--out", ".."], "needs a name");
    refused(&["small.toml", "--out", "a\nEND\nb"], "a line break");
    refused(&["small.toml", "--", "--comment=a\nb"], "a line break");
    let repeat = "\n[repeat]\nmetric = \"broadcast.reliability\"\nwithin = 0.01\nat_most = 50\n";
    place.write("open.toml", &format!("{SMALL}{repeat}"));
    refused(&["open.toml"], "say it with --seeds");
    fs::create_dir_all(place.0.join("thesis")).expect("a folder");
    place.write("thesis/chapter.tex", "years of work");
    refused(&["small.toml", "--out", "thesis"], "choose another folder");
}
