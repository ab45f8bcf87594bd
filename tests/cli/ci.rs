//! What a CI service gets: JUnit XML, a summary, annotations; and that the documented job works.

use super::{Place, SMALL, text};
use std::fs;
use std::path::Path;
use std::process::Output;

/// One expectation fails, one passes; with one seed both are open.
fn failing() -> String {
    let fails = SMALL.replace("above = \"99 %\"", "below = \"99 %\"");
    format!("{fails}\n[[expect]]\nmetric = \"broadcast.payloads\"\nbelow = 50\n")
}

/// Runs as on a runner of GitHub.
fn on_github(place: &Place, arguments: &[&str]) -> Output {
    let mut command = place.command(arguments);
    command
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_STEP_SUMMARY", place.0.join("summary.md"));
    command.output().expect("the program starts")
}

fn xml(place: &Place, file: &str) -> String {
    let text = fs::read_to_string(place.0.join(file)).expect("a file");
    roxmltree::Document::parse(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    text
}

#[test]
fn failed_expectations_reach_the_reviewer() {
    let place = Place::new("ci-run");
    place.write("fails.toml", &failing());
    let run = ["run", "fails.toml", "--quiet", "--junit", "out/junit.xml"];
    let output = on_github(&place, &run);
    assert_eq!(output.status.code(), Some(10));
    let annotations = text(&output.stderr);
    let first = annotations.lines().next().expect("an annotation");
    let start =
        "::error file=fails.toml,line=15,title=small::flood: broadcast.reliability is 100.0 %25";
    assert!(first.starts_with(start), "{annotations}");
    assert_eq!(annotations.lines().count(), 1, "{annotations}");
    let junit = xml(&place, "out/junit.xml");
    assert!(junit.contains("tests=\"4\" failures=\"1\""), "{junit}");
    assert!(
        junit.contains("file=\"fails.toml\" line=\"15\"><failure"),
        "{junit}"
    );
    let summary = fs::read_to_string(place.0.join("summary.md")).expect("a summary");
    assert!(
        summary.starts_with("### small: expectations, 1 failed, 3 passed\n"),
        "{summary}"
    );
    assert!(summary.contains("| variant |"), "{summary}");
    // It is appended to what other steps said; the file of the same name as asked for is not.
    on_github(&place, &[&run[..], &["--summary", "own.md"]].concat());
    let twice = fs::read_to_string(place.0.join("summary.md")).expect("a summary");
    assert_eq!(twice, format!("{summary}{summary}"));
    assert_eq!(
        fs::read_to_string(place.0.join("own.md")).expect("a summary"),
        summary
    );
    assert_eq!(xml(&place, "out/junit.xml"), junit, "the same bytes");
}

#[test]
fn the_unsure_are_warnings_unless_one_is_strict() {
    let place = Place::new("ci-unsure");
    place.write("fails.toml", &failing());
    let one = [
        "run",
        "fails.toml",
        "--quiet",
        "--seeds",
        "1",
        "--junit",
        "j.xml",
    ];
    let output = on_github(&place, &one);
    assert_eq!(output.status.code(), Some(0));
    let said = text(&output.stderr);
    assert!(
        said.starts_with("::warning file=fails.toml,line=15,"),
        "{said}"
    );
    assert!(said.contains("too few runs to tell"), "{said}");
    assert!(xml(&place, "j.xml").contains("failures=\"0\" errors=\"0\" skipped=\"4\""));
    let strict = on_github(&place, &[&one[..], &["--strict"]].concat());
    assert_eq!(strict.status.code(), Some(10));
    assert!(text(&strict.stderr).starts_with("::error "));
    assert!(xml(&place, "j.xml").contains("failures=\"4\" errors=\"0\" skipped=\"0\""));
}

#[test]
fn a_worse_variant_is_a_failed_case() {
    let place = Place::new("ci-compare");
    let compare =
        "\n[[compare]]\nmetric = \"broadcast.payloads\"\nwhere = { variant = \"flood\" }\n";
    let six = SMALL.replace("count = 3", "count = 6");
    place.write("small.toml", &format!("{six}{compare}"));
    let compare = ["compare", "small.toml", "--quiet", "--junit", "j.xml"];
    let output = on_github(&place, &compare);
    assert_eq!(output.status.code(), Some(11), "{}", text(&output.stderr));
    let said = text(&output.stderr);
    let start = "::error file=small.toml,line=28,title=small::flood against push, fanout 2: ";
    assert!(said.starts_with(start), "{said}");
    let junit = xml(&place, "j.xml");
    assert!(junit.contains("tests=\"2\" failures=\"2\""), "{junit}");
    let summary = fs::read_to_string(place.0.join("summary.md")).expect("a summary");
    assert!(
        summary.starts_with("### small: comparisons, 2 failed\n"),
        "{summary}"
    );
}

/// Every `sim` in the documented job does what the page says, in its order, in a fresh folder.
#[test]
fn the_documented_job_works() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/ci.md")).expect("the page");
    let commands: Vec<&str> = page
        .lines()
        .map(str::trim)
        .filter_map(|line| line.strip_prefix("sim "))
        .collect();
    assert!(commands.len() >= 5, "{commands:?}");
    let place = Place::new("ci-page");
    for command in &commands {
        let arguments: Vec<&str> = command.split(' ').collect();
        let output = on_github(&place, &arguments);
        let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(0), "sim {command}:\n{said}");
        if command.starts_with("compare") {
            assert!(said.contains("bit-identical to the baseline"), "{said}");
        }
        if command.starts_with("init") {
            // What the page adds to the scenario.
            let parts = page
                .split("```toml\n")
                .nth(1)
                .and_then(|rest| rest.split("```").next());
            let path = place.0.join("network/scenario.toml");
            let scenario = fs::read_to_string(&path).expect("a scenario");
            let added = format!("{scenario}\n{}", parts.expect("what is judged"));
            fs::write(&path, added).expect("a writable folder");
        }
    }
    xml(&place, "junit/expectations.xml");
    xml(&place, "junit/comparisons.xml");
}
