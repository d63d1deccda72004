//! The benchmark's figures: throughput, latency, start-up and memory.

use std::fmt::Write;
use std::time::Duration;

use anyhow::Result;
use indicatif::{HumanCount, ProgressBar};

use super::format::processor;
use super::output::{bar, style, text};
use crate::bench::{MATRIX_SIDE, Part, Report, Throughput};
use crate::precision::Precision;

/// Shows on a terminal what is being measured.
pub(in crate::cli) struct BenchReporter {
    bar: ProgressBar,
}

impl BenchReporter {
    pub(in crate::cli) fn new() -> Self {
        let bar = bar(None);
        bar.set_style(style("{spinner} {msg}, {elapsed}"));
        Self { bar }
    }

    pub(in crate::cli) fn part(&self, part: Part) {
        self.bar.set_message(format!("measuring {part}"));
        // Rarely, so that the drawing thread takes little from those that compute.
        self.bar.enable_steady_tick(Duration::from_secs(1));
    }

    pub(in crate::cli) fn end(&self) {
        self.bar.finish_and_clear();
    }
}

/// One line per figure.
pub(in crate::cli) fn bench(found: &Report) -> Result<()> {
    let mut lines = format!(
        "{}, {} multiply-adds an image, in {} on {}\n\n",
        found.model,
        HumanCount(found.multiply_adds.unsigned_abs()),
        found.precision,
        processor(&found.device, found.threads),
    );
    for (name, rate) in [
        ("training", &found.training),
        ("inference", &found.inference),
    ] {
        if let Some(rate) = rate {
            throughput(&mut lines, name, rate)?;
        }
    }
    if let Some(rate) = found.matrix_gflops {
        line(
            &mut lines,
            "matrix product",
            &format!("{rate:.0} GFLOP/s, the best of {MATRIX_SIDE}×{MATRIX_SIDE}"),
        )?;
    }
    if let Some(latency) = &found.latency {
        let value = format!(
            "{:.2} ms (p50), {:.2} ms (p99)",
            latency.p50_ms, latency.p99_ms
        );
        line(&mut lines, "one image", &value)?;
    }
    if let Some(seconds) = found.start_up_seconds {
        let value = format!("{seconds:.2} s for `infer` of one picture, whole process");
        line(&mut lines, "start-up", &value)?;
    }
    if let Some(bytes) = found.peak_memory_bytes {
        let value = format!("{:.0} MB at most", bytes as f64 / 1e6);
        line(&mut lines, "memory", &value)?;
    }
    let mut rates = [&found.training, &found.inference].into_iter().flatten();
    if found.precision == Precision::F32 && rates.any(|rate| rate.of_matrix_rate > 1.0) {
        lines += "\nMore than 100 %: the count is that of direct convolution; in f32, convolutions take fewer multiplications.\n";
    }
    text(&lines)
}

/// The same as one JSON object.
pub(in crate::cli) fn bench_json(found: &Report) -> Result<()> {
    text(&format_args!("{}\n", serde_json::to_string(found)?))
}

fn throughput(lines: &mut String, name: &str, rate: &Throughput) -> Result<()> {
    let images = HumanCount(rate.images_per_second.round() as u64).to_string();
    let value = format!(
        "{images} images/s in batches of {}; {:.1} GFLOP/s, {:.0} % of the matrix product's",
        rate.batch_size,
        rate.gflops,
        100.0 * rate.of_matrix_rate,
    );
    line(lines, name, &value)
}

fn line(lines: &mut String, name: &str, value: &str) -> Result<()> {
    Ok(writeln!(lines, "{name:<15} {value}")?)
}
