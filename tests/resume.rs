//! An interrupted training is resumed, and ends as if it had never stopped.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdout, Command, Stdio};

use libc::{SIGINT, SIGTERM};

use crate::testenv::{TestEnv, idx, write_idx_files};

const DATA: [&str; 6] = ["--data", "synthetic", "--limit", "600", "--threads", "1"];

/// A training that has completed an epoch and is still running.
pub struct RunningTraining {
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl RunningTraining {
    /// Starts one of `epochs` epochs, and waits until a row reports that one of them is complete.
    pub fn start(command: &mut Command, epochs: usize) -> Self {
        let command = listening(command).stdout(Stdio::piped());
        let command = command.stderr(Stdio::piped());
        let mut child = command.spawn().expect("starting mnist-tch");
        let mut stdout = BufReader::new(child.stdout.take().expect("its stdout"));
        let (mut line, row) = (String::new(), format!("/{epochs} "));
        while !line.contains(&row) {
            line.clear();
            let length = stdout.read_line(&mut line).expect("reading its rows");
            assert!(length > 0, "it ended before its next epoch");
        }
        Self { child, stdout }
    }

    pub fn signal(&self, signal: i32) {
        // SAFETY: it only sends a signal to a process that we have not waited for.
        unsafe { libc::kill(self.child.id() as i32, signal) };
    }

    /// Its exit code and stderr.
    pub fn end(self) -> (Option<i32>, String) {
        // Read on, so that it never writes to a closed pipe.
        let rest = self.stdout.lines().map_while(Result::ok);
        rest.for_each(drop);
        let output = self.child.wait_with_output().expect("its end");
        let stderr = String::from_utf8(output.stderr).expect("UTF-8");
        (output.status.code(), stderr)
    }
}

/// Restores the program's default signal handling: a shell that runs these tests in the background may
/// have made them ignored, which the program would respect.
fn listening(command: &mut Command) -> &mut Command {
    let listen = || {
        for signal in [SIGINT, SIGTERM] {
            // SAFETY: it is what a shell does before it starts a program, and safe between fork and exec.
            unsafe { libc::signal(signal, libc::SIG_DFL) };
        }
        Ok(())
    };
    // SAFETY: as above; nothing is allocated.
    unsafe { command.pre_exec(listen) }
}

pub fn train<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["train"], &DATA[..], more].concat()
}

/// Everything in a run that does not depend on time.
fn reproducible(env: &TestEnv, run: &str) -> Vec<(String, Vec<u8>)> {
    let file = |name: &str| fs::read(env.path(run).join(name)).expect(name);
    let mut results: serde_json::Value = serde_json::from_slice(&file("results.json")).unwrap();
    results["training_seconds"].take();
    let metrics = String::from_utf8(file("metrics.csv")).unwrap();
    // The last two columns are seconds and images/s.
    let rows = metrics.lines().map(|row| row.rsplitn(3, ',').last());
    let rows: Vec<_> = rows.map(Option::unwrap).collect();
    vec![
        ("weights".into(), file("model.safetensors")),
        ("program".into(), file("model.pt")),
        ("results".into(), results.to_string().into_bytes()),
        ("metrics".into(), rows.join("\n").into_bytes()),
    ]
}

pub fn assert_same(env: &TestEnv, one: &str, other: &str) {
    for ((name, one), (_, other)) in reproducible(env, one)
        .into_iter()
        .zip(reproducible(env, other))
    {
        assert!(one == other, "the {name} differ");
    }
}

