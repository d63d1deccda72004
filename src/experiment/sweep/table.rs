//! The results table of a sweep.

use anyhow::{Context, Result, anyhow};
use serde::Serialize;

use super::grid::{Grid, Setting};
use crate::model::summary::Summary;
use crate::run::RunResults;

/// Mean and sample standard deviation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanStd {
    /// Mean of the values.
    pub mean: f64,
    /// Standard deviation; a single value has none.
    pub std: Option<f64>,
}

impl MeanStd {
    /// None where there are no values.
    fn of(values: impl Iterator<Item = f64> + Clone) -> Option<Self> {
        let count = values.clone().count();
        let mean = values.clone().sum::<f64>() / count as f64;
        let squares: f64 = values.map(|value| (value - mean).powi(2)).sum();
        (count > 0).then(|| Self {
            mean,
            std: (count > 1).then(|| (squares / (count - 1) as f64).sqrt()),
        })
    }
}

/// A setting with the results of all finished seeds.
pub struct Row<'a> {
    /// Network and configuration.
    pub setting: &'a Setting,
    /// Number of trainable parameters of the network.
    pub parameters: i64,
    /// The results of each finished seed.
    pub results: Vec<RunResults>,
}

impl<'a> Row<'a> {
    /// A row for each setting, without results.
    pub(super) fn of(grid: &'a Grid) -> Result<Vec<Self>> {
        let row = |setting: &'a Setting| {
            Ok(Self {
                setting,
                parameters: Summary::new(&setting.architecture)?.parameters(),
                results: Vec::new(),
            })
        };
        grid.settings.iter().map(row).collect()
    }

    /// Whether every seed is finished.
    pub fn is_complete(&self, grid: &Grid) -> bool {
        self.results.len() == grid.seeds as usize
    }

    /// Accuracy on the validation split.
    pub fn validation(&self) -> Option<MeanStd> {
        self.mean_std(|results| results.validation_accuracy)
    }

    /// Accuracy on the test split.
    pub fn test(&self) -> Option<MeanStd> {
        self.mean_std(|results| results.test_accuracy)
    }

    /// Wall-clock time of one run.
    pub fn seconds(&self) -> Option<MeanStd> {
        self.mean_std(|results| results.training_seconds)
    }

    fn mean_std(&self, value: fn(&RunResults) -> f64) -> Option<MeanStd> {
        MeanStd::of(self.results.iter().map(value))
    }
}

/// One row of `sweep.csv`; accuracies are fractions in 0..=1.
#[derive(Serialize)]
struct Record {
    network: String,
    parameters: i64,
    batch_size: usize,
    learning_rate: f64,
    epochs: usize,
    seeds: usize,
    validation_accuracy: Option<f64>,
    validation_deviation: Option<f64>,
    test_accuracy: Option<f64>,
    test_deviation: Option<f64>,
    training_seconds: Option<f64>,
}

/// The table with a header; missing values are empty.
pub(super) fn csv(rows: &[Row<'_>]) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        let config = &row.setting.config;
        let record = Record {
            network: row.setting.architecture.to_string(),
            parameters: row.parameters,
            batch_size: config.batch_size,
            learning_rate: config.learning_rate,
            epochs: config.epochs,
            seeds: row.results.len(),
            validation_accuracy: row.validation().map(|found| found.mean),
            validation_deviation: row.validation().and_then(|found| found.std),
            test_accuracy: row.test().map(|found| found.mean),
            test_deviation: row.test().and_then(|found| found.std),
            training_seconds: row.seconds().map(|found| found.mean),
        };
        writer.serialize(record).context("serializing the table")?;
    }
    writer.into_inner().map_err(|failure| anyhow!("{failure}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_deviation_is_that_of_a_sample() {
        let of = |values: &[f64]| MeanStd::of(values.iter().copied());
        let found = of(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]).unwrap();
        assert_eq!(found.mean, 5.0);
        assert!((found.std.unwrap() - (32.0_f64 / 7.0).sqrt()).abs() < 1e-12);
        let alone = MeanStd {
            mean: 3.0,
            std: None,
        };
        assert_eq!(of(&[3.0]), Some(alone));
        assert_eq!(of(&[]), None);
    }
}
