//! Weights from elsewhere: imported if they fit, refused in one line if they do not.

use std::collections::HashMap;
use std::fs;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use crate::testenv::{TestEnv, finished_run};

/// The tensors of a small dense network, by name: type, shape, bytes.
type Tensors = HashMap<String, (Dtype, Vec<usize>, Vec<u8>)>;

fn mlp() -> Tensors {
    let tensor = |shape: &[usize]| {
        let values = (0..shape.iter().product()).map(|i: usize| (i % 7) as f32 / 50.0);
        let bytes = values.flat_map(f32::to_le_bytes).collect();
        (Dtype::F32, shape.to_vec(), bytes)
    };
    HashMap::from([
        ("fc1.weight".to_owned(), tensor(&[4, 784])),
        ("fc1.bias".to_owned(), tensor(&[4])),
        ("fc2.weight".to_owned(), tensor(&[10, 4])),
        ("fc2.bias".to_owned(), tensor(&[10])),
    ])
}

fn file(tensors: &Tensors) -> Vec<u8> {
    let views = tensors.iter().map(|(name, (dtype, shape, bytes))| {
        (name, TensorView::new(*dtype, shape.clone(), bytes).unwrap())
    });
    safetensors::serialize(views, None).unwrap()
}

const IMPORT: [&str; 6] = ["import", "w.safetensors", "--model", "mlp", "--hidden", "4"];

/// Imports a file that must be refused without leaving anything behind; returns the error.
fn refused(bytes: &[u8]) -> String {
    let env = TestEnv::new();
    env.write("w.safetensors", bytes);
    let line = env.fail(&IMPORT);
    assert!(
        line.starts_with("error: importing w.safetensors: "),
        "{line}"
    );
    assert_eq!(env.files(), ["w.safetensors"], "{line}");
    line
}

fn refused_with(change: impl FnOnce(&mut Tensors)) -> String {
    let mut tensors = mlp();
    change(&mut tensors);
    refused(&file(&tensors))
}

#[test]
fn weights_that_fit_become_a_model() {
    let env = TestEnv::new();
    env.write("w.safetensors", &file(&mlp()));
    let said = env.succeed(&IMPORT);
    assert!(said.starts_with("w-mlp-4.safetensors: mlp-4"), "{said}");
    let eval = env.run(&[
        "eval",
        "--model",
        "w-mlp-4.safetensors",
        "--data",
        "synthetic",
    ]);
    assert_eq!(eval.code, Some(0), "{}", eval.stderr);
    assert!(
        eval.stdout.contains("trained on unknown data"),
        "{}",
        eval.stdout
    );
    assert!(
        !eval.stderr.contains("warning: this network"),
        "{}",
        eval.stderr
    );
    // Weights without a description are not a model yet; the error says how to import them.
    let line = env.fail(&["eval", "--model", "w.safetensors"]);
    assert!(
        line.contains("mnist-tch import FILE --model NAME"),
        "{line}"
    );
}

#[test]
fn a_model_of_this_program_comes_back_as_it_was() {
    let env = TestEnv::new();
    let weights = finished_run().join("model.safetensors");
    let weights = weights.to_str().unwrap();
    env.succeed(&[
        "import",
        weights,
        "--model",
        "cnn",
        "--out",
        "back.safetensors",
    ]);
    let said = env.succeed(&["export", "--model", "back.safetensors", "--verify", weights]);
    assert!(said.contains("bit for bit"), "{said}");
}

#[test]
fn missing_extra_and_misshapen_tensors_are_named_with_their_shapes() {
    let line = refused_with(|tensors| drop(tensors.remove("fc2.bias")));
    assert!(line.contains("it has no tensor fc2.bias"), "{line}");
    assert!(line.contains("mlp-4 needs with shape [10]"), "{line}");

    let line = refused_with(|tensors| {
        let bias = tensors["fc1.bias"].clone();
        tensors.insert("fc9.bias".to_owned(), bias);
    });
    assert!(
        line.contains("it has a tensor fc9.bias of shape [4], which mlp-4 does not have"),
        "{line}"
    );

    let line = refused_with(|tensors| tensors.get_mut("fc2.weight").unwrap().1 = vec![4, 10]);
    assert!(
        line.contains("fc2.weight has shape [4, 10], [10, 4] is needed"),
        "{line}"
    );
}

