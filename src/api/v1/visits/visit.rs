//! One visit, with its actions and its visitor.

use super::visit_json::VisitJson;
use super::visitor::VisitorJson;
use crate::access::capability::OpenVisit;
use crate::api::v1::parameters::{KnownParameters, Parameters};
use crate::api::v1::problem::ProblemDetails;
use crate::api::v1::read_context::ReadContext;
use crate::api::v1::response;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::api_access::ApiAccess;
use crate::http::client;
use crate::model::id::VisitId;
use crate::reports::catalogue;
use crate::reports::date_range::DateRange;
use crate::reports::filter::{Filter, Operator};
use crate::reports::query::{Query, VisitRecordsWant, Wants};
use crate::reports::table_query::Page;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::ToSchema;

/// A visit with its actions and its visitor.
#[derive(Debug, Serialize, ToSchema)]
pub struct VisitReply {
    /// The visit, with its actions.
    pub visit: VisitJson,
    /// The visitor.
    visitor: VisitorJson,
}

/// Returns a visit.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is none, with `Error::Forbidden` for what the program may not see, and when the data
/// file cannot be read.
pub fn read(context: &ReadContext<'_>, visit: &str) -> Result<VisitReply> {
    let id = VisitId::parse(visit).ok_or(Error::Missing("visit"))?;
    let dimension = catalogue::dimension_of_filter("session_id").ok_or(Error::Missing("visit"))?;
    let filter = Filter::new(dimension, Operator::Is, vec![id.to_string()])?;
    let day = context.site.site.zone.day(id.began());
    let want =
        VisitRecordsWant { page: Page { number: 1, rows: 1 }, since: None, below: None, with_actions: true };
    let wants = Wants { visit_records: Some(want), ..Wants::default() };
    let range = DateRange { first: day, last: day };
    let query = Query { range, filters: vec![filter], ..context.query_today(wants) };
    let found = context.reader.run(&query)?.visit_records;
    let listed = found.first().ok_or(Error::Missing("visit"))?;
    Ok(VisitReply {
        visit: VisitJson::of_listed(listed, true, &context.screens()),
        visitor: VisitorJson::read(context, listed.visit.visitor)?,
    })
}

/// `GET /api/v1/sites/{site}/visits/{visit}`: returns a visit.
///
/// # Errors
///
/// Fails as [`read`] does, and for wrong or missing credentials.
#[utoipa::path(
    get,
    path = "/api/v1/sites/{site}/visits/{visit}",
    operation_id = "get_visit",
    tag = "Visits",
    summary = "Get a visit with its actions",
    description = "One visit with all its actions in their order, and what the visits of its visitor add up to.",
    params(
        ("site" = String, Path, description = "The id of the site, as in `GET /api/v1/sites`.", example = "1"),
        ("visit" = String, Path, description = "The id of the visit: a `visit_id` of another reply.", example = "1882746310787989506"),
    ),
    responses(
        (status = 200, description = "The visit.", body = VisitReply),
        (status = "default", description = "A problem.", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn show(
    access: ApiAccess<OpenVisit>,
    app: Data<App>,
    request: HttpRequest,
    names: Path<(String, String)>,
) -> Result<HttpResponse> {
    let origin = client::origin(&request, &app.config);
    let (visit, parameters) = (names.1.clone(), request.query_string().to_owned());
    let reply = access.view(move |reader, site| {
        Parameters::parse(&parameters, KnownParameters::NONE)?;
        read(&ReadContext { reader, site, origin: &origin }, &visit)
    });
    response::json(&request, &reply.await?)
}
