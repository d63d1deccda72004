//! What keeps the service from starting, and how it ends.

use std::io::{Read, Write};
use std::net::TcpListener;

use super::{FIVE, Program, await_continue, connect, reply_on};
use crate::testenv::TestEnv;

#[test]
fn failures_to_start_are_reported_in_one_clear_line() {
    let env = TestEnv::new();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("its address").to_string();
    let in_use = env.fail(&["serve", "--addr", &address]);
    assert!(
        in_use.contains(&address) && in_use.contains("--addr"),
        "{in_use}"
    );
    for wrong in ["192.0.2.1:8080", "nowhere.invalid:80", "a:b:80"] {
        let line = env.fail(&["serve", "--addr", wrong]);
        assert!(line.contains(wrong) && line.contains("--addr"), "{line}");
    }
    let ran = env.run(&["serve", "--addr", "127.0.0.1:99999"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(ran.stderr.contains("99999 is not a port"), "{}", ran.stderr);
    env.write("broken.safetensors", b"five");
    let file = env.fail(&[
        "serve",
        "--addr",
        "127.0.0.1:0",
        "--runs",
        "broken.safetensors",
    ]);
    assert!(
        file.contains("broken.safetensors") && file.contains("--runs"),
        "{file}"
    );
    let any = ["serve", "--addr", "127.0.0.1:0", "--model"];
    for model in ["broken.safetensors", "missing.safetensors"] {
        let line = env.fail(&[&any[..], &[model]].concat());
        assert!(line.contains(model), "{line}");
    }
}

#[test]
fn a_folder_that_cannot_be_kept_to_is_reported_at_once() {
    let env = TestEnv::new();
    env.write("file", b"five");
    let any = ["serve", "--addr", "127.0.0.1:0", "--collect"];
    for folder in ["file", "file/below"] {
        let line = env.fail(&[&any[..], &[folder]].concat());
        let expected = format!("--collect {folder}: making the folder {folder}: ");
        assert!(line.starts_with(&format!("error: {expected}")), "{line}");
    }
    env.write("labels.tsv", b"file\tlabel\tkind\tsource\n");
    let line = env.fail(&[&any[..], &["."]].concat());
    assert!(
        line.ends_with("name another folder with --collect"),
        "{line}"
    );
    let _first = Program::start(&env, &["--collect", "kept"]);
    let line = env.fail(&[&any[..], &["kept"]].concat());
    assert!(
        line.contains("another mnist-tch is at work in kept"),
        "{line}"
    );
}

/// The first signal lets requests in flight finish, and the exit code is 0.
#[cfg(unix)]
#[test]
fn a_signal_lets_requests_in_flight_finish() {
    for signal in [libc::SIGTERM, libc::SIGHUP] {
        finishes_after(signal);
    }
}

fn finishes_after(signal: i32) {
    let env = TestEnv::new();
    let mut program = Program::start(&env, &[]);
    let (mut asking, mut idle) = (connect(program.address), connect(program.address));
    let head = format!(
        "POST /api/read HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n",
        FIVE.len()
    );
    let (first, rest) = FIVE.split_at(FIVE.len() / 2);
    await_continue(&mut asking, &head);
    asking.write_all(first).expect("sending half of a picture");
    idle.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .expect("sending a request");
    // It is answered, so the service has this connection too.
    idle.read_exact(&mut [0])
        .expect("the beginning of an answer");

    // SAFETY: the process is this test's own, and has not been waited for.
    let sent = unsafe { libc::kill(program.child.id() as libc::pid_t, signal) };
    assert_eq!(sent, 0);
    // An idle connection is closed at once.
    idle.read_to_end(&mut Vec::new())
        .expect("the end of the connection");
    asking.write_all(rest).expect("sending the other half");
    let reply = reply_on(&mut asking);
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.json()["digit"], 5);
    assert_eq!(program.child.wait().expect("its end").code(), Some(0));
}
