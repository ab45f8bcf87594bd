//! The program `sim`.

fn main() -> std::process::ExitCode {
    peerlab::cli::main()
}
