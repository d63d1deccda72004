//! From uploads to an answer for each.

use axum::Json;
use serde_json::{Value, json};

use super::engine::Place;
use super::job::{Failure, Requester, Wanted};
use super::metrics::Refusal;
use super::problem::Problem;
use super::service::Service;
use super::uploads::{Upload, Uploads};
use crate::picture::ImageError;
use crate::recognizer::Prepared;

/// What was seen in each of a request's pictures.
pub(super) struct Answers<T> {
    /// The client's name of the file, and what was seen in it.
    found: Vec<(Option<String>, Result<T, Failure>)>,
    /// Whether they came in a form, so that the answer is a list.
    is_form: bool,
    /// Whether curl may have stripped line breaks.
    is_from_curl_data: bool,
}

/// Has all pictures of a request answered, prepared as `prepare` does.
pub(super) async fn ask<T, W>(
    service: &Service,
    uploads: Uploads,
    prepare: fn(&[u8]) -> Result<Prepared, ImageError>,
    wanted: W,
) -> Result<Answers<T>, Problem>
where
    T: Send + 'static,
    W: Fn(Requester<T>) -> Wanted + Copy + Send + 'static,
{
    let places = service.engine.reserve(uploads.pictures.len());
    let places = places.inspect_err(|_| service.metrics.refused(Refusal::Busy))?;
    // All are started before the first is awaited.
    let begin = |(place, Upload { file, bytes }): (Place, Upload)| {
        (file, service.engine.read(place, bytes, prepare, wanted))
    };
    let pictures = places.into_iter().zip(uploads.pictures);
    let pending: Vec<_> = pictures.map(begin).collect();
    let mut found = vec![];
    for (file, seen) in pending {
        found.push((file, seen.await));
    }
    Ok(Answers {
        found,
        is_form: uploads.is_form,
        is_from_curl_data: uploads.is_from_curl_data,
    })
}

impl<T> Answers<T> {
    /// What was seen, where a picture could be read.
    pub(super) fn seen(&self) -> impl Iterator<Item = &T> {
        self.found.iter().filter_map(|(_, seen)| seen.as_ref().ok())
    }

    /// The same answers, each turned into something else.
    pub(super) fn map<U>(self, change: impl Fn(T) -> U) -> Answers<U> {
        let change = |(file, seen): (_, Result<T, Failure>)| (file, seen.map(&change));
        Answers {
            found: self.found.into_iter().map(change).collect(),
            is_form: self.is_form,
            is_from_curl_data: self.is_from_curl_data,
        }
    }

    /// What was seen in the only picture.
    ///
    /// # Errors
    /// When it cannot be read; none where there are several.
    pub(super) fn only(mut self) -> Option<Result<T, Problem>> {
        let (_, seen) = self.found.pop().filter(|_| self.found.is_empty())?;
        let is_stripped = self.is_from_curl_data;
        Some(seen.map_err(|failure| match failure {
            // `curl -d @five.png` strips line breaks, and claims to send a form's fields.
            Failure::Picture(_) if is_stripped => Problem::from(failure).with_hint(
                "with curl, send a picture by --data-binary @FILE: -d strips line breaks",
            ),
            failure => failure.into(),
        }))
    }

    /// The answer for the picture, or for a form a list in which a picture that cannot be read has an
    /// `error`; `answer` takes what was seen, and the name of the file.
    pub(super) fn into_json(
        self,
        answer: impl Fn(&T, Option<&str>) -> Value,
    ) -> Result<Json<Value>, Problem> {
        if !self.is_form {
            let seen = self.only().ok_or_else(|| Problem::fault("no picture"))?;
            return seen.map(|seen| Json(answer(&seen, None)));
        }
        let all = self.found.into_iter().map(|(file, seen)| match seen {
            Ok(seen) => answer(&seen, file.as_deref()),
            Err(failure) => json!({ "file": file, "error": Problem::from(failure).to_json() }),
        });
        Ok(Json(all.collect()))
    }
}
