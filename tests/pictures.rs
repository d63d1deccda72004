//! Reading pictures: our own samples, and people's.

use std::fs;

use serde_json::Value;

use crate::testenv::{TestEnv, finished_run_arg};

#[test]
fn the_sample_pictures_are_read_whatever_they_are_called() {
    let env = TestEnv::new();
    env.write("five.png", &fs::read("data/five.png").unwrap());
    env.write("eight.jpg", &fs::read("data/eight.jpg").unwrap());
    // People's files bear wrong names; the content decides.
    env.write("eight.png", &fs::read("data/eight.jpg").unwrap());
    let said = env.succeed(&[
        "infer",
        "five.png",
        "eight.jpg",
        "eight.png",
        "--model",
        finished_run_arg(),
        "--top-k",
        "2",
    ]);
    let lines: Vec<_> = said.lines().collect();
    assert!(lines[0].starts_with("five.png: 5 ("), "{said}");
    assert!(lines[1].starts_with("eight.jpg: 8 ("), "{said}");
    assert!(lines[2].starts_with("eight.png: 8 ("), "{said}");
    assert!(
        lines[0].ends_with(" %)") && lines[0].contains(" %), "),
        "two digits each: {said}"
    );
}

#[test]
fn json_is_one_object_a_line_and_blank_paper_has_no_digit() {
    let env = TestEnv::new();
    env.write("five.png", &fs::read("data/five.png").unwrap());
    image::GrayImage::from_pixel(64, 64, image::Luma([250]))
        .save(env.path("blank.png"))
        .unwrap();
    let said = env.succeed(&[
        "infer",
        "--json",
        "five.png",
        "blank.png",
        "--model",
        finished_run_arg(),
    ]);
    let lines: Vec<Value> = said
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        (&lines[0]["file"], &lines[0]["digit"]),
        (&"five.png".into(), &5.into())
    );
    let probabilities: Vec<f64> = lines[0]["probabilities"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p.as_f64().unwrap())
        .collect();
    assert_eq!(probabilities.len(), 10);
    assert!((probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-6);
    assert_eq!(lines[0]["confidence"].as_f64().unwrap(), probabilities[5]);
    assert!(
        lines[0]["top"].is_null(),
        "only where more than one is asked for"
    );
    assert!(lines[1]["digit"].is_null());
    assert!(!lines[1]["reason"].as_str().unwrap().is_empty());
}

#[test]
fn json_ranks_as_many_digits_as_asked_for() {
    let env = TestEnv::new();
    env.write("five.png", &fs::read("data/five.png").unwrap());
    let said = env.succeed(&[
        "infer",
        "five.png",
        "--json",
        "--top-k",
        "3",
        "--model",
        finished_run_arg(),
    ]);
    let answer: Value = serde_json::from_str(&said).unwrap();
    let top = answer["top"].as_array().unwrap();
    assert_eq!(top.len(), 3);
    assert_eq!(
        (&top[0]["digit"], &top[0]["confidence"]),
        (&answer["digit"], &answer["confidence"])
    );
    assert!(top[1]["confidence"].as_f64() >= top[2]["confidence"].as_f64());
}
