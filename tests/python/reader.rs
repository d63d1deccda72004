//! The reader's networks in each format, and the example that turns their output into text.

use std::sync::Arc;

use image::{GrayImage, Luma};
use mnist_tch::model::architecture::reader::{CROP_SIDE, MAPS};
use mnist_tch::reader::crops::Crop;
use mnist_tch::reader::{Maps, batch_of, crop_batch};
use mnist_tch::recognizer::{Reading, Recognizer};
use mnist_tch::scenes::material::Material;
use mnist_tch::scenes::{Bounds, Scenes, Split};
use serde_json::json;
use tch::{Device, Kind, Tensor};

use super::{python, run};
use crate::reader::{fresh, save};
use crate::testenv::TestEnv;

/// The largest difference of each format's answers, for each network.
const SAME_ANSWERS: &str = r#"
import json, runpy, torch, onnxruntime
from safetensors.torch import load_file
extra = {"mnist-tch.json": ""}
script = torch.jit.load("reader.pt", _extra_files=extra)
weights, expected = load_file("reader.safetensors"), load_file("expected")
found = {"names": script.state_dict().keys() == weights.keys(), "shapes": {}}
for name, method in {"detector": script.detect, "crop": script.look}.items():
    plain = runpy.run_path(f"{name}.py")["Net"]().eval()
    plain.load_state_dict({k.split(".", 1)[1]: v for k, v in weights.items() if k.startswith(name)})
    graph = onnxruntime.InferenceSession(f"reader-{name}.onnx")
    source, = graph.get_inputs()
    target, = graph.get_outputs()
    found["shapes"][name] = [source.name, source.shape, target.name, target.shape]
    metadata = json.loads(graph.get_modelmeta().custom_metadata_map["mnist-tch"])
    found["metadata"] = metadata == json.loads(extra["mnist-tch.json"])
    for size in ("small", "large"):
        batch, answer = expected[f"{name}.{size}"], expected[f"{name}.{size}.answer"]
        with torch.no_grad():
            answers = {
                "safetensors": plain(batch),
                "torchscript": method(batch),
                "onnx": torch.from_numpy(graph.run(None, {source.name: batch.numpy()})[0]),
            }
        apart = {k: (a - answer).abs().max().item() / answer.abs().max().clamp(min=1).item()
                 for k, a in answers.items()}
        found[f"{name}.{size}"] = apart
print(json.dumps(found))
"#;

#[test]
fn every_format_gives_the_same_maps_and_logits_in_python() {
    let Some(python) = python() else { return };
    let env = TestEnv::new();
    let reader = fresh(&env, "reader");
    let mut expected = vec![];
    for (name, net) in reader.nets() {
        let shapes = match name {
            "detector" => [[2, 1, 64, 96], [1, 1, 224, 160]],
            _ => [[1, 1, CROP_SIDE, CROP_SIDE], [9, 1, CROP_SIDE, CROP_SIDE]],
        };
        for (size, shape) in ["small", "large"].iter().zip(shapes) {
            let batch = Tensor::rand(shape, (Kind::Float, Device::Cpu));
            let answer = net.logits(&batch).unwrap().contiguous();
            expected.push((format!("{name}.{size}.answer"), answer));
            expected.push((format!("{name}.{size}"), batch));
        }
        let source = env.succeed(&["summary", "--python", "--model", name]);
        env.write(&format!("{name}.py"), source.as_bytes());
    }
    Tensor::write_safetensors(&expected, env.path("expected")).unwrap();
    for out in ["reader.pt", "reader.onnx"] {
        env.succeed(&["export", "--model", "reader.safetensors", "--out", out]);
    }
    let found = run(&python, &env, SAME_ANSWERS, &[]);
    for batch in [
        "detector.small",
        "detector.large",
        "crop.small",
        "crop.large",
    ] {
        for format in ["safetensors", "torchscript", "onnx"] {
            let apart = found[batch][format].as_f64().unwrap();
            assert!(apart <= 1e-5, "{batch} as {format}: {found}");
        }
    }
    assert_eq!(found["names"], true, "{found}");
    assert_eq!(found["metadata"], true, "{found}");
    let detector = json!([
        "pictures",
        ["batch", 1, "height", "width"],
        "maps",
        ["batch", 21, "height/4", "width/4"]
    ]);
    assert_eq!(found["shapes"]["detector"], detector);
    let crop = json!(["crops", ["batch", 1, 40, 40], "logits", ["batch", 16]]);
    assert_eq!(found["shapes"]["crop"], crop);
}

const EXAMPLE_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/read_picture.py");

/// What the example makes of maps and boxes, and of a picture.
const EXAMPLE: &str = r#"
import json, runpy, sys
import numpy as np
from safetensors.numpy import load_file
example, given = runpy.run_path(sys.argv[1]), load_file("given")
middles, sizes = example["detections"](given["maps"])
crops = [example["crop"](given["grey"], box[:2], box[2:]) for box in given["boxes"]]
detect, look = (example["network"](f"reader-{name}.onnx") for name in ("detector", "crop"))
print(json.dumps({
    "boxes": np.concatenate([middles, sizes], 1).tolist(),
    "crops": float(np.abs(np.stack(crops) - given["crops"]).max()),
    "text": example["read"](given["grey"], detect, look),
}))
"#;

