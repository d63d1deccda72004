//! The pictures in a request's body: read within limits of size, time and memory.

use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use axum::http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use super::metrics::Refusal;
use super::problem::Problem;
use super::service::{PIECE, Service};

/// A refused body is still received, and thrown away, up to this many times the limit.
const DISCARDED: usize = 8;

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
    let (headers, mut body) = (request.headers().clone(), request.into_body());
    let (kind, memory, bytes) = match admit(&headers, &mut body, service).await {
        Ok(admitted) => admitted,
        Err(refused) => {
            // A client that sent `Expect: 100-continue` sends no body after a refusal.
            let waits = headers.contains_key(header::EXPECT);
            if !waits && refused.status != StatusCode::REQUEST_TIMEOUT {
                discard(body, service).await;
            }
            return Err(refused);
        }
    };
    let pictures = match kind {
        Kind::Picture | Kind::Fields => vec![Upload { file: None, bytes }],
        Kind::Form => files(headers, bytes, service.limits.pictures).await?,
    };
    Ok(Uploads {
        pictures,
        is_form: kind == Kind::Form,
        is_from_curl_data: kind == Kind::Fields,
        _memory: memory,
    })
}

/// Reads a body if all of it is within the limits.
async fn admit(
    headers: &HeaderMap,
    body: &mut Body,
    service: &Service,
) -> Result<(Kind, OwnedSemaphorePermit, Bytes), Problem> {
    let kind = kind(headers)?;
    let memory = reserve(headers, service)?;
    Ok((kind, memory, collect(body, service).await?))
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

/// Reserves memory for the body: its declared length, or else the limit.
fn reserve(headers: &HeaderMap, service: &Service) -> Result<OwnedSemaphorePermit, Problem> {
    let length = headers.get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    let length = length.unwrap_or(service.limits.body);
    if length > service.limits.body {
        return Err(too_large(service));
    }
    let pieces = u32::try_from(length.div_ceil(PIECE)).unwrap_or(u32::MAX);
    let memory = service.memory.clone().try_acquire_many_owned(pieces);
    memory.map_err(|_| {
        service.metrics.refused(Refusal::Busy);
        Problem::busy()
    })
}

async fn collect(body: &mut Body, service: &Service) -> Result<Bytes, Problem> {
    let body = Limited::new(body, service.limits.body);
    match timeout(service.limits.body_time, body.collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(failure)) if failure.is::<LengthLimitError>() => Err(too_large(service)),
        Ok(Err(failure)) => Err(Problem::new(
            StatusCode::BAD_REQUEST,
            format!("the body is incomplete: {failure}"),
        )),
        Err(_) => {
            service.metrics.refused(Refusal::Time);
            let seconds = service.limits.body_time.as_secs();
            Err(Problem::new(
                StatusCode::REQUEST_TIMEOUT,
                format!("the body did not arrive within {seconds} s"),
            ))
        }
    }
}

/// Receives the rest of a refused body, within limits: a client that is cut off while sending would not
/// read the reason.
async fn discard(body: Body, service: &Service) {
    let mut rest = Limited::new(body, DISCARDED * service.limits.body);
    let all = async { while let Some(Ok(_)) = rest.frame().await {} };
    let _ = timeout(service.limits.header_time, all).await;
}

fn too_large(service: &Service) -> Problem {
    service.metrics.refused(Refusal::Size);
    let most = service.limits.body >> 20;
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!("the body is larger than {most} MiB; reduce the picture"),
    )
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
