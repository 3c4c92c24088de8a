//! The removal of a funnel, which is asked about once.

use super::paths::{base, done};
use crate::access::capability::ManageGoals;
use crate::app::App;
use crate::error::{Error, Result};
use crate::goals::funnels as acts;
use crate::http::auth::SiteAccess;
use crate::model::id::FunnelId;
use crate::reports::filters_naming_funnel;
use crate::store::funnels;
use crate::web::layout::site_frame_request::SiteFrameRequest;
use crate::web::layout::{NavItem, load};
use crate::web::settings::Tabs;
use crate::web::settings::goals::removal_question::{RemovalQuestion, outcome};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use maud::html;

fn funnel_id(path: &Path<(String, String)>) -> Result<FunnelId> {
    FunnelId::parse(&path.1).ok_or(Error::Missing("funnel"))
}

/// `GET /sites/{site}/preferences/funnels/{funnel}/remove`: says what a removal does, and asks.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such funnel, and when the data file cannot be read.
pub async fn confirm(
    access: SiteAccess<ManageGoals>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let (id, site) = (funnel_id(&path)?, access.site.id);
    let frame = SiteFrameRequest::new(&request, &access)?;
    let loaded = app.view(move |reader| {
        let funnel = funnels::get(reader.connection, site, id)?;
        let references = filters_naming_funnel::find(reader.connection, site, &funnel)?;
        Ok((frame.load(reader, "Remove a funnel", NavItem::Preferences)?, funnel, references))
    });
    let ((frame, funnel, references), list) =
        (loaded.await?, format!("{}#funnels", Tabs::path(site, "goals")));
    let question = RemovalQuestion {
        name: &funnel.settings.name,
        list: (&list, "← All funnels"),
        action: &format!("{}/{}/remove", base(site), funnel.id),
        effects: html! {
            li { "Its steps are forgotten. There is no way back, but you can add it again." }
            li { "Visits, goals and conversions stay." }
        },
        references: &references,
        afterwards: "and will no longer find any visits",
        own_name: &access.user.username,
    };
    Ok(load::html(Tabs::for_screen(&access, "goals").page(&frame, &question.draw(&html! {}))))
}

/// `POST /sites/{site}/preferences/funnels/{funnel}/remove`: removes a funnel.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn remove(
    access: SiteAccess<ManageGoals>,
    app: Data<App>,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let (id, site, actor) = (funnel_id(&path)?, access.site.clone(), access.actor.clone());
    let removed = access.write(&app, move |tx| acts::remove(tx, &actor, &site, id)).await;
    Ok(done(access.site.id, outcome(removed, "funnel-removed", "funnel-gone")?))
}
