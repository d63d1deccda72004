//! The tables of sheets, and what is corrected in them.

use std::fs;

use serde_json::Value;

use super::{FIVE, Program, assert_answers, get, post, request};
use crate::formats::{assert_conforms, lists, objects};
use crate::testenv::TestEnv;

const NUMBER: &[u8] = include_bytes!("../../data/number.jpg");

/// What `infer --table` makes of `data/number.jpg`.
fn inferred(env: &TestEnv, args: &[&str]) -> (Value, String) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/data/number.jpg");
    let all = [&["infer", "--json", "--table", "out.csv", path], args].concat();
    let printed = env.succeed(&all);
    let mut json: Value = serde_json::from_str(&printed).expect("JSON from infer");
    json["file"] = Value::Null;
    let csv = fs::read_to_string(env.path("out.csv")).expect("CSV from infer");
    (json, csv)
}

#[test]
fn tables_are_the_same_as_from_infer() {
    let env = TestEnv::new();
    let program = Program::start(&env, &[]);
    for (query, args) in [
        ("", &[][..]),
        ("?rule=1:+one+of+7+31", &["--rule", "1: one of 7 31"]),
        ("?digits_only=true", &["--digits-only"]),
    ] {
        let (json, csv) = inferred(&env, args);
        let path = format!("/api/tables{query}");
        let reply = post(program.address, &path, "image/jpeg", NUMBER);
        assert_eq!((reply.status, reply.json()), (200, json), "{query}");
        assert_conforms("tables.schema.json", "sheet", &reply.json());
        let headers = ["Content-Type: image/jpeg", "Accept: text/csv"];
        let reply = request(program.address, &format!("POST {path}"), &headers, NUMBER);
        assert_conforms("csv.schema.json", "tables", &lists(&csv));
        assert_eq!((reply.kind(), reply.text()), ("text/csv", csv), "{query}");
    }
    assert_answers(program.address);
}

#[test]
fn what_is_no_sheet_gets_a_clear_answer() {
    let program = Program::start(&TestEnv::new(), &[]);
    for (query, kind, body, status, detail) in [
        ("", "image/png", &b"five"[..], 415, "not an image"),
        (
            "",
            "text/plain",
            b"five",
            415,
            "text/plain is not a picture",
        ),
        (
            "",
            "image/jpeg",
            &NUMBER[..NUMBER.len() / 2],
            422,
            "damaged",
        ),
        ("", "image/png", b"", 400, "the file is empty"),
        ("?rule=9:luhn", "image/jpeg", NUMBER, 400, "no table has"),
        (
            "?rule=1:lun",
            "image/jpeg",
            NUMBER,
            400,
            "is not understood",
        ),
        (
            "?rules=1:luhn",
            "image/jpeg",
            NUMBER,
            400,
            "unknown parameter",
        ),
    ] {
        let path = format!("/api/tables{query}");
        let reply = post(program.address, &path, kind, body);
        assert_eq!(reply.status, status, "{query}: {}", reply.text());
        assert_eq!(reply.kind(), "application/problem+json");
        let said = reply.json()["detail"].to_string();
        assert!(said.contains(detail), "{said}");
    }
    assert_answers(program.address);
}

#[test]
fn corrections_are_kept_across_restarts_as_eval_reads_them() {
    let env = TestEnv::new();
    let keep = |text: &str, picture: &[u8]| {
        let program = Program::start(&env, &["--collect", "kept"]);
        let path = format!("/api/corrections?text={text}&read=3");
        let reply = post(program.address, &path, "image/png", picture);
        assert_eq!(reply.status, 201, "{}", reply.text());
        get(program.address, "/api/corrections").json()["pictures"].clone()
    };
    let blank = {
        let mut file = std::io::Cursor::new(vec![]);
        image::GrayImage::from_pixel(90, 60, image::Luma([240]))
            .write_to(&mut file, image::ImageFormat::Png)
            .expect("a PNG");
        file.into_inner()
    };
    assert_eq!(keep("8", FIVE), 1);
    assert_eq!(keep("", &blank), 2);
    assert_eq!(keep("5", FIVE), 2);
    let read = env.succeed(&["eval", "--json", "--wild", "kept"]);
    let read: Value = serde_json::from_str(&read).expect("JSON from eval");
    let cells = &read["kinds"]["cell"];
    assert_eq!(
        (&cells["images"], &cells["right"]),
        (&2.into(), &2.into()),
        "{read}"
    );
    let list = fs::read_to_string(env.path("kept/labels.tsv")).expect("the labels");
    assert_conforms("csv.schema.json", "corrections", &objects(&list, b'\t'));
    let mut files = env.files();
    files.retain(|file| file.ends_with(".png"));
    assert_eq!(files.len(), 2, "{files:?}");
}
