//! Forms: `mnist-tch form new`, and `infer --form`.

mod new;
mod read;

use anyhow::Result;
use clap::{Args, Subcommand};

pub(super) use read::Forms;

#[derive(Debug, Args)]
pub(super) struct FormArgs {
    #[command(subcommand)]
    command: FormCommand,
}

#[derive(Debug, Subcommand)]
enum FormCommand {
    /// Find the boxes of an empty form, and write them as FORM.json.
    New(new::NewArgs),
}

pub(super) fn run(args: &FormArgs) -> Result<()> {
    match &args.command {
        FormCommand::New(args) => new::run(args),
    }
}
