//! `metrics.csv`: what was measured in each epoch.

use anyhow::{Context, Result, ensure};

use super::RunDir;
use crate::storage::{read_bounded, write_atomic};
use crate::trainer::EpochRecord;

/// The longest history, of 100,000 epochs, takes a fifth of this.
const MAX_BYTES: u64 = 64 << 20;

impl RunDir {
    /// Writes all of `metrics.csv`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_history(&self, history: &[EpochRecord]) -> Result<()> {
        let mut rows = csv::Writer::from_writer(Vec::new());
        for record in history {
            rows.serialize(record).context("encoding a metrics row")?;
        }
        let bytes = rows.into_inner().context("encoding the metrics")?;
        write_atomic(&self.metrics(), &bytes)
    }

    /// All rows of `metrics.csv`, of 64 MiB at most.
    ///
    /// # Errors
    /// When the file is missing or a row is not an [`EpochRecord`].
    pub fn history(&self) -> Result<Vec<EpochRecord>> {
        let path = self.metrics();
        let read = || {
            ensure!(
                path.exists(),
                "there is no such file: no epoch of this run is finished yet"
            );
            parse_history(&read_bounded(&path, MAX_BYTES)?)
        };
        read().with_context(|| format!("reading the history {}", path.display()))
    }
}

/// The rows of a `metrics.csv`, given its bytes.
///
/// # Errors
/// When a row is not an [`EpochRecord`].
pub fn parse_history(bytes: &[u8]) -> Result<Vec<EpochRecord>> {
    let mut rows = csv::Reader::from_reader(bytes);
    Ok(rows.deserialize().collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(epoch: usize) -> EpochRecord {
        EpochRecord {
            epoch,
            learning_rate: 1e-3,
            train_loss: 0.25,
            train_accuracy: 0.9,
            validation_loss: f64::NAN,
            validation_accuracy: 0.95,
            seconds: 1.5,
            images_per_second: 1e4,
        }
    }

    #[test]
    fn history_returns_what_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunDir::create(folder.path()).unwrap();
        run.write_history(&[record(1), record(2)]).unwrap();
        let history = run.history().unwrap();
        assert_eq!(history.iter().map(|r| r.epoch).collect::<Vec<_>>(), [1, 2]);
        assert!(history[0].validation_loss.is_nan());
        assert_eq!(history[1].train_accuracy, 0.9);
    }

    #[test]
    fn a_damaged_history_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunDir::create(folder.path()).unwrap();
        run.write_history(&[]).unwrap();
        assert_eq!(run.history().unwrap(), []);
        std::fs::write(run.metrics(), "epoch,loss\n1,2\n").unwrap();
        let text = run.history().unwrap_err().to_string();
        assert!(text.starts_with("reading the history"), "{text}");
        assert!(parse_history(b"epoch,loss\n1,2\n").is_err());
    }
}
