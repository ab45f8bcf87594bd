//! The text of every error of a scenario file, in `tests/errors`: `NAME.toml` is the file (its first
//! lines may hold `#set: key=value` for `--set` arguments), `NAME.stderr` what is said about it.
//!
//! `SNAPSHOTS=overwrite cargo test --test scenario_errors` writes the texts anew.

#[path = "support/body.rs"]
mod body;

use body::Small;
use std::fs;
use std::path::Path;

#[test]
fn every_bad_file_is_explained() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors");
    let mut files: Vec<_> = fs::read_dir(&folder)
        .expect("the folder of bad files")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        })
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no bad files found");
    let overwrite = std::env::var("SNAPSHOTS").is_ok_and(|value| value == "overwrite");
    let mut wrong = Vec::new();
    for path in files {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let text = fs::read_to_string(&path).expect("a readable file");
        let sets: Vec<_> = text
            .lines()
            .filter_map(|line| line.strip_prefix("#set: "))
            .map(str::to_owned)
            .collect();
        let said = match peerlab::scenario::load::<Small>(&name, &text, &sets) {
            Ok(_) => "no problem\n".to_owned(),
            Err(problems) => problems.to_string(),
        };
        let expected = path.with_extension("stderr");
        if overwrite {
            fs::write(&expected, &said).expect("a writable folder");
        } else if fs::read_to_string(&expected).unwrap_or_default() != said {
            wrong.push(format!("--- {name} says now:\n{said}"));
        }
        assert!(said != "no problem\n", "{name} has no problem");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
