//! A request's body, received within limits of size, time and memory.

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use super::metrics::Refusal;
use super::problem::Problem;
use super::service::{PIECE, Service};

/// A refused body is still received, and thrown away, up to this many times the limit.
const DISCARDED: usize = 8;

/// A whole body.
pub(super) struct Received<K> {
    /// What it claims to be.
    pub(super) kind: K,
    pub(super) headers: HeaderMap,
    pub(super) bytes: Bytes,
    /// Its share of the memory for bodies, to be released once the request is answered.
    pub(super) memory: OwnedSemaphorePermit,
}

/// Receives a body of at most `most` bytes; `kind` says by the headers what it claims to be, or refuses
/// it unread.
pub(super) async fn receive<K>(
    request: Request,
    service: &Service,
    most: usize,
    kind: impl FnOnce(&HeaderMap) -> Result<K, Problem>,
) -> Result<Received<K>, Problem> {
    let (headers, mut body) = (request.headers().clone(), request.into_body());
    let admit = async {
        let kind = kind(&headers)?;
        let memory = reserve(&headers, service, most)?;
        Ok((kind, memory, collect(&mut body, service, most).await?))
    };
    let refused: Problem = match admit.await {
        Ok((kind, memory, bytes)) => {
            return Ok(Received {
                kind,
                headers,
                bytes,
                memory,
            });
        }
        Err(refused) => refused,
    };
    // A client that sent `Expect: 100-continue` sends no body after a refusal.
    let waits = headers.contains_key(header::EXPECT);
    if !waits && refused.status != StatusCode::REQUEST_TIMEOUT {
        discard(body, service).await;
    }
    Err(refused)
}

/// Reserves memory for the body: its declared length, or else the limit.
fn reserve(
    headers: &HeaderMap,
    service: &Service,
    most: usize,
) -> Result<OwnedSemaphorePermit, Problem> {
    let length = headers.get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    let length = length.unwrap_or(most);
    if length > most {
        return Err(too_large(service, most));
    }
    let pieces = u32::try_from(length.div_ceil(PIECE)).unwrap_or(u32::MAX);
    let memory = service.memory.clone().try_acquire_many_owned(pieces);
    memory.map_err(|_| {
        service.metrics.refused(Refusal::Busy);
        Problem::busy()
    })
}

async fn collect(body: &mut Body, service: &Service, most: usize) -> Result<Bytes, Problem> {
    let body = Limited::new(body, most);
    match timeout(service.limits.body_time, body.collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(failure)) if failure.is::<LengthLimitError>() => Err(too_large(service, most)),
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

fn too_large(service: &Service, most: usize) -> Problem {
    service.metrics.refused(Refusal::Size);
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!(
            "the body is larger than {} MiB; reduce the picture",
            most >> 20
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;
    use crate::serve::Limits;

    #[tokio::test]
    async fn the_limit_is_named_in_mebibytes() {
        let service = testing::service(Limits::DEFAULT);
        let text = too_large(&service, 3 << 20).to_json()["detail"].to_string();
        assert!(text.contains("larger than 3 MiB"), "{text}");
        let metrics = service.metrics.text().unwrap();
        assert!(metrics.contains("reason=\"size\"} 1"));
    }

    #[tokio::test]
    async fn a_body_is_received_up_to_the_given_limit() {
        let service = testing::service(Limits::DEFAULT);
        for (length, status) in [(10, 200), (11, 413)] {
            let request = testing::post("/", "image/png", vec![7; length]);
            let received = receive(request, &service, 10, |_| Ok(())).await;
            let found = received.map_or_else(|refused| refused.status, |_| StatusCode::OK);
            assert_eq!(found, status, "{length} bytes");
        }
    }
}
