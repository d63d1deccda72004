//! Evaluating on people's own pictures.

use std::fs;

use serde_json::Value;

use crate::testenv::{Ran, TestEnv, finished_run_arg};

const HEADER: &str = "file\tlabel\tkind\tsource\n";

/// A folder with four pictures: one read right, one with a wrong label, one rightly refused, and
/// one that is missing.
fn own() -> TestEnv {
    let env = TestEnv::new();
    fs::create_dir_all(env.path("own/images")).unwrap();
    env.write("own/images/five.png", &fs::read("data/five.png").unwrap());
    env.write("own/eight.jpg", &fs::read("data/eight.jpg").unwrap());
    image::GrayImage::from_pixel(64, 64, image::Luma([250]))
        .save(env.path("own/blank.png"))
        .unwrap();
    let rows = "five.png\t5\tdrawing\tann:5.png\n\
                eight.jpg\t3\tphoto\tben:8.png\n\
                blank.png\tnone\tnone\tann:0.png\n\
                missing.png\t7\tdrawing\tben:7.png\n";
    env.write("own/labels.tsv", format!("{HEADER}{rows}").as_bytes());
    env
}

fn eval(env: &TestEnv, more: &[&str]) -> Ran {
    let args = ["eval", "--wild", "own", "--model", finished_run_arg()];
    env.run(&[&args[..], more].concat())
}

#[test]
fn the_table_counts_each_kind() {
    let env = own();
    let ran = eval(&env, &[]);
    // A missing file is not a mistake of the reader, and makes the exit code 1.
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let rows: Vec<Vec<&str>> = ran
        .stdout
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    let row = |kind: &str| {
        let row = rows.iter().find(|row| row.first() == Some(&kind)).unwrap();
        row[1..].join(" ")
    };
    assert_eq!(row("drawing"), "1 1 0 0 100.00 % 100.00 % 1 1");
    assert_eq!(row("photo"), "1 0 1 0 0.00 % 0.00 % 1 0");
    assert_eq!(row("none"), "1 1 0 0 100.00 % 100.00 % 1 0");
    assert_eq!(row("all"), "3 2 1 0 66.67 % 50.00 % 2 1");
    let refused = "refused: digits 0 of 2 (0.00 %), pictures without a digit 1 of 1 (100.00 %)";
    assert_eq!(ran.stdout.lines().last(), Some(refused));
    let error = "error: reading the image own/missing.png: ";
    assert!(
        ran.stderr.starts_with(error) && ran.stderr.lines().count() == 1,
        "{}",
        ran.stderr
    );
}

#[test]
fn json_names_the_mistakes_and_the_sheet_shows_them() {
    let env = own();
    let ran = eval(&env, &["--json", "--plot", "mistakes.png"]);
    let found: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(found["all"]["images"], 3);
    assert_eq!(found["all"]["unreadable"], 1);
    assert_eq!(found["kinds"]["drawing"]["accuracy"], 1.0);
    assert_eq!(found["none"]["refused"], 1);
    let mistakes = found["mistakes"].as_array().unwrap();
    let names: Vec<_> = mistakes.iter().map(|mistake| &mistake["file"]).collect();
    assert_eq!(names, ["eight.jpg", "missing.png"]);
    assert_eq!(
        (&mistakes[0]["label"], &mistakes[0]["text"]),
        (&"3".into(), &"8".into())
    );
    image::open(env.path("mistakes.png")).unwrap();
}

#[test]
fn an_invalid_label_is_named_with_its_line() {
    let env = own();
    let fail = |rows: &str| {
        env.write("own/labels.tsv", rows.as_bytes());
        env.fail(&["eval", "--wild", "own", "--model", finished_run_arg()])
    };
    let line = fail(&format!(
        "{HEADER}five.png\t5\tdrawing\tann\nfive.png\tfive\tdrawing\tann\n"
    ));
    assert!(
        line.contains("own/labels.tsv: line 3: the label \"five\""),
        "{line}"
    );
    assert!(fail("five.png\t5\n").contains("own/labels.tsv: line 1: it names no column file"));
    fs::remove_file(env.path("own/labels.tsv")).unwrap();
    let line = env.fail(&["eval", "--wild", "own", "--model", finished_run_arg()]);
    assert!(line.contains("reading own/labels.tsv: "), "{line}");
}
