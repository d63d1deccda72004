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

/// Of a body that is refused so many times the most that one may have is let come, to be thrown away.
const REFUSED: usize = 8;

/// A picture in a request.
pub(super) struct Upload {
    /// What the client calls the file.
    pub(super) file: Option<String>,
    pub(super) bytes: Bytes,
}

/// What a request brought.
pub(super) struct Uploads {
    pub(super) pictures: Vec<Upload>,
    /// Whether it may have been several.
    pub(super) is_form: bool,
    /// Whether it claims to be the fields of a form, as `curl -d` does of any file.
    pub(super) is_from_curl_data: bool,
    /// Its share of the memory for bodies, to be given back once the pictures are answered.
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
            // Who asked before sending sends nothing once it is refused.
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

/// Reads a body as far as all of it is within the limits.
async fn admit(
    headers: &HeaderMap,
    body: &mut Body,
    service: &Service,
) -> Result<(Kind, OwnedSemaphorePermit, Bytes), Problem> {
    let kind = kind(headers)?;
    let memory = reserve(headers, service)?;
    Ok((kind, memory, collect(body, service).await?))
}

/// A picture is told by its content; types that no picture has are refused unread.
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
            format!("{other} is no picture; give a PNG, JPEG, WebP, GIF, BMP or TIFF file"),
        )),
    }
}

/// Sets memory aside for the body: as much as it is said to have, or else as much as one may.
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
            format!("the body does not come whole: {failure}"),
        )),
        Err(_) => {
            service.metrics.refused(Refusal::Time);
            let seconds = service.limits.body_time.as_secs();
            Err(Problem::new(
                StatusCode::REQUEST_TIMEOUT,
                format!("the body did not come within {seconds} s"),
            ))
        }
    }
}

/// Lets the rest of a refused body come, within reason: who is cut off while sending would not hear why.
async fn discard(body: Body, service: &Service) {
    let mut rest = Limited::new(body, REFUSED * service.limits.body);
    let all = async { while let Some(Ok(_)) = rest.frame().await {} };
    let _ = timeout(service.limits.header_time, all).await;
}

fn too_large(service: &Service) -> Problem {
    service.metrics.refused(Refusal::Size);
    let most = service.limits.body >> 20;
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!("what was sent is larger than {most} MiB; reduce the picture"),
    )
}

/// The files of a form, in their order.
async fn files(headers: HeaderMap, bytes: Bytes, most: usize) -> Result<Vec<Upload>, Problem> {
    let refused = |detail: String| Problem::new(StatusCode::BAD_REQUEST, detail);
    let damaged = |failure: &dyn std::fmt::Display| refused(format!("reading the form: {failure}"));
    let mut whole = Request::new(Body::from(bytes));
    *whole.headers_mut() = headers;
    // What has come is within the limit.
    DefaultBodyLimit::disable().apply(&mut whole);
    let form = Multipart::from_request(whole, &()).await;
    let mut form = form.map_err(|failure| damaged(&failure.body_text()))?;
    let mut pictures = vec![];
    while let Some(field) = form
        .next_field()
        .await
        .map_err(|failure| damaged(&failure.body_text()))?
    {
        // Fields of text are none of the pictures.
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
