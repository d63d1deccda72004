//! Settings and results of runs, for tests.

use std::collections::BTreeMap;

use super::{Confusion, RunResults, Settings};
use crate::dataset::{Origin, Split};
use crate::model::Architecture;
use crate::tensors::CLASSES;
use crate::trainer::{EpochRecord, TrainConfig};

/// The settings of a run on synthetic digits.
pub(crate) fn settings() -> Settings {
    Settings {
        architecture: Architecture::Cnn,
        members: 1,
        training: TrainConfig::default_for(&Architecture::Cnn),
        mixture: None,
        data: Origin {
            name: "synthetic".to_owned(),
            folder: None,
            sha256: BTreeMap::new(),
        },
        limit: Some(900),
        images: [(Split::Train, 900), (Split::Validation, 75)].into(),
        device: "cpu".to_owned(),
        threads: 2,
        started: "2026-01-02T03:04:05+00:00".to_owned(),
        mnist_tch: "0.1.0".to_owned(),
        libtorch: "2.11.0".to_owned(),
    }
}

/// An epoch whose validation accuracy is its number in percent.
pub(crate) fn epoch(number: usize) -> EpochRecord {
    EpochRecord {
        epoch: number,
        learning_rate: 1e-3,
        train_loss: 0.25,
        train_accuracy: 0.9,
        validation_loss: 0.5,
        validation_accuracy: number as f64 / 100.0,
        seconds: 1.5,
        images_per_second: 1e4,
    }
}

pub(crate) fn results() -> RunResults {
    RunResults {
        data: "synthetic".to_owned(),
        best_epoch: 2,
        epochs: 3,
        validation_accuracy: 0.97,
        test_images: 150,
        test_loss: 0.125,
        test_accuracy: 0.96,
        calibration_error: 0.01,
        temperature: 1.25,
        training_seconds: 4.5,
    }
}

/// The confusion matrix of a network that is always right, on ten images of each digit.
pub(crate) fn confusion() -> Confusion {
    let mut counts = [[0; CLASSES]; CLASSES];
    for (digit, row) in counts.iter_mut().enumerate() {
        row[digit] = 10;
    }
    Confusion {
        split: "validation".to_owned(),
        epoch: 3,
        counts,
    }
}
