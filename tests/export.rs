//! Exported files: written, read back and refused.

use std::fs;

use crate::testenv::{TestEnv, finished_run, finished_run_arg};
use crate::zoo::{self, zoo};

#[test]
fn every_architecture_is_written_and_read_back() {
    let env = TestEnv::new();
    for network in zoo::NAMES {
        let model = zoo().path(network);
        let model = model.to_str().unwrap();
        for file in ["out.pt", "out.safetensors", "out.onnx"] {
            let said = env.succeed(&["export", "--model", model, "--out", file]);
            assert!(said.contains("the same logits"), "{said}");
            let said = env.succeed(&["export", "--model", model, "--verify", file]);
            assert!(said.contains("gives the same answers as"), "{said}");
        }
        let softmax = ["export", "--model", model, "--softmax", "--out", "p.onnx"];
        let said = env.succeed(&softmax);
        assert!(said.contains("the same probabilities"), "{said}");
        // What was exported as safetensors is a model like the run's own.
        env.succeed(&["export", "--model", "out.safetensors", "--out", "again.pt"]);
    }
}

#[test]
fn a_file_of_another_network_is_not_verified() {
    let env = TestEnv::new();
    for (file, says) in [
        ("other.pt", "this is a different network"),
        ("other.onnx", "this is a different network"),
        ("other.safetensors", "those of wide (--model wide)"),
    ] {
        env.succeed(&["export", "--out", file]);
        let verify = ["export", "--model", finished_run_arg(), "--verify", file];
        let line = env.fail(&verify);
        assert!(line.contains(file) && line.contains(says), "{line}");
    }
    fs::copy(env.path("other.onnx"), env.path("program.pt")).unwrap();
    let line = env.fail(&["export", "--verify", "program.pt"]);
    assert!(line.contains("loading the TorchScript program"), "{line}");
    fs::copy(env.path("other.pt"), env.path("graph.onnx")).unwrap();
    let line = env.fail(&["export", "--verify", "graph.onnx"]);
    assert!(line.contains("not an ONNX graph"), "{line}");
}

#[test]
fn what_a_format_does_not_support_is_a_usage_mistake() {
    let env = TestEnv::new();
    for args in [
        &["export", "--softmax", "--out", "model.pt"][..],
        &["export", "--verify", "model"],
        &["export", "--out", "model.h5"],
        &["export", "--verify", "model.pt", "--out", "model.pt"],
    ] {
        let ran = env.run(args);
        assert_eq!(ran.code, Some(2), "{args:?}: {}", ran.stderr);
    }
    let line = env.fail(&["export", "--format", "onnx", "--out", "model.pt"]);
    assert!(line.contains("use the extension .onnx"), "{line}");
    assert!(env.files().is_empty());
}

#[test]
fn an_unwritable_target_is_named_and_nothing_is_left() {
    let env = TestEnv::new();
    for out in ["nowhere/model.onnx", "nowhere/model.pt"] {
        let line = env.fail(&["export", "--out", out]);
        assert!(line.contains("there is no folder nowhere"), "{line}");
    }
    // On a full device.
    for format in ["torchscript", "onnx"] {
        let line = env.fail(&["export", "--format", format, "--out", "/dev/full"]);
        assert!(line.contains("writing /dev/full"), "{line}");
    }
    fs::create_dir(env.path("taken.onnx")).unwrap();
    let line = env.fail(&["export", "--out", "taken.onnx"]);
    assert!(line.contains("it is a folder"), "{line}");
    let weights = finished_run().join("model.safetensors");
    let weights = weights.to_str().unwrap();
    let import = ["import", weights, "--model", "cnn", "--out"];
    let line = env.fail(&[&import[..], &["nowhere/model.safetensors"]].concat());
    assert!(line.contains("there is no folder nowhere"), "{line}");
    assert!(env.files().is_empty());
}
