//! Fetching from mirrors on this machine, good and bad.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::thread;

use mnist_tch::dataset::download::fetch;
use mnist_tch::dataset::files;

use crate::testenv::{TestEnv, folder_from};

/// A mirror that answers each request for `/NAME` with what `answer` says, until the test ends.
fn mirror(answer: impl Fn(&str) -> Vec<u8> + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("its address");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = serve(stream, &answer);
        }
    });
    format!("http://{address}/")
}

fn serve(mut stream: TcpStream, answer: &dyn Fn(&str) -> Vec<u8>) -> std::io::Result<()> {
    let mut request = [0; 4096];
    let length = stream.read(&mut request)?;
    let request = String::from_utf8_lossy(&request[..length]).into_owned();
    let name = request
        .split(' ')
        .nth(1)
        .unwrap_or_default()
        .trim_start_matches('/');
    stream.write_all(&answer(name))
}

fn ok(body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

#[test]
fn mirrors_that_fail_lie_or_break_off_leave_nothing_behind() {
    let env = TestEnv::new();
    let mirrors = [
        mirror(|_| b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec()),
        mirror(|_| ok(b"<html>sign in to this network</html>")),
        mirror(|_| b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n\x1f\x8b".to_vec()),
        mirror(|_| vec![]),
    ];
    let mirrors: Vec<&str> = mirrors.iter().map(String::as_str).collect();
    let failure = fetch(&env.path("mnist"), &mirrors, &mut |_| {}).unwrap_err();
    let text = format!("{failure:#}");
    assert!(text.contains("fetching train-images-idx3-ubyte"), "{text}");
    for mirror in mirrors {
        assert!(text.contains(mirror), "{mirror} is not named in: {text}");
    }
    assert_eq!(env.files(), [""; 0]);
}

#[test]
fn a_good_mirror_behind_a_lying_one_delivers_all_four_files() {
    let Some(data) = folder_from("MNIST_TCH_DATA").map(PathBuf::from) else {
        return;
    };
    let env = TestEnv::new();
    let mirrors = [
        mirror(|_| ok(b"")),
        mirror(move |name| match std::fs::read(data.join(name)) {
            Ok(content) => ok(&content),
            Err(_) => b"HTTP/1.1 404 Not Found\r\n\r\n".to_vec(),
        }),
    ];
    let mirrors: Vec<&str> = mirrors.iter().map(String::as_str).collect();
    let mut received = 0;
    fetch(&env.path("mnist"), &mirrors, &mut |progress| {
        received = received.max(progress.received)
    })
    .unwrap();
    assert!(received > 9_000_000, "progress ended at {received} bytes");
    assert!(files::read(&env.path("mnist")).unwrap().is_mnist);
    // Complete: nothing is asked for again.
    assert_eq!(fetch(&env.path("mnist"), &[], &mut |_| {}).unwrap(), 0);
    // What an interruption left out is fetched, and nothing else.
    std::fs::remove_file(env.path("mnist/t10k-labels-idx1-ubyte.gz")).unwrap();
    assert_eq!(fetch(&env.path("mnist"), &mirrors, &mut |_| {}).unwrap(), 1);
}
