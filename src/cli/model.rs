//! The arguments that name a network to be made.

use std::sync::LazyLock;

use anyhow::Result;
use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use super::arguments::{misuse, whole};
use crate::model::Architecture;
use crate::model::architecture::WIDEST;

/// Hidden layers of an `mlp` where the user names none.
pub(super) const DEFAULT_HIDDEN: [i64; 1] = [128];

/// Which network to make.
#[derive(Debug, Args)]
pub(super) struct ArchitectureArgs {
    /// The network [default: vgg; small for train --preset fast, wide for --preset pictures]
    #[arg(long, value_enum, value_name = "MODEL")]
    model: Option<Architecture>,

    /// Widths of an mlp's hidden layers, such as 30 or 128,64; without --model it means an mlp
    /// [default: 128]
    #[arg(long, value_name = "N,…", value_delimiter = ',',
          value_parser = whole(1..=WIDEST))]
    hidden: Option<Vec<i64>>,
}

impl ValueEnum for Architecture {
    fn value_variants<'a>() -> &'a [Self] {
        static ALL: LazyLock<Vec<Architecture>> = LazyLock::new(|| Architecture::all().collect());
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = self.description();
        let value = PossibleValue::new(self.kind()).help(help.trim_end_matches('.').to_owned());
        Some(value.hide(!self.is_classifier()))
    }
}

impl ArchitectureArgs {
    /// Whether any network was asked for.
    pub(super) fn is_given(&self) -> bool {
        self.model.is_some() || self.hidden.is_some()
    }

    /// The network asked for, or else this one, which classifies 28×28 images.
    pub(super) fn architecture_or(&self, default: Architecture) -> Result<Architecture> {
        self.model.as_ref().map_or(Ok(()), refuse_half)?;
        self.any_architecture_or(default)
    }

    /// The same where a reader's networks will do too.
    pub(super) fn any_architecture_or(&self, default: Architecture) -> Result<Architecture> {
        let network = match (&self.model, &self.hidden) {
            (Some(network), _) => network.clone(),
            (None, Some(_)) => mlp(&DEFAULT_HIDDEN),
            (None, None) => default,
        };
        if self.hidden.is_some() && !network.is_mlp() {
            return Err(misuse("--hidden is for --model mlp"));
        }
        let network = match network.is_mlp() {
            true => mlp(self.hidden.as_deref().unwrap_or(&DEFAULT_HIDDEN)),
            false => network,
        };
        network.check()?;
        Ok(network)
    }
}

/// An mlp with these hidden layers.
pub(super) fn mlp(hidden: &[i64]) -> Architecture {
    Architecture::Mlp {
        hidden: hidden.to_vec(),
    }
}

/// Refuses the networks that are half of a reader.
pub(super) fn refuse_half(network: &Architecture) -> Result<()> {
    if network.is_classifier() {
        return Ok(());
    }
    Err(misuse(&format!(
        "the {network} is half of a reader, and no network for 28×28 images: \
         `mnist-tch train --preset reader` trains both halves"
    )))
}
