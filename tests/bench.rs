//! What `bench` measures and how it is printed, not the values.

use serde_json::Value;

use crate::testenv::TestEnv;

const FEW: [&str; 6] = ["bench", "--model", "mlp", "--images", "200", "--threads=1"];

#[test]
fn json_holds_every_figure_and_each_is_a_positive_number() {
    let env = TestEnv::new();
    let ran = env.run(&[&FEW[..], &["--json"]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(ran.stderr, "");
    let found: Value = serde_json::from_str(&ran.stdout).unwrap();
    let mut figures = vec!["/matrix_gflops", "/start_up_seconds"];
    figures.extend(["/latency/p50_ms", "/latency/p99_ms"]);
    figures.extend(["/training/images_per_second", "/training/gflops"]);
    figures.extend(["/inference/images_per_second", "/inference/gflops"]);
    figures.extend(["/training/of_matrix_rate", "/inference/of_matrix_rate"]);
    if cfg!(target_os = "linux") {
        figures.push("/peak_memory_bytes");
    }
    for figure in figures {
        // JSON has no infinity: what is not finite is not a number here.
        let value = found.pointer(figure).and_then(Value::as_f64);
        assert!(
            value.is_some_and(|value| value > 0.0),
            "{figure} in {found}"
        );
    }
    assert_eq!(found["model"], "mlp-128");
    assert_eq!(found["multiply_adds"], 784 * 128 + 128 * 10);
    assert_eq!(found["training"]["batch_size"], 128);
    assert_eq!(found["threads"], 1);
    assert_eq!(env.files(), [""; 0]);
}

#[test]
fn rates_follow_from_the_networks_multiply_adds() {
    let env = TestEnv::new();
    let found = env.succeed(&[&FEW[..], &["--json", "--only", "training,inference"]].concat());
    let found: Value = serde_json::from_str(&found).unwrap();
    for (part, passes) in [("training", 3.0), ("inference", 1.0)] {
        let figure = |name: &str| found[part][name].as_f64().unwrap();
        let work = 2e-9 * passes * found["multiply_adds"].as_f64().unwrap();
        let expected = work * figure("images_per_second");
        assert!(
            (figure("gflops") / expected - 1.0).abs() < 1e-9,
            "{part} in {found}"
        );
    }
    assert!(found.get("latency").is_none() && found.get("start_up_seconds").is_none());
}

#[test]
fn text_names_every_figure() {
    let env = TestEnv::new();
    let table = env.succeed(&FEW);
    for name in [
        "training",
        "inference",
        "matrix product",
        "one image",
        "start-up",
        "images/s",
        "GFLOP/s",
        "(p99)",
    ] {
        assert!(table.contains(name), "no {name} in\n{table}");
    }
}

#[test]
fn what_cannot_be_measured_is_a_usage_mistake() {
    let env = TestEnv::new();
    for wrong in [
        ["--images", "0"],
        ["--images", "99999999999"],
        ["--batch-size", "0"],
        ["--inference-batch-size", "0"],
        ["--only", "everything"],
        ["--hidden", "0"],
    ] {
        let ran = env.run(&[&["bench"], &wrong[..]].concat());
        assert_eq!(ran.code, Some(2), "{wrong:?}: {}", ran.stderr);
        assert_eq!(ran.stdout, "");
    }
}
