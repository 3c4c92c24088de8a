//! `POST …/query`: metrics by dimensions, as people know it from Plausible's Stats API v2.

pub mod filters;
mod items;
mod plan;
pub mod reply;
pub mod request;
mod steps;

use super::parameters::{KnownParameters, Parameters};
use super::problem::ProblemDetails;
use super::read_context::ReadContext;
use super::request_body;
use super::response;
use crate::access::capability::OpenReport;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::api_access::ApiAccess;
use crate::http::client;
use crate::limits;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use plan::{Plan, Shape};
use reply::QueryReply;
use request::QueryRequest;

/// Answers a query.
///
/// # Errors
///
/// Fails with `Error::Invalid` that names what is wrong with the request, with `Error::Forbidden` for what the program may
/// not see, when the request is cancelled, and when the data file cannot be read.
pub fn run(context: &ReadContext<'_>, request: &QueryRequest) -> Result<QueryReply> {
    check_site(context, request)?;
    let plan = Plan::new(context, request)?;
    match plan.shape {
        Shape::Totals => steps::totals(context, &plan),
        Shape::Steps(interval) => steps::by_time(context, &plan, interval),
        Shape::Items(dimension) => items::by_item(context, &plan, dimension),
        Shape::Pairs(rows, columns) => items::by_pair(context, &plan, rows, columns),
        Shape::ItemSteps { interval, dimension, is_time_first } => {
            steps::by_time_and_item(context, &plan, interval, dimension, is_time_first)
        }
    }
}

/// Checks that a query names no other site than the request.
fn check_site(context: &ReadContext<'_>, request: &QueryRequest) -> Result<()> {
    let site = &context.site.site;
    let is_same = |named: &String| *named == site.id.to_string() || named.eq_ignore_ascii_case(&site.domain);
    if request.site_id.as_ref().is_none_or(is_same) {
        return Ok(());
    }
    let sentence = format!("This is the address of site {}, {}. Leave site_id out.", site.id, site.domain);
    Err(Error::invalid("site_id", sentence))
}

/// `POST /api/v1/sites/{site}/query`: answers a query.
///
/// # Errors
///
/// Fails as [`run`] does, and for wrong or missing credentials.
#[utoipa::path(
    post,
    path = "/api/v1/sites/{site}/query",
    operation_id = "query",
    tag = "Reports",
    summary = "Count metrics by dimensions",
    description = "Answers a question of your own: any metrics, in total or by one or two dimensions or over time, with filters, an \
                   order and a comparison. Names and grammar are those of Plausible's Stats API v2, and the names of reports here.",
    params(("site" = String, Path, description = "The id of the site, as in `GET /api/v1/sites`.", example = "1")),
    request_body(content = QueryRequest, description = "The question."),
    responses(
        (status = 200, description = "The results.", body = QueryReply),
        (status = 400, description = "The body is no JSON.", body = ProblemDetails, content_type = "application/problem+json"),
        (status = "default", description = "A problem.", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn ask(
    access: ApiAccess<OpenReport>,
    app: Data<App>,
    request: HttpRequest,
    body: Payload,
) -> Result<HttpResponse> {
    // Only bodies of programs that may ask are held in memory.
    access.view(|_, _| Ok(())).await?;
    let body = request_body::read(body, limits::API_QUERY_BYTES_MAX, too_large).await?;
    let origin = client::origin(&request, &app.config);
    let parameters = request.query_string().to_owned();
    let reply = access.view(move |reader, site| {
        Parameters::parse(&parameters, KnownParameters::NONE)?;
        let context = ReadContext { reader, site, origin: &origin };
        run(&context, &QueryRequest::parse(&body)?)
    });
    response::json(&request, &reply.await?)
}

fn too_large() -> Error {
    Error::invalid("body", format!("A query has {} KiB at most.", limits::API_QUERY_BYTES_MAX / 1_024))
}
