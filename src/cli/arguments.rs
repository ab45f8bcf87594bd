//! The arguments, as clap reads them; their doc comments are the help.

mod parts;

pub(super) use parts::{Merge, Plan, Slurm, Submit};

use super::exit::TABLE;
use super::terminal::Color;
use crate::experiment::Shard;
use crate::network::graph::ExportFormat;
use crate::network::routers::RouterFormat;
use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use std::path::PathBuf;

/// Simulates peer-to-peer networks: deterministic, and as large as memory allows.
#[derive(Parser, Debug)]
#[command(name = "sim", version, after_help = FIRST_STEPS, after_long_help = TABLE)]
pub(super) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Colours on a terminal; `NO_COLOR` is honoured.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
}

const FIRST_STEPS: &str = "\
First steps:
  sim init study                   write a scenario with comments
  sim run study/scenario.toml      run it; results go to results/NAME
  sim explain protocol.gossip      what a key of a scenario means";

/// What to do.
#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Write a scenario with comments, to start from.
    Init(Init),
    /// List scenarios with the questions they ask.
    List(List),
    /// Check scenarios without running them.
    Check(Check),
    /// Explain a key of scenario files.
    Explain(Explain),
    /// Fit laws to measured sessions, for `[churn]` of a scenario.
    Fit(Fit),
    /// Print the JSON Schema of scenario files, for editors.
    Schema,
    /// Run a scenario: every variant, every swept value, every seed.
    #[command(after_help = TABLE)]
    Run(Run),
    /// List the runs of a scenario, each with an id from all that it depends on.
    Plan(Plan),
    /// Put the parts of an experiment together, which `sim run --shard` has left.
    #[command(after_help = TABLE)]
    Merge(Merge),
    /// Print the script that submits an experiment in parts to a cluster.
    #[command(subcommand)]
    Submit(Submit),
    /// Compare results: with a baseline, or variants with each other.
    #[command(after_long_help = METHODS)]
    Compare(Compare),
    /// Keep what results are, for later ones to be compared with.
    #[command(subcommand)]
    Baseline(Baseline),
    /// Make the page of results again, by your own template if you like.
    Report(Report),
    /// Look at a graph: statistics, formats of other programs, a picture.
    #[command(subcommand)]
    Topology(Topology),
    /// Measure published results: source, expected, measured, tolerance, verdict.
    Validate(Validate),
    /// Measure what the engine costs on this machine, part by part.
    Bench(Bench),
    /// Print completions for a shell.
    Completions(Completions),
    /// Print the manual page.
    Man,
}

/// `sim init`.
#[derive(Args, Debug)]
pub(super) struct Init {
    /// The folder to write `scenario.toml` into; it is made if it is not there.
    #[arg(default_value = ".", value_hint = ValueHint::DirPath)]
    pub folder: PathBuf,
}

/// `sim list`.
#[derive(Args, Debug)]
pub(super) struct List {
    /// The folder to look in, folders in it included.
    #[arg(default_value = "scenarios", value_hint = ValueHint::DirPath)]
    pub folder: PathBuf,
}

/// `sim check`.
#[derive(Args, Debug)]
pub(super) struct Check {
    /// The scenarios.
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
    /// Lay KEY=VALUE over each file before its variants.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub sets: Vec<String>,
}

/// `sim explain`.
#[derive(Args, Debug)]
pub(super) struct Explain {
    /// A dotted key, such as `protocol.gossip.strategy`; all top keys if left out.
    #[arg(default_value = "")]
    pub key: String,
}

/// `sim fit`.
#[derive(Args, Debug)]
pub(super) struct Fit {
    /// A column of lives in seconds, or a trace as `churn.trace` has it: CSV or AVT.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
}

