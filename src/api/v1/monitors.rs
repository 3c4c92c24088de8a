//! The monitors of a site with their state now, for programs. They are set up by people: no program has that right.

use super::parameters::{KnownParameters, Parameters};
use super::problem::ProblemDetails;
use super::response;
use crate::access::capability::OpenReport;
use crate::error::{Error, Result};
use crate::http::api_access::ApiAccess;
use crate::model::clock::Timestamp;
use crate::model::monitor::Monitor;
use crate::reports::catalogue;
use crate::reports::uptime::{MonitorStatus, days_left, public_label};
use crate::store::monitors;
use actix_web::{HttpRequest, HttpResponse};
use rusqlite::Connection;
use serde::Serialize;
use utoipa::ToSchema;

/// A monitor with its state now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Monitor)]
pub struct MonitorJson {
    /// The id.
    #[schema(example = "1")]
    monitor_id: String,
    /// Its name, or host and path of its address.
    #[schema(example = "bakery.example/shop")]
    name: String,
    /// The minutes between two checks.
    #[schema(example = 5)]
    every_minutes: u32,
    /// The state now: `up`, `down`, `unknown` (this server's own network is down), `paused` or `pending`.
    #[schema(example = "up")]
    status: &'static str,
    /// The time of the last check, in RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    checked_at: Option<String>,
    /// The cause of the last check's failure, whether or not it is confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Answered 503 instead of 200-299")]
    problem: Option<String>,
    /// The time at which the outage that goes on began, in RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    down_since: Option<String>,
    /// The days until the certificate expires, negative afterwards; left out without HTTPS.
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate_days: Option<i64>,
    /// The time at which it was added, in RFC 3339.
    created_at: String,
}

/// The monitors of a site.
#[derive(Debug, Serialize, ToSchema)]
pub struct MonitorList {
    /// The monitors, by age.
    monitors: Vec<MonitorJson>,
}

impl MonitorJson {
    fn new(connection: &Connection, monitor: &Monitor, now: Timestamp) -> Result<Self> {
        let status = MonitorStatus::load(connection, monitor)?;
        let state = &monitor.state;
        Ok(Self {
            monitor_id: monitor.id.to_string(),
            name: public_label(monitor),
            every_minutes: monitor.settings.every_minutes,
            status: status.name(),
            checked_at: state.checked_at.map(Timestamp::rfc3339),
            problem: state.problem.clone(),
            down_since: match status {
                MonitorStatus::Down(outage) => Some(outage.began_at.rfc3339()),
                _ => None,
            },
            certificate_days: state.certificate_expires_at.map(|at| days_left(at, now)),
            created_at: monitor.created_at.rfc3339(),
        })
    }
}

/// `GET /api/v1/sites/{site}/monitors`: lists the monitors.
///
/// # Errors
///
/// Fails for wrong or missing credentials, and when the data file cannot be read.
#[utoipa::path(
    get,
    path = "/api/v1/sites/{site}/monitors",
    operation_id = "list_monitors",
    tag = "Uptime",
    summary = "List the monitors",
    description = "The monitors of the site with their state now. Uptime, response times and outages are in the reports `uptime` and `uptime-list`. Monitors are set up by people, under Preferences.",
    params(("site" = String, Path, description = "The id of the site, as in `GET /api/v1/sites`.", example = "1")),
    responses(
        (status = 200, description = "The monitors.", body = MonitorList),
        (status = "default", description = "A problem.", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn list(access: ApiAccess<OpenReport>, request: HttpRequest) -> Result<HttpResponse> {
    let parameters = request.query_string().to_owned();
    let list = access.view(move |reader, site| {
        Parameters::parse(&parameters, KnownParameters::NONE)?;
        if !catalogue::find("uptime").is_some_and(|report| site.visibility().shows(report)) {
            return Err(Error::Forbidden);
        }
        let monitors = monitors::list(reader.connection, site.site.id)?;
        let monitors =
            monitors.iter().map(|monitor| MonitorJson::new(reader.connection, monitor, reader.now));
        Ok(MonitorList { monitors: monitors.collect::<Result<_>>()? })
    });
    response::json(&request, &list.await?)
}
