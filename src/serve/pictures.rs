//! `POST /api/read`: reads the digits in pictures.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::asking::ask;
use super::job::{Requester, Seen, Wanted};
use super::problem::Problem;
use super::service::Service;
use super::uploads;
use crate::recognizer::{Explanation, prepare};
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
    let wanted: fn(Requester<Seen>) -> Wanted = match query.explain {
        true => Wanted::Explained,
        false => Wanted::Digits,
    };
    let uploads = uploads::read(request, &service).await?;
    let answers = ask(&service, uploads, prepare, wanted).await?;
    answers.into_json(|seen, file| answer(seen, file, &query))
}

/// What is wrong with a query; for an unknown parameter, it names the known ones.
fn in_words(failure: &str) -> String {
    let unknown = failure.split_once("unknown field `");
    match unknown.and_then(|(_, rest)| rest.split_once('`')) {
        Some((name, _)) => format!("unknown parameter {name}; use top_k or explain"),
        None => failure.to_owned(),
    }
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
