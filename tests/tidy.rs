//! Rules of the house that no compiler checks: who may use whom, how long a file may be, what has no
//! place in a commit, and what every protocol and every scenario brings along.

use peerlab::scenario::{ProtocolConfig, Settings, load};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder of the repository, but for what is built, hidden or generated.
fn files(folder: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).expect("a folder of the repository") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name == "target" || name == ".git" || (path.is_dir() && name.starts_with('.')) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// The path within the repository, with `/`.
fn short(path: &Path) -> String {
    let path = path.strip_prefix(root()).expect("in the repository");
    path.to_string_lossy().replace('\\', "/")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The Rust files of a folder with their texts.
fn rust(folder: &str) -> Vec<(String, String)> {
    let files = files(folder).into_iter();
    let rust = files.filter(|path| path.extension().is_some_and(|end| end == "rs"));
    rust.map(|path| (short(&path), read(&path))).collect()
}

/// The code of a file without comments and without its tests, line by line with numbers from 1.
fn code(text: &str) -> Vec<(usize, &str)> {
    let mut kept = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        if line == "#[cfg(test)]" {
            // Past further attributes to the item; one with a body ends at the first brace in the
            // first column.
            let item = |line: &str| line.starts_with(|c: char| c.is_ascii_lowercase());
            let head = lines.find(|(_, line)| item(line));
            if head.is_some_and(|(_, head)| head.ends_with('{')) {
                lines.find(|(_, line)| *line == "}");
            }
            continue;
        }
        let line = line.split("//").next().unwrap_or_default();
        if !line.trim().is_empty() {
            kept.push((at + 1, line));
        }
    }
    kept
}

/// The Rust files of a folder without those that are modules of tests.
fn own(folder: &str) -> Vec<(String, String)> {
    let mut all = rust(folder);
    let mut tests = BTreeSet::new();
    for (file, text) in &all {
        let mut lines = text.lines();
        while lines.any(|line| line == "#[cfg(test)]") {
            let name = lines
                .clone()
                .next()
                .and_then(|line| line.strip_prefix("mod "));
            if let Some(name) = name.and_then(|name| name.strip_suffix(';')) {
                let folder = file.trim_end_matches(".rs");
                let beside = Path::new(file).parent().unwrap_or(Path::new(""));
                tests.insert(format!("{folder}/{name}.rs"));
                tests.insert(
                    beside
                        .join(format!("{name}.rs"))
                        .to_string_lossy()
                        .into_owned(),
                );
            }
        }
    }
    all.retain(|(file, _)| !tests.contains(file) && !file.ends_with("_tests.rs"));
    all
}

/// The rooms of `src`, lowest first, each with the rooms it may use beside itself. The ground (what
/// has no table of its own here) may be used by all.
const ROOMS: [(&str, &[&str]); 12] = [
    ("network", &[]),
    ("churn", &[]),
    ("engine", &["network", "churn"]),
    ("observe", &["network", "engine"]),
    ("protocols", &["network", "churn", "engine", "observe"]),
    (
        "adversary",
        &["network", "churn", "engine", "observe", "protocols"],
    ),
    (
        "scenario",
        &["network", "churn", "observe", "protocols", "adversary"],
    ),
    (
        "experiment",
        &[
            "network",
            "churn",
            "engine",
            "observe",
            "protocols",
            "adversary",
            "scenario",
        ],
    ),
    // Pure functions of what an experiment gives back.
    ("report", &["observe", "scenario", "experiment"]),
    (
        "cli",
        &[
            "network",
            "churn",
            "engine",
            "observe",
            "protocols",
            "adversary",
            "scenario",
            "experiment",
            "report",
            "validate",
            "bench",
        ],
    ),
    ("testkit", &["network", "churn", "engine", "protocols"]),
    (
        "bench",
        &["network", "churn", "engine", "observe", "protocols"],
    ),
];

/// Compares protocols with theory: used by tests, benchmarks and `sim validate`.
const VALIDATE: (&str, &[&str]) = (
    "validate",
    &[
        "network",
        "churn",
        "engine",
        "observe",
        "protocols",
        "adversary",
        "bench",
        "report",
    ],
);

/// What all rooms stand on, each with what it may use itself.
const GROUND: [(&str, &[&str]); 6] = [
    ("time", &[]),
    ("math", &[]),
    ("random", &["math", "time"]),
    ("peer", &[]),
    ("quantity", &["time"]),
    ("input", &[]),
];

/// The rooms a line of code names: `crate::ROOM`, and `crate::{ROOM::…, ROOM::…}` on one line.
fn named(line: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    for part in line.split("crate::").skip(1) {
        if part.starts_with('{') {
            rooms.push("{".to_owned());
            continue;
        }
        let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        rooms.push(part[..end.unwrap_or(part.len())].to_owned());
    }
    rooms
}

