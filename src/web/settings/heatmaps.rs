//! Preferences → Heatmaps: the pages whose clicks and scroll depth are recorded, the share of visits, and for how long they are
//! kept. A change takes effect with the next hit.

use super::Tabs;
use crate::access::capability::ChooseRecordedPages;
use crate::app::App;
use crate::error::Result;
use crate::http::auth::SiteAccess;
use crate::http::form::LongForm;
use crate::recordings::heatmap_settings::{self, HeatmapForm};
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::form_state::{self, FormState};
use crate::web::layout::load;
use crate::web::layout::{Frame, NavItem};
use crate::web::ui::field::{self, Field};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

/// The name of the screen.
const TAB: &str = "heatmaps";

/// `GET /sites/{site}/preferences/heatmaps`: shows the form.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn show(
    access: SiteAccess<ChooseRecordedPages>,
    app: Data<App>,
    request: HttpRequest,
    params: QueryParams,
) -> Result<HttpResponse> {
    let form = HeatmapForm::from_settings(&access.site.heatmaps);
    let notices = [("saved", "Saved. It holds from the next page view on.")];
    answer(&app, &request, &access, FormState::opened(form, &params, &notices)).await
}

/// `POST /sites/{site}/preferences/heatmaps`: saves the settings.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn change(
    access: SiteAccess<ChooseRecordedPages>,
    app: Data<App>,
    request: HttpRequest,
    LongForm(form): LongForm<HeatmapForm>,
) -> Result<HttpResponse> {
    let settings = match form.check() {
        Ok(settings) => settings,
        Err(error) => {
            return answer(&app, &request, &access, FormState::refused(form, error.problems()?)).await;
        }
    };
    let (site, actor) = (access.site.id, access.actor.clone());
    access.write(&app, move |tx| heatmap_settings::update(tx, &actor, site, &settings)).await?;
    Ok(form_state::done(&Tabs::path(site, TAB), "saved"))
}

async fn answer(
    app: &Data<App>,
    request: &HttpRequest,
    access: &SiteAccess<ChooseRecordedPages>,
    state: FormState<HeatmapForm>,
) -> Result<HttpResponse> {
    let frame = load::site_frame(app, request, access, "Heatmaps", NavItem::Preferences).await?;
    let action = Tabs::path(access.site.id, TAB);
    let page = page(&frame, &Tabs::for_screen(access, TAB), &action, &state);
    Ok(state.response(page))
}

fn page(frame: &Frame, tabs: &Tabs, action: &str, state: &FormState<HeatmapForm>) -> Markup {
    let (form, problems) = (&state.form, state.problems.as_slice());
    let number = |name: &'static str, label: &'static str, value: &str, help: &'static str| {
        let field = Field {
            name,
            label,
            kind: "text",
            value,
            autocomplete: "off",
            help: Some(help),
            is_required: true,
        };
        field::input(&field, problems)
    };
    let pages = html! {
        "One a line, such as " code { "/" } " or " code { "/shop/*" } ". A star stands for any characters: " code { "/*" } " records all pages. Leave it empty to record none."
    };
    tabs.page(frame, &html! {
        (state.notice())
        (state.refusal("Nothing was saved yet: see the notes below."))
        form.settings method="post" action=(action) {
            (field::lines("pages", "Pages", &form.pages, &pages, problems))
            (number("sample", "Share of visits, in percent", &form.sample, "100 records every visit. Fewer is enough for a busy site. A visit is recorded as a whole or not at all."))
            (number("days", "Keep clicks and scroll depth for so many days", &form.days, "Older ones are deleted within an hour, and always with their visit. How long pages were visible stays."))
            fieldset {
                legend { "What is recorded" }
                p { "Of each click: its place on the page and within the element, the width of the window, the element's CSS selector, what a link, button or heading reads (60 characters), and whether it was repeated quickly or had no effect. Of each page: how far down it was scrolled." }
                p { "Never recorded: text of form fields and editors, texts with an @ or a long number, and anything inside an element with the attribute " code { "data-private" } ". Add it to links and buttons that read a visitor's name." }
                p { "Visitors are left out who send GPC or DNT, where this site honors it, and those who haven't agreed, where this site asks for consent. How long a page is visible is measured on all pages. Clicks that Clicky's own page code sends are kept on all pages." }
            }
            button.primary type="submit" { "Save" }
        }
    })
}