/// `sim topology`.
#[derive(Subcommand, Debug)]
pub(super) enum Topology {
    /// Degrees, components, clustering, path lengths, diameter. Paths of more than 5000 peers are
    /// counted from 500 of them, and the output says so.
    Stats(TopologyStats),
    /// Write the graph for other programs.
    Export(TopologyExport),
    /// Draw the graph: on the map if it has places, by springs up to 1000 nodes, else in a circle.
    Draw(TopologyDraw),
}

/// Where a graph is from.
#[derive(Args, Debug)]
pub(super) struct GraphSource {
    /// A scenario (the overlay of its first point; its routers, if it has none), or a file with a
    /// graph.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// What a file with a graph holds; by its ending if left out.
    #[arg(long, value_name = "FORMAT")]
    pub input: Option<GraphInput>,
    /// Lay KEY=VALUE over a scenario.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub sets: Vec<String>,
    /// Look at the routers of a scenario, even if it has an overlay.
    #[arg(long)]
    pub routers: bool,
    /// The seed of a generated graph, and of a sample of its paths.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
}

/// What a file with a graph holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum GraphInput {
    /// GML, as Shadow writes it.
    Gml,
    /// `GraphML`, as the Internet Topology Zoo has it.
    Graphml,
    /// A link per line with its delay.
    EdgeList,
    /// A link per line, whatever follows the two names.
    Links,
    /// Inet-3.0.
    Inet,
    /// Maps of Rocketfuel.
    Rocketfuel,
}

impl From<GraphInput> for RouterFormat {
    fn from(input: GraphInput) -> Self {
        match input {
            GraphInput::Gml => Self::Gml,
            GraphInput::Graphml => Self::Graphml,
            GraphInput::EdgeList => Self::EdgeList,
            GraphInput::Links => Self::Links,
            GraphInput::Inet => Self::Inet,
            GraphInput::Rocketfuel => Self::Rocketfuel,
        }
    }
}

/// `sim topology stats`.
#[derive(Args, Debug)]
pub(super) struct TopologyStats {
    #[command(flatten)]
    pub source: GraphSource,
    /// Print one JSON document instead of the table.
    #[arg(long)]
    pub json: bool,
}

/// A format of other programs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum GraphOutput {
    /// `GraphML`: yEd, networkx, igraph, and `[network.routers]`.
    Graphml,
    /// GEXF: Gephi.
    Gexf,
    /// DOT: Graphviz.
    Dot,
}

impl From<GraphOutput> for ExportFormat {
    fn from(output: GraphOutput) -> Self {
        match output {
            GraphOutput::Graphml => Self::Graphml,
            GraphOutput::Gexf => Self::Gexf,
            GraphOutput::Dot => Self::Dot,
        }
    }
}

/// `sim topology export`.
#[derive(Args, Debug)]
pub(super) struct TopologyExport {
    #[command(flatten)]
    pub source: GraphSource,
    /// The format.
    #[arg(long, value_name = "FORMAT")]
    pub format: GraphOutput,
    /// Write into this file instead of the standard output.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,
}

/// `sim topology draw`.
#[derive(Args, Debug)]
pub(super) struct TopologyDraw {
    #[command(flatten)]
    pub source: GraphSource,
    /// The SVG file to write.
    #[arg(long, value_name = "FILE.svg", value_hint = ValueHint::FilePath)]
    pub out: PathBuf,
}

/// `sim validate`.
#[derive(Args, Debug)]
pub(super) struct Validate {
    /// The families to measure: the letters that claims begin with, such as C for Chord and D for
    /// Kademlia. All if left out.
    #[arg(value_name = "FAMILY", value_parser = ["A", "B", "C", "D", "E", "F", "G", "I", "L", "M", "N"])]
    pub families: Vec<String>,
    /// All seeds, which takes far longer; otherwise the quick set that is among the tests.
    #[arg(long)]
    pub full: bool,
    /// Print one JSON document instead of the table.
    #[arg(long)]
    pub json: bool,
    /// No word on the standard error about what is being measured.
    #[arg(long, short)]
    pub quiet: bool,
}

