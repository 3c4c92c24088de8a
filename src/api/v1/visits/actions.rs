//! The list of actions, newest first.

use super::visit_json::{ListedActionJson, find_kind};
use crate::access::capability::OpenVisit;
use crate::api::v1::common_params::{DateParams, FilterParams, PageParams};
use crate::api::v1::cursor::{CursorScope, Place};
use crate::api::v1::paging;
use crate::api::v1::parameters::Parameters;
use crate::api::v1::problem::ProblemDetails;
use crate::api::v1::read_context::ReadContext;
use crate::api::v1::resolved::ResolvedQuery;
use crate::api::v1::response;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::api_access::ApiAccess;
use crate::http::client;
use crate::limits;
use crate::reports::query::{ActionFilters, ActionsWant, Wants};
use crate::reports::search::Search;
use crate::reports::table_query::Page;
use crate::reports::visits::actions::ActionKey;
use crate::reports::visits::listed::ListedAction;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::ToSchema;

/// A page of actions, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActionList {
    /// The actions.
    actions: Vec<ListedActionJson>,
    /// What was asked, resolved.
    query: ResolvedQuery,
    /// The cursor of the next page; left out on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

fn filters(parameters: &Parameters) -> Result<ActionFilters> {
    let kind = parameters.get("kind").map(|name| {
        let sentence = "Write pageview, download, outbound, event or media.";
        find_kind(name).ok_or_else(|| Error::invalid("kind", sentence))
    });
    let search = |name| Search::containing(parameters.get(name).unwrap_or_default());
    Ok(ActionFilters {
        kind: kind.transpose()?,
        title: search("title_contains"),
        href: search("href_contains"),
    })
}

fn below(scope: &CursorScope, cursor: &str) -> Result<ActionKey> {
    match scope.read(cursor)? {
        Place::Action(action) => Ok(action),
        _ => {
            Err(Error::invalid("cursor", "This cursor belongs to another list. Leave it out to begin again."))
        }
    }
}

/// Lists actions.
///
/// # Errors
///
/// Fails with `Error::Invalid` that names each wrong parameter, with `Error::Forbidden` for what the program may not see, and
/// when the data file cannot be read.
pub fn read(context: &ReadContext<'_>, parameters: &str) -> Result<ActionList> {
    let names = ["date", "segment", "kind", "title_contains", "href_contains", "limit", "cursor"];
    let parameters = Parameters::parse(parameters, &names, true)?;
    let asked = parameters.asked(context)?;
    let filters = filters(&parameters)?;
    let rows = paging::rows(parameters.limit(), limits::API_PAGE_ROWS_MAX)?;
    let scope = CursorScope::new(&(context.site.site.id, "actions", &asked, &filters));
    let below = parameters.get("cursor").map(|cursor| below(&scope, cursor)).transpose()?;
    let page = Page { number: 1, rows: rows + 1 };
    let want = ActionsWant { page, since: None, below, filters };
    let query = asked.query(context)?.with(Wants { actions: Some(want), ..Wants::default() });
    let answer = context.reader.run(&query)?;
    let mut found = answer.actions;
    let rows = usize::try_from(rows).unwrap_or(usize::MAX);
    let has_older = found.len() > rows;
    found.truncate(rows);
    let last = found.last().filter(|_| has_older).map(ListedAction::key);
    let kept_since = answer.coverage.kept_since.map(|day| day.to_string());
    Ok(ActionList {
        actions: found.iter().map(ListedActionJson::new).collect(),
        query: ResolvedQuery { kept_since, ..asked.resolved(context, "visitors") },
        next_cursor: last.map(|last| scope.write(Place::Action(last))),
    })
}

/// `GET /api/v1/sites/{site}/actions`: lists actions.
///
/// # Errors
///
/// Fails as [`read`] does, and for wrong or missing credentials.
#[utoipa::path(
    get,
    path = "/api/v1/sites/{site}/actions",
    operation_id = "list_actions",
    tag = "Visits",
    summary = "List actions, newest first",
    description = "Page views, downloads, outbound clicks and events, each with the ids of its visit and visitor. Filters and `segment` choose the visits. A program asks for one list of visits or actions at a time.",
    params(
        ("site" = String, Path, description = "The id of the site, as in `GET /api/v1/sites`.", example = "1"),
        ("kind" = Option<String>, Query, description = "Only actions of this kind: `pageview`, `download`, `outbound`, `event` or `media`. All but media if left out.", example = "pageview"),
        ("title_contains" = Option<String>, Query, description = "Only actions with this text in their title, in any case."),
        ("href_contains" = Option<String>, Query, description = "Only actions with this text in their address, such as `/shop`, in any case."),
        DateParams,
        FilterParams,
        PageParams,
    ),
    responses(
        (status = 200, description = "The actions.", body = ActionList),
        (status = "default", description = "A problem.", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn list(
    access: ApiAccess<OpenVisit>,
    app: Data<App>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let origin = client::origin(&request, &app.config);
    let parameters = request.query_string().to_owned();
    let list = access
        .view_alone(move |reader, site| read(&ReadContext { reader, site, origin: &origin }, &parameters));
    response::json(&request, &list.await?)
}
