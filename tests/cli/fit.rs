//! `sim fit`: what it prints of a trace, and that it goes into a scenario as it is.
//!
//! `SNAPSHOTS=overwrite cargo test --test cli` writes `tests/fit/day.stdout` anew.

use super::{Place, text};
use std::fs;
use std::path::Path;

#[test]
fn a_trace_becomes_a_churn() {
    let place = Place::new("fit");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fit");
    let trace = fs::read_to_string(folder.join("day.avt")).expect("a trace");
    place.write("day.avt", &trace);
    let output = place.sim(&["fit", "day.avt"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let said = text(&output.stdout);
    let golden = folder.join("day.stdout");
    if std::env::var("SNAPSHOTS").is_ok_and(|value| value == "overwrite") {
        fs::write(&golden, &said).expect("a writable folder");
    }
    assert_eq!(said, fs::read_to_string(golden).unwrap_or_default());
    assert_eq!(said.matches("\n[churn]\n").count(), 1);
    let scenario = format!(
        "name = \"fitted\"\npeers = 50\nduration = \"10 s\"\n\
         network.constant.latency = \"50 ms\"\nprotocol.gossip.targets = \"uniform\"\n\
         protocol.gossip.strategy.push.fanout = 3\n{said}"
    );
    place.write("fitted.toml", &scenario);
    let output = place.sim(&["check", "fitted.toml"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}

#[test]
fn a_column_is_of_sessions_only() {
    let place = Place::new("fit-column");
    place.write("lives.txt", "seconds\n5\n60\n7\n1000\n");
    let said = text(&place.sim(&["fit", "lives.txt"]).stdout);
    assert!(said.starts_with("# lives.txt: 4 sessions\n"), "{said}");
    assert!(said.contains("\nsession = { "), "{said}");
    assert!(
        said.ends_with("# lives.txt says nothing of `absence`, which is yours to add\n"),
        "{said}"
    );
}

#[test]
fn what_is_no_trace_is_said_with_its_place() {
    let place = Place::new("fit-broken");
    place.write("broken.csv", "peer,up_s,down_s\na,0,10\na,5,12\n");
    let output = place.sim(&["fit", "broken.csv"]);
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert!(
        said.contains("broken.csv:3:3: 5 is before the end"),
        "{said}"
    );
    let output = place.sim(&["fit", "nowhere.csv"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("cannot read nowhere.csv"));
}
