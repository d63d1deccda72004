//! Training a reader, and the scenes that it is trained on.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use mnist_tch::reader::Reader;
use mnist_tch::scenes::material::Material;
use mnist_tch::scenes::{Scenes, Split};
use mnist_tch::trainer::reader::{ReaderConfig, ReaderEvent, SavedReaderState, train_reader};
use tch::Device;

use crate::testenv::TestEnv;

/// Trains up to `steps` steps in total, including those before `saved`, and saves the state there.
fn train_up_to(steps: usize, saved: Option<&SavedReaderState>, path: &Path) {
    let material = Arc::new(Material::builtin());
    let scenes =
        [Split::Training, Split::Validation].map(|split| Scenes::new(Arc::clone(&material), split));
    let (mut reader, _) = Reader::builtin(Device::Cpu).unwrap();
    let config = ReaderConfig {
        epochs: 2,
        seed: 3,
        ..ReaderConfig::default()
    };
    // Stopped within its first epoch, there is nothing to keep but the state.
    let ended = train_reader(
        &mut reader,
        (&scenes[0], &scenes[1]),
        &config,
        saved,
        &mut |event| {
            let ReaderEvent::Step { state, .. } = event else {
                panic!("an epoch was completed");
            };
            if state.steps() < steps {
                return Ok(ControlFlow::Continue(()));
            }
            state.save(path)?;
            Ok(ControlFlow::Break(()))
        },
    );
    assert!(ended.is_err());
}

/// All tensors of a `.safetensors` file, without the header.
fn tensors(path: &Path) -> Vec<u8> {
    let file = fs::read(path).unwrap();
    let header = u64::from_le_bytes(file[..8].try_into().unwrap()) as usize;
    file[8 + header..].to_vec()
}

#[test]
fn an_interrupted_training_of_a_reader_resumes_as_if_it_had_never_stopped() {
    let env = TestEnv::new();
    let path = |name: &str| env.path(name);
    train_up_to(3, None, &path("whole"));
    train_up_to(1, None, &path("begun"));
    let saved = SavedReaderState::load(&path("begun")).unwrap();
    assert_ne!(tensors(&path("begun")), tensors(&path("whole")));
    train_up_to(3, Some(&saved), &path("resumed"));
    assert!(tensors(&path("resumed")) == tensors(&path("whole")));

    let mut cut = fs::read(path("begun")).unwrap();
    cut.truncate(cut.len() - 1);
    fs::write(path("cut"), cut).unwrap();
    let failure = SavedReaderState::load(&path("cut")).err().unwrap();
    assert!(format!("{failure:#}").contains("cut"), "{failure:#}");
}

#[test]
fn arguments_that_do_not_apply_to_a_reader_are_named() {
    let env = TestEnv::new();
    for (arguments, name) in [
        (&["--preset", "reader", "--ensemble", "2"][..], "--ensemble"),
        (&["--preset", "reader", "--model", "cnn"], "--model"),
        (&["--preset", "reader", "--no-augment"], "--no-augment"),
        (&["--from", "reader.safetensors"], "--from"),
        (
            &["--preset", "reader", "--batch-size", "3"],
            "at least 4 scenes",
        ),
    ] {
        let ran = env.run(&[&["train", "--data", "synthetic"], arguments].concat());
        assert_eq!(ran.code, Some(2), "{}", ran.stderr);
        assert!(ran.stderr.contains(name), "{}", ran.stderr);
    }
}

#[test]
fn scenes_are_written_with_their_labels_and_a_sheet() {
    let env = TestEnv::new();
    let scenes = [
        "scenes",
        "--data",
        "synthetic",
        "--count",
        "12",
        "--side",
        "96",
    ];
    env.succeed(&[&scenes[..], &["--out", "one"]].concat());
    env.succeed(&[&scenes[..], &["--out", "two"]].concat());
    let labels = fs::read_to_string(env.path("one/labels.tsv")).unwrap();
    assert_eq!(
        labels,
        fs::read_to_string(env.path("two/labels.tsv")).unwrap()
    );
    assert!(labels.lines().count() > 4, "{labels}");
    for line in labels.lines().skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        let picture = image::open(env.path(&format!("one/{}", fields[0]))).unwrap();
        assert_eq!((picture.width(), picture.height()), (96, 96));
        assert!(
            fields[1].len() == 1 && "0123456789.,-/:".contains(fields[1]),
            "{line}"
        );
        let sides: Vec<f32> = fields[2]
            .split(',')
            .map(|side| side.parse().unwrap())
            .collect();
        assert!(
            sides[0] < sides[2] && sides[1] < sides[3] && sides[2] <= 96.0,
            "{line}"
        );
    }
    image::open(env.path("one/sheet.png")).unwrap();
}
