//! The sites that a program may read.

use super::parameters::{KnownParameters, Parameters};
use super::problem::ProblemDetails;
use super::response;
use crate::access::capability::{Capability, SeeSiteInList};
use crate::access::policy::Caller;
use crate::error::Result;
use crate::http::api_access::{ApiAccess, ApiCaller};
use crate::http::site_context::SiteContext;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::ToSchema;

/// The sites that a program may read.
#[derive(Debug, Serialize, ToSchema)]
pub struct SiteList {
    /// The sites: own ones first, then those shared with the token's person.
    sites: Vec<ApiSite>,
}

impl SiteList {
    /// Lists sites.
    pub fn new(sites: Vec<ApiSite>) -> Self {
        Self { sites }
    }
}

/// A site.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Site)]
pub struct ApiSite {
    /// The public id of the site, as in its page code.
    #[schema(example = "1")]
    site_id: String,
    /// The host, without `www.`.
    #[schema(example = "bakery.example")]
    domain: String,
    /// The name that its people gave it.
    name: String,
    /// The time zone in which its days begin.
    #[schema(example = "Europe/Berlin")]
    time_zone: String,
    /// The time when it was added, in RFC 3339.
    #[schema(example = "2026-11-01T09:30:00Z")]
    created_at: String,
    /// True if the program may also write.
    may_write: bool,
}

impl ApiSite {
    /// Describes a site with the program's rights on it.
    pub fn new(context: &SiteContext) -> Self {
        let site = &context.site;
        Self {
            site_id: site.id.to_string(),
            domain: site.domain.clone(),
            name: site.name.clone(),
            time_zone: site.zone.name().to_owned(),
            created_at: site.created_at.rfc3339(),
            may_write: context.grant.caller == Caller::Key,
        }
    }
}

/// `GET /api/v1/sites`: lists the sites.
///
/// # Errors
///
/// Fails for wrong or missing credentials, for a parameter, when too many programs ask, and when the data file cannot be read.
#[utoipa::path(
    get,
    path = "/api/v1/sites",
    operation_id = "list_sites",
    tag = "Sites",
    summary = "List the sites",
    description = "The sites that the token or key reads: own ones first, then those shared with the token's person.",
    responses(
        (status = 200, description = "The sites that the token or key may read.", body = SiteList),
        (status = "default", description = "A problem.", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn list(caller: ApiCaller<SeeSiteInList>, request: HttpRequest) -> Result<HttpResponse> {
    let parameters = request.query_string().to_owned();
    let list = caller.view(move |reader, caller| {
        Parameters::parse(&parameters, KnownParameters::NONE)?;
        let sites = caller.sites(reader.connection, Capability::ReadApi)?;
        Ok(SiteList::new(sites.iter().map(ApiSite::new).collect()))
    });
    response::json(&request, &list.await?)
}

/// `GET /api/v1/sites/{site}`: describes a site.
///
/// # Errors
///
/// Fails for wrong or missing credentials, with `Error::Missing` for a site that the program must not know of, and when the
/// data file cannot be read.
#[utoipa::path(
    get,
    path = "/api/v1/sites/{site}",
    operation_id = "get_site",
    tag = "Sites",
    summary = "Get a site",
    description = "One site: its domain, name and time zone, and whether the program may write.",
    params(("site" = String, Path, description = "The id of the site, as in `GET /api/v1/sites`.", example = "1")),
    responses(
        (status = 200, description = "The site.", body = ApiSite),
        (status = "default", description = "A problem.", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn show(access: ApiAccess<SeeSiteInList>, request: HttpRequest) -> Result<HttpResponse> {
    let parameters = request.query_string().to_owned();
    let site = access.view(move |_, site| {
        Parameters::parse(&parameters, KnownParameters::NONE)?;
        Ok(ApiSite::new(site))
    });
    response::json(&request, &site.await?)
}
