//! The command `mnist-tch`.

use std::io::{ErrorKind, Write, stderr};
use std::process::ExitCode;

fn main() -> ExitCode {
    mnist_tch::cli::report_panics();
    match mnist_tch::cli::run() {
        Ok(code) => code,
        Err(failure) => fail(&failure),
    }
}

fn fail(failure: &anyhow::Error) -> ExitCode {
    if let Some(usage) = failure.downcast_ref::<clap::Error>() {
        usage.exit();
    }
    let io = failure.downcast_ref::<std::io::Error>();
    if io.is_some_and(|io| io.kind() == ErrorKind::BrokenPipe) {
        // The reader of our output has closed the pipe.
        return ExitCode::SUCCESS;
    }
    // Not eprintln!, which panics when the terminal is gone.
    let _ = writeln!(stderr(), "error: {}", mnist_tch::cli::one_line(failure));
    ExitCode::FAILURE
}
