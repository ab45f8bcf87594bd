//! `docs/cluster.md` tells the truth: its commands are run in an empty folder, its script is what is printed,
//! its matrix makes the whole.

use super::{Place, assert_same, contents, text};
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

/// The jobs one after the other; artifacts come and go by hand.
#[test]
fn the_matrix_of_the_guide_makes_the_whole() {
    let (guide, place) = (guide(), Place::new("guide-matrix"));
    let lines = || guide.lines().map(str::trim);
    let shard = lines().find_map(|line| line.strip_prefix("SIM_SHARD: "));
    let shard = shard.expect("which part a job is");
    let steps: Vec<&str> = lines()
        .filter_map(|line| line.strip_prefix("- run: sim "))
        .collect();
    let [part, merge] = steps[..] else {
        panic!("{steps:?}");
    };
    let run = |step: &str, shard: &str| {
        let arguments: Vec<&str> = step.split(' ').collect();
        let mut command = place.command(&arguments);
        let output = command.env("SIM_SHARD", shard).output();
        let output = output.expect("the program starts");
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{step}: {said}");
    };
    run("init network", "");
    run("run network/scenario.toml --quiet", "");
    let whole = contents(&place.0.join("results/first"));
    let parts = place.0.join("parts");
    fs::create_dir(&parts).expect("a writable folder");
    for number in ["1", "2", "3", "4"] {
        let shard = shard.replace("${{ matrix.part }}", number);
        run(part, &shard.replace("${{ strategy.job-total }}", "4"));
        let own = place.0.join("part");
        for file in fs::read_dir(&own).expect("a part") {
            let file = file.expect("a run");
            fs::rename(file.path(), parts.join(file.file_name())).expect("a file");
        }
    }
    run(merge, "");
    assert_same(&whole, &contents(&place.0.join("results/first")));
}
