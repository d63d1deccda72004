//! Training follows its settings, is reproducible, and learns.

use std::fs;

use mnist_tch::model::checkpoint;
use tch::{Device, Kind, Tensor};

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

/// The training settings in a run's `config.json`.
fn settings(env: &TestEnv, run: &str) -> serde_json::Value {
    let config = fs::read(env.path(run).join("config.json")).unwrap();
    let config: serde_json::Value = serde_json::from_slice(&config).unwrap();
    config["training"].clone()
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
fn every_preset_runs_in_either_precision() {
    for preset in ["fast", "default", "best", "pictures"] {
        for precision in ["auto", "f32"] {
            let env = TestEnv::new();
            let more = [
                "--preset",
                preset,
                "--precision",
                precision,
                "--epochs",
                "1",
            ];
            let (_, stdout) = train(&env, "run", &more);
            assert!(stdout.contains("epoch 1 of 1"), "{stdout}");
        }
    }
}

#[test]
fn an_ensemble_is_one_model_for_all_commands() {
    let env = TestEnv::new();
    let more = [
        "--preset",
        "fast",
        "--epochs",
        "3",
        "--ensemble",
        "2",
        "--seed",
        "4",
    ];
    let (weights, stdout) = train(&env, "all", &more);
    assert!(stdout.contains("2 networks together"), "{stdout}");
    // A member is the same as a network trained alone with its seed.
    let (alone, _) = train(
        &env,
        "alone",
        &["--preset", "fast", "--epochs", "3", "--seed", "5"],
    );
    let member = fs::read(env.path("all/member1/model.safetensors")).unwrap();
    assert!(member == alone, "the second member is another network");
    assert!(weights.len() > member.len());
    // Multiplied by its temperature, which includes its members' own, its logits are those of training.
    let logits = |run: &str| {
        let path = env.path(run).join("model.safetensors");
        let (net, description) = checkpoint::load(&path, Device::Cpu).unwrap();
        let images = Tensor::arange(784, (Kind::Float, Device::Cpu)).view([1, 1, 28, 28]) / 784.0;
        net.logits(&images).unwrap() * description.temperature
    };
    let members = (logits("all/member0") + logits("all/member1")) / 2.0;
    let apart = (logits("all") - &members).abs().max().double_value(&[]);
    assert!(
        apart < 1e-4 * members.abs().max().double_value(&[]),
        "{apart}"
    );
    let eval = ["eval", "--data", "synthetic", "--limit", "500"];
    let read = |model| env.succeed(&[&eval[..], &["--model", model]].concat());
    assert!(read("all").contains("2 × small"));
    assert!(read("all/member1").contains("small"));
    let curves = env.succeed(&["plot-curves", "all"]);
    assert!(curves.contains("curves of member0, member1"), "{curves}");
    env.succeed(&[
        "export",
        "--model",
        "all",
        "--format",
        "torchscript",
        "--out",
        "all.pt",
    ]);
}

#[test]
fn a_training_that_learned_nothing_warns() {
    let env = TestEnv::new();
    let args = [
        "train",
        "--data",
        "synthetic",
        "--limit",
        "500",
        "--epochs",
        "1",
        "--threads",
        "1",
    ];
    let ran = env.run(&[&args[..], &["--lr", "5", "--out", "far"]].concat());
    let warning = "the training diverged at a learning rate of 5; try --lr 0.004";
    assert!(ran.stderr.contains(warning), "{}", ran.stderr);
    let ran = env.run(&[&args[..], &["--out", "near"]].concat());
    assert!(!ran.stderr.contains("diverged"), "{}", ran.stderr);
}

#[test]
fn arguments_override_the_presets_settings() {
    let env = TestEnv::new();
    let (plain, _) = train(&env, "plain", &["--epochs", "1"]);
    let flags = [
        ("--weight-decay", "weight_decay", 0.5),
        ("--label-smoothing", "label_smoothing", 0.25),
    ];
    for (flag, name, value) in flags {
        let (weights, _) = train(&env, name, &["--epochs", "1", flag, &value.to_string()]);
        assert!(weights != plain, "{flag} changes nothing");
        assert_eq!(settings(&env, name)[name], value);
    }
}

#[test]
fn an_optimizer_has_its_own_rate_and_decay_unless_it_is_the_presets() {
    let env = TestEnv::new();
    let best = ["--preset", "best", "--epochs", "1"];
    for (more, optimizer, rate, decay) in [
        (&[][..], "sgd", 0.1, 5e-4),
        (&["--optimizer", "adamw"], "adamw", 0.004, 0.02),
        (&["--lr", "0.02"], "sgd", 0.02, 5e-4),
    ] {
        let name = format!("{optimizer}-{rate}");
        train(&env, &name, &[&best[..], more].concat());
        let settings = settings(&env, &name);
        assert_eq!(settings["optimizer"], optimizer);
        assert_eq!(settings["learning_rate"], rate);
        assert_eq!(settings["weight_decay"], decay);
    }
}

#[test]
fn a_diverging_training_reports_the_step_and_leaves_no_model() {
    let env = TestEnv::new();
    let args = [
        "train",
        "--data",
        "synthetic",
        "--limit",
        "500",
        "--lr",
        "1e30",
        "--out",
        "run",
    ];
    let ran = env.run(&args);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.stderr.contains("NaN or infinite at step"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("with a learning rate of"),
        "{}",
        ran.stderr
    );
    assert!(!env.path("run/model.safetensors").exists());
}

#[test]
fn patience_ends_a_training_that_no_longer_improves() {
    let env = TestEnv::new();
    // A rate this small changes nothing, so that no epoch is better than the first.
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
    // No epoch was worse either, and then the last is kept.
    assert!(stdout.contains("epoch 3 of 3"), "{stdout}");
}

#[test]
fn augmentation_can_be_enabled_and_disabled() {
    let env = TestEnv::new();
    let train = |out: &str, more: &[&str]| {
        self::train(&env, out, &[more, &["--epochs", "1"]].concat());
        !settings(&env, out)["augmentation"].is_null()
    };
    assert!(train("cnn", &[]));
    assert!(!train("cnn-plain", &["--no-augment"]));
    assert!(!train("mlp", &["--model", "mlp"]));
    assert!(train("mlp-augmented", &["--model", "mlp", "--augment"]));
}
