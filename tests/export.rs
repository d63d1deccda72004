//! The exported files, opened by others: libtorch's own loader and real Python.

use std::process::Command;

use serde_json::Value;

use crate::testenv::{TestEnv, finished_run_arg, skipped};

/// Python that has torch: the one `MNIST_TCH_PYTHON` names, else `python3`.
fn python() -> Option<String> {
    let python = std::env::var("MNIST_TCH_PYTHON").unwrap_or("python3".to_owned());
    let found = Command::new(&python)
        .args([
            "-c",
            "import torch, safetensors; assert torch.__version__.startswith('2.11.')",
        ])
        .output();
    if found.is_ok_and(|output| output.status.success()) {
        return Some(python);
    }
    skipped(&format!(
        "{python} has no torch 2.11 with safetensors (see scripts/python)"
    ));
    None
}

/// Loads both exports in Python and prints what it finds there as JSON.
const SCRIPT: &str = r#"
import json, sys, torch
from safetensors.torch import load_file
extra = {"mnist-tch.json": ""}
net = torch.jit.load(sys.argv[1], _extra_files=extra)
images = torch.rand(7, 1, 28, 28)
evaluated = net(images)
state = dict(net.state_dict())
weights = load_file(sys.argv[2])
same = state.keys() == weights.keys() and all(torch.equal(state[k], weights[k]) for k in state)
learned = [name for name, _ in net.named_parameters()]
net.train()
drops = not torch.equal(net(images), net(images))
net.load_state_dict(weights)
net.eval()
batches = torch.allclose(torch.cat([net(i[None]) for i in images]), evaluated, atol=1e-5)
optimizer = torch.optim.SGD(net.parameters(), 0.01)
labels = torch.arange(7)
before = torch.nn.functional.cross_entropy(net(images), labels)
before.backward()
optimizer.step()
after = torch.nn.functional.cross_entropy(net(images), labels)
half = net.double()(images.double())
print(json.dumps({
    "architecture": json.loads(extra["mnist-tch.json"])["architecture"]["name"],
    "names": list(state), "learned": learned, "same": same, "shape": list(evaluated.shape),
    "drops": drops, "batches": batches, "improves": bool(after < before),
    "converts": half.dtype == torch.float64,
}))
"#;

#[test]
fn python_finds_a_living_network_in_the_exports() {
    let Some(python) = python() else { return };
    let env = TestEnv::new();
    for (format, out) in [
        ("torchscript", "net.pt"),
        ("safetensors", "net.safetensors"),
    ] {
        env.succeed(&[
            "export",
            "--model",
            finished_run_arg(),
            "--format",
            format,
            "--out",
            out,
        ]);
    }
    let output = Command::new(python)
        .args(["-c", SCRIPT])
        .args([env.path("net.pt"), env.path("net.safetensors")])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found["architecture"], "cnn");
    assert_eq!(found["shape"], serde_json::json!([7, 10]));
    for (name, learned) in [
        ("conv1.weight", true),
        ("norm1.running_mean", false),
        ("fc2.bias", true),
    ] {
        let listed = |list: &str| found[list].as_array().unwrap().iter().any(|n| n == name);
        assert!(listed("names"), "{name} is missing: {found}");
        assert_eq!(listed("learned"), learned, "{name}: {found}");
    }
    for fact in ["same", "drops", "batches", "improves", "converts"] {
        assert_eq!(found[fact], true, "{fact}: {found}");
    }
}

#[test]
fn every_architecture_is_written_and_read_back() {
    let env = TestEnv::new();
    for (model, more) in [
        ("keras", &[][..]),
        ("mlp", &["--hidden", "16,8"]),
        ("cnn", &["--no-augment"]),
        ("wide", &[]),
        ("small", &["--ensemble", "2"]),
        ("vgg", &[]),
        ("tch", &[]),
        ("pytorch", &[]),
        ("fast", &[]),
    ] {
        let args = [
            "train",
            "--model",
            model,
            "--data",
            "synthetic",
            "--limit",
            "64",
            "--epochs",
            "1",
        ];
        env.succeed(&[&args[..], &["--out", model], more].concat());
        for format in ["torchscript", "safetensors"] {
            let said = env.succeed(&[
                "export", "--model", model, "--format", format, "--out", "out",
            ]);
            assert!(said.contains("the same logits"), "{said}");
        }
        // What was exported as safetensors is a model like the run's own.
        env.succeed(&["export", "--model", "out", "--out", "again.pt"]);
    }
}
