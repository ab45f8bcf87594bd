//! Reading scenarios: expansion, patches, expectations, explanations, and no panic on any text.

#[path = "support/body.rs"]
mod body;

use body::{Protocol, Small};
use peerlab::scenario::{self, Bound, ChartKind, Estimate, Scenario, Stat, Verdict};
use proptest::prelude::*;

const FULL: &str = r#"
name = "full"
about = "Everything a file can hold."
duration = "10 min"
seeds = { first = 5, count = 3 }
base_variant = "plain"

[network]
loss = "1 %"
latency.uniform = { low = "10 ms", high = "20 ms" }

[protocol.gossip]
round = "1 s"
fanout = 4

[[fault]]
at = "1 min"
share = 0.5

[variants.fast.protocol.gossip]
round = "100 ms"

[variants.bitcoin.protocol.bitcoin]
client = "bitcoin-core-0.9.3"

[variants.near.network.latency]
constant = "5 ms"

[variants.links]
bandwidth.access-link = { up = "1 Mbit/s", down = "10 Mbit/s" }

[sweep]
peers = [10, 100]
"protocol.gossip.fanout" = [8, 16]
network.loss = ["0 %", 0.2]

[[expect]]
metric = "broadcast.reliability"
where = { variant = "fast", peers = 100, "network.loss" = "20 %" }
above = "99 %"

[[expect]]
metric = "fork.count"
where.variant = "bitcoin"
stat = "max"
between = [0, 3]

[[chart]]
kind = "lines"
metric = "broadcast.delay"
y_scale = "log"

[[chart]]
kind = "ecdf"
samples = "broadcast.delay"
"#;

