//! Ensembles: each member is trained as a run of its own.

use anyhow::{Context, Result};

use super::{Event, Experiment, OnEvent, Stop};
use crate::model::{Net, checkpoint};
use crate::plots;
use crate::run::{RunDir, RunResults, Settings};
use crate::trainer::{self, EpochRecord, evaluate};

impl Experiment<'_> {
    /// Trains the members, with consecutive seeds, and finishes the run with the ensemble.
    pub(super) fn run_ensemble(
        &self,
        run: &RunDir,
        on_event: &mut OnEvent<'_>,
        stop: &Stop<'_>,
    ) -> Result<RunResults> {
        self.settings.write(run)?;
        let (mut nets, mut names, mut histories) = (vec![], vec![], vec![]);
        for number in 0..self.settings.members {
            let folder = run.member(number)?;
            on_event(Event::Member(number));
            let (mut net, results) = self.run_member(number, &folder, on_event, stop)?;
            on_event(Event::MemberDone(&results));
            // The ensemble gets its own temperature, so undo the member's.
            net.divide_logits(1.0 / results.temperature)?;
            nets.push(net);
            names.push(folder.name().to_owned());
            histories.push(folder.history()?);
        }
        let mut net = Net::ensemble(&nets)?;
        let validation = self.dataset.validation.to_device(self.device);
        let frozen = net.frozen();
        let found = evaluate(&validation, &|images| frozen.logits(images))
            .context("measuring on the validation split")?;
        let last = histories.last().and_then(|history| history.last());
        let best = EpochRecord {
            validation_loss: found.loss,
            validation_accuracy: found.accuracy,
            ..last.context("an ensemble needs a member")?.clone()
        };
        let curves = names.iter().zip(&histories);
        let curves: Vec<_> = curves
            .map(|(name, history)| plots::Run { name, history })
            .collect();
        self.finish(run, &mut net, &best, &curves)
    }

    /// Trains one member, or loads it if it is finished.
    fn run_member(
        &self,
        number: usize,
        folder: &RunDir,
        on_event: &mut OnEvent<'_>,
        stop: &Stop<'_>,
    ) -> Result<(Net, RunResults)> {
        if folder.is_finished() {
            let (net, _) = checkpoint::load(&folder.weights(), self.device)?;
            return Ok((net, RunResults::read(folder)?));
        }
        // An extended member has its own settings.
        let settings = if folder.is_unfinished() {
            Settings::read(folder)?
        } else {
            self.settings.of_member(number)
        };
        let member = Experiment { settings, ..*self };
        let mut on_training = |event: &trainer::Event| on_event(Event::Training(event));
        member.run_network(folder, &mut on_training, stop)
    }
}
