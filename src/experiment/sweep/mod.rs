//! A grid of trainings with several seeds each, and what networks gain by their size.

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

/// A grid to be trained, and on what.
pub struct Sweep<'a> {
    /// The trainings.
    pub grid: &'a Grid,
    /// Its training split trains, its validation split compares, its test split only judges the choice.
    pub dataset: &'a Dataset,
    /// At most so many images of each split, where that was asked for.
    pub limit: Option<usize>,
    /// The device to compute on.
    pub device: Device,
}

/// What a sweep tells while it runs.
pub enum Event<'a> {
    /// These trainings were found in the folder, and are not made again; the others are to come.
    Found(&'a [Member], &'a [Option<RunResults>]),
    /// A training begins or is resumed.
    Started(&'a Member),
    /// The training at work tells something.
    Training(&'a trainer::Event<'a>),
    /// A training is finished; `is_new` where it was not found in the folder.
    Done {
        /// Which training.
        member: &'a Member,
        /// What came of it.
        results: &'a RunResults,
        /// Whether it was trained now.
        is_new: bool,
    },
    /// A training failed; the others go on.
    Failed(&'a Member, &'a anyhow::Error),
}

impl<'a> Sweep<'a> {
    /// Trains what is not yet finished in the folder, each in a run folder of its own, and writes the
    /// table and the picture; gives a row for each setting.
    ///
    /// # Errors
    /// [`Stopped`] where `stop` asked for the end: it is resumed by running it again. Else when a
    /// training in the folder was made with other settings, or files cannot be read or written. A
    /// training that fails is told by [`Event::Failed`] and is missing from its row.
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
        // What does not fit is told before hours of training, not after.
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
                // The others may well succeed: one rate too high is no reason to stop a night's work.
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

    /// Writes the picture, unless every training failed and there is nothing to draw.
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
