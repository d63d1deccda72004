//! `mnist-tch infer --table`: the tables in each picture as CSV.

mod args;
mod review;
mod target;

use std::path::Path;

use anyhow::Result;

pub(super) use args::TableArgs;

use super::arguments::misuse;
use super::batches;
use super::names::Names;
use super::report::{self, Format, PictureReporter};
use super::source::Source;
use crate::recognizer::Prepared;
use crate::table::{Checked, CsvForm, Rules, Sheet};
use review::Review;
use target::Target;

/// What is to be done with the tables in each picture.
pub(super) struct Tables {
    rules: Rules,
    /// By rule, whether a table had the columns and rows that it names.
    fitting: Vec<bool>,
    target: Target,
    form: CsvForm,
    review: Option<Review>,
    is_json: bool,
    /// Rows and columns of the largest table, if there is one.
    largest: Option<(usize, usize)>,
}

impl Tables {
    /// What the arguments ask for; none if they do not name a place for tables. `files` are the
    /// pictures, which must be known where copies are drawn.
    ///
    /// # Errors
    /// When a rule is not understood, or a place cannot be written to.
    pub(super) fn new(args: &TableArgs, is_json: bool, files: &[&Path]) -> Result<Option<Self>> {
        let Some(out) = &args.out else {
            return Ok(None);
        };
        let rules = Rules::parse(args.rules.iter().map(String::as_str))
            .map_err(|failure| misuse(&format!("--rule: {failure:#}")))?;
        let target = Target::new(out)?;
        if is_json && matches!(target, Target::Stdout) {
            return Err(misuse(
                "--json and --table - both write to stdout: name a file or a folder",
            ));
        }
        let is_tsv = out
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("tsv"));
        let usual = if is_tsv { b'\t' } else { b',' };
        let review = args
            .review
            .as_ref()
            .map(|folder| Review::new(folder, files));
        Ok(Some(Self {
            fitting: rules.texts().map(|_| false).collect(),
            rules,
            target,
            form: CsvForm {
                delimiter: args.delimiter.unwrap_or(usual),
                decimal: args.decimal,
            },
            review: review.transpose()?,
            is_json,
            largest: None,
        }))
    }

    /// Reads the tables in each picture, with each of the `workers` on its own, and writes them in
    /// the order of the pictures, of which there are `count` if that is known.
    ///
    /// # Errors
    /// When something cannot be written, a worker fails, or a rule names a column or row that no
    /// table has; what is wrong with a single picture is reported.
    pub(super) fn read<W: Send>(
        mut self,
        (sources, count): (impl Iterator<Item = Source>, Option<usize>),
        workers: Vec<W>,
        read: impl Fn(&W, &Prepared) -> Result<Sheet> + Sync,
        reporter: &PictureReporter,
    ) -> Result<()> {
        let step = reporter.step();
        let mut names = Names::default();
        let rules = self.rules.clone();
        batches::read(
            sources,
            count,
            workers,
            |source| {
                let prepared = source.prepare_sheet();
                step();
                prepared
            },
            |worker, _, prepared| {
                let checked = |picture: Prepared| Ok(Checked::new(read(worker, &picture)?, &rules));
                let answer = |picture| match picture {
                    Ok(picture) => checked(picture).map(Ok),
                    Err(failure) => Ok(Err(failure)),
                };
                prepared.into_iter().map(answer).collect()
            },
            |source, checked| {
                let path = source.path();
                let name = names.claim(path);
                match checked {
                    Ok(checked) => self.add(&source, &name, &checked, reporter),
                    Err(failure) => {
                        if self.is_json {
                            let record =
                                report::unreadable_record(path, &failure, Format::Json, 1)?;
                            reporter.result(&record)?;
                        }
                        reporter.failure(&report::unreadable(path, failure));
                        Ok(())
                    }
                }
            },
        )?;
        self.finish()
    }

    /// Writes what was read in a picture, whose name in a folder is `name`.
    fn add(
        &mut self,
        source: &Source,
        name: &str,
        checked: &Checked,
        reporter: &PictureReporter,
    ) -> Result<()> {
        let path = source.path();
        if self.is_json {
            let file = path.display().to_string();
            reporter.result(&format!("{}\n", checked.to_json(Some(&file))))?;
        }
        if checked.sheet.tables.is_empty() {
            reporter.failure(&report::no_table(path));
            return Ok(());
        }
        if !self.is_json && !matches!(self.target, Target::Stdout) {
            reporter.result(&report::sheet(path, checked))?;
        }
        let is_first = self.largest.is_none() || !self.target.is_shared();
        let csv = self.form.of(checked, is_first)?;
        self.target.add(name, &csv, reporter)?;
        if let Some(review) = &mut self.review {
            review.add(source, name, checked)?;
        }
        if let Some(note) = report::unread_cells(path, checked) {
            reporter.note(&note);
        }
        for table in &checked.sheet.tables {
            for (fits, now) in self.fitting.iter_mut().zip(self.rules.fit(table)) {
                *fits |= now;
            }
            let (rows, columns) = self.largest.unwrap_or_default();
            self.largest = Some((rows.max(table.rows), columns.max(table.columns)));
        }
        Ok(())
    }

    /// Writes what is not yet written, unless there was no table at all: then a file stays as it was.
    fn finish(self) -> Result<()> {
        let Some((rows, columns)) = self.largest else {
            return Ok(());
        };
        self.target.finish()?;
        self.review.map_or(Ok(()), Review::finish)?;
        let unused = self
            .rules
            .texts()
            .zip(&self.fitting)
            .find(|(_, fits)| !**fits);
        match unused {
            None => Ok(()),
            Some((rule, _)) => Err(misuse(&format!(
                "--rule '{rule}' names a column or row that no table has: there are at most {rows} rows and \
                 {columns} columns"
            ))),
        }
    }
}
