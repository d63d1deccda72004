//! Completion of a run: the trained network is calibrated, tested and exported.

use anyhow::{Context, Result};

use super::Experiment;
use crate::dataset::Split;
use crate::export::{Format, Output, export};
use crate::model::Net;
use crate::model::checkpoint::{self, Description};
use crate::plots;
use crate::run::{Confusion, RunDir, RunResults};
use crate::trainer::{EpochRecord, calibrate, evaluate};
use crate::version::VERSION;

impl Experiment<'_> {
    /// Calibrates, tests and exports a trained network; `curves` are the histories to draw.
    pub(super) fn finish(
        &self,
        run: &RunDir,
        net: &mut Net,
        best: &EpochRecord,
        curves: &[plots::Run<'_>],
    ) -> Result<RunResults> {
        // On the whole split, although it selected the epoch: fitted on a quarter of it, the
        // temperature varies three times as much with the images, since there are few mistakes.
        let temperature = calibrate(net, &self.dataset.validation.to_device(self.device))?;
        let test = self.dataset.test.to_device(self.device);
        let frozen = net.frozen();
        let test = evaluate(&test, &|images| frozen.logits(images))
            .context("measuring on the test split")?;
        let description = Description {
            temperature,
            test_accuracy: Some(test.accuracy),
            ..self.describe(net, best)
        };
        checkpoint::save(net, &description, &run.weights())?;
        export(
            net,
            &description,
            Format::TorchScript,
            Output::Logits,
            &run.torchscript(),
        )?;
        net.to_device(self.device);
        plots::save(&plots::curves(curves)?, &run.curves())?;
        let confusion = Confusion {
            split: Split::Test.name().to_owned(),
            epoch: best.epoch,
            counts: test.confusion,
        };
        confusion.write(run)?;
        let histories = curves.iter().flat_map(|curve| curve.history);
        let results = RunResults {
            data: self.dataset.origin.name.clone(),
            best_epoch: best.epoch,
            epochs: curves.iter().map(|curve| curve.history.len()).sum(),
            validation_accuracy: best.validation_accuracy,
            test_images: test.count,
            test_loss: test.loss,
            test_accuracy: test.accuracy,
            calibration_error: test.calibration_error(),
            temperature,
            training_seconds: histories.map(|record| record.seconds).sum(),
        };
        results.write(run)?;
        run.remove_state()?;
        Ok(results)
    }

    /// The description in a checkpoint after an epoch.
    pub(super) fn describe(&self, net: &Net, record: &EpochRecord) -> Description {
        Description {
            architecture: net.architecture().clone(),
            members: net.members(),
            data: self.dataset.origin.name.clone(),
            epoch: Some(record.epoch),
            validation_accuracy: Some(record.validation_accuracy),
            test_accuracy: None,
            temperature: 1.0,
            version: VERSION.to_owned(),
        }
    }
}
