//! The page, whose files are part of the program, so that it works offline.

use axum::body::Body;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::Embed;

use super::problem::Problem;

/// The files of the page.
#[derive(Embed)]
#[folder = "src/serve/page"]
struct Files;

/// The file that is served at `/`.
const INDEX: &str = "index.html";

pub(super) async fn index(headers: HeaderMap) -> Response {
    answer(INDEX, &headers).await
}

pub(super) async fn file(
    name: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Response {
    match name {
        Ok(Path(name)) => answer(&name, &headers).await,
        Err(_) => missing().await.into_response(),
    }
}

async fn answer(name: &str, headers: &HeaderMap) -> Response {
    let Some(file) = Files::get(name) else {
        return missing().await.into_response();
    };
    let hash = file
        .metadata
        .sha256_hash()
        .map(|byte| format!("{byte:02x}"));
    let tag = format!("\"{}\"", hash[..8].concat());
    // To be revalidated each time, since the next version of the program has other files.
    let caching = [
        (header::CACHE_CONTROL, "no-cache"),
        (header::ETAG, tag.as_str()),
    ];
    if is_known(headers, &tag) {
        return (StatusCode::NOT_MODIFIED, caching).into_response();
    }
    let kind = [(header::CONTENT_TYPE, media_type(name))];
    (caching, kind, Body::from(file.data.into_owned())).into_response()
}

/// Whether the client has the file with this tag.
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let known = headers.get(header::IF_NONE_MATCH);
    let known = known
        .and_then(|known| known.to_str().ok())
        .unwrap_or_default();
    known
        .split(',')
        .any(|known| known.trim().trim_start_matches("W/") == tag)
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

/// The answer for an unknown path.
pub(super) async fn missing() -> Problem {
    let detail = "there is nothing here; the page is at /, the API is described at /openapi.json";
    Problem::new(StatusCode::NOT_FOUND, detail)
}
