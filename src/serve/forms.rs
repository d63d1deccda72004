//! `POST /api/form`: the first version of a form, from a picture of the empty sheet.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::http::StatusCode;
use serde::Deserialize;

use super::job::Failure;
use super::problem::Problem;
use super::service::Service;
use super::uploads;
use crate::form::Form;
use crate::picture::decode;

/// The parameters of a request.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FormQuery {
    /// The picture's name, as the form will name it.
    #[serde(default)]
    file: String,
}

pub(super) async fn find(
    State(service): State<Arc<Service>>,
    query: Result<Query<FormQuery>, QueryRejection>,
    request: Request,
) -> Result<Json<Form>, Problem> {
    let refused = |detail: String| Problem::new(StatusCode::BAD_REQUEST, detail);
    let Query(query) = query.map_err(|failure| refused(failure.body_text()))?;
    let mut uploads = uploads::read(request, &service).await?;
    let picture = uploads.pictures.pop();
    let picture = picture.filter(|_| uploads.pictures.is_empty());
    let picture = picture.ok_or_else(|| refused("a form has one picture: send one".to_owned()))?;
    // One at a time, since it takes a core for a while.
    let _turn = service.finding.acquire().await;
    let found = tokio::task::spawn_blocking(move || {
        // Held until the picture is decoded.
        let _uploads = uploads;
        let upright = decode(&picture.bytes).map_err(Failure::from)?;
        let (name, reference) = names(&query.file);
        Form::found(name, reference, &upright).map_err(|failure| {
            let detail = format!("looking for boxes: {failure:#}");
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
        })
    });
    let found = found.await;
    found
        .map_err(|_| Problem::fault("looking for boxes failed"))?
        .map(Json)
}

/// The form's name and its picture's, from the name of the file; nothing is read or written there.
fn names(file: &str) -> (String, PathBuf) {
    let path = Path::new(file);
    let name = |part: Option<&std::ffi::OsStr>| {
        let part = part.and_then(std::ffi::OsStr::to_str);
        part.unwrap_or("form").to_owned()
    };
    (name(path.file_stem()), name(path.file_name()).into())
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma};

    use super::super::testing::{self, Answer, png, post};
    use super::*;
    use crate::serve::{Limits, router};

    /// An empty form with one wide box.
    fn boxed() -> Vec<u8> {
        let is_line = |at: u32, from: u32, to: u32| at.abs_diff(from) < 2 || at.abs_diff(to) < 2;
        png(&GrayImage::from_fn(400, 300, |x, y| {
            let within = (98..302).contains(&x) && (98..142).contains(&y);
            let is_ink = within && (is_line(x, 100, 300) || is_line(y, 100, 140));
            Luma([if is_ink { 60 } else { 240 }])
        }))
    }

    #[tokio::test]
    async fn a_form_is_found_or_the_reason_given() {
        let service = testing::service(Limits::DEFAULT);
        let asked = async |query: &str, body: Vec<u8>| {
            let request = post(&format!("/api/form{query}"), "image/png", body);
            let answer = Answer::to(router(&service), request).await;
            (answer.status.as_u16(), answer.json())
        };
        let (status, form) = asked("?file=..%2Fcard.png", boxed()).await;
        assert_eq!((status, &form["name"]), (200, &"card".into()));
        assert_eq!(form["reference"], "card.png");
        assert_eq!(form["size"], serde_json::json!([400, 300]));
        assert_eq!(form["fields"][0]["type"], "number");
        let blank = png(&GrayImage::from_pixel(90, 90, Luma([240])));
        for (query, body, status, detail) in [
            ("", blank, 422, "looking for boxes: none found"),
            ("", b"text".to_vec(), 415, "not an image"),
            ("?name=a", boxed(), 400, "unknown field `name`"),
        ] {
            let (found, answer) = asked(query, body).await;
            let said = answer["detail"].as_str().unwrap();
            assert!(found == status && said.contains(detail), "{found} {said}");
        }
    }

    #[test]
    fn a_picture_without_a_name_has_one_in_the_form() {
        assert_eq!(names(""), ("form".to_owned(), "form".into()));
    }
}
