//! Preferences → Goals & funnels: the goals of the site with the page code that each needs, its funnels, its currency, and the custom data with
//! reports of its own.

mod changes;
mod currency;
mod custom_keys;
mod form_id;
mod form_page;
pub mod funnels;
mod goal_code;
mod goal_form;
mod list;
mod naming_filters;
mod removal;
mod removal_question;
mod rule_text;
mod split_code;

pub use changes::{change_currency, change_custom_keys};
pub use removal::{bring_back, confirm, remove};

use super::Tabs;
use crate::access::capability::ManageGoals;
use crate::app::App;
use crate::error::Result;
use crate::goals::definition;
use crate::http::auth::SiteAccess;
use crate::http::client;
use crate::http::requester;
use crate::model::id::{GoalId, SiteId};
use crate::store::goals::{self, Goal};
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::form_state::{self, FormState};
use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use form_id::id_or_new;
use form_page::{FormPage, Preview};
use goal_form::GoalForm;
use list::ListState;

/// `GET /sites/{site}/preferences/goals`: lists the goals.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn show(
    access: SiteAccess<ManageGoals>,
    app: Data<App>,
    request: HttpRequest,
    params: QueryParams,
) -> Result<HttpResponse> {
    let notices = [
        ("added", "Saved. Earlier visits are being matched with it now."),
        ("saved", "Saved."),
        ("removed", "Removed. Its conversions are kept, and count again if you bring it back."),
        ("back", "The goal is back, with its conversions."),
        ("gone", "That goal isn't there any more."),
        ("funnel", "Saved. The funnel counts earlier visits, too."),
        ("funnel-removed", "The funnel is removed."),
        ("funnel-gone", "That funnel no longer exists."),
        ("currency", "Saved. Amounts keep their number, in the new currency."),
        ("keys", "Saved."),
    ];
    list::answer(&app, &request, &access, ListState::opened(&access.site, &params, &notices)).await
}

/// Returns the goal in an address; `None` for a new one.
async fn find_goal(app: &Data<App>, site: SiteId, name: &str) -> Result<Option<Goal>> {
    let Some(id) = id_or_new(name, GoalId::parse, "goal")? else { return Ok(None) };
    app.read(move |connection| goals::get(connection, site, id)).await.map(Some)
}

/// `GET /sites/{site}/preferences/goals/{goal}`: shows the form of a goal.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such goal, and when the data file cannot be read.
pub async fn edit(
    access: SiteAccess<ManageGoals>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let goal = find_goal(&app, access.site.id, &path.1).await?;
    let form =
        goal.as_ref().map_or_else(GoalForm::new, |goal| GoalForm::from_goal(goal, access.site.currency));
    let requester = requester::person(&app, &request, &access.user);
    let preview = Preview::load(&app, &access.site, &form, requester).await?;
    answer_form(&app, &request, &access, FormPage { goal, state: FormState::new(form), preview }).await
}

/// `POST /sites/{site}/preferences/goals/{goal}/check`: shows the form again, with the visits of the last 30 days that would
/// have reached the goal.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such goal, and when the data file cannot be read.
pub async fn check(
    access: SiteAccess<ManageGoals>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
    form: Form<GoalForm>,
) -> Result<HttpResponse> {
    let (form, goal) = (form.into_inner(), find_goal(&app, access.site.id, &path.1).await?);
    let requester = requester::person(&app, &request, &access.user);
    let preview = Preview::load(&app, &access.site, &form, requester).await?;
    answer_form(&app, &request, &access, FormPage { goal, state: FormState::new(form), preview }).await
}

/// `POST /sites/{site}/preferences/goals/{goal}`: adds or changes a goal.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such goal, when the caller's right has ended, and when the data file cannot
/// be written.
pub async fn save(
    access: SiteAccess<ManageGoals>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
    form: Form<GoalForm>,
) -> Result<HttpResponse> {
    let (form, goal) = (form.into_inner(), find_goal(&app, access.site.id, &path.1).await?);
    let id = goal.as_ref().map(|goal| goal.id);
    let saved = match form.check(access.site.currency) {
        Ok(settings) => {
            let (site, actor) = (access.site.clone(), access.actor.clone());
            access
                .write(&app, move |tx| match id {
                    Some(id) => definition::change(tx, &actor, &site, id, settings.clone()).map(drop),
                    None => definition::add(tx, &actor, &site, None, settings.clone()).map(drop),
                })
                .await
        }
        Err(error) => Err(error),
    };
    match saved {
        Ok(()) => Ok(form_state::done(&Tabs::path(access.site.id, "goals"), "added")),
        Err(error) => {
            let state = FormState::refused(form, error.problems()?);
            answer_form(&app, &request, &access, FormPage { goal, state, preview: Preview::None }).await
        }
    }
}

async fn answer_form(
    app: &Data<App>,
    request: &HttpRequest,
    access: &SiteAccess<ManageGoals>,
    page: FormPage,
) -> Result<HttpResponse> {
    let origin = client::origin(request, &app.config);
    page.answer(app, request, access, &origin).await
}
