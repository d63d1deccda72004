//! The service's answers to valid and invalid requests.

use serde_json::Value;

use super::{FIVE, Program, assert_answers, form, get, post, request, wait_for_metrics};
use crate::testenv::TestEnv;

/// What `infer` prints about a picture of the repository.
fn inferred(env: &TestEnv, args: &[&str], picture: &str) -> Value {
    let path = format!("{}/data/{picture}", env!("CARGO_MANIFEST_DIR"));
    let printed = env.succeed(&[&["infer", "--json"], args, &[&path]].concat());
    serde_json::from_str(&printed).expect("JSON from infer")
}

fn picture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/data/{name}", env!("CARGO_MANIFEST_DIR"))).expect("a picture")
}

/// The same without the file's name.
fn without_file(mut answer: Value) -> Value {
    answer["file"] = Value::Null;
    answer
}

#[test]
fn answers_are_the_same_as_from_infer() {
    let env = TestEnv::new();
    let program = Program::start(&env, &[]);
    for name in ["five.png", "eight.jpg", "number.jpg"] {
        for (path, args) in [
            ("/api/read", &[][..]),
            ("/api/read?top_k=3", &["--top-k", "3"]),
        ] {
            let reply = post(program.address, path, "image/png", &picture(name));
            assert_eq!(reply.status, 200, "{}", reply.text());
            assert_eq!(
                reply.json(),
                without_file(inferred(&env, args, name)),
                "{name} {path}"
            );
        }
    }
}

#[test]
fn a_form_answers_each_of_its_files_and_says_which_cannot_be_read() {
    let env = TestEnv::new();
    let program = Program::start(&env, &[]);
    let (number, five) = (picture("number.jpg"), inferred(&env, &[], "five.png"));
    let files: [(&str, &[u8]); 3] = [("5.png", FIVE), ("notes.txt", b"five"), ("n.jpg", &number)];
    let (kind, body) = form(&files);
    let answers = post(program.address, "/api/read", &kind, &body).json();
    assert_eq!(answers.as_array().map(Vec::len), Some(3));
    assert_eq!(answers[0]["file"], "5.png");
    assert_eq!(without_file(answers[0].clone()), without_file(five));
    assert_eq!(answers[1]["file"], "notes.txt");
    assert_eq!(answers[1]["error"]["status"], 415);
    assert_eq!(answers[2]["text"], "314159 265358");
}

#[test]
fn an_explanation_has_what_the_network_saw_and_what_decided() {
    let program = Program::start(&TestEnv::new(), &[]);
    let path = "/api/read?explain=true";
    let answer = post(program.address, path, "image/png", FIVE).json();
    let numbers = |field: &str| -> Vec<f64> {
        let values = answer[field].as_array().expect("a list").iter();
        values
            .map(|value| value.as_f64().expect("a number"))
            .collect()
    };
    let (seen, decisive) = (numbers("seen"), numbers("decisive"));
    assert_eq!((seen.len(), decisive.len()), (1600, 1600));
    assert_eq!(seen.iter().copied().fold(0.0, f64::max), 255.0);
    assert!(
        decisive
            .iter()
            .zip(&seen)
            .all(|(value, ink)| *value == 0.0 || *ink > 0.0)
    );
    assert!(decisive.contains(&1.0));
    // Several digits are not explained, and on blank paper there is nothing to explain.
    let several = post(program.address, path, "image/jpeg", &picture("number.jpg")).json();
    assert!(several["seen"].is_null() && several["decisive"].is_null());
    let mut blank = std::io::Cursor::new(Vec::new());
    image::GrayImage::from_pixel(90, 90, image::Luma([255]))
        .write_to(&mut blank, image::ImageFormat::Png)
        .expect("a PNG");
    let answer = post(program.address, path, "image/png", blank.get_ref()).json();
    assert!(answer["seen"].is_null() && answer["digit"].is_null() && answer["reason"].is_string());
}

