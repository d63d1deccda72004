//! The service conforms to `/openapi.json`.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use mnist_tch::serve::{Collection, Limits};
use serde_json::{Value, json};

use super::{FIVE, Program, Reply, form, get, post, start, start_with};
use crate::testenv::{TestEnv, finished_run};

/// Checks a reply against the description of the operation; returns the status.
#[track_caller]
fn check(description: &Value, (method, path): (&str, &str), reply: &Reply) -> String {
    let status = reply.status.to_string();
    let responses = &description["paths"][path][method]["responses"];
    let mut response = &responses[&status];
    assert!(
        response.is_object(),
        "{method} {path} answers {status}: {}",
        reply.text()
    );
    if let Some(reference) = response["$ref"].as_str() {
        response = description
            .pointer(&reference[1..])
            .expect("what is referred to");
    }
    let schema = &response["content"][reply.kind()]["schema"];
    assert!(
        schema.is_object(),
        "{method} {path} {status} is {}",
        reply.kind()
    );
    if reply.kind().ends_with("json") {
        // References within the description stay valid.
        let mut whole = schema.clone();
        whole["components"] = description["components"].clone();
        let validator = jsonschema::validator_for(&whole).expect("a schema");
        let errors: Vec<String> = validator
            .iter_errors(&reply.json())
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{method} {path} {status}: {errors:?}");
    }
    for header in response["headers"].as_object().into_iter().flatten() {
        assert!(
            reply.header(&header.0.to_lowercase()).is_some(),
            "{status} without {}",
            header.0
        );
    }
    status
}

/// All responses in the description, except failures of the service itself.
fn promised(description: &Value) -> BTreeSet<(String, String)> {
    let paths = description["paths"].as_object().expect("paths").iter();
    let operations = paths.flat_map(|(path, item)| {
        let methods = item.as_object().expect("methods").values();
        methods.map(move |operation| (path, operation))
    });
    operations
        .flat_map(|(path, operation)| {
            let statuses = operation["responses"]
                .as_object()
                .expect("responses")
                .keys();
            statuses.map(|status| (path.clone(), status.clone()))
        })
        .filter(|(_, status)| status != "500")
        .collect()
}

/// Replies of every status that does not need small limits.
fn requests(address: SocketAddr, path: &str) -> Vec<Reply> {
    let jpeg = include_bytes!("../../data/eight.jpg");
    let (kind, files) = form(&[("5.png", FIVE), ("notes.txt", b"five")]);
    vec![
        post(address, path, "image/png", FIVE),
        post(address, path, &kind, &files),
        post(address, path, "image/png", b""),
        post(address, path, "text/plain", b"five"),
        post(address, path, "image/jpeg", &jpeg[..jpeg.len() / 2]),
    ]
}

/// An empty form with one box.
fn boxed() -> Vec<u8> {
    let is_line = |at: u32, from: u32, to: u32| at.abs_diff(from) < 2 || at.abs_diff(to) < 2;
    let form = image::GrayImage::from_fn(400, 300, |x, y| {
        let within = (98..302).contains(&x) && (98..142).contains(&y);
        let is_ink = within && (is_line(x, 100, 300) || is_line(y, 100, 140));
        image::Luma([if is_ink { 60 } else { 240 }])
    });
    let mut file = std::io::Cursor::new(vec![]);
    let written = form.write_to(&mut file, image::ImageFormat::Png);
    written.expect("a PNG");
    file.into_inner()
}

