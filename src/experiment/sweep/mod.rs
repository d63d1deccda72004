//! Sweeps: a grid of training runs with several seeds each, and accuracy by network size.

mod folder;
mod grid;
mod series;
mod table;

pub use self::folder::SweepDir;
pub use self::grid::{Grid, Member, Setting};
pub use self::table::{MeanStd, Row};

use anyhow::{Context, Result};
use tch::Device;

use super::{Experiment, Stop, Stopped};
use crate::dataset::Dataset;
use crate::plots;
use crate::run::{RunResults, Settings};
use crate::storage::write_atomic;
use crate::trainer;

/// A grid to train, and the data to train it on.
pub struct Sweep<'a> {
    /// The training runs.
    pub grid: &'a Grid,
    /// The data: the training split for training, the validation split for comparison, the test
    /// split only for the final evaluation.
    pub dataset: &'a Dataset,
    /// The maximum number of images per split, if any.
    pub limit: Option<usize>,
    /// The device to compute on.
    pub device: Device,
}

/// What a sweep reports while it runs.
pub enum Event<'a> {
    /// All runs, with the results of those that are finished in the folder; the others are still to
    /// do.
    Found(&'a [Member], &'a [Option<RunResults>]),
    /// A run starts or resumes.
    Started(&'a Member),
    /// An event of the current training.
    Training(&'a trainer::Event<'a>),
    /// A run is finished.
    Done {
        /// The run.
        member: &'a Member,
        /// Its results.
        results: &'a RunResults,
        /// Whether it was trained now, rather than found in the folder.
        is_new: bool,
    },
    /// A run failed; the others continue.
    Failed(&'a Member, &'a anyhow::Error),
}

impl<'a> Sweep<'a> {
    /// Trains all runs that are not finished, each in its own run folder, and writes the table and
    /// the plot; returns a row for each setting.
    ///
    /// # Errors
    /// [`Stopped`] where `stop` returned true: running it again resumes it. Else when a run in the
    /// folder was trained with other settings, or files cannot be read or written. A failed run is
    /// reported by [`Event::Failed`] and is missing from its row.
    pub fn run(
        &self,
        folder: &SweepDir,
        on_event: &mut dyn FnMut(Event<'_>),
        stop: &Stop<'_>,
    ) -> Result<Vec<Row<'a>>> {
        let members = self.grid.members();
        let experiments: Vec<_> = members
            .iter()
            .map(|member| self.experiment(member))
            .collect();
        // A mismatch is reported before hours of training, not after.
        let found = members.iter().zip(&experiments);
        let found = found.map(|(member, experiment)| folder.finished(&member.name, experiment));
        let found = found.collect::<Result<Vec<_>>>()?;
        let mut rows = Row::of(self.grid)?;
        on_event(Event::Found(&members, &found));
        for ((member, experiment), before) in members.iter().zip(&experiments).zip(found) {
            let is_new = before.is_none();
            let results = match before {
                Some(results) => Ok(results),
                None => train(folder, member, experiment, on_event, stop),
            };
            match results {
                Ok(results) => {
                    on_event(Event::Done {
                        member,
                        results: &results,
                        is_new,
                    });
                    rows[member.row].results.push(results);
                }
                Err(failure) if failure.is::<Stopped>() => return Err(failure),
                // The others may well succeed: one learning rate that is too high must not end the
                // sweep.
                Err(failure) => on_event(Event::Failed(member, &failure)),
            }
        }
        write_atomic(&folder.table(), &table::csv(&rows)?)?;
        self.draw(&rows, folder)?;
        Ok(rows)
    }

    fn experiment(&self, member: &Member) -> Experiment<'a> {
        let architecture = &self.grid.settings[member.row].architecture;
        let settings = Settings::new(architecture, &member.config, self.dataset, self.device);
        Experiment {
            settings: Settings {
                limit: self.limit,
                ..settings
            },
            dataset: self.dataset,
            device: self.device,
            tensorboard: false,
        }
    }

    /// Writes the plot, unless every run failed and there is nothing to draw.
    fn draw(&self, rows: &[Row<'_>], folder: &SweepDir) -> Result<()> {
        let series = series::of(rows);
        if series.is_empty() {
            return Ok(());
        }
        let data = self.dataset.origin.title();
        let title = format!("Accuracy against size on the validation split of {data}");
        let picture = plots::sizes(&series, &title, &self.grid.note())?;
        plots::save(&picture, &folder.picture())
    }
}

fn train(
    folder: &SweepDir,
    member: &Member,
    experiment: &Experiment<'_>,
    on_event: &mut dyn FnMut(Event<'_>),
    stop: &Stop<'_>,
) -> Result<RunResults> {
    on_event(Event::Started(member));
    let mut train = || {
        let run = folder.open_run(&member.name)?;
        let mut on_training = |event: &trainer::Event| on_event(Event::Training(event));
        anyhow::Ok(experiment.run_network(&run, &mut on_training, stop)?.1)
    };
    train().with_context(|| format!("training {}", member.name))
}
