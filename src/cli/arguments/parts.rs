//! The arguments of what is about an experiment in parts.

use clap::{Args, Subcommand, ValueHint};
use std::path::PathBuf;

/// `sim plan`.
#[derive(Args, Debug)]
pub(in crate::cli) struct Plan {
    /// The scenario.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Lay KEY=VALUE over the file before its variants.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub sets: Vec<String>,
}

/// `sim merge`.
#[derive(Args, Debug)]
pub(in crate::cli) struct Merge {
    /// The scenario.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// The folders of its parts.
    #[arg(required = true, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub parts: Vec<PathBuf>,
    /// What was laid over the file when its parts were run.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub sets: Vec<String>,
    /// How many seeds were run instead of the scenario's number.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub seeds: Option<u32>,
    /// Write results into this folder instead of results/NAME.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: Option<PathBuf>,
    /// Print one JSON document instead of the table.
    #[arg(long)]
    pub json: bool,
    /// Count an expectation that the runs cannot decide as failed.
    #[arg(long)]
    pub strict: bool,
}

/// `sim submit`.
#[derive(Subcommand, Debug)]
pub(in crate::cli) enum Submit {
    /// For Slurm: an array of jobs, and one job after it that puts their runs together.
    #[command(after_help = SLURM)]
    Slurm(Slurm),
}

/// What `sim submit slurm --help` says besides.
const SLURM: &str = "\
Examples:
  sim submit slurm sweep.toml > sweep.sh            read it, change it, then: bash sweep.sh
  sim submit slurm sweep.toml | bash                or at once
  sim submit slurm sweep.toml --parts 64 -- --time=2:00:00 --mem-per-cpu=4G --partition=short

  Every job needs to see this folder: it has to lie on a file system that all nodes share. A part that is
  killed or preempted goes on from the runs it has complete; so does the whole when it is submitted again.
  The last job waits until all parts have succeeded, and is cancelled if one fails.";

/// `sim submit slurm`.
#[derive(Args, Debug)]
pub(in crate::cli) struct Slurm {
    /// The scenario.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Lay KEY=VALUE over the file before its variants.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub sets: Vec<String>,
    /// Run so many seeds instead of the scenario's number, without `[repeat]`.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub seeds: Option<u32>,
    /// Into how many parts to deal the runs: tasks of the array. A Slurm that nobody configured takes 1000 at
    /// most.
    #[arg(long, value_name = "N", default_value_t = 16,
          value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub parts: u32,
    /// How many runs a part makes side by side; each wants a processor, or as many as --shards says.
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: u16,
    /// Divide each run into so many threads, as `sim run --shards` does.
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(u16).range(1..=64))]
    pub shards: u16,
    /// Write results into this folder instead of results/NAME, and complete runs into DIR.parts before.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: Option<PathBuf>,
    /// Count an expectation that the runs cannot decide as failed.
    #[arg(long)]
    pub strict: bool,
    /// Options of sbatch for all jobs: time, memory, partition, account.
    #[arg(last = true, value_name = "SBATCH OPTION")]
    pub sbatch: Vec<String>,
}
