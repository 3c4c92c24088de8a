//! The annotations of dates and visitors, for programs.

use super::common_params::DateParams;
use super::json_body;
use super::parameters::{KnownParameters, Parameters};
use super::problem::ProblemDetails;
use super::response;
use crate::access::capability::{Annotate, SeeAnnotations, SeeVisitorData};
use crate::error::{Error, Result};
use crate::http::api_access::ApiAccess;
use crate::model::clock::Day;
use crate::model::id::{AnnotationId, VisitorId};
use crate::reports::date_range::DateRange;
use crate::reports::visits::visitor_data;
use crate::sites::annotations as acts;
use crate::sites::visitor_notes::{self, VisitorNoteForm};
use crate::store::annotations::{self, Annotation, AnnotationKind};
use crate::store::sites::Site;
use actix_web::web::{Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The parameters of the list.
pub const PARAMETERS: KnownParameters = KnownParameters { names: &["date"], has_filters: false };

/// An annotation of a date.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Annotation)]
pub struct AnnotationJson {
    /// The id.
    #[schema(example = "1")]
    annotation_id: String,
    /// The day.
    #[schema(example = "2026-11-30")]
    day: String,
    /// `note` or `deploy`.
    #[schema(example = "deploy")]
    kind: &'static str,
    /// The text.
    #[schema(example = "Version 2.1")]
    text: String,
    /// The user who wrote it; left out for the site key and the command line.
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<String>,
    /// The time at which it was written, in RFC 3339.
    created_at: String,
}

/// The annotations of some days.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnnotationList {
    /// The annotations, by day.
    annotations: Vec<AnnotationJson>,
}

/// A new annotation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "deploy", "text": "Version 2.1"}))]
pub struct AnnotationBody {
    /// The text, in 1 to 500 characters.
    text: String,
    /// `deploy` for a deployment of the site, or `note`. `note` if left out.
    kind: Option<String>,
    /// The day. Today if left out.
    day: Option<String>,
}

/// The annotation of a visitor.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = VisitorNote)]
pub struct VisitorNoteJson {
    /// The name, shown wherever the visitor is; empty for none.
    #[schema(example = "Anna Berg")]
    name: String,
    /// The tags.
    tags: Vec<String>,
    /// The note; empty for none.
    note: String,
    /// The user who changed it last; left out for the site key and the command line.
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<String>,
    /// The time of the last change, in RFC 3339; left out where there is no annotation.
    #[serde(skip_serializing_if = "Option::is_none")]
    changed_at: Option<String>,
}

/// A new annotation of a visitor, in place of the one there is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Anna Berg", "tags": ["customer"], "note": "Asked for an offer."}))]
pub struct VisitorNoteBody {
    /// The name; none if left out.
    #[serde(default)]
    name: String,
    /// The tags, up to 10; none if left out.
    #[serde(default)]
    tags: Vec<String>,
    /// The note; none if left out.
    #[serde(default)]
    note: String,
}

impl AnnotationJson {
    fn new(one: Annotation) -> Self {
        Self {
            annotation_id: one.id.to_string(),
            day: one.day.to_string(),
            kind: one.kind.into(),
            text: one.text,
            author: one.author,
            created_at: one.created_at.rfc3339(),
        }
    }
}

/// Lists the annotations of some days.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn read(connection: &Connection, site: &Site, days: DateRange) -> Result<AnnotationList> {
    let found = annotations::list(connection, site.id, days.first, days.last)?;
    Ok(AnnotationList { annotations: found.into_iter().map(AnnotationJson::new).collect() })
}

