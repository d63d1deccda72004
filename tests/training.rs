//! That training is what its settings say: reproducible, bounded, and learning.

use std::fs;

use crate::testenv::TestEnv;

fn train(env: &TestEnv, out: &str, more: &[&str]) -> (Vec<u8>, String) {
    let args = [
        "train",
        "--data",
        "synthetic",
        "--limit",
        "500",
        "--out",
        out,
        "--threads",
        "1",
    ];
    let stdout = env.succeed(&[&args[..], more].concat());
    (
        fs::read(env.path(out).join("model.safetensors")).unwrap(),
        stdout,
    )
}

#[test]
fn one_seed_gives_one_network() {
    let env = TestEnv::new();
    let (first, _) = train(&env, "a", &["--epochs", "2", "--seed", "5"]);
    let (again, _) = train(&env, "b", &["--epochs", "2", "--seed", "5"]);
    let (other, _) = train(&env, "c", &["--epochs", "2", "--seed", "6"]);
    assert!(first == again, "two runs with one seed differ");
    assert!(first != other, "the seed changes nothing");
}

#[test]
fn every_network_and_optimizer_learns() {
    for more in [
        ["--model", "cnn", "--optimizer", "adam"],
        ["--model", "cnn", "--optimizer", "sgd"],
        ["--model", "mlp", "--optimizer", "adamw"],
    ] {
        let env = TestEnv::new();
        train(
            &env,
            "run",
            &[&more[..], &["--epochs", "6", "--batch-size", "32"]].concat(),
        );
        let results = fs::read_to_string(env.path("run/results.json")).unwrap();
        let results: serde_json::Value = serde_json::from_str(&results).unwrap();
        let accuracy = results["test_accuracy"].as_f64().unwrap();
        assert!(
            accuracy > 0.6,
            "{more:?} reads {accuracy} of its own digits"
        );
    }
}

#[test]
fn patience_ends_a_training_that_no_longer_improves() {
    let env = TestEnv::new();
    // A rate this small changes nothing, so that the first epoch stays the best.
    let more = [
        "--model",
        "mlp",
        "--epochs",
        "50",
        "--lr",
        "1e-30",
        "--patience",
        "2",
    ];
    let (_, stdout) = train(&env, "run", &more);
    let rows = fs::read_to_string(env.path("run/metrics.csv")).unwrap();
    assert_eq!(rows.lines().count(), 1 + 3, "{stdout}");
    assert!(stdout.contains("epoch 1 of 3"), "{stdout}");
}

#[test]
fn augmentation_can_be_asked_for_and_refused() {
    let env = TestEnv::new();
    let train = |out: &str, more: &[&str]| {
        self::train(&env, out, &[more, &["--epochs", "1"]].concat());
        let config = fs::read_to_string(env.path(out).join("config.json")).unwrap();
        let config: serde_json::Value = serde_json::from_str(&config).unwrap();
        !config["training"]["augmentation"].is_null()
    };
    assert!(train("cnn", &[]));
    assert!(!train("cnn-plain", &["--no-augment"]));
    assert!(!train("mlp", &["--model", "mlp"]));
    assert!(train("mlp-augmented", &["--model", "mlp", "--augment"]));
}
