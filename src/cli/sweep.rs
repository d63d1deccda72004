//! `mnist-tch sweep`: from lists on the command line to a grid of trainings and their table.

use std::collections::HashSet;
use std::fmt;
use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;

use anyhow::Result;
use clap::Args;

use super::arguments::{at_least, misuse, whole};
use super::compute::ComputeArgs;
use super::data::DataArgs;
use super::interrupt;
use super::model::{DEFAULT_HIDDEN, mlp, refuse_half};
use super::report::{self, SweepReporter};
use super::train::positive;
use crate::experiment::Stopped;
use crate::experiment::sweep::{Grid, Setting, Sweep, SweepDir};
use crate::model::Architecture;
use crate::model::architecture::WIDEST;
use crate::precision::Precision;
use crate::trainer::TrainConfig;

/// The default number of seeds for each network.
const SEEDS: u32 = 3;

/// Hidden layers of one network: `30`, or `128x64`.
#[derive(Clone, Debug)]
struct Widths(Vec<i64>);

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

#[derive(Debug, Args)]
pub(super) struct SweepArgs {
    /// Networks to train [default: mlp with --hidden, else cnn]
    #[arg(long, value_enum, value_name = "MODEL,…", value_delimiter = ',')]
    model: Option<Vec<Architecture>>,

    /// Hidden layers of mlps: each item is one network, so 10,30 are two with one layer each, and
    /// 128x64 is one with two layers [default: 128]
    #[arg(long, value_name = "N,…", value_delimiter = ',')]
    hidden: Option<Vec<Widths>>,

    /// Peak learning rates of the one-cycle schedule [default: as in train]
    #[arg(long, value_name = "RATE,…", value_delimiter = ',', value_parser = positive)]
    lr: Option<Vec<f64>>,

    /// Batch sizes: images per step [default: as in train]
    #[arg(long, value_name = "N,…", value_delimiter = ',',
          value_parser = at_least(2_u32))]
    batch_size: Option<Vec<u32>>,

    /// Train each with the seeds 0 to N - 1 [default: 3]
    #[arg(long, value_name = "N", value_parser = whole(1..=1000_u32))]
    seeds: Option<u32>,

    /// Passes over the training split [default: as in train]
    #[arg(long, value_name = "N",
          value_parser = whole(1..=TrainConfig::MAX_EPOCHS as u32))]
    epochs: Option<u32>,

    #[command(flatten)]
    data: DataArgs,

    #[command(flatten)]
    compute: ComputeArgs,

    /// Folder for the table, the picture and a run folder for each training. Finished runs there are
    /// reused, so the same command resumes an interrupted sweep.
    #[arg(long, short, value_name = "DIR", default_value = "runs/sweep")]
    out: PathBuf,
}

pub(super) fn run(args: &SweepArgs) -> Result<ExitCode> {
    let (device, precision) = args.compute.prepare()?;
    let grid = args.grid(precision)?;
    let dataset = args.data.load()?;
    let folder = SweepDir::open(&args.out)?;
    let sweep = Sweep {
        grid: &grid,
        dataset: &dataset,
        limit: args.data.limit(),
        device,
    };
    interrupt::listen()?;
    let mut reporter = SweepReporter::new(&sweep);
    let result = sweep.run(
        &folder,
        &mut |event| reporter.on(&event),
        &interrupt::received_signal,
    );
    drop(reporter);
    match result {
        Ok(rows) => {
            report::sweep_ends(&grid, &rows, &folder)?;
            Ok(match rows.iter().all(|row| row.is_complete(&grid)) {
                true => ExitCode::SUCCESS,
                false => ExitCode::FAILURE,
            })
        }
        Err(failure) if failure.is::<Stopped>() => {
            report::sweep_interrupted(&folder);
            Ok(interrupt::exit_code())
        }
        Err(failure) => Err(failure),
    }
}

impl SweepArgs {
    /// The grid that the lists span; a list whose flag is missing has the one default value.
    fn grid(&self, precision: Precision) -> Result<Grid> {
        let lists = [
            self.model.is_some(),
            self.hidden.is_some(),
            self.batch_size.is_some(),
            self.lr.is_some(),
            self.seeds.is_some(),
        ];
        if lists.iter().all(|given| !given) {
            return Err(misuse(
                "a sweep needs something to vary: give --hidden 10,30,100 or --model cnn,keras, --lr, \
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
        let networks = match (&self.model, &self.hidden) {
            (Some(networks), _) => networks.clone(),
            (None, Some(_)) => vec![mlp(&DEFAULT_HIDDEN)],
            (None, None) => vec![Architecture::Cnn],
        };
        networks.iter().try_for_each(refuse_half)?;
        distinct("--model", &networks, |network| network.kind().to_owned())?;
        let hidden = self.hidden.as_deref().unwrap_or(&[]);
        distinct("--hidden", hidden, Widths::to_string)?;
        if !hidden.is_empty() && !networks.iter().any(Architecture::is_mlp) {
            return Err(misuse("--hidden is for mlp: add it to --model"));
        }
        let mlps = || match hidden {
            [] => vec![mlp(&DEFAULT_HIDDEN)],
            all => all.iter().map(|widths| mlp(&widths.0)).collect(),
        };
        let variants = networks.into_iter().flat_map(|network| match network {
            Architecture::Mlp { .. } => mlps(),
            other => vec![other],
        });
        Ok(variants.collect())
    }
}

/// Refuses a value that is given twice, however it is written: its runs would share one name.
fn distinct<T>(flag: &str, values: &[T], name: impl Fn(&T) -> String) -> Result<()> {
    let mut seen = HashSet::new();
    match values
        .iter()
        .map(name)
        .find(|name| !seen.insert(name.clone()))
    {
        Some(name) => Err(misuse(&format!("{flag} names {name} twice: omit one"))),
        None => Ok(()),
    }
}
