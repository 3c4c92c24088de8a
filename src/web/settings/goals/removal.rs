//! The removal of a goal, which is asked about once, and its return.

use super::removal_question::{RemovalQuestion, outcome};
use crate::access::capability::ManageGoals;
use crate::app::App;
use crate::error::{Error, Result};
use crate::goals::{definition, funnels};
use crate::http::auth::SiteAccess;
use crate::model::funnel::{Funnel, StepRule};
use crate::model::id::{GoalId, SiteId};
use crate::reports::filters_naming_goal;
use crate::reports::filters_naming_visitor::FilterReference;
use crate::store::goals::{self, Goal};
use crate::web::layout::form_state;
use crate::web::layout::site_frame_request::SiteFrameRequest;
use crate::web::layout::{Frame, NavItem, load};
use crate::web::settings::Tabs;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

struct View {
    tabs: Tabs,
    site: SiteId,
    goal: Goal,
    references: Vec<FilterReference>,
    /// The funnels with this goal as a step.
    funnels: Vec<Funnel>,
    /// The name of the signed-in user.
    own_name: String,
}

fn goal_id(path: &Path<(String, String)>) -> Result<GoalId> {
    GoalId::parse(&path.1).ok_or(Error::Missing("goal"))
}

/// `GET /sites/{site}/preferences/goals/{goal}/remove`: says what a removal does, and asks.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such goal, and when the data file cannot be read.
pub async fn confirm(
    access: SiteAccess<ManageGoals>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let (id, site) = (goal_id(&path)?, access.site.id);
    let frame = SiteFrameRequest::new(&request, &access)?;
    let (tabs, own_name) = (Tabs::for_screen(&access, "goals"), access.user.username.clone());
    let loaded = app.view(move |reader| {
        let goal = goals::get(reader.connection, site, id)?;
        let references = filters_naming_goal::find(reader.connection, site, &goal)?;
        let funnels = funnels::using_goal(reader.connection, site, id)?;
        Ok((frame.load(reader, "Remove a goal", NavItem::Preferences)?, goal, references, funnels))
    });
    let (frame, goal, references, funnels) = loaded.await?;
    Ok(load::html(page(&frame, &View { tabs, site, goal, references, funnels, own_name })))
}

/// `POST /sites/{site}/preferences/goals/{goal}/remove`: removes a goal.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn remove(
    access: SiteAccess<ManageGoals>,
    app: Data<App>,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let (id, site, actor) = (goal_id(&path)?, access.site.clone(), access.actor.clone());
    let done = access.write(&app, move |tx| definition::remove(tx, &actor, &site, id).map(drop)).await;
    answer(access.site.id, done, "removed")
}

/// `POST /sites/{site}/preferences/goals/{goal}/bring-back`: brings a removed goal back.
///
/// # Errors
///
/// Fails when the caller's right has ended, when there are too many goals, and when the data file cannot be written.
pub async fn bring_back(
    access: SiteAccess<ManageGoals>,
    app: Data<App>,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let (id, site, actor) = (goal_id(&path)?, access.site.clone(), access.actor.clone());
    let done = access.write(&app, move |tx| definition::bring_back(tx, &actor, &site, id).map(drop)).await;
    answer(access.site.id, done, "back")
}

fn answer(site: SiteId, done: Result<()>, change: &str) -> Result<HttpResponse> {
    Ok(form_state::done(&Tabs::path(site, "goals"), outcome(done, change, "gone")?))
}

fn page(frame: &Frame, view: &View) -> Markup {
    let path = Tabs::path(view.site, "goals");
    let question = RemovalQuestion {
        name: &view.goal.settings.name,
        list: (&path, "← All goals"),
        action: &format!("{path}/{}/remove", view.goal.id),
        effects: html! {
            li { "Reports stop showing it, also for earlier days." }
            li { "Its conversions and revenue are kept, and count again if you bring it back." }
            li { "Page code that still reports it does no harm." }
        },
        references: &view.references,
        afterwards: "and find no visits until it is back",
        own_name: &view.own_name,
    };
    let funnels = html! {
        @if !view.funnels.is_empty() {
            p { b { "These funnels have it as a step" } ", which then counts nothing until you change the funnel or bring the goal back:" }
            ul id="used-by" { @for funnel in &view.funnels { li { (funnel.settings.name) " (step " (step_numbers(funnel, view.goal.id)) ")" } } }
        }
    };
    view.tabs.page(frame, &question.draw(&funnels))
}

/// Returns the numbers of the steps of a funnel that are a goal.
fn step_numbers(funnel: &Funnel, goal: GoalId) -> String {
    let steps = (1..).zip(&funnel.settings.steps).filter(|(_, step)| step.rule == StepRule::Goal(goal));
    steps.map(|(number, _): (u32, _)| number.to_string()).collect::<Vec<_>>().join(", ")
}
