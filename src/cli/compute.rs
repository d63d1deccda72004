//! The arguments that say what computes and how.

use anyhow::Result;
use clap::Args;
use tch::Device;

use crate::device::DeviceChoice;
use crate::machine;
use crate::precision::{Precision, PrecisionChoice};
use crate::run::Settings;

#[derive(Debug, Args)]
pub(super) struct ComputeArgs {
    /// Device to compute on: auto, cpu, cuda, cuda:N or mps.
    #[arg(long, default_value_t = DeviceChoice::Auto)]
    device: DeviceChoice,

    /// Compute precision: auto, f32 or bf16; auto is bfloat16 where the device has it.
    #[arg(long, default_value_t = PrecisionChoice::Auto)]
    precision: PrecisionChoice,

    #[command(flatten)]
    threads: ThreadsArgs,
}

#[derive(Debug, Args)]
pub(super) struct ThreadsArgs {
    /// Threads to compute with on the CPU [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=machine::MAX_THREADS as i64))]
    threads: Option<u16>,
}

impl ThreadsArgs {
    /// How many, where that was asked for.
    pub(super) fn get(&self) -> Option<usize> {
        self.threads.map(usize::from)
    }
}

impl ComputeArgs {
    /// The device and precision that were asked for, with the process prepared to compute.
    pub(super) fn prepare(&self) -> Result<(Device, Precision)> {
        let device = self.device.resolve()?;
        let precision = self.precision.resolve(device)?;
        machine::prepare(self.threads.get(), device);
        Ok((device, precision))
    }

    /// The same for a run that is resumed: what is not asked for is as it was.
    pub(super) fn prepare_as(&self, run: &Settings) -> Result<Device> {
        self.prepare_again(&run.device, run.training.precision, run.threads)
    }

    /// The same from the device, precision and threads that it had.
    pub(super) fn prepare_again(
        &self,
        device: &str,
        precision: Precision,
        threads: i32,
    ) -> Result<Device> {
        let device = match self.device {
            DeviceChoice::Auto => device.parse().map_err(anyhow::Error::msg)?,
            asked => asked,
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
