//! What is exported, opened by real Python, and what comes back from it.

use std::path::Path;
use std::process::Command;

use mnist_tch::dataset::synthetic;
use mnist_tch::model::checkpoint;
use mnist_tch::tensors::{images_from_bytes, to_batch};
use serde_json::{Value, json};
use tch::{Device, Tensor};

use crate::testenv::{TestEnv, finished_run_arg, skipped};
use crate::zoo::{self, zoo};

/// Python that has all it takes: the one `MNIST_TCH_PYTHON` names, else `python3`.
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

/// So many digits: MNIST's test images where the environment names their folder, else drawn ones.
fn digits(count: usize) -> (Tensor, Tensor) {
    match std::env::var("MNIST_TCH_DATA") {
        Ok(folder) => {
            let data = mnist_tch::dataset::Dataset::from_files(Path::new(&folder)).unwrap();
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

/// The greatest difference of each format's logits, for each name.
const SAME_LOGITS: &str = r#"
import json, runpy, sys, torch, onnxruntime
from safetensors.torch import load_file
found = {}
for name in sys.argv[1:]:
    expected = load_file(f"{name}.expected")
    images, logits = expected["images"], expected["logits"]
    source = runpy.run_path(f"{name}.py")
    plain = source.get("Ensemble", source["Net"])().eval()
    plain.load_state_dict(load_file(f"{name}.safetensors"))
    script = torch.jit.load(f"{name}.pt")
    graph = onnxruntime.InferenceSession(f"{name}.onnx")
    with torch.no_grad():
        answers = {
            "safetensors": plain(images),
            "torchscript": script(images),
            "onnx": torch.from_numpy(graph.run(None, {"images": images.numpy()})[0]),
        }
    found[name] = {k: (a - logits).abs().max().item() for k, a in answers.items()}
    found[name]["greatest"] = logits.abs().max().item()
print(json.dumps(found))
"#;

#[test]
fn every_format_gives_pythons_programs_the_same_logits() {
    let Some(python) = python() else { return };
    let env = TestEnv::new();
    let (images, _) = digits(100);
    for name in zoo::NAMES {
        let model = zoo().path(name);
        let (net, _) = checkpoint::load(&model.join("model.safetensors"), Device::Cpu).unwrap();
        let logits = net.logits(&images).unwrap();
        let expected = [("images", &images), ("logits", &logits)];
        Tensor::write_safetensors(&expected, env.path(&format!("{name}.expected"))).unwrap();
        for ending in ["pt", "safetensors", "onnx"] {
            let out = format!("{name}.{ending}");
            env.succeed(&["export", "--model", model.to_str().unwrap(), "--out", &out]);
        }
        let mut summary = [&["summary", "--python"], &zoo::arguments(name)[..]].concat();
        if name == "ensemble" {
            summary.extend(["--ensemble", "2"]);
        }
        env.write(&format!("{name}.py"), env.succeed(&summary).as_bytes());
    }
    let found = run(&python, &env, SAME_LOGITS, &zoo::NAMES);
    for name in zoo::NAMES {
        // What differs are the last digits, in proportion to the logits.
        let greatest = found[name]["greatest"].as_f64().unwrap();
        for format in ["safetensors", "torchscript", "onnx"] {
            let apart = found[name][format].as_f64().unwrap();
            assert!(
                apart <= 1e-5 * greatest.max(1.0),
                "{name} as {format}: {found}"
            );
        }
    }
}

/// What a user of the TorchScript program finds in it.
const LIVING: &str = r#"
import json, sys, torch
from safetensors.torch import load_file
extra = {"mnist-tch.json": ""}
net = torch.jit.load("net.pt", _extra_files=extra)
images = torch.rand(7, 1, 28, 28)
evaluated = net(images)
state = dict(net.state_dict())
weights = load_file("net.safetensors")
same = state.keys() == weights.keys() and all(torch.equal(state[k], weights[k]) for k in state)
learned = [name for name, _ in net.named_parameters()]
net.train()
drops = not torch.equal(net(images), net(images))
net.load_state_dict(weights)
net.eval()
batches = torch.allclose(torch.cat([net(i[None]) for i in images]), evaluated, atol=1e-5)
double = net.double()(images.double())
half = net.half()(images.half())
near = (half.float() - evaluated).abs().max() < 0.05 * evaluated.abs().max()
# Nothing in the program names a device, so that to() moves all of it.
moves = "device" not in net.to("cpu").code and all(w.device.type == "cpu" for w in net.buffers())
print(json.dumps({
    "metadata": json.loads(extra["mnist-tch.json"]),
    "names": list(state), "learned": learned, "same": same, "shape": list(evaluated.shape),
    "drops": drops, "batches": batches, "double": double.dtype == torch.float64,
    "half": half.dtype == torch.float16 and bool(near), "moves": moves,
}))
"#;

#[test]
fn the_torchscript_program_is_a_living_network_that_tells_what_it_is() {
    let Some(python) = python() else { return };
    let env = TestEnv::new();
    for out in ["net.pt", "net.safetensors"] {
        env.succeed(&["export", "--model", finished_run_arg(), "--out", out]);
    }
    let found = run(&python, &env, LIVING, &[]);
    assert_eq!(found["shape"], json!([7, 10]));
    for (name, learned) in [
        ("conv1.weight", true),
        ("norm1.running_mean", false),
        ("fc2.bias", true),
    ] {
        let listed = |list: &str| found[list].as_array().unwrap().iter().any(|n| n == name);
        assert!(listed("names"), "{name} is missing: {found}");
        assert_eq!(listed("learned"), learned, "{name}: {found}");
    }
    for fact in ["same", "drops", "batches", "double", "half", "moves"] {
        assert_eq!(found[fact], true, "{fact}: {found}");
    }
    told(&found["metadata"]);
}

/// Checks what goes with an exported network.
fn told(metadata: &Value) {
    assert_eq!(metadata["architecture"]["name"], "cnn", "{metadata}");
    assert_eq!(
        metadata["classes"].as_array().unwrap().len(),
        10,
        "{metadata}"
    );
    assert_eq!(
        metadata["input"]["normalisation"]["mean"], 0.1307,
        "{metadata}"
    );
    assert_eq!(metadata["libtorch"], "2.11.0", "{metadata}");
    assert!(
        metadata["test_accuracy"].as_f64().unwrap() > 0.5,
        "{metadata}"
    );
}

/// What ONNX Runtime finds in the two kinds of graph.
const GRAPH: &str = r#"
import json, numpy, onnxruntime
logits = onnxruntime.InferenceSession("logits.onnx")
sure = onnxruntime.InferenceSession("sure.onnx")
images = numpy.random.rand(100, 1, 28, 28).astype("float32")
raw, = logits.run(["logits"], {"images": images})
one, = logits.run(None, {"images": images[:1]})
exp = numpy.exp(raw - raw.max(1, keepdims=True))
shares, = sure.run(["probabilities"], {"images": images})
metadata = logits.get_modelmeta()
print(json.dumps({
    "input": logits.get_inputs()[0].shape, "output": logits.get_outputs()[0].shape,
    "alone": bool(abs(one - raw[:1]).max() < 1e-4),
    "softmax": bool(abs(exp / exp.sum(1, keepdims=True) - shares).max() < 1e-5),
    "producer": metadata.producer_name,
    "metadata": json.loads(metadata.custom_metadata_map["mnist-tch"]),
}))
"#;

#[test]
fn the_onnx_graph_takes_any_batch_and_gives_logits_or_probabilities() {
    let Some(python) = python() else { return };
    let env = TestEnv::new();
    let export = ["export", "--model", finished_run_arg(), "--out"];
    let said = env.succeed(&[&export[..], &["logits.onnx"]].concat());
    assert!(said.contains("opset 17"), "{said}");
    env.succeed(&[&export[..], &["sure.onnx", "--softmax"]].concat());
    let found = run(&python, &env, GRAPH, &[]);
    assert_eq!(found["input"], json!(["batch", 1, 28, 28]));
    assert_eq!(found["output"], json!(["batch", 10]));
    assert_eq!(found["producer"], "mnist-tch");
    for fact in ["alone", "softmax"] {
        assert_eq!(found[fact], true, "{fact}: {found}");
    }
    told(&found["metadata"]);
}

/// Trains both kinds of network on for an epoch, and saves what came of it.
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
fn what_python_has_trained_on_comes_back_with_equal_accuracy() {
    let Some(python) = python() else { return };
    let env = TestEnv::new();
    let (images, labels) = digits(1000);
    Tensor::write_safetensors(
        &[("images", &images), ("labels", &labels)],
        env.path("data"),
    )
    .unwrap();
    for out in ["net.pt", "net.safetensors"] {
        env.succeed(&["export", "--model", finished_run_arg(), "--out", out]);
    }
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
fn the_way_out_of_a_pickle_and_of_a_program_works() {
    let Some(python) = python() else { return };
    let env = TestEnv::new();
    for out in ["net.pt", "net.safetensors"] {
        env.succeed(&["export", "--model", finished_run_arg(), "--out", out]);
    }
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

/// All scalars that TensorBoard's own reader finds, by tag.
const EVENTS: &str = r#"
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(sys.argv[1]).Reload()
print(json.dumps({
    tag: [[event.step, event.value] for event in events.Scalars(tag)]
    for tag in events.Tags()["scalars"]
}))
"#;

#[test]
fn tensorboard_reads_the_figures_of_each_epoch() {
    let Some(python) = python() else { return };
    let env = TestEnv::new();
    env.succeed(&[
        "train",
        "--model",
        "mlp",
        "--data",
        "synthetic",
        "--limit",
        "500",
        "--epochs",
        "3",
        "--tensorboard",
        "--out",
        "run",
    ]);
    let found = run(&python, &env, EVENTS, &["run"]);
    let mut metrics = csv::Reader::from_path(env.path("run/metrics.csv")).unwrap();
    let rows: Vec<mnist_tch::run::EpochRecord> =
        metrics.deserialize().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 3);
    for (index, row) in rows.iter().enumerate() {
        for (tag, value) in [
            ("loss/train", row.train_loss),
            ("loss/validation", row.validation_loss),
            ("accuracy/train", row.train_accuracy),
            ("accuracy/validation", row.validation_accuracy),
            ("learning_rate", row.learning_rate),
            ("images_per_second", row.images_per_second),
        ] {
            assert_eq!(found[tag][index][0], row.epoch, "{tag}: {found}");
            let read = found[tag][index][1].as_f64().unwrap();
            assert!(
                (read - value).abs() <= 1e-6 * value,
                "{tag}: {read} for {value}"
            );
        }
    }
}

#[test]
fn the_readme_shows_the_module_that_the_program_prints() {
    let readme = include_str!("../README.md");
    let source = TestEnv::new().succeed(&["summary", "--python", "--model", "vgg"]);
    assert!(
        readme.contains(&source),
        "README.md does not show\n{source}"
    );
}
