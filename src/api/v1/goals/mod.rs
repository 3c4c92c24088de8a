//! The goals of a site, for programs: listed, added, changed and removed.

mod goal_body;

use super::json_body;
use super::parameters::{KnownParameters, Parameters};
use super::problem::ProblemDetails;
use super::response;
use crate::access::capability::{ManageGoals, SeeGoalResults};
use crate::error::{Error, Result};
use crate::goals::{amounts, definition};
use crate::http::api_access::ApiAccess;
use crate::ingest::goal_match;
use crate::model::id::{GoalId, VisitId};
use crate::reports::date_range::DateRange;
use crate::store::goals::{self, Goal};
use crate::store::retention;
use crate::store::sites::Site;
use actix_web::web::{Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use goal_body::{GoalChangeBody, MatchesBody, NewGoalBody};
use rusqlite::Connection;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A goal.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Goal)]
pub struct GoalJson {
    /// The id.
    #[schema(example = "1")]
    goal_id: String,
    /// The name.
    #[schema(example = "Order")]
    name: String,
    /// The name by which pages and programs report it.
    code: String,
    /// False for a goal that pages named and nobody has set up.
    set_up: bool,
    /// The kind of rule; left out where pages and programs name the goal.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "page")]
    kind: Option<&'static str>,
    /// The comparison.
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    #[schema(example = "starts")]
    matching: Option<&'static str>,
    /// The pattern.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "/thanks")]
    pattern: Option<String>,
    /// The revenue of each conversion, in the site's currency; left out where it is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>, example = 49.9)]
    revenue: Option<Value>,
    /// The currency of the site.
    #[schema(example = "EUR")]
    currency: &'static str,
    /// True if every conversion of a visit counts; false if the first one does.
    every_time: bool,
    /// The part of the earlier visits that is matched, in per cent; 100 when all are.
    #[schema(example = 100)]
    matched_percent: i64,
    /// The time at which it was set up or found, in RFC 3339.
    created_at: String,
}

/// The goals of a site.
#[derive(Debug, Serialize, ToSchema)]
pub struct GoalList {
    /// The goals: those set up first, then by name.
    goals: Vec<GoalJson>,
}

/// The number of visits that a rule would have matched.
#[derive(Debug, Serialize, ToSchema)]
pub struct MatchCount {
    /// The number of visits. Of a site with very many actions, the newest ones are tried.
    #[schema(example = 412)]
    visits: i64,
    /// The first day.
    #[schema(example = "2026-11-01")]
    first: String,
    /// The last day.
    #[schema(example = "2026-11-30")]
    last: String,
}

impl GoalJson {
    fn new(site: &Site, goal: Goal, oldest: VisitId) -> Self {
        let rule = goal.settings.rule.as_ref();
        Self {
            goal_id: goal.id.to_string(),
            name: goal.settings.name.clone(),
            set_up: goal.is_set_up,
            kind: rule.map(|rule| rule.kind.name()),
            matching: rule.filter(|rule| !rule.kind.is_number()).map(|rule| rule.matching.name()),
            pattern: rule.map(|rule| rule.pattern.clone()),
            revenue: goal.settings.revenue.map(|revenue| amounts::to_json(site, revenue)),
            currency: site.currency.code(),
            every_time: goal.settings.is_every_time,
            matched_percent: goal.matching.map_or(100, |matching| matching.percent(oldest)),
            created_at: goal.created_at.rfc3339(),
            code: goal.code,
        }
    }

    fn read(connection: &Connection, site: &Site, id: GoalId) -> Result<Self> {
        let oldest = retention::oldest_visit(connection, site.id)?.unwrap_or(VisitId(0));
        Ok(Self::new(site, goals::get(connection, site.id, id)?, oldest))
    }
}

/// Lists the goals of a site.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn read(connection: &Connection, site: &Site) -> Result<GoalList> {
    let oldest = retention::oldest_visit(connection, site.id)?.unwrap_or(VisitId(0));
    let goals = goals::list(connection, site.id)?.into_iter();
    Ok(GoalList { goals: goals.map(|goal| GoalJson::new(site, goal, oldest)).collect() })
}

