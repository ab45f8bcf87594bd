use super::super::contents::files;
use super::super::results::examples::eclipse;
use super::*;
use crate::experiment::Run;
use crate::observe::record::{Observation, Record};
use crate::report::gather::gather;
use crate::scenario::load;
use roxmltree::{Document, ParsingOptions};

/// Names that mean something to a browser.
const HOSTILE: &str = "</script><img src=x onerror=alert(1)> \\\"' & ]]> {{ name }} \\u0001";

fn scenario(about: &str, sets: &[String]) -> Scenario<Settings> {
    let text = format!(
        "name = \"t\"\nabout = \"{about}\"\nbase_variant = \"push\"\npeers = 10\nduration = \"1 s\"\n\
         seeds.count = 2\nnetwork.constant.latency = \"50 ms\"\ntopology.regular.degree = 4\n\
         protocol.gossip.strategy.push.fanout = 3\nvariants.flood.protocol.gossip.strategy.flood = {{}}\n\
         sweep.\"protocol.gossip.strategy.push.fanout\" = [2, 4]\n\
         [[expect]]\nmetric = \"broadcast.reliability\"\nabove = \"10 %\"\n\
         [[chart]]\nkind = \"lines\"\nmetric = \"broadcast.reliability\"\ntitle = \"{about}\"\n"
    );
    load("t.toml", &text, sets).unwrap_or_else(|problems| panic!("{problems}"))
}

fn results(scenario: &Scenario<Settings>, note: &str) -> Results {
    let planned = scenario.runs().enumerate();
    let runs = planned.map(|(number, (point, seed))| {
        let observation = Observation {
            metric: "broadcast.reliability".to_owned(),
            value: 1.0 / (number + 1) as f64,
            trials: 0,
        };
        let record = Record {
            observations: vec![observation],
            digest: number as u64,
            notes: vec![note.to_owned()],
            ..Record::default()
        };
        let run = Run {
            number,
            point,
            seed,
        };
        (run, Some(record))
    });
    gather(scenario, "1.2.3", runs.collect())
}

fn html(scenario: &Scenario<Settings>, results: &Results) -> String {
    let files = files(scenario, results, false).expect("files");
    let mut pages = files.into_iter();
    let page = pages.find(|(name, _)| name == "report.html");
    String::from_utf8(page.expect("a page").1).expect("text")
}

fn with_doctype<'input>() -> ParsingOptions<'input> {
    ParsingOptions {
        allow_dtd: true,
        ..ParsingOptions::default()
    }
}

#[test]
fn names_stay_words_whatever_they_hold() {
    let scenario = scenario(HOSTILE, &[]);
    let note = "</style><svg onload=alert(1)>";
    let html = html(&scenario, &results(&scenario, note));
    let document = Document::parse_with_options(&html, with_doctype());
    let document = document.unwrap_or_else(|error| panic!("{error}: {html}"));
    let elements = || document.descendants().filter(roxmltree::Node::is_element);
    let count = |name: &str| {
        elements()
            .filter(|node| node.tag_name().name() == name)
            .count()
    };
    assert_eq!((count("script"), count("style"), count("img")), (1, 1, 0));
    assert_eq!(
        count("svg"),
        elements()
            .filter(|node| node.has_attribute("role") && node.attribute("role") == Some("img"))
            .count()
    );
    let attributes = || elements().flat_map(|node| node.attributes());
    assert!(attributes().all(|one| !one.name().starts_with("on")));
    // A browser reads `<script>` and `<style>` otherwise than XML does: nothing of ours is in them.
    assert_eq!(html.matches("</script>").count(), 1);
    assert_eq!(html.matches("</style>").count(), 1);
    let said = "</script><img src=x onerror=alert(1)> \"' & ]]> {{ name }} \u{fffd}";
    let heading = elements().find(|node| node.attribute("class") == Some("about"));
    assert_eq!(heading.and_then(|node| node.text()), Some(said));
    let title = elements().find(|node| node.tag_name().name() == "title");
    let title = title.and_then(|node| node.text());
    assert_eq!(title, Some(&*format!("t: {said}")));
    let labels = attributes().filter(|one| one.name() == "aria-label");
    assert!(labels.clone().any(|one| one.value().contains("<img src=x")));
    assert!(document.descendants().any(|node| node.text() == Some(note)));
}