/// `sim bench`.
#[derive(Args, Debug)]
pub(super) struct Bench {
    /// All sizes up to a million peers, which takes two minutes; otherwise some seconds and up to
    /// 100 000 peers, too short to compare versions by.
    #[arg(long)]
    pub full: bool,
    /// Measure one part alone.
    #[arg(long, value_name = "PART", value_parser = crate::bench::PARTS)]
    pub only: Option<String>,
    /// Print one JSON document instead of the table.
    #[arg(long)]
    pub json: bool,
    /// Draw how the cost of an event grows with the peers into this SVG or PNG file, with the
    /// numbers as CSV beside it.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub chart: Option<PathBuf>,
    /// No word on the standard error about what is being measured.
    #[arg(long, short)]
    pub quiet: bool,
}

/// `sim completions`.
#[derive(Args, Debug)]
pub(super) struct Completions {
    /// The shell.
    pub shell: clap_complete::Shell,
}

/// What `sim compare --help` says of the statistics.
const METHODS: &str = "\
Pairs:
  Runs with the same seed have the same topology, churn and workload, so each is compared with its
  partner. Differences of such pairs are independent of each other; that much all methods assume.

Questions:
  Those of [[compare]] in the scenario: metric, where, min_effect, margin, better, method. Without any,
  the metrics that [[expect]] names; without any, the first that know which way is better.

Verdicts:
  worse   by more than the margin                      better  by more than min_effect
  same    between the two, or equal in every pair      unsure  the pairs cannot tell
  A verdict is given where the 95 % interval leaves nothing else. Several questions are corrected by
  Holm's rule: with 95 % none of all the verdicts is wrong.

Methods:
  t          Student's t of the differences (the default). Assumes that they are near normal, as averages
             over many messages are. From 2 pairs. Measured to cover 95 % +- 2 from 5 pairs on, for
             long-tailed differences too, for uniform ones from 10; but 88 % for exponential ones of 5.
  sign-flip  Assumes that differences are symmetric about their mean, no more. All choices of signs up to
             20 pairs, 19 999 drawn ones above. From 6 pairs: 5 have no choice rarer than 2 in 32.
  bootstrap  Studentised, 9 999 resamples. Assumes no shape, but enough pairs to stand for all. From 20.
  McNemar    For metrics that say yes or no once in a run, always: exact test, Tango's score interval
             (and his test where there is a margin). From 6 pairs.
  Where t and sign-flip disagree about a difference, it is said.

Exit codes: 0 nothing worse, 11 something worse (--strict: or unsure), 12 runs missing, 20 not identical";

/// Which results.
#[derive(Args, Debug)]
pub(super) struct Source {
    /// A scenario, which is run first; or a folder of results, which is read as it is.
    #[arg(value_name = "FILE|DIR", value_hint = ValueHint::AnyPath)]
    pub target: PathBuf,
    /// Lay KEY=VALUE over the scenario before it is run.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub sets: Vec<String>,
    /// Run so many seeds instead of the scenario's number, without `[repeat]`.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub seeds: Option<u32>,
    /// Run so many runs side by side; as many as there are processors if left out.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: Option<u16>,
    /// Write results of the run into this folder instead of results/NAME.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: Option<PathBuf>,
    /// Neither progress nor remarks on the standard error.
    #[arg(long, short)]
    pub quiet: bool,
}

/// What a CI service reads.
#[derive(Args, Default, Debug)]
pub(super) struct Reports {
    /// Write the verdicts as JUnit XML into this file.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub junit: Option<PathBuf>,
    /// Write tables and verdicts as Markdown into this file; what `$GITHUB_STEP_SUMMARY` names gets them
    /// at its end anyway.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub summary: Option<PathBuf>,
    /// The scenario that JUnit XML and annotations point into, if it is not the one that was read: of a
    /// folder of results, which has a copy.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub scenario: Option<PathBuf>,
}

