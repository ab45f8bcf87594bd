//! `sim compare` and `sim baseline`: what must fail does, what must pass does, and what cannot be
//! compared is said.

use super::{Place, text};
use std::fs;
use std::process::Output;

/// A broadcast that reaches fewer: everybody pushes to two instead of five.
const WORSE: &str = r#"
name = "less"
base_variant = "five"
peers = 100
duration = "10 s"
drain = "10 s"
seeds = { count = 8 }
network.regions.preset = "bitcoin-2019"
topology.regular.degree = 8
protocol.gossip.strategy.push.fanout = 5
variants.two.protocol.gossip.strategy.push.fanout = 2

[[compare]]
metric = "broadcast.reliability"
"#;

/// The last lines of [`WORSE`] with a `margin` and the like.
fn judged(more: &str) -> String {
    format!("{WORSE}{more}\n")
}

fn said(output: &Output, code: i32) -> String {
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{out}{err}");
    if code == 0 || code == 11 { out } else { err }
}

/// Two pushes instead of five miss at least every twentieth peer, which no seed can hide.
#[test]
fn a_variant_made_worse_fails_and_one_made_better_passes() {
    let place = Place::new("compare");
    place.write("less.toml", WORSE);
    let worse = place.sim(&["compare", "less.toml", "--quiet"]);
    let worse = said(&worse, 11);
    let first = worse.lines().next().expect("a line");
    assert_eq!(first, "less: 0 of 8 runs bit-identical to the base variant");
    assert!(worse.contains("two against five"), "{worse}");
    assert!(
        worse.contains("✗ worse  two against five: broadcast.reliability went"),
        "{worse}"
    );
    assert!(worse.contains("(less.toml:13)"), "{worse}");
    assert!(worse.ends_with("1 question: 1 worse\n"), "{worse}");
    // A fifth of all peers may be missed; or none, where it does not matter how many.
    for (more, verdict) in [
        ("margin = \"60 %\"", "1 same"),
        ("better = \"lower\"", "1 better"),
    ] {
        place.write("less.toml", &judged(more));
        let fine = said(&place.sim(&["compare", "less.toml", "--quiet"]), 0);
        assert!(fine.contains(verdict), "{more}: {fine}");
    }
    // Of the two metrics, the other way round, none is worse: fewer copies are sent.
    place.write("less.toml", WORSE);
    let named = ["compare", "results/less", "--metric", "broadcast.payloads"];
    assert!(said(&place.sim(&named), 0).contains("1 better"));
}

#[test]
fn what_the_pairs_cannot_tell_is_strictly_a_failure() {
    let place = Place::new("compare-unsure");
    place.write("less.toml", &judged("method = \"sign-flip\""));
    let five = ["compare", "less.toml", "--quiet", "--seeds", "5"];
    let unsure = said(&place.sim(&five), 0);
    assert!(
        unsure.contains("5 of the 6 pairs that sign-flip needs"),
        "{unsure}"
    );
    said(&place.sim(&[&five[..], &["--strict"]].concat()), 11);
    let eight = said(&place.sim(&["compare", "less.toml", "--quiet"]), 11);
    assert!(eight.contains("sign-flip, 8 pairs, p = 0.0078"), "{eight}");
}

#[test]
fn a_baseline_is_kept_and_held_against() {
    let place = Place::new("baseline");
    place.write("less.toml", WORSE);
    let accept = |more: &[&str]| {
        let all = [&["baseline", "accept", "less.toml", "--quiet"], more].concat();
        said(&place.sim(&all), 0)
    };
    assert!(accept(&[]).starts_with("baselines/less.json: accepted, 16 runs, digest "));
    assert!(accept(&[]).contains("nothing new"));
    let with = |more: &[&str]| {
        let all = [
            "compare",
            "less.toml",
            "--quiet",
            "--baseline",
            "baselines/less.json",
        ];
        place.sim(&[&all[..], more].concat())
    };
    let same = "less: 16 of 16 runs bit-identical to the baseline\n";
    assert_eq!(said(&with(&["--identical"]), 0), same);
    let read = [
        "compare",
        "results/less",
        "--baseline",
        "baselines/less.json",
    ];
    assert_eq!(said(&place.sim(&read), 0), same);
    // Fewer seeds are compared with theirs.
    let fewer = said(&with(&["--seeds", "3"]), 0);
    assert_eq!(fewer, "less: 6 of 6 runs bit-identical to the baseline\n");
    // Another setting is refused, unless one insists; then it is what it is.
    let set = ["--set", "protocol.gossip.strategy.push.fanout=1"];
    let refused = said(&with(&set), 2);
    assert!(
        refused.contains("the settings of `five` were others"),
        "{refused}"
    );
    assert!(!refused.contains("`two`"), "{refused}");
    let forced = said(&with(&[&set[..], &["--force"]].concat()), 11);
    assert!(
        forced.starts_with("less: 8 of 16 runs bit-identical"),
        "{forced}"
    );
    assert!(
        forced.contains("✗ worse  five, before and after"),
        "{forced}"
    );
    assert!(forced.contains("2 questions: 1 worse, 1 same"), "{forced}");
    said(&with(&[&set[..], &["--force", "--identical"]].concat()), 20);
    let shown = said(&place.sim(&["baseline", "show", "baselines/less.json"]), 0);
    assert!(shown.contains("two, seeds 1 to 8"), "{shown}");
}

