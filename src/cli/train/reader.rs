//! `mnist-tch train --preset reader`: from scenes to a finished run.

use std::process::ExitCode;

use anyhow::Result;
use tch::Device;

use super::args::TrainArgs;
use super::resume::load_origin;
use crate::cli::arguments::misuse;
use crate::cli::interrupt;
use crate::cli::material;
use crate::cli::report::{self, TrainReporter};
use crate::experiment::reader::{Event, ReaderExperiment, ReaderStopped};
use crate::reader::Reader;
use crate::run::{ReaderSettings, RunDir};
use crate::scenes::Scenes;
use crate::trainer::reader::ReaderConfig;

/// The first argument given that does not apply to training a reader.
fn not_for_reader(args: &TrainArgs) -> Option<&'static str> {
    let options = [
        ("--model and --hidden", args.architecture.is_given()),
        ("--ensemble", args.ensemble > 1),
        ("--label-smoothing", args.label_smoothing.is_some()),
        ("--optimizer", args.optimizer.is_some()),
        (
            "--augment and --no-augment",
            args.augment || args.no_augment,
        ),
        ("--patience", args.patience.is_some()),
        ("--tensorboard", args.tensorboard),
    ];
    let first = options.into_iter().find(|(_, is_given)| *is_given);
    first.map(|(name, _)| name)
}

/// A new training of a reader, and the folder for it.
pub(super) fn begin(args: &TrainArgs) -> Result<(RunDir, ReaderExperiment)> {
    if let Some(name) = not_for_reader(args) {
        return Err(misuse(&format!(
            "{name}: does not apply to --preset reader"
        )));
    }
    let (device, precision) = args.compute.prepare()?;
    let default = ReaderConfig::default();
    let config = ReaderConfig {
        epochs: args.epochs.map_or(default.epochs, |epochs| epochs as usize),
        batch_size: args
            .batch_size
            .map_or(default.batch_size, |size| size as usize),
        learning_rate: args.lr.unwrap_or(default.learning_rate),
        weight_decay: args.weight_decay.unwrap_or(default.weight_decay),
        precision,
        seed: args.seed,
        ..default
    };
    config
        .check()
        .map_err(|failure| misuse(&failure.to_string()))?;
    // Before the run folder is made, which a wrong file would leave behind.
    if let Some(path) = &args.from {
        Reader::load(path, device)?;
    }
    let dataset = args.data.load()?;
    let folder = args.material.folder();
    let scenes = material::scenes(folder.as_ref(), &dataset)?;
    let run = match &args.out {
        Some(path) => RunDir::create(path)?,
        None => RunDir::create_new("reader")?,
    };
    let settings = ReaderSettings {
        material: folder,
        from: args.from.clone(),
        ..ReaderSettings::new(&config, &dataset.origin, device)
    };
    Ok((run, experiment(settings, scenes, device)))
}

/// A training of a reader that was interrupted.
pub(super) fn resume(
    args: &TrainArgs,
    run: RunDir,
    settings: ReaderSettings,
) -> Result<(RunDir, ReaderExperiment)> {
    let device = args.compute.prepare_resumed(
        &settings.device,
        settings.reader.precision,
        settings.threads,
    )?;
    let dataset = load_origin(&settings.data, &args.data, None)?;
    let folder = args.material.folder().or_else(|| settings.material.clone());
    let scenes = material::scenes(folder.as_ref(), &dataset)?;
    Ok((run, experiment(settings, scenes, device)))
}

fn experiment(settings: ReaderSettings, scenes: [Scenes; 2], device: Device) -> ReaderExperiment {
    let [training, validation] = scenes;
    ReaderExperiment {
        settings,
        training,
        validation,
        device,
    }
}

/// Trains, and reports how it ended.
pub(super) fn run((run, experiment): (RunDir, ReaderExperiment)) -> Result<ExitCode> {
    interrupt::listen()?;
    report::reader_training_starts(&run, &experiment);
    let config = &experiment.settings.reader;
    let epochs = config.epochs;
    let mut reporter = TrainReporter::new(epochs, config.scenes_per_epoch() as usize);
    let mut on_event = |event: Event<'_>| match event {
        Event::Training(event) => reporter.on_reader(event),
        Event::Calibrating => report::note(
            "calibrating the reader and fitting its judge on validation scenes: this takes minutes",
        ),
        Event::Judged(share) => report::reader_judged(share),
    };
    match experiment.run(&run, &mut on_event, &interrupt::received_signal) {
        Ok(results) => {
            report::reader_training_ends(&run, &results)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(failure) => match failure.downcast_ref::<ReaderStopped>() {
            Some(stopped) => {
                report::reader_interrupted(&run, stopped.epoch, epochs);
                Ok(interrupt::exit_code())
            }
            None => {
                report::how_to_resume(&run, &failure);
                Err(failure)
            }
        },
    }
}
