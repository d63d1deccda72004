//! `config.json` of a reader's run: all settings that determine it.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use tch::Device;

use super::RunDir;
use super::settings::now;
use crate::dataset::Origin;
use crate::device;
use crate::storage::{read_bounded, write_atomic};
use crate::trainer::reader::ReaderConfig;
use crate::version::{LIBTORCH_VERSION, VERSION};

/// A run's settings take a few kilobytes.
const MAX_BYTES: u64 = 1 << 20;

/// All settings that determine a reader's run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReaderSettings {
    /// How it is trained.
    pub reader: ReaderConfig,
    /// The folder with handwriting, if there was one beside MNIST and the program's own strokes.
    pub material: Option<PathBuf>,
    /// The reader whose weights it started from, if any.
    pub from: Option<PathBuf>,
    /// Where MNIST's images are.
    pub data: Origin,
    /// The device, as `--device` takes it.
    pub device: String,
    /// Threads that computed on the CPU.
    pub threads: i32,
    /// Start time: local time with its offset.
    pub started: String,
    /// Version of this program.
    pub mnist_tch: String,
    /// Version of libtorch.
    pub libtorch: String,
}

impl ReaderSettings {
    /// The settings of a training that starts now.
    pub fn new(reader: &ReaderConfig, data: &Origin, device: Device) -> Self {
        Self {
            reader: reader.clone(),
            material: None,
            from: None,
            data: data.clone(),
            device: device::name(device),
            threads: tch::get_num_threads(),
            started: now(),
            mnist_tch: VERSION.to_owned(),
            libtorch: LIBTORCH_VERSION.to_owned(),
        }
    }

    /// Writes the run's `config.json`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, run: &RunDir) -> Result<()> {
        write_atomic(&run.config(), &serde_json::to_vec_pretty(self)?)
    }

    /// Reads the run's `config.json`, if it is that of a reader.
    ///
    /// # Errors
    /// When the file cannot be read, or is that of a reader but invalid; the message names it.
    pub fn read(run: &RunDir) -> Result<Option<Self>> {
        let path = run.config();
        let read = || {
            let json: serde_json::Value = serde_json::from_slice(&read_bounded(&path, MAX_BYTES)?)?;
            if json.get("reader").is_none() {
                return Ok(None);
            }
            let settings: Self = serde_json::from_value(json)?;
            settings.reader.check()?;
            anyhow::Ok(Some(settings))
        };
        read().with_context(|| format!("reading the settings {}", path.display()))
    }
}
