//! Clients that are slow, greedy or broken: the next good request is still answered.

use std::io::{Cursor, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use mnist_tch::serve::Limits;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{
    FIVE, assert_answers, await_continue, connect, form, get, post, reply_on, start_with,
    wait_for_metrics,
};

/// The default limits, but with short timeouts.
fn short_timeouts() -> Limits {
    Limits {
        header_time: Duration::from_millis(400),
        body_time: Duration::from_millis(400),
        ..Limits::DEFAULT
    }
}

fn start_request(address: SocketAddr, text: &str) -> TcpStream {
    let mut stream = connect(address);
    stream.write_all(text.as_bytes()).expect("sending");
    stream
}

#[test]
fn slow_headers_and_idle_connections_are_closed() {
    let address = start_with(short_timeouts());
    let slow = start_request(address, "POST /api/read HTTP/1.1\r\nHost: h");
    let idle = start_request(address, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let silent = connect(address);
    assert_answers(address);
    for mut stream in [slow, idle, silent] {
        // Not before it is closed from the other side.
        stream
            .read_to_end(&mut Vec::new())
            .expect("the end of the connection");
    }
    assert_answers(address);
}

#[test]
fn a_foreign_host_name_is_refused() {
    let address = start_with(Limits::DEFAULT);
    let status_for = |host: &str| {
        let head = format!("GET /api/runs HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        reply_on(&mut start_request(address, &head)).status
    };
    assert_eq!(status_for("rebound.example"), 421);
    assert_eq!(status_for("localhost:8080"), 200);
    assert_eq!(status_for("127.0.0.1"), 200);
}

#[test]
fn too_many_headers_get_an_error() {
    let address = start_with(Limits::DEFAULT);
    let many: String = (0..120)
        .map(|number| format!("x-{number}: a\r\n"))
        .collect();
    let long = format!("x: {}\r\n", "a".repeat(40 << 10));
    for headers in [many, long] {
        let head = format!(
            "GET /healthz HTTP/1.1\r\nHost: localhost\r\n{headers}Connection: close\r\n\r\n"
        );
        let reply = reply_on(&mut start_request(address, &head));
        assert_eq!(
            (reply.status, reply.json()["status"].as_u64()),
            (431, Some(431))
        );
    }
    assert_answers(address);
}

#[test]
fn a_slow_body_gets_an_error() {
    let address = start_with(short_timeouts());
    let head = "POST /api/read HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nfive";
    let reply = reply_on(&mut start_request(address, head));
    assert_eq!(reply.status, 408, "{}", reply.text());
    assert_answers(address);
}

#[test]
fn huge_bodies_are_refused_by_their_length_and_by_their_bytes() {
    let limits = Limits {
        body: 100_000,
        ..Limits::DEFAULT
    };
    let address = start_with(limits);
    let huge = vec![7; 300_000];
    let reply = post(address, "/api/read", "image/png", &huge);
    assert_eq!(reply.status, 413, "{}", reply.text());
    // Without a length, in pieces.
    let mut stream = start_request(
        address,
        "POST /api/read HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
    for piece in huge.chunks(10_000) {
        let sent = write!(stream, "{:x}\r\n", piece.len())
            .and_then(|()| stream.write_all(piece))
            .and_then(|()| stream.write_all(b"\r\n"));
        sent.expect("sending a piece");
    }
    stream.write_all(b"0\r\n\r\n").expect("sending the end");
    assert_eq!(reply_on(&mut stream).status, 413);
    assert_answers(address);
}

#[test]
fn pictures_that_decompress_to_far_more_are_refused() {
    let address = start_with(Limits::DEFAULT);
    // A header of 60,000 by 60,000 pixels, as PNG and as BMP.
    let mut png = FIVE.to_vec();
    for at in [16, 20] {
        png[at..at + 4].copy_from_slice(&60_000u32.to_be_bytes());
    }
    let mut crc = flate2::Crc::new();
    crc.update(&png[12..29]);
    png[29..33].copy_from_slice(&crc.sum().to_be_bytes());
    let mut bmp = vec![0; 54];
    bmp[..2].copy_from_slice(b"BM");
    bmp[10] = 54;
    bmp[14] = 40;
    bmp[18..22].copy_from_slice(&60_000u32.to_le_bytes());
    bmp[22..26].copy_from_slice(&60_000u32.to_le_bytes());
    (bmp[26], bmp[28]) = (1, 24);
    for bomb in [png, bmp] {
        let reply = post(address, "/api/read", "image/png", &bomb);
        assert_eq!(reply.status, 413, "{}", reply.text());
    }
    assert_answers(address);
}

/// The same picture without compression, so that it tolerates changed bytes.
fn bmp() -> Vec<u8> {
    let picture = image::load_from_memory(FIVE)
        .expect("a picture")
        .thumbnail(60, 60);
    let mut bytes = Cursor::new(Vec::new());
    picture
        .write_to(&mut bytes, image::ImageFormat::Bmp)
        .expect("a BMP");
    bytes.into_inner()
}

/// Random bytes, and pictures and forms with some of their bytes changed or missing.
fn body(random: &mut ChaCha8Rng, bmp: &[u8]) -> (String, Vec<u8>) {
    let jpeg = include_bytes!("../../data/eight.jpg");
    let (kind, mut bytes) = match random.random_range(0..5) {
        0 => ("image/png".to_owned(), FIVE.to_vec()),
        1 => ("image/jpeg".to_owned(), jpeg[..4000].to_vec()),
        2 => ("image/bmp".to_owned(), bmp.to_vec()),
        3 => form(&[("a.png", FIVE), ("b", b"five")]),
        _ => (
            "application/octet-stream".to_owned(),
            vec![0; random.random_range(1..3000)],
        ),
    };
    let changes = match bytes.iter().all(|byte| *byte == 0) {
        true => bytes.len(),
        false => random.random_range(1..20),
    };
    for _ in 0..changes {
        let at = random.random_range(0..bytes.len());
        bytes[at] = random.next_u32() as u8;
    }
    if random.random_bool(0.5) {
        bytes.truncate(random.random_range(1..=bytes.len()));
    }
    (kind, bytes)
}

/// The end of a reply's head, and the length of its body.
fn head_of(reply: &[u8]) -> Option<(usize, usize)> {
    let end = reply.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&reply[..end]).to_lowercase();
    let length = head.split("content-length: ").nth(1)?;
    Some((end, length.split('\r').next()?.parse().ok()?))
}

/// Sends a request on a kept-alive connection, and returns the answer's status.
fn ask(stream: &mut TcpStream, path: &str, kind: &str, body: &[u8]) -> u16 {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream
        .write_all(&[head.as_bytes(), body].concat())
        .expect("sending a request");
    let (mut reply, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        if let Some((head, body)) = head_of(&reply)
            && reply.len() >= head + body
        {
            break;
        }
        let read = stream.read(&mut buffer).expect("an answer");
        assert!(read > 0, "the connection ended within an answer: {reply:?}");
        reply.extend(&buffer[..read]);
    }
    String::from_utf8_lossy(&reply[9..12])
        .parse()
        .expect("a status")
}

#[test]
fn ten_thousand_random_bodies_harm_nobody() {
    let address = start_with(Limits::DEFAULT);
    let (mut random, bmp) = (ChaCha8Rng::seed_from_u64(7), bmp());
    let mut stream = connect(address);
    let mut seen = std::collections::BTreeMap::new();
    for number in 0..10_000 {
        let (kind, body) = body(&mut random, &bmp);
        let path = ["/api/read", "/api/read?top_k=10", "/api/read?explain=true"][number % 3];
        let status = ask(&mut stream, path, &kind, &body);
        assert!(
            [200, 400, 413, 415, 422].contains(&status),
            "{status} for {kind} {body:?}"
        );
        *seen.entry(status).or_insert(0) += 1;
    }
    assert!(
        seen.len() >= 4 && seen[&200] > 500,
        "too few cases were tried: {seen:?}"
    );
    assert_answers(address);
}

#[test]
fn cut_connections_leave_nothing_behind() {
    let address = start_with(short_timeouts());
    let whole = format!(
        "POST /api/read HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n",
        FIVE.len()
    );
    let whole = [whole.as_bytes(), FIVE].concat();
    for cut in (1..=whole.len()).step_by(whole.len() / 100) {
        let mut stream = connect(address);
        stream.write_all(&whole[..cut]).expect("sending a part");
        stream.shutdown(Shutdown::Both).expect("closing");
    }
    assert_answers(address);
    // The last of them may take until its timeout.
    let nothing = [
        "mnist_tch_open_connections 1",
        "mnist_tch_waiting_pictures 0",
    ];
    wait_for_metrics(address, &nothing);
}

#[test]
fn a_client_that_never_reads_is_disconnected() {
    let limits = Limits {
        write_time: Duration::from_millis(300),
        ..Limits::DEFAULT
    };
    let address = start_with(limits);
    // Answers of 30 MB in all, which no buffer holds.
    let requests = "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(1500);
    let _unread = start_request(address, &requests);
    assert_answers(address);
    wait_for_metrics(address, &["mnist_tch_open_connections 1"]);
}

#[test]
fn connections_beyond_the_limit_get_an_error() {
    let limits = Limits {
        connections: 2,
        ..Limits::DEFAULT
    };
    let address = start_with(limits);
    let kept = [0, 1].map(|_| {
        let mut stream = connect(address);
        assert_eq!(ask(&mut stream, "/api/read", "image/png", FIVE), 200);
        stream
    });
    let refused = post(address, "/api/read", "image/png", FIVE);
    assert_eq!(refused.status, 503, "{}", refused.text());
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(refused.kind(), "application/problem+json");
    for mut stream in kept {
        stream
            .shutdown(Shutdown::Write)
            .expect("ending a connection");
        stream.read_to_end(&mut vec![]).expect("the service's end");
    }
    // Their places become free in a moment.
    let mut tries = 0;
    while post(address, "/api/read", "image/png", FIVE).status != 200 {
        tries += 1;
        assert!(
            tries < 10_000,
            "the places of closed connections stay taken"
        );
    }
}

#[test]
fn a_request_with_more_pictures_than_may_wait_is_refused_as_a_whole() {
    let limits = Limits {
        queue: 2,
        ..Limits::DEFAULT
    };
    let address = start_with(limits);
    let (kind, body) = form(&[("a", FIVE), ("b", FIVE), ("c", FIVE)]);
    let refused = post(address, "/api/read", &kind, &body);
    assert_eq!(refused.status, 503, "{}", refused.text());
    assert_eq!(refused.header("retry-after"), Some("1"));
    let metrics = get(address, "/metrics").text();
    assert!(
        metrics.contains("mnist_tch_refusals_total{reason=\"busy\"} 1"),
        "{metrics}"
    );
    assert_answers(address);
}

#[test]
fn bodies_take_no_more_memory_than_the_limit() {
    let limits = Limits {
        body: 1 << 20,
        bodies: 1 << 20,
        ..Limits::DEFAULT
    };
    let address = start_with(limits);
    // Part of a body reserves the memory for all of it.
    let mut first = connect(address);
    await_continue(
        &mut first,
        "POST /api/read HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: 100-continue\r\n\
         Content-Length: 1048576\r\n\r\n",
    );
    first
        .write_all(FIVE)
        .expect("sending the beginning of a body");
    let refused = post(address, "/api/read", "image/png", FIVE);
    assert_eq!(refused.status, 503, "{}", refused.text());
    first
        .write_all(&vec![0; (1 << 20) - FIVE.len()])
        .expect("sending the rest");
    assert_eq!(reply_on(&mut first).status, 200);
    assert_answers(address);
}
