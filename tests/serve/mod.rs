//! The service, from the view of its clients.

mod api;
mod bad_input;
mod hostile;
mod openapi;
mod runs;
mod tables;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use mnist_tch::model::checkpoint;
use mnist_tch::reader::Reader;
use mnist_tch::serve::{Collection, Folders, Limits, Service, serve};
use tch::Device;
use tokio::runtime::Runtime;

use crate::testenv::TestEnv;

/// A picture that is read as 5.
pub const FIVE: &[u8] = include_bytes!("../../data/five.png");

/// The program running as a service until this is dropped.
pub struct Program {
    pub child: Child,
    pub address: SocketAddr,
}

impl Program {
    /// Starts it on a free port, with these further arguments.
    pub fn start(env: &TestEnv, args: &[&str]) -> Self {
        let args = [&["serve", "--addr", "127.0.0.1:0"], args].concat();
        let mut command = env.command(&args);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("starting mnist-tch");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("its stdout");
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("its first line");
        let address = line
            .strip_prefix("http://")
            .and_then(|rest| rest.split(" ").next());
        let address = address.and_then(|address| address.parse().ok());
        Self {
            address: address.unwrap_or_else(|| panic!("no address in {line:?}")),
            child,
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The service within this process, with limits of its own, until the tests end.
pub fn start_with(limits: Limits) -> SocketAddr {
    start(limits, None)
}

/// The same, which may keep corrections.
pub fn start(limits: Limits, collection: Option<Collection>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("its address");
    thread::spawn(move || {
        let (net, description) = checkpoint::builtin(Device::Cpu).expect("the built-in model");
        let (reader, _) = Reader::builtin(Device::Cpu).expect("the built-in reader");
        let folders = Folders {
            runs: PathBuf::from("no-runs"),
            collection,
        };
        let service: Arc<Service> =
            Service::new((&net, &description), &reader, 0.5, folders, limits).expect("a service");
        let runtime = Runtime::new().expect("a runtime");
        let forever = std::future::pending();
        runtime
            .block_on(serve(listener, &service, forever))
            .expect("serving");
    });
    address
}

/// An HTTP response.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(other, _)| other == name)
            .map(|(_, value)| value.as_str())
    }

    /// The media type without its parameters.
    pub fn kind(&self) -> &str {
        let kind = self.header("content-type").unwrap_or_default();
        kind.split(';').next().unwrap_or_default()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|failure| panic!("{failure}: {}", String::from_utf8_lossy(&self.body)))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A raw connection.
pub fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("connecting");
    let patience = Some(Duration::from_secs(60));
    stream.set_read_timeout(patience).expect("a timeout");
    stream.set_write_timeout(patience).expect("a timeout");
    stream
}

/// Sends the head of a request and waits for the service's `100 Continue`.
pub fn await_continue(stream: &mut TcpStream, head: &str) {
    stream.write_all(head.as_bytes()).expect("sending a head");
    let mut answer = [0; "HTTP/1.1 100 Continue\r\n\r\n".len()];
    stream
        .read_exact(&mut answer)
        .expect("an answer to the head");
    assert!(answer.starts_with(b"HTTP/1.1 100"), "{answer:?}");
}

/// All that a connection receives until it is closed, as one reply.
pub fn reply_on(stream: &mut TcpStream) -> Reply {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).expect("an answer");
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
    let end = end.unwrap_or_else(|| panic!("no head in {:?}", String::from_utf8_lossy(&bytes)));
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1)?.parse().ok());
    let headers = lines.filter_map(|line| {
        let (name, value) = line.split_once(": ")?;
        Some((name.to_lowercase(), value.to_owned()))
    });
    Reply {
        status: status.expect("a status"),
        headers: headers.collect(),
        body: bytes[end + 4..].to_vec(),
    }
}

/// Sends a request with these header lines, and returns the answer.
pub fn request(address: SocketAddr, line: &str, headers: &[&str], body: &[u8]) -> Reply {
    let mut stream = connect(address);
    let mut head = format!("{line} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    for header in headers {
        head += &format!("{header}\r\n");
    }
    if !body.is_empty() {
        head += &format!("Content-Length: {}\r\n", body.len());
    }
    stream
        .write_all(format!("{head}\r\n").as_bytes())
        .expect("sending a head");
    // If the request is refused, the service need not read all of it.
    let _ = stream.write_all(body);
    reply_on(&mut stream)
}

pub fn get(address: SocketAddr, path: &str) -> Reply {
    request(address, &format!("GET {path}"), &[], &[])
}

pub fn post(address: SocketAddr, path: &str, kind: &str, body: &[u8]) -> Reply {
    let kind = format!("Content-Type: {kind}");
    request(address, &format!("POST {path}"), &[&kind], body)
}

/// A form with files, and its media type.
pub fn form(files: &[(&str, &[u8])]) -> (String, Vec<u8>) {
    let mut body = Vec::new();
    for (name, bytes) in files {
        let head = "--edge\r\nContent-Disposition: form-data; name=\"picture\"; filename=";
        body.extend(format!("{head}\"{name}\"\r\n\r\n").bytes());
        body.extend(*bytes);
        body.extend(b"\r\n");
    }
    body.extend(b"--edge--\r\n");
    ("multipart/form-data; boundary=edge".to_owned(), body)
}

/// Checks that the service still reads a picture.
#[track_caller]
pub fn assert_answers(address: SocketAddr) {
    let reply = post(address, "/api/read", "image/png", FIVE);
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.json()["digit"], 5);
}

/// Polls the metrics until they have these lines; the poll itself counts as a connection.
#[track_caller]
pub fn wait_for_metrics(address: SocketAddr, lines: &[&str]) {
    let mut polls = 0;
    loop {
        let metrics = get(address, "/metrics").text();
        let has = |line: &&str| metrics.lines().any(|other| other == *line);
        if lines.iter().all(has) {
            break;
        }
        polls += 1;
        assert!(polls < 20_000, "{metrics}");
    }
}