/// `GET /api/v1/sites/{site}/annotations`: lists annotations of dates.
///
/// # Errors
///
/// Fails for wrong or missing credentials, and when the data file cannot be read.
#[utoipa::path(
    get,
    path = "/api/v1/sites/{site}/annotations",
    operation_id = "list_annotations",
    tag = "Annotations",
    summary = "List the annotations of dates",
    description = "The annotations of dates, which charts show: notes, and deployments that programs reported.",
    params(
        ("site" = String, Path, description = "The id of the site, as in `GET /api/v1/sites`.", example = "1"),
        DateParams,
    ),
    responses(
        (status = 200, description = "The annotations.", body = AnnotationList),
        (status = "default", description = "A problem.", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn list(access: ApiAccess<SeeAnnotations>, request: HttpRequest) -> Result<HttpResponse> {
    let parameters = request.query_string().to_owned();
    let list = access.view(move |reader, site| {
        let days = Parameters::parse(&parameters, PARAMETERS)?.days(site.site.zone.day(reader.now))?;
        read(reader.connection, &site.site, days)
    });
    response::json(&request, &list.await?)
}

/// `POST /api/v1/sites/{site}/annotations`: adds an annotation of a date.
///
/// # Errors
///
/// Fails when the credentials are wrong or don't allow it, when the body is none, and as [`acts::add`] does.
#[utoipa::path(
    post,
    path = "/api/v1/sites/{site}/annotations",
    operation_id = "create_annotation",
    tag = "Annotations",
    summary = "Annotate a date",
    description = "Writes a note on a date, which charts show: call it after each deployment with the kind `deploy`. It needs a token that also writes, or the site key.",
    params(("site" = String, Path, description = "The id of the site, as in `GET /api/v1/sites`.", example = "1")),
    request_body(content = AnnotationBody, description = "The annotation."),
    responses(
        (status = 201, description = "The annotation.", body = AnnotationJson),
        (status = "default", description = "A problem.", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn create(
    access: ApiAccess<Annotate>,
    request: HttpRequest,
    body: Payload,
) -> Result<HttpResponse> {
    access.begin_writing(request.query_string()).await?;
    let body: AnnotationBody = json_body::read(body).await?;
    let made = access.write(move |tx, site, actor| {
        let kind = body.kind.as_deref().map_or(Ok(AnnotationKind::Note), str::parse);
        let kind = kind.map_err(|_| Error::invalid("kind", "Write deploy or note."))?;
        let day = match &body.day {
            Some(text) => {
                Day::parse(text).ok_or_else(|| Error::invalid("day", "Write a day such as 2026-11-30."))?
            }
            None => site.zone.day(actor.at),
        };
        let id = acts::add(tx, actor, site, day, kind, &body.text)?;
        Ok(AnnotationJson::new(annotations::get(tx, site.id, id)?))
    });
    Ok(HttpResponse::Created().json(made.await?))
}

/// `DELETE /api/v1/sites/{site}/annotations/{annotation}`: removes an annotation of a date.
///
/// # Errors
///
/// Fails when the credentials are wrong or don't allow it, and when there is no such annotation.
#[utoipa::path(
    delete,
    path = "/api/v1/sites/{site}/annotations/{annotation}",
    operation_id = "delete_annotation",
    tag = "Annotations",
    summary = "Remove an annotation of a date",
    description = "Removes an annotation of a date. It needs a token that also writes, or the site key.",
    params(
        ("site" = String, Path, description = "The id of the site, as in `GET /api/v1/sites`.", example = "1"),
        ("annotation" = String, Path, description = "The id of the annotation.", example = "1"),
    ),
    responses(
        (status = 204, description = "The annotation is removed."),
        (status = "default", description = "A problem.", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn remove(
    access: ApiAccess<Annotate>,
    request: HttpRequest,
    names: Path<(String, String)>,
) -> Result<HttpResponse> {
    access.begin_writing(request.query_string()).await?;
    let id = AnnotationId::parse(&names.1).ok_or(Error::Missing("annotation"))?;
    access.write(move |tx, site, actor| acts::remove(tx, actor, site, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn visitor_id(names: &Path<(String, String)>) -> Result<VisitorId> {
    VisitorId::parse(&names.1).ok_or(Error::Missing("visitor"))
}

/// `GET /api/v1/sites/{site}/visitors/{visitor}/note`: returns the annotation of a visitor.
///
/// # Errors
///
/// Fails for wrong or missing credentials, when there is no such visitor, and when the data file cannot be read.
#[utoipa::path(
    get,
    path = "/api/v1/sites/{site}/visitors/{visitor}/note",
    operation_id = "get_visitor_note",
    tag = "Annotations",
    summary = "Get the annotation of a visitor",
    description = "The name, the tags and the note that people or programs gave a visitor.",
    params(
        ("site" = String, Path, description = "The id of the site, as in `GET /api/v1/sites`.", example = "1"),
        ("visitor" = String, Path, description = "The id of the visitor: a `visitor_id` of another reply.", example = "5846271290114530817"),
    ),
    responses(
        (status = 200, description = "The annotation.", body = VisitorNoteJson),
        (status = "default", description = "A problem.", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn show_visitor(
    access: ApiAccess<SeeVisitorData>,
    request: HttpRequest,
    names: Path<(String, String)>,
) -> Result<HttpResponse> {
    let (parameters, id) = (request.query_string().to_owned(), names.1.clone());
    let note = access.view(move |reader, site| {
        Parameters::parse(&parameters, KnownParameters::NONE)?;
        let (connection, site) = (reader.connection, site.site.id);
        let visitor = VisitorId::parse(&id).ok_or(Error::Missing("visitor"))?;
        if visitor_data::slice_of(connection, site, visitor)?.is_empty() {
            return Err(Error::Missing("visitor"));
        }
        let note = annotations::find_of_visitor(connection, site, visitor)?;
        Ok(note.map_or_else(VisitorNoteJson::default, |note| VisitorNoteJson {
            name: note.name,
            tags: note.tags,
            note: note.note,
            author: note.author,
            changed_at: Some(note.changed_at.rfc3339()),
        }))
    });
    response::json(&request, &note.await?)
}

/// `PUT /api/v1/sites/{site}/visitors/{visitor}/note`: sets the annotation of a visitor.
///
/// # Errors
///
/// Fails when the credentials are wrong or don't allow it, when the body is none, and as [`visitor_notes::set`] does.
#[utoipa::path(
    put,
    path = "/api/v1/sites/{site}/visitors/{visitor}/note",
    operation_id = "set_visitor_note",
    tag = "Annotations",
    summary = "Annotate a visitor",
    description = "Sets the name, the tags and the note of a visitor, in place of those there are; an empty object takes them away. They are part of the visitor's data, and are erased with it. It needs a token that also writes, or the site key.",
    params(
        ("site" = String, Path, description = "The id of the site, as in `GET /api/v1/sites`.", example = "1"),
        ("visitor" = String, Path, description = "The id of the visitor: a `visitor_id` of another reply.", example = "5846271290114530817"),
    ),
    request_body(content = VisitorNoteBody, description = "The annotation."),
    responses(
        (status = 204, description = "The annotation is set."),
        (status = "default", description = "A problem.", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn set_visitor(
    access: ApiAccess<Annotate>,
    request: HttpRequest,
    names: Path<(String, String)>,
    body: Payload,
) -> Result<HttpResponse> {
    access.begin_writing(request.query_string()).await?;
    let (body, visitor): (VisitorNoteBody, _) = (json_body::read(body).await?, visitor_id(&names)?);
    let form = VisitorNoteForm { name: body.name, tags: body.tags.join("\n"), note: body.note };
    access.write(move |tx, site, actor| visitor_notes::set(tx, actor, site, visitor, &form)).await?;
    Ok(HttpResponse::NoContent().finish())
}
