//! `kill -9` at any instant: nothing is lost but the unfinished epoch, and no file is ever damaged.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Stdio;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use mnist_tch::model::checkpoint;
use mnist_tch::run::RunDir;
use mnist_tch::run::Settings;
use mnist_tch::trainer::SavedState;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tch::Device;

use crate::testenv::TestEnv;

const KILLS: usize = 100;

/// A training of about a second, on one thread, so that each part of it, from start-up to export, gets its
/// share of the kills.
const TRAIN: [&str; 13] = [
    "train",
    "--data",
    "synthetic",
    "--limit",
    "200",
    "--threads",
    "1",
    "--model",
    "cnn",
    "--epochs",
    "8",
    "--batch-size",
    "32",
];

/// Kills happen within this time, a little longer than most trainings take.
const WITHIN: Duration = Duration::from_millis(1500);

/// Starts the program, and kills it after a while unless it has ended; returns what it printed, and
/// whether it was killed.
fn run_and_kill(env: &TestEnv, args: &[&str], after: Duration) -> (String, bool) {
    let mut command = env.command(args);
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .expect("starting mnist-tch");
    let mut stdout = child.stdout.take().expect("its stdout");
    let (sender, receiver) = channel();
    let reader = thread::spawn(move || {
        let mut text = String::new();
        stdout.read_to_string(&mut text).expect("output in UTF-8");
        let _ = sender.send(());
        text
    });
    let ended = receiver.recv_timeout(after).is_ok();
    if !ended {
        child.kill().expect("killing it");
    }
    let status = child.wait().expect("its end");
    let text = reader.join().expect("its output");
    let killed = status.code().is_none();
    assert!(
        killed || status.success(),
        "it failed without being killed: {status}\n{text}"
    );
    (text, killed)
}

/// Makes sure that every file in a run folder is whole, and returns how many epochs are saved.
fn epochs_saved(folder: &Path) -> usize {
    let Ok(run) = RunDir::open(folder) else {
        return 0;
    };
    Settings::read(&run).expect("the settings are whole");
    let rows = if run.metrics().exists() {
        run.history().expect("the metrics are whole").len()
    } else {
        0
    };
    if run.weights().exists() {
        checkpoint::load(&run.weights(), Device::Cpu).expect("the weights are whole");
    }
    if run.torchscript().exists() {
        tch::CModule::load(run.torchscript()).expect("the program is whole");
    }
    if run.curves().exists() {
        image::open(run.curves()).expect("the picture is whole");
    }
    if run.results().exists() {
        let results = fs::read(run.results()).expect("the results can be read");
        serde_json::from_slice::<serde_json::Value>(&results).expect("the results are whole");
        return rows;
    }
    if !run.state().exists() {
        return 0;
    }
    let epochs = SavedState::load(&run.state())
        .expect("the state is whole")
        .history()
        .len();
    assert!(rows >= epochs, "{rows} rows of {epochs} epochs");
    epochs
}

/// How many epochs the rows on stdout report.
fn epochs_reported(stdout: &str) -> usize {
    let rows = stdout
        .lines()
        .filter_map(|row| row.trim_start().split_once("/8 "));
    rows.filter_map(|(epoch, _)| epoch.parse().ok())
        .max()
        .unwrap_or(0)
}

#[test]
fn a_hundred_kills_lose_nothing_but_the_unfinished_epoch() {
    let env = TestEnv::new();
    env.succeed(&[&TRAIN[..], &["--out", "whole"]].concat());
    let whole = fs::read(env.path("whole/model.safetensors")).unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(6);
    let mut kills = 0;
    for number in 0..20 * KILLS {
        if kills >= KILLS {
            return;
        }
        let out = format!("run{number}");
        let folder = env.path(&out);
        let mut saved = 0;
        for tries in 0.. {
            assert!(tries < 1000, "{out} gets no further than {saved} epochs");
            let begun = folder.join("config.json").exists();
            let args = match begun {
                true => vec!["train", "--resume", &out],
                false => [&TRAIN[..], &["--out", &out]].concat(),
            };
            let (stdout, killed) = run_and_kill(&env, &args, WITHIN.mul_f64(rng.random()));
            let now = epochs_saved(&folder);
            assert!(now >= saved, "{saved} epochs were saved, {now} are left");
            let reported = epochs_reported(&stdout);
            assert!(
                now >= reported,
                "epoch {reported} was reported, {now} are saved"
            );
            saved = now;
            kills += usize::from(killed);
            if !killed {
                break;
            }
        }
        let weights = fs::read(folder.join("model.safetensors")).unwrap();
        assert!(weights == whole, "{out} ended with other weights");
        assert_eq!(saved, 8);
        for file in env.files().iter().filter(|file| file.starts_with(&out)) {
            assert!(!file.contains(".writing-"), "{file} was left behind");
            assert!(
                !file.ends_with("state.safetensors"),
                "{file} was left behind"
            );
        }
    }
    panic!("only {kills} of {KILLS} kills happened before the end");
}
