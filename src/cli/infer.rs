//! `mnist-tch infer`: what is read in each image file, one digit or many.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use super::annotate::Annotations;
use super::arguments::{misuse, whole};
use super::compute::ThreadsArgs;
use super::forms::Forms;
use super::inputs::Input;
use super::names::Names;
use super::report::{self, Format, PictureReporter};
use super::source::Source;
use super::stages::Stages;
use super::tables::{TableArgs, Tables};
use super::trained::{ReaderArgs, TrainedArgs};
use super::{batches, inputs};
use crate::device::DeviceChoice;
use crate::machine;
use crate::picture::ImageError;
use crate::recognizer::{Prepared, Reading, Recognizer, Signs};
use crate::table;

#[derive(Debug, Args)]
pub(super) struct InferArgs {
    /// Image files (PNG, JPEG, WebP, BMP, TIFF or GIF, recognized by their content), folders, which
    /// are searched for images, quoted patterns such as 'scans/**/*.jpg', or - for stdin: a picture,
    /// or a list of files, one path per line.
    #[arg(required = true, value_name = "IMAGE")]
    images: Vec<PathBuf>,

    /// The paths in a list on stdin end in a NUL byte, as `find -print0` writes them.
    #[arg(long, short = '0')]
    null: bool,

    #[command(flatten)]
    model: TrainedArgs,

    #[command(flatten)]
    reader: ReaderArgs,

    /// Read exactly one digit in each picture, the most prominent; a warning says where others are
    /// equally prominent.
    #[arg(long)]
    single: bool,

    /// Leave out the signs of numbers (. , - / :), which are read between digits and before them.
    #[arg(long)]
    digits_only: bool,

    /// Print the N most probable digits: in JSON for each digit, else if a picture has exactly one.
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = whole(1..=10_u8))]
    top_k: u8,

    /// Confidence, 0 to 1, below which a digit is refused.
    #[arg(long, value_name = "P", default_value_t = Recognizer::MIN_CONFIDENCE,
          value_parser = probability)]
    min_confidence: f64,

    /// Print one JSON object per line: file, text (rows of digits, ? for a refused one), digit (if there
    /// is exactly one), confidence, digits (digit, confidence, probabilities, box), signs (character,
    /// confidence, box), unread (boxes of ink that was left unread), reason (why there is no digit); or
    /// file and error if it cannot be read.
    #[arg(long)]
    json: bool,

    /// Print a table: file, text, confidence, unread (pieces of ink), reason, error.
    #[arg(long, conflicts_with = "json")]
    csv: bool,

    /// Folder for the intermediate images of each picture: DIR/five/01-grey.png; then for each size that
    /// the detector looks at 02-128.png (padded to a multiple of 32 pixels), 03-128-digits.png (where it
    /// sees digits) and 04-128-ink.png; small ones are enlarged.
    #[arg(long, value_name = "DIR")]
    stages: Option<PathBuf>,

    /// Draw a labelled box around each digit, and one of another colour around what was left unread:
    /// a PNG file for one image, else a folder, which gets five.png for five.jpg.
    #[arg(long, value_name = "OUT")]
    annotate: Option<PathBuf>,

    #[command(flatten)]
    tables: TableArgs,

    /// Read filled copies of this form, made by `mnist-tch form new`, and print a CSV record for each: its
    /// fields, the doubtful ones, and what is wrong with them; with --json a JSON object.
    #[arg(long, value_name = "FORM.json",
          conflicts_with_all = ["single", "csv", "annotate", "stages", "top_k", "out", "digits_only"])]
    form: Option<PathBuf>,

    /// Device to compute on: auto, cpu, cuda, cuda:N or mps.
    #[arg(long, default_value_t = DeviceChoice::Cpu)]
    device: DeviceChoice,

    #[command(flatten)]
    threads: ThreadsArgs,
}

pub(super) fn probability(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("expected a number from 0 to 1".to_owned()),
    }
}

/// A picture to be read.
struct Job {
    source: Source,
    /// The name of the files that are written about it; empty if none are.
    name: String,
}

/// The pictures to be read.
type Sources<'a> = Box<dyn Iterator<Item = Source> + 'a>;

