//! The list of visits, newest first.

use super::visit_json::VisitJson;
use super::visit_page::VisitPage;
use crate::access::capability::SeeLiveVisitorList;
use crate::api::v1::common_params::{DateParams, FilterParams, PageParams};
use crate::api::v1::cursor::CursorScope;
use crate::api::v1::paging;
use crate::api::v1::parameters::{KnownParameters, Parameters};
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

/// The parameters of this route.
pub const PARAMETERS: KnownParameters =
    KnownParameters { names: &["date", "segment", "action_log", "limit", "cursor"], has_filters: true };

/// A page of visits, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct VisitList {
    /// The visits.
    pub visits: Vec<VisitJson>,
    /// The query, resolved.
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
    let parameters = Parameters::parse(parameters, PARAMETERS)?;
    let selection = parameters.selection(context)?;
    let rows = paging::rows(parameters.limit(), limits::API_PAGE_ROWS_MAX)?;
    let scope = CursorScope::new(&(context.site.site.id, "visits", &selection));
    let page = VisitPage { scope, rows, has_actions: parameters.flag("action_log")? };
    let query = selection.query(context)?;
    let (visits, next_cursor) = page.read(context, &query, parameters.get("cursor"))?;
    // Without visits, coverage alone tells from when on there may be any.
    let coverage = context.reader.engine.coverage(&query.with(Wants::default()))?;
    let resolved = selection.resolved(context, "visitors");
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
    description = "Single visits with source, place, device and custom data; with their actions if `action_log=true`. Filters and `segment` choose the visits.",
    params(
        ("site" = String, Path, description = "The id of the site, as in `GET /api/v1/sites`.", example = "1"),
        ("action_log" = Option<bool>, Query, description = "True to get the actions of each visit, as `action_log`. A page with very many ends before its `limit`; `next_cursor` goes on. False if left out.", example = true),
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
    // Filters are matched by columns, as those of reports are, and rows are read of one page alone: no need to run alone.
    let list =
        access.view(move |reader, site| read(&ReadContext { reader, site, origin: &origin }, &parameters));
    response::json(&request, &list.await?)
}
