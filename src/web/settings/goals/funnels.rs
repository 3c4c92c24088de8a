//! Funnels below Preferences → Goals & funnels: their list, the form of one with its preview, and the removal.

mod form_page;
mod funnel_form;
mod paths;
mod preview;
mod removal;
mod section;
mod step_row;

pub use removal::{confirm, remove};
pub use section::FunnelSection;

use crate::access::capability::ManageGoals;
use crate::app::App;
use crate::error::Result;
use crate::goals::funnels as acts;
use crate::http::auth::SiteAccess;
use crate::http::requester;
use crate::model::funnel::Funnel;
use crate::model::id::{FunnelId, SiteId};
use crate::store::{funnels, goals};
use crate::web::layout::form_state::FormState;
use crate::web::settings::goals::form_id::id_or_new;
use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use form_page::FormPage;
use funnel_form::{Act, FunnelForm};
use paths::done;
use preview::Preview;

/// The fields of the form as they are sent, several of each step.
type Fields = Vec<(String, String)>;

/// Returns the funnel in an address; `None` for a new one.
async fn find_funnel(app: &Data<App>, site: SiteId, name: &str) -> Result<Option<Funnel>> {
    let Some(id) = id_or_new(name, FunnelId::parse, "funnel")? else { return Ok(None) };
    app.read(move |connection| funnels::get(connection, site, id)).await.map(Some)
}

/// `GET /sites/{site}/preferences/funnels/{funnel}`: shows the form of a funnel.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such funnel, and when the data file cannot be read.
pub async fn edit(
    access: SiteAccess<ManageGoals>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let funnel = find_funnel(&app, access.site.id, &path.1).await?;
    let site = access.site.id;
    let form = if let Some(funnel) = &funnel {
        FunnelForm::from_settings(&funnel.settings)
    } else {
        let goals = app.read(move |connection| goals::list(connection, site)).await?;
        FunnelForm::new(&goals)
    };
    let preview =
        Preview::load(&app, &access, &form, requester::person(&app, &request, &access.user)).await?;
    FormPage { funnel, state: FormState::new(form), preview, focused: None }
        .answer(&app, &request, &access)
        .await
}

/// `POST /sites/{site}/preferences/funnels/{funnel}/check`: shows the form again, with a step more or less if a button asked
/// for it, and the counts of the last 30 days.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such funnel, and when the data file cannot be read.
pub async fn check(
    access: SiteAccess<ManageGoals>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
    fields: Form<Fields>,
) -> Result<HttpResponse> {
    let funnel = find_funnel(&app, access.site.id, &path.1).await?;
    let mut form = FunnelForm::read(&fields);
    let focused = form.apply(Act::read(&fields));
    let preview =
        Preview::load(&app, &access, &form, requester::person(&app, &request, &access.user)).await?;
    FormPage { funnel, state: FormState::new(form), preview, focused }.answer(&app, &request, &access).await
}

/// `POST /sites/{site}/preferences/funnels/{funnel}`: adds or changes a funnel.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such funnel, when the caller's right has ended, and when the data file cannot
/// be written.
pub async fn save(
    access: SiteAccess<ManageGoals>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
    fields: Form<Fields>,
) -> Result<HttpResponse> {
    let funnel = find_funnel(&app, access.site.id, &path.1).await?;
    let mut form = FunnelForm::read(&fields);
    form.drop_blank_steps();
    let (site, actor, id) =
        (access.site.clone(), access.actor.clone(), funnel.as_ref().map(|funnel| funnel.id));
    let settings = form.settings();
    let saved = access
        .write(&app, move |tx| match id {
            Some(id) => acts::change(tx, &actor, &site, id, settings.clone()),
            None => acts::add(tx, &actor, &site, settings.clone()).map(drop),
        })
        .await;
    match saved {
        Ok(()) => Ok(done(access.site.id, "funnel")),
        Err(error) => {
            form.fill_up();
            let state = FormState::refused(form, error.problems()?);
            FormPage { funnel, state, preview: Preview::None, focused: None }
                .answer(&app, &request, &access)
                .await
        }
    }
}
