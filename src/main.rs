//! The binary: hands the command line to [`yanzhen::cli`] and its exit code to the system.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    yanzhen::cli::main(std::env::args_os()).await
}
