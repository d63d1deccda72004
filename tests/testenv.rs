//! A temporary folder, a pinned environment, and the real binary in it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use tempfile::TempDir;

/// A temporary folder for one test, in which the program runs.
pub struct TestEnv {
    folder: TempDir,
}

/// What the program printed and how it ended.
pub struct Ran {
    pub stdout: String,
    pub stderr: String,
    pub code: Option<i32>,
}

impl TestEnv {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, content: &[u8]) {
        fs::write(self.path(name), content).expect("writing a test file");
    }

    /// Runs the program without the user's data and cache, and without internet.
    pub fn run(&self, args: &[&str]) -> Ran {
        self.run_with(args, Stdio::null())
    }

    /// The same with something on stdin.
    pub fn run_with(&self, args: &[&str], stdin: impl Into<Stdio>) -> Ran {
        let Output {
            status,
            stdout,
            stderr,
        } = self
            .command(args)
            .stdin(stdin)
            .output()
            .expect("running mnist-tch");
        let text = |bytes| String::from_utf8(bytes).expect("output in UTF-8");
        Ran {
            stdout: text(stdout),
            stderr: text(stderr),
            code: status.code(),
        }
    }

    /// The program in this folder, to be started.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mnist-tch"));
        command
            .args(args)
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("RUST_BACKTRACE", "1")
            // Tests run side by side; more threads than cores would wait for one another.
            .env("OMP_NUM_THREADS", "1")
            // Nothing listens there: downloads fail at once.
            .env("ALL_PROXY", "http://127.0.0.1:9");
        command
    }

    /// Runs what must succeed, and returns stdout.
    pub fn succeed(&self, args: &[&str]) -> String {
        let ran = self.run(args);
        assert_eq!(
            ran.code,
            Some(0),
            "{args:?} failed:\n{}{}",
            ran.stdout,
            ran.stderr
        );
        ran.stdout
    }

    /// Runs what must fail with one clear line, and returns that line.
    pub fn fail(&self, args: &[&str]) -> String {
        let ran = self.run(args);
        let output = format!("{args:?}:\n{}{}", ran.stdout, ran.stderr);
        assert_eq!(ran.code, Some(1), "exit code of {output}");
        let mut errors = ran
            .stderr
            .lines()
            .filter(|line| line.starts_with("error: "));
        let line = errors
            .next()
            .unwrap_or_else(|| panic!("no error line from {output}"));
        assert_eq!(errors.next(), None, "a second error line from {output}");
        assert!(
            !ran.stderr.contains("panicked") && !ran.stderr.contains("backtrace"),
            "{output}"
        );
        line.to_owned()
    }

    /// Every file below the folder, by its path from there.
    pub fn files(&self) -> Vec<String> {
        let mut found = vec![];
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder)
                .expect("listing a test folder")
                .flatten()
            {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let inner = path.strip_prefix(self.folder.path()).expect("a path below");
                    found.push(inner.display().to_string());
                }
            }
        }
        found.sort();
        found
    }
}

/// A run on synthetic digits, trained once for all tests that only need some finished run.
pub fn finished_run() -> &'static Path {
    static RUN: OnceLock<(TestEnv, PathBuf)> = OnceLock::new();
    let (_, path) = RUN.get_or_init(|| {
        let env = TestEnv::new();
        env.succeed(&[
            "train",
            "--model",
            "cnn",
            "--data",
            "synthetic",
            "--limit",
            "3000",
            "--epochs",
            "3",
            "--out",
            "run",
        ]);
        let path = env.path("run");
        (env, path)
    });
    path
}

/// The same as an argument.
pub fn finished_run_arg() -> &'static str {
    finished_run().to_str().expect("a path in UTF-8")
}

/// The folder that an environment variable names; if none, prints that the test is skipped.
pub fn folder_from(variable: &str) -> Option<String> {
    let folder = std::env::var(variable).ok();
    if folder.is_none() {
        skipped(&format!("{variable} names no folder"));
    }
    folder
}

/// Prints why a test was skipped, bypassing the harness, which captures the output of tests that pass.
pub fn skipped(reason: &str) {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    let _ = writeln!(std::io::stderr(), "skipped {test}: {reason}");
}

/// An IDX file of bytes.
pub fn idx(dimensions: &[u32], data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, dimensions.len() as u8];
    bytes.extend(dimensions.iter().flat_map(|size| size.to_be_bytes()));
    bytes.extend(data);
    bytes
}

/// Writes four IDX files with `count` images in each split, labelled 0 to 9 in turn.
pub fn write_idx_files(env: &TestEnv, folder: &str, count: u32) {
    fs::create_dir_all(env.path(folder)).expect("a data folder");
    let pixels = vec![40; count as usize * 784];
    let labels: Vec<u8> = (0..count).map(|index| (index % 10) as u8).collect();
    for split in ["train", "t10k"] {
        env.write(
            &format!("{folder}/{split}-images-idx3-ubyte"),
            &idx(&[count, 28, 28], &pixels),
        );
        env.write(
            &format!("{folder}/{split}-labels-idx1-ubyte"),
            &idx(&[count], &labels),
        );
    }
}
