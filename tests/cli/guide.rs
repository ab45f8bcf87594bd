//! `docs/cluster.md` tells the truth: its commands are run in an empty folder, its script is what is printed.

use super::{Place, text};
use std::fs;
use std::path::Path;

fn guide() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(root.join("docs/cluster.md")).expect("the guide")
}

/// A folder with the scenario that the guide speaks of.
fn place(name: &str) -> Place {
    let place = Place::new(name);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let scenario = fs::read_to_string(root.join("scenarios/hello.toml")).expect("a scenario");
    fs::create_dir(place.0.join("scenarios")).expect("a folder");
    place.write("scenarios/hello.toml", &scenario);
    place
}

#[test]
fn the_commands_of_the_guide_say_what_it_says() {
    let (guide, place) = (guide(), place("guide"));
    let blocks = guide.split("```console\n").skip(1);
    let blocks = blocks.map(|block| block.split("```").next().expect("an end"));
    let mut commands = 0;
    for step in blocks.flat_map(|block| block.split("$ ").skip(1)) {
        let (command, expected) = step.split_once('\n').expect("a line");
        let (code, expected) = match expected.strip_prefix("? ") {
            Some(rest) => rest.split_once('\n').expect("a line"),
            None => ("0", expected),
        };
        let words: Vec<&str> = command.split(' ').collect();
        assert_eq!(words[0], "sim");
        let output = place.sim(&words[1..]);
        let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert_eq!(said.trim_end(), expected.trim_end(), "{command}");
        assert_eq!(output.status.code(), code.parse().ok(), "{command}");
        commands += 1;
    }
    assert_eq!(commands, 4);
}

#[test]
fn the_guide_shows_the_script_for_slurm() {
    let place = place("guide-script");
    let output = place.sim(&["submit", "slurm", "scenarios/hello.toml", "--parts", "4"]);
    let script = text(&output.stdout).replace(env!("CARGO_BIN_EXE_sim"), "sim");
    let shown = format!("```bash\n{script}```\n");
    assert!(
        guide().contains(&shown),
        "docs/cluster.md does not have:\n{script}"
    );
}
