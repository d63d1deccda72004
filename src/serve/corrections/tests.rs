use axum::Router;
use axum::body::Body;
use image::{GrayImage, Luma};
use tempfile::TempDir;

use super::super::testing::{self, Answer, get, png, post};
use super::*;
use crate::serve::{Collection, Folders, Limits, router};

/// A service that keeps corrections.
fn collecting(limits: Limits) -> (TempDir, Router) {
    let folder = tempfile::tempdir().unwrap();
    let folders = Folders {
        runs: "no-runs".into(),
        collection: Some(Collection::open(folder.path()).unwrap()),
    };
    let service = testing::service_with(folders, limits);
    (folder, router(&service))
}

fn cell(shade: u8) -> Vec<u8> {
    png(&GrayImage::from_pixel(30, 20, Luma([shade])))
}

async fn kept(app: &Router, query: &str, body: impl Into<Body>) -> Answer {
    let request = post(&format!("/api/corrections?{query}"), "image/png", body);
    Answer::to(app.clone(), request).await
}

#[tokio::test]
async fn a_correction_is_kept_with_its_label() {
    let (folder, app) = collecting(Limits::DEFAULT);
    let answer = kept(&app, "text=1%2C5&read=1%3F5", cell(9)).await;
    assert_eq!(answer.status, 201);
    let answer = answer.json();
    assert_eq!(
        (&answer["label"], &answer["pictures"]),
        (&json!("1,5"), &json!(1))
    );
    let answer = kept(&app, "text=", cell(8)).await.json();
    assert_eq!(
        (&answer["label"], &answer["pictures"]),
        (&json!("none"), &json!(2))
    );
    let file = answer["file"].as_str().unwrap();
    assert!(folder.path().join("images").join(file).is_file());
    let status = Answer::to(app, get("/api/corrections")).await.json();
    let folder = folder.path().to_str().unwrap();
    assert_eq!(status, json!({ "folder": folder, "pictures": 2 }));
}

#[tokio::test]
async fn what_is_no_correction_is_refused_and_nothing_written() {
    let (folder, app) = collecting(Limits {
        correction: 2000,
        ..Limits::DEFAULT
    });
    let long = format!("text={}", "1".repeat(41));
    for (query, body, status) in [
        ("text=1", b"text".to_vec(), 415),
        ("text=1", vec![], 400),
        ("text=1", vec![7; 2001], 413),
        ("text=1", cell(1)[..60].to_vec(), 422),
        ("", cell(1), 400),
        ("text=1&name=..%2Fa", cell(1), 400),
        ("text=a", cell(1), 400),
        ("text=..%2F..%2Fa", cell(1), 400),
        ("text=1%0A2", cell(1), 400),
        ("text=1%092", cell(1), 400),
        ("text=1+2", cell(1), 400),
        ("text=none", cell(1), 400),
        ("text=-", cell(1), 400),
        ("text=1&read=a", cell(1), 400),
        ("text=1&read=%09", cell(1), 400),
        (&long, cell(1), 400),
    ] {
        let answer = kept(&app, query, body).await;
        assert_eq!(answer.status, status, "{query}: {}", answer.text());
        assert!(answer.json()["detail"].is_string());
    }
    assert_eq!(
        std::fs::read_dir(folder.path().join("images"))
            .unwrap()
            .count(),
        0
    );
    assert!(!folder.path().join("labels.tsv").exists());
}

#[tokio::test]
async fn other_types_are_refused_so_that_no_foreign_page_can_send_one() {
    let (_folder, app) = collecting(Limits::DEFAULT);
    for kind in [
        "multipart/form-data; boundary=a",
        "text/plain",
        "image/png; a=b",
        "image/jpeg",
    ] {
        let answer = Answer::to(app.clone(), post("/api/corrections?text=1", kind, cell(1))).await;
        assert_eq!(answer.status, 415, "{kind}");
    }
    let bare = axum::http::Request::post("/api/corrections?text=1");
    let answer = Answer::to(app, bare.body(Body::from(cell(1))).unwrap()).await;
    assert_eq!(answer.status, 415);
}

#[tokio::test]
async fn without_a_folder_nothing_is_kept() {
    let app = router(&testing::service(Limits::DEFAULT));
    let answer = kept(&app, "text=1", cell(1)).await;
    assert_eq!(answer.status, 404);
    let said = answer.json()["detail"].as_str().unwrap().to_owned();
    assert_eq!(
        said,
        "corrections are not kept: start the service with --collect DIR"
    );
}

#[test]
fn a_full_disk_is_told_from_other_failures() {
    let status = |kind: ErrorKind| {
        let failure = anyhow::Error::from(std::io::Error::from(kind)).context("writing a.png");
        Problem::from(Refused::Storage(failure)).status
    };
    assert_eq!(status(ErrorKind::StorageFull), 507);
    assert_eq!(status(ErrorKind::PermissionDenied), 500);
    assert_eq!(Problem::from(Refused::Full("a".to_owned())).status, 507);
}
