//! `mnist-tch completions` and `mnist-tch man`: what shells and readers of manuals know of the command
//! line, made from its one definition.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, Command};
use clap_complete::Shell;
use clap_mangen::Man;

use super::report;
use crate::storage::write_atomic;

#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    #[arg(value_enum)]
    shell: Shell,
}

#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// Folder for mnist-tch.1, mnist-tch-train.1 and so on [default: the first of them on stdout]
    #[arg(long, short, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(super) fn run_completions(args: &CompletionsArgs, mut command: Command) -> Result<()> {
    let mut script = vec![];
    let name = command.get_name().to_owned();
    clap_complete::generate(args.shell, &mut command, name, &mut script);
    report::text(&String::from_utf8(script)?)
}

pub(super) fn run_man(args: &ManArgs, command: Command) -> Result<()> {
    let mut command = command.disable_help_subcommand(true);
    command.build();
    let Some(folder) = &args.out else {
        return report::text(&String::from_utf8(page(command)?)?);
    };
    fs::create_dir_all(folder)
        .with_context(|| format!("making the folder {}", folder.display()))?;
    let subcommands: Vec<_> = command.get_subcommands().cloned().collect();
    for command in [vec![command], subcommands].concat() {
        // `mnist-tch train` once it is built into the whole.
        let name = command.get_display_name().unwrap_or(command.get_name());
        let path = folder.join(format!("{name}.1"));
        write_atomic(&path, &page(command)?)?;
        report::text(&format_args!("{}\n", path.display()))?;
    }
    Ok(())
}

fn page(command: Command) -> Result<Vec<u8>> {
    let mut page = vec![];
    Man::new(command).render(&mut page)?;
    Ok(page)
}
