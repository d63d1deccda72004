//! Why a request has no answer, as `application/problem+json` (RFC 9457).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::job::Failure;
use crate::picture::ImageError;

/// Seconds after which a client may retry a busy service.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");

/// Why a request has no answer.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    pub(super) status: StatusCode,
    detail: String,
}

impl Problem {
    /// With a status; `detail` says what is wrong and what to try.
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: detail.into(),
        }
    }

    /// The same with a further hint.
    pub(super) fn with_hint(mut self, hint: &str) -> Self {
        self.detail = format!("{}; {hint}", self.detail);
        self
    }

    /// More is requested than the service accepts.
    pub(super) fn busy() -> Self {
        let detail = "the service is busy: try again in a second";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    }

    /// The service itself failed.
    pub(super) fn fault(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, detail)
    }

    /// The same as a value within a larger answer.
    pub(super) fn to_json(&self) -> Value {
        json!({
            "title": self.status.canonical_reason(),
            "status": self.status.as_u16(),
            "detail": self.detail,
        })
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let kind = (header::CONTENT_TYPE, "application/problem+json");
        let mut response = (self.status, [kind], self.to_json().to_string()).into_response();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            let headers = response.headers_mut();
            headers.insert(header::RETRY_AFTER, RETRY_AFTER);
        }
        response
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        let status = match &failure {
            Failure::Picture(picture) => status_of(picture),
            Failure::Busy => return Self::busy(),
            Failure::Network(_) | Failure::Panicked => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::new(status, failure.to_string())
    }
}

fn status_of(failure: &ImageError) -> StatusCode {
    match failure {
        ImageError::Empty => StatusCode::BAD_REQUEST,
        ImageError::NotAnImage | ImageError::Unsupported(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ImageError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ImageError::Damaged(_) => StatusCode::UNPROCESSABLE_ENTITY,
        ImageError::File(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_json_with_its_status() {
        let problem = Problem::new(StatusCode::NOT_FOUND, "no such run").with_hint("see /");
        let json = json!({ "title": "Not Found", "status": 404, "detail": "no such run; see /" });
        assert_eq!(problem.to_json(), json);
        let response = problem.into_response();
        assert_eq!(response.status(), 404);
        let headers = response.headers();
        assert_eq!(headers[header::CONTENT_TYPE], "application/problem+json");
        assert!(!headers.contains_key(header::RETRY_AFTER));
        assert_eq!(Problem::fault("a bug").into_response().status(), 500);
    }

    #[test]
    fn a_busy_service_says_when_to_try_again() {
        let response = Problem::busy().into_response();
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()[header::RETRY_AFTER], "1");
    }

    #[test]
    fn each_failure_has_its_status() {
        let status = |failure: Failure| Problem::from(failure).status.as_u16();
        assert_eq!(status(Failure::Busy), 503);
        assert_eq!(status(Failure::Panicked), 500);
        assert_eq!(status(Failure::Network(String::new())), 500);
        for (failure, expected) in [
            (ImageError::Empty, 400),
            (ImageError::NotAnImage, 415),
            (ImageError::Unsupported("PSD".to_owned()), 415),
            (ImageError::TooLarge, 413),
            (ImageError::Damaged("cut".to_owned()), 422),
            (ImageError::File(std::io::Error::other("disk")), 500),
        ] {
            assert_eq!(status(Failure::Picture(failure)), expected);
        }
        let empty = Problem::from(Failure::Picture(ImageError::Empty));
        assert_eq!(empty.to_json()["detail"], "the file is empty");
    }
}
