//! TensorBoard event files.
//!
//! Records: <https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details>,
//! each with a protobuf message of tensorflow/core/util/event.proto. Both formats are small, and
//! the crates that write them are unmaintained.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use crc::{CRC_32_ISCSI, Crc};
use prost::Message;

use crate::storage::read_bounded;
use crate::trainer::EpochRecord;

/// CRC-32C (Castagnoli), the checksum of the records.
const CRC32C: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);

/// The longest history, of 100,000 epochs, takes half of this.
const MAX_BYTES: u64 = 64 << 20;

/// The file version that readers expect in the first event.
const FILE_VERSION: &str = "brain.Event:2";

/// The metrics of a run for TensorBoard; each call writes whole records.
#[derive(Debug)]
pub struct EventFile {
    file: File,
}

impl EventFile {
    /// Creates a new event file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn create(path: &Path) -> Result<Self> {
        let start = || {
            let mut events = Self {
                file: File::create(path)?,
            };
            events.append(&Event {
                wall_time: seconds_since_1970(),
                file_version: Some(FILE_VERSION.to_owned()),
                ..Event::default()
            })?;
            anyhow::Ok(events)
        };
        start().with_context(|| format!("starting the event file {}", path.display()))
    }

    /// Opens the event file of a run that is resumed after `epochs` epochs; records of later ones
    /// are removed.
    ///
    /// # Errors
    /// When it cannot be read or written, or has more than 64 MiB.
    pub fn reopen(path: &Path, epochs: usize) -> Result<Self> {
        let reopen = || {
            let bytes = read_bounded(path, MAX_BYTES)?;
            let file = File::options().append(true).open(path)?;
            file.set_len(length_up_to(&bytes, epochs) as u64)?;
            anyhow::Ok(Self { file })
        };
        reopen().with_context(|| format!("reopening the event file {}", path.display()))
    }

    /// Appends an epoch's metrics as scalars, with the epoch as step.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn epoch(&mut self, record: &EpochRecord) -> Result<()> {
        let value = [
            ("loss/train", record.train_loss),
            ("loss/validation", record.validation_loss),
            ("accuracy/train", record.train_accuracy),
            ("accuracy/validation", record.validation_accuracy),
            ("learning_rate", record.learning_rate),
            ("images_per_second", record.images_per_second),
        ]
        .map(|(tag, value)| Value {
            tag: tag.to_owned(),
            simple_value: Some(value as f32),
        });
        self.append(&Event {
            wall_time: seconds_since_1970(),
            step: i64::try_from(record.epoch)?,
            file_version: None,
            summary: Some(Summary {
                value: value.to_vec(),
            }),
        })
        .context("appending to the run's event file")
    }

    fn append(&mut self, event: &Event) -> Result<()> {
        let length = self.file.metadata()?.len();
        // In one call, so that a concurrent reader rarely sees a partial record.
        let written = self.file.write_all(&record(&event.encode_to_vec()));
        if written.is_err() {
            // A full disk may leave a partial record.
            let _ = self.file.set_len(length);
        }
        Ok(written?)
    }
}

/// Length of the complete records up to this epoch.
fn length_up_to(bytes: &[u8], epochs: usize) -> usize {
    let mut length = 0;
    while let Some((data, rest)) = bytes.get(length..).and_then(split_record) {
        let step = Event::decode(data).map(|event| event.step);
        if !step.is_ok_and(|step| step <= epochs as i64) {
            break;
        }
        length = bytes.len() - rest.len();
    }
    length
}

/// The data of the first record, and the bytes after it; none where the record is incomplete.
fn split_record(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<8>()?;
    let (_, rest) = rest.split_first_chunk::<4>()?;
    let (data, rest) = rest.split_at_checked(u64::from_le_bytes(*length) as usize)?;
    let (check, rest) = rest.split_first_chunk::<4>()?;
    (*check == masked(data)).then_some((data, rest))
}

fn seconds_since_1970() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0.0, |since| since.as_secs_f64())
}

/// A record: length, its checksum, data, its checksum; all numbers little-endian.
fn record(data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u64).to_le_bytes();
    [&length, &masked(&length)[..], data, &masked(data)].concat()
}

/// The masked CRC of the record format: rotated, plus a constant.
fn masked(data: &[u8]) -> [u8; 4] {
    let rotated = CRC32C.checksum(data).rotate_right(15);
    rotated.wrapping_add(0xa282_ead8).to_le_bytes()
}

#[derive(Clone, PartialEq, Message)]
struct Event {
    #[prost(double, tag = "1")]
    wall_time: f64,
    #[prost(int64, tag = "2")]
    step: i64,
    #[prost(string, optional, tag = "3")]
    file_version: Option<String>,
    #[prost(message, optional, tag = "5")]
    summary: Option<Summary>,
}

#[derive(Clone, PartialEq, Message)]
struct Summary {
    #[prost(message, repeated, tag = "1")]
    value: Vec<Value>,
}

#[derive(Clone, PartialEq, Message)]
struct Value {
    #[prost(string, tag = "1")]
    tag: String,
    #[prost(float, optional, tag = "2")]
    simple_value: Option<f32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_have_the_checksums_that_readers_expect() {
        // CRC-32C of "123456789" is 0xe3069283 (RFC 3720), masked.
        let check = 0xe306_9283_u32.rotate_right(15).wrapping_add(0xa282_ead8);
        assert_eq!(masked(b"123456789"), check.to_le_bytes());
        let record = record(b"abc");
        assert_eq!(record.len(), 8 + 4 + 3 + 4);
        assert_eq!(
            (&record[..8], &record[12..15]),
            (&3u64.to_le_bytes()[..], &b"abc"[..])
        );
    }
}
