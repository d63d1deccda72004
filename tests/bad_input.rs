//! Each mistake is reported in one clear line with the right exit code, and loses nothing.

use std::fs;

use crate::testenv::{TestEnv, finished_run, finished_run_arg, idx, write_idx_files};

const QUICK: [&str; 5] = ["train", "--model", "mlp", "--epochs", "1"];

fn train_on(env: &TestEnv, folder: &str) -> String {
    let line = env.fail(&[&QUICK[..], &["--data-dir", folder]].concat());
    assert!(!env.path("runs").exists(), "a run folder was left behind");
    line
}

#[test]
fn missing_data_is_named() {
    let env = TestEnv::new();
    let line = train_on(&env, "nowhere");
    assert!(
        line.contains("the data folder nowhere does not exist"),
        "{line}"
    );
    fs::create_dir(env.path("empty")).unwrap();
    assert!(train_on(&env, "empty").contains("mnist-tch download --data-dir empty"));
}

#[test]
fn damaged_data_is_named() {
    let env = TestEnv::new();
    write_idx_files(&env, "data", 20);
    env.succeed(&[&QUICK[..], &["--data-dir", "data", "--out", "good"]].concat());
    let images = "data/train-images-idx3-ubyte";
    let whole = fs::read(env.path(images)).unwrap();

    env.write(images, &whole[..whole.len() - 1]);
    let line = train_on(&env, "data");
    assert!(
        line.contains(images) && line.contains("cut short"),
        "{line}"
    );

    env.write(images, b"\x00\x00\x09\x03");
    assert!(train_on(&env, "data").contains("magic 0x00000903"));

    env.write(images, &idx(&[20, 14, 14], &[0; 20 * 196]));
    assert!(train_on(&env, "data").contains("14×14 pixels, 28×28 is needed"));

    env.write(images, &idx(&[19, 28, 28], &[0; 19 * 784]));
    let line = train_on(&env, "data");
    assert!(
        line.contains("19 images") && line.contains("20 labels"),
        "{line}"
    );

    env.write(images, b"\x1f\x8b\x08 no gzip at all");
    assert!(train_on(&env, "data").contains(images));

    env.write(images, &whole);
    env.write("data/t10k-labels-idx1-ubyte", &idx(&[20], &[11; 20]));
    let line = train_on(&env, "data");
    assert!(
        line.contains("t10k-labels") && line.contains("label 11 of image 0"),
        "{line}"
    );
}

#[test]
fn files_that_are_not_images_are_reported_and_the_others_read() {
    let env = TestEnv::new();
    env.write("zero.png", b"");
    env.write("text.png", b"this is not a picture");
    env.write("good.png", &fs::read("data/five.png").unwrap());
    let files = ["zero.png", "text.png", "missing.png", "good.png"];
    let ran = env.run(&[&["infer", "--model", finished_run_arg()], &files[..]].concat());
    assert_eq!(ran.code, Some(1));
    let errors: Vec<_> = ran.stderr.lines().collect();
    assert_eq!(errors.len(), 3, "{}", ran.stderr);
    for (error, file) in errors.iter().zip(files) {
        assert!(
            error.starts_with(&format!("error: reading the image {file}: ")),
            "{error}"
        );
    }
    assert!(ran.stdout.starts_with("good.png: ") && ran.stdout.lines().count() == 1);
}

#[test]
fn arguments_without_images_are_reported() {
    let env = TestEnv::new();
    fs::create_dir(env.path("empty")).unwrap();
    env.write("notes.txt", b"not a picture");
    let infer = |image| env.fail(&["infer", "--model", finished_run_arg(), image]);
    assert!(infer("empty").contains("there is no image in the folder empty"));
    assert!(infer("*.jpg").contains("no file matches *.jpg"));
    assert!(infer("[").contains("not a valid pattern"));
    assert!(infer("-").contains("stdin names no image"));
}

