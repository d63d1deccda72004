//! A finished training gets more epochs.

use anyhow::{Context, Result, ensure};
use tch::Device;

use crate::model::checkpoint;
use crate::run::{RunDir, RunResults, Settings};
use crate::trainer::{self, TrainConfig};

/// Makes a finished run one that [`Experiment::run`](super::Experiment::run) resumes, up to so many
/// epochs in all.
///
/// Training goes on from the weights that were kept. The schedule begins anew: over the epochs that
/// are added the learning rate rises to its peak and falls, optimizer and average of the weights
/// remember nothing. A kept epoch stays the one to keep unless a later one is as good on the
/// validation split.
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
    // A kill may have come between two of them.
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

/// How many epochs a finished network was trained for, which are fewer than these.
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
        // What is trained has no temperature yet.
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

/// The same settings with more epochs than those that were trained.
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