/// `GET /api/v1/sites/{site}/goals`: lists the goals.
///
/// # Errors
///
/// Fails for wrong or missing credentials, and when the data file cannot be read.
#[utoipa::path(
    get,
    path = "/api/v1/sites/{site}/goals",
    operation_id = "list_goals",
    tag = "Goals",
    summary = "List the goals",
    description = "The goals of the site: those that were set up, and those that pages named and nobody has set up yet, with the progress of matching them with earlier visits. Their numbers are in the report `goals`.",
    params(("site" = String, Path, description = "The id of the site, as in `GET /api/v1/sites`.", example = "1")),
    responses(
        (status = 200, description = "The goals.", body = GoalList),
        (status = "default", description = "A problem.", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn list(access: ApiAccess<SeeGoalResults>, request: HttpRequest) -> Result<HttpResponse> {
    let parameters = request.query_string().to_owned();
    let list = access.view(move |reader, site| {
        Parameters::parse(&parameters, KnownParameters::NONE)?;
        read(reader.connection, &site.site)
    });
    response::json(&request, &list.await?)
}

/// `POST /api/v1/sites/{site}/goals`: adds a goal.
///
/// # Errors
///
/// Fails when the credentials are wrong or don't allow it, when the body is no goal, and as [`definition::add`] does.
#[utoipa::path(
    post,
    path = "/api/v1/sites/{site}/goals",
    operation_id = "create_goal",
    tag = "Goals",
    summary = "Add a goal",
    description = "Adds a goal, or sets up one that pages named. Earlier visits are matched in the background; `matched_percent` of the goal says how far that is. It needs a token that also writes, or the site key.",
    params(("site" = String, Path, description = "The id of the site, as in `GET /api/v1/sites`.", example = "1")),
    request_body(content = NewGoalBody, description = "The goal."),
    responses(
        (status = 201, description = "The goal.", body = GoalJson),
        (status = "default", description = "A problem.", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn create(
    access: ApiAccess<ManageGoals>,
    request: HttpRequest,
    body: Payload,
) -> Result<HttpResponse> {
    access.begin_writing(request.query_string()).await?;
    let body: NewGoalBody = json_body::read(body).await?;
    let goal = access.write(move |tx, site, actor| {
        let id = definition::add(tx, actor, site, body.code.as_deref(), body.settings(site)?)?;
        GoalJson::read(tx, site, id)
    });
    Ok(HttpResponse::Created().json(goal.await?))
}

fn goal_id(names: &Path<(String, String)>) -> Result<GoalId> {
    GoalId::parse(&names.1).ok_or(Error::Missing("goal"))
}

/// `PATCH /api/v1/sites/{site}/goals/{goal}`: changes a goal.
///
/// # Errors
///
/// Fails when the credentials are wrong or don't allow it, when the body is none, and as [`definition::change`] does.
#[utoipa::path(
    patch,
    path = "/api/v1/sites/{site}/goals/{goal}",
    operation_id = "update_goal",
    tag = "Goals",
    summary = "Change a goal",
    description = "Changes a goal; members that are left out stay. With another rule, revenue or way of counting, earlier visits are counted again in the background. It needs a token that also writes, or the site key.",
    params(
        ("site" = String, Path, description = "The id of the site, as in `GET /api/v1/sites`.", example = "1"),
        ("goal" = String, Path, description = "The id of the goal.", example = "1"),
    ),
    request_body(content = GoalChangeBody, description = "The changes."),
    responses(
        (status = 200, description = "The goal.", body = GoalJson),
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
    let (body, id): (GoalChangeBody, _) = (json_body::read(body).await?, goal_id(&names)?);
    let goal = access.write(move |tx, site, actor| {
        let before = goals::get(tx, site.id, id)?.settings;
        definition::change(tx, actor, site, id, body.changed(site, before)?)?;
        GoalJson::read(tx, site, id)
    });
    Ok(HttpResponse::Ok().json(goal.await?))
}

/// `DELETE /api/v1/sites/{site}/goals/{goal}`: removes a goal.
///
/// # Errors
///
/// Fails when the credentials are wrong or don't allow it, and when there is no such goal.
#[utoipa::path(
    delete,
    path = "/api/v1/sites/{site}/goals/{goal}",
    operation_id = "delete_goal",
    tag = "Goals",
    summary = "Remove a goal",
    description = "Removes a goal. Its conversions are kept and don't count anymore; adding a goal with the same code brings them back. It needs a token that also writes, or the site key.",
    params(
        ("site" = String, Path, description = "The id of the site, as in `GET /api/v1/sites`.", example = "1"),
        ("goal" = String, Path, description = "The id of the goal.", example = "1"),
    ),
    responses(
        (status = 204, description = "The goal is removed."),
        (status = "default", description = "A problem.", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn remove(
    access: ApiAccess<ManageGoals>,
    request: HttpRequest,
    names: Path<(String, String)>,
) -> Result<HttpResponse> {
    access.begin_writing(request.query_string()).await?;
    let id = goal_id(&names)?;
    access.write(move |tx, site, actor| definition::remove(tx, actor, site, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `POST /api/v1/sites/{site}/goals/matches`: counts the visits that a rule would have matched.
///
/// # Errors
///
/// Fails when the credentials are wrong or don't allow it, when the body is no rule, and when the data file cannot be read.
#[utoipa::path(
    post,
    path = "/api/v1/sites/{site}/goals/matches",
    operation_id = "count_goal_matches",
    tag = "Goals",
    summary = "Try a rule",
    description = "Counts the visits that a rule would have matched, without changing anything. It needs a token that also writes, or the site key.",
    params(("site" = String, Path, description = "The id of the site, as in `GET /api/v1/sites`.", example = "1")),
    request_body(content = MatchesBody, description = "The rule."),
    responses(
        (status = 200, description = "The number of visits.", body = MatchCount),
        (status = "default", description = "A problem.", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub async fn matches(
    access: ApiAccess<ManageGoals>,
    request: HttpRequest,
    body: Payload,
) -> Result<HttpResponse> {
    access.begin_writing(request.query_string()).await?;
    let body: MatchesBody = json_body::read(body).await?;
    let count = access.view_alone(move |reader, site| {
        let site = &site.site;
        let date = body.date.as_deref().unwrap_or("last-30-days");
        let days = DateRange::parse(date, site.zone.day(reader.now))?;
        let visits = days.visits(&site.zone);
        let visits = goal_match::count_matches(reader.connection, site, &body.rule()?, visits)?;
        Ok(MatchCount { visits, first: days.first.to_string(), last: days.last.to_string() })
    });
    Ok(HttpResponse::Ok().json(count.await?))
}
