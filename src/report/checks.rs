//! Verdicts as a CI service reads them: one list of checks, whoever judged, as JUnit XML, as
//! annotations and as Markdown.

use super::compare::{Change, Row, sentence, title};
use super::verdict::Judgement;
use crate::scenario::Verdict;

/// How a check ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    /// As it should be.
    Pass,
    /// Not as it should be.
    Fail,
    /// The runs cannot tell; asked to be strict, that is a failure.
    Unsure,
}

/// One thing that was checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Check {
    /// What tells it from the others.
    pub name: String,
    /// How it ended.
    pub ending: Ending,
    /// What is, and what should be.
    pub said: String,
    /// The line of the scenario it stands at, from 1.
    pub line: Option<usize>,
}

/// The checks of expectations.
pub fn of_judgements(judgements: &[Judgement<'_>]) -> Vec<Check> {
    let checks = judgements.iter().map(|judgement| {
        let point = judgement.point.label();
        let colon = if point.is_empty() { "" } else { ": " };
        let doubt = judgement
            .doubt()
            .map_or_else(String::new, |doubt| format!("; {doubt}"));
        let expect = judgement.expect;
        Check {
            // The line tells apart two expectations of one metric.
            name: format!("{point}{colon}{}, line {}", expect.metric, expect.line),
            ending: match judgement.verdict {
                Verdict::Pass => Ending::Pass,
                Verdict::Fail => Ending::Fail,
                Verdict::Unsure => Ending::Unsure,
            },
            said: format!("{point}{colon}{}{doubt}", judgement.sentence()),
            line: Some(expect.line),
        }
    });
    checks.collect()
}

/// The checks of a comparison: that nothing is worse.
pub fn of_rows(rows: &[Row<'_>]) -> Vec<Check> {
    let checks = rows.iter().map(|row| Check {
        name: format!("{}: {}", title(row), row.question.metric),
        ending: match row.change {
            Change::Better | Change::Same => Ending::Pass,
            Change::Unsure if row.not_worse => Ending::Pass,
            Change::Worse => Ending::Fail,
            Change::Unsure => Ending::Unsure,
        },
        said: format!("{}: {}", title(row), sentence(row)),
        line: row.question.line,
    });
    checks.collect()
}

/// JUnit XML: a suite with a case for each check; what is unsure is skipped, or failed if `strict`.
/// Without times, so that the same results give the same bytes. `file` is the scenario's path.
pub fn junit(suite: &str, file: &str, checks: &[Check], strict: bool) -> String {
    let count = |ending: Ending| checks.iter().filter(|check| check.ending == ending).count();
    let unsure = count(Ending::Unsure);
    let (failures, skipped) = if strict {
        (count(Ending::Fail) + unsure, 0)
    } else {
        (count(Ending::Fail), unsure)
    };
    let counts = format!(
        "tests=\"{}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\"",
        checks.len()
    );
    let (suite, file) = (escaped(suite), escaped(file));
    let mut lines = vec![
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>".to_owned(),
        format!("<testsuites name=\"sim\" {counts}>"),
        format!("  <testsuite name=\"{suite}\" {counts}>"),
    ];
    for check in checks {
        let (name, said) = (escaped(&check.name), escaped(&check.said));
        let line = check
            .line
            .map_or_else(String::new, |line| format!(" line=\"{line}\""));
        let case = format!("<testcase classname=\"{suite}\" name=\"{name}\" file=\"{file}\"{line}");
        let inside = match check.ending {
            Ending::Pass => None,
            Ending::Fail => Some(format!("<failure message=\"{said}\"/>")),
            Ending::Unsure if strict => Some(format!("<failure message=\"unsure: {said}\"/>")),
            Ending::Unsure => Some(format!("<skipped message=\"unsure: {said}\"/>")),
        };
        lines.push(match inside {
            None => format!("    {case}/>"),
            Some(inside) => format!("    {case}>{inside}</testcase>"),
        });
    }
    lines.extend(["  </testsuite>", "</testsuites>", ""].map(str::to_owned));
    lines.join("\n")
}

/// Text inside an attribute; what XML 1.0 has no place for becomes U+FFFD.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' | '\r' => out.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// The workflow commands by which GitHub shows a check at its line of the scenario: an error for what
/// failed, a warning for what is unsure, nothing for the rest.
pub fn annotations(suite: &str, file: &str, checks: &[Check], strict: bool) -> Vec<String> {
    let lines = checks.iter().filter_map(|check| {
        let kind = match check.ending {
            Ending::Pass => return None,
            Ending::Unsure if !strict => "warning",
            Ending::Fail | Ending::Unsure => "error",
        };
        let line = check
            .line
            .map_or_else(String::new, |line| format!(",line={line}"));
        let unsure = if check.ending == Ending::Unsure {
            "unsure: "
        } else {
            ""
        };
        let said = data(&format!("{unsure}{}", check.said));
        let (file, suite) = (property(file), property(suite));
        Some(format!("::{kind} file={file}{line},title={suite}::{said}"))
    });
    lines.collect()
}

/// The words of a workflow command, escaped as GitHub's toolkit does (`packages/core/src/command.ts`).
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// A section of Markdown: how many checks of `what` ended how, what failed or is unsure, and the table
/// below.
pub fn markdown(suite: &str, what: &str, checks: &[Check], table: &str) -> String {
    let of = |ending: Ending| checks.iter().filter(move |check| check.ending == ending);
    let words = [
        (Ending::Fail, "❌", "failed"),
        (Ending::Unsure, "❔", "unsure"),
        (Ending::Pass, "✅", "passed"),
    ];
    let counts = words
        .iter()
        .filter(|(ending, _, _)| of(*ending).next().is_some());
    let counts = counts.map(|(ending, _, word)| format!("{} {word}", of(*ending).count()));
    let counts: Vec<String> = counts.collect();
    let counts = if counts.is_empty() {
        "nothing judged".to_owned()
    } else {
        counts.join(", ")
    };
    let mut text = vec![format!("### {}: {what}, {counts}\n", plain(suite))];
    for (ending, mark, _) in words {
        for check in of(ending).filter(|check| check.ending != Ending::Pass) {
            let line = check
                .line
                .map_or_else(String::new, |line| format!(" (line {line})"));
            text.push(format!("- {mark} {}{line}", plain(&check.said)));
        }
    }
    if text.len() > 1 {
        text.push(String::new());
    }
    text.push(format!("{}\n\n", table.trim_end()));
    text.join("\n")
}

/// Names as they are, whatever they hold.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '<' | '>' | '*' | '`' | '|' | '\\') {
            out.push('\\');
        }
        out.push(if c == '\n' { ' ' } else { c });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checks() -> Vec<Check> {
        let check = |name: &str, ending, said: &str, line| Check {
            name: name.to_owned(),
            ending,
            said: said.to_owned(),
            line,
        };
        vec![
            check("good", Ending::Pass, "all is well", Some(3)),
            check(
                "<b> & \"q\"",
                Ending::Fail,
                "5 % < 7 %,\u{1} see: x",
                Some(7),
            ),
            check("open", Ending::Unsure, "about 9 seeds", None),
        ]
    }

    /// What a reader of XML gets back.
    #[test]
    fn the_xml_is_well_formed_and_says_what_was_said() {
        for (strict, failures, skipped) in [(false, "1", "1"), (true, "2", "0")] {
            let text = junit("t & t", "a/\"b\".toml", &checks(), strict);
            let document = roxmltree::Document::parse(&text).expect("XML");
            let suite = document
                .root_element()
                .first_element_child()
                .expect("a suite");
            let counts = ["tests", "failures", "skipped"].map(|name| suite.attribute(name));
            assert_eq!(counts, [Some("3"), Some(failures), Some(skipped)]);
            let cases: Vec<_> = suite
                .children()
                .filter(roxmltree::Node::is_element)
                .collect();
            assert_eq!(cases.len(), 3);
            assert!(cases[0].first_element_child().is_none());
            assert_eq!(cases[1].attribute("name"), Some("<b> & \"q\""));
            assert_eq!(cases[1].attribute("file"), Some("a/\"b\".toml"));
            assert_eq!(cases[1].attribute("line"), Some("7"));
            let failure = cases[1].first_element_child().expect("a failure");
            assert_eq!(failure.tag_name().name(), "failure");
            assert_eq!(
                failure.attribute("message"),
                Some("5 % < 7 %,\u{fffd} see: x")
            );
            let open = cases[2].first_element_child().expect("a word");
            assert_eq!(
                open.tag_name().name(),
                if strict { "failure" } else { "skipped" }
            );
        }
    }

    #[test]
    fn annotations_stand_at_their_line_and_are_escaped() {
        let said = annotations("t", "a,b:c.toml", &checks(), false);
        assert_eq!(
            said,
            [
                "::error file=a%2Cb%3Ac.toml,line=7,title=t::5 %25 < 7 %25,\u{1} see: x",
                "::warning file=a%2Cb%3Ac.toml,title=t::unsure: about 9 seeds",
            ]
        );
        assert!(annotations("t", "f", &checks(), true)[1].starts_with("::error file=f,title"));
    }

    #[test]
    fn the_summary_counts_and_escapes() {
        let text = markdown("t", "expectations", &checks(), "| a |\n");
        let expected = "### t: expectations, 1 failed, 1 unsure, 1 passed\n\n\
                        - ❌ 5 % \\< 7 %,\u{1} see: x (line 7)\n- ❔ about 9 seeds\n\n| a |\n\n";
        assert_eq!(text, expected);
        assert!(markdown("t", "comparisons", &[], "").starts_with("### t: comparisons, nothing"));
    }
}