#[test]
fn an_interrupted_training_resumes_bit_for_bit() {
    let env = TestEnv::new();
    let args = [
        "--model",
        "cnn",
        "--epochs",
        "8",
        "--seed",
        "3",
        "--tensorboard",
    ];
    env.succeed(&train(&[&args[..], &["--out", "whole"]].concat()));
    for (signal, code, out) in [(SIGINT, 130, "by ctrl-c"), (SIGTERM, 143, "by-sigterm")] {
        let args = train(&[&args[..], &["--out", out]].concat());
        let training = RunningTraining::start(&mut env.command(&args), 8);
        training.signal(signal);
        let (ended, stderr) = training.end();
        assert_eq!(ended, Some(code), "{stderr}");
        assert!(stderr.contains("all of it is saved"), "{stderr}");
        assert!(stderr.contains("the best so far is epoch "), "{stderr}");
        let command = stderr.lines().last().unwrap_or_default();
        let quoted = if out.contains(' ') {
            format!("'{out}'")
        } else {
            out.to_owned()
        };
        assert_eq!(
            command,
            format!("resume with: mnist-tch train --resume {quoted}")
        );
        // The weights so far are usable already.
        env.succeed(&[
            "eval",
            "--data",
            "synthetic",
            "--limit",
            "100",
            "--model",
            out,
        ]);

        let stdout = env.succeed(&["train", "--resume", out]);
        assert!(
            !stdout.contains(" 1/8 "),
            "the first epoch was trained again:\n{stdout}"
        );
        assert!(stdout.contains("8/8 "), "{stdout}");
        assert_same(&env, "whole", out);
        let events = |run: &str| fs::metadata(env.path(run).join("events.out.tfevents.mnist-tch"));
        assert_eq!(events(out).unwrap().len(), events("whole").unwrap().len());
        assert!(!env.path(out).join("state.safetensors").exists());
        let stdout = env.succeed(&["train", "--resume", out]);
        assert!(stdout.contains("is finished"), "{stdout}");
    }
}

#[test]
fn an_interrupted_ensemble_resumes_within_a_member() {
    let env = TestEnv::new();
    let args = ["--preset", "fast", "--epochs", "3", "--ensemble", "2"];
    env.succeed(&train(&[&args[..], &["--out", "whole"]].concat()));
    let args = train(&[&args[..], &["--out", "broken"]].concat());
    let training = RunningTraining::start(&mut env.command(&args), 3);
    training.signal(SIGINT);
    let (ended, stderr) = training.end();
    assert_eq!(ended, Some(130), "{stderr}");
    assert!(stderr.contains(" of member"), "{stderr}");
    let line = env.fail(&args);
    assert!(line.contains("--resume broken"), "{line}");
    env.succeed(&["train", "--resume", "broken"]);
    let weights = |run: &str| fs::read(env.path(run).join("model.safetensors")).unwrap();
    assert!(weights("whole") == weights("broken"));
    for member in ["member0", "member1"] {
        assert_same(
            &env,
            &format!("whole/{member}"),
            &format!("broken/{member}"),
        );
    }
}

#[test]
fn an_interrupted_sweep_resumes_within_a_training() {
    let env = TestEnv::new();
    let args = |out| {
        let grid = [
            "sweep", "--hidden", "20", "--seeds", "2", "--epochs", "40", "--out", out,
        ];
        [&grid[..], &DATA].concat()
    };
    env.succeed(&args("whole"));
    let mut sweep = env.command(&args("broken"));
    let mut sweep = listening(&mut sweep)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let state = env.path("broken/mlp-20-batch128-lr0.004-seed0/state.safetensors");
    while !state.exists() {
        assert!(sweep.try_wait().unwrap().is_none(), "it ended too soon");
        std::thread::yield_now();
    }
    // SAFETY: it only sends a signal to a process that we have not waited for.
    unsafe { libc::kill(sweep.id() as i32, SIGINT) };
    let output = sweep.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{stderr}");
    assert!(stderr.contains("the same command resumes it"), "{stderr}");
    assert!(state.exists(), "nothing was kept");
    let others = args("broken").into_iter();
    let others: Vec<_> = others
        .map(|arg| if arg == "40" { "41" } else { arg })
        .collect();
    let line = env.fail(&others);
    assert!(line.contains("was trained with other settings"), "{line}");
    assert!(state.exists(), "other settings have dropped it");
    env.succeed(&args("broken"));
    for seed in [0, 1] {
        let run = |sweep| format!("{sweep}/mlp-20-batch128-lr0.004-seed{seed}");
        assert_same(&env, &run("whole"), &run("broken"));
    }
}

