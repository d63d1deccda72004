//! Weights that were trained further in Python, or come from elsewhere.

use mnist_tch::model::checkpoint;
use tch::{Device, Tensor};

use super::{digits, export, python, run};
use crate::testenv::{TestEnv, finished_run_arg};

/// Trains both kinds of network for another epoch, and saves the weights.
const FINE_TUNE: &str = r#"
import json, runpy, sys, torch
from torch.nn.functional import cross_entropy
from safetensors.torch import load_file, save_file
data = load_file("data")
images, labels = data["images"], data["labels"]
plain = runpy.run_path("net.py")["Net"]()
plain.load_state_dict(load_file("net.safetensors"))
found = {}
for name, net in {"plain": plain, "script": torch.jit.load("net.pt")}.items():
    torch.manual_seed(0)
    def measure():
        net.eval()
        with torch.no_grad():
            logits = net(images)
        return cross_entropy(logits, labels).item(), (logits.argmax(1) == labels).sum().item()
    before, _ = measure()
    net.train()
    optimizer = torch.optim.Adam(net.parameters(), 1e-3)
    for batch in torch.randperm(len(images)).split(50):
        optimizer.zero_grad()
        cross_entropy(net(images[batch]), labels[batch]).backward()
        optimizer.step()
    after, right = measure()
    save_file(net.state_dict(), f"{name}.safetensors")
    found[name] = {"before": before, "after": after, "right": right}
print(json.dumps(found))
"#;

#[test]
fn weights_fine_tuned_in_python_are_imported_with_equal_accuracy() {
    let Some(python) = python() else { return };
    let env = TestEnv::new();
    let (images, labels) = digits(1000);
    Tensor::write_safetensors(
        &[("images", &images), ("labels", &labels)],
        env.path("data"),
    )
    .unwrap();
    export(&env);
    let source = env.succeed(&["summary", "--python", "--model", "cnn"]);
    env.write("net.py", source.as_bytes());
    let found = run(&python, &env, FINE_TUNE, &[]);
    for name in ["plain", "script"] {
        let figure = |figure: &str| found[name][figure].as_f64().unwrap();
        assert!(figure("after") < figure("before"), "{name}: {found}");
        let weights = format!("{name}.safetensors");
        env.succeed(&["import", &weights, "--model", "cnn"]);
        let path = env.path(&format!("{name}-cnn.safetensors"));
        let (net, description) = checkpoint::load(&path, Device::Cpu).unwrap();
        assert_eq!(description.validation_accuracy, None);
        let answers = net.logits(&images).unwrap().argmax(1, false);
        let right = answers.eq_tensor(&labels).sum(tch::Kind::Int64);
        assert_eq!(
            right.int64_value(&[]) as f64,
            figure("right"),
            "{name}: {found}"
        );
    }
}

/// Writes the weights as pickles, as most people do.
const PICKLE: &str = r#"
import torch
from safetensors.torch import load_file
weights = load_file("net.safetensors")
torch.save(weights, "new.pt")
torch.save(weights, "old.pt", _use_new_zipfile_serialization=False)
print("{}")
"#;

#[test]
fn the_suggested_conversion_of_pickles_and_programs_works() {
    let Some(python) = python() else { return };
    let env = TestEnv::new();
    export(&env);
    run(&python, &env, PICKLE, &[]);
    for (file, says) in [
        ("new.pt", "can run code"),
        ("old.pt", "can run code"),
        ("net.pt", "TorchScript program"),
    ] {
        let line = env.fail(&["import", file, "--model", "cnn"]);
        assert!(line.contains(says), "{line}");
        let (_, script) = line.split_once("python3 -c '").unwrap();
        let script = script.trim_end_matches('\'');
        run(&python, &env, &format!("{script}; print(1)"), &[]);
        env.succeed(&["import", "weights.safetensors", "--model", "cnn"]);
        let back = "weights-cnn.safetensors";
        env.succeed(&["export", "--model", finished_run_arg(), "--verify", back]);
    }
}