fn load(text: &str, sets: &[&str]) -> Scenario<Small> {
    let sets: Vec<_> = sets.iter().map(|&set| set.to_owned()).collect();
    scenario::load("test.toml", text, &sets).unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn variants_times_sweep_times_seeds() {
    let scenario = load(FULL, &[]);
    assert_eq!(
        scenario.variants,
        ["plain", "fast", "bitcoin", "near", "links"]
    );
    let axes: Vec<_> = scenario
        .axes
        .iter()
        .map(|axis| (axis.path.as_str(), axis.unit))
        .collect();
    assert_eq!(
        axes,
        [
            ("peers", ""),
            ("protocol.gossip.fanout", ""),
            ("network.loss", "share")
        ]
    );
    // Four variants know the fanout, bitcoin does not: 4 x 2x2x2 + 1 x 2x2.
    assert_eq!(scenario.points.len(), 36);
    assert_eq!(scenario.runs().count(), 108);
    assert_eq!(
        scenario.runs().take(4).collect::<Vec<_>>(),
        [(0, 5), (0, 6), (0, 7), (1, 5)]
    );
    // The first axis varies slowest.
    let texts = |at: usize| -> Vec<_> {
        let values = scenario.points[at].values.iter();
        values
            .map(|value| value.as_ref().map_or("-", |value| value.text.as_str()))
            .collect()
    };
    assert_eq!(texts(0), ["10", "8", "0 %"]);
    assert_eq!(texts(1), ["10", "8", "0.2"]);
    assert_eq!(texts(2), ["10", "16", "0 %"]);
    assert_eq!(texts(7), ["100", "16", "0.2"]);
    assert_eq!(texts(16), ["10", "-", "0 %"]);
    let swept = scenario.points[7].values[2]
        .as_ref()
        .and_then(|value| value.number);
    assert_eq!(swept, Some(0.2));
    let Protocol::Gossip(gossip) = &scenario.points[7].body.protocol else {
        panic!("the plain variant gossips");
    };
    assert_eq!((gossip.fanout, scenario.points[7].body.peers), (16, 100));
}

#[test]
fn a_patch_merges_tables_and_replaces_families() {
    let scenario = load(FULL, &[]);
    let body = |variant: &str| {
        let point = scenario
            .points
            .iter()
            .find(|point| point.variant == variant);
        toml::Value::try_from(&point.expect("the variant").body).expect("a table")
    };
    let gossip = &body("fast")["protocol"]["gossip"];
    assert_eq!(
        (gossip["round"].as_str(), gossip["fanout"].as_integer()),
        (Some("100 ms"), Some(8))
    );
    assert_eq!(
        body("bitcoin")["protocol"].as_table().map(toml::Table::len),
        Some(1)
    );
    let latency = &body("near")["network"]["latency"];
    assert_eq!(latency.as_table().map(toml::Table::len), Some(1));
    assert_eq!(latency["constant"].as_str(), Some("5 ms"));
    assert_eq!(body("near")["network"]["loss"].as_str(), Some("0 %"));
    assert_eq!(
        body("links")["bandwidth"]["access-link"]["up"].as_str(),
        Some("1 Mbit/s")
    );
}

#[test]
fn without_variants_there_is_one_called_base() {
    let text = "name = \"t\"\nduration = \"1 s\"\nprotocol.gossip.round = \"1 s\"\n";
    let scenario = load(text, &[]);
    assert_eq!(scenario.variants, ["base"]);
    assert_eq!((scenario.points.len(), scenario.runs().count()), (1, 20));
}

#[test]
fn expectations_name_their_points() {
    let scenario = load(FULL, &[]);
    let [reliability, forks] = &scenario.expects[..] else {
        panic!("two expectations: {:?}", scenario.expects);
    };
    assert_eq!(
        (reliability.bound, reliability.unit),
        (Bound::Above(0.99), "share")
    );
    let fanouts: Vec<_> = reliability
        .points
        .iter()
        .map(|&at| {
            let point = &scenario.points[at];
            let text = |axis: usize| point.values[axis].as_ref().map_or("", |value| &value.text);
            (point.variant.as_str(), text(0), text(1), text(2))
        })
        .collect();
    assert_eq!(
        fanouts,
        [("fast", "100", "8", "0.2"), ("fast", "100", "16", "0.2")]
    );
    assert_eq!(
        (forks.stat, forks.bound),
        (Stat::Max, Bound::Between(0.0, 3.0))
    );
    assert_eq!(scenario.charts[0].kind, ChartKind::Lines);
    assert_eq!(scenario.charts[0].x.as_deref(), Some("peers"));
}

#[test]
fn a_verdict_needs_the_whole_interval_on_one_side() {
    let judge = |bound: Bound, low: f64, high: f64| {
        let mean = f64::midpoint(low, high);
        bound.verdict(&Estimate {
            mean,
            low,
            high,
            n: 20,
        })
    };
    assert_eq!(judge(Bound::Below(0.2), 0.1, 0.19), Verdict::Pass);
    assert_eq!(judge(Bound::Below(0.2), 0.1, 0.3), Verdict::Unsure);
    assert_eq!(judge(Bound::Below(0.2), 0.2, 0.3), Verdict::Fail);
    assert_eq!(judge(Bound::Above(0.9), 0.95, 1.0), Verdict::Pass);
    assert_eq!(judge(Bound::Above(0.9), 0.5, 0.9), Verdict::Fail);
    assert_eq!(judge(Bound::Between(1.0, 2.0), 1.0, 2.0), Verdict::Pass);
    assert_eq!(judge(Bound::Between(1.0, 2.0), 0.5, 2.0), Verdict::Unsure);
    assert_eq!(judge(Bound::Between(1.0, 2.0), 2.5, 3.0), Verdict::Fail);
    assert_eq!(
        judge(Bound::Below(0.2), f64::NAN, f64::NAN),
        Verdict::Unsure
    );
    let none = Estimate {
        mean: 0.0,
        low: 0.0,
        high: 0.0,
        n: 0,
    };
    assert_eq!(Bound::Below(1.0).verdict(&none), Verdict::Unsure);
}

#[test]
fn set_lays_over_the_file() {
    let scenario = load(
        FULL,
        &[
            "duration=5 min",
            "warm_up = \"1 min\"",
            "seeds.count=2",
            "protocol.gossip.round=2 s",
            "bandwidth=unlimited",
            "sweep.peers=[7, 100]",
        ],
    );
    let body = toml::Value::try_from(&scenario.points[0].body).expect("a table");
    assert_eq!(body["duration"].as_str(), Some("5 min"));
    assert_eq!(body["warm_up"].as_str(), Some("1 min"));
    assert_eq!(body["peers"].as_integer(), Some(7));
    assert_eq!(body["protocol"]["gossip"]["round"].as_str(), Some("2 s"));
    assert_eq!((scenario.seeds.first, scenario.seeds.count), (5, 2));
}

#[test]
fn a_resolved_file_has_the_same_points() {
    let scenario = load(FULL, &[]);
    for variant in &scenario.variants {
        let text = scenario
            .resolved(variant)
            .expect("a variant of the scenario");
        assert!(
            text.contains("warm_up = \"0 "),
            "defaults are written out:\n{text}"
        );
        let again = load(&text, &[]);
        assert_eq!(&again.variants, std::slice::from_ref(variant));
        assert_eq!(again.seeds, scenario.seeds);
        let bodies = |scenario: &Scenario<Small>| -> Vec<_> {
            let points = scenario
                .points
                .iter()
                .filter(|point| &point.variant == variant);
            points.map(|point| point.body.clone()).collect()
        };
        assert_eq!(bodies(&again), bodies(&scenario));
    }
    assert_eq!(scenario.resolved("nobody"), None);
}

#[test]
fn keys_are_explained_from_the_doc_comments() {
    let explain = |path: &str| scenario::explain::<Small>(path);
    assert_eq!(
        explain("protocol.gossip.fanout").as_deref(),
        Ok(
            "protocol.gossip.fanout\n  a whole number between 1 and 64; default 4\n\n  Peers a \
            rumour is pushed to each round.\n\n  Source: Demers et al. 1987, section 1.4.\n"
        )
    );
    assert_eq!(
        explain("protocol.gossip").as_deref(),
        Ok(
            "protocol.gossip\n  a table; a choice for `protocol`\n\n  Push gossip (Demers et al. 1987, \
            section 1.4).\n\n  fanout  4         Peers a rumour is pushed to each round.\n  round   \
            required  Time between rounds.\n  size    \"1 kB\"    Size of a rumour.\n"
        )
    );
    let top = explain("").expect("the top level");
    for key in ["duration", "seeds", "protocol", "expect"] {
        assert!(
            top.contains(&format!("\n  {key} ")),
            "{key} is listed:\n{top}"
        );
    }
    assert!(
        explain("fault.at")
            .expect("looks through lists")
            .contains("required")
    );
    assert!(
        explain("bandwidth.unlimited")
            .expect("a name")
            .contains("Bytes take no time")
    );
    assert_eq!(
        explain("protocol.gossip.fanot").unwrap_err(),
        "no key `protocol.gossip.fanot`: did you mean `protocol.gossip.fanout`?"
    );
    assert_eq!(
        explain("fanout").unwrap_err(),
        "no key `fanout`: did you mean `protocol.gossip.fanout`?"
    );
}

#[test]
fn the_schema_stands_alone() {
    let schema = scenario::schema::<Small>();
    let text = schema.to_string();
    for (at, _) in text.match_indices("\"$ref\":\"") {
        let name = text[at + 8..].split('"').next().unwrap_or_default();
        let pointer = name
            .strip_prefix('#')
            .expect("a reference inside the schema");
        assert!(schema.pointer(pointer).is_some(), "{name} is in the schema");
    }
    let properties = schema["properties"].as_object().expect("the keys");
    for key in ["name", "seeds", "variants", "sweep", "duration", "protocol"] {
        assert!(properties.contains_key(key), "{key} is a key");
    }
    assert_eq!(
        schema["required"],
        serde_json::json!(["name", "duration", "protocol"])
    );
}

#[test]
fn problems_render_in_colour_when_asked() {
    let problems = scenario::load::<Small>("t.toml", "nmae = 1", &[]).unwrap_err();
    assert!(problems.render(true).contains("\u{1b}["));
    assert!(!problems.render(false).contains("\u{1b}["));
    assert_eq!(problems.to_string(), problems.render(false));
}

/// Reads it and renders what is wrong; the test is that this ends.
fn read(text: &str, sets: &[String]) {
    match scenario::load::<Small>("test.toml", text, sets) {
        Ok(scenario) => assert!(!scenario.points.is_empty()),
        Err(problems) => {
            assert!(
                problems.count() > 0,
                "an error without a problem for {text:?}"
            );
            assert!(problems.render(true).len() >= problems.to_string().len());
        }
    }
}

/// A piece of TOML, right or wrong.
fn piece() -> impl Strategy<Value = String> {
    let pieces = [
        "\"",
        "'",
        "\"\"\"",
        "[",
        "]",
        "[[",
        "]]",
        "{",
        "}",
        "=",
        ".",
        ",",
        "\n",
        "\r\n",
        "#",
        " ",
        "name",
        "\"x\"",
        "protocol",
        "gossip",
        "variants",
        "sweep",
        "expect",
        "chart",
        "1",
        "-1",
        "nan",
        "1e999",
        "0x",
        "1979-05-27",
        "\"5 %\"",
        "\"10 ms\"",
        "é",
        "\u{0}",
        "\u{feff}",
        "_",
        "true",
        "seeds",
        "where",
        "peers",
        "\\u",
        "a.b.c",
    ];
    prop::sample::select(pieces.to_vec()).prop_map(str::to_owned)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_text_panics(text in any::<String>(), set in any::<String>()) {
        read(&text, &[set]);
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read(&String::from_utf8_lossy(&bytes), &[]);
    }

    #[test]
    fn no_pieces_of_toml_panic(
        text in prop::collection::vec(piece(), 0..40),
        set in prop::collection::vec(piece(), 0..8),
    ) {
        read(&text.concat(), &[set.concat()]);
    }

    #[test]
    fn no_mutated_file_panics(
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0usize..6, piece()), 1..4),
        set in prop::collection::vec(piece(), 0..4),
    ) {
        let mut text: Vec<char> = FULL.chars().collect();
        for (at, length, piece) in cuts {
            let at = at.index(text.len());
            let end = (at + length).min(text.len());
            text.splice(at..end, piece.chars());
        }
        read(&text.into_iter().collect::<String>(), &[set.concat()]);
    }

    #[test]
    fn no_value_at_a_wrong_key_panics(
        line in prop::sample::select(FULL.lines().filter(|line| line.contains('=')).collect::<Vec<_>>()),
        value in prop::sample::select(vec![
            "1", "-1", "1.5", "nan", "inf", "true", "\"\"", "\"x\"", "[]", "[[]]", "{}", "[{}]",
            "{ a = 1 }", "1979-05-27", "9223372036854775807", "-9223372036854775808", "[1, \"a\", {}]",
            "{ gossip = 1 }", "{ variant = 1 }", "[nan, nan]", "\"999999999999 d\"",
        ]),
    ) {
        let key = line.split('=').next().unwrap_or_default();
        read(&FULL.replacen(line, &format!("{key} = {value}"), 1), &[]);
    }
}
