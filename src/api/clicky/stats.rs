//! Clicky's stats API: the handler.

use super::addresses::SiteAddresses;
use super::answer::Stats;
use super::parameters::{Parameters, StatsRequest};
use super::reply::Reply;
use super::response;
use crate::access::capability::ReadApi;
use crate::app::App;
use crate::error::Result;
use crate::http::client;
use crate::http::key_access::KeyAccess;
use crate::http::site_context::SiteContext;
use crate::reports::data_reader::DataReader;
use crate::reports::query::Query;
use crate::store::sites;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

/// `GET /api/stats/4`: answers the types that are asked for.
///
/// # Errors
///
/// Fails with `Error::InvalidSiteKey` when the key is not that of the site, with `Error::Invalid` for parameters that
/// cannot be understood, with `Error::TooManyAtOnce` and `Error::TooSlowForProgram` beyond the limits of programs, and
/// when the data file cannot be read.
pub async fn show(access: KeyAccess<ReadApi>, app: Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    let parameters = Parameters::parse(request.query_string());
    let (style, origin) = (response::style_of(&parameters), client::origin(&request, &app.config));
    let has_lists = parameters.has_lists();
    let read = move |reader: &DataReader<'_>, context: &SiteContext| {
        // A wrong key is the first thing that is wrong.
        style?.render(&reply(reader, context, &parameters, &origin)?)
    };
    let rendered = if has_lists { access.view_alone(read).await } else { access.view(read).await };
    Ok(response::of_reply(rendered?))
}

fn reply(
    reader: &DataReader<'_>,
    context: &SiteContext,
    parameters: &Parameters,
    origin: &str,
) -> Result<Reply> {
    let site = &context.site;
    let request = StatsRequest::parse(parameters, &site.zone, reader.now)?;
    let addresses = SiteAddresses {
        screens: format!("{origin}/sites/{}", site.id),
        domain: site.domain.clone(),
        page_origin: sites::page_origin(reader.connection, site.id)?,
    };
    let query = Query::new(site.clone(), request.range, context.visibility().clone());
    let stats = Stats { reader, request: &request, addresses, query };
    Ok(Reply::Types(stats.replies()?))
}
