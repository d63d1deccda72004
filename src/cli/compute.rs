//! The arguments that choose device, precision and threads.

use anyhow::Result;
use clap::Args;
use tch::Device;

use super::arguments::whole;
use crate::device::DeviceChoice;
use crate::machine;
use crate::precision::{Precision, PrecisionChoice};
use crate::run::Settings;

#[derive(Debug, Args)]
pub(super) struct ComputeArgs {
    /// Device to compute on: auto, cpu, cuda, cuda:N or mps.
    #[arg(long, default_value_t = DeviceChoice::Auto)]
    device: DeviceChoice,

    /// Compute precision: auto, f32 or bf16; auto is bf16 if the device supports it.
    #[arg(long, default_value_t = PrecisionChoice::Auto)]
    precision: PrecisionChoice,

    #[command(flatten)]
    threads: ThreadsArgs,
}

#[derive(Debug, Args)]
pub(super) struct ThreadsArgs {
    /// Threads to compute with on the CPU [default: one per core]
    #[arg(long, value_name = "N", value_parser = whole(1..=machine::MAX_THREADS))]
    threads: Option<u16>,
}

impl ThreadsArgs {
    /// The number of threads, if it was given.
    pub(super) fn get(&self) -> Option<usize> {
        self.threads.map(usize::from)
    }
}

impl ComputeArgs {
    /// The requested device and precision, with the process prepared to compute.
    pub(super) fn prepare(&self) -> Result<(Device, Precision)> {
        let device = self.device.resolve()?;
        let precision = self.precision.resolve(device)?;
        machine::prepare(self.threads.get(), device);
        Ok((device, precision))
    }

    /// The same for a resumed run, which keeps its own settings unless arguments change them.
    pub(super) fn prepare_run(&self, run: &Settings) -> Result<Device> {
        self.prepare_resumed(&run.device, run.training.precision, run.threads)
    }

    /// The same from the device, precision and threads of the run.
    pub(super) fn prepare_resumed(
        &self,
        device: &str,
        precision: Precision,
        threads: i32,
    ) -> Result<Device> {
        let device = match self.device {
            DeviceChoice::Auto => device.parse().map_err(anyhow::Error::msg)?,
            requested => requested,
        };
        let device = device.resolve()?;
        PrecisionChoice::Given(precision).resolve(device)?;
        let threads = usize::try_from(threads)
            .ok()
            .filter(|_| device == Device::Cpu);
        machine::prepare(self.threads.get().or(threads), device);
        Ok(device)
    }
}