#[test]
fn annotated_pictures_never_replace_the_users_own() {
    let env = TestEnv::new();
    fs::create_dir(env.path("scans")).unwrap();
    let five = fs::read("data/five.png").unwrap();
    env.write("five.png", &five);
    env.write("scans/five.png", &five);
    for (images, out) in [
        (&["five.png"][..], "./five.png"),
        (&["five.png", "scans"], "scans"),
    ] {
        let args = ["infer", "--annotate", out, "--model", finished_run_arg()];
        let line = env.fail(&[&args[..], images].concat());
        assert!(line.contains("may overwrite"), "{line}");
    }
    assert_eq!(env.files(), ["five.png", "scans/five.png"]);
    assert_eq!(fs::read(env.path("scans/five.png")).unwrap(), five);
}

#[test]
fn usage_mistakes_exit_with_2() {
    let env = TestEnv::new();
    for args in [
        &["train", "--epochs", "0"][..],
        &["train", "--lr", "-1"],
        &["train", "--lr", "nan"],
        &["train", "--weight-decay", "-0.1"],
        &["train", "--label-smoothing", "1"],
        &["train", "--batch-size", "0"],
        &["train", "--device", "gpu"],
        &["train", "--model", "resnet"],
        &["train", "--model", "cnn", "--hidden", "30"],
        &["train", "--model", "mlp", "--hidden", "0"],
        &["plot-samples", "--count", "0"],
        &["plot-samples", "--out", "samples.jpg"],
        &["train", "--data", "synthetic", "--data-dir", "."],
        &["infer"],
        &["infer", "a.png", "--min-confidence", "1.01"],
        &["infer", "a.png", "--min-confidence", "nan"],
        &["infer", "a.png", "--csv", "--json"],
        &["infer", "a.png", "--annotate", "a-read.jpg"],
        &["eval", "--wild", ".", "--split", "test"],
        &["infer", "a.png", "--top-k", "0"],
        &["infer", "a.png", "--top-k", "11"],
        &["infer", "a.png", "--number"],
        &["infer", "a.png", "b.png", "--annotate", "c.png"],
        &[],
    ] {
        let ran = env.run(args);
        assert_eq!(ran.code, Some(2), "{args:?}: {}", ran.stderr);
        assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
    }
    assert_eq!(env.files(), [""; 0]);
}

#[test]
fn networks_that_exceed_any_memory_are_refused() {
    let env = TestEnv::new();
    let line = env.fail(&["train", "--model", "mlp", "--hidden", "65536,65536"]);
    assert!(line.contains("parameters"), "{line}");
}

#[test]
fn a_missing_device_is_reported_before_any_work() {
    let env = TestEnv::new();
    let line = env.fail(&["train", "--device", "cuda:99"]);
    assert!(line.contains("using the device cuda:99"), "{line}");
}

#[test]
fn paths_that_cannot_be_written_are_named() {
    let env = TestEnv::new();
    env.write("file", b"mine");
    let synthetic = ["--data", "synthetic", "--limit", "50"];
    let line = env.fail(&[&QUICK[..], &synthetic, &["--out", "file/run"]].concat());
    assert!(line.contains("making the run folder file/run"), "{line}");
    let line = env.fail(&[&["plot-samples", "--out", "nowhere/a.png"], &synthetic[..]].concat());
    assert!(line.contains("writing nowhere/a.png"), "{line}");
    let model = ["--model", finished_run_arg()];
    let line = env.fail(&[&["export", "--out", "nowhere/a.pt"], &model[..]].concat());
    assert!(line.contains("writing nowhere/a.pt"), "{line}");
    assert_eq!(fs::read(env.path("file")).unwrap(), b"mine");
    assert_eq!(env.files(), ["file"]);
}

#[test]
fn a_run_is_not_overwritten() {
    let env = TestEnv::new();
    let args = [
        &QUICK[..],
        &["--data", "synthetic", "--limit", "50", "--out", "run"],
    ]
    .concat();
    env.succeed(&args);
    let before = fs::read(env.path("run/metrics.csv")).unwrap();
    assert!(env.fail(&args).contains("already holds a run"));
    assert_eq!(fs::read(env.path("run/metrics.csv")).unwrap(), before);
}

