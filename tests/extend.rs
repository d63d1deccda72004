//! Extending a finished run by more epochs.

use std::fs;

use libc::SIGINT;

use crate::resume::{RunningTraining, assert_same, train};
use crate::testenv::TestEnv;

#[test]
fn a_finished_run_can_be_extended_and_the_extension_interrupted() {
    let env = TestEnv::new();
    let short = train(&["--hidden", "20", "--epochs", "2", "--seed", "3"]);
    for out in ["whole", "broken"] {
        env.succeed(&[&short[..], &["--out", out]].concat());
    }
    let line = env.fail(&["train", "--resume", "whole", "--epochs", "2"]);
    assert!(line.contains("whole has 2 epochs already"), "{line}");
    let stdout = env.succeed(&["train", "--resume", "whole", "--epochs", "60"]);
    assert!(
        !stdout.contains(" 2/60 ") && stdout.contains(" 3/60 "),
        "{stdout}"
    );
    let metrics = fs::read_to_string(env.path("whole/metrics.csv")).unwrap();
    let rates: Vec<f64> = metrics
        .lines()
        .skip(1)
        .map(|row| row.split(',').nth(1).unwrap().parse().unwrap())
        .collect();
    assert_eq!(rates.len(), 60);
    // It had fallen to almost nothing, then rises and falls once more.
    assert!(
        rates[1] < rates[2] && rates[2] < rates[15] && rates[59] < rates[2],
        "{rates:?}"
    );

    let args = ["train", "--resume", "broken", "--epochs", "60"];
    let training = RunningTraining::start(&mut env.command(&args), 60);
    training.signal(SIGINT);
    assert_eq!(training.end().0, Some(130));
    let ran = env.run(&args);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("broken is not finished"),
        "{}",
        ran.stderr
    );
    env.succeed(&["train", "--resume", "broken"]);
    assert_same(&env, "whole", "broken");
}

#[test]
fn an_ensemble_is_extended_member_by_member() {
    let env = TestEnv::new();
    env.succeed(&train(&[
        "--hidden",
        "20",
        "--epochs",
        "1",
        "--ensemble",
        "2",
        "--out",
        "pair",
    ]));
    env.succeed(&["train", "--resume", "pair", "--epochs", "3"]);
    let results = fs::read_to_string(env.path("pair/results.json")).unwrap();
    let results: serde_json::Value = serde_json::from_str(&results).unwrap();
    assert_eq!(results["epochs"], 6);
    let stdout = env.succeed(&["train", "--resume", "pair"]);
    assert!(stdout.contains("is finished"), "{stdout}");
}
