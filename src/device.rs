//! Selection of the device, and loading of CUDA in a binary that links only libtorch's CPU
//! libraries.

use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

use anyhow::{Context, Result, anyhow, bail};
use tch::{Cuda, Device};

/// What the user asked for with `--device`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceChoice {
    /// The first CUDA device or Apple's GPU if there is one, else the CPU.
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
                // libtorch numbers devices with a signed byte.
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
    /// The requested device, ready for use.
    ///
    /// # Errors
    /// When the device is missing, or this libtorch does not support it.
    pub fn resolve(self) -> Result<Device> {
        match self {
            Self::Cpu => Ok(Device::Cpu),
            Self::Auto if has_cuda_driver() && cuda_device(0).is_ok() => Ok(Device::Cuda(0)),
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

/// The name of a device, as `--device` takes it.
pub fn name(device: Device) -> String {
    match device {
        Device::Cpu => "cpu".to_owned(),
        Device::Cuda(number) => format!("cuda:{number}"),
        Device::Mps => "mps".to_owned(),
        Device::Vulkan => "vulkan".to_owned(),
    }
}

fn cuda_device(number: usize) -> Result<Device> {
    if !has_cuda_driver() {
        bail!("no NVIDIA driver was found; try --device cpu");
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

/// Whether there is an NVIDIA driver. Opening its library is quick, and avoids loading libtorch's
/// CUDA library where it would be useless.
fn has_cuda_driver() -> bool {
    static FOUND: OnceLock<bool> = OnceLock::new();
    *FOUND.get_or_init(|| load_permanently("libcuda.so.1").is_ok())
}

/// Loads libtorch's CUDA library.
///
/// It takes 0.2 to 0.4 s, which computing on the CPU should not cost. It must precede the first
/// CUDA query of the process, since libtorch caches the result.
fn load_cuda() -> Result<()> {
    static LOADED: OnceLock<Result<(), String>> = OnceLock::new();
    let loaded = LOADED.get_or_init(|| load_permanently("libtorch_cuda.so"));
    loaded.as_ref().map_err(|reason| {
        anyhow!(
            "this libtorch has no CUDA ({reason}); run scripts/libtorch --cuda and build again, \
             or try --device cpu"
        )
    })?;
    Ok(())
}

#[cfg(target_os = "linux")]
fn load_permanently(library: &str) -> Result<(), String> {
    use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};
    // SAFETY: both libraries can be loaded into any process, and neither is ever unloaded.
    match unsafe { Library::open(Some(library), RTLD_NOW | RTLD_GLOBAL) } {
        Ok(library) => {
            std::mem::forget(library);
            Ok(())
        }
        Err(failure) => Err(failure.to_string()),
    }
}

#[cfg(not(target_os = "linux"))]
fn load_permanently(library: &str) -> Result<(), String> {
    Err(format!("{library} is for Linux"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_parsed_as_they_are_displayed() {
        for text in ["auto", "cpu", "cuda:0", "cuda:3", "mps"] {
            assert_eq!(text.parse::<DeviceChoice>().unwrap().to_string(), text);
        }
        assert_eq!(
            "cuda".parse::<DeviceChoice>().unwrap(),
            DeviceChoice::Cuda(0)
        );
        for text in ["", "gpu", "cuda:", "cuda:-1", "cuda:1e9", "cuda:128"] {
            assert!(
                text.parse::<DeviceChoice>().is_err(),
                "{text:?} was accepted"
            );
        }
    }

    #[test]
    fn the_cpu_is_always_available_and_a_missing_device_is_reported() {
        assert_eq!(DeviceChoice::Cpu.resolve().unwrap(), Device::Cpu);
        let failure = DeviceChoice::Cuda(127).resolve().unwrap_err();
        assert!(format!("{failure:#}").starts_with("using the device cuda:127: "));
    }
}
