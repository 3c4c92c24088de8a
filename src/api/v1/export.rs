//! The export of visits with all that is known of them, a line of JSON each. It is read and written in slices, and the right
//! to read is checked with each: when it ends, the transfer breaks off, so that a part is not taken for the whole.

use super::common_params::{DateParams, FilterParams};
use super::parameters::{KnownParameters, Parameters};
use super::problem::ProblemDetails;
use super::read_context::ReadContext;
use super::visits::visit_json::VisitJson;
use crate::access::capability::OpenVisit;
use crate::access::single_requests::SingleRequest;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::api_access::ApiAccess;
use crate::http::{chunked_body, client};
use crate::limits;
use crate::model::id::VisitId;
use crate::reports::answer::SliceRows;
use crate::reports::date_range::DateRange;
use crate::reports::query::Export;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use std::rc::Rc;

/// The parameters of this route.
pub const PARAMETERS: KnownParameters =
    KnownParameters { names: &["date", "segment", "after"], has_filters: true };

/// An export that goes on.
struct RunningExport {
    access: ApiAccess<OpenVisit>,
    /// The parameters, which mean the same days in every slice.
    parameters: String,
    origin: String,
    _single: SingleRequest,
}

/// The place of a slice.
#[derive(Clone, Copy)]
struct Place {
    /// The last visit of the slice before.
    after: Option<VisitId>,
    /// The days; `None` for the first slice, which reads them from the parameters.
    range: Option<DateRange>,
}

/// `GET /api/v1/sites/{site}/export`: returns the visits of some days, the oldest first.
///
/// # Errors
///
/// Fails with `Error::Invalid` that names a parameter that is wrong, for wrong or missing credentials, with
/// `Error::Forbidden` for what the program may not see, with `Error::TooManyAtOnce` while another export goes on with the
/// same credentials, and when the data file cannot be read.
#[utoipa::path(
    get,
    path = "/api/v1/sites/{site}/export",
    operation_id = "export_visits",
    tag = "Visits",
    summary = "Export visits",
    description = "All visits of some days with their actions, custom data and goals, the oldest first: newline-delimited JSON, \
                   a visit each line. Filters and `segment` choose the visits. A transfer that breaks off isn't complete: \
                   continue it with the id of the last whole line as `after`. Visits that go on are exported as they are now. \
                   A program runs one export at a time.",
    params(
        ("site" = String, Path, description = "The id of the site, as in `GET /api/v1/sites`.", example = "1"),
        DateParams,
        ("after" = Option<String>, Query, description = "The id of the last visit that was received whole, to go on after it. Left out to begin."),
        FilterParams,
    ),
    responses(
        (status = 200, description = "The visits, each in a line of this form.", body = VisitJson, content_type = "application/x-ndjson"),
        (status = "default", description = "A problem.", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn show(
    access: ApiAccess<OpenVisit>,
    app: Data<App>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let running = Rc::new(RunningExport {
        _single: access.begin_export().await?,
        access,
        parameters: request.query_string().to_owned(),
        origin: client::origin(&request, &app.config),
    });
    let slice = move |place| {
        let running = Rc::clone(&running);
        async move { running.slice(place).await }
    };
    let body = chunked_body::body(Place { after: None, range: None }, slice).await?;
    Ok(HttpResponse::Ok().content_type("application/x-ndjson").body(body))
}

impl RunningExport {
    /// Returns the lines of a slice, and the place of the next one.
    async fn slice(&self, place: Place) -> Result<(Bytes, Option<Place>)> {
        let (text, origin) = (self.parameters.clone(), self.origin.clone());
        self.access
            .view(move |reader, site| {
                let context = ReadContext { reader, site, origin: &origin };
                let parameters = Parameters::parse(&text, PARAMETERS)?;
                let mut query = parameters.selection(&context)?.query(&context)?;
                // “Today” is the day on which the export began.
                query.range = place.range.unwrap_or(query.range);
                let after = place
                    .after
                    .map_or_else(|| parameters.get("after").map(visit).transpose(), |id| Ok(Some(id)))?;
                let rows = limits::EXPORT_SLICE_VISITS;
                let slice = reader.engine.slice(&query, &Export::VisitRecords(after), rows, None)?;
                let SliceRows::VisitRecords { visits, last } = slice.rows else {
                    return Err(Error::Internal("the slice has no visits".into()));
                };
                let (screens, mut lines) = (context.screens(), Vec::new());
                for visit in &visits {
                    let line =
                        serde_json::to_writer(&mut lines, &VisitJson::of_listed(visit, true, &screens));
                    line.map_err(|error| Error::Internal(error.to_string()))?;
                    lines.push(b'\n');
                }
                Ok((lines.into(), last.map(|id| Place { after: Some(id), range: Some(query.range) })))
            })
            .await
    }
}

fn visit(text: &str) -> Result<VisitId> {
    VisitId::parse(text)
        .ok_or_else(|| Error::invalid("after", "Send the id of a visit, as the export has it."))
}
