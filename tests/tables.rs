//! Tables on sheets: from a picture to CSV, JSON and what should be reviewed.

use std::fs;

use image::{GrayImage, Luma, imageops};
use serde_json::Value;

use crate::formats::{assert_conforms, lists, objects};
use crate::testenv::{Ran, TestEnv};

/// Side of a cell, in pixels.
const CELL: u32 = 160;

/// A ruled table with a five in some of its cells, which are given row by row.
fn sheet(rows: &[&[bool]]) -> GrayImage {
    let mut five = image::open("data/five.png").unwrap().into_luma8();
    imageops::invert(&mut five);
    let five = imageops::resize(&five, 120, 120, imageops::FilterType::Triangle);
    let (columns, margin) = (rows[0].len() as u32, 100);
    let (width, height) = (columns * CELL, rows.len() as u32 * CELL);
    let mut sheet = GrayImage::from_pixel(width + 2 * margin, height + 2 * margin, Luma([255]));
    for (row, cells) in (0..).zip(rows) {
        for (column, _) in (0..).zip(*cells).filter(|(_, is_written)| **is_written) {
            let place = |at: u32| i64::from(margin + at * CELL + 20);
            imageops::overlay(&mut sheet, &five, place(column), place(row));
        }
    }
    for along in 0..width.max(height) + 3 {
        for across in (0..=width.max(height)).step_by(CELL as usize) {
            for thick in 0..3 {
                let mut dot = |x: u32, y: u32| {
                    if x < width + 3 && y < height + 3 {
                        sheet.put_pixel(margin + x, margin + y, Luma([40]));
                    }
                };
                dot(along, across + thick);
                dot(across + thick, along);
            }
        }
    }
    sheet
}

/// Two sheets: three cells by two, of which one is empty, and two by two.
fn sheets() -> TestEnv {
    let env = TestEnv::new();
    let large = sheet(&[&[true, true, false], &[true, true, true]]);
    large.save(env.path("large.png")).unwrap();
    let small = sheet(&[&[true, true], &[true, true]]);
    small.save(env.path("small.png")).unwrap();
    env
}

const LARGE: &str = "5,5,\r\n5,5,5\r\n";
const SMALL: &str = "5,5\r\n5,5\r\n";

fn content(env: &TestEnv, name: &str) -> String {
    fs::read_to_string(env.path(name)).unwrap()
}

#[test]
fn a_sheet_becomes_a_csv_file() {
    let env = sheets();
    let said = env.succeed(&["infer", "--table", "out.csv", "large.png"]);
    assert_eq!(said, "large.png: 2 × 3 cells\n");
    assert_eq!(content(&env, "out.csv"), LARGE);
    let said = env.succeed(&[
        "infer",
        "--table",
        "-",
        "large.png",
        "--delimiter",
        "semicolon",
    ]);
    assert_eq!(said, LARGE.replace(',', ";"));
    env.succeed(&["infer", "--table", "out.tsv", "large.png"]);
    assert_eq!(content(&env, "out.tsv"), LARGE.replace(',', "\t"));
}

#[test]
fn several_sheets_are_in_one_file_or_each_in_its_own() {
    let env = sheets();
    let pictures = ["large.png", "small.png"];
    env.succeed(&[&["infer", "--table", "out.csv"], &pictures[..]].concat());
    assert_eq!(content(&env, "out.csv"), format!("{LARGE}\r\n{SMALL}"));
    env.succeed(&[&["infer", "--table", "out"], &pictures[..]].concat());
    assert_eq!(content(&env, "out/large.csv"), LARGE);
    assert_eq!(content(&env, "out/small.csv"), SMALL);
}

