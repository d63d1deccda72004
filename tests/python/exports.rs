//! Each format of `export`, and the source of `summary --python`.

use mnist_tch::model::checkpoint;
use serde_json::{Value, json};
use tch::{Device, Tensor};

use super::{digits, export, python, run};
use crate::testenv::{TestEnv, finished_run_arg};
use crate::zoo::{self, zoo};

/// The largest difference of each format's logits, for each name.
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
fn every_format_gives_the_same_logits_in_python() {
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
        // Only the last digits differ, in proportion to the logits.
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

/// Uses the TorchScript program as PyTorch users do.
const TORCHSCRIPT: &str = r#"
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
# Nothing in the program names a device, so to() moves all of it.
moves = "device" not in net.to("cpu").code and all(w.device.type == "cpu" for w in net.buffers())
print(json.dumps({
    "metadata": json.loads(extra["mnist-tch.json"]),
    "names": list(state), "learned": learned, "same": same, "shape": list(evaluated.shape),
    "drops": drops, "batches": batches, "double": double.dtype == torch.float64,
    "half": half.dtype == torch.float16 and bool(near), "moves": moves,
}))
"#;

#[test]
fn the_torchscript_program_is_a_complete_network_with_metadata() {
    let Some(python) = python() else { return };
    let env = TestEnv::new();
    export(&env);
    let found = run(&python, &env, TORCHSCRIPT, &[]);
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
    check_metadata(&found["metadata"]);
}

/// Checks the metadata of an exported network.
fn check_metadata(metadata: &Value) {
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
    check_metadata(&found["metadata"]);
}

#[test]
fn the_documentation_shows_the_module_that_the_program_prints() {
    let documentation = include_str!("../../docs/export.md");
    let source = TestEnv::new().succeed(&["summary", "--python", "--model", "vgg"]);
    assert!(
        documentation.contains(&source),
        "docs/export.md does not show\n{source}"
    );
}
