//! Which device computes, and how CUDA comes into a binary that links only the CPU's libraries.

use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

use anyhow::{Context, Result, anyhow, bail};
use tch::{Cuda, Device};

/// What the user asked for with `--device`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceChoice {
    /// The first CUDA device where there is one, else the CPU.
    Auto,
    /// The CPU.
    Cpu,
    /// The CUDA device of this number.
    Cuda(usize),
    /// Apple's GPU.
    Mps,
}

impl FromStr for DeviceChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "cuda" => Ok(Self::Cuda(0)),
            "mps" => Ok(Self::Mps),
            _ => match text.strip_prefix("cuda:").map(str::parse) {
                // libtorch counts devices in a signed byte.
                Some(Ok(number)) if number < 128 => Ok(Self::Cuda(number)),
                _ => Err("expected auto, cpu, cuda, cuda:N or mps".to_owned()),
            },
        }
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(number) => write!(f, "cuda:{number}"),
            Self::Mps => f.write_str("mps"),
        }
    }
}

impl DeviceChoice {
    /// The device that was asked for, ready for use.
    ///
    /// # Errors
    /// When that device is not there, or libtorch has no support for it.
    pub fn resolve(self) -> Result<Device> {
        match self {
            Self::Cpu => Ok(Device::Cpu),
            Self::Auto if cuda_driver_answers() && cuda_device(0).is_ok() => Ok(Device::Cuda(0)),
            Self::Auto if tch::utils::has_mps() => Ok(Device::Mps),
            Self::Auto => Ok(Device::Cpu),
            Self::Cuda(number) => {
                cuda_device(number).with_context(|| format!("using the device {self}"))
            }
            Self::Mps if tch::utils::has_mps() => Ok(Device::Mps),
            Self::Mps => bail!("using the device mps: there is none here; try --device cpu"),
        }
    }
}

/// The devices that libtorch can use here, the CPU first.
pub fn visible() -> Vec<Device> {
    let mut devices = vec![Device::Cpu];
    if cuda_device(0).is_ok() {
        let count = usize::try_from(Cuda::device_count()).unwrap_or(0);
        devices.extend((0..count).map(Device::Cuda));
    }
    if tch::utils::has_mps() {
        devices.push(Device::Mps);
    }
    devices
}

/// The name that `--device` would take for a device.
pub fn name(device: Device) -> String {
    match device {
        Device::Cpu => "cpu".to_owned(),
        Device::Cuda(number) => format!("cuda:{number}"),
        Device::Mps => "mps".to_owned(),
        Device::Vulkan => "vulkan".to_owned(),
    }
}

fn cuda_device(number: usize) -> Result<Device> {
    if !cuda_driver_answers() {
        bail!("no NVIDIA driver answers here; try --device cpu");
    }
    load_cuda()?;
    let count = usize::try_from(Cuda::device_count()).unwrap_or(0);
    if !Cuda::is_available() || count == 0 {
        bail!("libtorch sees no CUDA device; try --device cpu");
    }
    if number >= count {
        bail!("there are {count} CUDA devices, counted from 0");
    }
    Ok(Device::Cuda(number))
}

/// Opening the driver's library is quick, and spares all others the wait for libtorch's.
fn cuda_driver_answers() -> bool {
    static ANSWERS: OnceLock<bool> = OnceLock::new();
    *ANSWERS.get_or_init(|| open_for_good("libcuda.so.1").is_ok())
}

/// Brings libtorch's CUDA half into the process.
///
/// It takes 0.2 to 0.4 s, which who computes on the CPU never pays. It has to come before the first
/// CUDA query of the process, since libtorch remembers what it found then.
fn load_cuda() -> Result<()> {
    static LOADED: OnceLock<Result<(), String>> = OnceLock::new();
    let loaded = LOADED.get_or_init(|| open_for_good("libtorch_cuda.so"));
    loaded.as_ref().map_err(|reason| {
        anyhow!(
            "this libtorch has no CUDA ({reason}); run scripts/libtorch --cuda and build again, \
             or try --device cpu"
        )
    })?;
    Ok(())
}

#[cfg(target_os = "linux")]
fn open_for_good(library: &str) -> Result<(), String> {
    use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};
    // SAFETY: both libraries are made to be loaded into any process, and neither is ever unloaded.
    match unsafe { Library::open(Some(library), RTLD_NOW | RTLD_GLOBAL) } {
        Ok(library) => {
            std::mem::forget(library);
            Ok(())
        }
        Err(failure) => Err(failure.to_string()),
    }
}

#[cfg(not(target_os = "linux"))]
fn open_for_good(library: &str) -> Result<(), String> {
    Err(format!("{library} is for Linux"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_read_as_they_are_written() {
        for text in ["auto", "cpu", "cuda:0", "cuda:3", "mps"] {
            assert_eq!(text.parse::<DeviceChoice>().unwrap().to_string(), text);
        }
        assert_eq!(
            "cuda".parse::<DeviceChoice>().unwrap(),
            DeviceChoice::Cuda(0)
        );
        for text in ["", "gpu", "cuda:", "cuda:-1", "cuda:1e9", "cuda:128"] {
            assert!(text.parse::<DeviceChoice>().is_err(), "{text:?} was taken");
        }
    }

    #[test]
    fn the_cpu_is_always_there_and_a_missing_device_is_told() {
        assert_eq!(DeviceChoice::Cpu.resolve().unwrap(), Device::Cpu);
        let failure = DeviceChoice::Cuda(127).resolve().unwrap_err();
        assert!(format!("{failure:#}").starts_with("using the device cuda:127: "));
    }
}
