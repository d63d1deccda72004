//! Runs in the folder, finished and in training.

use std::fs;
use std::process::Stdio;

use serde_json::Value;

use super::{Program, get};
use crate::testenv::{TestEnv, finished_run};

const PICTURES: [&str; 3] = ["curves.png", "confusion.png", "samples.png"];

fn runs(program: &Program) -> Vec<Value> {
    let listing = get(program.address, "/api/runs").json();
    listing["runs"].as_array().expect("a list").clone()
}

#[track_caller]
fn assert_picture(program: &Program, path: &str) {
    let reply = get(program.address, path);
    assert_eq!(
        (reply.status, reply.kind()),
        (200, "image/png"),
        "{path}: {}",
        reply.text()
    );
    let picture = image::load_from_memory(&reply.body).expect("a picture");
    assert!(picture.width() > 300 && picture.height() > 300);
}

#[test]
fn a_finished_run_is_shown_with_its_pictures() {
    let env = TestEnv::new();
    let folder = finished_run().parent().expect("a folder");
    let program = Program::start(&env, &["--runs", folder.to_str().expect("a path in UTF-8")]);
    let runs = runs(&program);
    assert_eq!(runs.len(), 1, "{runs:?}");
    assert_eq!(runs[0]["name"], "run");
    assert_eq!(runs[0]["state"], "finished");
    assert_eq!(runs[0]["network"], "cnn");
    assert_eq!(
        (&runs[0]["epoch"], &runs[0]["epochs"]),
        (&3.into(), &3.into())
    );
    assert!(runs[0]["test_accuracy"].as_f64() > Some(0.5));
    for picture in PICTURES {
        assert_picture(&program, &format!("/api/runs/run/{picture}"));
    }
    for missing in [
        "%ff/curves.png",
        "run/other.png",
        "other/curves.png",
        "..%2Frun/curves.png",
        "run%2F..%2Frun/curves.png",
    ] {
        let reply = get(program.address, &format!("/api/runs/{missing}"));
        assert_eq!(reply.status, 404, "{missing}: {}", reply.text());
    }
}

#[test]
fn a_training_can_be_watched_while_it_runs() {
    let env = TestEnv::new();
    let program = Program::start(&env, &[]);
    assert!(runs(&program).is_empty());
    let train = [
        "train",
        "--model",
        "cnn",
        "--data",
        "synthetic",
        "--limit",
        "1000",
        "--epochs",
        "12",
    ];
    let mut training = env
        .command(&[&train[..], &["--out", "runs/sweep/live"]].concat())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("starting a training");
    // Each request takes time, and so does the training.
    let mut epochs = vec![];
    while training.try_wait().expect("its state").is_none() {
        let Some(run) = runs(&program).pop() else {
            continue;
        };
        let epoch = run["epoch"].as_u64().expect("a number");
        if run["state"] == "training" && !epochs.contains(&epoch) {
            epochs.push(epoch);
            if epoch > 0 {
                assert_picture(&program, "/api/runs/sweep%2Flive/curves.png");
                assert_picture(&program, "/api/runs/sweep%2Flive/confusion.png");
            }
        }
    }
    assert!(epochs.len() > 2, "only {epochs:?} were seen");
    let run = runs(&program).pop().expect("the run");
    assert_eq!(
        (&run["state"], &run["epoch"]),
        (&"finished".into(), &12.into())
    );
    // Without its results, it counts as interrupted.
    fs::remove_file(env.path("runs/sweep/live/results.json")).expect("removing its results");
    assert_eq!(
        runs(&program).pop().expect("the run")["state"],
        "interrupted"
    );
}