#[test]
fn json_conforms_to_its_description() {
    let env = sheets();
    env.write("text.png", b"not a picture");
    GrayImage::from_pixel(300, 300, Luma([250]))
        .save(env.path("blank.png"))
        .unwrap();
    let args = [
        "infer",
        "--json",
        "--table",
        "out.csv",
        "--rule",
        "1: one of 5 7",
    ];
    let files = ["large.png", "text.png", "blank.png"];
    let ran = env.run(&[&args[..], &files[..]].concat());
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let records: Vec<Value> = (ran.stdout.lines())
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for (record, file) in records.iter().zip(files) {
        assert_conforms("tables.schema.json", "", record);
        assert_eq!(record["file"], file);
    }
    assert_eq!(records.len(), files.len());
    let table = &records[0]["tables"][0];
    let cell = &table["cells"][0];
    assert_eq!(
        (&cell["text"], &cell["rules"]["outcome"]),
        (&"5".into(), &"kept".into())
    );
    assert_eq!(cell["alternatives"][0]["text"], "5");
    assert!(table["cells"][1]["rules"].is_null());
    let corner = |at: usize| cell["corners"][2][at].as_f64().unwrap();
    let expected = f64::from(100 + CELL);
    assert!(
        (corner(0) - expected).abs() < 12.0 && (corner(1) - expected).abs() < 12.0,
        "{cell}"
    );
    assert_eq!(records[2]["reason"], "there is no table");
}

#[test]
fn csv_conforms_to_its_description() {
    let env = sheets();
    let args = ["infer", "--table", "out.csv", "--review", "seen"];
    env.succeed(&[&args[..], &["--rule", "1: one of 7", "large.png"]].concat());
    let tables = lists(&content(&env, "out.csv"));
    assert_conforms("csv.schema.json", "tables", &tables);
    assert_eq!(tables, serde_json::json!([["5", "5", ""], ["5", "5", "5"]]));
    let review = objects(&content(&env, "seen/review.csv"), b',');
    assert_conforms("csv.schema.json", "review", &review);
    assert_eq!(review[0]["outcome"], "violated");
}

#[test]
fn rules_mark_what_breaks_them() {
    let env = sheets();
    let rules = ["--rule", "2: 6..7", "--rule", "*: digits 1"];
    let said = env.succeed(&[&["infer", "--table", "out.csv", "small.png"], &rules[..]].concat());
    assert_eq!(said, "small.png: 2 × 2 cells; 2 violated\n");
    assert_eq!(content(&env, "out.csv"), SMALL);
}

#[test]
fn what_someone_should_look_at_is_drawn_and_listed() {
    let env = sheets();
    let args = [
        "infer",
        "large.png",
        "small.png",
        "--table",
        "out.csv",
        "--review",
        "seen",
    ];
    env.succeed(&[&args[..], &["--rule", "3: one of 7"]].concat());
    let mut list = csv::Reader::from_path(env.path("seen/review.csv")).unwrap();
    let rows: Vec<_> = list.records().map(|row| row.unwrap()).collect();
    assert_eq!(rows.len(), 5 + 4);
    let confidence = |at: usize| rows[at][5].parse::<f64>().unwrap();
    // Where a rule is violated, something is wrong for sure.
    assert_eq!(&rows[0][7], "violated");
    assert!((2..rows.len()).all(|at| confidence(at - 1) <= confidence(at)));
    let violated: Vec<[&str; 4]> = (rows.iter().filter(|row| &row[7] == "violated"))
        .map(|row| [0, 2, 3, 8].map(|at| &row[at]))
        .collect();
    assert_eq!(violated, [["large.png", "2", "3", "3: one of 7"]]);
    let drawn = image::open(env.path("seen/large.png")).unwrap().into_rgb8();
    let coloured = drawn.pixels().filter(|pixel| pixel[0] != pixel[2]).count();
    assert!(coloured > 500, "the picture is grey, its cells are not");
    assert!(env.path("seen/small.png").exists());
}

