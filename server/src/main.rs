//! The command `gatehouse`; see `cli/`.

use std::process::ExitCode;

fn main() -> ExitCode {
    server::cli::main()
}
