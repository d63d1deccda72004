//! The routes of the service.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use axum::{Json, Router};
use serde_json::Value;

use super::gallery::Picture;
use super::problem::Problem;
use super::service::Service;
use super::{corrections, forms, guard, metrics, openapi, page, pictures, tables};

type Route = (&'static str, MethodRouter<Arc<Service>>);

/// All paths that `openapi.json` describes.
fn api() -> [Route; 10] {
    [
        ("/api/read", post(pictures::read)),
        ("/api/tables", post(tables::read)),
        (
            "/api/corrections",
            get(corrections::status).post(corrections::keep),
        ),
        ("/api/form", post(forms::find)),
        ("/api/model", get(model)),
        ("/api/runs", get(list)),
        ("/api/runs/{run}/{picture}", get(picture)),
        ("/healthz", get(health)),
        ("/metrics", get(report)),
        ("/openapi.json", get(describe)),
    ]
}

pub(super) fn router(service: &Arc<Service>) -> Router {
    let api = api().into_iter();
    let router = api.fold(Router::new(), |router, (path, route)| {
        router.route(path, route)
    });
    router
        .route("/", get(page::index))
        .route("/{file}", get(page::file))
        .fallback(page::missing)
        .method_not_allowed_fallback(wrong_method)
        .with_state(Arc::clone(service))
        .layer(middleware::from_fn(guard::limit_headers))
        // Bodies have limits of their own.
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn_with_state(
            Arc::clone(&service.metrics),
            guard::measure,
        ))
        .layer(middleware::from_fn(guard::secure))
}

/// Answers connections beyond the limit.
pub(super) fn busy() -> Router {
    let busy = || async { Problem::busy() };
    Router::new()
        .fallback(busy)
        .layer(middleware::from_fn(guard::secure))
}

async fn wrong_method() -> Problem {
    let detail = "this path does not take that method; the API is described at /openapi.json";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail)
}

async fn model(State(service): State<Arc<Service>>) -> Response {
    Json(&service.model).into_response()
}

async fn health(State(service): State<Arc<Service>>) -> Result<&'static str, Problem> {
    match service.engine.is_alive() {
        true => Ok("ok\n"),
        false => Err(Problem::fault("the thread of the network has ended")),
    }
}

async fn report(State(service): State<Arc<Service>>) -> Result<Response, Problem> {
    service.metrics.waiting(service.engine.waiting());
    let text = service.metrics.text();
    let text = text.map_err(|failure| Problem::fault(format!("{failure:#}")))?;
    Ok(([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], text).into_response())
}

async fn describe() -> Result<Json<Value>, Problem> {
    let description = openapi::description();
    let description = description.map_err(|failure| Problem::fault(format!("{failure:#}")))?;
    Ok(Json(description))
}

async fn list(State(service): State<Arc<Service>>) -> Result<Response, Problem> {
    let listing = inspect(&service, |service| service.runs.list()).await?;
    Ok(Json(listing).into_response())
}

async fn picture(
    State(service): State<Arc<Service>>,
    place: Result<Path<(String, String)>, PathRejection>,
) -> Result<Response, Problem> {
    let Ok(Path((run, name))) = place else {
        return Err(page::missing().await);
    };
    let missing = |detail: String| Problem::new(StatusCode::NOT_FOUND, detail);
    let Some(picture) = Picture::named(&name) else {
        return Err(missing(format!(
            "a run has curves.png, confusion.png and samples.png, not {name}"
        )));
    };
    let drawn = inspect(&service, move |service| {
        let found = service.runs.find(&run);
        let found = found.ok_or_else(|| format!("there is no run {run:?}"))?;
        let drawn = service.gallery.draw(found, picture);
        drawn.map_err(|failure| format!("{failure:#}"))
    });
    let png = drawn.await?.map_err(missing)?;
    Ok(([(header::CONTENT_TYPE, "image/png")], png).into_response())
}

/// Inspects runs, one at a time and on a thread of its own.
async fn inspect<T: Send + 'static>(
    service: &Arc<Service>,
    inspect: impl FnOnce(&Service) -> T + Send + 'static,
) -> Result<T, Problem> {
    let _turn = service.inspecting.acquire().await;
    let service = Arc::clone(service);
    let inspected = tokio::task::spawn_blocking(move || inspect(&service)).await;
    inspected.map_err(|_| Problem::fault("reading the runs failed"))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;

    use serde_json::json;

    use super::super::testing::{Answer, get, service};
    use super::*;
    use crate::serve::Limits;
    use crate::version::VERSION;

    #[test]
    fn every_path_of_the_api_is_described_and_no_other() {
        let description = openapi::description().unwrap();
        let described = description["paths"].as_object().unwrap().keys();
        let described: std::collections::BTreeSet<_> = described.map(String::as_str).collect();
        let answered = api().map(|(path, _)| path).into_iter().collect();
        assert_eq!(described, answered);
    }

    #[tokio::test]
    async fn each_path_answers_what_it_is_for() {
        let service = service(Limits::DEFAULT);
        let asked = async |path: &str| Answer::to(router(&service), get(path)).await;
        let health = asked("/healthz").await;
        assert_eq!((health.status.as_u16(), health.text()), (200, "ok\n"));
        let model = asked("/api/model").await.json();
        assert_eq!(model["name"], service.model().name);
        assert_eq!(model["classes"].as_array().unwrap().len(), 10);
        let description = asked("/openapi.json").await.json();
        assert_eq!(description["info"]["version"], VERSION);
        assert!(description["paths"]["/api/read"].is_object());
        let corrections = asked("/api/corrections").await.json();
        assert_eq!(corrections, json!({ "folder": null, "pictures": 0 }));
        let runs = asked("/api/runs").await.json();
        assert_eq!(runs, json!({ "folder": "no-runs", "runs": [] }));
        let page = asked("/").await;
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(page.header("x-frame-options"), "DENY");
        let metrics = asked("/metrics").await;
        assert_eq!(metrics.header("content-type"), metrics::CONTENT_TYPE);
        let counted = "path=\"/healthz\",status=\"200\"} 1";
        assert!(metrics.text().contains(counted), "{}", metrics.text());
        assert!(metrics.text().contains("waiting_pictures 0"));
    }

    #[tokio::test]
    async fn what_is_not_there_is_a_problem() {
        let service = service(Limits::DEFAULT);
        let asked = async |request| Answer::to(router(&service), request).await;
        for (path, detail) in [
            ("/other", "there is nothing here"),
            ("/api/other", "there is nothing here"),
            ("/api/runs/%ff/curves.png", "there is nothing here"),
            ("/api/runs/a/other.png", "a run has curves.png"),
            ("/api/runs/a/curves.png", "there is no run \"a\""),
        ] {
            let answer = asked(get(path)).await;
            assert_eq!(answer.status, 404, "{path}");
            let text = answer.json()["detail"].to_string();
            assert!(text[1..].replace('\\', "").starts_with(detail), "{text}");
        }
        let wrong = Request::delete("/healthz").body(Body::empty());
        let answer = asked(wrong.unwrap()).await;
        assert_eq!(answer.status, 405);
        assert!(answer.text().contains("does not take that method"));
    }

    #[tokio::test]
    async fn beyond_the_limit_of_connections_every_path_is_busy() {
        for path in ["/", "/healthz", "/other"] {
            let answer = Answer::to(busy(), get(path)).await;
            assert_eq!(
                (answer.status.as_u16(), answer.header("retry-after")),
                (503, "1")
            );
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
        }
    }
}
