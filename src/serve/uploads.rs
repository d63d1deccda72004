//! The pictures in a request's body: the body itself, or the files of a form.

use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use axum::http::{HeaderMap, StatusCode, header};
use tokio::sync::OwnedSemaphorePermit;

use super::body::receive;
use super::problem::Problem;
use super::service::Service;

/// A picture in a request.
pub(super) struct Upload {
    /// The client's name of the file.
    pub(super) file: Option<String>,
    pub(super) bytes: Bytes,
}

/// The pictures of a request.
pub(super) struct Uploads {
    pub(super) pictures: Vec<Upload>,
    /// Whether they came in a form, which may hold several.
    pub(super) is_form: bool,
    /// Whether the body claims to be the fields of a form, as `curl -d` claims of any file.
    pub(super) is_from_curl_data: bool,
    /// Its share of the memory for bodies, released once the pictures are answered.
    _memory: OwnedSemaphorePermit,
}

/// What a body claims to be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Picture,
    /// A picture that is sent as if it were the fields of a form.
    Fields,
    Form,
}

/// Reads all pictures in a request's body: the body itself, or the files of a form.
pub(super) async fn read(request: Request, service: &Service) -> Result<Uploads, Problem> {
    let received = receive(request, service, service.limits.body, kind).await?;
    let (kind, bytes) = (received.kind, received.bytes);
    let pictures = match kind {
        Kind::Picture | Kind::Fields => vec![Upload { file: None, bytes }],
        Kind::Form => files(received.headers, bytes, service.limits.pictures).await?,
    };
    Ok(Uploads {
        pictures,
        is_form: kind == Kind::Form,
        is_from_curl_data: kind == Kind::Fields,
        _memory: received.memory,
    })
}

/// Pictures are recognized by their content; types that no picture has are refused unread.
fn kind(headers: &HeaderMap) -> Result<Kind, Problem> {
    let Some(claimed) = headers.get(header::CONTENT_TYPE) else {
        return Ok(Kind::Picture);
    };
    let claimed = claimed.to_str().unwrap_or_default().to_ascii_lowercase();
    match claimed.split(';').next().unwrap_or_default().trim() {
        "multipart/form-data" => Ok(Kind::Form),
        "application/octet-stream" => Ok(Kind::Picture),
        "application/x-www-form-urlencoded" => Ok(Kind::Fields),
        picture if picture.starts_with("image/") => Ok(Kind::Picture),
        other => Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            format!("{other} is not a picture; send a PNG, JPEG, WebP, GIF, BMP or TIFF file"),
        )),
    }
}

/// The files of a form, in their order.
async fn files(headers: HeaderMap, bytes: Bytes, most: usize) -> Result<Vec<Upload>, Problem> {
    let refused = |detail: String| Problem::new(StatusCode::BAD_REQUEST, detail);
    let damaged = |failure: &dyn std::fmt::Display| refused(format!("reading the form: {failure}"));
    let mut whole = Request::new(Body::from(bytes));
    *whole.headers_mut() = headers;
    // The received body is within the limit.
    DefaultBodyLimit::disable().apply(&mut whole);
    let form = Multipart::from_request(whole, &()).await;
    let mut form = form.map_err(|failure| damaged(&failure.body_text()))?;
    let mut pictures = vec![];
    while let Some(field) = form
        .next_field()
        .await
        .map_err(|failure| damaged(&failure.body_text()))?
    {
        // Text fields are not pictures.
        let kind = field.content_type().unwrap_or_default();
        if field.file_name().is_none() && !kind.starts_with("image/") {
            continue;
        }
        if pictures.len() == most {
            return Err(refused(format!(
                "a request may have {most} pictures at most"
            )));
        }
        pictures.push(Upload {
            file: field.file_name().or(field.name()).map(str::to_owned),
            bytes: field
                .bytes()
                .await
                .map_err(|failure| damaged(&failure.body_text()))?,
        });
    }
    match pictures.is_empty() {
        true => Err(refused("the form has no picture".to_owned())),
        false => Ok(pictures),
    }
}

#[cfg(test)]
mod tests;
