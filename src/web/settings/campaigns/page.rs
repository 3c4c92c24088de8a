//! The page of the campaigns' screen.

use super::sections;
use super::view::{CampaignForms, CampaignsView, DAYS};
use crate::access::capability::ManageGoals;
use crate::app::App;
use crate::error::Result;
use crate::http::auth::SiteAccess;
use crate::reports::date_range::DateRange;
use crate::reports::query::Query;
use crate::web::layout::site_frame_request::SiteFrameRequest;
use crate::web::layout::{Frame, NavItem, load};
use crate::web::settings::Tabs;
use crate::web::ui::field;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

/// Returns the screen.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn answer(
    app: &Data<App>,
    request: &HttpRequest,
    access: &SiteAccess<ManageGoals>,
    forms: CampaignForms,
) -> Result<HttpResponse> {
    let (frame, site) = (SiteFrameRequest::new(request, access)?, access.site.clone());
    let today = site.zone.day(app.clock.now());
    let range = DateRange { first: today.plus(1 - DAYS), last: today };
    let query = Query::new(site, range, access.visibility().clone());
    let status = if forms.refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let loaded = app.view(move |reader| {
        Ok((
            frame.load(reader, "Campaigns", NavItem::Preferences)?,
            CampaignsView::load(reader, &query, forms)?,
        ))
    });
    let (frame, view) = loaded.await?;
    Ok(load::html_with(status, page(&frame, &Tabs::for_screen(access, "campaigns"), &view)))
}

fn page(frame: &Frame, tabs: &Tabs, view: &CampaignsView) -> Markup {
    tabs.page(frame, &html! {
        (field::notice(view.forms.notice))
        p { "A campaign is anything you do to bring people in: a newsletter, an ad, a flyer. Links with " code { "utm_campaign" } " are recognized without any settings." }
        (field::suggestions("campaigns-known", &view.campaigns))
        p.buttons { a.button href={ "/sites/" (view.site.id) "/reports/campaigns" } { "See results" } }
        (sections::links(view))
        (sections::costs(view))
        (sections::rules(view))
        (sections::parameters(view))
    })
}
