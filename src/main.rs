//! The command `mnist-tch`.

use std::io::ErrorKind;
use std::process::ExitCode;

fn main() -> ExitCode {
    mnist_tch::cli::report_panics();
    match mnist_tch::cli::run() {
        Ok(code) => code,
        Err(failure) => fail(&failure),
    }
}

#[allow(clippy::print_stderr)]
fn fail(failure: &anyhow::Error) -> ExitCode {
    if let Some(usage) = failure.downcast_ref::<clap::Error>() {
        usage.exit();
    }
    let io = failure.downcast_ref::<std::io::Error>();
    if io.is_some_and(|io| io.kind() == ErrorKind::BrokenPipe) {
        // Whoever read our output has seen enough.
        return ExitCode::SUCCESS;
    }
    eprintln!("error: {}", mnist_tch::cli::one_line(failure));
    ExitCode::FAILURE
}
