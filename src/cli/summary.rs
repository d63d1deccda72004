//! `mnist-tch summary`: a network's layer table, or the same as a PyTorch module.

use anyhow::Result;
use clap::Args;
use tch::Device;

use super::arguments::whole;
use super::model::ArchitectureArgs;
use super::report;
use super::trained::{Model, Trained};
use crate::model::summary::Summary;
use crate::model::{Architecture, MAX_MEMBERS, python};

#[derive(Debug, Args)]
pub(super) struct SummaryArgs {
    /// A trained network instead: builtin, latest, a run folder, a model.safetensors or a
    /// reader.safetensors.
    #[arg(value_name = "builtin|latest|RUN|FILE", conflicts_with_all = ["model", "hidden", "ensemble"])]
    trained: Option<Trained>,

    #[command(flatten)]
    architecture: ArchitectureArgs,

    /// Print the network as the source of a plain PyTorch module, which loads an exported .safetensors.
    #[arg(long)]
    python: bool,

    /// With --python: for an ensemble of N networks, as class Ensemble.
    #[arg(long, value_name = "N", default_value_t = 1, requires = "python",
          value_parser = whole(1..=MAX_MEMBERS as u8))]
    ensemble: u8,
}

pub(super) fn run(args: &SummaryArgs) -> Result<()> {
    let Some(trained) = &args.trained else {
        let architecture = args.architecture.any_architecture_or(Architecture::Vgg)?;
        return args.print(&architecture, usize::from(args.ensemble));
    };
    match trained.load_any(Device::Cpu)? {
        Model::Net(_, description) => {
            let accuracy = description.test_accuracy.map(|share| {
                let data = &description.data;
                format!(", {:.2} % on the test split of {data}", 100.0 * share)
            });
            report::note(&format!(
                "{}{}",
                description.name(),
                accuracy.unwrap_or_default()
            ));
            args.print(&description.architecture, description.members)
        }
        Model::Reader(reader, _) => {
            for half in [&reader.detector, &reader.crop] {
                args.print(half.architecture(), 1)?;
            }
            Ok(())
        }
    }
}

impl SummaryArgs {
    fn print(&self, architecture: &Architecture, members: usize) -> Result<()> {
        match self.python {
            true => report::text(&python::module(architecture, members)),
            false => report::text(&Summary::new(architecture)?),
        }
    }
}
