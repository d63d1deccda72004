//! Start-up time of a process, and peak memory of this one.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use image::{GrayImage, Luma};

use super::timing::median;

/// Starts that are measured, after one that loads the files into the system's cache.
const STARTS: usize = 7;

/// Median time in seconds that `program infer` takes for one small picture, from start to end.
pub(super) fn start_up(program: &Path) -> Result<f64> {
    let picture = tempfile::Builder::new()
        .suffix(".png")
        .tempfile()
        .context("creating a temporary picture")?;
    let stroke = |x, y| Luma([255 * u8::from(!((24..27).contains(&x) && (8..40).contains(&y)))]);
    GrayImage::from_fn(48, 48, stroke)
        .save(picture.path())
        .with_context(|| format!("writing {}", picture.path().display()))?;
    let start = || -> Result<f64> {
        let start = Instant::now();
        let status = Command::new(program)
            .arg("infer")
            .arg(picture.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status()
            .with_context(|| format!("starting {}", program.display()))?;
        ensure!(status.success(), "{} infer: {status}", program.display());
        Ok(start.elapsed().as_secs_f64())
    };
    start()?;
    let mut times = (0..STARTS).map(|_| start()).collect::<Result<Vec<f64>>>()?;
    Ok(median(&mut times))
}

/// Peak memory of this process in bytes, where the system reports it.
pub(super) fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(1024 * kibibytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn peak_memory_includes_allocated_memory() {
        let before = peak_memory().unwrap();
        let held = vec![1u8; 64 << 20];
        assert!(held.iter().all(|&byte| byte == 1));
        let after = peak_memory().unwrap();
        assert!(after >= before && after >= 64 << 20, "{before}, {after}");
    }

    #[test]
    fn a_program_that_does_not_start_is_named() {
        let failure = start_up(Path::new("/no/such/program")).unwrap_err();
        assert_eq!(failure.to_string(), "starting /no/such/program");
    }
}
