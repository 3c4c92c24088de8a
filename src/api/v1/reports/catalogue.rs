//! The catalogue of reports, with the words of queries.

use super::reply::kind_name;
use crate::access::capability::OpenReport;
use crate::api::v1::definitions::{ApiMetric, METRICS, OPERATORS, OperatorDefinition};
use crate::api::v1::parameters::Parameters;
use crate::api::v1::problem::ProblemDetails;
use crate::api::v1::response;
use crate::error::Result;
use crate::http::api_access::ApiAccess;
use crate::reports::catalogue::{self, Report, ReportKind};
use crate::reports::filter::Operator;
use crate::reports::visibility::Visibility;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use strum::IntoEnumIterator;
use utoipa::ToSchema;

/// The reports that a program may read, with the words of queries.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportCatalogue {
    /// The reports.
    reports: Vec<ReportDefinition>,
    /// The metrics.
    metrics: Vec<MetricDefinition>,
    /// The filters.
    filters: Vec<FilterDefinition>,
    /// The ways in which filters compare.
    operators: &'static [OperatorDefinition],
}

/// A report.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportDefinition {
    /// The name in addresses.
    #[schema(example = "pages")]
    name: &'static str,
    /// The title.
    title: &'static str,
    /// What it counts.
    about: &'static str,
    /// The group to which it belongs.
    group: &'static str,
    /// What its rows are: `metric`, `items`, `recent` or `filtered`.
    kind: &'static str,
    /// The metrics that its rows have.
    metrics: Vec<&'static str>,
    /// The name of the filter, and of the dimension of a query, that its items are values of.
    #[serde(skip_serializing_if = "Option::is_none")]
    filter: Option<&'static str>,
}

/// A metric.
#[derive(Debug, Serialize, ToSchema)]
pub struct MetricDefinition {
    /// The name.
    #[schema(example = "bounce_rate")]
    name: &'static str,
    /// The meaning.
    about: &'static str,
    /// True if each item has it; false if it is counted without dimensions and by time alone.
    of_items: bool,
    /// True if items can be ordered by it.
    sortable: bool,
}

/// A filter.
#[derive(Debug, Serialize, ToSchema)]
pub struct FilterDefinition {
    /// The name.
    #[schema(example = "country")]
    name: &'static str,
    /// The word for one value.
    noun: &'static str,
    /// The operators that suit it.
    operators: Vec<&'static str>,
    /// True if a query can count by it.
    dimension: bool,
}

impl ReportDefinition {
    fn new(report: &'static Report) -> Self {
        let of_items = || METRICS.iter().filter(|metric| metric.is_of_items).map(|metric| metric.name);
        let (metrics, filter) = match report.kind {
            ReportKind::Metric(metric) => {
                (ApiMetric::of_report(metric).map(|metric| metric.name).into_iter().collect(), None)
            }
            ReportKind::Items(dimension) => (of_items().collect(), Some(dimension.filter)),
            ReportKind::Recent(list) => (Vec::new(), Some(list.filter())),
            ReportKind::FilteredHits => (Vec::new(), None),
        };
        Self {
            name: report.name,
            title: report.title,
            about: report.about,
            group: report.subject.title(),
            kind: kind_name(report.kind),
            metrics,
            filter,
        }
    }
}

impl ReportCatalogue {
    fn new(visibility: &Visibility) -> Self {
        let counted = catalogue::dimensions().iter().map(|dimension| (dimension, true));
        let others = catalogue::SINGLE_VISITS.iter().chain([&catalogue::GOALS]).map(|one| (one, false));
        let filters = counted.chain(others).filter(|(dimension, _)| visibility.filters_by(dimension));
        let filters = filters.map(|(dimension, is_counted)| FilterDefinition {
            name: dimension.filter,
            noun: dimension.noun,
            operators: Operator::iter()
                .filter(|operator| operator.suits(dimension))
                .map(OperatorDefinition::name)
                .collect(),
            dimension: is_counted,
        });
        let metrics = METRICS.iter().map(|metric| MetricDefinition {
            name: metric.name,
            about: metric.about,
            of_items: metric.is_of_items,
            sortable: metric.sort.is_some(),
        });
        Self {
            reports: visibility.reports().map(ReportDefinition::new).collect(),
            metrics: metrics.collect(),
            filters: filters.collect(),
            operators: &OPERATORS,
        }
    }
}

/// `GET /api/v1/sites/{site}/reports`: lists the reports and the words of queries.
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
        Parameters::parse(&parameters, &[], false)?;
        Ok(ReportCatalogue::new(site.visibility()))
    });
    response::json(&request, &list.await?)
}
