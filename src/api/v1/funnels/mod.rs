//! The funnels of a site, for programs: listed, added, changed and removed.

mod funnel_body;
mod funnel_json;

pub use funnel_json::FunnelList;

use super::json_body;
use super::parameters::{KnownParameters, Parameters};
use super::problem::ProblemDetails;
use super::response;
use crate::access::capability::{ManageGoals, SeeGoalResults};
use crate::error::{Error, Problem, Result};
use crate::goals::funnels as acts;
use crate::http::api_access::ApiAccess;
use crate::http::site_context::SiteContext;
use crate::model::id::FunnelId;
use crate::store::funnels;
use actix_web::web::{Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use funnel_body::{FunnelChangeBody, NewFunnelBody};
use funnel_json::FunnelJson;

/// Returns an error with the names of members in the place of those of form fields.
fn with_members(error: Error) -> Error {
    let Error::Invalid(problems) = error else { return error };
    let renamed = problems.into_iter().map(|problem| {
        let field = match problem.field.as_ref() {
            "within" => "window_days".into(),
            field if field.starts_with("step") => "steps".into(),
            _ => problem.field,
        };
        Problem { field, ..problem }
    });
    Error::Invalid(renamed.collect())
}

/// `GET /api/v1/sites/{site}/funnels`: lists the funnels.
///
/// # Errors
///
/// Fails for wrong or missing credentials, and when the data file cannot be read.
#[utoipa::path(
    get,
    path = "/api/v1/sites/{site}/funnels",
    operation_id = "list_funnels",
    tag = "Goals",
    summary = "List the funnels",
    description = "The funnels of the site with their steps. Their numbers are in the report `funnels`.",
    params(("site" = String, Path, description = "The id of the site, as in `GET /api/v1/sites`.", example = "1")),
    responses(
        (status = 200, description = "The funnels.", body = FunnelList),
        (status = "default", description = "A problem.", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn list(access: ApiAccess<SeeGoalResults>, request: HttpRequest) -> Result<HttpResponse> {
    let parameters = request.query_string().to_owned();
    let list = access.view(move |reader, site| {
        Parameters::parse(&parameters, KnownParameters::NONE)?;
        check_visible(site)?;
        FunnelList::read(reader.connection, &site.site)
    });
    response::json(&request, &list.await?)
}

/// Checks that funnels may be seen: their report was chosen.
fn check_visible(site: &SiteContext) -> Result<()> {
    if site.visibility().shows_funnels() { Ok(()) } else { Err(Error::Forbidden) }
}

/// `POST /api/v1/sites/{site}/funnels`: adds a funnel.
///
/// # Errors
///
/// Fails when the credentials are wrong or don't allow it, when the body is no funnel, and as [`acts::add`] does.
#[utoipa::path(
    post,
    path = "/api/v1/sites/{site}/funnels",
    operation_id = "create_funnel",
    tag = "Goals",
    summary = "Add a funnel",
    description = "Adds a funnel of 2 to 12 steps. It counts earlier visits, too. It needs a token that also writes, or the site key.",
    params(("site" = String, Path, description = "The id of the site, as in `GET /api/v1/sites`.", example = "1")),
    request_body(content = NewFunnelBody, description = "The funnel."),
    responses(
        (status = 201, description = "The funnel.", body = FunnelJson),
        (status = "default", description = "A problem.", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn create(
    access: ApiAccess<ManageGoals>,
    request: HttpRequest,
    body: Payload,
) -> Result<HttpResponse> {
    access.begin_writing(request.query_string()).await?;
    let body: NewFunnelBody = json_body::read(body).await?;
    let funnel = access.write(move |tx, site, actor| {
        let id = acts::add(tx, actor, site, body.settings(tx, site)?).map_err(with_members)?;
        FunnelJson::read(tx, site, id)
    });
    Ok(HttpResponse::Created().json(funnel.await?))
}

fn funnel_id(names: &Path<(String, String)>) -> Result<FunnelId> {
    FunnelId::parse(&names.1).ok_or(Error::Missing("funnel"))
}

/// `GET /api/v1/sites/{site}/funnels/{funnel}`: returns a funnel.
///
/// # Errors
///
/// Fails for wrong or missing credentials, when there is no such funnel, and when the data file cannot be read.
#[utoipa::path(
    get,
    path = "/api/v1/sites/{site}/funnels/{funnel}",
    operation_id = "get_funnel",
    tag = "Goals",
    summary = "Get a funnel",
    description = "A funnel with its steps.",
    params(
        ("site" = String, Path, description = "The id of the site, as in `GET /api/v1/sites`.", example = "1"),
        ("funnel" = String, Path, description = "The id of the funnel.", example = "1"),
    ),
    responses(
        (status = 200, description = "The funnel.", body = FunnelJson),
        (status = "default", description = "A problem.", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn show(
    access: ApiAccess<SeeGoalResults>,
    request: HttpRequest,
    names: Path<(String, String)>,
) -> Result<HttpResponse> {
    let parameters = request.query_string().to_owned();
    let id = funnel_id(&names)?;
    let funnel = access.view(move |reader, site| {
        Parameters::parse(&parameters, KnownParameters::NONE)?;
        check_visible(site)?;
        FunnelJson::read(reader.connection, &site.site, id)
    });
    response::json(&request, &funnel.await?)
}

/// `PATCH /api/v1/sites/{site}/funnels/{funnel}`: changes a funnel.
///
/// # Errors
///
/// Fails when the credentials are wrong or don't allow it, when the body is none, and as [`acts::change`] does.
#[utoipa::path(
    patch,
    path = "/api/v1/sites/{site}/funnels/{funnel}",
    operation_id = "update_funnel",
    tag = "Goals",
    summary = "Change a funnel",
    description = "Changes a funnel; members that are left out stay. `steps` replaces all steps. It needs a token that also writes, or the site key.",
    params(
        ("site" = String, Path, description = "The id of the site, as in `GET /api/v1/sites`.", example = "1"),
        ("funnel" = String, Path, description = "The id of the funnel.", example = "1"),
    ),
    request_body(content = FunnelChangeBody, description = "The changes."),
    responses(
        (status = 200, description = "The funnel.", body = FunnelJson),
        (status = "default", description = "A problem.", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn change(
    access: ApiAccess<ManageGoals>,
    request: HttpRequest,
    names: Path<(String, String)>,
    body: Payload,
) -> Result<HttpResponse> {
    access.begin_writing(request.query_string()).await?;
    let (body, id): (FunnelChangeBody, _) = (json_body::read(body).await?, funnel_id(&names)?);
    let funnel = access.write(move |tx, site, actor| {
        let before = funnels::get(tx, site.id, id)?.settings;
        let settings = body.changed(tx, site, before)?;
        acts::change(tx, actor, site, id, settings).map_err(with_members)?;
        FunnelJson::read(tx, site, id)
    });
    Ok(HttpResponse::Ok().json(funnel.await?))
}

/// `DELETE /api/v1/sites/{site}/funnels/{funnel}`: removes a funnel.
///
/// # Errors
///
/// Fails when the credentials are wrong or don't allow it, and when there is no such funnel.
#[utoipa::path(
    delete,
    path = "/api/v1/sites/{site}/funnels/{funnel}",
    operation_id = "delete_funnel",
    tag = "Goals",
    summary = "Remove a funnel",
    description = "Removes a funnel. Visits and goals stay. It needs a token that also writes, or the site key.",
    params(
        ("site" = String, Path, description = "The id of the site, as in `GET /api/v1/sites`.", example = "1"),
        ("funnel" = String, Path, description = "The id of the funnel.", example = "1"),
    ),
    responses(
        (status = 204, description = "The funnel is removed."),
        (status = "default", description = "A problem.", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn remove(
    access: ApiAccess<ManageGoals>,
    request: HttpRequest,
    names: Path<(String, String)>,
) -> Result<HttpResponse> {
    access.begin_writing(request.query_string()).await?;
    let id = funnel_id(&names)?;
    access.write(move |tx, site, actor| acts::remove(tx, actor, site, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}