/// Everything in the example but the page's own words has two points or more.
#[test]
fn a_page_has_what_a_reader_asks_for() {
    let sets = vec!["peers=12".to_owned()];
    let scenario = scenario("Why?", &sets);
    let results = results(&scenario, "a note");
    let notes = Origin::write(&results, &sets).join("\n") + "\n- a note\n";
    let page = Page::new(&scenario, &results, &notes, &[]).expect("a page");
    assert_eq!(page.size, "6 runs: 3 points × 2 seeds");
    assert_eq!(page.variants, ["push", "flood"]);
    assert_eq!(
        page.command,
        "sim run results/t/scenario.toml --set peers=12"
    );
    assert_eq!(page.notes, ["a note"]);
    assert_eq!(page.expectations.len(), 3);
    assert_eq!(page.comparisons.len(), 2);
    assert_eq!(page.summary.rows.len(), 3);
    assert!(page.everything.columns.len() > page.summary.columns.len());
    // The scenario's chart is not in the folder; the change by pairs is the page's own.
    let titles: Vec<&str> = page.charts.iter().map(|chart| &*chart.title).collect();
    assert_eq!(titles, ["Change of reliability"]);
    let peers = page.settings.iter().find(|one| one.key == "peers");
    let peers = &peers.expect("a setting").values;
    assert_eq!((peers.len(), &*peers[0].value), (1, "12"));
    assert_eq!(peers[0].set_by, "command line");
    assert!(peers[0].variants.is_empty(), "all have it");
}

#[test]
fn seeds_are_told_as_they_were_given() {
    let scenario = scenario("", &[]);
    let command = |notes: &str| {
        let changed = Origin::changed(notes);
        command(&scenario, notes, &changed, true)
    };
    let line = |set: &str| format!("- changed on the command line: {set}\n");
    let start = "sim run results/t/scenario.toml";
    let both = line("duration=\"9 s\"") + &line("seeds.count=3");
    assert_eq!(
        command(&both),
        format!("{start} --set 'duration=\"9 s\"' --seeds 3")
    );
    // `[repeat]` began with them and went on.
    let repeated = both + "- repeated to 40 seeds: known\n";
    assert_eq!(
        command(&repeated),
        format!("{start} --set 'duration=\"9 s\"' --set seeds.count=3")
    );
}

#[test]
fn a_template_can_be_anybodys() {
    let scenario = scenario("a < b", &[]);
    let results = results(&scenario, "");
    let page = Page::new(&scenario, &results, "", &[]).expect("a page");
    let made = |name: &str, text: &str| {
        let template = Template::new(name, text).unwrap_or_else(|problems| panic!("{problems}"));
        template.render(&page)
    };
    let rows = "{% for one in expectations %}\n- {{ one.verdict }}\n{% endfor %}\n";
    let text = format!("{{{{ about }}}}\n{rows}");
    let expected = "a < b\n- unsure\n- unsure\n- unsure\n";
    assert_eq!(made("mine.md", &text).expect("text"), expected);
    let html = made("mine.html", "{{ about }}").expect("a page");
    assert_eq!(html, "a &lt; b");
}

#[test]
fn a_wrong_template_shows_where() {
    let page = Page::new(&scenario("", &[]), &eclipse(2), "", &[]).expect("a page");
    let said = |text: &str| {
        let template = Template::new("mine.html", text);
        let problems = template.and_then(|template| template.render(&page));
        problems.expect_err("it is wrong").to_string()
    };
    let open = said("one\n{% for a in charts %}\n");
    assert!(open.contains("mine.html:"), "{open}");
    let unknown = said("one\n  {{ chrats }}\n");
    assert!(unknown.contains("mine.html:2:6"), "{unknown}");
    assert!(unknown.contains("undefined"), "{unknown}");
    let filter = said("one\ntwo {{ name|uppper }}");
    assert!(filter.contains("mine.html:2:"), "{filter}");
    assert!(filter.contains("uppper"), "{filter}");
    assert!(said("{{").contains("mine.html:1:"));
    assert!(said("\u{e9}{{ name.no.such }}").contains("mine.html:1:"));
}

/// A user's template depends on these names.
#[test]
fn every_name_that_a_template_has_is_documented() {
    let document = include_str!("../../../docs/report.md");
    let scenario = scenario("Why?", &[]);
    let mut page = Page::new(&scenario, &results(&scenario, ""), "", &[]).expect("a page");
    page.charts.truncate(1);
    let mut open = vec![serde_json::to_value(&page).expect("JSON")];
    let mut count = 0;
    while let Some(value) = open.pop() {
        match value {
            serde_json::Value::Object(object) => {
                for (key, value) in object {
                    assert!(document.contains(&format!("`{key}`")), "`{key}`");
                    count += 1;
                    open.push(value);
                }
            }
            serde_json::Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    assert!(count > 100, "lists have something in them");
}