pub(super) fn run(args: &InferArgs) -> Result<ExitCode> {
    if args.null && !args.images.iter().any(|image| inputs::is_stdin(image)) {
        return Err(misuse("-0 is for a list on stdin: add - to the images"));
    }
    let (inputs, count) = inputs::inputs(&args.images, args.null);
    let reporter = PictureReporter::new(count);
    let mut sources: Sources<'_> = Box::new(inputs.filter_map(|input| match input {
        Ok(Input::File(path)) => Some(Source::file(path)),
        Ok(Input::Stdin(bytes)) => Some(Source::stdin(bytes)),
        Ok(Input::Note(note)) => {
            reporter.note(&note);
            None
        }
        Err(failure) => {
            reporter.failure(&failure);
            None
        }
    }));
    let mut files = vec![];
    if args.annotate.is_some() || args.tables.draws() {
        let all: Vec<_> = sources.collect();
        files = all.iter().map(|source| source.path().to_owned()).collect();
        sources = Box::new(all.into_iter());
    }
    let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    let annotations = args.annotate.as_ref();
    let annotations = annotations.map(|out| Annotations::new(out, &files));
    let annotations = annotations.transpose()?;
    let tables = Tables::new(&args.tables, args.json, &files)?;
    let form = args.form.as_ref().map(|form| Forms::new(form, args.json));
    let form = form.transpose()?;
    let device = args.device.resolve()?;
    let workers = machine::prepare_workers(count, args.threads.get(), device);
    let (net, _) = args.model.load(device)?;
    let reader = args.reader.load(device)?;
    let signs = match (args.digits_only, &tables) {
        (true, _) => Signs::Ignored,
        (false, None) => Signs::InNumbers,
        (false, Some(_)) => Signs::Everywhere,
    };
    let recognizer = |_| {
        let recognizer = Recognizer::new(&net, &reader).with_signs(signs);
        recognizer.with_min_confidence(args.min_confidence)
    };
    let recognizers = (0..workers).map(recognizer).collect();
    let sources = (sources, count);
    if let Some(form) = form {
        form.read(sources, recognizers, &reporter)?;
        return Ok(reporter.code());
    }
    match tables {
        Some(tables) => tables.read(sources, recognizers, table::read, &reporter)?,
        None => read(args, recognizers, sources, &reporter, annotations.as_ref())?,
    }
    Ok(reporter.code())
}

fn read(
    args: &InferArgs,
    recognizers: Vec<Recognizer>,
    (sources, count): (Sources<'_>, Option<usize>),
    reporter: &PictureReporter,
    annotations: Option<&Annotations>,
) -> Result<()> {
    let (format, top_k) = (args.format(), args.top_k.into());
    reporter.result(&report::readings_header(format, top_k)?)?;
    let step = reporter.step();
    batches::read(
        args.jobs(sources),
        count,
        recognizers,
        |job| {
            let prepared = job.source.prepare();
            step();
            prepared
        },
        |recognizer, jobs, prepared| {
            args.write_stages(recognizer, jobs, &prepared)?;
            recognizer.read_all(prepared)
        },
        |job, reading| match reading {
            Ok(reading) => {
                let reading = args.select(reading, &job, reporter);
                if let Some(annotations) = annotations {
                    annotations.write(&job.source, &job.name, &reading)?;
                }
                reporter.result(&report::reading(
                    job.source.path(),
                    &reading,
                    format,
                    top_k,
                )?)?;
                if let Some(note) = report::unread(job.source.path(), &reading) {
                    reporter.note(&note);
                }
                Ok(())
            }
            Err(failure) => {
                reporter.result(&report::unreadable_record(
                    job.source.path(),
                    &failure,
                    format,
                    top_k,
                )?)?;
                reporter.failure(&report::unreadable(job.source.path(), failure));
                Ok(())
            }
        },
    )
}

impl InferArgs {
    fn format(&self) -> Format {
        match (self.json, self.csv) {
            (true, _) => Format::Json,
            (_, true) => Format::Csv,
            _ => Format::Text,
        }
    }

    /// The pictures with their names.
    fn jobs(&self, sources: Sources<'_>) -> impl Iterator<Item = Job> {
        let named = self.stages.is_some() || self.annotate.is_some();
        let mut names = named.then(Names::default);
        sources.map(move |source| Job {
            name: names
                .as_mut()
                .map_or(String::new(), |names| names.claim(source.path())),
            source,
        })
    }

    /// What was read, or with --single the most prominent digit of it.
    fn select(&self, reading: Reading, job: &Job, reporter: &PictureReporter) -> Reading {
        if !self.single {
            return reading;
        }
        let (single, count) = reading.single();
        if count > 1 {
            reporter.warning(&format!(
                "{}: {count} digits are about equally prominent; --single takes one of them",
                job.source.path().display()
            ));
        }
        single
    }

    /// Writes the intermediate images of each picture if --stages is given.
    fn write_stages(
        &self,
        recognizer: &Recognizer,
        jobs: &[Job],
        prepared: &[Result<Prepared, ImageError>],
    ) -> Result<()> {
        let Some(folder) = &self.stages else {
            return Ok(());
        };
        for (job, prepared) in jobs.iter().zip(prepared) {
            if let Ok(prepared) = prepared {
                let mut stages = Stages::new(folder.join(&job.name));
                recognizer.stages(prepared, &mut |name, picture| stages.add(name, picture))?;
                stages.finish()?;
            }
        }
        Ok(())
    }
}
