//! `mnist-tch import`: weights that were trained elsewhere as a model of this program.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::Args;

use super::model::ArchitectureArgs;
use super::report;
use crate::export::Format;
use crate::model::{Architecture, checkpoint};

#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    /// The weights: a .safetensors file with the state_dict() of the module that `summary --python`
    /// prints; names that begin with member0 make it an ensemble.
    #[arg(value_name = "FILE")]
    weights: PathBuf,

    #[command(flatten)]
    architecture: ArchitectureArgs,

    /// File to write [default: the name of FILE and of the network, such as weights-cnn.safetensors]
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn run(args: &ImportArgs) -> Result<()> {
    let architecture = args.architecture.architecture_or(Architecture::Vgg)?;
    let (net, description) = checkpoint::import(&args.weights, &architecture)?;
    let out = args.out.clone().unwrap_or_else(|| {
        let stem = args.weights.file_stem().unwrap_or_default();
        let stem = stem.to_string_lossy();
        PathBuf::from(format!("{stem}-{architecture}.safetensors"))
    });
    ensure!(
        Format::of(&out).is_none_or(|format| format == Format::Safetensors),
        "writing {}: a model file must end in .safetensors",
        out.display()
    );
    let same = |path: &PathBuf| path.canonicalize().ok();
    ensure!(
        same(&out).is_none() || same(&out) != same(&args.weights),
        "writing {}: it is the file to be imported; name another file with --out",
        out.display()
    );
    checkpoint::save(&net, &description, &out)?;
    report::text(&format!(
        "{0}: {1}; evaluate it with `mnist-tch eval --model {0}`\n",
        out.display(),
        description.name()
    ))
}
