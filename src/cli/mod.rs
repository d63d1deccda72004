//! The command line: one file per command, and nothing that the library depends on.

mod annotate;
mod arguments;
mod batches;
mod bench;
mod bug;
mod completions;
mod compute;
mod data;
mod download;
mod eval;
mod export;
mod forms;
mod import;
mod infer;
mod inputs;
mod interrupt;
mod manual;
mod material;
mod model;
mod names;
mod overwriting;
mod plot;
mod report;
mod scenes;
mod serve;
mod source;
mod stages;
mod summary;
mod sweep;
mod tables;
mod train;
mod trained;
mod version;
mod wild;

use std::process::ExitCode;

use anyhow::Result;
use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::model::instructions::Instructions;
use crate::version::VERSION;

pub use bug::report_panics;
pub use report::one_line;

/// Reads handwritten digits in pictures, and trains, evaluates, plots and exports networks for it.
#[derive(Debug, Parser)]
#[command(name = "mnist-tch", version = VERSION, max_term_width = 100)]
struct Cli {
    /// Print results, warnings and errors only: no progress, no notes.
    #[arg(long, short, global = true)]
    quiet: bool,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Train a network and keep its best weights in a run folder.
    Train(train::TrainArgs),
    /// Train every network of a grid with several seeds, and compare accuracy, time and size.
    Sweep(sweep::SweepArgs),
    /// Evaluate a trained network: accuracy, loss, precision and recall, confusion matrix.
    Eval(eval::EvalArgs),
    /// Read the digits in each image file, one or many.
    Infer(infer::InferArgs),
    /// Prepare a form whose filled copies `infer --form` reads.
    Form(forms::FormArgs),
    /// Serve a web page that reads the digits you draw, and an HTTP service for programs.
    Serve(serve::ServeArgs),
    /// Write a trained network, or a reader, as a file for Python, C++ and others.
    Export(export::ExportArgs),
    /// Import weights that were trained elsewhere, such as in Python.
    Import(import::ImportArgs),
    /// Draw a grid of digits with their labels.
    PlotSamples(plot::SamplesArgs),
    /// Render scenes like those the reader is trained on, with their labels and an overview sheet.
    Scenes(scenes::ScenesArgs),
    /// Plot loss and accuracy of one or several runs.
    PlotCurves(plot::CurvesArgs),
    /// Print a network's layers: shapes, parameters, multiply-adds.
    Summary(summary::SummaryArgs),
    /// Benchmark this machine: training and inference throughput, latency, start-up, memory.
    Bench(bench::BenchArgs),
    /// Download MNIST, for use offline.
    Download(download::DownloadArgs),
    /// Print a script that lets a shell complete this program's arguments.
    Completions(completions::CompletionsArgs),
    /// Write the manual: one page, or a page for each command into a folder.
    Man(manual::ManArgs),
}

/// The definition of the command line.
fn command() -> clap::Command {
    Cli::command().mut_subcommand("train", train::refuse_with_resume)
}

/// Parses the command line and runs the command; the exit code says whether anything failed.
///
/// # Errors
/// What the command could not do, or a [`clap::Error`] if arguments contradict one another.
pub fn run() -> Result<ExitCode> {
    let parsed = command().try_get_matches();
    let cli = match parsed.and_then(|given| Cli::from_arg_matches(&given)) {
        // Only now, since listing the devices may take a while.
        Err(asked) if asked.kind() == ErrorKind::DisplayVersion => {
            version::print()?;
            return Ok(ExitCode::SUCCESS);
        }
        parsed => parsed?,
    };
    report::set_quiet(cli.quiet);
    // Reports an invalid MNIST_TCH_ISA; the library itself would silently use the best set.
    Instructions::chosen()?;
    match cli.command {
        Command::Train(args) => return train::run(&args),
        Command::Sweep(args) => return sweep::run(&args),
        Command::Eval(args) => return eval::run(&args),
        Command::Infer(args) => return infer::run(&args),
        Command::Form(args) => forms::run(&args)?,
        Command::Serve(args) => serve::run(&args)?,
        Command::Export(args) => export::run(&args)?,
        Command::Import(args) => import::run(&args)?,
        Command::PlotSamples(args) => plot::run_samples(&args)?,
        Command::Scenes(args) => scenes::run(&args)?,
        Command::PlotCurves(args) => plot::run_curves(&args)?,
        Command::Summary(args) => summary::run(&args)?,
        Command::Bench(args) => bench::run(&args)?,
        Command::Download(args) => download::run(&args)?,
        Command::Completions(args) => completions::run(&args, command())?,
        Command::Man(args) => manual::run(&args, command())?,
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_well_defined() {
        super::command().debug_assert();
    }
}
