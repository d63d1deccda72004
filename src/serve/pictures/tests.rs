use std::sync::LazyLock;

use axum::body::Body;
use image::{GrayImage, Luma};

use super::super::testing::{self, Answer, digit, png, post};
use super::*;
use crate::serve::{Limits, router};

static SERVICE: LazyLock<Arc<Service>> = LazyLock::new(|| testing::service(Limits::DEFAULT));

async fn answered(request: Request) -> (u16, Value) {
    let answer = Answer::to(router(&SERVICE), request).await;
    (answer.status.as_u16(), answer.json())
}

async fn asked(query: &str, kind: &str, body: impl Into<Body>) -> (u16, Value) {
    answered(post(&format!("/api/read{query}"), kind, body)).await
}

fn form(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = vec![];
    for (name, bytes) in files {
        let head = "--edge\r\nContent-Disposition: form-data; name=\"a\"; filename=";
        body.extend(format!("{head}\"{name}\"\r\n\r\n").bytes());
        body.extend(*bytes);
        body.extend(b"\r\n");
    }
    body.extend(b"--edge--\r\n");
    body
}

#[tokio::test]
async fn the_digit_in_a_picture_is_read() {
    let (picture, digit) = digit();
    let (status, answer) = asked("", "image/png", picture.clone()).await;
    assert_eq!((status, &answer["digit"]), (200, &json!(digit)));
    assert!(answer["file"].is_null());
    let fields: Vec<_> = answer.as_object().unwrap().keys().collect();
    assert!(!fields.contains(&&"seen".to_owned()), "{fields:?}");
    assert!(answer["digits"][0].get("top").is_none());
    let (_, answer) = asked("?top_k=3", "image/png", picture).await;
    let top = answer["digits"][0]["top"].as_array().unwrap();
    assert_eq!((top.len(), &top[0]["digit"]), (3, &json!(digit)));
}

#[tokio::test]
async fn an_answer_is_explained_by_what_the_network_saw() {
    let (picture, digit) = digit();
    let (_, answer) = asked("?explain=true", "image/png", picture.clone()).await;
    assert_eq!(answer["digit"], digit);
    let pixels = |name: &str| {
        let pixels = answer[name].as_array().unwrap().iter();
        pixels
            .map(|pixel| pixel.as_f64().unwrap())
            .collect::<Vec<_>>()
    };
    let (seen, decisive) = (pixels("seen"), pixels("decisive"));
    assert_eq!((seen.len(), decisive.len()), (784, 784));
    let image = image::load_from_memory(&picture).unwrap().to_luma8();
    assert!(
        image
            .iter()
            .zip(&seen)
            .all(|(pixel, seen)| f64::from(*pixel) == *seen)
    );
    let strongest = decisive.iter().map(|share| share.abs()).fold(0.0, f64::max);
    assert_eq!(strongest, 1.0);
}

#[tokio::test]
async fn a_blank_picture_has_nothing_to_explain() {
    let blank = png(&GrayImage::from_pixel(40, 40, Luma([250])));
    let (status, answer) = asked("?explain=true", "image/png", blank).await;
    assert_eq!((status, &answer["text"]), (200, &json!("")));
    assert!(answer["seen"].is_null() && answer["decisive"].is_null());
}

#[tokio::test]
async fn each_file_of_a_form_has_its_answer_or_its_error() {
    let (picture, digit) = digit();
    let body = form(&[("a.png", &picture), ("b.txt", b"text"), ("c.png", &picture)]);
    let (status, answers) = asked("", "multipart/form-data; boundary=edge", body).await;
    assert_eq!(status, 200);
    let answers = answers.as_array().unwrap();
    let files: Vec<_> = answers.iter().map(|answer| &answer["file"]).collect();
    assert_eq!(files, ["a.png", "b.txt", "c.png"]);
    let digits: Vec<_> = answers.iter().map(|answer| &answer["digit"]).collect();
    assert_eq!(digits, [&json!(digit), &Value::Null, &json!(digit)]);
    assert_eq!(answers[1]["error"]["status"], 415);
}

#[tokio::test]
async fn what_curl_spoilt_is_reported_with_the_remedy() {
    let (status, answer) = asked("", "application/x-www-form-urlencoded", "text").await;
    let hinted = answer["detail"].as_str().unwrap().to_owned();
    assert!(
        status == 415 && hinted.contains("--data-binary"),
        "{answer}"
    );
    let (status, answer) = asked("", "image/png", "text").await;
    let plain = answer["detail"].as_str().unwrap();
    assert!(status == 415 && !plain.contains("curl"), "{answer}");
}

#[tokio::test]
async fn parameters_are_checked() {
    let (picture, _) = digit();
    for (query, status, detail) in [
        ("?top_k=0", 400, "top_k is 1 to 10, not 0"),
        ("?top_k=11", 400, "top_k is 1 to 10, not 11"),
        (
            "?topk=1",
            400,
            "unknown parameter topk; use top_k or explain",
        ),
    ] {
        let (found, answer) = asked(query, "image/png", picture.clone()).await;
        assert_eq!((found, &answer["detail"]), (status, &json!(detail)));
    }
    for query in ["?top_k=1", "?top_k=10"] {
        assert_eq!(asked(query, "image/png", picture.clone()).await.0, 200);
    }
    let (status, answer) = asked("?top_k=many", "image/png", picture).await;
    let text = answer["detail"].as_str().unwrap();
    assert!(status == 400 && text.contains("top_k"), "{text}");
    assert_eq!(in_words("other failure"), "other failure");
}

#[tokio::test]
async fn more_pictures_than_may_wait_are_refused_at_once() {
    let service = testing::service(Limits {
        queue: 1,
        ..Limits::DEFAULT
    });
    let (picture, _) = digit();
    let two = form(&[("a.png", &picture), ("b.png", &picture)]);
    let request = post("/api/read", "multipart/form-data; boundary=edge", two);
    let answer = Answer::to(router(&service), request).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("retry-after")),
        (503, "1")
    );
    assert!(
        service
            .metrics
            .text()
            .unwrap()
            .contains("reason=\"busy\"} 1")
    );
    let one = post("/api/read", "image/png", picture);
    assert_eq!(Answer::to(router(&service), one).await.status, 200);
}

#[test]
fn shares_are_rounded_to_thousandths() {
    let explanation = Explanation {
        seen: GrayImage::new(2, 2),
        decisive: vec![0.123_4, -0.987_6, 1.0, 0.0],
    };
    assert_eq!(shares(&explanation), [0.123, -0.988, 1.0, 0.0]);
}