#[test]
fn what_cannot_be_compared_is_said_and_nothing_is_lost() {
    let place = Place::new("compare-refused");
    place.write("less.toml", WORSE);
    said(
        &place.sim(&["baseline", "accept", "less.toml", "--quiet"]),
        0,
    );
    let kept = fs::read_to_string(place.0.join("baselines/less.json")).expect("a baseline");
    let baseline = |content: &str| {
        place.write("other.json", content);
        let all = ["compare", "results/less", "--baseline", "other.json"];
        said(&place.sim(&all), 2)
    };
    let version = env!("CARGO_PKG_VERSION");
    let older = baseline(&kept.replace(version, "0.0.7"));
    assert!(
        older.contains("it is of version 0.0.7 of the program"),
        "{older}"
    );
    let newer = baseline(&kept.replace("\"format\": 1", "\"format\": 2"));
    assert!(newer.contains("format 2"), "{newer}");
    assert!(baseline(&kept[..kept.len() / 2]).contains("other.json: not JSON"));
    assert!(baseline(&kept.replace("broadcast.reliability\"", "b\"")).contains("has no metric"));
    let elsewhere = |arguments: &[&str], code| said(&place.sim(arguments), code);
    assert!(elsewhere(&["compare", "nowhere.toml"], 2).contains("cannot read nowhere.toml"));
    assert!(elsewhere(&["compare", "baselines"], 2).contains("no runs.csv"));
    let sets = ["compare", "results/less", "--seeds", "3"];
    assert!(elsewhere(&sets, 2).contains("read as they are"));
    let unknown = ["compare", "results/less", "--metric", "broadcast.x"];
    assert!(elsewhere(&unknown, 2).contains("unknown metric `broadcast.x`"));
    let one = WORSE.replace("variants.two", "#");
    place.write("one.toml", &one.replace("\"less\"", "\"one\""));
    let alone = elsewhere(&["compare", "one.toml", "--quiet"], 2);
    assert!(alone.contains("the scenario has one variant"), "{alone}");
    // A run is missing; then a line is damaged. The baseline stays what it was.
    let path = place.0.join("results/less/runs.csv");
    let runs = fs::read_to_string(&path).expect("runs");
    let metrics = place.0.join("results/less/metrics.csv");
    let values = fs::read_to_string(&metrics).expect("values");
    let without = |text: &str| -> String {
        let lines = text.split_inclusive('\n');
        lines.filter(|line| !line.starts_with("16,")).collect()
    };
    fs::write(&path, without(&runs)).expect("a writable folder");
    fs::write(&metrics, without(&values)).expect("a writable folder");
    let missing = elsewhere(&["compare", "results/less"], 12);
    assert!(missing.contains("incomplete: 15 of 16 runs"), "{missing}");
    elsewhere(&["baseline", "accept", "results/less"], 12);
    fs::write(&path, runs.replace("5,five,5,", "5,five,55,")).expect("a writable folder");
    let damaged = elsewhere(&["baseline", "accept", "results/less"], 2);
    assert!(
        damaged.contains("results/less/runs.csv:6: no run of this scenario"),
        "{damaged}"
    );
    fs::write(&path, "run,variant,seed,digest,events\n").expect("a writable folder");
    fs::write(&metrics, values.lines().next().expect("a head")).expect("a writable folder");
    assert!(elsewhere(&["compare", "results/less"], 12).contains("0 of 16 runs"));
    let after = fs::read_to_string(place.0.join("baselines/less.json")).expect("a baseline");
    assert_eq!(after, kept);
}

#[test]
fn a_hundred_jobs_say_the_same() {
    let place = Place::new("compare-bytes");
    place.write("less.toml", &judged("margin = \"1 %\""));
    said(&place.sim(&["compare", "less.toml", "--quiet"]), 11);
    let once = |more: &[&str]| {
        let output = place.sim(&[&["compare", "results/less"], more].concat());
        assert_eq!(output.status.code(), Some(11), "{}", text(&output.stderr));
        output.stdout
    };
    let first = once(&[]);
    assert!((0..100).all(|_| once(&[]) == first));
    let document: serde_json::Value = serde_json::from_slice(&once(&["--json"])).expect("JSON");
    let row = &document["comparisons"][0];
    assert_eq!(
        (&row["verdict"], &row["pairs"]),
        (&"worse".into(), &8.into())
    );
    assert_eq!(row["margin"], 0.01);
    let (low, high) = (row["low"].as_f64(), row["high"].as_f64());
    assert!(low < high && high < Some(-0.01), "{row:#}");
}
