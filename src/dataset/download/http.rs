//! Download of one file over HTTPS, with limits on time and size.

use std::io::{ErrorKind, Read};
use std::net::IpAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail, ensure};
use ureq::http::header::LOCATION;
use ureq::http::{Response, Uri};
use ureq::{Agent, Body, Error, Timeout};

/// Limits of a download.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The longest wait for a connection, a response, or more data.
    pub idle: Duration,
    /// The longest total time, including redirects.
    pub total: Duration,
    /// The largest size in bytes.
    pub bytes: u64,
}

impl Limits {
    /// MNIST's largest file has 9.9 MB: 33 kB/s are fast enough, and a response of three times that
    /// size is not MNIST.
    pub const DEFAULT: Self = Self {
        idle: Duration::from_secs(20),
        total: Duration::from_secs(300),
        bytes: 32 << 20,
    };
}

/// The most redirects that are followed.
const REDIRECTS: usize = 5;

/// Downloads `url`, reporting the bytes received and, if known, the total.
///
/// # Errors
/// When the address, or one that it redirects to, is not HTTPS (plain `http:` is allowed for this
/// machine itself), a limit is exceeded, or the response is missing or incomplete. The message
/// refers to the server as "it": callers add the address.
pub fn get(
    url: &str,
    limits: &Limits,
    on_progress: &mut dyn FnMut(u64, Option<u64>),
) -> Result<Vec<u8>> {
    let mut response = follow(url, limits)?;
    let total = response.body().content_length();
    if total.is_some_and(|total| total > limits.bytes) {
        return Err(describe(Error::BodyExceedsLimit(limits.bytes), limits));
    }
    let body = response.body_mut().with_config().limit(limits.bytes);
    let (mut reader, mut received, mut chunk) = (body.reader(), Vec::new(), [0; 1 << 16]);
    loop {
        on_progress(received.len() as u64, total);
        let count = reader.read(&mut chunk);
        match count.map_err(|failure| describe(failure.into(), limits))? {
            0 => return Ok(received),
            count => received.extend_from_slice(&chunk[..count]),
        }
    }
}

/// Follows redirects to the final response. Each address is checked before it is requested.
fn follow(url: &str, limits: &Limits) -> Result<Response<Body>> {
    let start = Instant::now();
    let mut address: Uri = url.parse().context("it is not a valid address")?;
    ensure!(
        is_trusted(&address, &address),
        "only https: addresses are allowed"
    );
    for _ in 0..=REDIRECTS {
        let agent: Agent = Agent::config_builder()
            .max_redirects(0)
            .timeout_global(Some(limits.total.saturating_sub(start.elapsed())))
            .timeout_resolve(Some(limits.idle))
            .timeout_connect(Some(limits.idle))
            .timeout_per_write(Some(limits.idle))
            .timeout_per_read(Some(limits.idle))
            .build()
            .into();
        let response = agent.get(&address).call();
        let response = response.map_err(|failure| describe(failure, limits))?;
        if !response.status().is_redirection() {
            return Ok(response);
        }
        let next = target(&address, &response).context("it redirects to an invalid address")?;
        ensure!(
            is_trusted(&next, &address),
            "it redirects to {next}, and only https: addresses are followed"
        );
        address = next;
    }
    bail!("it redirects more than {REDIRECTS} times")
}

/// Whether an address is HTTPS, or one of this machine that no HTTPS address redirected to.
fn is_trusted(address: &Uri, from: &Uri) -> bool {
    let host = address.host().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let is_here = host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    match address.scheme_str() {
        Some("https") => true,
        Some("http") => is_here && from.scheme_str() == Some("http"),
        _ => false,
    }
}

/// Where a response redirects to: an address, or a path on the same host.
fn target(from: &Uri, response: &Response<Body>) -> Option<Uri> {
    let location = response.headers().get(LOCATION)?.to_str().ok()?;
    let mut parts = location.parse::<Uri>().ok()?.into_parts();
    parts.scheme = parts.scheme.or_else(|| from.scheme().cloned());
    parts.authority = parts.authority.or_else(|| from.authority().cloned());
    Uri::from_parts(parts).ok()
}

