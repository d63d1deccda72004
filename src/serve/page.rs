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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_the_page_have_their_media_types() {
        for (name, kind) in [
            ("index.html", "text/html; charset=utf-8"),
            ("a.b.css", "text/css; charset=utf-8"),
            ("main.js", "text/javascript; charset=utf-8"),
            ("icon.svg", "image/svg+xml"),
            ("html", "text/html; charset=utf-8"),
            ("index.html.bak", "application/octet-stream"),
        ] {
            assert_eq!(media_type(name), kind, "{name}");
        }
    }

    #[test]
    fn a_file_is_known_by_any_of_the_clients_tags() {
        let knows = |tags: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, tags.parse().unwrap());
            is_known(&headers, "\"a1\"")
        };
        for tags in ["\"a1\"", "W/\"a1\"", "\"b2\", \"a1\"", "\"b2\" ,W/\"a1\""] {
            assert!(knows(tags), "{tags}");
        }
        for tags in ["", "\"b2\"", "a1", "\"b2\", \"c3\""] {
            assert!(!knows(tags), "{tags}");
        }
        assert!(!is_known(&HeaderMap::new(), "\"a1\""));
    }

    #[tokio::test]
    async fn an_unchanged_file_is_not_sent_again() {
        let first = index(HeaderMap::new()).await;
        assert_eq!(first.status(), 200);
        assert_eq!(first.headers()[header::CONTENT_TYPE], media_type(INDEX));
        assert_eq!(first.headers()[header::CACHE_CONTROL], "no-cache");
        let tag = first.headers()[header::ETAG].clone();
        let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, tag.clone())]);
        let again = index(headers).await;
        assert_eq!(
            (again.status().as_u16(), &again.headers()[header::ETAG]),
            (304, &tag)
        );
    }

    #[tokio::test]
    async fn only_the_files_of_the_page_are_found() {
        let file = |name: &str| file(Ok(Path(name.to_owned())), HeaderMap::new());
        for name in Files::iter() {
            assert_eq!(file(&name).await.status(), 200, "{name}");
        }
        for name in ["other.html", "../page.rs", ""] {
            assert_eq!(file(name).await.status(), 404, "{name}");
        }
        assert_eq!(missing().await.status, 404);
    }
}
