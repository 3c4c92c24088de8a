//! The list of visits, newest first.

use super::parts::VisitPage;
use super::visit_json::VisitJson;
use crate::access::capability::SeeLiveVisitorList;
use crate::api::v1::common_params::{DateParams, FilterParams, PageParams};
use crate::api::v1::cursor::CursorScope;
use crate::api::v1::paging;
use crate::api::v1::parameters::Parameters;
use crate::api::v1::problem::ProblemDetails;
use crate::api::v1::read_context::ReadContext;
use crate::api::v1::resolved::ResolvedQuery;
use crate::api::v1::response;
use crate::app::App;
use crate::error::Result;
use crate::http::api_access::ApiAccess;
use crate::http::client;
use crate::limits;
use crate::reports::query::Wants;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::ToSchema;

/// A page of visits, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct VisitList {
    /// The visits.
    pub visits: Vec<VisitJson>,
    /// What was asked, resolved.
    pub query: ResolvedQuery,
    /// The cursor of the next page; left out on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Lists visits.
///
/// # Errors
///
/// Fails with `Error::Invalid` that names each wrong parameter, with `Error::Forbidden` for what the program may not see, and
/// when the data file cannot be read.
pub fn read(context: &ReadContext<'_>, parameters: &str) -> Result<VisitList> {
    let parameters = Parameters::parse(parameters, &["date", "segment", "actions", "limit", "cursor"], true)?;
    let asked = parameters.asked(context)?;
    let rows = paging::rows(parameters.limit(), limits::API_PAGE_ROWS_MAX)?;
    let scope = CursorScope::new(&(context.site.site.id, "visits", &asked));
    let page = VisitPage { scope, rows, has_actions: parameters.flag("actions")? };
    let query = asked.query(context)?;
    let (visits, next_cursor) = page.read(context, &query, parameters.get("cursor"))?;
    // Without visits, coverage alone tells from when on there may be any.
    let coverage = context.reader.engine.coverage(&query.with(Wants::default()))?;
    let resolved = asked.resolved(context, "visitors");
    let kept_since = coverage.kept_since.map(|day| day.to_string());
    Ok(VisitList { visits, query: ResolvedQuery { kept_since, ..resolved }, next_cursor })
}

/// `GET /api/v1/sites/{site}/visits`: lists visits.
///
/// # Errors
///
/// Fails as [`read`] does, and for wrong or missing credentials.
#[utoipa::path(
    get,
    path = "/api/v1/sites/{site}/visits",
    operation_id = "list_visits",
    tag = "Visits",
    summary = "List visits, newest first",
    description = "Single visits with source, place, device and custom data; with their actions if `actions=true`. Filters and `segment` choose the visits. A program asks for one list of visits or actions at a time.",
    params(
        ("site" = String, Path, description = "The id of the site, as in `GET /api/v1/sites`.", example = "1"),
        ("actions" = Option<bool>, Query, description = "True to get the actions of each visit, as `action_log`. A page with very many ends before its `limit`; `next_cursor` goes on. False if left out.", example = true),
        DateParams,
        FilterParams,
        PageParams,
    ),
    responses(
        (status = 200, description = "The visits.", body = VisitList),
        (status = "default", description = "A problem.", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn list(
    access: ApiAccess<SeeLiveVisitorList>,
    app: Data<App>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let origin = client::origin(&request, &app.config);
    let parameters = request.query_string().to_owned();
    let list = access
        .view_alone(move |reader, site| read(&ReadContext { reader, site, origin: &origin }, &parameters));
    response::json(&request, &list.await?)
}
