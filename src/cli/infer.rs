//! `mnist-tch infer`: the digit, or the number, in each image file.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use image::GrayImage;

use super::annotate::Annotations;
use super::model::TrainedArgs;
use super::names::Names;
use super::report::{self, Format, PictureReporter};
use super::stages::Stages;
use super::{batches, inputs};
use crate::device::DeviceChoice;
use crate::machine;
use crate::recognizer::{ImageError, Recognizer, candidates, load, prepare};

#[derive(Debug, Args)]
pub(super) struct InferArgs {
    /// Image files (PNG, JPEG, WebP, BMP, TIFF or GIF, told apart by their content), folders, which
    /// are searched for images, quoted patterns such as 'scans/**/*.jpg', or - for a list on stdin,
    /// one path a line.
    #[arg(required = true, value_name = "IMAGE")]
    images: Vec<PathBuf>,

    #[command(flatten)]
    model: TrainedArgs,

    /// Read rows of digits, rather than one digit.
    #[arg(long)]
    number: bool,

    /// Print the N most probable digits; not with --number.
    #[arg(long, value_name = "N", default_value_t = 1, conflicts_with = "number",
          value_parser = clap::value_parser!(u8).range(1..=10))]
    top_k: u8,

    /// Answer only digits of this probability or more, 0 to 1.
    #[arg(long, value_name = "P", default_value_t = Recognizer::MIN_CONFIDENCE,
          value_parser = probability)]
    min_confidence: f64,

    /// Print one JSON object a line: file, digit (null where none is seen), confidence,
    /// probabilities, reason; with --number: file, text, confidence, digits.
    #[arg(long)]
    json: bool,

    /// Print a table: file, digit (empty where none is seen), confidence, reason; with --number:
    /// file, text, confidence.
    #[arg(long, conflicts_with = "json")]
    csv: bool,

    /// Folder for what the program made of each picture on the way: DIR/five/1-grey.png and so on,
    /// the last as the network sees it; small ones are enlarged.
    #[arg(long, value_name = "DIR")]
    stages: Option<PathBuf>,

    /// With --number, draw a box around each digit and what it was read as: a PNG file for one image,
    /// else a folder, which gets five.png for five.jpg.
    #[arg(long, value_name = "OUT", requires = "number")]
    annotate: Option<PathBuf>,

    /// Device to compute on: auto, cpu, cuda, cuda:N or mps.
    #[arg(long, default_value_t = DeviceChoice::Cpu)]
    device: DeviceChoice,
}

pub(super) fn probability(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("expected a number from 0 to 1".to_owned()),
    }
}

/// A picture to be read.
struct Job {
    path: PathBuf,
    /// What is written about it is called so; empty where nothing is.
    name: String,
}

/// The paths of what is to be read.
type Files<'a> = Box<dyn Iterator<Item = PathBuf> + 'a>;

pub(super) fn run(args: &InferArgs) -> Result<ExitCode> {
    let (files, count) = inputs::files(&args.images);
    let reporter = PictureReporter::new(count);
    let mut files: Files<'_> =
        Box::new(files.filter_map(|file| file.map_err(|error| reporter.failure(&error)).ok()));
    let mut annotations = None;
    if let Some(out) = &args.annotate {
        let paths: Vec<_> = files.collect();
        annotations = Some(Annotations::new(out, &paths)?);
        files = Box::new(paths.into_iter());
    }
    machine::prepare_for_pictures();
    let (net, _) = args.model.load(args.device.resolve()?)?;
    let recognizer = Recognizer::new(net).with_min_confidence(args.min_confidence);
    match args.number {
        true => read_numbers(args, &recognizer, files, &reporter, annotations.as_ref())?,
        false => read_digits(args, &recognizer, files, &reporter)?,
    }
    Ok(reporter.code())
}

fn read_digits(
    args: &InferArgs,
    recognizer: &Recognizer,
    files: Files<'_>,
    reporter: &PictureReporter,
) -> Result<()> {
    let (format, top_k) = (args.format(), args.top_k.into());
    reporter.result(&report::answers_header(format, top_k)?)?;
    let step = reporter.step();
    batches::read(
        args.jobs(files),
        |job| args.prepare(job, prepare).inspect(|_| step()),
        |prepared| recognizer.answer(prepared),
        |job, answer| match answer {
            Ok(answer) => reporter.result(&report::answer(&job.path, &answer, format, top_k)?),
            Err(failure) => {
                reporter.failure(&report::unreadable(&job.path, failure));
                Ok(())
            }
        },
    )
}

fn read_numbers(
    args: &InferArgs,
    recognizer: &Recognizer,
    files: Files<'_>,
    reporter: &PictureReporter,
    annotations: Option<&Annotations>,
) -> Result<()> {
    let format = args.format();
    reporter.result(&report::readings_header(format)?)?;
    let step = reporter.step();
    batches::read(
        args.jobs(files),
        |job| args.prepare(job, candidates).inspect(|_| step()),
        |found| recognizer.readings(found),
        |job, reading| match reading {
            Ok(reading) => {
                if let Some(annotations) = annotations {
                    annotations.write(&job.path, &job.name, &reading)?;
                }
                reporter.result(&report::reading(&job.path, &reading, format)?)
            }
            Err(failure) => {
                reporter.failure(&report::unreadable(&job.path, failure));
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
    fn jobs(&self, files: Files<'_>) -> impl Iterator<Item = Job> {
        let named = self.stages.is_some() || self.annotate.is_some();
        let mut names = named.then(Names::default);
        files.map(move |path| Job {
            name: names
                .as_mut()
                .map_or(String::new(), |names| names.claim(&path)),
            path,
        })
    }

    /// Loads a picture and makes of it what the network is to see, with its stages written where
    /// they are asked for.
    fn prepare<P>(
        &self,
        job: &Job,
        prepare: impl Fn(&[u8], &mut dyn FnMut(&str, &GrayImage)) -> Result<P, ImageError>,
    ) -> Result<Result<P, ImageError>> {
        let folder = self.stages.as_ref().map(|folder| folder.join(&job.name));
        let mut stages = folder.map(Stages::new);
        let mut on_stage = |name: &str, picture: &GrayImage| {
            if let Some(stages) = &mut stages {
                stages.add(name, picture);
            }
        };
        let prepared = load(&job.path).and_then(|bytes| prepare(&bytes, &mut on_stage));
        stages.map_or(Ok(()), Stages::finish)?;
        Ok(prepared)
    }
}