/// Middle and size of a box, across and down.
fn middle_and_size(bounds: &Bounds) -> [f32; 4] {
    [
        (bounds.left + bounds.right) / 2.0,
        (bounds.top + bounds.bottom) / 2.0,
        bounds.width(),
        bounds.height(),
    ]
}

#[test]
fn the_example_finds_the_same_boxes_and_crops_as_the_reader() {
    let Some(python) = python() else { return };
    let env = TestEnv::new();
    let mut reader = fresh(&env, "reader");
    let (height, width) = (20, 30);
    let maps = Tensor::randn([1, MAPS, height, width], (Kind::Float, Device::Cpu));
    let found = Maps::of(&maps).unwrap()[0].detections(0.3);
    let grey = GrayImage::from_fn(320, 200, |x, y| {
        Luma([(x * x / 50 + y * 3 * (x % 9)) as u8])
    });
    let boxes = [
        [9.5, 20.0, 31.0, 60.0],
        [300.0, 190.0, 90.0, 40.0],
        [150.0, 90.0, 7.0, 5.0],
    ];
    let crops = boxes.map(|[x, y, width, height]: [f32; 4]| {
        let bounds = Bounds {
            left: x - width / 2.0,
            top: y - height / 2.0,
            right: x + width / 2.0,
            bottom: y + height / 2.0,
        };
        Crop::cut(&grey, &bounds)
    });
    let given = [
        ("maps", maps.squeeze_dim(0)),
        (
            "grey",
            batch_of(&[&grey], Device::Cpu).unwrap().squeeze() * 255.0,
        ),
        ("boxes", Tensor::from_slice2(&boxes)),
        (
            "crops",
            crop_batch(&crops, Device::Cpu).unwrap().squeeze_dim(1) * 255.0,
        ),
    ];
    Tensor::write_safetensors(&given, env.path("given")).unwrap();
    // A detector that sees digits in anything.
    let mut weights = reader.detector.snapshot();
    let bias = weights.iter_mut().find(|(name, _)| name == "maps.bias");
    let (_, bias) = bias.unwrap();
    *bias = Tensor::zeros([MAPS], (Kind::Float, Device::Cpu));
    reader.detector.restore(&weights).unwrap();
    save(&reader, &env, "reader");
    env.succeed(&[
        "export",
        "--model",
        "reader.safetensors",
        "--out",
        "reader.onnx",
    ]);
    let said = run(&python, &env, EXAMPLE, &[EXAMPLE_FILE]);
    let boxes = said["boxes"].as_array().unwrap();
    assert_eq!(boxes.len(), found.len());
    for (own, other) in found.iter().zip(boxes) {
        for (own, other) in middle_and_size(&own.bounds)
            .iter()
            .zip(other.as_array().unwrap())
        {
            assert!(
                (own - other.as_f64().unwrap() as f32).abs() < 1e-3,
                "{own} {other}"
            );
        }
    }
    // A value halfway between two greys may be rounded either way.
    assert!(said["crops"].as_f64().unwrap() <= 1.0, "{said}");
    let text = said["text"].as_str().unwrap();
    assert!(text.chars().any(|c| c.is_ascii_digit()), "{text}");
}

/// What the example reads in pictures, and its similarity to other texts, from 0 to 1.
const TEXTS: &str = r#"
import difflib, json, runpy, sys
from safetensors.numpy import load_file
example, pictures = runpy.run_path(sys.argv[1]), load_file("pictures")
texts = json.load(open("texts.json"))
detect, look = (example["network"](f"reader-{name}.onnx") for name in ("detector", "crop"))
read = [example["read"](pictures[f"{i}"], detect, look) for i in range(len(texts))]
like = [difflib.SequenceMatcher(None, *pair, autojunk=False).ratio() for pair in zip(read, texts)]
print(json.dumps({"like": sum(like) / len(like), "read": read}))
"#;

#[test]
fn the_example_reads_scenes_almost_like_infer() {
    let Some(python) = python() else { return };
    let env = TestEnv::new();
    let scenes = Scenes::new(Arc::new(Material::builtin()), Split::Validation);
    let pictures: Vec<GrayImage> = (0..50).map(|i| scenes.render(256, 50, i).grey).collect();
    let recognizer = Recognizer::builtin(Device::Cpu).unwrap();
    let prepared = pictures
        .iter()
        .map(|grey| Ok(grey.clone().into()))
        .collect();
    let readings = recognizer.read_all(prepared).unwrap();
    let texts: Vec<String> = readings.iter().flatten().map(Reading::text).collect();
    env.write("texts.json", &serde_json::to_vec(&texts).unwrap());
    let tensor = |grey| batch_of(&[grey], Device::Cpu).unwrap().squeeze() * 255.0;
    let named = pictures.iter().map(tensor).enumerate();
    let named: Vec<_> = named
        .map(|(index, picture)| (index.to_string(), picture))
        .collect();
    Tensor::write_safetensors(&named, env.path("pictures")).unwrap();
    env.succeed(&["export", "--reader", "builtin", "--out", "reader.onnx"]);
    let found = run(&python, &env, TEXTS, &[EXAMPLE_FILE]);
    // It looks at only two sizes of the picture, and refuses no digit.
    assert!(found["like"].as_f64().unwrap() > 0.8, "{texts:?} {found}");
}
