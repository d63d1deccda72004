//! A reader's file: exported, and distinguished from networks for 28×28 images.

use std::fs;

use mnist_tch::reader::{Description, Reader};
use tch::{Device, Kind, Tensor};

use crate::testenv::TestEnv;

/// Writes an untrained reader with some batch-norm statistics, as `NAME.safetensors`.
pub fn fresh(env: &TestEnv, name: &str) -> Reader {
    let reader = Reader::new(0, Device::Cpu).unwrap();
    for (_, net) in reader.nets() {
        let [channels, height, width] = net.architecture().input_shape();
        for _ in 0..20 {
            let batch = Tensor::rand([4, channels, height, width], (Kind::Float, Device::Cpu));
            let _ = net.forward_t(&batch, true).unwrap();
        }
    }
    save(&reader, env, name);
    reader
}

/// Writes a reader as `NAME.safetensors`.
pub fn save(reader: &Reader, env: &TestEnv, name: &str) {
    let description = Description {
        scenes: 0,
        validation_accuracy: None,
        temperature: 1.0,
        version: "0".to_owned(),
    };
    let path = env.path(&format!("{name}.safetensors"));
    reader.save(&description, &path).unwrap();
}

#[test]
fn a_reader_is_written_in_every_format_and_read_back() {
    let env = TestEnv::new();
    fresh(&env, "reader");
    let export = ["export", "--model", "reader.safetensors"];
    for (out, files) in [
        ("out.pt", &["out.pt"][..]),
        ("out.onnx", &["out-detector.onnx", "out-crop.onnx"]),
        ("out.safetensors", &["out.safetensors"]),
    ] {
        let said = env.succeed(&[&export[..], &["--out", out]].concat());
        let checked = env.succeed(&[&export[..], &["--verify", files[0]]].concat());
        for file in files {
            let line = |said: &str| {
                said.lines()
                    .any(|line| line.starts_with(&format!("{file}: ")))
            };
            assert!(line(&said) && line(&checked), "{said}{checked}");
        }
    }
    env.succeed(&[
        "export",
        "--reader",
        "reader.safetensors",
        "--verify",
        "out.pt",
    ]);
    // What was exported as safetensors is a reader like the first.
    env.succeed(&["export", "--model", "out.safetensors"]);
    assert!(env.path("reader.pt").is_file());
    let ran = env.run(&[&export[..], &["--softmax", "--out", "p.onnx"]].concat());
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
}

#[test]
fn a_rounded_reader_takes_half_the_space_and_is_saved_exactly() {
    let env = TestEnv::new();
    let written = |reader: &Reader, name: &str| {
        save(reader, &env, name);
        let path = env.path(&format!("{name}.safetensors"));
        let bytes = fs::metadata(&path).unwrap().len();
        (bytes, Reader::load(&path, Device::Cpu).unwrap().0)
    };
    let mut reader = fresh(&env, "reader");
    let (bytes, again) = written(&reader, "exact");
    assert_eq!(again.snapshot(), reader.snapshot());

    reader.round().unwrap();
    for ((name, rounded), (_, exact)) in reader.snapshot().iter().zip(again.snapshot()) {
        let apart = (rounded - &exact).abs() - exact.abs() / 2048.0;
        assert!(apart.max().double_value(&[]) < 1e-7, "{name}");
    }
    let (fewer_bytes, again) = written(&reader, "rounded");
    assert!(
        10 * fewer_bytes < 6 * bytes,
        "{fewer_bytes} of {bytes} bytes"
    );
    assert_eq!(again.snapshot(), reader.snapshot());
}

#[test]
fn a_file_of_another_reader_is_not_verified() {
    let env = TestEnv::new();
    for name in ["reader", "other"] {
        fresh(&env, name);
    }
    env.succeed(&["export", "--out", "net.pt"]);
    for file in ["other.pt", "other.onnx", "other.safetensors"] {
        if file != "other.safetensors" {
            env.succeed(&["export", "--model", "other.safetensors", "--out", file]);
        }
        let line = env.fail(&["export", "--model", "reader.safetensors", "--verify", file]);
        assert!(
            line.contains(file) && line.contains("this is a different network"),
            "{line}"
        );
    }
    // A network for images is not a reader, and the other way round.
    let line = env.fail(&[
        "export",
        "--model",
        "reader.safetensors",
        "--verify",
        "net.pt",
    ]);
    assert!(line.contains("comparing net.pt"), "{line}");
    for file in ["other.pt", "other-crop.onnx", "other.safetensors"] {
        let line = env.fail(&["export", "--verify", file]);
        assert!(line.contains(&format!("comparing {file}")), "{line}");
    }
}

#[test]
fn a_reader_is_refused_if_a_network_for_images_is_needed() {
    let env = TestEnv::new();
    fresh(&env, "reader");
    env.write("five.png", include_bytes!("../data/five.png"));
    let model = ["--model", "reader.safetensors"];
    for args in [
        &["eval", "--data", "synthetic"][..],
        &["infer", "five.png"],
        &["serve", "--addr", "127.0.0.1:0"],
    ] {
        let line = env.fail(&[args, &model].concat());
        let says = "reading the model reader.safetensors: it holds a reader of pictures";
        assert!(line.contains(says), "{line}");
    }
    let line = env.fail(&["import", "reader.safetensors"]);
    assert!(line.contains("it holds a reader"), "{line}");
    // In a run's folder too.
    fs::create_dir(env.path("run")).unwrap();
    env.write("run/config.json", b"{}");
    fs::copy(
        env.path("reader.safetensors"),
        env.path("run/reader.safetensors"),
    )
    .unwrap();
    let line = env.fail(&["eval", "--data", "synthetic", "--model", "run"]);
    assert!(line.contains("it holds a reader"), "{line}");
    env.succeed(&["export", "--model", "run", "--out", "run.onnx"]);
}

#[test]
fn half_a_reader_has_a_summary_and_is_not_trained_alone() {
    let env = TestEnv::new();
    let table = env.succeed(&["summary", "--model", "detector"]);
    assert!(table.contains("[B, 21, 32, 32]"), "{table}");
    let source = env.succeed(&["summary", "--model", "crop", "--python"]);
    assert!(source.contains("crops [B, 1, 40, 40] in 0..1"), "{source}");
    env.write("any.safetensors", b"");
    for args in [
        &["train"][..],
        &["bench"],
        &["sweep"],
        &["import", "any.safetensors"],
    ] {
        for network in ["detector", "crop"] {
            let ran = env.run(&[args, &["--model", network]].concat());
            assert_eq!(ran.code, Some(2), "{}", ran.stderr);
            assert!(
                ran.stderr.contains("train --preset reader"),
                "{}",
                ran.stderr
            );
        }
    }
    assert_eq!(env.files(), ["any.safetensors"]);
}
