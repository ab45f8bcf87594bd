//! The command line: arguments, exit codes, the terminal. The only part that prints.
//!
//! Results go to the standard output, everything else to the standard error. A reader that goes away
//! early (`sim run … | head`) is no error.

mod again;
mod arguments;
mod baseline;
mod bench;
mod check;
mod ci;
mod compare;
mod exit;
mod explain;
mod fit;
mod init;
mod json;
mod list;
mod load;
mod numbers;
mod progress;
mod report;
mod run;
mod shards;
mod shell;
mod source;
mod submit;
mod summary;
mod terminal;
mod topology;
mod validate;
mod write;

use arguments::{Arguments, Command};
use clap::Parser;
use exit::{Exit, Stop};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use terminal::Terminal;

/// Runs the program with the arguments it was called with.
pub fn main() -> ExitCode {
    let exit = match Arguments::try_parse() {
        Ok(arguments) => guarded(|| dispatch(arguments)),
        Err(error) => said_by_clap(&error),
    };
    ExitCode::from(exit as u8)
}

/// What panics here is a bug of ours (a run that panics is caught where runs are): the panic has said
/// what and where, and then comes the command that shows it again.
fn guarded(work: impl FnOnce() -> Exit) -> Exit {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        terminal::remark(&bug(&again::whole()));
        Exit::Broken
    })
}

fn bug(again: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!("error: a bug of this program, sim {version}, said above\n  again: {again}")
}

fn dispatch(arguments: Arguments) -> Exit {
    let mut terminal = Terminal::new(arguments.color);
    let ended = match arguments.command {
        Command::Init(command) => init::run(&command, &mut terminal),
        Command::List(command) => list::run(&command, &mut terminal),
        Command::Check(command) => check::run(&command, &mut terminal),
        Command::Explain(command) => explain::run(&command, &mut terminal),
        Command::Fit(command) => fit::run(&command, &mut terminal),
        Command::Schema => explain::schema(&mut terminal),
        Command::Run(command) => run::run(&command, &mut terminal),
        Command::Plan(command) => shards::list(&command, &mut terminal),
        Command::Merge(command) => shards::together(&command, &mut terminal),
        Command::Submit(command) => submit::run(&command, &mut terminal),
        Command::Compare(command) => compare::run(&command, &mut terminal),
        Command::Baseline(command) => baseline::run(&command, &mut terminal),
        Command::Report(command) => report::run(&command, &mut terminal),
        Command::Topology(command) => topology::run(&command, &mut terminal),
        Command::Validate(command) => validate::validate(&command, &mut terminal),
        Command::Bench(command) => bench::bench(&command, &mut terminal),
        Command::Completions(command) => shell::completions(&command, &mut terminal),
        Command::Man => shell::man(&mut terminal),
    };
    let ended = ended.and_then(|exit| terminal.flush().map(|()| exit));
    match ended {
        Ok(exit) => exit,
        Err(Stop::Said(exit, text)) => {
            terminal.say(&text);
            exit
        }
        Err(Stop::Output(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => Exit::Fine,
        Err(Stop::Output(error)) => {
            terminal.say(&format!(
                "error: cannot write to the standard output: {error}"
            ));
            Exit::Unexpected
        }
    }
}

/// Help and version are results; wrong arguments are not.
fn said_by_clap(error: &clap::Error) -> Exit {
    // Printing fails only if nobody reads.
    let _ = error.print();
    if error.use_stderr() {
        Exit::Usage
    } else {
        Exit::Fine
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_bug_with_its_exit_code_and_its_command() {
        assert_eq!(guarded(|| Exit::Fine), Exit::Fine);
        assert_eq!(guarded(|| panic!("of a test")), Exit::Broken);
        let said = bug("sim run 'my file.toml'");
        assert!(said.ends_with("again: sim run 'my file.toml'"), "{said}");
    }
}
