//! The visitors who are online.

use super::parameters::{KnownParameters, Parameters};
use super::problem::ProblemDetails;
use super::response;
use crate::access::capability::SeeLiveVisitorList;
use crate::error::Result;
use crate::http::api_access::ApiAccess;
use crate::http::site_context::SiteContext;
use crate::reports::data_reader::DataReader;
use crate::reports::query::{Query, Wants};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::ToSchema;

/// The visitors who are online: who did something in the last five minutes.
#[derive(Debug, Serialize, ToSchema)]
pub struct OnlineReply {
    /// Their number.
    online: i64,
    /// The pages on which most of them are.
    pages: Vec<OnlinePage>,
    /// The sources that they came by.
    sources: Vec<OnlineSource>,
}

/// A page with the visitors who are on it.
#[derive(Debug, Serialize, ToSchema)]
pub struct OnlinePage {
    /// The page.
    #[schema(example = "/shop")]
    page: String,
    /// The number of visitors.
    online: i64,
}

/// A source with the visitors who came by it.
#[derive(Debug, Serialize, ToSchema)]
pub struct OnlineSource {
    /// The value for the filter `source`.
    #[schema(example = "Searches")]
    source: &'static str,
    /// The number of visitors.
    online: i64,
}

/// Counts the visitors who are online.
///
/// # Errors
///
/// Fails with `Error::Forbidden` for what the program may not see, and when the data file cannot be read.
pub fn read(reader: &DataReader<'_>, site: &SiteContext) -> Result<OnlineReply> {
    let wants = Wants { online: true, online_pages: true, online_channels: true, ..Wants::default() };
    let query = Query::today(site.site.clone(), reader.now, site.visibility().clone());
    let answer = reader.run(&query.with(wants))?;
    let pages = answer.online_pages.into_iter();
    let sources = answer.online_channels.into_iter();
    Ok(OnlineReply {
        online: answer.online.unwrap_or(0),
        pages: pages.map(|(page, online)| OnlinePage { page, online }).collect(),
        sources: sources.map(|(channel, online)| OnlineSource { source: channel.title(), online }).collect(),
    })
}

/// `GET /api/v1/sites/{site}/online`: counts the visitors who are online.
///
/// # Errors
///
/// Fails as [`read`] does, and for wrong or missing credentials.
#[utoipa::path(
    get,
    path = "/api/v1/sites/{site}/online",
    operation_id = "count_online",
    tag = "Visits",
    summary = "Count who is online",
    description = "The number of visitors who did something in the last five minutes, by page and by source.",
    params(("site" = String, Path, description = "The id of the site, as in `GET /api/v1/sites`.", example = "1")),
    responses(
        (status = 200, description = "The visitors who are online.", body = OnlineReply),
        (status = "default", description = "A problem.", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn show(access: ApiAccess<SeeLiveVisitorList>, request: HttpRequest) -> Result<HttpResponse> {
    let parameters = request.query_string().to_owned();
    let reply = access.view(move |reader, site| {
        Parameters::parse(&parameters, KnownParameters::NONE)?;
        read(reader, site)
    });
    response::json(&request, &reply.await?)
}