/// An error of the HTTP client in plain words.
fn describe(failure: Error, limits: &Limits) -> anyhow::Error {
    match failure {
        Error::Timeout(Timeout::Global) => {
            anyhow!("it took longer than {} s", limits.total.as_secs_f64())
        }
        Error::Timeout(_) => anyhow!("it sent nothing for {} s", limits.idle.as_secs_f64()),
        Error::StatusCode(status) => anyhow!("it answered {status}"),
        Error::BodyExceedsLimit(max) => anyhow!("it sent more than {max} bytes"),
        Error::LargeResponseHeader(_, max) => {
            anyhow!("it sent more than {max} bytes of headers")
        }
        Error::HostNotFound => anyhow!("its host was not found"),
        Error::Protocol(failure) => anyhow!(failure).context("it does not speak HTTP"),
        Error::Io(failure) => match failure.kind() {
            ErrorKind::UnexpectedEof
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted => {
                anyhow!("the connection closed early")
            }
            _ => anyhow!(failure).context("it cannot be reached"),
        },
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::mirror::{empty, mirror, ok};
    use super::*;

    const LIMITS: Limits = Limits {
        idle: Duration::from_secs(20),
        total: Duration::from_secs(60),
        bytes: 1000,
    };

    /// Bytes received, and in total if known.
    type Progress = Vec<(u64, Option<u64>)>;

    /// What is got from a mirror with these answers, or why not, and the progress that is reported.
    fn got(answers: impl IntoIterator<Item = Vec<u8>>) -> (Result<Vec<u8>, String>, Progress) {
        let mut progress = vec![];
        let got = get(&mirror(answers), &LIMITS, &mut |received, total| {
            progress.push((received, total));
        });
        (got.map_err(|failure| format!("{failure:#}")), progress)
    }

    fn failure(answers: impl IntoIterator<Item = Vec<u8>>) -> String {
        got(answers).0.unwrap_err()
    }

    #[test]
    fn a_body_is_received_whole_up_to_the_limit() {
        let body: Vec<u8> = (0..1000_u32).map(|byte| (byte % 251) as u8).collect();
        for length in [1, 999, 1000] {
            let (received, progress) = got([ok(&body[..length], length)]);
            assert_eq!(received.unwrap(), body[..length]);
            let total = length as u64;
            assert_eq!(progress.first(), Some(&(0, Some(total))));
            assert_eq!(progress.last(), Some(&(total, Some(total))));
        }
    }

    #[test]
    fn a_body_beyond_the_limit_is_refused_before_it_is_received() {
        let (received, progress) = got([ok(&[7; 1001], 1001)]);
        assert_eq!(received.unwrap_err(), "it sent more than 1000 bytes");
        assert_eq!(progress, []);
        let endless = [&b"HTTP/1.1 200 OK\r\n\r\n"[..], &[7; 1001]].concat();
        assert_eq!(failure([endless]), "it sent more than 1000 bytes");
    }

    #[test]
    fn an_incomplete_or_refused_answer_is_described() {
        let early = "the connection closed early";
        assert_eq!(failure([ok(b"half", 8)]), early);
        assert_eq!(failure([vec![]]), early);
        assert_eq!(failure([empty("404 Not Found", "")]), "it answered 404");
        let text = failure([b"SSH-2.0-OpenSSH_9.6\r\n".to_vec()]);
        assert!(text.starts_with("it does not speak HTTP"), "{text}");
    }

    #[test]
    fn a_few_redirects_are_followed() {
        let redirect = || empty("302 Found", "Location: /next\r\n");
        let redirects = |count| std::iter::repeat_with(redirect).take(count);
        let (received, _) = got(redirects(REDIRECTS).chain([ok(b"here", 4)]));
        assert_eq!(received.unwrap(), b"here");
        let text = failure(redirects(REDIRECTS + 1));
        assert_eq!(text, "it redirects more than 5 times");
        let away = empty("301 Moved Permanently", "Location: http://example.org/\r\n");
        let text = failure([away]);
        assert!(
            text.starts_with("it redirects to http://example.org/"),
            "{text}"
        );
    }

    #[test]
    fn the_default_limits_suit_mnist() {
        // Its largest file has 9,912,422 bytes.
        assert!((9_912_422..100_000_000).contains(&Limits::DEFAULT.bytes));
    }

    #[test]
    fn errors_are_told_apart() {
        let described = |failure| describe(failure, &LIMITS).to_string();
        let global = described(Error::Timeout(Timeout::Global));
        assert_eq!(global, "it took longer than 60 s");
        let idle = described(Error::Timeout(Timeout::Connect));
        assert_eq!(idle, "it sent nothing for 20 s");
        let io = |kind: ErrorKind| described(Error::Io(kind.into()));
        assert_eq!(
            io(ErrorKind::ConnectionReset),
            "the connection closed early"
        );
        assert_eq!(io(ErrorKind::ConnectionRefused), "it cannot be reached");
        assert_eq!(described(Error::HostNotFound), "its host was not found");
    }

    #[test]
    fn only_https_addresses_and_this_machine_are_trusted() {
        let trusted = |address: &'static str, from: &'static str| {
            is_trusted(&Uri::from_static(address), &Uri::from_static(from))
        };
        for address in [
            "https://example.org/",
            "http://127.0.0.1:80/",
            "http://[::1]/",
        ] {
            assert!(trusted(address, address), "{address}");
        }
        for address in [
            "http://example.org/",
            "http://127.0.0.1.example.org/",
            "http://127.0.0.1@example.org/",
            "http://0.0.0.0/",
            "ftp://127.0.0.1/",
            "/etc/passwd",
        ] {
            assert!(!trusted(address, address), "{address}");
        }
        assert!(
            !trusted("http://127.0.0.1/", "https://example.org/"),
            "a redirect left HTTPS"
        );
        assert!(trusted("https://example.com/", "https://example.org/"));
    }

    #[test]
    fn redirects_to_addresses_and_to_paths_on_the_same_host_are_followed() {
        let from = Uri::from_static("https://example.org/a/b?c");
        let target = |location: &str| {
            let response = Response::builder().header(LOCATION, location);
            let response = response.body(Body::builder().data("")).unwrap();
            target(&from, &response).map(|uri| uri.to_string())
        };
        let elsewhere = "https://example.com/x";
        assert_eq!(target(elsewhere).as_deref(), Some(elsewhere));
        assert_eq!(target("/x?y").as_deref(), Some("https://example.org/x?y"));
        assert_eq!(target("x"), None);
        assert_eq!(target(""), None);
    }
}