#[test]
fn for_weights_of_another_network_that_network_is_named() {
    let env = TestEnv::new();
    let cnn = finished_run().join("model.safetensors");
    let cnn = cnn.to_str().unwrap();
    let line = env.fail(&["import", cnn, "--model", "keras"]);
    assert!(line.contains("those of cnn (--model cnn)"), "{line}");
    assert!(line.contains("conv1.weight has shape [24, 1, 5, 5], [64, 1, 3, 3] is needed"));
    env.write("w.safetensors", &file(&mlp()));
    let line = env.fail(&["import", "w.safetensors", "--model", "mlp", "--hidden", "5"]);
    assert!(line.contains("(--model mlp --hidden 4)"), "{line}");
}

#[test]
fn values_that_cannot_be_weights_are_refused() {
    for value in [f32::NAN, f32::INFINITY] {
        let line = refused_with(|tensors| {
            tensors.get_mut("fc1.weight").unwrap().2[400..404]
                .copy_from_slice(&value.to_le_bytes());
        });
        assert!(line.contains("fc1.weight (shape [4, 784]) holds NaN or infinite values"));
    }
    let env = TestEnv::new();
    let cnn = finished_run().join("model.safetensors");
    let whole = fs::read(&cnn).unwrap();
    let spreads = SafeTensors::deserialize(&whole).unwrap();
    let at = spreads.tensor("norm1.running_var").unwrap().data().as_ptr() as usize;
    let at = at - whole.as_ptr() as usize;
    let mut below = whole.clone();
    below[at..at + 4].copy_from_slice(&(-1f32).to_le_bytes());
    env.write("w.safetensors", &below);
    let line = env.fail(&["import", "w.safetensors", "--model", "cnn"]);
    assert!(
        line.contains("norm1.running_var (shape [24]) is a variance but holds negative values"),
        "{line}"
    );

    let line = refused_with(|tensors| {
        *tensors.get_mut("fc1.bias").unwrap() = (Dtype::I32, vec![4], vec![0; 16]);
    });
    assert!(line.contains("fc1.bias is of type I32"), "{line}");
}

#[test]
fn damaged_files_are_refused() {
    let whole = file(&mlp());
    for length in [0, 7, 8, 40, whole.len() / 2, whole.len() - 1] {
        let line = refused(&whole[..length]);
        let is_reported = line.contains("cut short") || line.contains("no .safetensors file");
        assert!(is_reported, "cut to {length}: {line}");
    }
    // A header, and then a tensor, of terabytes.
    let header = [&(1u64 << 42).to_le_bytes()[..], b"{}"].concat();
    assert!(refused(&header).contains("no .safetensors file"));
    let huge = br#"{"fc1.weight":{"dtype":"F32","shape":[1099511627776],"data_offsets":[0,4398046511104]}}"#;
    let huge = [&(huge.len() as u64).to_le_bytes()[..], huge].concat();
    let line = refused(&huge);
    assert!(
        line.contains("cut short") || line.contains("no .safetensors file"),
        "{line}"
    );
}

#[test]
fn programs_and_pickles_are_refused_with_a_way_to_convert_them() {
    let program = fs::read(finished_run().join("model.pt")).unwrap();
    let line = refused(&program);
    assert!(
        line.contains("TorchScript program") && line.contains("torch.jit.load"),
        "{line}"
    );
    let line = refused(b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.");
    assert!(
        line.contains("can run code") && line.contains("weights_only=True"),
        "{line}"
    );
}

#[test]
fn the_imported_file_is_not_overwritten() {
    let env = TestEnv::new();
    env.write("w.safetensors", &file(&mlp()));
    let line = env.fail(&[&IMPORT[..], &["--out", "w.safetensors"]].concat());
    assert!(line.contains("name another file with --out"), "{line}");
    let line = env.fail(&[&IMPORT[..], &["--out", "w.pt"]].concat());
    assert!(line.contains("must end in .safetensors"), "{line}");
    assert_eq!(env.files(), ["w.safetensors"]);
}

#[test]
fn a_tensor_name_alone_does_not_allocate_an_ensemble() {
    let mut tensors = mlp();
    let bias = tensors["fc1.bias"].clone();
    tensors.insert("member99.fc1.bias".to_owned(), bias);
    let env = TestEnv::new();
    env.write("w.safetensors", &file(&tensors));
    // A hundred of these would take 20 GB.
    let wide = [
        "import",
        "w.safetensors",
        "--model",
        "mlp",
        "--hidden",
        "65536",
    ];
    let line = env.fail(&wide);
    assert!(
        line.contains("it has no tensor member0.fc1.weight"),
        "{line}"
    );
}
