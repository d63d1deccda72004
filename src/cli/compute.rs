//! The arguments that say what computes and how.

use anyhow::Result;
use clap::Args;
use tch::Device;

use crate::device::DeviceChoice;
use crate::machine;
use crate::precision::{Precision, PrecisionChoice};

#[derive(Debug, Args)]
pub(super) struct ComputeArgs {
    /// Device to compute on: auto, cpu, cuda, cuda:N or mps.
    #[arg(long, default_value_t = DeviceChoice::Auto)]
    device: DeviceChoice,

    /// In what networks multiply: auto, f32 or bf16; auto is bfloat16 where the device has it.
    #[arg(long, default_value_t = PrecisionChoice::Auto)]
    precision: PrecisionChoice,

    /// Threads to compute with on the CPU [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

impl ComputeArgs {
    /// The device and precision that were asked for, with the process prepared to compute.
    pub(super) fn prepare(&self) -> Result<(Device, Precision)> {
        let device = self.device.resolve()?;
        let precision = self.precision.resolve(device)?;
        machine::prepare(self.threads.map(usize::from));
        Ok((device, precision))
    }
}
