//! The list of actions, newest first.

use super::visit_json::{ListedActionJson, find_kind};
use crate::access::capability::OpenVisit;
use crate::api::v1::common_params::{DateParams, FilterParams, PageParams};
use crate::api::v1::cursor::{CursorScope, Place};
use crate::api::v1::paging;
use crate::api::v1::parameters::{KnownParameters, Parameters};
use crate::api::v1::problem::ProblemDetails;
use crate::api::v1::read_context::ReadContext;
use crate::api::v1::resolved::ResolvedQuery;
use crate::api::v1::response;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::api_access::ApiAccess;
use crate::http::client;
use crate::http::site_context::SiteContext;
use crate::limits;
use crate::reports::data_reader::DataReader;
use crate::reports::query::{ActionFilters, ActionsWant, Wants};
use crate::reports::search::Search;
use crate::reports::table_query::Page;
use crate::reports::visits::actions::ActionKey;
use crate::reports::visits::listed::ListedAction;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::ToSchema;

/// The parameters of this route.
pub const PARAMETERS: KnownParameters = KnownParameters {
    names: &["date", "segment", "kind", "title_contains", "href_contains", "limit", "cursor"],
    has_filters: true,
};

/// A page of actions, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActionList {
    /// The actions.
    actions: Vec<ListedActionJson>,
    /// The query, resolved.
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

/// Returns true if a request may read actions of all its days for one page: those of other kinds and with other texts are
/// read, too. Without such a choice every visit that is read has actions for the page; filters choose visits by columns, as
/// those of reports do.
fn may_take_long(parameters: &str) -> bool {
    let filters = Parameters::parse(parameters, PARAMETERS).and_then(|parameters| filters(&parameters));
    filters.is_ok_and(|filters| filters.kind.is_some() || filters.has_texts())
}

fn below(place: Place) -> Option<ActionKey> {
    if let Place::Action(action) = place { Some(action) } else { None }
}

/// Lists actions.
///
/// # Errors
///
/// Fails with `Error::Invalid` that names each wrong parameter, with `Error::Forbidden` for what the program may not see, and
/// when the data file cannot be read.
pub fn read(context: &ReadContext<'_>, parameters: &str) -> Result<ActionList> {
    let parameters = Parameters::parse(parameters, PARAMETERS)?;
    let selection = parameters.selection(context)?;
    let filters = filters(&parameters)?;
    let rows = paging::rows(parameters.limit(), limits::API_PAGE_ROWS_MAX)?;
    let scope = CursorScope::new(&(context.site.site.id, "actions", &selection, &filters));
    let below = parameters.get("cursor").map(|cursor| scope.read(cursor, below)).transpose()?;
    let page = Page { number: 1, rows: rows + 1 };
    let want = ActionsWant { page, since: None, below, filters };
    let query = selection.query(context)?.with(Wants { actions: Some(want), ..Wants::default() });
    let answer = context.reader.run(&query)?;
    let mut found = answer.actions;
    let rows = usize::try_from(rows).unwrap_or(usize::MAX);
    let has_older = found.len() > rows;
    found.truncate(rows);
    let last = found.last().filter(|_| has_older).map(ListedAction::key);
    let kept_since = answer.coverage.kept_since.map(|day| day.to_string());
    Ok(ActionList {
        actions: found.iter().map(ListedActionJson::new).collect(),
        query: ResolvedQuery { kept_since, ..selection.resolved(context, "visitors") },
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
    description = "Page views, downloads, outbound clicks and events, each with the ids of its visit and visitor. Filters and `segment` choose the visits. A program searches for a kind or a text once at a time.",
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
    let is_slow = may_take_long(&parameters);
    let read = move |reader: &DataReader<'_>, site: &SiteContext| {
        read(&ReadContext { reader, site, origin: &origin }, &parameters)
    };
    let list = if is_slow { access.view_alone(read).await } else { access.view(read).await };
    response::json(&request, &list?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn searches_among_actions_run_alone_and_lists_of_all_do_not() {
        for query in ["kind=event", "title_contains=order&date=last-year", "country=DE&href_contains=cake"] {
            assert!(may_take_long(query), "{query}");
        }
        for query in ["", "country=DE&segment=1&limit=1000&date=last-year", "title_contains=", "wrong=1"] {
            assert!(!may_take_long(query), "{query}");
        }
    }
}