#[test]
fn rooms_use_only_rooms_below() {
    let mut table: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (room, uses) in GROUND {
        table.insert(room, uses.iter().copied().collect());
    }
    for (room, uses) in ROOMS.into_iter().chain([VALIDATE]) {
        let ground = GROUND.iter().map(|&(ground, _)| ground);
        table.insert(room, uses.iter().copied().chain(ground).collect());
    }
    let mut wrong = Vec::new();
    for (file, text) in own("src") {
        let inside = file.trim_start_matches("src/");
        let room = inside.split(['/', '.']).next().unwrap_or_default();
        if matches!(room, "lib" | "main") {
            continue;
        }
        let Some(allowed) = table.get(room) else {
            wrong.push(format!(
                "{file}: `{room}` has no place in the table of rooms"
            ));
            continue;
        };
        for (number, line) in code(&text) {
            for used in named(line) {
                if used != room && !allowed.contains(used.as_str()) {
                    wrong.push(format!("{file}:{number}: `{room}` uses `{used}`: {line}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_of_rooms_has_no_cycle() {
    let all = GROUND.into_iter().chain(ROOMS).chain([VALIDATE]);
    let mut left: BTreeMap<&str, BTreeSet<&str>> = all
        .map(|(room, uses)| (room, uses.iter().copied().collect()))
        .collect();
    while !left.is_empty() {
        let free: Vec<_> = left
            .iter()
            .filter(|(_, uses)| uses.iter().all(|used| !left.contains_key(used)))
            .map(|(&room, _)| room)
            .collect();
        assert!(!free.is_empty(), "a cycle among {:?}", left.keys());
        left.retain(|room, _| !free.contains(room));
    }
}

#[test]
fn protocols_know_neither_files_nor_clocks_nor_the_network_inside() {
    let mut wrong = Vec::new();
    for (file, text) in own("src/protocols").into_iter().chain(own("src/adversary")) {
        for (number, line) in code(&text) {
            let system = ["std::time", "std::fs", "std::net", "std::env"];
            let mut outside = system.iter().any(|one| line.contains(one));
            // An attack may plan outages; a protocol only sees its neighbours.
            if file.starts_with("src/protocols") {
                outside |= line
                    .split("crate::network::")
                    .skip(1)
                    .any(|next| !next.starts_with("graph"));
            }
            if outside {
                wrong.push(format!("{file}:{number}: {line}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_command_line_prints_or_touches_the_clock() {
    let mut wrong = Vec::new();
    for (file, text) in own("src") {
        if file.starts_with("src/cli") || file == "src/main.rs" {
            continue;
        }
        for (number, line) in code(&text) {
            let words = [
                "println!",
                "eprintln!",
                "print!(",
                "dbg!(",
                "stdout()",
                "stderr()",
                "SystemTime",
                "UNIX_EPOCH",
                "time::Instant::now",
            ];
            if words.iter().any(|word| line.contains(word)) {
                wrong.push(format!("{file}:{number}: {line}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Files that may be longer than 600 lines, with the reason.
const LONG: [(&str, &str); 0] = [];

#[test]
fn no_file_is_long() {
    let mut lengths = Vec::new();
    for (file, text) in rust("src") {
        let lines = text.lines().count();
        let excused = LONG.iter().any(|&(long, _)| long == file);
        assert!(excused || lines <= 600, "{file} has {lines} lines");
        assert!(
            !excused || lines > 600,
            "{file} has {lines} lines and needs no excuse"
        );
        assert!(lines <= 700, "{file} has {lines} lines");
        lengths.push(lines);
    }
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    assert!(median < 200, "the median file has {median} lines");
}

#[test]
fn nothing_is_left_to_do() {
    // In two parts, so that this file is not its own finding.
    let words = [
        concat!("todo", "!"),
        concat!("unimplement", "ed!"),
        concat!("FIX", "ME"),
        concat!("TO", "DO"),
        concat!("XX", "X:"),
        concat!("#[ign", "ore"),
        concat!("allow(dead", "_code)"),
        concat!("expect(dead", "_code"),
        concat!("HAC", "K"),
    ];
    let mut wrong = Vec::new();
    for folder in ["src", "tests", "examples", "benches"] {
        if !root().join(folder).exists() {
            continue;
        }
        for (file, text) in rust(folder) {
            for (at, line) in text.lines().enumerate() {
                if words.iter().any(|word| line.contains(word)) {
                    wrong.push(format!("{file}:{}: {line}", at + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_file_tells_of_a_machine() {
    let words = [
        concat!("/wo", "rk/"),
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
        concat!("/Use", "rs/"),
        concat!("C:", "\\Users"),
        concat!("index.cra", "tes.io"),
        concat!("static.cra", "tes.io"),
        concat!("registry+", "http"),
        concat!("[source.cra", "tes-io]"),
        concat!("local", "host:"),
        concat!("127.0", ".0.1:"),
    ];
    let mut wrong = Vec::new();
    for path in files(".") {
        let file = short(&path);
        let generated = file.ends_with("host.json") || file == "Cargo.lock";
        // Fonts and pictures are no text.
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        for (at, line) in text.lines().enumerate() {
            if !generated && words.iter().any(|word| line.contains(word)) {
                wrong.push(format!("{file}:{}: {line}", at + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The scenarios of the project: path, text.
fn scenarios() -> Vec<(String, String)> {
    let files = files("scenarios").into_iter();
    let files = files.filter(|path| path.extension().is_some_and(|end| end == "toml"));
    files.map(|path| (short(&path), read(&path))).collect()
}

#[test]
fn every_scenario_is_right_asks_a_question_and_has_its_results() {
    let all = scenarios();
    assert!(!all.is_empty());
    for (file, text) in all {
        let scenario = load::<Settings>(&file, &text, &[]);
        let scenario = scenario.unwrap_or_else(|problems| panic!("{problems}"));
        let stem = file
            .trim_start_matches("scenarios/")
            .trim_end_matches(".toml");
        assert_eq!(scenario.name, stem, "{file} is called otherwise inside");
        let comment: String = text
            .lines()
            .take_while(|line| line.starts_with('#'))
            .collect();
        assert!(
            comment.contains('?'),
            "{file} asks no question in its first comment"
        );
        assert!(!scenario.about.is_empty(), "{file} has no `about`");
        assert!(!scenario.expects.is_empty(), "{file} expects nothing");
        let results = root().join("results").join(stem);
        assert_eq!(
            read(&results.join("scenario.toml")),
            text,
            "the results of {file} are of another version of it"
        );
        for name in [
            "runs.csv",
            "summary.csv",
            "metrics.csv",
            "expectations.json",
        ] {
            assert!(results.join(name).exists(), "results/{stem} has no {name}");
        }
        let verdicts: serde_json::Value =
            serde_json::from_str(&read(&results.join("expectations.json"))).expect("JSON");
        assert!(
            !verdicts.to_string().contains("\"fail\""),
            "{file} failed: {verdicts}"
        );
    }
}

/// What families of protocols may stand on, and is no family itself.
const SHARED: [&str; 2] = ["dht", "download"];

#[test]
fn no_family_of_protocols_uses_another() {
    let mut wrong = Vec::new();
    for (file, text) in own("src/protocols") {
        let inside = file.trim_start_matches("src/protocols/");
        let family = inside.split(['/', '.']).next().unwrap_or_default();
        for (number, line) in code(&text) {
            for used in line.split("crate::protocols::").skip(1) {
                let end = used.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                let used = &used[..end.unwrap_or(used.len())];
                if used != family && !SHARED.contains(&used) {
                    wrong.push(format!("{file}:{number}: `{family}` uses `{used}`: {line}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_protocol_is_explained_and_has_a_scenario() {
    let mut used = BTreeSet::new();
    for (file, text) in scenarios() {
        let scenario = load::<Settings>(&file, &text, &[]);
        let scenario = scenario.unwrap_or_else(|problems| panic!("{problems}"));
        used.extend(
            scenario
                .points
                .iter()
                .map(|point| match point.body.protocol {
                    ProtocolConfig::Gossip(_) => "gossip",
                    ProtocolConfig::Bitcoin(_) => "bitcoin",
                    ProtocolConfig::Chord(_) => "chord",
                    ProtocolConfig::Ethereum(_) => "ethereum",
                    ProtocolConfig::Kademlia(_) => "kademlia",
                    ProtocolConfig::BitTorrent(_) => "bittorrent",
                    ProtocolConfig::ClientServer(_) => "client_server",
                    ProtocolConfig::IdealP2p(_) => "ideal_p2p",
                }),
        );
        let shared = scenario
            .points
            .iter()
            .any(|point| point.body.files.is_some());
        used.extend(shared.then_some("files"));
    }
    let list = read(&root().join("src/protocols.rs"));
    let families: Vec<_> = list
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .filter(|family| !SHARED.contains(family))
        .collect();
    assert!(families.len() >= 2, "{families:?}");
    let mut wrong = Vec::new();
    for family in families {
        let text = read(&root().join(format!("src/protocols/{family}.rs")));
        let doc: Vec<_> = text
            .lines()
            .take_while(|line| line.starts_with("//!"))
            .collect();
        let doc = doc.join("\n").to_lowercase();
        // What it is from, what it measures, where it is simpler than the real thing.
        for part in ["reference", "parameters", "metrics", "simplified"] {
            if !doc.contains(part) {
                wrong.push(format!(
                    "src/protocols/{family}.rs: no word of `{part}` in its documentation"
                ));
            }
        }
        if !used.contains(family) {
            wrong.push(format!("no scenario uses `{family}`"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
