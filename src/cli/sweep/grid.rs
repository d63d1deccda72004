//! From lists on the command line to the trainings that they span.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use anyhow::Result;

use super::SweepArgs;
use crate::cli::misuse;
use crate::cli::model::{DEFAULT_HIDDEN, ModelName};
use crate::model::Architecture;
use crate::model::architecture::WIDEST;
use crate::precision::Precision;
use crate::trainer::TrainConfig;

/// Seeds that each network is trained with where the user says nothing.
const SEEDS: u32 = 3;

/// Hidden layers of one network: `30`, or `128x64`.
#[derive(Clone, Debug)]
pub(super) struct Widths(Vec<i64>);

impl fmt::Display for Widths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths: Vec<String> = self.0.iter().map(i64::to_string).collect();
        f.write_str(&widths.join("x"))
    }
}

impl FromStr for Widths {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let width = |text: &str| {
            text.parse()
                .ok()
                .filter(|width| (1..=WIDEST).contains(width))
        };
        let widths = text.split('x').map(width).collect::<Option<_>>();
        widths
            .map(Self)
            .ok_or_else(|| format!("expected widths of 1 to {WIDEST}, such as 30 or 128x64"))
    }
}

/// A network and how it is trained, whatever the seed: a row of the table.
pub(in crate::cli) struct Setting {
    pub(in crate::cli) architecture: Architecture,
    pub(in crate::cli) config: TrainConfig,
}

/// Every network with every way to train it, each with as many seeds.
pub(in crate::cli) struct Grid {
    pub(in crate::cli) settings: Vec<Setting>,
    pub(in crate::cli) seeds: u32,
}

/// One training of the grid.
pub(in crate::cli) struct Member {
    /// Its setting, counted from 0.
    pub(in crate::cli) row: usize,
    /// What its run folder is called.
    pub(in crate::cli) name: String,
    pub(in crate::cli) config: TrainConfig,
}

impl Grid {
    /// The trainings in the order of the table, all seeds of a setting one after the other.
    pub(super) fn members(&self) -> Vec<Member> {
        let all = self.settings.iter().enumerate();
        all.flat_map(|(row, setting)| {
            (0..self.seeds).map(move |seed| Member {
                row,
                name: format!(
                    "{}-batch{}-lr{:?}-seed{seed}",
                    setting.architecture, setting.config.batch_size, setting.config.learning_rate
                ),
                config: TrainConfig {
                    seed: seed.into(),
                    ..setting.config.clone()
                },
            })
        })
        .collect()
    }
}

impl SweepArgs {
    /// The grid that the lists span; each list without its flag has the one value that `train` takes.
    pub(super) fn grid(&self, precision: Precision) -> Result<Grid> {
        let lists = [
            self.model.is_some(),
            self.hidden.is_some(),
            self.batch_size.is_some(),
            self.lr.is_some(),
            self.seeds.is_some(),
        ];
        if lists.iter().all(|given| !given) {
            return Err(misuse(
                "a sweep varies something: say what with --hidden 10,30,100 or --model cnn,keras, --lr, \
                 --batch-size or --seeds",
            ));
        }
        let (sizes, rates) = (self.batch_size.as_deref(), self.lr.as_deref());
        distinct("--batch-size", sizes.unwrap_or(&[]), u32::to_string)?;
        distinct("--lr", rates.unwrap_or(&[]), |rate| format!("{rate:?}"))?;
        let mut settings = Vec::new();
        for architecture in self.architectures()? {
            architecture.check()?;
            let default = TrainConfig::default_for(&architecture);
            let batch_sizes = match sizes {
                Some(sizes) => sizes.iter().map(|size| *size as usize).collect(),
                None => vec![default.batch_size],
            };
            for batch_size in batch_sizes {
                for &learning_rate in rates.unwrap_or(&[default.learning_rate]) {
                    settings.push(Setting {
                        architecture: architecture.clone(),
                        config: TrainConfig {
                            epochs: self.epochs.map_or(default.epochs, |epochs| epochs as usize),
                            batch_size,
                            learning_rate,
                            precision,
                            ..default.clone()
                        },
                    });
                }
            }
        }
        Ok(Grid {
            settings,
            seeds: self.seeds.unwrap_or(SEEDS),
        })
    }

    fn architectures(&self) -> Result<Vec<Architecture>> {
        let models = match (&self.model, &self.hidden) {
            (Some(models), _) => models.clone(),
            (None, Some(_)) => vec![ModelName::Mlp],
            (None, None) => vec![ModelName::Cnn],
        };
        models.iter().try_for_each(|model| model.refuse_half())?;
        distinct("--model", &models, |model| {
            format!("{model:?}").to_lowercase()
        })?;
        let hidden = self.hidden.as_deref().unwrap_or(&[]);
        distinct("--hidden", hidden, Widths::to_string)?;
        if !hidden.is_empty() && !models.contains(&ModelName::Mlp) {
            return Err(misuse("--hidden is for mlp: add it to --model"));
        }
        let mlps = || match hidden {
            [] => vec![DEFAULT_HIDDEN.to_vec()],
            all => all.iter().map(|widths| widths.0.clone()).collect(),
        };
        let networks = models.iter().flat_map(|model| match model {
            ModelName::Mlp => mlps()
                .into_iter()
                .map(|hidden| Architecture::Mlp { hidden })
                .collect(),
            other => vec![other.architecture(&[])],
        });
        Ok(networks.collect())
    }
}

/// A value named twice, however it is written, would be trained once or twice under one name.
fn distinct<T>(flag: &str, values: &[T], name: impl Fn(&T) -> String) -> Result<()> {
    let mut seen = HashSet::new();
    match values
        .iter()
        .map(name)
        .find(|name| !seen.insert(name.clone()))
    {
        Some(name) => Err(misuse(&format!("{flag} names {name} twice: leave one out"))),
        None => Ok(()),
    }
}
