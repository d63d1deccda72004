//! `mnist-tch infer --form`: one record for each filled form.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::cli::arguments::misuse;
use crate::cli::batches;
use crate::cli::report::{self, PictureReporter};
use crate::cli::source::Source;
use crate::form::{self, Aligner, Filled, Form, Kind};
use crate::picture::{self, decode};
use crate::recognizer::{Prepared, Recognizer};
use crate::table::{Answer, Outcome, Rules};

/// A form, ready to be found in photos.
pub(in crate::cli) struct Forms {
    form: Form,
    aligner: Aligner,
    rules: Rules,
    is_json: bool,
}

impl Forms {
    /// Loads the form that `path` names.
    ///
    /// # Errors
    /// When it, its picture or one of its rules is invalid.
    pub(in crate::cli) fn new(path: &Path, is_json: bool) -> Result<Self> {
        let form = Form::load(path)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let picture = folder.join(&form.reference);
        let loading = || format!("reading the reference picture {}", picture.display());
        let upright = picture::load(&picture)
            .and_then(|bytes| decode(&bytes))
            .with_context(loading)?;
        let size = upright.size;
        ensure!(
            (0..2).all(|axis| size[axis].abs_diff(form.size[axis]) <= upright.scale.ceil() as u32),
            "{}: it has {}×{} pixels, but the form {} was made for {}×{}",
            loading(),
            size[0],
            size[1],
            path.display(),
            form.size[0],
            form.size[1]
        );
        let rules = form
            .rules()
            .map_err(|failure| misuse(&format!("{}: {failure:#}", path.display())))?;
        Ok(Self {
            form: form.reduced(upright.scale),
            aligner: Aligner::new(&picture::grey(&upright.colour)),
            rules,
            is_json,
        })
    }

    /// Reads each picture, with each of the `recognizers` on its own, and prints a record for it.
    ///
    /// # Errors
    /// When a record cannot be printed, or a network fails; what is wrong with a single picture is
    /// reported.
    pub(in crate::cli) fn read(
        &self,
        (sources, count): (impl Iterator<Item = Source>, Option<usize>),
        recognizers: Vec<Recognizer>,
        reporter: &PictureReporter,
    ) -> Result<()> {
        let step = reporter.step();
        if !self.is_json {
            let names = self.form.fields.iter().map(|field| field.name.clone());
            let others = ["doubtful", "problem", "error"].map(str::to_owned);
            let all = ["file".to_owned()].into_iter().chain(names).chain(others);
            reporter.result(&report::csv_row(all)?)?;
        }
        batches::read(
            sources,
            count,
            recognizers,
            |source| {
                let prepared = source.prepare();
                step();
                prepared
            },
            |recognizer, _, prepared| {
                let read = |picture: Prepared| {
                    form::read(recognizer, &self.form, &self.aligner, picture.grey())
                };
                let answers = prepared.into_iter().map(|picture| Ok(picture.map(read)));
                answers.collect()
            },
            |source, read| self.report(source.path(), read, reporter),
        )
    }

    fn report(
        &self,
        path: &Path,
        read: Result<Result<Filled>, crate::picture::ImageError>,
        reporter: &PictureReporter,
    ) -> Result<()> {
        let failure = match read {
            Ok(Ok(filled)) => {
                let record = match self.is_json {
                    true => format!("{}\n", self.json(path, &filled)),
                    false => self.row(path, &filled)?,
                };
                return reporter.result(&record);
            }
            Ok(Err(other)) => other.context(format!("reading the form in {}", path.display())),
            Err(failure) => report::unreadable(path, failure),
        };
        let reason = failure.root_cause().to_string();
        let file = path.display().to_string();
        reporter.result(&match self.is_json {
            true => format!("{}\n", json!({ "file": file, "error": reason })),
            false => {
                let empty = vec![String::new(); self.form.fields.len() + 2];
                let all = [file].into_iter().chain(empty).chain([reason]);
                report::csv_row(all)?
            }
        })?;
        reporter.failure(&failure);
        Ok(())
    }

    /// By field, its text, whether it is doubtful, and what is wrong with it.
    fn fields(&self, filled: &Filled) -> Vec<(Answer, bool, Option<String>)> {
        let answers = self.rules.apply(&filled.table).into_iter();
        let parts = answers.zip(&filled.marks).zip(&self.form.fields);
        let field = |((mut answer, mark), field): ((Answer, &Option<bool>), &form::Field)| {
            if let Some(is_marked) = mark {
                answer.text = if *is_marked { "x" } else { "" }.to_owned();
            }
            let problem = match (field.kind, answer.outcome) {
                (_, Outcome::Violated) => Some(format!("breaks {}", answer.broken.join(", "))),
                (Kind::Check, _) => None,
                (kind, _) => kind.problem(&answer.text),
            };
            let is_doubtful = answer.is_doubtful() || problem.is_some();
            (answer, is_doubtful, problem)
        };
        parts.map(field).collect()
    }

    fn row(&self, path: &Path, filled: &Filled) -> Result<String> {
        let read = self.fields(filled);
        let named = || self.form.fields.iter().zip(&read);
        let doubtful = named().filter(|(_, (_, is_doubtful, _))| *is_doubtful);
        let doubtful: Vec<&str> = doubtful.map(|(field, _)| field.name.as_str()).collect();
        let problems = named().filter_map(|(field, (_, _, problem))| {
            let problem = problem.as_ref()?;
            Some(format!("{}: {problem}", field.name))
        });
        let problems: Vec<String> = problems.collect();
        let texts = read.iter().map(|(answer, ..)| answer.text.clone());
        let last = [doubtful.join("; "), problems.join("; "), String::new()];
        report::csv_row(
            [path.display().to_string()]
                .into_iter()
                .chain(texts)
                .chain(last),
        )
    }

    fn json(&self, path: &Path, filled: &Filled) -> Value {
        let read = self.fields(filled);
        let parts = self.form.fields.iter().zip(&read).zip(&filled.table.cells);
        let fields = parts.map(|((field, (answer, is_doubtful, problem)), cell)| {
            let outcome: &'static str = answer.outcome.into();
            json!({
                "name": field.name,
                "type": field.kind,
                "text": answer.text,
                "confidence": answer.confidence,
                "corners": cell.corners,
                "doubtful": is_doubtful,
                "problem": problem,
                "rules": outcome,
            })
        });
        json!({
            "file": path.display().to_string(),
            "form": self.form.name,
            "similarity": filled.similarity,
            "fields": fields.collect::<Value>(),
        })
    }
}
