//! The catalogue of reports, with the vocabulary of queries.

use super::reply::kind_name;
use crate::access::capability::OpenReport;
use crate::api::v1::parameters::{KnownParameters, Parameters};
use crate::api::v1::problem::ProblemDetails;
use crate::api::v1::response;
use crate::api::v1::vocabulary::Vocabulary;
use crate::api::v1::vocabulary::dimensions;
use crate::api::v1::vocabulary::metrics::{ApiMetric, METRICS};
use crate::error::Result;
use crate::http::api_access::ApiAccess;
use crate::reports::catalogue::{Report, ReportKind};
use crate::reports::dimension::Dimension;
use crate::reports::hour_metrics;
use crate::reports::visibility::Visibility;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::ToSchema;

/// The reports that a program may read, with the vocabulary of queries.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportCatalogue {
    /// The reports.
    reports: Vec<ReportDefinition>,
    #[serde(flatten)]
    vocabulary: Vocabulary,
}

/// A report.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportDefinition {
    /// The name in addresses.
    #[schema(example = "pages")]
    name: &'static str,
    /// The title.
    title: &'static str,
    /// The meaning of its numbers.
    about: &'static str,
    /// The group to which it belongs.
    group: &'static str,
    /// The kind of its rows: `metric`, `items`, `recent`, `filtered`, `journey`, `funnel`, `split-tests`, `retention`, `hours`
    /// or `vitals`.
    kind: &'static str,
    /// The metrics that its rows have.
    metrics: Vec<&'static str>,
    /// The name of the filter that its items are values of.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "href")]
    filter: Option<&'static str>,
    /// The name of the dimension of a query with the same items.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "href")]
    dimension: Option<&'static str>,
}

impl ReportDefinition {
    fn new(report: &'static Report) -> Self {
        let of_items = |dimension: &Dimension| {
            let has =
                |metric: &&ApiMetric| metric.is_of_items && (!metric.is_of_pages() || dimension.is_read());
            METRICS.iter().filter(has).map(|metric| metric.name).collect::<Vec<_>>()
        };
        let (metrics, filter, dimension) = match report.kind {
            ReportKind::Metric(metric) => {
                (ApiMetric::of_report(metric).map(|metric| metric.name).into_iter().collect(), None, None)
            }
            ReportKind::Items(dimension) | ReportKind::SplitTests(dimension) => {
                (of_items(dimension), Some(dimension.filter), Some(dimensions::query_name(dimension)))
            }
            ReportKind::Recent(list) => (Vec::new(), Some(list.filter()), None),
            ReportKind::Hours => {
                (hour_metrics::HOUR_METRICS.iter().map(|one| one.name).collect(), None, None)
            }
            ReportKind::FilteredHits
            | ReportKind::Journeys
            | ReportKind::Funnels
            | ReportKind::Vitals
            | ReportKind::Retention
            | ReportKind::Uptime
            | ReportKind::Outages => (Vec::new(), None, None),
        };
        Self {
            name: report.name,
            title: report.title,
            about: report.about,
            group: report.subject.title(),
            kind: kind_name(report.kind),
            metrics,
            filter,
            dimension,
        }
    }
}

impl ReportCatalogue {
    /// Returns the catalogue for somebody's visibility of a site.
    pub fn new(visibility: &Visibility) -> Self {
        Self {
            reports: visibility.reports().map(ReportDefinition::new).collect(),
            vocabulary: Vocabulary::new(visibility),
        }
    }
}

/// `GET /api/v1/sites/{site}/reports`: lists the reports, with the vocabulary of queries.
///
/// # Errors
///
/// Fails for wrong or missing credentials, and when the data file cannot be read.
#[utoipa::path(
    get,
    path = "/api/v1/sites/{site}/reports",
    operation_id = "list_reports",
    tag = "Reports",
    summary = "List the reports, metrics and filters",
    description = "All names that reports and queries take, each with its meaning, as far as the program may use them.",
    params(("site" = String, Path, description = "The id of the site, as in `GET /api/v1/sites`.", example = "1")),
    responses(
        (status = 200, description = "The reports that the token or key may read.", body = ReportCatalogue),
        (status = "default", description = "A problem.", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn list(access: ApiAccess<OpenReport>, request: HttpRequest) -> Result<HttpResponse> {
    let parameters = request.query_string().to_owned();
    let list = access.view(move |_, site| {
        Parameters::parse(&parameters, KnownParameters::NONE)?;
        Ok(ReportCatalogue::new(site.visibility()))
    });
    response::json(&request, &list.await?)
}
