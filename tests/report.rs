//! The report of every shipped scenario, from its committed results: small, well-formed, in need of nothing
//! else; and opened in a browser, where there is one.

use roxmltree::{Document, Node, ParsingOptions};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Bytes that a report may have.
const LARGEST: usize = 2_000_000;

/// The reports of committed results (of all, or of some), made anew in a folder of this test's own; their
/// paths.
fn reports(place: &Path, some: Option<&[&str]>) -> Vec<PathBuf> {
    let _ = fs::remove_dir_all(place);
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("results");
    let entries = fs::read_dir(results).expect("the committed results");
    let mut folders: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.join("runs.csv").exists())
        .collect();
    folders.sort();
    assert!(folders.len() > 20);
    folders.retain(|folder| some.is_none_or(|some| some.contains(&name(folder))));
    let made = folders.iter().map(|folder| {
        let page = place.join(format!("{}.html", name(folder)));
        let mut command = Command::new(env!("CARGO_BIN_EXE_sim"));
        command.arg("report").arg(folder).arg("--out").arg(&page);
        let output = command.output().expect("the program starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{said}");
        page
    });
    made.collect()
}

/// What a folder is called.
fn name(folder: &Path) -> &str {
    let name = folder.file_name().and_then(|name| name.to_str());
    name.expect("a folder of the repository")
}

fn place(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("peerlab-report-{}-{name}", std::process::id()))
}

fn elements<'a>(document: &'a Document<'_>) -> impl Iterator<Item = Node<'a, 'a>> {
    document.descendants().filter(Node::is_element)
}

#[test]
fn every_report_is_small_well_formed_and_alone() {
    let place = place("shipped");
    for path in reports(&place, None) {
        let shown = path.display();
        let page = fs::read_to_string(&path).expect("a page");
        assert!(page.len() < LARGEST, "{shown} has {} bytes", page.len());
        let options = ParsingOptions {
            allow_dtd: true,
            ..ParsingOptions::default()
        };
        let document = Document::parse_with_options(&page, options);
        let document = document.unwrap_or_else(|error| panic!("{shown}: {error}"));
        let mut ids = BTreeSet::new();
        for node in elements(&document) {
            let name = node.tag_name().name();
            assert!(
                !matches!(name, "link" | "iframe" | "object" | "img"),
                "{shown}: {name}"
            );
            for attribute in node.attributes() {
                let (key, value) = (attribute.name(), attribute.value());
                assert!(key != "src" && !key.starts_with("on"), "{shown}: {key}");
                assert!(key != "href" || value.starts_with('#'), "{shown}: {value}");
                assert!(key != "id" || ids.insert(value), "{shown}: {value} twice");
                let by = key == "aria-labelledby";
                let is_there = || elements(&document).any(|n| n.attribute("id") == Some(value));
                assert!(!by || is_there(), "{shown}: {value} is nowhere");
            }
            if name == "svg" {
                let label = node.attribute("aria-label").unwrap_or_default();
                assert!(
                    label.len() > 10 && node.attribute("role") == Some("img"),
                    "{shown}"
                );
                let first = node.first_element_child().expect("a title");
                assert_eq!(first.tag_name().name(), "title", "{shown}");
            }
        }
        let style = elements(&document)
            .find(|node| node.has_tag_name(("http://www.w3.org/1999/xhtml", "style")));
        let style = style.and_then(|node| node.text()).expect("a style sheet");
        assert!(!style.contains("url(") && !style.contains("@import"));
        inks_follow_the_page(&document, style);
    }
    let _ = fs::remove_dir_all(place);
}

/// Every colour of a chart is in the style sheet, which gives it another value in the dark.
fn inks_follow_the_page(document: &Document<'_>, style: &str) {
    let svg = "http://www.w3.org/2000/svg";
    let drawn = elements(document).filter(|node| node.tag_name().namespace() == Some(svg));
    let inks = drawn.flat_map(|node| ["fill", "stroke"].map(|key| (key, node.attribute(key))));
    let inks: BTreeSet<(&str, &str)> = inks
        .filter_map(|(key, ink)| Some((key, ink?)))
        .filter(|(_, ink)| *ink != "none")
        .collect();
    assert!(!inks.is_empty());
    for (key, ink) in inks {
        let rule = format!("[{key}=\"{ink}\"] {{ {key}: var(");
        assert!(style.contains(&rule), "{rule}");
    }
}

