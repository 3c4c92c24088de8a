//! The `OpenAPI` document of the API, made from its code.

use super::{export, hits, online, problem, query, reports, response, segments, sites, stream, visits};
use crate::access::capability::OpenPublicPages;
use crate::error::Result;
use crate::http::auth::Public;
use actix_web::{HttpRequest, HttpResponse};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

/// The description of the API.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Clickstead API",
        version = "1",
        description = "Reads and writes the data of sites on this server. Examples are at /help/api.",
        license(name = "MIT")
    ),
    paths(
        show,
        sites::list,
        sites::show,
        reports::list,
        reports::show,
        query::ask,
        visits::list::list,
        visits::visit::show,
        visits::visitor::show,
        visits::actions::list,
        online::show,
        segments::list,
        hits::create,
        stream::show,
        export::show,
    ),
    components(schemas(problem::ProblemDetails)),
    security(("token" = []), ("site_key" = [])),
    modifiers(&Credentials)
)]
pub struct ApiDocument;

/// Adds the two kinds of credentials.
struct Credentials;

impl Modify for Credentials {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let token = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("A personal token, made under Account → Tokens."))
            .build();
        components.add_security_scheme("token", SecurityScheme::Http(token));
        let key =
            ApiKeyValue::with_description("X-Site-Key", "The secret key of a site, shown under Site info.");
        components.add_security_scheme("site_key", SecurityScheme::ApiKey(ApiKey::Header(key)));
    }
}

/// `GET /api/v1/openapi.json`: returns the document.
///
/// # Errors
///
/// Fails with `Error::Internal` when the document is no JSON.
#[utoipa::path(
    get,
    path = "/api/v1/openapi.json",
    operation_id = "get_openapi",
    tag = "Description",
    summary = "Get this document",
    security(()),
    responses(
        (status = 200, description = "The description of the API.", body = Object),
        (status = "default", description = "A problem.", body = problem::ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn show(_: Public<OpenPublicPages>, request: HttpRequest) -> Result<HttpResponse> {
    response::json(&request, &ApiDocument::openapi())
}
