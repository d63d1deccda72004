use std::sync::atomic::Ordering;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use super::super::service::PIECE;
use super::super::testing::{self, Pieces, post};
use super::*;
use crate::serve::Limits;

const LIMITS: Limits = Limits {
    body: 2000,
    bodies: 10 * PIECE,
    pictures: 3,
    header_time: Duration::from_secs(10),
    ..Limits::DEFAULT
};

static SERVICE: LazyLock<Arc<Service>> = LazyLock::new(|| testing::service(LIMITS));

async fn read_on(service: &Service, request: Request) -> Result<Uploads, (u16, String)> {
    let read = read(request, service).await;
    read.map_err(|problem| {
        let detail = problem.to_json()["detail"].as_str().unwrap().to_owned();
        (problem.status.as_u16(), detail)
    })
}

async fn refusal(request: Request) -> (u16, String) {
    read_on(&SERVICE, request).await.err().unwrap()
}

async fn uploads(request: Request) -> Uploads {
    read_on(&SERVICE, request).await.ok().unwrap()
}

/// A field of a form with these further headers.
fn field(disposition: &str, content: &str) -> String {
    format!("--edge\r\nContent-Disposition: form-data; {disposition}\r\n\r\n{content}\r\n")
}

fn form(fields: &[String]) -> Request {
    let body = format!("{}--edge--\r\n", fields.concat());
    post("/", "multipart/form-data; boundary=edge", body)
}

#[tokio::test]
async fn a_body_that_may_be_a_picture_is_one() {
    for kind in [
        "image/png",
        "IMAGE/x-other",
        "application/octet-stream; a=b",
    ] {
        let read = uploads(post("/", kind, "bytes")).await;
        assert!(!read.is_form && !read.is_from_curl_data, "{kind}");
        assert_eq!(read.pictures.len(), 1);
        assert_eq!(read.pictures[0].file, None);
        assert_eq!(read.pictures[0].bytes, "bytes");
    }
    let read = uploads(Request::new(Body::from("bytes"))).await;
    assert_eq!(read.pictures[0].bytes, "bytes");
    let read = uploads(post("/", "application/x-www-form-urlencoded", "bytes")).await;
    assert!(!read.is_form && read.is_from_curl_data);
    assert_eq!(read.pictures[0].bytes, "bytes");
}

#[tokio::test]
async fn other_types_are_refused() {
    for kind in ["text/plain", "video/mp4; a=image/png", "application/json"] {
        let (status, text) = refusal(post("/", kind, "bytes")).await;
        let claimed = kind.split(';').next().unwrap();
        assert!(
            status == 415 && text.starts_with(claimed),
            "{status} {text}"
        );
    }
}

#[tokio::test]
async fn the_files_of_a_form_are_read_in_their_order_without_its_texts() {
    let read = uploads(form(&[
        field("name=\"note\"", "text"),
        field("name=\"a\"; filename=\"b.png\"", "first"),
        field("name=\"c\"\r\nContent-Type: image/png", "second"),
        field("name=\"d\"\r\nContent-Type: text/plain", "text"),
        field(
            "name=\"e\"; filename=\"f.png\"\r\nContent-Type: image/png",
            "third",
        ),
    ]))
    .await;
    assert!(read.is_form && !read.is_from_curl_data);
    let pictures = read.pictures.iter();
    let pictures: Vec<_> = pictures
        .map(|upload| (upload.file.as_deref().unwrap(), &upload.bytes[..]))
        .collect();
    assert_eq!(
        pictures,
        [
            ("b.png", &b"first"[..]),
            ("c", b"second"),
            ("f.png", b"third")
        ]
    );
}

#[tokio::test]
async fn a_form_has_between_one_picture_and_the_limit() {
    let picture = |number| field(&format!("name=\"a\"; filename=\"{number}\""), "x");
    let pictures = |count| (0..count).map(picture).collect::<Vec<_>>();
    for count in 1..=3 {
        let read = uploads(form(&pictures(count))).await;
        assert_eq!(read.pictures.len(), count);
    }
    let (status, text) = refusal(form(&pictures(4))).await;
    assert_eq!(
        (status, &*text),
        (400, "a request may have 3 pictures at most")
    );
    let (status, text) = refusal(form(&[field("name=\"a\"", "text")])).await;
    assert_eq!((status, &*text), (400, "the form has no picture"));
    let (status, text) = refusal(post("/", "multipart/form-data; boundary=other", "--edge")).await;
    assert!(
        status == 400 && text.starts_with("reading the form: "),
        "{status} {text}"
    );
}

