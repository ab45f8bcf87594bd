//! The command line. Results go to standard output, everything else to standard error; the only room
//! that prints, and that looks at a clock.

mod check;
mod explain;
mod init;
mod list;
mod run;
mod terminal;
mod validate;

use clap::{Args, CommandFactory, Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use terminal::Terminal;

/// Exit codes: what a script can tell apart.
pub mod exit {
    /// All is well.
    pub const FINE: u8 = 0;
    /// Something unexpected: a file cannot be written, say.
    pub const UNEXPECTED: u8 = 1;
    /// Wrong usage, or a scenario that is not right.
    pub const USAGE: u8 = 2;
    /// An expectation failed (with `--strict`, or was unsure).
    pub const EXPECTATION: u8 = 10;
    /// A run broke an invariant or was not deterministic: a bug of ours.
    pub const BROKEN: u8 = 20;
    /// Interrupted; the same command goes on where it was.
    pub const INTERRUPTED: u8 = 130;
}

/// A deterministic simulator of peer-to-peer networks.
#[derive(Parser, Debug)]
#[command(
    name = "sim",
    version,
    after_help = "Exit codes: 0 fine, 1 unexpected, 2 usage or scenario, 10 an expectation failed, \
                  20 a run broke an invariant or determinism, 130 interrupted.\n\
                  Results go to standard output, everything else to standard error."
)]
struct Sim {
    #[command(subcommand)]
    command: Command,
    /// Colours: when the terminal has them, always or never. `NO_COLOR` is honoured.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    color: Color,
    /// Say nothing but errors and results.
    #[arg(long, short, global = true)]
    quiet: bool,
}

/// When to use colours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Run a scenario and write its results, tables and charts.
    Run(RunArgs),
    /// Say what is wrong with scenario files, all of it at once.
    Check {
        /// Scenario files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// List the scenarios of a folder.
    List {
        /// The folder.
        #[arg(default_value = "scenarios")]
        folder: PathBuf,
    },
    /// Explain a key of scenario files: meaning, unit, default, range, source.
    Explain {
        /// A dotted key, such as `attack.eclipse.groups`; all top-level keys if left out.
        #[arg(default_value = "")]
        key: String,
    },
    /// Print the JSON schema of scenario files, for editors.
    Schema,
    /// Measure published results: source, expected, measured, tolerance, verdict.
    Validate {
        /// All seeds, some minutes; a quick set otherwise.
        #[arg(long)]
        full: bool,
        /// Print one JSON document.
        #[arg(long)]
        json: bool,
    },
    /// Start a folder with a scenario that runs.
    Init {
        /// The folder; made if it is not there.
        #[arg(default_value = ".")]
        folder: PathBuf,
    },
    /// Print a script that completes `sim`'s commands in a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page.
    Man,
}

/// Arguments of `sim run`.
#[expect(clippy::struct_excessive_bools, reason = "switches of a command line")]
#[derive(Args, Debug)]
struct RunArgs {
    /// The scenario file.
    file: PathBuf,
    /// Change a key of the file: `--set peers=500`, `--set attack.eclipse.groups=16`.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
    /// Run this many seeds instead of the file's.
    #[arg(long, value_name = "N")]
    seeds: Option<u32>,
    /// Runs at once; the number of processors if left out.
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Threads within each run; the result does not depend on it.
    #[arg(long, value_name = "N", default_value_t = 1)]
    shards: usize,
    /// Where the results go; `results/NAME` if left out.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Print one JSON document instead of tables.
    #[arg(long)]
    json: bool,
    /// Write every chart as PNG as well.
    #[arg(long)]
    png: bool,
    /// Take an unsure expectation for a failed one.
    #[arg(long)]
    strict: bool,
    /// Run everything twice, the second time on two threads, and compare.
    #[arg(long)]
    check_determinism: bool,
}

/// Parses the arguments, does what they say, returns the exit code.
pub fn main() -> ExitCode {
    let sim = match Sim::try_parse() {
        Ok(sim) => sim,
        Err(error) => {
            // Help and version are results; wrong usage is not. Nothing is left to say if this fails.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() {
                exit::USAGE
            } else {
                exit::FINE
            });
        }
    };
    let terminal = Terminal::new(sim.color, sim.quiet);
    let code = match sim.command {
        Command::Run(args) => run::run(&args, terminal),
        Command::Check { files } => check::check(&files, terminal),
        Command::List { folder } => list::list(&folder, terminal),
        Command::Explain { key } => explain::explain(&key, terminal),
        Command::Schema => explain::schema(terminal),
        Command::Validate { full, json } => validate::validate(full, json, terminal),
        Command::Init { folder } => init::init(&folder, terminal),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Sim::command(), "sim", &mut script);
            terminal.result(&String::from_utf8_lossy(&script));
            exit::FINE
        }
        Command::Man => {
            let mut page = Vec::new();
            // Writing into memory does not fail.
            let _ = clap_mangen::Man::new(Sim::command()).render(&mut page);
            terminal.result(&String::from_utf8_lossy(&page));
            exit::FINE
        }
    };
    ExitCode::from(code)
}
