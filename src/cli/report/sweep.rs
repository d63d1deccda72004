//! A sweep in progress: what it trains, one row per training, and the table.

use anyhow::Result;
use indicatif::{HumanCount, ProgressBar, ProgressFinish};

use super::output::{bar, error, note, progress, style, text};
use super::training::data_and_device;
use crate::experiment::sweep::{Event, Grid, MeanStd, Member, Row, Sweep, SweepDir};
use crate::run::RunResults;
use crate::trainer;

/// A progress bar on a terminal, and one row per training on stdout.
pub(in crate::cli) struct SweepReporter<'a> {
    sweep: &'a Sweep<'a>,
    bar: ProgressBar,
    /// The bar's position when this training started.
    before: u64,
    /// The width of the names.
    width: usize,
}

impl<'a> SweepReporter<'a> {
    pub(in crate::cli) fn new(sweep: &'a Sweep<'a>) -> Self {
        let bar = bar(Some(0));
        bar.set_style(style("{msg}  {bar:30}  {eta} left"));
        Self {
            sweep,
            bar: bar.with_finish(ProgressFinish::AndClear),
            before: 0,
            width: 0,
        }
    }

    pub(in crate::cli) fn on(&mut self, event: &Event<'_>) {
        match event {
            Event::Found(members, found) => self.starts(members, found),
            Event::Started(member) => {
                self.before = self.bar.position();
                self.bar.set_message(member.name.clone());
            }
            Event::Training(event) => self.advance(event),
            Event::Done {
                member,
                results,
                is_new,
            } => self.trained(member, results, *is_new),
            Event::Failed(member, failure) => self.failed(member, failure),
        }
    }

    /// Prints what is going to be trained on what, and the header.
    fn starts(&mut self, members: &[Member], found: &[Option<RunResults>]) {
        let Sweep {
            grid,
            dataset,
            device,
            ..
        } = self.sweep;
        let counted = |count: usize, one: &str| match count {
            1 => format!("1 {one}"),
            _ => format!("{count} {one}s"),
        };
        let width = members.iter().map(|member| member.name.len()).max();
        self.width = width.unwrap_or(0);
        progress(&format_args!(
            "{} with {} each on {}\n{}\n\n{:width$}  {:>10}  {:>8}\n",
            counted(grid.settings.len(), "setting"),
            counted(grid.seeds as usize, "seed"),
            dataset.origin,
            data_and_device(dataset, *device),
            "training",
            "validation",
            "seconds",
            width = self.width
        ));
        let missing = members
            .iter()
            .zip(found)
            .filter(|(_, found)| found.is_none());
        let epochs: usize = missing.map(|(member, _)| member.config.epochs).sum();
        self.bar.set_length((epochs * dataset.train.len()) as u64);
    }

    fn advance(&self, event: &trainer::Event) {
        let all = self.sweep.dataset.train.len();
        let seen = match event {
            trainer::Event::Step { epoch, images, .. } => (epoch - 1) * all + images,
            trainer::Event::Epoch { record, .. } => record.epoch * all,
        };
        self.bar.set_position(self.before + seen as u64);
    }

    /// Prints the row of a training, new or reused.
    fn trained(&self, member: &Member, results: &RunResults, is_new: bool) {
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

    fn failed(&self, member: &Member, failure: &anyhow::Error) {
        let end = self.before + (member.config.epochs * self.sweep.dataset.train.len()) as u64;
        self.bar.set_position(end);
        self.bar.suspend(|| error(failure));
    }
}

/// Reports that a signal ended the sweep, and how to resume it.
pub(in crate::cli) fn sweep_interrupted(folder: &SweepDir) {
    note(&format!(
        "interrupted; what was trained is in {}, and the same command resumes it",
        folder.path().display()
    ));
}

/// Prints the table of all settings, and where it is saved.
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
        "\n{}; choose by validation accuracy: the test split only measures the choice\n{}: {}\n",
        grid.note(),
        folder.path().display(),
        files.join(", ")
    ))
}

/// The highest mean on the validation split: the first of equal ones, none if there is only one row.
fn best<'a, 'b>(rows: &'a [Row<'b>]) -> Option<&'a Row<'b>> {
    let measured = rows.iter().filter_map(|row| Some((row, row.validation()?)));
    let best = measured
        .rev()
        .max_by(|one, other| one.1.mean.total_cmp(&other.1.mean));
    best.map(|(row, _)| row).filter(|_| rows.len() > 1)
}

fn percent(found: Option<MeanStd>) -> String {
    match found {
        None => "-".to_owned(),
        Some(MeanStd { mean, std }) => match std {
            None => format!("{:.2} %", 100.0 * mean),
            Some(std) => format!("{:.2} ± {:.2} %", 100.0 * mean, 100.0 * std),
        },
    }
}
