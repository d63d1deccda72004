//! `mnist-tch eval`: how well a trained network reads a split, or people's pictures.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, ensure};
use clap::Args;

use super::arguments::{one_of, png_file, whole};
use super::compute::ThreadsArgs;
use super::data::DataArgs;
use super::material::{self, MaterialArgs};
use super::overwriting::folder_of;
use super::trained::{ReaderArgs, TrainedArgs};
use super::{report, scenes, wild};
use crate::dataset::{Examples, Split};
use crate::device::DeviceChoice;
use crate::machine;
use crate::model::checkpoint::UNKNOWN_DATA;
use crate::plots;
use crate::recognizer::Recognizer;
use crate::scenes::{Scenes, Split as SceneSplit};
use crate::trainer::{Evaluation, evaluate};

/// How many of the worst mistakes are drawn beside the matrix.
const MISTAKES: usize = 24;

#[derive(Debug, Args)]
pub(super) struct EvalArgs {
    #[command(flatten)]
    model: TrainedArgs,

    #[command(flatten)]
    reader: ReaderArgs,

    #[command(flatten)]
    data: DataArgs,

    /// Split to evaluate on.
    #[arg(long, value_parser = one_of::<Split>(), default_value = Split::Test.name())]
    split: Split,

    /// Evaluate on people's own pictures instead: a folder with a labels.tsv (columns file, label,
    /// kind, source; a label is a digit, several, or none) and the pictures beside it or in images/.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["data", "data_dir", "limit", "split"])]
    wild: Option<PathBuf>,

    /// Evaluate on N rendered scenes, with handwriting, fonts and symbols never used for training.
    #[arg(long, value_name = "N", conflicts_with_all = ["wild", "json", "plot", "split"],
          value_parser = whole(1..=100_000_u32))]
    scenes: Option<u32>,

    /// Evaluate on N rendered photos of sheets of numbers, in handwriting never used for training.
    #[arg(long, value_name = "N", conflicts_with_all = ["scenes", "wild", "json", "plot", "split"],
          value_parser = whole(1..=10_000_u32))]
    sheets: Option<u32>,

    /// With --sheets: numbers with signs too, as in -3.5 and 12:30.
    #[arg(long, requires = "sheets")]
    signs: bool,

    /// With --sheets: sheets in handwriting for training instead, every other one with signs; FILE gets
    /// a CSV with each layout that is tried, for scripts/fit-layouts.
    #[arg(
        long,
        value_name = "FILE",
        requires = "sheets",
        conflicts_with = "signs"
    )]
    layouts: Option<PathBuf>,

    #[command(flatten)]
    material: MaterialArgs,

    /// Print one JSON object instead of tables.
    #[arg(long)]
    json: bool,

    /// PNG file for the confusion matrix and the worst mistakes, or for the misread pictures.
    #[arg(long, value_name = "FILE", value_parser = png_file)]
    plot: Option<PathBuf>,

    /// Device to compute on: auto, cpu, cuda, cuda:N or mps.
    #[arg(long, default_value_t = DeviceChoice::Auto)]
    device: DeviceChoice,

    #[command(flatten)]
    threads: ThreadsArgs,
}

pub(super) fn run(args: &EvalArgs) -> Result<ExitCode> {
    // Before the evaluation, which may take minutes.
    for path in [&args.plot, &args.layouts].into_iter().flatten() {
        let folder = folder_of(path);
        ensure!(
            folder.is_dir(),
            "writing {}: there is no folder {}",
            path.display(),
            folder.display()
        );
    }
    let device = args.device.resolve()?;
    if let Some(folder) = &args.wild {
        let workers = machine::prepare_workers(None, args.threads.get(), device);
        let (net, description) = args.model.load(device)?;
        let reader = args.reader.load(device)?;
        let recognizers = (0..workers).map(|_| Recognizer::new(&net, &reader));
        let plot = args.plot.as_deref();
        return wild::run(folder, recognizers.collect(), &description, args.json, plot);
    }
    machine::prepare(args.threads.get(), device);
    let (net, description) = args.model.load(device)?;
    if args.scenes.is_some() || args.sheets.is_some() {
        let recognizer = Recognizer::new(&net, &args.reader.load(device)?);
        let folder = args.material.folder();
        let material = material::for_rendering(folder.as_ref(), || args.data.load_real())?;
        if let Some(count) = args.scenes {
            let scenes = Scenes::new(material, SceneSplit::Validation);
            scenes::evaluate(&recognizer, &scenes, count.into())?;
        } else if let (Some(count), Some(path)) = (args.sheets, &args.layouts) {
            scenes::write_layouts(&recognizer, material, count.into(), path)?;
        } else if let Some(count) = args.sheets {
            scenes::evaluate_sheets(&recognizer, material, count.into(), args.signs)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let dataset = args.data.load_real()?;
    let split = args.split;
    let examples = dataset.examples(split);
    let frozen = net.frozen();
    let found = evaluate(&examples.to_device(device), &|images| frozen.logits(images))?;
    if ![&dataset.origin.name, UNKNOWN_DATA].contains(&description.data.as_str()) {
        report::warning(&format!(
            "this network was trained on {} but is evaluated on {}",
            description.data,
            dataset.origin.title()
        ));
    }
    if args.json {
        report::evaluation_json(&found, split, &dataset.origin, &description)?;
    } else {
        report::evaluation(&found, split, &dataset.origin, &description)?;
    }
    if let Some(path) = &args.plot {
        let title = format!(
            "{} on the {split} split of {}: confusion matrix",
            description.name(),
            dataset.origin.title()
        );
        plots::save(&draw(examples, &found, &title)?, path)?;
        report::note(&format!("{}: {title}", path.display()));
    }
    Ok(ExitCode::SUCCESS)
}

/// The confusion matrix, and the most confident mistakes.
fn draw(examples: &Examples, found: &Evaluation, title: &str) -> Result<image::RgbImage> {
    let mut wrong: Vec<_> = found
        .predictions
        .iter()
        .enumerate()
        .filter(|(_, prediction)| prediction.digit != prediction.label)
        .collect();
    wrong.sort_by(|(_, a), (_, b)| b.confidence.total_cmp(&a.confidence));
    wrong.truncate(MISTAKES);
    let shown: Vec<_> = wrong
        .iter()
        .map(|&(index, _)| examples.example(index).0)
        .collect();
    let mistakes: Vec<_> = wrong
        .iter()
        .zip(&shown)
        .map(|((_, answer), pixels)| plots::Mistake {
            pixels,
            label: answer.label,
            predicted: answer.digit,
            confidence: answer.confidence,
        })
        .collect();
    plots::evaluation(&found.confusion, &mistakes, title)
}
