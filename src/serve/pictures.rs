//! `POST /api/read`: reads the digits in pictures.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::{self, Upload, Uploads};
use super::engine::Place;
use super::job::{Failure, Seen};
use super::metrics::Refusal;
use super::problem::Problem;
use super::service::Service;
use crate::recognizer::Explanation;
use crate::tensors::CLASSES;

/// The parameters of a request.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ReadQuery {
    /// How many of the most probable digits to give for each that is read, 1 to 10.
    top_k: usize,
    /// If there is one digit, also give what the network saw, and which of it decided.
    explain: bool,
}

impl Default for ReadQuery {
    fn default() -> Self {
        Self {
            top_k: 1,
            explain: false,
        }
    }
}

pub(super) async fn read(
    State(service): State<Arc<Service>>,
    query: Result<Query<ReadQuery>, QueryRejection>,
    request: Request,
) -> Result<Json<Value>, Problem> {
    let refused = |detail: String| Problem::new(StatusCode::BAD_REQUEST, detail);
    let Query(query) = query.map_err(|failure| refused(in_words(&failure.body_text())))?;
    if !(1..=CLASSES).contains(&query.top_k) {
        return Err(refused(format!(
            "top_k is 1 to {CLASSES}, not {}",
            query.top_k
        )));
    }
    let uploads = body::read(request, &service).await?;
    answers(&service, uploads, &query).await
}

/// What is wrong with a query; for an unknown parameter, it names the known ones.
fn in_words(failure: &str) -> String {
    let unknown = failure.split_once("unknown field `");
    match unknown.and_then(|(_, rest)| rest.split_once('`')) {
        Some((name, _)) => format!("unknown parameter {name}; use top_k or explain"),
        None => failure.to_owned(),
    }
}

/// The answer for the picture, or for a form a list in which a picture that cannot be read has an `error`.
async fn answers(
    service: &Service,
    uploads: Uploads,
    query: &ReadQuery,
) -> Result<Json<Value>, Problem> {
    let places = service.engine.reserve(uploads.pictures.len());
    let places = places.inspect_err(|_| service.metrics.refused(Refusal::Busy))?;
    // All are started before the first is awaited.
    let begin = |(place, Upload { file, bytes }): (Place, Upload)| {
        (file, service.engine.read(place, bytes, query.explain))
    };
    let pending: Vec<_> = places
        .into_iter()
        .zip(uploads.pictures)
        .map(begin)
        .collect();
    let mut found = vec![];
    for (file, seen) in pending {
        let answer = seen.await.map(|seen| answer(&seen, file.as_deref(), query));
        found.push((file, answer));
    }
    if uploads.is_form {
        let all = found.into_iter().map(|(file, answer)| {
            answer.unwrap_or_else(
                |failure| json!({ "file": file, "error": Problem::from(failure).to_json() }),
            )
        });
        return Ok(Json(all.collect()));
    }
    let (_, answer) = found.pop().ok_or_else(|| Problem::fault("no picture"))?;
    let is_stripped = uploads.is_from_curl_data;
    answer.map(Json).map_err(|failure| match failure {
        // `curl -d @five.png` strips line breaks, and claims to send a form's fields.
        Failure::Picture(_) if is_stripped => Problem::from(failure)
            .with_hint("with curl, send a picture by --data-binary @FILE: -d strips line breaks"),
        failure => failure.into(),
    })
}

/// What `infer --json` prints, with the explanation if requested.
fn answer(seen: &Seen, file: Option<&str>, query: &ReadQuery) -> Value {
    let mut answer = seen.reading.to_json(file, query.top_k);
    if query.explain {
        let explanation = seen.explanation.as_ref();
        answer["seen"] = json!(explanation.map(|explanation| explanation.seen.as_raw()));
        answer["decisive"] = json!(explanation.map(shares));
    }
    answer
}

/// Rounded to thousandths, which is finer than anyone can see.
fn shares(explanation: &Explanation) -> Vec<f64> {
    let rounded = |value: &f32| f64::from((1000.0 * value).round()) / 1000.0;
    explanation.decisive.iter().map(rounded).collect()
}

#[cfg(test)]
mod tests;
