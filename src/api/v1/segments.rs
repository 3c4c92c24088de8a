//! The saved segments that a program may use.

use super::parameters::{KnownParameters, Parameters};
use super::problem::ProblemDetails;
use super::query::request::FilterRequest;
use super::read_context::ReadContext;
use super::response;
use crate::access::capability::OpenReport;
use crate::error::Result;
use crate::http::api_access::ApiAccess;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::ToSchema;

/// The saved segments that a program may use.
#[derive(Debug, Serialize, ToSchema)]
pub struct SegmentList {
    /// The segments: those that all of the site share, then those of the token's person.
    segments: Vec<ApiSegment>,
}

/// A segment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Segment)]
pub struct ApiSegment {
    /// The id, for the parameter `segment`.
    #[schema(example = "3")]
    segment_id: String,
    /// The name.
    name: String,
    /// True if all of the site share it.
    shared: bool,
    /// The filters.
    filters: Vec<FilterRequest>,
}

/// `GET /api/v1/sites/{site}/segments`: lists the segments.
///
/// # Errors
///
/// Fails for wrong or missing credentials, and when the data file cannot be read.
#[utoipa::path(
    get,
    path = "/api/v1/sites/{site}/segments",
    operation_id = "list_segments",
    tag = "Reports",
    summary = "List the saved segments",
    description = "The saved segments that the program may use: those that everyone of the site shares, then those of the token's person. Other routes take their ids as `segment`.",
    params(("site" = String, Path, description = "The id of the site, as in `GET /api/v1/sites`.", example = "1")),
    responses(
        (status = 200, description = "The segments that the token or key may use.", body = SegmentList),
        (status = "default", description = "A problem.", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn list(access: ApiAccess<OpenReport>, request: HttpRequest) -> Result<HttpResponse> {
    let parameters = request.query_string().to_owned();
    let list = access.view(move |reader, site| {
        Parameters::parse(&parameters, KnownParameters::NONE)?;
        let segments = ReadContext { reader, site, origin: "" }.segments()?.into_iter();
        let segments = segments.map(|(segment, filters)| ApiSegment {
            segment_id: segment.id.to_string(),
            name: segment.name,
            shared: segment.is_shared,
            filters: filters.iter().map(FilterRequest::new).collect(),
        });
        Ok(SegmentList { segments: segments.collect() })
    });
    response::json(&request, &list.await?)
}
