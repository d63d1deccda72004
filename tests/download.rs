//! Fetching from mirrors on this machine, good and bad.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use flate2::{Compression, write::GzEncoder};
use mnist_tch::dataset::download::{Limits, MIRRORS, fetch};
use mnist_tch::dataset::files;

use crate::testenv::{TestEnv, folder_from, idx};

/// Enough for MNIST's largest file, with short timeouts.
const LIMITS: Limits = Limits {
    idle: Duration::from_secs(2),
    total: Duration::from_secs(60),
    bytes: 10_000_000,
};

const IMAGES: &str = "mnist/train-images-idx3-ubyte.gz";

/// A mirror that answers each request for `/NAME` by `answer`, each on its own thread, until the test
/// ends.
fn mirror(
    answer: impl Fn(&str, &mut TcpStream) -> io::Result<()> + Send + Sync + 'static,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("its address");
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            thread::spawn(move || answer(&requested(&mut stream)?, &mut stream));
        }
    });
    format!("http://{address}/")
}

fn requested(stream: &mut TcpStream) -> io::Result<String> {
    let mut request = [0; 4096];
    let length = stream.read(&mut request)?;
    let request = String::from_utf8_lossy(&request[..length]).into_owned();
    let path = request.split(' ').nth(1).unwrap_or_default();
    Ok(path.trim_start_matches('/').to_owned())
}

/// A mirror that gives the same answer to any request.
fn sending(answer: impl Into<Vec<u8>>) -> String {
    let answer = answer.into();
    mirror(move |_, stream| stream.write_all(&answer))
}

/// The same, keeping the connection open until the client closes it.
fn stalling_after(answer: &'static str) -> String {
    mirror(move |_, stream| {
        stream.write_all(answer.as_bytes())?;
        stream.read(&mut [0]).map(drop)
    })
}

/// A mirror that never stops.
fn endless(start: &'static str, more: &'static str) -> String {
    mirror(move |_, stream| {
        stream.write_all(start.as_bytes())?;
        let more = more.repeat(1000);
        loop {
            stream.write_all(more.as_bytes())?;
        }
    })
}

fn ok(body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(vec![], Compression::fast());
    encoder.write_all(content).expect("packing");
    encoder.finish().expect("packing")
}

