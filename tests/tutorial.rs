//! `docs/tutorial.md` is followed in an empty folder: its commands are run and print what it says, its
//! changes are made to the scenario.

use std::fs;
use std::path::Path;

const SCENARIO: &str = "study/scenario.toml";

/// The fenced blocks of a document: language and text.
fn blocks(document: &str) -> Vec<(&str, &str)> {
    let mut fences = document.split("```");
    let mut blocks = Vec::new();
    while let (Some(_), Some(block)) = (fences.next(), fences.next()) {
        blocks.extend(block.split_once('\n'));
    }
    blocks
}

/// Runs the commands of one block here, as the README's are.
fn run(at: usize, block: &str) {
    let file = format!("block-{at}.md");
    fs::write(&file, format!("```console\n{block}```\n")).expect("a writable folder");
    trycmd::TestCases::new()
        .env("GITHUB_ACTIONS", "")
        .env("GITHUB_STEP_SUMMARY", "")
        .case(&file);
    fs::remove_file(&file).expect("it goes");
}

/// Replaces the line that is taken out by the one that is put in.
fn change(block: &str) {
    let line = |sign: char| {
        let mut lines = block.lines();
        lines
            .find_map(|line| line.strip_prefix(sign))
            .expect("a line")
    };
    let text = fs::read_to_string(SCENARIO).expect("the scenario");
    assert_eq!(text.matches(line('-')).count(), 1, "{block}");
    fs::write(SCENARIO, text.replace(line('-'), line('+'))).expect("writable");
}

#[test]
fn the_tutorial_can_be_followed() {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/tutorial.md");
    let document = fs::read_to_string(document).expect("the tutorial");
    let place = std::env::temp_dir().join(format!("peerlab-tutorial-{}", std::process::id()));
    let _ = fs::remove_dir_all(&place);
    fs::create_dir_all(&place).expect("a writable temporary folder");
    // The only test of this program, so that nobody else is moved.
    std::env::set_current_dir(&place).expect("a folder");
    let mut commands = 0;
    for (at, (language, block)) in blocks(&document).into_iter().enumerate() {
        match language {
            "console" => {
                commands += block.matches("$ sim ").count();
                run(at, block);
            }
            "diff" => change(block),
            "toml" => {
                let text = fs::read_to_string(SCENARIO).expect("the scenario");
                fs::write(SCENARIO, format!("{text}\n{block}")).expect("writable");
            }
            // How to install.
            _ => assert_eq!(language, "sh"),
        }
    }
    assert_eq!(commands, 9);
    assert!(Path::new("results/first/report.html").exists());
    std::env::set_current_dir(std::env::temp_dir()).expect("a folder");
    let _ = fs::remove_dir_all(place);
}
