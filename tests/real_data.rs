//! On real MNIST and people's own pictures, where the environment names their folders.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use serde_json::Value;

use crate::testenv::{TestEnv, folder_from};

/// A network that has learned MNIST for a few epochs, made once.
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
fn mnist_is_known_by_its_checksums_and_learned() {
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
fn synthetic_digits_teach_to_read_real_ones() {
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
fn most_of_peoples_own_drawings_and_photos_are_read() {
    let Some(data) = folder_from("MNIST_TCH_DATA") else {
        return;
    };
    let Some(wild) = folder_from("MNIST_TCH_WILD") else {
        return;
    };
    let run = run_on_mnist(&data).to_str().unwrap();
    let labels = fs::read_to_string(Path::new(&wild).join("labels.tsv")).unwrap();
    let env = TestEnv::new();
    for (kind, least) in [("drawing", 0.9), ("photo", 0.7)] {
        let rows = labels
            .lines()
            .map(|line| line.split('\t').collect::<Vec<_>>());
        let wanted: Vec<_> = rows.filter(|row| row[2] == kind).collect();
        let files: Vec<String> = wanted
            .iter()
            .map(|row| format!("{wild}/images/{}", row[0]))
            .collect();
        let mut args = vec!["infer", "--json", "--model", run];
        args.extend(files.iter().map(String::as_str));
        let said = env.succeed(&args);
        let right = said
            .lines()
            .zip(&wanted)
            .filter(|(line, row)| {
                let answer: Value = serde_json::from_str(line).unwrap();
                answer["digit"].as_u64() == row[1].parse().ok()
            })
            .count();
        let share = right as f64 / wanted.len() as f64;
        println!("{kind}: {right} of {} read rightly", wanted.len());
        assert!(share >= least, "{kind}: {right} of {}", wanted.len());
    }
}
