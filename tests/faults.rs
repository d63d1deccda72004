//! A full disk, a read-only folder, a closed pipe, a clock that jumps: the program reports what happened,
//! and loses nothing.

use std::fs::{self, File};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use crate::testenv::{TestEnv, finished_run, finished_run_arg, skipped};

const TRAIN: [&str; 11] = [
    "train",
    "--data",
    "synthetic",
    "--limit",
    "300",
    "--threads",
    "1",
    "--model",
    "cnn",
    "--epochs",
    "4",
];

/// Runs a shell script in which `disk` is an empty file system of this many megabytes, which only this
/// script sees, and `mnist_tch` is the program; returns what it prints, or nothing if the system does not
/// let us mount one.
fn with_disk(env: &TestEnv, megabytes: u32, script: &str) -> Option<String> {
    fs::create_dir(env.path("disk")).expect("a folder");
    let mount = format!("mount -t tmpfs -o size={megabytes}m disk disk");
    let unshare = |script: &str| {
        let program = env.command(&[]);
        let mut command = Command::new("unshare");
        command
            .args(["--map-root-user", "--mount", "sh", "-c", script])
            .current_dir(env.path(""))
            .env_clear()
            .envs(
                program
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
            .env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin")
            .env("program", program.get_program())
            .output()
    };
    if !unshare(&mount).is_ok_and(|output| output.status.success()) {
        skipped("this system lets only its administrator mount a file system");
        return None;
    }
    let script =
        format!("{mount}; mnist_tch() {{ \"$program\" \"$@\" 2>&1; echo \"exit $?\"; }}; {script}");
    let output = unshare(&script).expect("running a shell");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Some(String::from_utf8(output.stdout).expect("output in UTF-8"))
}

#[test]
fn a_full_disk_stops_a_training_that_is_then_resumed() {
    let env = TestEnv::new();
    env.succeed(&[&TRAIN[..], &["--out", "whole"]].concat());
    // Room for one state of 3.7 MB and the model, but not for the next state beside it.
    let script = format!(
        "mnist_tch {} --out disk/run; ls -A disk/run; echo; \
         mnist_tch infer --model disk/run five.png; \
         mount -o remount,size=64m disk; mnist_tch train --resume disk/run; cp -r disk/run kept",
        TRAIN.join(" ")
    );
    env.write("five.png", &fs::read("data/five.png").unwrap());
    let Some(output) = with_disk(&env, 7, &script) else {
        return;
    };
    let full = "error: writing disk/run/state.safetensors: No space left on device";
    assert!(output.contains(full), "{output}");
    assert!(output.contains("exit 1"), "{output}");
    assert!(
        output.contains("with: mnist-tch train --resume disk/run"),
        "{output}"
    );
    assert!(!output.contains(".writing-"), "{output}");
    assert!(output.contains("five.png: "), "{output}");
    assert!(output.trim_end().ends_with("exit 0"), "{output}");
    let weights = |run: &str| fs::read(env.path(run).join("model.safetensors")).unwrap();
    assert!(
        weights("kept") == weights("whole"),
        "it ended with other weights"
    );
}

#[test]
fn a_full_disk_leaves_the_old_file() {
    let env = TestEnv::new();
    let model = finished_run_arg();
    let script = format!(
        "mnist_tch export --model {model} --out disk/digits.pt; cp disk/digits.pt before; \
         mnist_tch export --out disk/digits.pt; cmp before disk/digits.pt && echo untouched; \
         mnist_tch export --out disk/digits.onnx; mnist_tch plot-samples --data synthetic --limit 50 \
         --out disk/samples.png; ls -A disk"
    );
    let Some(output) = with_disk(&env, 1, &script) else {
        return;
    };
    assert!(output.contains("untouched"), "{output}");
    for file in ["digits.pt", "digits.onnx"] {
        let line = format!("error: writing disk/{file}: No space left on device");
        assert!(output.contains(&line), "{output}");
    }
    assert!(!output.contains(".writing-"), "{output}");
}

#[test]
fn a_read_only_folder_is_named_and_can_be_read() {
    let env = TestEnv::new();
    let model = finished_run().display();
    env.write("five.png", &fs::read("data/five.png").unwrap());
    let script = format!(
        "cp -r {model} disk/run; cp five.png disk; mount -o remount,ro disk; \
         mnist_tch infer --model disk/run disk/five.png; \
         mnist_tch train --resume disk/run; \
         mnist_tch {} --out disk/new; mnist_tch export --out disk/digits.pt",
        TRAIN.join(" ")
    );
    let Some(output) = with_disk(&env, 16, &script) else {
        return;
    };
    assert!(output.contains("disk/five.png: "), "{output}");
    assert!(output.contains("disk/run is finished"), "{output}");
    for says in [
        "error: making the run folder disk/new: Read-only file system",
        "error: writing disk/digits.pt: read-only filesystem",
    ] {
        assert!(output.contains(says), "{output}");
    }
}

#[test]
fn a_closed_pipe_ends_a_command_that_only_prints_but_no_training() {
    let env = TestEnv::new();
    env.write("five.png", &fs::read("data/five.png").unwrap());
    let closed = |args: &[&str]| {
        let mut command = env.command(args);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (code, stderr) = closed(&["infer", "five.png", "five.png"]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));

    let (code, stderr) = closed(&[&TRAIN[..], &["--out", "run"]].concat());
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(stderr.matches("work continues").count(), 1, "{stderr}");
    assert!(env.path("run/results.json").exists());
}

#[test]
#[cfg(target_os = "linux")]
fn output_that_cannot_be_written_is_a_failure_but_ends_no_training() {
    let env = TestEnv::new();
    env.write("five.png", &fs::read("data/five.png").unwrap());
    let full = |args: &[&str]| {
        let mut command = env.command(args);
        let output = command
            .stdout(File::create("/dev/full").unwrap())
            .output()
            .unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (code, stderr) = full(&["infer", "five.png"]);
    assert_eq!(code, Some(1));
    assert!(
        stderr.contains("error: ") && stderr.contains("No space left"),
        "{stderr}"
    );
    let (_, stderr) = full(&[&TRAIN[..], &["--out", "run"]].concat());
    assert!(stderr.contains("work continues"), "{stderr}");
    assert!(env.path("run/results.json").exists());
}

#[test]
fn no_home_folder_is_needed() {
    let env = TestEnv::new();
    env.write("five.png", &fs::read("data/five.png").unwrap());
    for args in [
        &["infer", "five.png"][..],
        &[&TRAIN[..], &["--out", "run"]].concat(),
    ] {
        let output = env.command(args).env_remove("HOME").output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

#[test]
fn a_clock_that_jumped_back_changes_nothing() {
    let env = TestEnv::new();
    env.succeed(&[&TRAIN[..], &["--out", "whole"]].concat());
    // An epoch's state, of a run that was interrupted tomorrow.
    let short = [
        &TRAIN[..9],
        &[
            "--epochs",
            "4",
            "--patience",
            "1",
            "--lr",
            "1e-30",
            "--out",
            "runs/a",
        ],
    ];
    env.succeed(&short.concat());
    let tomorrow = SystemTime::now() + Duration::from_secs(86_400);
    for file in env.files() {
        let file = File::options().append(true).open(env.path(&file)).unwrap();
        file.set_modified(tomorrow).unwrap();
    }
    env.succeed(&[&TRAIN[..], &["--out", "runs/b"]].concat());
    let weights = |run: &str| fs::read(env.path(run).join("model.safetensors")).unwrap();
    assert!(weights("runs/b") == weights("whole"));
    let stderr = env
        .run(&[
            "eval",
            "--data",
            "synthetic",
            "--limit",
            "50",
            "--model",
            "latest",
        ])
        .stderr;
    assert!(stderr.contains("using the model of runs/"), "{stderr}");
}
