//! Compute precision.

use std::fmt;
use std::str::FromStr;

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};
use tch::{Cuda, Device, Kind};

use crate::device;

/// The compute precision of a network; weights, gradient sums and the loss are always `f32`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// 32-bit floats.
    F32,
    /// bfloat16: the range of `f32` with 8 bits of precision, at half the memory; twice to four
    /// times as fast where the processor multiplies them.
    Bf16,
}

impl Precision {
    /// The corresponding tensor type.
    pub fn kind(self) -> Kind {
        match self {
            Self::F32 => Kind::Float,
            Self::Bf16 => Kind::BFloat16,
        }
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::F32 => "f32",
            Self::Bf16 => "bf16",
        })
    }
}

/// What the user asked for with `--precision`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrecisionChoice {
    /// bfloat16 where the device supports it in hardware, else 32-bit floats.
    Auto,
    /// One of the two.
    Given(Precision),
}

impl FromStr for PrecisionChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "f32" => Ok(Self::Given(Precision::F32)),
            "bf16" => Ok(Self::Given(Precision::Bf16)),
            _ => Err("expected auto, f32 or bf16".to_owned()),
        }
    }
}

impl fmt::Display for PrecisionChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Given(precision) => precision.fmt(f),
        }
    }
}

impl PrecisionChoice {
    /// The requested precision.
    ///
    /// # Errors
    /// When bfloat16 is requested and the device lacks hardware support: in software it would only
    /// be slow.
    pub fn resolve(self, device: Device) -> Result<Precision> {
        match self {
            Self::Given(Precision::Bf16) if !has_bf16(device) => bail!(
                "computing in bf16: the device {} does not support bfloat16; try --precision f32",
                device::name(device)
            ),
            Self::Given(precision) => Ok(precision),
            Self::Auto if has_bf16(device) => Ok(Precision::Bf16),
            Self::Auto => Ok(Precision::F32),
        }
    }
}

/// Whether the device supports bfloat16 in hardware.
fn has_bf16(device: Device) -> bool {
    match device {
        Device::Cpu => cpu_has_bf16(),
        // NVIDIA GPUs do since Ampere, and libtorch 2.11 runs on nothing much older.
        Device::Cuda(_) => Cuda::is_available(),
        Device::Mps | Device::Vulkan => false,
    }
}

#[cfg(target_arch = "x86_64")]
fn cpu_has_bf16() -> bool {
    // Processors with AMX have this too.
    is_x86_feature_detected!("avx512bf16")
}

#[cfg(not(target_arch = "x86_64"))]
fn cpu_has_bf16() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_parsed_as_they_are_displayed() {
        for text in ["auto", "f32", "bf16"] {
            assert_eq!(text.parse::<PrecisionChoice>().unwrap().to_string(), text);
        }
        assert!("f16".parse::<PrecisionChoice>().is_err());
    }

    #[test]
    fn the_choice_of_auto_can_be_requested_and_f32_is_always_supported() {
        let auto = PrecisionChoice::Auto.resolve(Device::Cpu).unwrap();
        assert_eq!(
            PrecisionChoice::Given(auto).resolve(Device::Cpu).unwrap(),
            auto
        );
        let plain = PrecisionChoice::Given(Precision::F32);
        assert_eq!(plain.resolve(Device::Mps).unwrap(), Precision::F32);
        let refused = PrecisionChoice::Given(Precision::Bf16).resolve(Device::Mps);
        assert!(refused.unwrap_err().to_string().contains("--precision f32"));
    }
}
