//! A sweep as it goes: what it trains, a row a training, and the table.

use anyhow::Result;
use indicatif::{HumanCount, ProgressBar, ProgressFinish};
use tch::Device;

use super::training::circumstances;
use super::{error, note, progress, style, text};
use crate::cli::sweep::{Grid, Member, Row, Spread, SweepDir};
use crate::dataset::Dataset;
use crate::run::RunResults;
use crate::trainer::Event;

/// Says what is going to be trained on what.
pub(in crate::cli) fn sweep_starts(grid: &Grid, dataset: &Dataset, device: Device) {
    let counted = |count: usize, one: &str| match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {one}s"),
    };
    progress(&format_args!(
        "{} with {} each on {}\n{}\n\n",
        counted(grid.settings.len(), "setting"),
        counted(grid.seeds as usize, "seed"),
        dataset.origin,
        circumstances(dataset, device),
    ));
}

/// A progress bar on a terminal, and one row a training on stdout.
pub(in crate::cli) struct SweepReporter {
    bar: ProgressBar,
    /// Images in the training split.
    images: usize,
    /// Where the bar stood when this training started.
    before: u64,
    /// How wide the names are.
    width: usize,
}

impl SweepReporter {
    /// Writes the header; so many epochs are to come, of so many images.
    pub(in crate::cli) fn new(members: &[Member], epochs: usize, images: usize) -> Self {
        let bar = ProgressBar::new((epochs * images) as u64);
        bar.set_style(style("{msg}  {bar:30}  {eta} left"));
        let width = members.iter().map(|member| member.name.len()).max();
        let width = width.unwrap_or(0);
        progress(&format_args!(
            "{:width$}  {:>10}  {:>8}\n",
            "training", "validation", "seconds"
        ));
        Self {
            bar: bar.with_finish(ProgressFinish::AndClear),
            images,
            before: 0,
            width,
        }
    }

    pub(in crate::cli) fn starts(&mut self, member: &Member) {
        self.before = self.bar.position();
        self.bar.set_message(member.name.clone());
    }

    pub(in crate::cli) fn on(&self, event: &Event) {
        let seen = match event {
            Event::Step { epoch, images, .. } => (epoch - 1) * self.images + images,
            Event::Epoch { record, .. } => record.epoch * self.images,
        };
        self.bar.set_position(self.before + seen as u64);
    }

    /// Writes the row of a training that was made now, or before.
    pub(in crate::cli) fn trained(&self, member: &Member, results: &RunResults, is_new: bool) {
        let row = format!(
            "{:width$}  {:>8.2} %  {:>8.1}{}\n",
            member.name,
            100.0 * results.validation_accuracy,
            results.training_seconds,
            if is_new { "" } else { "  trained before" },
            width = self.width
        );
        self.bar.suspend(|| progress(&row));
    }

    pub(in crate::cli) fn failed(&self, member: &Member, failure: &anyhow::Error) {
        let end = self.before + (member.config.epochs * self.images) as u64;
        self.bar.set_position(end);
        self.bar.suspend(|| error(failure));
    }
}

/// Says that a signal ended the sweep, and how it goes on.
pub(in crate::cli) fn sweep_interrupted(folder: &SweepDir) {
    note(&format!(
        "interrupted; what was trained is in {}, and the same command goes on",
        folder.path().display()
    ));
}

/// The table of all settings, and where it lies.
pub(in crate::cli) fn sweep_ends(grid: &Grid, rows: &[Row<'_>], folder: &SweepDir) -> Result<()> {
    let name = |row: &Row<'_>| row.setting.architecture.to_string();
    let width = rows.iter().map(|row| name(row).len()).max().unwrap_or(0);
    let width = width.max("network".len());
    text(&format_args!(
        "\n{:width$}  {:>11}  {:>6}  {:>8}  {:>16}  {:>16}  {:>8}\n",
        "network", "parameters", "batch", "rate", "validation", "test split", "seconds"
    ))?;
    let best = best(rows);
    for row in rows {
        let mut notes = String::new();
        if best.is_some_and(|best| std::ptr::eq(best, row)) {
            notes += "  best";
        }
        if !row.is_complete(grid) {
            notes += &format!("  {} of {} trained", row.results.len(), grid.seeds);
        }
        text(&format_args!(
            "{:width$}  {:>11}  {:>6}  {:>8}  {:>16}  {:>16}  {:>8}{notes}\n",
            name(row),
            HumanCount(row.parameters as u64).to_string(),
            row.setting.config.batch_size,
            format!("{:?}", row.setting.config.learning_rate),
            percent(row.validation()),
            percent(row.test()),
            row.seconds()
                .map_or("-".to_owned(), |found| format!("{:.1}", found.mean)),
        ))?;
    }
    let files: Vec<_> = [folder.table(), folder.picture()]
        .iter()
        .filter(|file| file.exists())
        .filter_map(|file| Some(file.file_name()?.to_str()?.to_owned()))
        .collect();
    text(&format_args!(
        "\n{}; choose by validation: the test split only judges the choice\n{}: {}\n",
        sweep_note(grid),
        folder.path().display(),
        files.join(", ")
    ))
}

/// What the figures are.
pub(in crate::cli) fn sweep_note(grid: &Grid) -> String {
    match grid.seeds {
        1 => "one seed".to_owned(),
        seeds => format!("mean ± standard deviation of {seeds} seeds"),
    }
}

/// The highest mean on the validation split; of equal ones the first, of one alone none.
fn best<'a, 'b>(rows: &'a [Row<'b>]) -> Option<&'a Row<'b>> {
    let measured = rows.iter().filter_map(|row| Some((row, row.validation()?)));
    let best = measured
        .rev()
        .max_by(|one, other| one.1.mean.total_cmp(&other.1.mean));
    best.map(|(row, _)| row).filter(|_| rows.len() > 1)
}

fn percent(found: Option<Spread>) -> String {
    match found {
        None => "-".to_owned(),
        Some(Spread { mean, deviation }) => match deviation {
            None => format!("{:.2} %", 100.0 * mean),
            Some(deviation) => format!("{:.2} ± {:.2} %", 100.0 * mean, 100.0 * deviation),
        },
    }
}