/// `sim compare`.
#[derive(Args, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "these are switches of a command line"
)]
pub(super) struct Compare {
    #[command(flatten)]
    pub source: Source,
    /// Compare with this baseline, which `sim baseline accept` has written; without, every variant with
    /// the base variant.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub baseline: Option<PathBuf>,
    /// Judge this metric instead of those that the scenario names.
    #[arg(long, value_name = "NAME")]
    pub metric: Vec<String>,
    /// Compare although the baseline is of other settings or another version; it is said.
    #[arg(long, requires = "baseline")]
    pub force: bool,
    /// Demand that every run is the baseline's to the bit, as after a change that should change nothing,
    /// or on another machine.
    #[arg(long, requires = "baseline")]
    pub identical: bool,
    /// Count what the pairs cannot decide as worse.
    #[arg(long)]
    pub strict: bool,
    /// Print one JSON document instead of the tables.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub reports: Reports,
}

/// `sim baseline`.
#[derive(Subcommand, Debug)]
pub(super) enum Baseline {
    /// Write results as a baseline.
    Accept(Accept),
    /// Show what is in a baseline.
    Show(Show),
}

/// `sim baseline accept`.
#[derive(Args, Debug)]
pub(super) struct Accept {
    #[command(flatten)]
    pub source: Source,
    /// The file to write, or to replace; baselines/NAME.json if left out.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub baseline: Option<PathBuf>,
}

/// `sim baseline show`.
#[derive(Args, Debug)]
pub(super) struct Show {
    /// The baseline.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
}

/// `sim report`.
#[derive(Args, Debug)]
pub(super) struct Report {
    /// The folder of results.
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath, required_unless_present = "print_template")]
    pub results: Option<PathBuf>,
    /// Make it by this template, in the language of Jinja. A name that ends in .html, .htm or .xml has
    /// what it shows escaped.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub template: Option<PathBuf>,
    /// Write this file instead of report.html in the folder.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,
    /// Print the built-in template, to start from.
    #[arg(long, conflicts_with_all = ["results", "template", "out"])]
    pub print_template: bool,
}

/// `sim run`.
#[derive(Args, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "these are switches of a command line"
)]
pub(super) struct Run {
    /// The scenario.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Lay KEY=VALUE over the file before its variants: --set peers=100 --set duration="10 min".
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub sets: Vec<String>,
    /// Run so many seeds instead of the scenario's number, without `[repeat]`.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub seeds: Option<u32>,
    /// Run only the points with this variant or swept value; nothing is written without --out.
    #[arg(long, value_name = "KEY=VALUE")]
    pub only: Vec<String>,
    /// Run so many runs side by side; as many as there are processors if left out.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: Option<u16>,
    /// Divide each run into so many threads: for few large runs. Results stay the same.
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(u16).range(1..=64))]
    pub shards: u16,
    /// Run part K of N alone: every N-th run, into the folder results/NAME.parts or --out, for `sim merge`.
    /// What is there already is not run again. With `auto`, which part is read from the environment: of an
    /// array of Slurm, an indexed job of Kubernetes (with `SIM_SHARDS` as N), or `SIM_SHARD` as K/N.
    #[arg(long, value_name = "K/N|auto", value_parser = super::shards::parse,
          conflicts_with_all = ["only", "json", "check_determinism"])]
    pub shard: Option<Shard>,
    /// Write results into this folder instead of results/NAME.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: Option<PathBuf>,
    /// Print one JSON document instead of the table.
    #[arg(long)]
    pub json: bool,
    /// Write each chart as PNG too.
    #[arg(long)]
    pub png: bool,
    /// Neither progress nor remarks on the standard error.
    #[arg(long, short)]
    pub quiet: bool,
    /// Count an expectation that the runs cannot decide as failed.
    #[arg(long)]
    pub strict: bool,
    /// Run everything twice, on one shard and on several, and compare.
    #[arg(long)]
    pub check_determinism: bool,
    #[command(flatten)]
    pub reports: Reports,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }
}
