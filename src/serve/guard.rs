//! What applies to every request: limits, security headers and metrics.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::metrics::Metrics;
use super::problem::Problem;

/// Scripts, styles and requests of this origin only; no other page may frame this one.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=()",
    ),
];

/// The maximum number of headers of a request.
const MAX_HEADERS: usize = 100;

/// The maximum size of all of them.
const HEADER_BYTES: usize = 32 << 10;

/// Refuses more headers than any browser or program sends; far more are cut off unread.
pub(super) async fn limit_headers(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let lengths = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len());
    if headers.len() <= MAX_HEADERS && lengths.sum::<usize>() <= HEADER_BYTES {
        return next.run(request).await;
    }
    let detail = format!(
        "a request may have at most {MAX_HEADERS} headers, {} KB in total",
        HEADER_BYTES >> 10
    );
    Problem::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, detail).into_response()
}

/// Refuses requests for foreign host names if only this machine is to be served: otherwise any page in a
/// browser here could read the answers, by a name that resolves to this machine (DNS rebinding).
pub(super) async fn local_only(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST);
    match host.is_none_or(|host| host.to_str().is_ok_and(is_local)) {
        true => next.run(request).await,
        false => {
            let detail = "the service listens on this machine only: use localhost or its address";
            Problem::new(StatusCode::MISDIRECTED_REQUEST, detail).into_response()
        }
    }
}

/// Whether a host, with or without a port, names this machine.
fn is_local(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else {
        return false;
    };
    let name = authority.host();
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || address
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// Adds the security headers.
pub(super) async fn secure(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let fresh = HeaderValue::from_static("no-store");
    headers.entry(header::CACHE_CONTROL).or_insert(fresh);
    response
}

/// Counts and times the request.
pub(super) async fn measure(
    State(metrics): State<Arc<Metrics>>,
    request: Request,
    next: Next,
) -> Response {
    let start = Instant::now();
    let method = known(request.method());
    // Paths as in the router, so that clients cannot add new ones.
    let path = request.extensions().get::<MatchedPath>();
    let path = path.map_or("other", MatchedPath::as_str).to_owned();
    let response = next.run(request).await;
    metrics.answered(method, &path, response.status().as_u16(), start.elapsed());
    response
}

fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::middleware::{from_fn, from_fn_with_state};
    use axum::routing::any;

    use super::super::testing::Answer;
    use super::*;

    #[test]
    fn only_loopback_names_are_local() {
        for local in [
            "localhost",
            "LOCALHOST:8080",
            "127.0.0.1:1",
            "127.1.2.3",
            "[::1]:8080",
            "[::1]",
        ] {
            assert!(is_local(local), "{local}");
        }
        for foreign in [
            "evil.example",
            "localhost.evil.example",
            "192.0.2.1:8080",
            "[2001:db8::1]",
            "",
            "a b",
        ] {
            assert!(!is_local(foreign), "{foreign:?}");
        }
    }

    /// What a handler that always answers `ok` answers through `layered`.
    async fn through(layered: impl FnOnce(Router) -> Router, request: Request) -> Answer {
        let app = Router::new().route("/a/{b}", any(|| async { "ok" }));
        Answer::to(layered(app), request).await
    }

    async fn status_with(headers: impl IntoIterator<Item = (String, String)>) -> u16 {
        let mut request = Request::get("/a/b");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let request = request.body(Body::empty()).unwrap();
        let layered = |app: Router| app.layer(from_fn(limit_headers));
        through(layered, request).await.status.as_u16()
    }

    #[tokio::test]
    async fn headers_are_limited_in_number() {
        let headers = |count| (0..count).map(|number| (format!("h{number}"), "x".to_owned()));
        assert_eq!(status_with(headers(100)).await, 200);
        assert_eq!(status_with(headers(101)).await, 431);
    }

    #[tokio::test]
    async fn headers_are_limited_in_size_with_their_names() {
        let header = |name: &str, length| [(name.to_owned(), "x".repeat(length))];
        assert_eq!(status_with(header("n", 32_767)).await, 200);
        assert_eq!(status_with(header("n", 32_768)).await, 431);
        assert_eq!(status_with(header("name", 32_764)).await, 200);
        assert_eq!(status_with(header("name", 32_765)).await, 431);
    }

    #[tokio::test]
    async fn requests_for_other_hosts_are_refused_on_this_machine_only() {
        for (host, status) in [
            (Some("localhost:80"), 200),
            (None, 200),
            (Some("evil.example"), 421),
        ] {
            let mut request = Request::get("/a/b").body(Body::empty()).unwrap();
            if let Some(host) = host {
                let host = HeaderValue::from_static(host);
                request.headers_mut().insert(header::HOST, host);
            }
            let answer = through(|app| app.layer(from_fn(local_only)), request).await;
            assert_eq!(answer.status, status, "{host:?}");
        }
    }

    #[tokio::test]
    async fn every_answer_has_the_security_headers() {
        let request = Request::get("/a/b").body(Body::empty()).unwrap();
        let answer = through(|app| app.layer(from_fn(secure)), request).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (200, "ok"));
        for (name, value) in HEADERS {
            assert_eq!(answer.headers[name], value);
        }
        assert_eq!(answer.header("cache-control"), "no-store");
        let kept = |app: Router| {
            let caching = [(header::CACHE_CONTROL, "no-cache")];
            app.route("/c", any(move || async move { caching }))
                .layer(from_fn(secure))
        };
        let request = Request::get("/c").body(Body::empty()).unwrap();
        assert_eq!(
            through(kept, request).await.header("cache-control"),
            "no-cache"
        );
    }

    #[tokio::test]
    async fn requests_are_counted_by_the_routers_paths() {
        let metrics = Arc::new(Metrics::new());
        for (method, path) in [
            ("GET", "/a/1"),
            ("GET", "/a/2"),
            ("HEAD", "/a/1"),
            ("POST", "/a/1"),
            ("BREW", "/a/1"),
            ("GET", "/x"),
        ] {
            let request = Request::builder().method(method).uri(path);
            let request = request.body(Body::empty()).unwrap();
            let state = Arc::clone(&metrics);
            let layered = |app: Router| app.layer(from_fn_with_state(state, measure));
            through(layered, request).await;
        }
        let text = metrics.text().unwrap();
        for (method, path, status, count) in [
            ("GET", "/a/{b}", 200, 2),
            ("HEAD", "/a/{b}", 200, 1),
            ("POST", "/a/{b}", 200, 1),
            ("other", "/a/{b}", 200, 1),
            ("GET", "other", 404, 1),
        ] {
            let labels = format!("method=\"{method}\",path=\"{path}\",status=\"{status}\"");
            assert!(
                text.contains(&format!("{{{labels}}} {count}\n")),
                "{labels}\n{text}"
            );
        }
    }
}
