//! `/api/corrections`: cells that a person corrected are kept, where `serve --collect` names a folder.

use std::io::ErrorKind;
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::receive;
use super::collection::{KIND, Refused};
use super::job::Failure;
use super::problem::Problem;
use super::service::Service;
use crate::characters::class_of;
use crate::evaluation::labels::Label;
use crate::picture::decode;

/// Most characters of a cell.
const MAX_TEXT: usize = 40;

/// The label of an empty cell.
const EMPTY: &str = "none";

/// The parameters of a correction.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Correction {
    /// What the cell holds; empty if nothing.
    text: String,
    /// What was read in it.
    #[serde(default)]
    read: String,
}

/// Whether corrections are kept, and how many there are.
pub(super) async fn status(State(service): State<Arc<Service>>) -> Json<Value> {
    let collection = service.collection.as_ref();
    Json(json!({
        "folder": collection.map(|collection| collection.folder().display().to_string()),
        "pictures": collection.map_or(0, |collection| collection.len()),
    }))
}

/// Keeps the picture of a cell.
pub(super) async fn keep(
    State(service): State<Arc<Service>>,
    query: Result<Query<Correction>, QueryRejection>,
    request: Request,
) -> Result<(StatusCode, Json<Value>), Problem> {
    if service.collection.is_none() {
        let detail = "corrections are not kept: start the service with --collect DIR";
        return Err(Problem::new(StatusCode::NOT_FOUND, detail));
    }
    let refused = |detail: String| Problem::new(StatusCode::BAD_REQUEST, detail);
    let Query(correction) = query.map_err(|failure| refused(failure.body_text()))?;
    let label = label(&correction).map_err(refused)?;
    let picture = receive(request, &service, service.limits.correction, kind).await?;
    // One at a time, since the folder is written to.
    let _turn = service.collecting.acquire().await;
    let shared = Arc::clone(&service);
    let keeping = tokio::task::spawn_blocking(move || {
        let upright = decode(&picture.bytes).map_err(Failure::from)?;
        let collection = shared.collection.as_ref();
        let collection = collection.ok_or_else(|| Problem::fault("no folder"))?;
        let file = collection.add(&upright.colour, &label, &correction.read)?;
        Ok(json!({ "file": file, "label": label.to_string(), "pictures": collection.len() }))
    });
    let kept: Result<Value, Problem> = keeping
        .await
        .map_err(|_| Problem::fault("keeping the correction failed"))?;
    Ok((StatusCode::CREATED, Json(kept?)))
}

/// Only PNG that is named so: a page of another origin cannot send this type without asking, and so
/// cannot add to the folder.
fn kind(headers: &HeaderMap) -> Result<(), Problem> {
    let claimed = headers.get(header::CONTENT_TYPE);
    match claimed.is_some_and(|claimed| claimed == "image/png") {
        true => Ok(()),
        false => Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "a correction is a picture with the header Content-Type: image/png",
        )),
    }
}

fn label(correction: &Correction) -> Result<Label, String> {
    let is_short = |text: &str| text.chars().count() <= MAX_TEXT;
    let is_known = |character| character == '?' || class_of(character).is_some();
    if !is_short(&correction.text) || !is_short(&correction.read) {
        return Err(format!("a cell has {MAX_TEXT} characters at most"));
    }
    if !correction.read.chars().all(is_known) {
        return Err(format!(
            "read is digits, signs and ?, not {:?}",
            correction.read
        ));
    }
    match &*correction.text {
        "" => Ok(Label::None),
        // A row of digits, and not that or several.
        EMPTY => Err("text is what the cell holds, or empty".to_owned()),
        text if text.contains(' ') => Err("a cell holds one row".to_owned()),
        text => Label::new(text, KIND).map_err(|failure| failure.to_string()),
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        let is_full = match &refused {
            Refused::Full(_) => true,
            Refused::Storage(failure) => failure.chain().any(|cause| {
                let cause = cause.downcast_ref::<std::io::Error>();
                let kind = cause.map(std::io::Error::kind);
                matches!(
                    kind,
                    Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
                )
            }),
        };
        let detail = match refused {
            Refused::Full(_) => refused.to_string(),
            Refused::Storage(failure) => format!("the correction is not kept: {failure:#}"),
        };
        match is_full {
            true => Problem::new(StatusCode::INSUFFICIENT_STORAGE, detail),
            false => Problem::fault(detail),
        }
    }
}

#[cfg(test)]
mod tests;
