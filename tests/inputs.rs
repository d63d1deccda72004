//! Which pictures the command line names: files, folders, patterns and stdin.

use std::fs::{self, File};

use crate::testenv::{TestEnv, finished_run_arg};

/// A folder with a sample picture in several places.
pub fn scans() -> TestEnv {
    let env = TestEnv::new();
    fs::create_dir_all(env.path("scans/more")).unwrap();
    let five = fs::read("data/five.png").unwrap();
    for name in ["10.png", "9.png", "more/five.png"] {
        env.write(&format!("scans/{name}"), &five);
    }
    env.write("scans/notes.txt", b"not a picture");
    env
}

/// The files that were answered, in order.
pub fn answered(stdout: &str) -> Vec<&str> {
    let files = stdout.lines().filter_map(|line| line.split_once(": 5 ("));
    files.map(|(file, _)| file).collect()
}

#[test]
fn folders_and_patterns_are_read_in_natural_order() {
    let env = scans();
    let model = finished_run_arg();
    let said = env.succeed(&["infer", "--model", model, "scans"]);
    let all = ["scans/9.png", "scans/10.png", "scans/more/five.png"];
    assert_eq!(answered(&said), all);
    let said = env.succeed(&["infer", "--model", model, "scans/*.png"]);
    assert_eq!(answered(&said), all[..2]);
    // A pattern takes whatever matches; what is not a picture is reported.
    let ran = env.run(&["infer", "--model", model, "scans/*"]);
    assert_eq!(
        (ran.code, answered(&ran.stdout)),
        (Some(1), all[..2].to_vec())
    );
    assert!(
        ran.stderr.contains("scans/notes.txt: not an image"),
        "{}",
        ran.stderr
    );
}

#[test]
fn skipped_files_in_a_folder_are_noted_unless_quiet() {
    let env = scans();
    let args = ["infer", "--model", finished_run_arg(), "scans"];
    let ran = env.run(&args);
    let note = "note: scans: 1 file is not an image and was skipped: notes.txt";
    assert!(ran.stderr.contains(note), "{}", ran.stderr);
    let quiet = env.run(&[&args[..], &["-q"]].concat());
    assert_eq!((quiet.stderr.as_str(), quiet.stdout), ("", ran.stdout));
}

#[test]
fn a_picture_on_stdin_is_read() {
    let env = scans();
    let picture = File::open(env.path("scans/9.png")).unwrap();
    let args = [
        "infer",
        "--model",
        finished_run_arg(),
        "-",
        "--annotate",
        "seen",
    ];
    let ran = env.run_with(&args, picture);
    assert_eq!(
        (ran.code, answered(&ran.stdout)),
        (Some(0), vec!["stdin"]),
        "{}",
        ran.stderr
    );
    assert!(env.path("seen/stdin.png").exists());
}

#[test]
fn a_list_is_a_list_whatever_its_first_path_begins_with() {
    let env = scans();
    let five = fs::read("data/five.png").unwrap();
    for name in ["BM1.png", "P1.png"] {
        env.write(name, &five);
    }
    env.write("list", b"BM1.png\nP1.png\n");
    let list = File::open(env.path("list")).unwrap();
    let ran = env.run_with(&["infer", "--model", finished_run_arg(), "-"], list);
    assert_eq!(
        answered(&ran.stdout),
        ["BM1.png", "P1.png"],
        "{}",
        ran.stderr
    );
}

#[test]
fn a_list_on_stdin_may_end_its_paths_in_nul() {
    let env = scans();
    env.write("list", b"scans/10.png\0scans/9.png\0");
    let list = File::open(env.path("list")).unwrap();
    let ran = env.run_with(&["infer", "--model", finished_run_arg(), "-0", "-"], list);
    assert_eq!(
        answered(&ran.stdout),
        ["scans/10.png", "scans/9.png"],
        "{}",
        ran.stderr
    );
    let ran = env.run(&["infer", "-0", "scans/9.png"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
}

#[test]
fn a_list_on_stdin_is_read_past_missing_files() {
    let env = scans();
    let list = "scans/10.png\r\n\nscans/missing.png\nscans/more\nscans/9.png";
    env.write("list", list.as_bytes());
    let list = File::open(env.path("list")).unwrap();
    let ran = env.run_with(&["infer", "--model", finished_run_arg(), "-"], list);
    assert_eq!(ran.code, Some(1));
    assert_eq!(
        answered(&ran.stdout),
        ["scans/10.png", "scans/more/five.png", "scans/9.png"]
    );
    let error = "error: reading the image scans/missing.png: ";
    assert!(
        ran.stderr.starts_with(error) && ran.stderr.lines().count() == 1,
        "{}",
        ran.stderr
    );
}
