//! What the program writes is read in Python, and the other way round.

mod exports;
mod imports;
mod reader;
mod tensorboard;

use std::path::Path;
use std::process::Command;

use mnist_tch::dataset::{Dataset, synthetic};
use mnist_tch::tensors::{images_from_bytes, to_batch};
use serde_json::Value;
use tch::Tensor;

use crate::testenv::{TestEnv, finished_run_arg, skipped};

/// A Python with all that is needed: the one that `MNIST_TCH_PYTHON` names, else `python3`.
fn python() -> Option<String> {
    let python = std::env::var("MNIST_TCH_PYTHON").unwrap_or("python3".to_owned());
    let found = Command::new(&python)
        .args([
            "-c",
            "import torch, safetensors, onnxruntime, tensorboard; \
             assert torch.__version__.startswith('2.11.')",
        ])
        .output();
    if found.is_ok_and(|output| output.status.success()) {
        return Some(python);
    }
    skipped(&format!(
        "{python} has no torch 2.11 with safetensors, onnxruntime and tensorboard (see scripts/python)"
    ));
    None
}

/// Runs a script in the folder of a test, and returns the JSON that it prints.
fn run(python: &str, env: &TestEnv, script: &str, args: &[&str]) -> Value {
    let output = Command::new(python)
        .args(["-c", script])
        .args(args)
        .current_dir(env.path(""))
        .env("OMP_NUM_THREADS", "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no JSON: {said}"))
}

/// `count` digits: MNIST's test images if the environment names their folder, else synthetic ones.
fn digits(count: usize) -> (Tensor, Tensor) {
    match std::env::var("MNIST_TCH_DATA") {
        Ok(folder) => {
            let data = Dataset::from_files(Path::new(&folder)).unwrap();
            let first = |tensor: &Tensor| tensor.narrow(0, 0, count as i64);
            (
                to_batch(&first(&data.test.images)),
                first(&data.test.labels),
            )
        }
        Err(_) => {
            let drawn = synthetic::digits(count, 9);
            let labels: Vec<i64> = drawn.labels.iter().map(|&label| label.into()).collect();
            (
                to_batch(&images_from_bytes(&drawn.pixels)),
                Tensor::from_slice(&labels),
            )
        }
    }
}

/// Exports the finished run as `net.pt` and `net.safetensors`.
fn export(env: &TestEnv) {
    for out in ["net.pt", "net.safetensors"] {
        env.succeed(&["export", "--model", finished_run_arg(), "--out", out]);
    }
}