#[tokio::test]
async fn a_body_is_read_up_to_the_limit_whether_its_length_is_declared_or_not() {
    for (length, is_read) in [(1, true), (2000, true), (2001, false), (usize::MAX, false)] {
        let mut request = post("/", "image/png", vec![7; length.min(3000)]);
        let declared = length.to_string().parse().unwrap();
        request
            .headers_mut()
            .insert(header::CONTENT_LENGTH, declared);
        let read = read_on(&SERVICE, request).await;
        let status = read.as_ref().map_or_else(|(status, _)| *status, |_| 200);
        assert_eq!(status, if is_read { 200 } else { 413 }, "{length} bytes");
    }
    for (pieces, is_read) in [(20, true), (21, false)] {
        let request = post("/", "image/png", Body::new(Pieces::new(pieces)));
        assert_eq!(
            read_on(&SERVICE, request).await.is_ok(),
            is_read,
            "{pieces} pieces"
        );
    }
}

#[tokio::test]
async fn memory_is_held_for_the_declared_length_until_the_pictures_are_answered() {
    let service = testing::service(LIMITS);
    let free = || service.memory.available_permits();
    let declaring = |length: usize| {
        let mut request = post("/", "image/png", vec![7; length]);
        request
            .headers_mut()
            .insert(header::CONTENT_LENGTH, length.into());
        read_on(&service, request)
    };
    assert_eq!(free(), 10);
    let small = declaring(1024).await.ok().unwrap();
    assert_eq!(free(), 9);
    let large = declaring(1025).await.ok().unwrap();
    assert_eq!(free(), 7);
    // Without a length, for the limit.
    let unknown = read_on(&service, post("/", "image/png", "bytes")).await;
    assert_eq!((unknown.is_ok(), free()), (true, 5));
    let rest = service.memory.clone().try_acquire_many_owned(4).unwrap();
    let (status, _) = declaring(1025).await.err().unwrap();
    assert_eq!((status, free()), (503, 1));
    assert!(
        service
            .metrics
            .text()
            .unwrap()
            .contains("reason=\"busy\"} 1")
    );
    drop((small, large, unknown, rest));
    assert_eq!(free(), 10);
}

#[tokio::test]
async fn a_refused_body_is_received_up_to_eight_times_the_limit() {
    for (pieces, received) in [(150, 15_000), (500, 16_000)] {
        let (body, taken) = Pieces::new(pieces).watched();
        let (status, _) = refusal(post("/", "text/plain", body)).await;
        assert_eq!(status, 415);
        let taken = taken.load(Ordering::Relaxed);
        // The piece that exceeds the limit is received too.
        assert!(
            (received..=received + 100).contains(&taken),
            "{taken} bytes"
        );
    }
}

#[tokio::test]
async fn the_body_of_a_client_that_waits_for_consent_is_not_awaited() {
    let (body, taken) = Pieces::new(5).watched();
    let mut request = post("/", "text/plain", body);
    let consent = "100-continue".parse().unwrap();
    request.headers_mut().insert(header::EXPECT, consent);
    assert_eq!(refusal(request).await.0, 415);
    assert_eq!(taken.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_body_that_is_too_slow_is_given_up() {
    let service = testing::service(Limits {
        body_time: Duration::ZERO,
        ..LIMITS
    });
    let metrics = Arc::clone(&service.metrics);
    let is_refused = move || metrics.text().unwrap().contains("reason=\"time\"} 1");
    let (body, taken) = Pieces::new(5)
        .stalling_while(move || !is_refused())
        .watched();
    let refused = read_on(&service, post("/", "image/png", body)).await;
    let (status, text) = refused.err().unwrap();
    assert_eq!(
        (status, &*text),
        (408, "the body did not arrive within 0 s")
    );
    assert_eq!(taken.load(Ordering::Relaxed), 0);
    assert!(
        service
            .metrics
            .text()
            .unwrap()
            .contains("reason=\"time\"} 1")
    );
}

#[tokio::test]
async fn a_body_that_breaks_off_is_incomplete() {
    let body = Body::new(Pieces::new(5).breaking());
    let (status, text) = refusal(post("/", "image/png", body)).await;
    assert_eq!(
        (status, &*text),
        (400, "the body is incomplete: the cable was cut")
    );
}
