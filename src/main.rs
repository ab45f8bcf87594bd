//! The program `sim`.

use std::process::ExitCode;

fn main() -> ExitCode {
    peerlab::cli::main()
}