/// The first of these programs that runs.
fn program(names: &[&str]) -> Option<String> {
    let runs = |name: &&&str| {
        let output = Command::new(name).arg("--version").output();
        output.is_ok_and(|output| output.status.success())
    };
    names.iter().find(runs).map(|name| (*name).to_owned())
}

/// Opens, sorts, has no error, asks for nothing, in both themes and on a phone. Skipped where Chromium or
/// Node is not there. `PEERLAB_PICTURES` names a folder for screenshots, and has all reports opened.
#[test]
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn a_browser_shows_and_sorts_it() {
    let chromium = program(&["chromium", "chromium-browser", "google-chrome"]);
    let (Some(chromium), Some(node)) = (chromium, program(&["node"])) else {
        eprintln!("skipped: no Chromium, or no Node to drive it with");
        return;
    };
    let place = place("browser");
    let pictures = std::env::var("PEERLAB_PICTURES").ok();
    let few = ["dht-churn", "eclipse", "hello"];
    let pages = reports(&place, pictures.is_none().then_some(&few));
    let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/look.mjs");
    let mut command = Command::new(node);
    command
        .arg(driver)
        .args([chromium.as_str(), pictures.as_deref().unwrap_or("-")])
        .args(&pages);
    let output = command.output().expect("Node starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let lines = String::from_utf8_lossy(&output.stdout);
    assert_eq!(lines.lines().count(), pages.len(), "{said}");
    for line in lines.lines() {
        let seen: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let page = &seen["page"];
        assert_eq!(seen["errors"], serde_json::json!([]), "{page}");
        // Itself, twice: once for those who run no scripts.
        let requests = seen["requests"].as_array().expect("a list");
        assert_eq!(requests.len(), 2, "{page} asks for {requests:?}");
        assert_eq!(requests[0], requests[1]);
        assert_eq!(seen["plain"]["buttons"], 0, "{page}");
        assert!(seen["plain"]["rows"].as_u64() > Some(10), "{page}");
        for screen in ["light", "dark", "phone"] {
            let overflow = &seen["screens"][screen]["overflow"];
            assert!(
                overflow.as_i64().is_some_and(|over| over <= 0),
                "{page} {screen}"
            );
        }
        let [light, dark] = ["light", "dark"].map(|theme| &seen["screens"][theme]);
        assert_ne!(light["paper"], dark["paper"], "{page}");
        // Charts lie on the page's own paper.
        assert_eq!(light["paper"], light["chart"], "{page}");
        assert_eq!(dark["paper"], dark["chart"], "{page}");
        let tables = seen["tables"].as_array().expect("a list");
        assert!(tables.len() > 10, "{page}");
        for table in tables {
            for (way, word) in [("up", "ascending"), ("down", "descending")] {
                let after = &table[way];
                assert_eq!(
                    (&after["sort"], &after["sorted"]),
                    (&word.into(), &1.into()),
                    "{page} {table}"
                );
                let cells = after["cells"].as_array().expect("a list");
                assert!(is_sorted(cells, way == "down"), "{page} {table}");
            }
        }
    }
    let _ = fs::remove_dir_all(place);
}

/// Numbers by size, then words; words alone by their letters.
fn is_sorted(cells: &[serde_json::Value], down: bool) -> bool {
    let numbers: Vec<f64> = cells.iter().filter_map(serde_json::Value::as_f64).collect();
    if numbers.is_empty() {
        let words: Vec<Vec<u16>> = cells
            .iter()
            .map(|cell| cell.as_str().unwrap_or_default().encode_utf16().collect())
            .collect();
        return words.is_sorted_by(|a, b| if down { a >= b } else { a <= b });
    }
    let first = cells[..numbers.len()]
        .iter()
        .all(serde_json::Value::is_number);
    first && numbers.is_sorted_by(|a, b| if down { a >= b } else { a <= b })
}