/// Mirrors that are bad in every way, and what is reported of each.
fn bad_mirrors() -> Vec<(String, &'static str)> {
    let not_mnist = gzip(&idx(&[2], &[1, 2]));
    let bomb = gzip(&vec![0; 50_000_000]);
    vec![
        (
            sending("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
            "it answered 404",
        ),
        (
            sending("HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n"),
            "it redirects more than 5 times",
        ),
        (
            sending("HTTP/1.1 301 Moved Permanently\r\nLocation: http://example.org/\r\n\r\n"),
            "it redirects to http://example.org/, and only https: addresses are followed",
        ),
        (
            sending("HTTP/1.1 302 Found\r\nLocation: \r\n\r\n"),
            "it redirects to an invalid address",
        ),
        (sending(ok(&not_mnist)), "it sent something else (SHA-256 "),
        (
            sending(ok(b"<html>sign in to this network</html>")),
            "it sent something else: the file is damaged",
        ),
        (sending(ok(b"")), "it sent something else: "),
        (
            sending(ok(&bomb)),
            "it sent something else: it decompresses to more than 47040016 bytes",
        ),
        (
            endless(
                "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
                "7",
            ),
            "it sent more than 10000000 bytes",
        ),
        (
            endless(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                "4\r\nseven\r\n",
            ),
            "it does not speak HTTP",
        ),
        (
            endless(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                "5\r\nseven\r\n",
            ),
            "it sent more than 10000000 bytes",
        ),
        (
            endless("HTTP/1.1 200 OK\r\n\r\n", "seven"),
            "it sent more than 10000000 bytes",
        ),
        (stalling_after(""), "it sent nothing for 2 s"),
        (
            stalling_after("HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n\x1f"),
            "it sent nothing for 2 s",
        ),
        (
            sending("HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n\x1f"),
            "the connection closed early",
        ),
        (sending(""), "the connection closed early"),
        (sending("SSH-2.0-OpenSSH_9.6\r\n"), "it does not speak HTTP"),
        (endless("", "garbage"), "it does not speak HTTP"),
        (
            endless("HTTP/1.1 200 OK\r\n", "Again: and again\r\n"),
            "it does not speak HTTP",
        ),
        (
            endless("HTTP/1.1 200 OK\r\nLong: ", "longer"),
            "it sent more than 65536 bytes of headers",
        ),
    ]
}

#[test]
fn each_bad_mirror_is_reported_with_what_it_did_and_leaves_nothing_behind() {
    for (mirror, reported) in bad_mirrors() {
        let env = TestEnv::new();
        let failure = fetch(&env.path("mnist"), &[&mirror], &LIMITS, &mut |_| {});
        let text = format!("{:#}", failure.expect_err(reported));
        let start = format!(
            "fetching train-images-idx3-ubyte: {mirror}train-images-idx3-ubyte.gz: {reported}"
        );
        assert!(text.starts_with(&start), "{text}\ninstead of\n{start}");
        assert_eq!(env.files(), [""; 0]);
    }
}

#[test]
fn a_good_mirror_after_all_the_bad_ones_is_used_and_asked_first_from_then_on() {
    let Some(data) = folder_from("MNIST_TCH_DATA").map(PathBuf::from) else {
        return;
    };
    let env = TestEnv::new();
    let (bad, asked) = (bad_mirrors(), Arc::new(AtomicUsize::new(0)));
    let counter = Arc::clone(&asked);
    let counting = mirror(move |_, _| {
        counter.fetch_add(1, Ordering::Relaxed);
        Ok(())
    });
    let good = mirror(move |name, stream| stream.write_all(&ok(&fs::read(data.join(name))?)));
    // A mirror may redirect to a better one.
    let redirecting = mirror(move |name, stream| {
        write!(
            stream,
            "HTTP/1.1 307 Temporary Redirect\r\nLocation: {good}{name}\r\n\r\n"
        )
    });
    let bad = bad.iter().map(|(mirror, _)| mirror.as_str());
    let mirrors: Vec<&str> = bad.chain([&*counting, &*redirecting]).collect();
    let mut received = 0;
    let fetched = fetch(&env.path("mnist"), &mirrors, &LIMITS, &mut |progress| {
        received = received.max(progress.received)
    });
    assert_eq!(fetched.unwrap(), 4);
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    assert!(received > 9_000_000, "progress ended at {received} bytes");
    assert!(files::read(&env.path("mnist")).unwrap().is_mnist);
    // Complete: nothing is requested again.
    let again =
        |mirrors: &[&str]| fetch(&env.path("mnist"), mirrors, &LIMITS, &mut |_| {}).unwrap();
    assert_eq!(again(&[]), 0);
    // What an interruption left out is fetched, and nothing else.
    fs::remove_file(env.path("mnist/t10k-labels-idx1-ubyte.gz")).unwrap();
    assert_eq!(again(&[&redirecting]), 1);
    // So is what was damaged.
    let whole = fs::read(env.path(IMAGES)).unwrap();
    for damaged in [&whole[..0], &whole[..whole.len() - 1]] {
        env.write(IMAGES, damaged);
        assert_eq!(again(&[&redirecting]), 1);
        assert!(files::read(&env.path("mnist")).unwrap().is_mnist);
    }
}

#[test]
fn a_mirror_that_exceeds_the_total_time_is_abandoned() {
    let env = TestEnv::new();
    let mirror = stalling_after("HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n\x1f");
    let limits = Limits {
        idle: Duration::from_secs(60),
        total: Duration::from_millis(200),
        ..LIMITS
    };
    let failure = fetch(&env.path("mnist"), &[&mirror], &limits, &mut |_| {}).unwrap_err();
    let text = format!("{failure:#}");
    assert!(text.ends_with("it took longer than 0.2 s"), "{text}");
}

#[test]
fn only_encrypted_mirrors_are_asked() {
    assert!(MIRRORS.iter().all(|mirror| mirror.starts_with("https://")));
    let env = TestEnv::new();
    for mirror in ["http://example.org/", "ftp://127.0.0.1/", "/etc/"] {
        let failure = fetch(&env.path("mnist"), &[mirror], &LIMITS, &mut |_| {}).unwrap_err();
        let text = format!("{failure:#}");
        let reported = "train-images-idx3-ubyte.gz: only https: addresses are allowed";
        assert!(text.ends_with(reported), "{text}");
    }
}

#[test]
fn the_users_own_data_is_never_overwritten() {
    let env = TestEnv::new();
    fs::create_dir(env.path("mnist")).unwrap();
    let content = [
        ("train-images-idx3-ubyte", idx(&[10, 28, 28], &[9; 7840])),
        ("train-labels-idx1-ubyte", idx(&[10], &[3; 10])),
        ("t10k-images-idx3-ubyte", idx(&[10, 28, 28], &[9; 7840])),
        ("t10k-labels-idx1-ubyte", idx(&[10], &[3; 10])),
    ];
    for (name, content) in &content {
        env.write(&format!("mnist/{name}.gz"), &gzip(content));
    }
    let line = env.fail(&["download", "--data-dir", "mnist"]);
    assert!(
        line.contains("mnist holds a data set other than MNIST"),
        "{line}"
    );
    for (name, content) in &content {
        let path = env.path(&format!("mnist/{name}.gz"));
        assert_eq!(fs::read(path).unwrap(), gzip(content));
    }
}

#[test]
fn a_damaged_file_is_reported_with_its_remedy_and_kept_until_it_is_replaced() {
    let env = TestEnv::new();
    fs::create_dir(env.path("mnist")).unwrap();
    let cut = &gzip(&[1; 5000])[..20];
    env.write(IMAGES, cut);
    let line = env.fail(&["train", "--data-dir", "mnist"]);
    assert!(
        line.contains(&format!(
            "reading {IMAGES}: the file is damaged or cut short"
        )) && line.ends_with("; `mnist-tch download --data-dir mnist` fetches it again"),
        "{line}"
    );
    let line = env.fail(&["download", "--data-dir", "mnist"]);
    assert!(
        line.contains("fetching train-images-idx3-ubyte: 3 mirrors tried: "),
        "{line}"
    );
    assert_eq!(env.files(), [IMAGES]);
    assert_eq!(fs::read(env.path(IMAGES)).unwrap(), cut);
}
