//! Forms: from an empty sheet to FORM.json, and from filled ones to a record each.

use std::fs;

use image::{GrayImage, Luma, imageops};
use serde_json::Value;

use crate::formats::{assert_conforms, objects};
use crate::testenv::TestEnv;

/// Left and top of the boxes for a digit each, and their side.
const BOXES: [[u32; 2]; 3] = [[100, 160], [180, 160], [260, 160]];
const SIDE: u32 = 80;

fn fill(sheet: &mut GrayImage, [left, top]: [u32; 2], [width, height]: [u32; 2]) {
    for y in top..top + height {
        for x in left..left + width {
            sheet.put_pixel(x, y, Luma([50]));
        }
    }
}

fn frame(sheet: &mut GrayImage, [left, top]: [u32; 2], [width, height]: [u32; 2]) {
    fill(sheet, [left, top], [width + 3, 3]);
    fill(sheet, [left, top + height], [width + 3, 3]);
    fill(sheet, [left, top], [3, height]);
    fill(sheet, [left + width, top], [3, height]);
}

/// An empty form with something like words above a number of three digits and a wide box.
fn empty() -> GrayImage {
    let mut form = GrayImage::from_pixel(600, 700, Luma([240]));
    for (word, [left, top]) in [
        (3, [90, 110]),
        (5, [90, 380]),
        (7, [300, 60]),
        (4, [60, 620]),
    ] {
        for letter in 0..word {
            let left = left + 22 * letter;
            fill(&mut form, [left, top], [4, 24]);
            fill(&mut form, [left, top + 5 * (letter % 4)], [14, 4]);
        }
    }
    for place in BOXES {
        frame(&mut form, place, [SIDE, SIDE]);
    }
    frame(&mut form, [100, 430], [300, SIDE]);
    form
}

/// The form with fives in the boxes, smaller and on a darker table, as in a photo.
fn filled() -> GrayImage {
    let mut five = image::open("data/five.png").unwrap().into_luma8();
    imageops::invert(&mut five);
    let five = imageops::resize(&five, 64, 64, imageops::FilterType::Triangle);
    let mut form = empty();
    for [left, top] in BOXES {
        for (x, y, tone) in five.enumerate_pixels() {
            let paper = form.get_pixel_mut(left + 10 + x, top + 10 + y);
            paper.0[0] = paper.0[0].min(tone[0]);
        }
    }
    let form = imageops::resize(&form, 510, 595, imageops::FilterType::Triangle);
    let mut photo = GrayImage::from_pixel(640, 760, Luma([120]));
    imageops::overlay(&mut photo, &form, 70, 90);
    photo
}

#[test]
fn a_form_is_made_once_and_read_from_each_photo() {
    let env = TestEnv::new();
    empty().save(env.path("card.png")).unwrap();
    filled().save(env.path("one.png")).unwrap();
    let other = imageops::rotate180(&GrayImage::from_fn(600, 700, |x, y| {
        Luma([if (x / 40 + y / 60) % 3 == 0 { 90 } else { 230 }])
    }));
    other.save(env.path("other.png")).unwrap();

    let said = env.succeed(&["form", "new", "card.png", "--annotate", "seen.png"]);
    let kinds: Vec<&str> = said
        .lines()
        .map(|line| line.split('\t').nth(1).unwrap())
        .collect();
    assert_eq!(kinds, ["digits:3", "number"]);
    assert!(image::open(env.path("seen.png")).is_ok());
    let form = fs::read_to_string(env.path("card.json")).unwrap();
    let mut form: Value = serde_json::from_str(&form).unwrap();
    assert_eq!(form["reference"], "card.png");
    assert_conforms("form.schema.json", "", &form);
    // A form that people may have edited is not replaced.
    let again = env.run(&["form", "new", "card.png"]);
    assert!(
        again.code != Some(0) && again.stderr.contains("--force"),
        "{}",
        again.stderr
    );

    form["fields"][0]["name"] = "meter".into();
    form["rules"] = serde_json::json!(["meter: 600..700"]);
    fs::write(env.path("card.json"), form.to_string()).unwrap();
    let read = env.run(&["infer", "--form", "card.json", "one.png", "other.png"]);
    let records: Vec<&str> = read.stdout.lines().collect();
    assert_eq!(records[0], "file,meter,field 2,doubtful,problem,error");
    assert_eq!(records[1], "one.png,555,,meter,meter: breaks 1: 600..700,");
    assert!(
        records[2].starts_with("other.png,,,,,\"it does not show the form "),
        "{records:?}"
    );
    assert_conforms("csv.schema.json", "forms", &objects(&read.stdout, b','));
    assert_eq!(read.code, Some(1));
    assert!(
        read.stderr.contains("reading the form in other.png"),
        "{}",
        read.stderr
    );

    let read = env.run(&[
        "infer",
        "--form",
        "card.json",
        "--json",
        "one.png",
        "other.png",
    ]);
    let records = read.stdout.lines();
    let records: Vec<Value> = records
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for record in &records {
        assert_conforms("form-record.schema.json", "", record);
    }
    assert!(records[1]["error"].is_string());
    let json = &records[0];
    assert!(json["similarity"].as_f64().unwrap() > 0.5);
    let meter = &json["fields"][0];
    assert_eq!(
        (&meter["name"], &meter["text"]),
        (&"meter".into(), &"555".into())
    );
    // The field lies where it is in the photo.
    let left = meter["corners"][0][0].as_f64().unwrap();
    assert!((left - (70.0 + 0.85 * 103.0)).abs() < 3.0, "{left}");
}

#[test]
fn an_invalid_form_is_refused_before_anything_is_read() {
    let env = TestEnv::new();
    empty().save(env.path("card.png")).unwrap();
    env.succeed(&["form", "new", "card.png"]);
    let form = fs::read_to_string(env.path("card.json")).unwrap();
    for (wrong, message) in [
        (
            form.replace("digits:3", "digits:x"),
            "a number from 1 to 40",
        ),
        (form.replace("digits:3", "text"), "use digits, digits:4"),
        (
            form.replace("field 2", "field 1"),
            "two fields have the name",
        ),
        (
            form.replace("\"version\": 1", "\"version\": 9"),
            "version 9",
        ),
        (form.replace("card.png", "gone.png"), "gone.png"),
        (form.replace("600", "650"), "was made for 650×700"),
    ] {
        fs::write(env.path("wrong.json"), wrong).unwrap();
        let read = env.run(&["infer", "--form", "wrong.json", "card.png"]);
        assert!(read.code != Some(0) && read.stdout.is_empty(), "{message}");
        assert!(read.stderr.contains(message), "{message}: {}", read.stderr);
        assert_eq!(read.stderr.lines().count(), 1, "{}", read.stderr);
    }
    let blank = GrayImage::from_pixel(300, 300, Luma([240]));
    blank.save(env.path("blank.png")).unwrap();
    let none = env.run(&["form", "new", "blank.png"]);
    assert!(
        none.stderr
            .contains("looking for boxes in blank.png: none found"),
        "{}",
        none.stderr
    );
}
