//! The console blocks of the README are run, and print what it says.

#[test]
fn the_readme_tells_the_truth() {
    // As on a terminal, also where the tests run on a service.
    trycmd::TestCases::new()
        .env("GITHUB_ACTIONS", "")
        .env("GITHUB_STEP_SUMMARY", "")
        .case("README.md");
}