#[test]
fn files_that_are_not_models_are_named() {
    let env = TestEnv::new();
    let infer = |model: &str| env.fail(&["infer", "five.png", "--model", model]);
    assert!(infer("missing.safetensors").contains("missing.safetensors"));
    let program = finished_run().join("model.pt");
    assert!(infer(program.to_str().unwrap()).contains("TorchScript program"));
    let weights = fs::read(finished_run().join("model.safetensors")).unwrap();
    env.write("cut.safetensors", &weights[..weights.len() / 2]);
    assert!(infer("cut.safetensors").contains("cut.safetensors"));
    fs::create_dir(env.path("folder")).unwrap();
    assert!(infer("folder").contains("is not a run"));
}

#[test]
fn a_model_of_another_architecture_is_reported() {
    let env = TestEnv::new();
    let mut weights = fs::read(finished_run().join("model.safetensors")).unwrap();
    // The header is JSON padded with spaces: the name may change if its length does not.
    let name = br#"\"name\":\"cnn\""#;
    let other = br#"\"name\":\"mlp\""#;
    let at = weights
        .windows(name.len())
        .position(|window| window == name)
        .unwrap();
    weights[at..at + name.len()].copy_from_slice(other);
    env.write("other.safetensors", &weights);
    let line = env.fail(&["infer", "five.png", "--model", "other.safetensors"]);
    assert!(line.contains("other.safetensors"), "{line}");
}

#[test]
fn a_training_that_fails_at_once_does_not_block_its_folder() {
    let env = TestEnv::new();
    let args = [
        &QUICK[..],
        &["--data", "synthetic", "--limit", "50", "--out", "run"],
    ]
    .concat();
    let line = env.fail(&[&args[..], &["--lr", "1e30"]].concat());
    assert!(line.contains("try a smaller --lr"), "{line}");
    assert!(
        env.fail(&["infer", "five.png", "--model", "run"])
            .contains("has no weights")
    );
    env.succeed(&args);
}

#[test]
fn an_export_with_the_extension_of_another_format_is_refused() {
    let env = TestEnv::new();
    let args = [
        "export",
        "--model",
        finished_run_arg(),
        "--out",
        "model.safetensors",
    ];
    let line = env.fail(&[&args[..], &["--format", "torchscript"]].concat());
    assert!(
        line.contains(".safetensors is not the extension of torchscript"),
        "{line}"
    );
    assert!(env.succeed(&args).contains("as safetensors"));
    assert_eq!(env.files(), ["model.safetensors"]);
}

#[test]
fn incomplete_or_contradictory_arguments_are_reported_in_one_line() {
    let env = TestEnv::new();
    for (args, says) in [
        (&["sweep"][..], "error: a sweep needs something to vary"),
        (
            &["train", "--model", "cnn", "--hidden", "30"],
            "error: --hidden is for --model mlp\n",
        ),
        (
            &["train", "--optimizer", "adam", "--weight-decay", "0.1"],
            "error: --weight-decay is for adamw and sgd",
        ),
        (
            &["train", "--weight-decay", "-1"],
            "expected a number of at least 0 and below 1",
        ),
        (&["train", "--lr", "-1"], "expected a positive number"),
        (&["train", "--seed", "-1"], "invalid value '-1' for '--seed"),
    ] {
        let ran = env.run(args);
        assert_eq!(ran.code, Some(2), "{args:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(says), "{args:?}: {}", ran.stderr);
    }
    assert!(
        env.fail(&["plot-curves", "nowhere"])
            .contains("nowhere does not exist")
    );
    let runs = finished_run().parent().unwrap().to_str().unwrap();
    let line = env.fail(&["plot-curves", runs]);
    assert!(line.contains("name one of the runs in it"), "{line}");
}
