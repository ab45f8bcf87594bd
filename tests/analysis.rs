//! The Python snippets of `docs/analysis.md` are run, and print what it says. Skipped where there is no
//! Python with the libraries they use; `.ci/python` makes one. `PEERLAB_PYTHON` names another Python than
//! `python3`.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// The blocks of a language in a part of the document, one after the other.
fn blocks(part: &str, language: &str) -> String {
    let fence = format!("```{language}\n");
    let blocks = part.split(&fence).skip(1);
    let blocks = blocks.filter_map(|rest| rest.split_once("```"));
    blocks.map(|(block, _)| block).collect()
}

fn python() -> Command {
    let program = std::env::var_os("PEERLAB_PYTHON").unwrap_or_else(|| "python3".into());
    let mut command = Command::new(program);
    command
        .arg("-")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// What a script prints and complains of; `None` if there is no Python.
fn run(script: &str) -> Option<(bool, String, String)> {
    let mut child = python().spawn().ok()?;
    let mut input = child.stdin.take().expect("a pipe");
    // A Python that ends before it has read everything says why.
    let _ = input.write_all(script.as_bytes());
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace("\r\n", "\n");
    Some((
        output.status.success(),
        text(&output.stdout),
        text(&output.stderr),
    ))
}

#[test]
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn the_snippets_print_what_the_document_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/analysis.md");
    let document = std::fs::read_to_string(path).expect("the document");
    if !run("import pandas, duckdb").is_some_and(|(is_there, _, _)| is_there) {
        eprintln!("skipped: no Python with pandas and DuckDB; .ci/python makes one");
        return;
    }
    let mut scripts = 0;
    for part in document.split("\n## ") {
        let script = blocks(part, "python");
        if script.is_empty() {
            continue;
        }
        scripts += 1;
        let (is_fine, said, complaint) = run(&script).expect("Python is there");
        assert!(is_fine, "{complaint}");
        assert_eq!(said, blocks(part, "text"), "{script}");
    }
    assert_eq!(scripts, 2, "pandas and DuckDB");
}
