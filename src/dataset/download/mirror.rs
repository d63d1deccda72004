//! Mirrors on this machine, for tests.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

/// A mirror that gives these answers to the first requests, in this order, and then stops; returns
/// its address.
pub(super) fn mirror(answers: impl IntoIterator<Item = Vec<u8>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let answers: Vec<_> = answers.into_iter().collect();
    thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).unwrap();
            // A client that has read enough may have closed the connection.
            let _ = stream.write_all(&answer);
        }
    });
    format!("http://{address}/")
}

/// An answer with this body, which is claimed to have `length` bytes.
pub(super) fn ok(body: &[u8], length: usize) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}

/// An answer without a body.
pub(super) fn empty(status: &str, headers: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: 0\r\nConnection: close\r\n\r\n").into()
}