/// Replies of a service with small limits.
fn refusals(small: SocketAddr, path: &str) -> [Reply; 3] {
    let slow = ["Content-Type: image/png", "Content-Length: 9"];
    let many: Vec<String> = (0..120).map(|number| format!("x-{number}: a")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let line = format!("POST {path}");
    [
        post(small, path, "image/png", &[0; 200_000]),
        super::request(small, &line, &slow, &[]),
        super::request(small, &line, &many, &[]),
    ]
}

/// Replies of every status to a correction.
fn corrections(small: SocketAddr, limits: Limits) -> Vec<Reply> {
    let path = "/api/corrections?text=5";
    let collecting = |limits| {
        let folder = tempfile::tempdir().expect("a folder");
        let collection = Collection::open(folder.path()).expect("a collection");
        (start(limits, Some(collection)), folder)
    };
    let few = Limits {
        correction: 100_000,
        ..limits
    };
    let (keeping, _folder) = collecting(few.clone());
    let (busy, _folder) = collecting(Limits { bodies: 0, ..few });
    let full = tempfile::tempdir().expect("a folder");
    let header = "file\tlabel\tkind\tsource\tread\n";
    let rows: String = (0..100_000)
        .map(|number| format!("{number}.png\t1\tcell\tserve\t\n"))
        .collect();
    let list = full.path().join("labels.tsv");
    std::fs::write(list, format!("{header}{rows}")).expect("a list");
    let collection = Collection::open(full.path()).expect("a collection");
    let full = start(Limits::DEFAULT, Some(collection));
    let mut replies = vec![
        post(small, path, "image/png", FIVE),
        post(keeping, path, "image/png", FIVE),
        post(keeping, "/api/corrections", "image/png", FIVE),
        post(keeping, path, "text/plain", FIVE),
        post(keeping, path, "image/png", &FIVE[..FIVE.len() / 2]),
        post(busy, path, "image/png", FIVE),
        post(full, path, "image/png", FIVE),
    ];
    replies.extend(refusals(keeping, path));
    replies
}

#[test]
fn every_answer_conforms_to_its_description() {
    let folder = finished_run().parent().expect("a folder");
    let env = TestEnv::new();
    let program = Program::start(&env, &["--runs", folder.to_str().expect("a path in UTF-8")]);
    let description = get(program.address, "/openapi.json").json();
    assert!(
        description["info"]["version"]
            .as_str()
            .is_some_and(|version| !version.is_empty())
    );
    let limits = Limits {
        body: 100_000,
        queue: 1,
        body_time: Duration::from_millis(200),
        ..Limits::DEFAULT
    };
    let small = start_with(limits.clone());

    let mut seen = BTreeSet::new();
    let mut hold = |path: &str, method: &str, reply: &Reply| {
        let status = check(&description, (method, path), reply);
        seen.insert((path.to_owned(), status));
    };
    let two = form(&[("a", FIVE), ("b", FIVE)]);
    for path in ["/api/read", "/api/tables"] {
        for reply in requests(program.address, path) {
            hold(path, "post", &reply);
        }
        hold(path, "post", &post(small, path, &two.0, &two.1));
        for reply in refusals(small, path) {
            hold(path, "post", &reply);
        }
    }
    for query in ["top_k=3", "explain=true", "top_k=10&explain=true"] {
        for picture in [FIVE, include_bytes!("../../data/number.jpg")] {
            let path = format!("/api/read?{query}");
            let reply = post(program.address, &path, "image/png", picture);
            hold("/api/read", "post", &reply);
        }
    }
    for query in ["rule=1:luhn", "format=csv", "rule=luhn", "digits_only=true"] {
        let path = format!("/api/tables?{query}");
        let number = include_bytes!("../../data/number.jpg");
        hold(
            "/api/tables",
            "post",
            &post(program.address, &path, "image/jpeg", number),
        );
    }
    let path = "/api/form";
    for reply in requests(program.address, path) {
        hold(path, "post", &reply);
    }
    for reply in refusals(small, path) {
        hold(path, "post", &reply);
    }
    hold(
        path,
        "post",
        &post(program.address, path, "image/png", &boxed()),
    );
    let busy = start_with(Limits {
        bodies: 0,
        ..limits.clone()
    });
    hold(path, "post", &post(busy, path, "image/png", FIVE));
    let path = "/api/corrections";
    for reply in corrections(small, limits) {
        hold(path, "post", &reply);
    }
    hold(path, "get", &get(small, path));
    for path in [
        "/api/model",
        "/api/runs",
        "/healthz",
        "/metrics",
        "/openapi.json",
    ] {
        hold(path, "get", &get(program.address, path));
    }
    let picture = "/api/runs/{run}/{picture}";
    hold(
        picture,
        "get",
        &get(program.address, "/api/runs/run/curves.png"),
    );
    hold(
        picture,
        "get",
        &get(program.address, "/api/runs/none/curves.png"),
    );
    let promised = promised(&description);
    let missing: Vec<_> = promised.difference(&seen).collect();
    assert!(missing.is_empty(), "never answered: {missing:?}");
}

#[test]
fn the_description_has_no_dangling_references() {
    let address = start_with(Limits::DEFAULT);
    let description = get(address, "/openapi.json").json();
    assert_eq!(description["openapi"], "3.1.0");
    let mut rest = vec![&description];
    while let Some(value) = rest.pop() {
        match value {
            Value::Object(fields) => {
                if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
                    assert!(
                        description.pointer(&reference[1..]).is_some(),
                        "{reference}"
                    );
                }
                rest.extend(fields.values());
            }
            Value::Array(items) => rest.extend(items),
            _ => {}
        }
    }
    assert_eq!(
        description["components"]["schemas"]["Reading"]["additionalProperties"],
        json!(false)
    );
}