#[test]
fn pictures_without_a_table_are_reported_and_the_others_read() {
    let env = sheets();
    GrayImage::from_pixel(300, 300, Luma([250]))
        .save(env.path("blank.png"))
        .unwrap();
    env.write("text.png", b"not a picture");
    let files = ["blank.png", "text.png", "small.png", "missing.png"];
    let ran = env.run(&[&["infer", "--table", "out.csv"], &files[..]].concat());
    assert_eq!(ran.code, Some(1));
    let errors: Vec<_> = ran.stderr.lines().collect();
    assert_eq!(errors.len(), 3, "{}", ran.stderr);
    assert!(errors[0].starts_with("error: reading the tables in blank.png: there is none"));
    assert!(errors[1].starts_with("error: reading the image text.png: not an image"));
    assert!(errors[2].starts_with("error: reading the image missing.png: "));
    assert_eq!(content(&env, "out.csv"), SMALL);
    // A file stays as it was where there is nothing to write.
    let line = env.fail(&["infer", "--table", "out.csv", "blank.png"]);
    assert!(line.contains("there is none"), "{line}");
    assert_eq!(content(&env, "out.csv"), SMALL);
}

#[test]
fn arguments_that_make_no_sense_are_refused_before_anything_is_read() {
    let env = sheets();
    let refused = |args: &[&str]| -> String {
        let Ran { stderr, code, .. } = env.run(&[&["infer", "small.png"], args].concat());
        assert_eq!(code, Some(2), "{args:?}: {stderr}");
        stderr
    };
    for flag in [
        "--single",
        "--csv",
        "--annotate=a.png",
        "--stages=a",
        "--top-k=2",
    ] {
        let said = refused(&["--table", "out.csv", flag]);
        assert!(said.contains("cannot be used with"), "{said}");
    }
    for flag in [
        "--delimiter=tab",
        "--decimal=.",
        "--rule=1: luhn",
        "--review=seen",
    ] {
        assert!(refused(&[flag]).contains("--table <OUT>"), "{flag}");
    }
    assert!(refused(&["--table", "small.png"]).contains("use the extension .csv"));
    assert!(refused(&["--table", "-", "--json"]).contains("both write to stdout"));
    assert!(refused(&["--table", "a.csv", "--delimiter", "ab"]).contains("one ASCII character"));
    let said = refused(&["--table", "a.csv", "--rule", "1: lun"]);
    assert!(
        said.starts_with("error: --rule: the rule '1: lun' is not understood: expected"),
        "{said}"
    );
    assert_eq!(said.trim_end().lines().count(), 1);
    let line = env.fail(&["infer", "small.png", "--table", "nowhere/a.csv"]);
    assert!(line.ends_with("there is no folder nowhere"), "{line}");
    let line = env.fail(&["infer", "small.png", "--table", "a.csv", "--review", "."]);
    assert!(
        line.contains("--review . may overwrite small.png"),
        "{line}"
    );
    assert_eq!(env.files(), ["large.png", "small.png"]);
}

#[test]
fn a_rule_that_fits_no_table_is_reported_after_all_were_read() {
    let env = sheets();
    let args = [
        "infer",
        "--table",
        "out.csv",
        "--rule",
        "3: digits 1",
        "--rule",
    ];
    let both = ["large.png", "small.png"];
    env.succeed(&[&args[..5], &both[..]].concat());
    let ran = env.run(&[&args[..], &["4: digits 1"], &both[..]].concat());
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    let expected = "error: --rule '4: digits 1' names a column or row that no table has: there are at most 2 rows \
                    and 3 columns";
    assert_eq!(ran.stderr.trim_end(), expected);
    assert_eq!(content(&env, "out.csv"), format!("{LARGE}\r\n{SMALL}"));
}

#[test]
fn many_sheets_are_written_in_their_order() {
    let env = sheets();
    let pictures = ["large.png", "small.png"].repeat(3);
    env.succeed(&[&["infer", "--table", "out.csv"], &pictures[..]].concat());
    let expected = vec![format!("{LARGE}\r\n{SMALL}"); 3].join("\r\n");
    assert_eq!(content(&env, "out.csv"), expected);
}
