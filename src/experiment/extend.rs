//! Extension of a finished training run by more epochs.

use anyhow::{Context, Result, ensure};
use tch::Device;

use crate::model::checkpoint;
use crate::run::{RunDir, RunResults, Settings};
use crate::trainer::{self, TrainConfig};

/// Turns a finished run into one that [`Experiment::run`](super::Experiment::run) resumes, up to
/// `epochs` epochs in total.
///
/// Training continues from the kept weights. The schedule restarts: over the added epochs the
/// learning rate rises to its peak and falls, and the optimizer and the average of the weights
/// start anew. The kept epoch stays the kept one unless a later one is as good on the validation
/// split.
///
/// # Errors
/// When the run has as many epochs already, or its files cannot be read or written.
pub fn extend(run: &RunDir, epochs: usize) -> Result<()> {
    let settings = Settings::read(run)?;
    if settings.members == 1 {
        ensure_more_epochs(run, epochs)?;
        extend_network(run, &settings, epochs)?;
        return run.remove_results();
    }
    let members = (0..settings.members).map(|number| Ok((number, run.member(number)?)));
    let mut members: Vec<_> = members.collect::<Result<_>>()?;
    // An earlier call may have been killed between two members.
    members.retain(|(_, member)| member.is_finished());
    let trained = members
        .iter()
        .map(|(_, member)| ensure_more_epochs(member, epochs));
    let trained = trained.collect::<Result<Vec<_>>>()?;
    for (number, member) in &members {
        extend_network(member, &settings.of_member(*number), epochs)?;
        member.remove_results()?;
    }
    if let Some(&trained) = trained.iter().max() {
        with_epochs(&settings, trained, epochs).write(run)?;
    }
    run.remove_results()
}

/// The number of epochs that a finished network was trained for; an error unless `epochs` is
/// larger.
fn ensure_more_epochs(run: &RunDir, epochs: usize) -> Result<usize> {
    let trained = run.history()?.len();
    ensure!(
        epochs > trained,
        "{} has {trained} epochs already: ask for more with --epochs",
        run.path().display()
    );
    Ok(trained)
}

/// Writes the state to resume from, and the settings that go with it.
fn extend_network(run: &RunDir, settings: &Settings, epochs: usize) -> Result<()> {
    let extend = || {
        let history = run.history()?;
        let settings = with_epochs(settings, history.len(), epochs);
        let results = RunResults::read(run)?;
        let (mut net, _) = checkpoint::load(&run.weights(), Device::Cpu)?;
        // Training continues without a temperature.
        net.divide_logits(1.0 / results.temperature)?;
        trainer::extend(
            &net,
            &history,
            results.best_epoch,
            &settings.training,
            &run.state(),
        )?;
        settings.write(run)
    };
    extend().with_context(|| format!("extending {}", run.path().display()))
}

/// The same settings with `epochs` epochs and a restart after the trained ones.
fn with_epochs(settings: &Settings, trained: usize, epochs: usize) -> Settings {
    let before = settings.training.restarts.iter().copied();
    let restarts = before.filter(|&epoch| epoch < trained).chain([trained]);
    Settings {
        training: TrainConfig {
            epochs,
            restarts: restarts.collect(),
            ..settings.training.clone()
        },
        ..settings.clone()
    }
}
