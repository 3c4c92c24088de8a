//! One visitor, with their visits.

use super::visit_json::VisitJson;
use super::visit_page::VisitPage;
use crate::access::capability::OpenVisit;
use crate::api::v1::common_params::PageParams;
use crate::api::v1::cursor::CursorScope;
use crate::api::v1::paging;
use crate::api::v1::parameters::{KnownParameters, Parameters};
use crate::api::v1::problem::ProblemDetails;
use crate::api::v1::read_context::ReadContext;
use crate::api::v1::response;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::api_access::ApiAccess;
use crate::http::client;
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::VisitorId;
use crate::reports::catalogue;
use crate::reports::date_range::DateRange;
use crate::reports::filter::{Filter, Operator};
use crate::reports::query::{Query, Wants};
use crate::reports::table_query::Page;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::ToSchema;

/// The parameters of this route.
pub const PARAMETERS: KnownParameters =
    KnownParameters { names: &["action_log", "limit", "cursor"], has_filters: false };

/// A visitor: what their visits add up to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Visitor)]
pub struct VisitorJson {
    /// The id of the visitor.
    visitor_id: String,
    /// The number of visits.
    visits: i64,
    /// The number of actions.
    actions: i64,
    /// The seconds of all visits.
    seconds: i64,
    /// The beginning of the first visit, in RFC 3339.
    #[schema(example = "2026-11-30T09:30:00Z")]
    first_visit_at: String,
    /// The screen of the visitor.
    url: String,
    #[serde(skip)]
    first: Timestamp,
}

/// A visitor with a page of their visits, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct VisitorReply {
    /// The visitor.
    visitor: VisitorJson,
    /// The visits.
    visits: Vec<VisitJson>,
    /// The cursor of the next page; left out on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl VisitorJson {
    /// Reads what the visits of a visitor add up to.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Missing` when there is no such visitor, with `Error::Forbidden` when single visits are hidden, and when
    /// the data file cannot be read.
    pub fn read(context: &ReadContext<'_>, visitor: VisitorId) -> Result<Self> {
        let wants = Wants { visitor: Some((visitor, Page { number: 1, rows: 1 })), ..Wants::default() };
        let answer = context.reader.run(&context.query_today(wants))?;
        let totals = answer.visitor.ok_or(Error::Missing("visitor"))?.totals;
        Ok(Self {
            visitor_id: visitor.to_string(),
            visits: totals.visits,
            actions: totals.actions,
            seconds: totals.seconds,
            first_visit_at: totals.first.rfc3339(),
            url: context.screens().visitor(visitor),
            first: totals.first,
        })
    }
}

/// Returns a visitor with a page of their visits.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such visitor, with `Error::Invalid` that names each wrong parameter, with
/// `Error::Forbidden` for what the program may not see, and when the data file cannot be read.
pub fn read(context: &ReadContext<'_>, visitor: &str, parameters: &str) -> Result<VisitorReply> {
    let parameters = Parameters::parse(parameters, PARAMETERS)?;
    let id = VisitorId::parse(visitor).ok_or(Error::Missing("visitor"))?;
    let visitor = VisitorJson::read(context, id)?;
    let rows = paging::rows(parameters.limit(), limits::API_PAGE_ROWS_MAX)?;
    let scope = CursorScope::new(&(context.site.site.id, "visitor", id));
    let page = VisitPage { scope, rows, has_actions: parameters.flag("action_log")? };
    let dimension = catalogue::dimension_of_filter("uid").ok_or(Error::Missing("visitor"))?;
    let filter = Filter::new(dimension, Operator::Is, vec![id.to_string()])?;
    let first = context.site.site.zone.day(visitor.first);
    // A clock that was ahead may have left visits of tomorrow.
    let range = DateRange { first, last: context.today().plus(1).max(first) };
    let query = Query { range, filters: vec![filter], ..context.query_today(Wants::default()) };
    let (visits, next_cursor) = page.read(context, &query, parameters.get("cursor"))?;
    Ok(VisitorReply { visitor, visits, next_cursor })
}

/// `GET /api/v1/sites/{site}/visitors/{visitor}`: returns a visitor.
///
/// # Errors
///
/// Fails as [`read`] does, and for wrong or missing credentials.
#[utoipa::path(
    get,
    path = "/api/v1/sites/{site}/visitors/{visitor}",
    operation_id = "get_visitor",
    tag = "Visits",
    summary = "Get a visitor with their visits",
    description = "What the visits of a visitor add up to, and the visits themselves, newest first.",
    params(
        ("site" = String, Path, description = "The id of the site, as in `GET /api/v1/sites`.", example = "1"),
        ("visitor" = String, Path, description = "The id of the visitor: a `visitor_id` of another reply.", example = "5846271290114530817"),
        ("action_log" = Option<bool>, Query, description = "True to get the actions of each visit, as `action_log`. False if left out.", example = true),
        PageParams,
    ),
    responses(
        (status = 200, description = "The visitor.", body = VisitorReply),
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
    let (visitor, parameters) = (names.1.clone(), request.query_string().to_owned());
    let reply = access.view_alone(move |reader, site| {
        read(&ReadContext { reader, site, origin: &origin }, &visitor, &parameters)
    });
    response::json(&request, &reply.await?)
}
