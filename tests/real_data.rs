//! On real MNIST and people's own pictures, if the environment names their folders.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use serde_json::Value;

use crate::testenv::{TestEnv, folder_from};

/// A network that is trained on MNIST for a few epochs, once for all tests.
fn run_on_mnist(data: &str) -> &'static Path {
    static RUN: OnceLock<(TestEnv, std::path::PathBuf)> = OnceLock::new();
    let (_, path) = RUN.get_or_init(|| {
        let env = TestEnv::new();
        env.succeed(&[
            "train",
            "--data",
            "mnist",
            "--data-dir",
            data,
            "--limit",
            "20000",
            "--epochs",
            "3",
            "--out",
            "run",
        ]);
        let path = env.path("run");
        (env, path)
    });
    path
}

#[test]
fn mnist_is_recognized_by_its_checksums_and_learned() {
    let Some(data) = folder_from("MNIST_TCH_DATA") else {
        return;
    };
    let run = run_on_mnist(&data);
    let read =
        |name| -> Value { serde_json::from_slice(&fs::read(run.join(name)).unwrap()).unwrap() };
    assert_eq!(read("config.json")["data"]["name"], "mnist");
    let accuracy = read("results.json")["test_accuracy"].as_f64().unwrap();
    assert!(accuracy > 0.98, "{accuracy}");
}

#[test]
fn a_network_trained_on_synthetic_digits_reads_real_ones() {
    let Some(data) = folder_from("MNIST_TCH_DATA") else {
        return;
    };
    let env = TestEnv::new();
    env.succeed(&[
        "train",
        "--data",
        "synthetic",
        "--epochs",
        "2",
        "--limit",
        "30000",
        "--out",
        "run",
    ]);
    let found = env.succeed(&["eval", "--model", "run", "--data-dir", &data, "--json"]);
    let found: Value = serde_json::from_str(&found).unwrap();
    assert_eq!(found["data"]["name"], "mnist");
    assert!(
        found["accuracy"].as_f64().unwrap() >= 0.9,
        "{}",
        found["accuracy"]
    );
}

#[test]
fn the_built_in_model_reads_mnist_and_is_calibrated() {
    let Some(data) = folder_from("MNIST_TCH_DATA") else {
        return;
    };
    let env = TestEnv::new();
    let found = env.succeed(&["eval", "--data-dir", &data, "--json"]);
    let found: Value = serde_json::from_str(&found).unwrap();
    let figure = |name: &str| found[name].as_f64().unwrap();
    assert!(figure("accuracy") >= 0.996, "{}", found["accuracy"]);
    assert!(
        figure("calibration_error") <= 0.01,
        "{}",
        found["calibration_error"]
    );
}

#[test]
fn rendered_scenes_with_unseen_handwriting_are_read() {
    let (Some(data), Some(material)) = (
        folder_from("MNIST_TCH_DATA"),
        folder_from("MNIST_TCH_MATERIAL"),
    ) else {
        return;
    };
    let env = TestEnv::new();
    let eval = ["eval", "--scenes", "400", "--data", "mnist"];
    let folders = ["--data-dir", &data, "--material", &material];
    let table = env.succeed(&[&eval[..], &folders].concat());
    for (kind, least) in [("none", 60.0), ("one", 85.0)] {
        let row = table.lines().find(|line| line.starts_with(kind)).unwrap();
        let exact: f64 = row.split_whitespace().nth(2).unwrap().parse().unwrap();
        assert!(exact >= least, "{table}");
    }
}

#[test]
fn peoples_own_pictures_are_read_and_non_digits_refused() {
    let Some(wild) = folder_from("MNIST_TCH_WILD") else {
        return;
    };
    let env = TestEnv::new();
    let found = env.succeed(&["eval", "--wild", &wild, "--json"]);
    let found: Value = serde_json::from_str(&found).unwrap();
    for (kind, least) in [
        ("drawing", 0.98),
        ("photo", 0.94),
        ("multi", 0.8),
        ("none", 0.8),
    ] {
        let accuracy = found["kinds"][kind]["accuracy"].as_f64().unwrap();
        assert!(accuracy >= least, "{kind}: {accuracy}");
    }
}
