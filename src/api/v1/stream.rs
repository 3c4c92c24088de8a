//! The live stream of a site's actions for programs, as server-sent events.

use super::common_params::FilterParams;
use super::parameters::{KnownParameters, Parameters};
use super::problem::ProblemDetails;
use super::read_context::ReadContext;
use super::screens::Screens;
use super::visits::visit_json::{ActionJson, VisitJson};
use crate::access::capability::SeeLiveVisitorList;
use crate::app::App;
use crate::app::limited_work::ProgramPermit;
use crate::error::{Error, Result};
use crate::http::api_access::ApiAccess;
use crate::http::client::{self, header_text};
use crate::http::live_stream::{LiveStream, StreamReader};
use crate::limits;
use crate::model::clock::Timestamp;
use crate::reports::answer::VisitAction;
use crate::reports::query::Query;
use crate::reports::visibility::Visibility;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::ToSchema;

/// The parameters of this route.
pub const PARAMETERS: KnownParameters = KnownParameters { names: &["segment", "since"], has_filters: true };

/// An action as it happens, with its visit: the data of an event `action`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LiveAction)]
pub struct LiveActionJson {
    /// The action. After a reconnect it may come again: the visit's id and the action's number tell.
    #[serde(flatten)]
    action: ActionJson,
    /// The visit, as it is now.
    visit: VisitJson,
}

/// A program that reads a stream.
struct Program {
    access: ApiAccess<SeeLiveVisitorList>,
    screens: Screens,
}

impl StreamReader for Program {
    type Permit = ProgramPermit;

    async fn visibility_now(&self) -> Result<Option<Visibility>> {
        self.access.visibility_now().await
    }

    async fn permit(&self) -> Result<ProgramPermit> {
        self.access.stream_permit().await
    }

    fn data(&self, VisitAction { visit, action }: &VisitAction, _: &Query) -> String {
        let live =
            LiveActionJson { action: ActionJson::new(action), visit: VisitJson::new(visit, &self.screens) };
        serde_json::to_string(&live).unwrap_or_default()
    }
}

/// `GET /api/v1/sites/{site}/stream`: returns the actions of a site as they happen.
///
/// # Errors
///
/// Fails with `Error::Invalid` that names a parameter that is wrong, for wrong or missing credentials, with
/// `Error::Forbidden` for what the program may not see, and with `Error::Busy` when it has as many streams as it may.
#[utoipa::path(
    get,
    path = "/api/v1/sites/{site}/stream",
    operation_id = "stream_actions",
    tag = "Visits",
    summary = "Follow actions as they happen",
    description = "Server-sent events. Each action is an event `action` whose data is JSON; its id closes the gap when it is \
                   sent as `Last-Event-ID`, for the last 30 minutes and 5,000 actions. The 10 seconds before it are sent again, so \
                   that nothing is missed: the visit's id and the action's number tell what you have already. The event `gone` says that the right \
                   to read the site has ended; nothing follows it. Filters and `segment` choose the visits.",
    params(
        ("site" = String, Path, description = "The id of the site, as in `GET /api/v1/sites`.", example = "1"),
        ("since" = Option<String>, Query, description = "The time from which earlier actions are sent, such as `2026-11-30T09:30:00Z`, or the id of an event. Only new ones if left out."),
        ("Last-Event-ID" = Option<String>, Header, description = "The id of the last event that was read, which closes the gap after a break."),
        FilterParams,
    ),
    responses(
        (status = 200, description = "The stream. The data of an event `action` has this form.", body = LiveActionJson, content_type = "text/event-stream"),
        (status = "default", description = "A problem.", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn show(
    access: ApiAccess<SeeLiveVisitorList>,
    app: Data<App>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let origin = client::origin(&request, &app.config);
    let text = request.query_string().to_owned();
    let last_event = header_text(&request, "last-event-id").parse().ok().map(Timestamp);
    let (site, filters, screens, since) = access
        .view(move |reader, site| {
            let context = ReadContext { reader, site, origin: &origin };
            let parameters = Parameters::parse(&text, PARAMETERS)?;
            let since = parameters.get("since").map(time).transpose()?;
            let query = parameters.selection(&context)?.query(&context)?;
            Ok((query.site, query.filters, context.screens(), since))
        })
        .await?;
    let client = access.stream_client();
    let reader = Program { access, screens };
    let missed_max = limits::PROGRAM_ACTIONS_MISSED_MAX;
    LiveStream { app, site, filters, reader, missed_max }.respond(client, last_event.or(since))
}

/// Reads a time, or the id of an event, which is its time.
fn time(text: &str) -> Result<Timestamp> {
    // In an address, the unescaped `+` of a time zone means a space.
    let with_plus = || {
        let (time, zone) = text.rsplit_once(' ')?;
        Timestamp::parse(&format!("{time}+{zone}"))
    };
    let id = || text.parse().ok().map(Timestamp);
    let found = Timestamp::parse(text).or_else(with_plus).or_else(id);
    let sentence = "Write a time such as 2026-11-30T09:30:00Z, or the id of an event.";
    found.ok_or_else(|| Error::invalid("since", sentence))
}
