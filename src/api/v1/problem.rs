//! Errors of the API as problem details (RFC 9457).

use crate::http::errors::Failure;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::ToSchema;

/// The media type of problem details.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// An error, as problem details (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemDetails {
    /// The kind of the problem: the address of its description in the help.
    #[serde(rename = "type")]
    #[schema(example = "/help/api#problem-invalid")]
    kind: String,
    /// The kind in words.
    #[schema(example = "Invalid request")]
    title: &'static str,
    /// The HTTP status.
    #[schema(example = 422)]
    status: u16,
    /// The problem in words, with its remedy.
    detail: String,
    /// The first field that is wrong, if one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// The remedy for that field.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    /// All fields that are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldProblem>,
    /// The id to give to whoever runs the server, if its log knows more.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
}

/// A field that is wrong.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FieldProblem {
    /// The name of the parameter or member.
    #[schema(example = "date")]
    field: String,
    /// The remedy.
    hint: String,
}

impl ProblemDetails {
    /// Describes a failure.
    pub fn new(failure: &Failure) -> Self {
        let (name, title) = kind(failure.status);
        let errors: Vec<FieldProblem> = failure
            .problems
            .iter()
            .map(|one| FieldProblem { field: one.field.to_string(), hint: one.sentence.clone() })
            .collect();
        let first = errors.first().cloned();
        Self {
            kind: format!("/help/api#problem-{name}"),
            title,
            status: failure.status.as_u16(),
            detail: failure.sentence.clone(),
            field: first.as_ref().map(|first| first.field.clone()),
            hint: first.map(|first| first.hint),
            errors,
            request_id: failure.request_id.clone(),
        }
    }
}

/// The kinds of problems: status, name and title. The help has a section on each.
const KINDS: [(StatusCode, &str, &str); 10] = [
    (StatusCode::BAD_REQUEST, "malformed", "Malformed request"),
    (StatusCode::UNAUTHORIZED, "credentials", "Missing or invalid credentials"),
    (StatusCode::FORBIDDEN, "forbidden", "Not allowed"),
    (StatusCode::NOT_FOUND, "not-found", "Not found"),
    (StatusCode::METHOD_NOT_ALLOWED, "method", "Method not allowed"),
    (StatusCode::PAYLOAD_TOO_LARGE, "too-large", "Request too large"),
    (StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type", "Unsupported media type"),
    (StatusCode::UNPROCESSABLE_ENTITY, "invalid", "Invalid request"),
    (StatusCode::TOO_MANY_REQUESTS, "too-many", "Too many requests"),
    (StatusCode::SERVICE_UNAVAILABLE, "busy", "Not available now"),
];
/// The name and the title of all others.
const INTERNAL: (&str, &str) = ("internal", "Internal error");

/// Returns the name and the title of a kind of problem.
fn kind(status: StatusCode) -> (&'static str, &'static str) {
    let found = KINDS.iter().find(|(known, ..)| *known == status);
    found.map_or(INTERNAL, |(_, name, title)| (*name, *title))
}

/// Returns the response to a failure.
pub fn response(failure: &Failure) -> HttpResponse {
    HttpResponse::build(failure.status).content_type(MEDIA_TYPE).json(ProblemDetails::new(failure))
}

/// Describes a status that no handler explains: a path or a method that the API does not have.
pub fn of_status(status: StatusCode) -> HttpResponse {
    let sentence = match status {
        StatusCode::METHOD_NOT_ALLOWED => "This path takes other methods; the header Allow names them.",
        _ => "The API has no such path. Its paths are at /api/v1/openapi.json.",
    };
    response(&Failure { status, sentence: sentence.into(), request_id: None, problems: Vec::new() })
}

/// Answers a path that the API does not have. One with a slash at its end is another path, for all routes alike.
pub async fn no_such_path(request: HttpRequest) -> HttpResponse {
    if !request.path().ends_with('/') {
        return of_status(StatusCode::NOT_FOUND);
    }
    let sentence = "No path of the API ends with a slash. Leave it out.".to_owned();
    let status = StatusCode::NOT_FOUND;
    response(&Failure { status, sentence, request_id: None, problems: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guide_has_a_section_on_every_kind_of_problem_and_no_other() {
        let guide = include_str!("../../../assets/help/api.md");
        let in_guide: Vec<&str> = guide.lines().filter(|line| line.contains("{#problem-")).collect();
        let internal = [(StatusCode::INTERNAL_SERVER_ERROR, INTERNAL.0, INTERNAL.1)];
        let sections = KINDS.iter().chain(&internal);
        let mut expected: Vec<String> = sections
            .map(|(status, name, title)| format!("### {} {title} {{#problem-{name}}}", status.as_u16()))
            .collect();
        expected.sort();
        let mut found = in_guide.clone();
        found.sort_unstable();
        assert_eq!(found, expected);
    }
}
