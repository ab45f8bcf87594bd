//! `sim report`: the page comes out of the folder alone, or there is a reason.

use super::{Place, text};
use std::fs;

/// Runs `small.toml` and gives back its page.
fn page(place: &Place, arguments: &[&str]) -> String {
    place.results(arguments);
    fs::read_to_string(place.0.join("results/small/report.html")).expect("a page")
}

/// What `sim report` complains of.
fn refused(place: &Place, arguments: &[&str], code: i32) -> String {
    let output = place.sim(&[&["report"], arguments].concat());
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert_eq!(output.stdout, b"");
    said
}

#[test]
fn the_page_is_rebuilt_from_the_folder_alone() {
    let place = Place::new("rebuilt");
    let repeat = "[repeat]\nmetric = \"broadcast.delay_50\"\nwithin = \"0.01 %\"\nat_most = 11\n\n[[expect]]";
    place.write("repeat.toml", &super::SMALL.replace("[[expect]]", repeat));
    for arguments in [
        &["small.toml"][..],
        &["small.toml", "--set", "duration=9 s", "--seeds", "2"],
        &["repeat.toml"],
        &["repeat.toml", "--seeds", "2"],
    ] {
        let all = [&["run", "--quiet"], arguments].concat();
        let output = place.sim(&all);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let path = place.0.join("results/small/report.html");
        let before = fs::read(&path).expect("a page");
        fs::remove_file(&path).expect("it goes");
        fs::rename(place.0.join("results/small"), place.0.join("moved")).expect("it moves");
        let output = place.sim(&["report", "moved"]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let after = fs::read(place.0.join("moved/report.html")).expect("a page");
        assert!(before == after, "{arguments:?}");
        fs::remove_dir_all(place.0.join("moved")).expect("it goes");
    }
}

/// A folder with a page is still one that a run may replace.
#[test]
fn a_page_does_not_keep_a_folder_from_being_replaced() {
    let place = Place::new("replaced");
    let first = page(&place, &[]);
    assert_eq!(
        place.sim(&["report", "results/small"]).status.code(),
        Some(0)
    );
    assert!(page(&place, &["--jobs", "1"]) == first);
}

#[test]
fn a_template_of_ones_own_is_whole_or_shows_where_it_is_wrong() {
    let place = Place::new("template");
    page(&place, &[]);
    let built_in = text(&place.sim(&["report", "--print-template"]).stdout);
    place.write("own.html", &built_in);
    place.write(
        "list.md",
        "# {{ name }}\n{% for one in metrics %}\n- {{ one.name }}\n{% endfor %}\n",
    );
    let make = |template: &str, out: &str| {
        let output = place.sim(&[
            "report",
            "results/small",
            "--template",
            template,
            "--out",
            out,
        ]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert_eq!(text(&output.stdout), format!("{out}\n"));
        fs::read_to_string(place.0.join(out)).expect("a file")
    };
    let page = fs::read_to_string(place.0.join("results/small/report.html")).expect("a page");
    assert!(make("own.html", "copy.html") == page);
    let list = make("list.md", "pages/list.md");
    assert!(
        list.starts_with("# small\n- broadcast.reliability\n- "),
        "{list}"
    );
    place.write("wrong.html", "<p>\n{{ naem }}</p>\n");
    place.write("copy.html", "mine");
    let wrong = [
        "results/small",
        "--template",
        "wrong.html",
        "--out",
        "copy.html",
    ];
    let said = refused(&place, &wrong, 2);
    assert!(
        said.contains("wrong.html:2:4") && said.contains("undefined"),
        "{said}"
    );
    assert_eq!(
        fs::read(place.0.join("copy.html")).expect("as it was"),
        b"mine"
    );
    let said = refused(&place, &["results/small", "--template", "nowhere.html"], 2);
    assert!(said.contains("cannot read nowhere.html"), "{said}");
    // Anything else in the folder would keep it from being replaced.
    let inside = ["results/small", "--out", "results/small/list.md"];
    let said = refused(&place, &inside, 2);
    assert!(said.contains("among the results"), "{said}");
    assert_eq!(place.sim(&["report"]).status.code(), Some(2));
}

#[test]
fn a_folder_that_is_not_whole_is_an_error() {
    let place = Place::new("not-whole");
    let first = page(&place, &[]);
    let folder = place.0.join("results/small");
    let with = |file: &str, change: &dyn Fn(&str) -> String, code: i32| {
        let path = folder.join(file);
        let before = fs::read_to_string(&path).expect("a file of the folder");
        fs::write(&path, change(&before)).expect("writable");
        let said = refused(&place, &["results/small"], code);
        fs::write(&path, before).expect("writable");
        said
    };
    let missing = |text: &str| {
        let lines: Vec<&str> = text
            .lines()
            .filter(|line| !line.starts_with("1,"))
            .collect();
        lines.join("\n") + "\n"
    };
    let said = with("runs.csv", &missing, 2);
    assert!(said.contains("a run that is not in runs.csv"), "{said}");
    let runs = fs::read_to_string(folder.join("runs.csv")).expect("runs");
    fs::write(folder.join("runs.csv"), missing(&runs)).expect("writable");
    let said = with("metrics.csv", &missing, 12);
    assert!(said.contains("is incomplete: 8 of 9 runs"), "{said}");
    fs::write(folder.join("runs.csv"), runs).expect("writable");
    let said = with("summary.csv", &|text| text.replace("0.", "1."), 2);
    assert!(
        said.contains("results/small/summary.csv is not what"),
        "{said}"
    );
    assert!(said.contains("run the scenario again"), "{said}");
    let said = with("resolved/flood.toml", &|_| String::new(), 2);
    assert!(said.contains("resolved/flood.toml"), "{said}");
    let older = |text: &str| text.replacen("peerlab ", "peerlab 0.0.", 1);
    let said = with("notes.txt", &older, 2);
    assert!(said.contains("is of version 0.0."), "{said}");
    let said = with(
        "charts/broadcast.delay.svg",
        &|text| text[..99].to_owned(),
        2,
    );
    assert!(said.contains("charts/broadcast.delay.svg:"), "{said}");
    let page = fs::read_to_string(folder.join("report.html")).expect("as it was");
    assert!(page == first, "nothing of it is lost");
    fs::create_dir(place.0.join("empty")).expect("a folder");
    let said = refused(&place, &["empty"], 2);
    assert!(said.contains("empty is not a folder of results"), "{said}");
    let said = refused(&place, &["nowhere"], 2);
    assert!(
        said.contains("nowhere is not a folder of results"),
        "{said}"
    );
}
