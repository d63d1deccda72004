use std::sync::LazyLock;

use axum::body::Body;
use image::{GrayImage, Luma, imageops};
use serde_json::Value;

use super::super::testing::{self, Answer, png, post};
use super::*;
use crate::serve::{Limits, router};

static SERVICE: LazyLock<Arc<Service>> = LazyLock::new(|| testing::service(Limits::DEFAULT));

/// Side of a cell, and the width of the paper around the table, in pixels.
const CELL: u32 = 160;
const MARGIN: u32 = 100;

/// A table of two rows by three columns with a five in each cell.
fn ruled() -> Vec<u8> {
    let mut five = image::open("data/five.png").unwrap().into_luma8();
    imageops::invert(&mut five);
    let five = imageops::resize(&five, 120, 120, imageops::FilterType::Triangle);
    let within = |at: u32, cells: u32| (MARGIN..MARGIN + cells * CELL + 3).contains(&at);
    let is_line = |at: u32| (at - MARGIN) % CELL < 3;
    let size = |cells: u32| cells * CELL + 2 * MARGIN;
    let mut sheet = GrayImage::from_fn(size(3), size(2), |x, y| {
        let is_ink = within(x, 3) && within(y, 2) && (is_line(x) || is_line(y));
        Luma([if is_ink { 40 } else { 255 }])
    });
    for (row, column) in (0..2).flat_map(|row| (0..3).map(move |column| (row, column))) {
        let place = |at: u32| i64::from(MARGIN + at * CELL + 20);
        imageops::overlay(&mut sheet, &five, place(column), place(row));
    }
    png(&sheet)
}

async fn asked(query: &str, body: impl Into<Body>) -> Answer {
    let request = post(&format!("/api/tables{query}"), "image/png", body);
    Answer::to(router(&SERVICE), request).await
}

fn detail(answer: &Answer) -> String {
    answer.json()["detail"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_sheet_is_answered_as_json_or_as_csv() {
    let answer = asked("", ruled()).await;
    assert_eq!(answer.status, 200);
    let table: &Value = &answer.json()["tables"][0];
    assert_eq!((&table["rows"], &table["columns"]), (&2.into(), &3.into()));
    let answer = asked("?format=csv&delimiter=tab", ruled()).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("content-type")),
        (200, CSV)
    );
    assert_eq!(answer.text(), "5\t5\t5\r\n5\t5\t5\r\n");
}

#[tokio::test]
async fn a_picture_without_a_table_says_so() {
    let blank = png(&GrayImage::from_pixel(80, 80, Luma([250])));
    let answer = asked("", blank.clone()).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["reason"], "there is no table");
    let answer = asked("?format=csv", blank.clone()).await;
    assert_eq!(answer.status, 422);
    assert!(detail(&answer).starts_with("there is no table in the picture; "));
    // A rule is about no table here, so that it cannot be wrong.
    assert_eq!(asked("?rule=9:luhn", blank).await.status, 200);
}

#[tokio::test]
async fn a_rule_that_fits_no_table_is_refused() {
    let answer = asked("?rule=3:luhn&rule=4:luhn", ruled()).await;
    let said = detail(&answer);
    assert_eq!(answer.status, 400);
    assert_eq!(
        said,
        "the rule '4:luhn' names a column or row that no table has"
    );
}

#[tokio::test]
async fn what_is_not_understood_is_refused_before_the_picture_is_read() {
    let answer = asked("?tables=1", "text").await;
    assert_eq!(answer.status, 400);
    assert!(detail(&answer).starts_with("unknown parameter tables"));
    let answer = asked("", "text").await;
    assert_eq!(answer.status, 415);
}

#[tokio::test]
async fn several_pictures_are_a_list_but_no_csv() {
    let part = |bytes: &[u8]| {
        let head =
            "--edge\r\nContent-Disposition: form-data; name=\"a\"; filename=\"a.png\"\r\n\r\n";
        [head.as_bytes(), bytes, b"\r\n"].concat()
    };
    let form = |parts: &[Vec<u8>]| [&parts.concat()[..], b"--edge--\r\n"].concat();
    let sent = async |query: &str, parts: &[Vec<u8>]| {
        let path = format!("/api/tables{query}");
        let request = post(&path, "multipart/form-data; boundary=edge", form(parts));
        Answer::to(router(&SERVICE), request).await
    };
    let both = [part(&ruled()), part(b"text")];
    let list = sent("", &both).await.json();
    assert_eq!(
        (&list[0]["file"], list[0]["tables"][0]["rows"].as_u64()),
        (&"a.png".into(), Some(2))
    );
    assert_eq!(list[1]["error"]["status"], 415);
    let answer = sent("?format=csv", &both).await;
    assert_eq!(answer.status, 400);
    assert!(detail(&answer).contains("several pictures"));
    assert_eq!(sent("?format=csv", &both[..1]).await.status, 200);
}
