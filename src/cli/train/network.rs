//! `mnist-tch train` of a network or an ensemble.

use std::process::ExitCode;

use anyhow::Result;

use super::args::TrainArgs;
use super::job::Job;
use crate::cli::arguments::misuse;
use crate::cli::interrupt;
use crate::cli::report::{self, TrainReporter};
use crate::experiment::{Event, Experiment, Stopped};
use crate::run::{RunDir, RunResults, Settings};
use crate::trainer::Optimizer;

/// A new run.
pub(super) fn begin(args: &TrainArgs) -> Result<Job> {
    if args.from.is_some() {
        return Err(misuse("--from is for --preset reader"));
    }
    let architecture = args.architecture.architecture_or(args.preset.model())?;
    if args.optimizer == Some(Optimizer::Adam) && args.weight_decay.is_some() {
        return Err(misuse("--weight-decay is for adamw and sgd: adam has none"));
    }
    let (device, precision) = args.compute.prepare()?;
    let config = args.config(&architecture, precision);
    let mixture = args.preset.mixture();
    let mut dataset = args.data.load()?;
    if let Some(mixture) = &mixture {
        dataset = dataset.mixed(mixture);
    }
    let run = match &args.out {
        Some(path) => RunDir::create(path)?,
        None => RunDir::create_new(&architecture.to_string())?,
    };
    let settings = Settings {
        members: usize::from(args.ensemble),
        mixture,
        limit: args.data.limit(),
        ..Settings::new(&architecture, &config, &dataset, device)
    };
    Ok(Job {
        run,
        settings,
        dataset,
        device,
    })
}

/// Trains, and reports how it ended.
pub(super) fn run(job: &Job, tensorboard: bool) -> Result<ExitCode> {
    interrupt::listen()?;
    let experiment = job.experiment(tensorboard);
    report::training_starts(&job.run, &experiment);
    match train(&experiment, &job.run) {
        Ok(results) => {
            report::training_ends(&job.run, &experiment, &results)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(failure) => match failure.downcast_ref::<Stopped>() {
            Some(stopped) => {
                report::interrupted(&job.run, &experiment, stopped);
                Ok(interrupt::exit_code())
            }
            None => {
                report::how_to_resume(&job.run, &failure);
                Err(failure)
            }
        },
    }
}

fn train(experiment: &Experiment<'_>, run: &RunDir) -> Result<RunResults> {
    let settings = &experiment.settings;
    let reporter = || TrainReporter::new(settings.training.epochs, experiment.dataset.train.len());
    let mut reporter_now = reporter();
    let mut on_event = |event: Event<'_>| match event {
        Event::Member(number) => {
            reporter_now = reporter();
            report::member_begins(number, settings.members);
        }
        Event::Training(event) => reporter_now.on(event),
        Event::MemberDone(results) => report::member_ends(results),
    };
    experiment.run(run, &mut on_event, &interrupt::received_signal)
}