#[test]
fn invalid_requests_get_the_right_status() {
    let program = Program::start(&TestEnv::new(), &[]);
    let jpeg = picture("eight.jpg");
    let cut = &jpeg[..jpeg.len() / 2];
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1";
    for (path, kind, body, status) in [
        ("/api/read", "image/png", &b""[..], 400),
        ("/api/read?top_k=0", "image/png", FIVE, 400),
        ("/api/read?top_k=11", "image/png", FIVE, 400),
        ("/api/read?topk=3", "image/png", FIVE, 400),
        (
            "/api/read",
            "multipart/form-data; boundary=edge",
            b"--edge\r\n",
            400,
        ),
        ("/api/read", "multipart/form-data", b"--edge--\r\n", 400),
        (
            "/api/read",
            "multipart/form-data; boundary=edge",
            b"--edge--\r\n",
            400,
        ),
        ("/api/read", "image/png", b"five", 415),
        ("/api/read", "image/heic", heic, 415),
        ("/api/read", "text/plain", FIVE, 415),
        ("/api/read", "application/json", b"{}", 415),
        ("/api/read", "image/jpeg", cut, 422),
        ("/api/nothing", "image/png", FIVE, 404),
        ("/api/predict", "image/png", FIVE, 404),
        ("/api/number", "image/png", FIVE, 404),
        ("/api/runs/%ff/curves.png", "image/png", FIVE, 405),
        ("/api/model", "image/png", FIVE, 405),
    ] {
        let reply = post(program.address, path, kind, body);
        assert_eq!(reply.status, status, "{path} {kind}: {}", reply.text());
        assert_eq!(reply.kind(), "application/problem+json");
        assert_eq!(reply.json()["status"], status);
        let detail = reply.json()["detail"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        assert!(detail.len() > 10 && !detail.contains('\n'), "{detail}");
    }
    assert_answers(program.address);
}

#[test]
fn a_picture_stripped_by_curl_and_an_unknown_parameter_get_a_hint() {
    let env = TestEnv::new();
    let program = Program::start(&env, &[]);
    let stripped: Vec<u8> = FIVE
        .iter()
        .copied()
        .filter(|byte| !b"\r\n".contains(byte))
        .collect();
    let fields = "application/x-www-form-urlencoded";
    let detail = |path: &str, body: &[u8]| {
        let reply = post(program.address, path, fields, body);
        reply.json()["detail"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let said = detail("/api/read", &stripped);
    assert!(said.contains("--data-binary @FILE"), "{said}");
    assert_eq!(
        detail("/api/read", FIVE),
        "",
        "--data-binary says that it sends fields, too"
    );
    let said = detail("/api/read?topk=3", FIVE);
    assert_eq!(said, "unknown parameter topk; use top_k or explain");
}

#[test]
fn the_page_works_offline_and_is_guarded() {
    let program = Program::start(&TestEnv::new(), &[]);
    let index = get(program.address, "/");
    assert_eq!((index.status, index.kind()), (200, "text/html"));
    let text = index.text();
    let named = text.split(['"', '\'']).filter(|part| {
        [".css", ".js", ".svg"]
            .iter()
            .any(|ending| part.ends_with(ending))
    });
    let mut files: Vec<String> = named.map(str::to_owned).collect();
    assert!(files.len() >= 3, "{files:?}");
    let mut next = 0;
    while let Some(name) = files.get(next).cloned() {
        next += 1;
        let file = get(
            program.address,
            &format!("/{}", name.trim_start_matches("./")),
        );
        assert_eq!(file.status, 200, "{name}");
        let source = file.text();
        let foreign = source.replace("http://www.w3.org/", "");
        assert!(
            !foreign.contains("http://") && !foreign.contains("https://"),
            "{name}"
        );
        for part in source
            .split(['"', '\''])
            .filter(|part| part.ends_with(".js"))
        {
            if !files.iter().any(|file| file == part) {
                files.push(part.to_owned());
            }
        }
        let tag = file.header("etag").expect("a tag");
        let known = format!("If-None-Match: {tag}");
        let again = request(
            program.address,
            &format!("GET /{}", name.trim_start_matches("./")),
            &[&known],
            &[],
        );
        assert_eq!((again.status, again.body.len()), (304, 0), "{name}");
    }
    for path in ["/", "/api/model", "/nothing", "/page.js", "/metrics"] {
        let reply = get(program.address, path);
        let policy = reply.header("content-security-policy").expect("a policy");
        assert!(
            policy.contains("default-src 'none'") && !policy.contains("unsafe"),
            "{policy}"
        );
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(reply.header("referrer-policy"), Some("no-referrer"));
    }
}

#[test]
fn metrics_count_requests_batches_and_connections() {
    let program = Program::start(&TestEnv::new(), &[]);
    assert_answers(program.address);
    assert_answers(program.address);
    post(program.address, "/api/read", "text/plain", b"five");
    get(program.address, "/who/ever/asks/for/this");
    assert_eq!(get(program.address, "/healthz").status, 200);
    let reply = get(program.address, "/metrics");
    assert_eq!(reply.kind(), "application/openmetrics-text");
    // Answered connections are closed a moment later.
    wait_for_metrics(
        program.address,
        &[
            "mnist_tch_requests_total{method=\"POST\",path=\"/api/read\",status=\"200\"} 2",
            "mnist_tch_requests_total{method=\"POST\",path=\"/api/read\",status=\"415\"} 1",
            "mnist_tch_requests_total{method=\"GET\",path=\"other\",status=\"404\"} 1",
            "mnist_tch_request_seconds_count{path=\"/api/read\"} 3",
            "mnist_tch_batch_pictures_sum 2.0",
            "mnist_tch_waiting_pictures 0",
            "mnist_tch_open_connections 1",
        ],
    );
}