#[test]
fn a_second_signal_ends_the_program_at_once() {
    let env = TestEnv::new();
    // One step of this takes longer than both signals.
    let args = train(&[
        "--model",
        "vgg",
        "--epochs",
        "50",
        "--batch-size",
        "550",
        "--out",
        "run",
    ]);
    let training = RunningTraining::start(&mut env.command(&args), 50);
    training.signal(SIGINT);
    training.signal(SIGTERM);
    let (ended, stderr) = training.end();
    assert!(matches!(ended, Some(130 | 143)), "{ended:?}: {stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
    assert!(stderr.contains("interrupted again"), "{stderr}");
    // Whichever was handled first, the reported epoch is saved.
    assert!(env.path("run/state.safetensors").exists());
}

#[test]
fn two_trainings_never_share_a_folder() {
    let env = TestEnv::new();
    let args = train(&["--model", "mlp", "--epochs", "100000", "--out", "run"]);
    let training = RunningTraining::start(&mut env.command(&args), 100_000);
    let line = env.fail(&["train", "--resume", "run"]);
    assert!(
        line.contains("another mnist-tch is at work in run"),
        "{line}"
    );
    assert!(
        env.fail(&args)
            .contains("run already holds an interrupted run")
    );
    // The lock is released with its process, however that ends.
    training.signal(libc::SIGKILL);
    assert_eq!(training.end().0, None);
    let again = RunningTraining::start(&mut env.command(&["train", "--resume", "run"]), 100_000);
    again.signal(SIGINT);
    assert_eq!(again.end().0, Some(130));
}

#[test]
fn a_run_that_cannot_be_resumed_says_why_and_is_left_unchanged() {
    let env = TestEnv::new();
    write_idx_files(&env, "data", 200);
    let args = [
        "train",
        "--model",
        "mlp",
        "--epochs",
        "100000",
        "--data-dir",
        "data",
        "--out",
        "run",
    ];
    let training = RunningTraining::start(&mut env.command(&args), 100_000);
    training.signal(SIGINT);
    assert_eq!(training.end().0, Some(130));
    let resume = ["train", "--resume", "run"];

    // Other data.
    let labels = "data/train-labels-idx1-ubyte";
    let good = fs::read(env.path(labels)).unwrap();
    env.write(labels, &idx(&[200], &[7; 200]));
    let line = env.fail(&resume);
    assert!(line.contains("is not what it was trained on"), "{line}");
    env.write(labels, &good);

    // Settings and state that were damaged or belong to another run.
    for (file, content, says) in [
        (
            "run/config.json",
            &b"{"[..],
            "reading the settings run/config.json",
        ),
        (
            "run/config.json",
            b"{}",
            "reading the settings run/config.json",
        ),
        ("run/state.safetensors", b"", "run/state.safetensors"),
        (
            "run/state.safetensors",
            b"\x08\0\0\0\0\0\0\0{}      ",
            "it holds no training state",
        ),
    ] {
        let good = fs::read(env.path(file)).unwrap();
        env.write(file, content);
        let line = env.fail(&resume);
        assert!(line.contains(says), "{line}");
        assert_eq!(fs::read(env.path(file)).unwrap(), content);
        env.write(file, &good);
    }
    let state = fs::read(env.path("run/state.safetensors")).unwrap();
    env.write("run/state.safetensors", &state[..state.len() - 1]);
    assert!(env.fail(&resume).contains("run/state.safetensors"));
    env.write("run/state.safetensors", &state);
    let config = fs::read_to_string(env.path("run/config.json")).unwrap();
    env.write(
        "run/config.json",
        config.replace("0.004", "0.005").as_bytes(),
    );
    assert!(
        env.fail(&resume)
            .contains("a training run with other settings")
    );
    env.write("run/config.json", config.as_bytes());

    assert!(
        env.fail(&["train", "--resume", "nowhere"])
            .contains("nowhere does not exist")
    );
    assert!(
        env.fail(&["train", "--resume", "data"])
            .contains("is not a run")
    );
    let ran = env.run(&["train", "--resume", "run", "--epochs", "3"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    // With everything as it was, it resumes.
    let again = RunningTraining::start(&mut env.command(&["train", "--resume", "run"]), 100_000);
    again.signal(SIGINT);
    assert_eq!(again.end().0, Some(130));
}
