//! `sim topology`, line by line: what it prints is in `topology/*.trycmd`, what it draws in the
//! folders `*.out`.

#[test]
fn graphs_are_told_exported_and_drawn() {
    trycmd::TestCases::new().case("tests/cli/topology/*.trycmd");
}
