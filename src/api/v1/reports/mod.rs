//! The reports of the catalogue, with the numbers of the screens and files.

mod catalogue;
mod cohort_row;
mod funnel_rows;
mod funnels;
mod hits;
mod hour_row;
mod hours;
mod item_json;
mod items;
mod journey_rows;
mod journeys;
mod metric;
mod recent;
mod reply;
pub mod request;
mod retention;
mod split_row;
mod split_tests;
mod uptime;
mod uptime_rows;
mod vitals;
mod vitals_json;

pub use catalogue::{__path_list, ReportCatalogue, list};

use super::common_params::{CompareParams, DateParams, FilterParams, PageParams};
use super::problem::ProblemDetails;
use super::read_context::ReadContext;
use super::response;
use crate::access::capability::OpenReport;
use crate::app::App;
use crate::error::Result;
use crate::http::api_access::ApiAccess;
use crate::http::client;
use crate::reports::catalogue::ReportKind;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
pub use reply::ReportReply;
pub use request::ReportRequest;

/// Answers a request for a report.
///
/// # Errors
///
/// Fails as [`show`] does.
pub fn run(context: &ReadContext<'_>, request: &ReportRequest) -> Result<ReportReply> {
    match (request.kind, request.by) {
        (ReportKind::Metric(metric), _) => metric::show(context, request, metric),
        (ReportKind::Items(dimension), None) => items::show(context, request, dimension),
        (ReportKind::Items(dimension), Some(by)) => items::show_by(context, request, dimension, by),
        (ReportKind::Recent(list), _) => recent::show(context, request, list),
        (ReportKind::FilteredHits, _) => hits::show(context, request),
        (ReportKind::Journeys, _) => journeys::show(context, request),
        (ReportKind::Funnels, _) => funnels::show(context, request),
        (ReportKind::SplitTests(_), _) => split_tests::show(context, request),
        (ReportKind::Hours, _) => hours::show(context, request),
        (ReportKind::Vitals, _) => vitals::show(context, request, request.vitals.clone()),
        (ReportKind::Retention, _) => retention::show(context, request),
        (ReportKind::Uptime, _) => uptime::show(context, request),
        (ReportKind::Outages, _) => uptime::show_outages(context, request),
    }
}

/// `GET /api/v1/sites/{site}/reports/{report}`: returns a report.
///
/// # Errors
///
/// Fails for wrong or missing credentials, with `Error::Missing` for an unknown report, with `Error::Invalid` that names each
/// wrong parameter, and when the data file cannot be read.
#[utoipa::path(
    get,
    path = "/api/v1/sites/{site}/reports/{report}",
    operation_id = "get_report",
    tag = "Reports",
    summary = "Get a report",
    description = "Returns a report with the numbers of its screen. `kind` says what its rows are: steps over time (`metric`), items \
                   with their metrics (`items`), the latest links or searches (`recent`), hits that were left out (`filtered`), the steps before \
                   and after something (`journey`), the steps of a funnel (`funnel`), the versions of a split test (`split-tests`), \
                   hours of the week (`hours`), the web vitals of pages (`vitals`), cohorts of visitors (`retention`), monitors (`uptime`), \
                   or their outages (`outages`).",
    params(
        ("site" = String, Path, description = "The id of the site, as in `GET /api/v1/sites`.", example = "1"),
        ("report" = String, Path, description = "The name of the report. `GET …/reports` lists all of them.", example = "pages"),
        DateParams,
        CompareParams,
        ("interval" = Option<String>, Query, description = "For reports of one metric: the length of a step, `hour`, `day`, `week` or `month`. Hours of one day, else days, if left out."),
        ("series" = Option<bool>, Query, description = "For reports of items: true adds the most frequent items over time, as `series`."),
        ("by" = Option<String>, Query, description = "For reports of items: the name of another such report, such as `web-browsers`, whose items are counted within each. For `funnels`: the report of items by which a funnel is broken down; its rows are `limit` of these items, those with most entries first. For `retention`: `week` or `month`."),
        ("funnel" = Option<String>, Query, description = "For `funnels`: the id or the name of the funnel; the first one, if left out.", example = "1"),
        ("sort" = Option<String>, Query, description = "For reports of items: what rows are sorted by, `title`, `change` or a metric. For `web-vitals`: `measurements`, `lcp`, `inp` or `cls`.", example = "visits"),
        ("order" = Option<String>, Query, description = "For reports of items and `web-vitals`: `asc` or `desc`.", example = "desc"),
        ("device" = Option<String>, Query, description = "For `web-vitals`: only one device, `desktop`, `phone` or `tablet`.", example = "phone"),
        ("conversions_of" = Option<String>, Query, description = "For reports of items or of one metric: the goal whose conversions and revenue are counted alone, by the name that pages send, its name or its id.", example = "order"),
        ("find" = Option<String>, Query, description = "For reports of items and `web-vitals`: only items that contain this text."),
        ("attribution" = Option<String>, Query, description = "For `traffic-sources`, `links-domains` and `campaigns`: `first` or `last` credits visits to the source that brought the visitor first or last, within 90 days, where cookies are allowed."),
        ("test" = Option<String>, Query, description = "For `split-tests`: the name of the test; the one with most visits if it is left out."),
        ("baseline" = Option<String>, Query, description = "For `split-tests`: the version with which the others are compared."),
        ("metric" = Option<String>, Query, description = "For `hours`: the metric, such as `visits` or `bounce_rate`.", example = "visits"),
        ("key" = Option<String>, Query, description = "For `custom`: only values of this key.", example = "plan"),
        ("of" = Option<String>, Query, description = "For `journeys`: what is in the middle, `page`, `goal` or `event`. A page if left out.", example = "page"),
        ("around" = Option<String>, Query, description = "For `journeys`: the page, goal or event in the middle. The most viewed page if left out.", example = "/shop"),
        FilterParams,
        PageParams,
    ),
    responses(
        (status = 200, description = "The report.", body = ReportReply),
        (status = "default", description = "A problem.", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn show(
    access: ApiAccess<OpenReport>,
    app: Data<App>,
    request: HttpRequest,
    names: Path<(String, String)>,
) -> Result<HttpResponse> {
    let origin = client::origin(&request, &app.config);
    let (name, parameters) = (names.1.clone(), request.query_string().to_owned());
    let reply = access.view(move |reader, site| {
        let context = ReadContext { reader, site, origin: &origin };
        run(&context, &ReportRequest::parse(&context, &name, &parameters)?)
    });
    response::json(&request, &reply.await?)
}
