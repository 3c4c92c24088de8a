//! The `OpenAPI` document of the API, made from its code.

use super::{
    annotations, campaign_costs, export, funnels, goals, hits, monitors, online, problem, query, reports,
    response, segments, sites, stream, visits,
};
use crate::access::capability::OpenPublicPages;
use crate::error::Result;
use crate::http::auth::Public;
use actix_web::{HttpRequest, HttpResponse};
use std::collections::HashSet;
use std::sync::LazyLock;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Content, Ref, RefOr, ResponseBuilder};
use utoipa::{Modify, OpenApi};

/// The problems that every operation with credentials may answer: status, name and meaning.
const PROBLEMS: [(&str, &str, &str); 3] = [
    ("401", "Unauthorized", "The credentials are missing or wrong."),
    ("422", "Invalid", "A parameter or member is unknown or wrong; `errors` names each."),
    ("429", "TooManyRequests", "Too many requests. Try again after the time in `Retry-After`."),
];
/// The further problems of operations on a site.
const SITE_PROBLEMS: [(&str, &str, &str); 2] = [
    ("403", "Forbidden", "The token or key may not do this on the site."),
    ("404", "NotFound", "There is nothing with this id or name, or the token or key may not know of it."),
];

/// The description of the API.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Clickstead API",
        version = "1",
        description = "Reads the numbers and visits of the sites on this server, and records hits.\n\nSend a personal token \
                       (`Authorization: Bearer cst_…`) or the key of a site (`X-Site-Key`). Ids are texts, times are RFC 3339 in \
                       UTC, days are those of the site's time zone, and what is unknown is left out. Unknown parameters are \
                       refused. Errors are problem details (RFC 9457).\n\nExamples that were run, limits and all errors: \
                       `/help/api` on this server.",
        license(name = "MIT", identifier = "MIT")
    ),
    servers((url = "/", description = "This server")),
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
        goals::list,
        goals::create,
        goals::matches,
        goals::change,
        goals::remove,
        funnels::list,
        funnels::create,
        funnels::show,
        funnels::change,
        funnels::remove,
        campaign_costs::list,
        campaign_costs::set,
        monitors::list,
        annotations::list,
        annotations::create,
        annotations::remove,
        annotations::show_visitor,
        annotations::set_visitor,
        hits::create,
        stream::show,
        export::show,
    ),
    components(schemas(problem::ProblemDetails)),
    tags(
        (name = "Sites", description = "The sites that a token or key reads."),
        (name = "Reports", description = "Numbers: the reports of the screens, and questions of your own."),
        (name = "Visits", description = "Single visits, visitors and actions: as lists, live, and as an export."),
        (name = "Goals", description = "Goals, funnels, and what campaigns cost."),
        (name = "Uptime", description = "Pages that are checked every few minutes."),
        (name = "Annotations", description = "Notes on dates, which charts show, and on visitors."),
        (name = "Hits", description = "Hits from your own server."),
        (name = "Description", description = "This document."),
    ),
    external_docs(url = "/help/api", description = "The guide, with examples in curl, Python and JavaScript."),
    security(("token" = []), ("site_key" = [])),
    modifiers(&Credentials, &SharedResponses, &OwnParameters)
)]
pub struct ApiDocument;

/// Adds the two kinds of credentials.
struct Credentials;

impl Modify for Credentials {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let token = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("A personal token, `cst_…`, made under Account → Tokens. It reads what its person may read at that moment."))
            .build();
        components.add_security_scheme("token", SecurityScheme::Http(token));
        let key = ApiKeyValue::with_description(
            "X-Site-Key",
            "The secret key of one site, under Preferences → Site settings → Site info. It reads and writes that site.",
        );
        components.add_security_scheme("site_key", SecurityScheme::ApiKey(ApiKey::Header(key)));
    }
}

/// Adds the problems that operations share, by reference, so that generated clients have a type for each.
struct SharedResponses;

impl Modify for SharedResponses {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let body = Content::new(Some(Ref::from_schema_name("ProblemDetails")));
        for (_, name, meaning) in PROBLEMS.into_iter().chain(SITE_PROBLEMS) {
            let response =
                ResponseBuilder::new().description(meaning).content(problem::MEDIA_TYPE, body.clone());
            components.responses.insert(name.into(), RefOr::T(response.build()));
        }
        for (path, operation) in operations(document) {
            let is_open = path == "/api/v1/openapi.json";
            let common = PROBLEMS.iter().filter(|_| !is_open);
            for (status, name, _) in common.chain(SITE_PROBLEMS.iter().filter(|_| path.contains("{site}"))) {
                let responses = &mut operation.responses.responses;
                responses
                    .entry((*status).into())
                    .or_insert_with(|| RefOr::Ref(Ref::from_response_name(*name)));
            }
        }
    }
}

/// Takes out filters that have the name of a parameter of the route itself, which wins.
struct OwnParameters;

impl Modify for OwnParameters {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        for parameters in operations(document).filter_map(|(_, operation)| operation.parameters.as_mut()) {
            let mut names = HashSet::new();
            parameters.retain(|parameter| match parameter {
                RefOr::T(parameter) => names.insert(parameter.name.clone()),
                RefOr::Ref(_) => true,
            });
        }
    }
}

/// Returns all operations with their paths.
fn operations(document: &mut utoipa::openapi::OpenApi) -> impl Iterator<Item = (&str, &mut Operation)> {
    document.paths.paths.iter_mut().flat_map(|(path, item)| {
        let methods = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        methods.into_iter().flatten().map(|operation| (path.as_str(), operation))
    })
}

/// The document, made once.
static DOCUMENT: LazyLock<utoipa::openapi::OpenApi> = LazyLock::new(ApiDocument::openapi);

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
    description = "The description of the API in OpenAPI 3.1, for generators and API clients. It needs no token.",
    security(()),
    responses(
        (status = 200, description = "The description of the API.", body = Object),
        (status = "4XX", description = "A problem of the request.", body = problem::ProblemDetails, content_type = "application/problem+json"),
        (status = "default", description = "A problem.", body = problem::ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn show(_: Public<OpenPublicPages>, request: HttpRequest) -> Result<HttpResponse> {
    response::json(&request, &*DOCUMENT)
}
